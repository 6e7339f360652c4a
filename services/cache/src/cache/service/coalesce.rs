//! A caller's turn: fetch for all, wait for whoever fetches, or go on alone.
//!
//! Where several instances share a store, the leader of an instance needs the lease as well; until it has it, it looks whether the
//! answer came, and so do those who wait for it, because the answer may be stored through another instance.

use super::Core;
use super::asked::Asked;
use crate::cache::clock;
use crate::cache::flight::{Follow, Joined, Lead, Leases, Woken};
use crate::cache::partition::EntryId;
use crate::cache::store::Kept;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often a shared store is asked whether the answer came: at first, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(80);

/// A caller's turn.
pub(super) enum Turn {
    /// It fetches for all.
    Leads(Lead),
    /// Somebody fetched: here is the answer.
    Answered(Box<Kept>),
    /// It goes on alone.
    Alone,
}

impl Core {
    /// Waits for the caller's turn, at most as long as its rules say.
    pub(super) async fn turn(&self, asked: &Asked, id: EntryId) -> Turn {
        let rules = &asked.rules;
        let leases = self.store.leases();
        if rules.refresh {
            // Who waits for an older fetch may as well have this one.
            let lead = getrandom::u64().ok().and_then(|token| self.flights.seize(id, token));
            return match lead {
                Some(lead) if !rules.read_only => Turn::Leads(lead),
                _ => Turn::Alone,
            };
        }
        let until = Instant::now() + Duration::from_millis(u64::from(rules.coalesce_wait_ms));
        match self.flights.join(id, !rules.read_only) {
            Joined::Alone => Turn::Alone,
            Joined::Leader(lead) => self.lead(asked, id, lead, leases, until).await,
            Joined::Follower(_) if rules.coalesce_wait_ms == 0 => Turn::Alone,
            Joined::Follower(follow) => {
                let turn = self.follow(asked, id, follow, leases, until).await;
                self.counts.waited(match &turn {
                    Turn::Leads(_) => "promoted",
                    Turn::Answered(_) => "hit",
                    Turn::Alone => "passed",
                });
                turn
            }
        }
    }

    /// The leader here: now of all instances.
    async fn lead(
        &self,
        asked: &Asked,
        id: EntryId,
        lead: Lead,
        leases: Option<Arc<dyn Leases>>,
        until: Instant,
    ) -> Turn {
        let Some(leases) = leases else { return Turn::Leads(lead) };
        let mut looks = Looks::new(until);
        loop {
            // A store that does not answer is no reason to wait: this caller goes, and leads those who wait here.
            if leases.take(id, lead.token(), self.config.flights.lead).await.unwrap_or(true) {
                let lead = lead.holding(leases);
                // Whoever held it may have stored just now.
                let kept = if looks.waited { self.answered(asked, id).await } else { None };
                return match kept {
                    Some(kept) => {
                        lead.done();
                        Turn::Answered(Box::new(kept))
                    }
                    None => Turn::Leads(lead),
                };
            }
            let Some(pause) = looks.next() else { return Turn::Alone };
            tokio::time::sleep(pause).await;
            if let Some(kept) = self.answered(asked, id).await {
                lead.done();
                return Turn::Answered(Box::new(kept));
            }
        }
    }

    async fn follow(
        &self,
        asked: &Asked,
        id: EntryId,
        mut follow: Follow,
        leases: Option<Arc<dyn Leases>>,
        until: Instant,
    ) -> Turn {
        let mut looks = Looks::new(until);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let pause = match &leases {
                Some(_) => looks.next(),
                // The leader's time may end before ours.
                None => (!left.is_zero()).then(|| left.min(self.config.flights.lead)),
            };
            let Some(pause) = pause else { return Turn::Alone };
            match follow.wait(pause).await {
                Woken::Promoted(lead) => return self.lead(asked, id, lead, leases, until).await,
                Woken::Done => {
                    return self.answered(asked, id).await.map_or(Turn::Alone, |kept| Turn::Answered(Box::new(kept)));
                }
                Woken::NotYet => {
                    let Some(leases) = &leases else { continue };
                    if let Some(kept) = self.answered(asked, id).await {
                        self.flights.finish(id);
                        return Turn::Answered(Box::new(kept));
                    }
                    if let Some(lead) = self.inherit(asked, id, leases).await {
                        return Turn::Leads(lead);
                    }
                }
            }
        }
    }

    /// The leader here may have abandoned through another instance: then its lease is free.
    async fn inherit(&self, asked: &Asked, id: EntryId, leases: &Arc<dyn Leases>) -> Option<Lead> {
        if asked.rules.read_only {
            return None;
        }
        let token = getrandom::u64().ok()?;
        let taken = leases.take(id, token, self.config.flights.lead).await.unwrap_or(false);
        let lead = if taken { self.flights.seize(id, token) } else { None };
        lead.map(|lead| lead.holding(Arc::clone(leases)))
    }

    /// The exact tier, for those who waited.
    async fn answered(&self, asked: &Asked, id: EntryId) -> Option<Kept> {
        let kept = self.store.get(id, clock::now_ms()).await.ok().flatten()?;
        (kept.entry.request == asked.request).then_some(kept)
    }
}

/// When to look at a shared store again: soon, then less and less often.
struct Looks {
    pause: Duration,
    until: Instant,
    waited: bool,
}

impl Looks {
    fn new(until: Instant) -> Self {
        Self { pause: FIRST_LOOK, until, waited: false }
    }

    fn next(&mut self) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        let pause = self.pause.min(left);
        self.pause = (self.pause * 2).min(LAST_LOOK);
        self.waited = true;
        (!left.is_zero()).then_some(pause)
    }
}
