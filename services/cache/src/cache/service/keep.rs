//! A store: the ticket is opened, the entry is kept, those who wait are told, and a sampled would-be hit is compared.

use super::Core;
use super::asked::{digest, scope_of};
use super::learning::{Learning, Lesson};
use super::wording;
use crate::cache::clock;
use crate::cache::decide::{Accepted, Comparator, ComparatorError, Compared, Served};
use crate::cache::partition::{EntryId, Keys};
use crate::cache::service::asked::Asked;
use crate::cache::store::{Answer, Entry, Kept, Labels};
use crate::cache::ticket::{Sample, Ticket};
use cache_api::cache::{Scope, StoreRequest};
use std::sync::Arc;
use std::time::Duration;
use tonic::Status;

/// The most tags of one entry, and the longest tag, writer or media type, in bytes.
const TAGS: usize = 32;
const NAME: usize = 256;

impl Core {
    /// The entry's name, where it was kept. `Err` for a call that is wrong in itself.
    pub(super) async fn keep(self: Arc<Self>, request: StoreRequest) -> Result<Option<EntryId>, Status> {
        let StoreRequest { scope, request, text, ticket, answer, ttl_ms, tags, writer } = request;
        let scope = scope_of(scope)?;
        let request = digest("request", &request)?;
        let answer = answer.ok_or_else(|| Status::invalid_argument("answer: is missing"))?;
        if tags.len() > TAGS || tags.iter().chain([&writer, &answer.content_type]).any(|name| name.len() > NAME) {
            return Err(Status::invalid_argument(format!(
                "at most {TAGS} tags are kept, and {NAME} bytes of a tag, a writer and a content type"
            )));
        }
        // Without the store's secret no ticket can be opened, and nothing could be kept.
        let Ok(keys) = self.keys().await.map(Arc::clone) else {
            self.counts.stored(&scope.tenant, "failed");
            return Ok(None);
        };
        let ticket = Ticket::open(&ticket, &keys, clock::now_ms()).map_err(refused)?;
        ticket.serves(&keys.binding(&scope, &request, &text)).map_err(refused)?;
        let answer = Answer { content_type: answer.content_type, body: answer.body.into() };
        let draft = Draft { scope, request, text, answer, ttl_ms, tags, writer };
        if let Some(sample) = ticket.sample.clone() {
            self.compare(sample, &draft);
        }
        let outcome = self.put(&keys, &ticket, &draft).await;
        self.counts.stored(&draft.scope.tenant, outcome);
        let kept = outcome == "kept";
        if kept {
            self.flights.finish(ticket.id);
        }
        self.give_up(&ticket).await;
        Ok(kept.then_some(ticket.id))
    }

    async fn put(&self, keys: &Keys, ticket: &Ticket, draft: &Draft) -> &'static str {
        if draft.answer.body.len() > self.config.max_answer_bytes {
            return "too_large";
        }
        let Ok((partition, epoch)) = self.partition(keys, &draft.scope).await else { return "failed" };
        if partition != ticket.partition {
            // An epoch was raised while the model thought, or the service got another embedder.
            return "forgotten";
        }
        let vector = match &ticket.vector {
            Some(vector) => Some(vector.clone()),
            None => self.embed(&draft.text).await.map(|(_, vector)| vector),
        };
        let kept = draft.kept(ticket, epoch, vector, self.life(draft.ttl_ms));
        match self.store.put(kept).await {
            Ok(true) => "kept",
            Ok(false) => "no_room",
            Err(_) => "failed",
        }
    }

    fn life(&self, ttl_ms: u64) -> u64 {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let ttl_ms = if ttl_ms == 0 { millis(self.config.default_ttl) } else { ttl_ms };
        ttl_ms.min(millis(self.config.max_ttl))
    }

    /// The leader will not store.
    pub(super) async fn abandon(&self, ticket: &[u8]) -> Result<(), Status> {
        let Ok(keys) = self.keys().await else { return Ok(()) };
        let ticket = Ticket::open(ticket, keys, clock::now_ms()).map_err(refused)?;
        self.give_up(&ticket).await;
        Ok(())
    }

    /// The lease first: whoever is promoted needs it.
    async fn give_up(&self, ticket: &Ticket) {
        let Some(token) = ticket.lead else { return };
        if let Some(leases) = self.store.leases() {
            // A lease that cannot be given back ends by itself.
            let _ = leases.free(ticket.id, token).await;
        }
        self.flights.abandon(ticket.id, token);
    }

    /// Asks the error budget about a would-be hit: its word, and the pool that would learn.
    pub(super) async fn consult(&self, asked: &Asked, accepted: &Accepted) -> (Served, String) {
        let max = asked.rules.max_wrong_hits;
        if max == 0.0 {
            return (Served::Serve, String::new());
        }
        // Without a comparator nothing can ever be learnt.
        let Some(comparator) = &self.judges.comparator else { return (Served::Refuse, String::new()) };
        self.learning.refresh(&*self.store, Learning::FRESH).await;
        let pool = format!("{}/{}/{}", asked.scope.policy, self.embedder, comparator.id());
        let error: ComparatorError = comparator.error();
        #[allow(clippy::cast_precision_loss)]
        let random = getrandom::u64().unwrap_or(0) as f64 / (u64::MAX as f64 + 1.0);
        let served = self.learning.consult(&pool, max, &error, accepted.score, random);
        (served, pool)
    }

    /// Compares, in the background, what the entry would have answered with what the model answered, and learns.
    fn compare(self: &Arc<Self>, sample: Sample, draft: &Draft) {
        let Some(comparator) = self.judges.comparator.clone() else { return };
        let Ok(place) = Arc::clone(&self.samples).try_acquire_owned() else { return self.counts.compared("skipped") };
        let (core, asked, fresh) = (Arc::clone(self), draft.text.clone(), draft.answer.clone());
        let api = draft.scope.api.clone();
        tokio::spawn(async move {
            let _place = place;
            let compared = {
                let _permit = core.comparisons.acquire().await;
                core.compared(&*comparator, &sample, &api, &asked, &fresh).await
            };
            drop((asked, fresh));
            match compared {
                Some(compared) => core.learn(sample, compared).await,
                None => core.counts.compared("failed"),
            }
        });
    }

    /// `None` where the entry is gone, or the comparator does not answer.
    async fn compared(
        &self,
        comparator: &dyn Comparator,
        sample: &Sample,
        api: &str,
        asked: &str,
        fresh: &Answer,
    ) -> Option<Compared> {
        let kept = self.store.get(sample.entry, clock::now_ms()).await.ok().flatten()?;
        let (kept, fresh) = (wording::text(api, &kept.answer)?, wording::text(api, fresh)?);
        comparator.compare(asked, &kept, &fresh).await.ok()
    }

    async fn learn(&self, sample: Sample, compared: Compared) {
        let right = compared == Compared::Same;
        self.counts.compared(if right { "same" } else { "different" });
        let Sample { pool, score, .. } = sample;
        self.learning.learn(&*self.store, Lesson { pool, score, right }).await;
    }
}

fn refused(error: crate::cache::ticket::TicketError) -> Status {
    Status::invalid_argument(format!("ticket: {error}"))
}

/// What was given to be kept.
struct Draft {
    scope: Scope,
    request: [u8; 32],
    text: String,
    answer: Answer,
    ttl_ms: u64,
    tags: Vec<String>,
    writer: String,
}

impl Draft {
    fn kept(&self, ticket: &Ticket, epoch: u64, vector: Option<crate::cache::vector::Vector>, life_ms: u64) -> Kept {
        let Scope { tenant, policy, model, version, .. } = self.scope.clone();
        let created_ms = clock::now_ms();
        let entry = Entry {
            id: ticket.id,
            partition: ticket.partition,
            request: self.request,
            labels: Labels { tenant, policy, model, version },
            epoch,
            vector,
            created_ms,
            expires_ms: created_ms.saturating_add(life_ms),
            tags: self.tags.clone(),
            writer: self.writer.clone(),
        };
        Kept { entry, text: self.text.clone(), answer: self.answer.clone() }
    }
}
