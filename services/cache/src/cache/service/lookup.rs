//! A lookup: exact, then its turn among equals, then one embedding, the nearest entries, and the decision.

use super::Core;
use super::asked::Asked;
use super::coalesce::Turn;
use crate::cache::clock;
use crate::cache::decide::{self, Accepted, Candidate, Decision, Served, Verdict};
use crate::cache::flight::Lead;
use crate::cache::partition::{EntryId, Keys, PartitionId};
use crate::cache::store::{Kept, Near, Search};
use crate::cache::ticket::{Sample, Ticket};
use crate::cache::vector::Vector;
use cache_api::cache::lookup_response::Outcome;
use cache_api::cache::{Answer, Hit, LookupResponse, Miss, Step};
use std::time::Instant;

/// Entries less similar than this are not looked at: no embedder calls such texts alike.
const FLOOR: f32 = 0.3;

/// What the semantic tier says.
#[derive(Default)]
struct Opinion {
    step: Step,
    similarity: f32,
    hit: Option<Box<Kept>>,
    /// The question's vector, for the ticket.
    vector: Option<Vector>,
    sample: Option<Sample>,
}

impl Opinion {
    fn refused(step: Step) -> Self {
        Self { step, ..Self::default() }
    }
}

impl Core {
    pub(super) async fn lookup(&self, asked: &Asked) -> LookupResponse {
        let tenant = &asked.scope.tenant;
        let outcome = match self.look(asked).await {
            Ok(outcome) => outcome,
            // The store was slow or is gone: pass, and do not store.
            Err(()) => Outcome::Miss(Miss { step: Step::Unavailable.into(), ..Miss::default() }),
        };
        match &outcome {
            Outcome::Hit(hit) => self.counts.hit(tenant, hit.step()),
            Outcome::Miss(miss) => self.counts.miss(tenant, miss.step()),
        }
        LookupResponse { outcome: Some(outcome) }
    }

    /// `Err` where the store failed; it has said so itself.
    async fn look(&self, asked: &Asked) -> Result<Outcome, ()> {
        let keys = self.keys().await.map_err(drop)?;
        let (partition, _) = self.partition(keys, &asked.scope).await.map_err(drop)?;
        let id = keys.entry(partition, &asked.request);
        if !asked.rules.refresh
            && let Some(kept) = self.exact(asked, id, partition).await?
        {
            return Ok(hit(*kept, Step::Exact, 1.0));
        }
        let lead = match self.turn(asked, id).await {
            Turn::Answered(kept) => return Ok(hit(*kept, Step::Exact, 1.0)),
            Turn::Leads(lead) => Some(lead),
            Turn::Alone => None,
        };
        let opinion = if asked.rules.refresh {
            Opinion {
                vector: self.embed(&asked.text).await.map(|(_, vector)| vector),
                ..Opinion::refused(Step::Refresh)
            }
        } else {
            self.semantic(asked, partition).await?
        };
        if let Some(kept) = opinion.hit {
            if let Some(lead) = lead {
                lead.done();
            }
            return Ok(hit(*kept, opinion.step, opinion.similarity));
        }
        Ok(Outcome::Miss(self.miss(keys, asked, partition, id, opinion, lead)))
    }

    /// The exact tier. What comes back must be the very request, in the very partition, and young enough.
    async fn exact(&self, asked: &Asked, id: EntryId, partition: PartitionId) -> Result<Option<Box<Kept>>, ()> {
        let kept = self.store.get(id, clock::now_ms()).await.map_err(drop)?;
        Ok(kept
            .filter(|kept| {
                let entry = &kept.entry;
                entry.request == asked.request && entry.partition == partition && entry.created_ms >= since(asked)
            })
            .map(Box::new))
    }

    /// The question's vector, exact and as it is kept. `None` where there is none to be had.
    pub(super) async fn embed(&self, text: &str) -> Option<(Vec<f32>, Vector)> {
        let embedder = self.judges.embedder.as_ref().filter(|_| !text.is_empty())?;
        let begun = Instant::now();
        let embedded = embedder.embed(text).await;
        self.counts.embedded(begun.elapsed(), embedded.is_ok());
        let exact = embedded.inspect_err(|error| tracing::debug!(%error, "no embedding")).ok()?;
        let vector = Vector::quantise(&exact)?;
        Some((exact, vector))
    }

    async fn semantic(&self, asked: &Asked, partition: PartitionId) -> Result<Opinion, ()> {
        let Some((exact, vector)) = self.embed(&asked.text).await else {
            return Ok(Opinion::refused(Step::NoEmbedding));
        };
        let search = Search {
            vector,
            count: Decision::CANDIDATES,
            floor: FLOOR,
            now_ms: clock::now_ms(),
            since_ms: since(asked),
        };
        // The entry can still be stored: the search failed, not the embedding.
        let near = self.store.near(partition, &search).await.unwrap_or_default();
        let vector = Some(search.vector);
        Ok(match self.judge(asked, &exact, &near) {
            Verdict::Refused(refused) => {
                Opinion { step: refused.step, similarity: refused.similarity, vector, ..Opinion::default() }
            }
            Verdict::Accepted(accepted) => {
                let opinion = Opinion { similarity: accepted.similarity, vector, ..Opinion::default() };
                match near.get(accepted.index) {
                    Some(near) => self.accepted(asked, partition, near.id, &accepted, opinion).await?,
                    None => Opinion { step: Step::Similarity, ..opinion },
                }
            }
        })
    }

    fn judge(&self, asked: &Asked, exact: &[f32], near: &[Near]) -> Verdict {
        let names: Vec<String> = near.iter().map(|near| near.id.to_string()).collect();
        let vectors: Vec<Option<Vec<f32>>> = near.iter().map(|near| near.vector.as_ref().map(Vector::unit)).collect();
        let candidates: Vec<Candidate<'_>> = near
            .iter()
            .zip(&names)
            .zip(&vectors)
            .map(|((near, name), vector)| Candidate {
                entry: name,
                text: &near.text,
                similarity: near.similarity,
                vector: vector.as_deref(),
            })
            .collect();
        self.decision.judge(&asked.rules, decide::Asked { text: &asked.text, vector: exact }, &candidates)
    }

    /// Steps 1 to 3 said yes. Where the policy states what is bearable, the error budget has the last word.
    async fn accepted(
        &self,
        asked: &Asked,
        partition: PartitionId,
        id: EntryId,
        accepted: &Accepted,
        opinion: Opinion,
    ) -> Result<Opinion, ()> {
        match self.consult(asked, accepted).await {
            (Served::Serve, _) => {}
            (Served::Sample, pool) if !asked.rules.read_only => {
                let sample = Sample { entry: id, score: accepted.score, pool };
                return Ok(Opinion { step: Step::Sampled, sample: Some(sample), ..opinion });
            }
            (Served::Sample | Served::Refuse, _) => return Ok(Opinion { step: Step::ErrorBudget, ..opinion }),
        }
        let kept = self.store.get(id, clock::now_ms()).await.map_err(drop)?;
        Ok(match kept.filter(|kept| kept.entry.partition == partition) {
            Some(kept) => Opinion { step: accepted.step, hit: Some(Box::new(kept)), ..opinion },
            // It went in this moment.
            None => Opinion { step: Step::Similarity, ..opinion },
        })
    }

    /// What the caller takes along.
    fn miss(
        &self,
        keys: &Keys,
        asked: &Asked,
        partition: PartitionId,
        id: EntryId,
        opinion: Opinion,
        lead: Option<Lead>,
    ) -> Miss {
        let Opinion { step, similarity, vector, sample, .. } = opinion;
        if asked.rules.read_only {
            return Miss { step: step.into(), similarity, ..Miss::default() };
        }
        let lead = lead.map(Lead::keep);
        let binding = keys.binding(&asked.scope, &asked.request, &asked.text);
        let ticket = Ticket { given_ms: clock::now_ms(), binding, partition, id, vector, lead, sample };
        Miss { step: step.into(), similarity, ticket: ticket.seal(keys), leader: lead.is_some() }
    }
}

/// Entries made before this are too old for the caller, in milliseconds since 1970.
fn since(asked: &Asked) -> u64 {
    match asked.rules.max_age_ms {
        0 => 0,
        age => clock::now_ms().saturating_sub(age),
    }
}

fn hit(kept: Kept, step: Step, similarity: f32) -> Outcome {
    let Kept { entry, answer, .. } = kept;
    Outcome::Hit(Hit {
        answer: Some(Answer { content_type: answer.content_type, body: answer.body.to_vec() }),
        step: step.into(),
        similarity,
        age_ms: clock::now_ms().saturating_sub(entry.created_ms),
        entry: entry.id.to_string(),
    })
}
