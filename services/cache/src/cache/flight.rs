//! Single flight: of those that ask the same at the same time one fetches, the others wait for its answer.
//!
//! The first to ask is the leader. It stores or abandons; a leader that does neither is given up after a time. Each time the
//! first of those who wait is promoted. A flight is named by its entry, so that it never crosses partitions. [`Flights`] are
//! those of this instance; [`Leases`] extend them over all instances that share a store.
//!
//! Memory is bounded: where there are too many flights or too many wait, whoever comes is let pass.

use super::partition::EntryId;
use super::store::StoreError;
use ahash::RandomState;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Leases in a store that several instances share.
#[tonic::async_trait]
pub trait Leases: Send + Sync {
    /// Takes the lease for so long, unless somebody else holds it.
    async fn take(&self, id: EntryId, token: u64, hold: Duration) -> Result<bool, StoreError>;

    /// Gives the lease back, if this token holds it.
    async fn free(&self, id: EntryId, token: u64) -> Result<(), StoreError>;
}

/// Bounds of the flights of one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Flights at a time.
    pub flights: usize,
    /// Those who wait, in all.
    pub waiting: usize,
    /// After so long a leader is given up.
    pub lead: Duration,
}

/// The flights of this instance.
#[derive(Clone)]
pub struct Flights {
    bounds: Bounds,
    board: Arc<Mutex<Board>>,
}

#[derive(Default)]
struct Board {
    flights: HashMap<EntryId, Flight, RandomState>,
    /// In the order of their ends: every leader is given the same time.
    ends: VecDeque<(Instant, EntryId, u64)>,
    waiting: usize,
}

struct Flight {
    leader: u64,
    followers: VecDeque<Follower>,
}

struct Follower {
    may_lead: bool,
    wake: oneshot::Sender<Wake>,
}

enum Wake {
    Done,
    Lead(u64),
}

/// What whoever asks is in a flight.
pub enum Joined {
    /// The first: it fetches.
    Leader(Lead),
    /// One of those who wait.
    Follower(Follow),
    /// Nobody fetches and it may not lead, or there is no room: it goes on alone.
    Alone,
}

/// The leader's part. Dropped, it is given up and somebody else is promoted: whoever asks may disconnect at any time.
pub struct Lead {
    flights: Flights,
    id: EntryId,
    token: u64,
    kept: bool,
    lease: Option<Arc<dyn Leases>>,
}

/// A follower's part.
pub struct Follow {
    flights: Flights,
    id: EntryId,
    woken: oneshot::Receiver<Wake>,
}

/// How a follower's wait ended.
pub enum Woken {
    /// The leader is done: its answer may be there.
    Done,
    /// The leader is gone; this one leads.
    Promoted(Lead),
    /// Not yet.
    NotYet,
}

impl Flights {
    /// None under way.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, board: Arc::default() }
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.board.lock().flights.len()
    }

    /// Whether none is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Leads, or joins those who wait.
    #[must_use]
    pub fn join(&self, id: EntryId, may_lead: bool) -> Joined {
        let mut board = self.board.lock();
        board.give_up(Instant::now(), self.bounds);
        let full = board.waiting >= self.bounds.waiting;
        if let Some(flight) = board.flights.get_mut(&id) {
            if full {
                return Joined::Alone;
            }
            let (wake, woken) = oneshot::channel();
            flight.followers.push_back(Follower { may_lead, wake });
            board.waiting += 1;
            return Joined::Follower(Follow { flights: self.clone(), id, woken });
        }
        if !may_lead || board.flights.len() >= self.bounds.flights {
            return Joined::Alone;
        }
        let Ok(token) = getrandom::u64() else { return Joined::Alone };
        board.flights.insert(id, Flight { leader: token, followers: VecDeque::new() });
        board.lead(id, token, self.bounds);
        Joined::Leader(self.lead(id, token))
    }

    /// Leads with this token, whoever led before. `None` where there are too many flights.
    #[must_use]
    pub fn seize(&self, id: EntryId, token: u64) -> Option<Lead> {
        let mut board = self.board.lock();
        board.give_up(Instant::now(), self.bounds);
        if !board.flights.contains_key(&id) && board.flights.len() >= self.bounds.flights {
            return None;
        }
        board.flights.entry(id).or_insert_with(|| Flight { leader: token, followers: VecDeque::new() }).leader = token;
        board.lead(id, token, self.bounds);
        Some(self.lead(id, token))
    }

    /// The answer is stored, whoever stored it: all who wait look again.
    pub fn finish(&self, id: EntryId) {
        let mut board = self.board.lock();
        if let Some(flight) = board.flights.remove(&id) {
            board.waiting = board.waiting.saturating_sub(flight.followers.len());
            for follower in flight.followers {
                // One that is gone needs nothing.
                let _ = follower.wake.send(Wake::Done);
            }
        }
    }

    /// The leader will not store.
    pub fn abandon(&self, id: EntryId, token: u64) {
        self.board.lock().promote(id, token, self.bounds);
    }

    fn lead(&self, id: EntryId, token: u64) -> Lead {
        Lead { flights: self.clone(), id, token, kept: false, lease: None }
    }
}

impl Board {
    fn lead(&mut self, id: EntryId, token: u64, bounds: Bounds) {
        self.ends.push_back((Instant::now() + bounds.lead, id, token));
    }

    /// Promotes the first who may lead in the place of the leader with this token.
    fn promote(&mut self, id: EntryId, token: u64, bounds: Bounds) {
        let Some(flight) = self.flights.get_mut(&id).filter(|flight| flight.leader == token) else { return };
        let fresh = getrandom::u64().ok();
        while let (Some(fresh), Some(at)) = (fresh, flight.followers.iter().position(|follower| follower.may_lead)) {
            self.waiting = self.waiting.saturating_sub(1);
            let Some(follower) = flight.followers.remove(at) else { break };
            if follower.wake.send(Wake::Lead(fresh)).is_ok() {
                flight.leader = fresh;
                self.lead(id, fresh, bounds);
                return;
            }
        }
        // Nobody can lead: those who may only read go on alone.
        if let Some(flight) = self.flights.remove(&id) {
            self.waiting = self.waiting.saturating_sub(flight.followers.len());
            for follower in flight.followers {
                let _ = follower.wake.send(Wake::Done);
            }
        }
    }

    /// Gives up the leaders whose time is over.
    fn give_up(&mut self, now: Instant, bounds: Bounds) {
        while let Some((_, id, token)) = self.ends.pop_front_if(|(end, _, _)| *end <= now) {
            self.promote(id, token, bounds);
        }
    }
}

impl Lead {
    /// What tells this leader from others.
    #[must_use]
    pub fn token(&self) -> u64 {
        self.token
    }

    /// The leader has gone to fetch; from now on [`Flights::finish`] or [`Flights::abandon`] end its part.
    #[must_use]
    pub fn keep(mut self) -> u64 {
        self.kept = true;
        self.token
    }

    /// The lease that this leader took: given back where the leader is given up.
    #[must_use]
    pub fn holding(mut self, lease: Arc<dyn Leases>) -> Self {
        self.lease = Some(lease);
        self
    }

    /// There is an answer after all.
    pub fn done(self) {
        self.flights.finish(self.id);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let (flights, id, token) = (self.flights.clone(), self.id, self.token);
        match (self.lease.take(), tokio::runtime::Handle::try_current()) {
            (Some(lease), Ok(runtime)) => {
                // Whoever is promoted needs the lease: it is given back first. If that fails, it ends by itself.
                runtime.spawn(async move {
                    let _ = lease.free(id, token).await;
                    flights.abandon(id, token);
                });
            }
            _ => flights.abandon(id, token),
        }
    }
}

impl Follow {
    /// Waits so long.
    pub async fn wait(&mut self, patience: Duration) -> Woken {
        let woken = tokio::time::timeout(patience, &mut self.woken).await;
        match woken {
            Ok(Ok(Wake::Lead(token))) => Woken::Promoted(self.flights.lead(self.id, token)),
            Ok(_) => Woken::Done,
            Err(_) => {
                // Nobody else may come along to notice that the leader's time is over.
                let flights = &self.flights;
                flights.board.lock().give_up(Instant::now(), flights.bounds);
                Woken::NotYet
            }
        }
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.woken.close();
        if let Ok(Wake::Lead(token)) = self.woken.try_recv() {
            self.flights.abandon(self.id, token);
        }
        let mut board = self.flights.board.lock();
        if let Some(flight) = board.flights.get_mut(&self.id) {
            let before = flight.followers.len();
            flight.followers.retain(|follower| !follower.wake.is_closed());
            let gone = before - flight.followers.len();
            board.waiting = board.waiting.saturating_sub(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Flights, Follow, Joined, Lead, Woken};
    use crate::cache::partition::EntryId;
    use std::time::Duration;

    const ID: EntryId = EntryId([1; 16]);
    const SHORT: Duration = Duration::from_millis(5);

    fn flights() -> Flights {
        Flights::new(Bounds { flights: 2, waiting: 2, lead: Duration::from_secs(60) })
    }

    fn leader(joined: Joined) -> Lead {
        let Joined::Leader(lead) = joined else { panic!("not the leader") };
        lead
    }

    fn follower(joined: Joined) -> Follow {
        let Joined::Follower(follow) = joined else { panic!("not a follower") };
        follow
    }

    async fn promoted(follow: &mut Follow) -> Lead {
        let Woken::Promoted(lead) = follow.wait(SHORT).await else { panic!("not promoted") };
        lead
    }

    #[tokio::test]
    async fn all_who_wait_are_told() {
        let flights = flights();
        let lead = leader(flights.join(ID, true));
        let (mut one, mut two) = (follower(flights.join(ID, true)), follower(flights.join(ID, false)));
        assert!(matches!(one.wait(SHORT).await, Woken::NotYet));
        let _ = lead.keep();
        flights.finish(ID);
        assert!(matches!(one.wait(SHORT).await, Woken::Done));
        assert!(matches!(two.wait(SHORT).await, Woken::Done));
        assert!(flights.is_empty());
    }

    #[tokio::test]
    async fn a_leader_that_leaves_promotes_one_that_may_lead() {
        let flights = flights();
        let lead = leader(flights.join(ID, true));
        let (mut reader, mut one) = (follower(flights.join(ID, false)), follower(flights.join(ID, true)));
        drop(lead);
        let lead = promoted(&mut one).await;
        assert!(matches!(reader.wait(SHORT).await, Woken::NotYet));
        drop((lead, one));
        // Nobody is left that may lead.
        assert!(matches!(reader.wait(SHORT).await, Woken::Done));
        assert!(flights.is_empty());
    }

    #[tokio::test]
    async fn a_promotion_that_nobody_took_goes_on_to_the_next() {
        let flights = flights();
        let lead = leader(flights.join(ID, true));
        let (one, mut two) = (follower(flights.join(ID, true)), follower(flights.join(ID, true)));
        drop(lead);
        // Promoted, and its caller disconnects before it hears of it.
        drop(one);
        let _lead = promoted(&mut two).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_leader_that_says_nothing_is_given_up() {
        let flights = Flights::new(Bounds { lead: SHORT, ..flights().bounds });
        let old = leader(flights.join(ID, true)).keep();
        let mut one = follower(flights.join(ID, true));
        let Woken::NotYet = one.wait(SHORT).await else { panic!("the time is not over") };
        let lead = promoted(&mut one).await;
        // The old one's word no longer counts.
        flights.abandon(ID, old);
        assert_eq!(flights.len(), 1);
        drop(lead);
        assert!(flights.is_empty());
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let flights = flights();
        let _one = leader(flights.join(ID, true));
        let _two = leader(flights.join(EntryId([2; 16]), true));
        assert!(matches!(flights.join(EntryId([3; 16]), true), Joined::Alone));
        let waiting = [follower(flights.join(ID, true)), follower(flights.join(ID, true))];
        assert!(matches!(flights.join(ID, true), Joined::Alone));
        drop(waiting);
        assert!(matches!(flights.join(ID, true), Joined::Follower(_)));
    }

    #[tokio::test]
    async fn another_entry_is_another_flight() {
        let flights = flights();
        let _one = leader(flights.join(ID, true));
        assert!(matches!(flights.join(EntryId([2; 16]), true), Joined::Leader(_)));
    }
}
