//! One queue, one worker: calls are taken in batches, worked on in memory, and answered once the store has the batch.
//!
//! A store has one writer anyway, and a call is a microsecond of arithmetic; so what makes it fast is that all calls that came
//! while the disk or the network was busy go together. Calls never see each other half done.

use super::book::{Book, Missing};
use super::call::Call;
use super::ledger::{self, Answer, Moment};
use super::measures::Measures;
use super::record::Name;
use super::store::{Committed, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

/// The most calls in one batch.
const BATCH: usize = 256;

/// The most calls that wait.
const QUEUE: usize = 8192;

/// The most records that are kept at hand.
const AT_HAND: usize = 100_000;

/// The most keys that a prefix gives.
const MOST_KEYS: usize = 1000;

/// How often a batch begins again before its calls fail. Each time some instance has made progress.
const TRIES: usize = 200;

/// How often what may be forgotten is looked for.
const TIDY: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error("{0}")]
    Store(String),
    /// Too many calls wait.
    #[error("{QUEUE} calls wait for the budget's store; try again")]
    Full,
    /// The service is ending.
    #[error("the service is ending")]
    Ended,
}

/// Where time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// This machine, or the server that instances share.
    System,
    /// A number, in milliseconds since the epoch: for tests.
    Fixed(Arc<AtomicU64>),
}

/// The way to the worker. It ends, after all that was asked, when the last of these is dropped.
#[derive(Debug, Clone)]
pub struct Engine {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    call: Call,
    reply: oneshot::Sender<Result<Answer, EngineError>>,
}

impl Engine {
    /// Starts the worker on a thread of its own: an embedded store blocks while it writes. The handle ends with it.
    ///
    /// # Errors
    /// The store cannot be opened, or there is no thread to be had.
    pub fn start(
        open: impl FnOnce() -> Result<Store, StoreError> + Send + 'static,
        clock: Clock,
        measures: Measures,
    ) -> Result<(Self, std::thread::JoinHandle<()>), StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (opened, is_open) = std::sync::mpsc::channel();
        let no_thread = |error: std::io::Error| StoreError::Open("worker".into(), error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_thread)?;
        let worker = std::thread::Builder::new().name("budget".into()).spawn(move || {
            let _inside = runtime.enter();
            match open() {
                Ok(store) => {
                    let _ = opened.send(Ok(()));
                    runtime.block_on(Worker { queue, store, book: Book::default(), clock, measures }.run());
                }
                Err(error) => _ = opened.send(Err(error)),
            }
        });
        let worker = worker.map_err(no_thread)?;
        match is_open.recv() {
            Ok(Ok(())) => Ok((Self { jobs }, worker)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(StoreError::Open("worker".into(), "it ended at its start".into())),
        }
    }

    /// Has a call worked on.
    ///
    /// # Errors
    /// [`EngineError`]. Whether it was done is not known where the store failed: to ask again is safe.
    pub async fn ask(&self, call: Call) -> Result<Answer, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job { call, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => EngineError::Full,
            mpsc::error::TrySendError::Closed(_) => EngineError::Ended,
        })?;
        answer.await.map_err(|_| EngineError::Ended)?
    }
}

struct Worker {
    queue: mpsc::Receiver<Job>,
    store: Store,
    book: Book,
    clock: Clock,
    measures: Measures,
}

impl Worker {
    async fn run(mut self) {
        let mut tidy = tokio::time::interval(TIDY);
        tidy.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut jobs = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                count = self.queue.recv_many(&mut jobs, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    // Who has given up is not reserved anything.
                    jobs.retain(|job| job.call.must_be_done() || !job.reply.is_closed());
                    self.work(&mut jobs).await;
                }
                _ = tidy.tick() => self.tidy().await,
            }
        }
    }

    async fn work(&mut self, jobs: &mut Vec<Job>) {
        self.measures.batch(jobs.len());
        let outcome = match self.look_up_prefixes(jobs).await {
            Ok(()) => self.until_committed(jobs).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(answers) => {
                for (job, answer) in jobs.drain(..).zip(answers) {
                    self.count(&job.call, &answer);
                    let _ = job.reply.send(Ok(answer));
                }
            }
            Err(error) => {
                tracing::warn!(%error, calls = jobs.len(), "the budget's store failed");
                self.book.forget();
                for job in jobs.drain(..) {
                    let _ = job.reply.send(Err(EngineError::Store(error.to_string())));
                }
            }
        }
        self.book.trim(AT_HAND);
    }

    /// A prefix becomes a question about the keys that it has now.
    async fn look_up_prefixes(&mut self, jobs: &mut [Job]) -> Result<(), StoreError> {
        for job in jobs {
            if let Call::Prefix(prefix, after) = &job.call {
                let keys = self.store.keys(prefix, after, MOST_KEYS).await?;
                job.call = Call::Peek(keys.into_iter().map(|key| (key, None)).collect());
            }
        }
        Ok(())
    }

    async fn until_committed(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, StoreError> {
        for _ in 0..TRIES {
            self.book.begin();
            let answers = self.apply(jobs).await?;
            let begun = Instant::now();
            let now_ms = self.now_ms();
            let outcome = self.store.commit(now_ms, self.book.read(), self.book.changes()).await;
            let word = match &outcome {
                Ok(Committed::Done(_)) => "ok",
                Ok(Committed::Stale(_)) => "conflict",
                Err(_) => "error",
            };
            self.measures.tried(self.store.name(), word, begun.elapsed());
            match outcome? {
                Committed::Done(version) => {
                    self.book.committed(version);
                    return Ok(answers);
                }
                Committed::Stale(changed) => {
                    for (name, found) in changed {
                        self.book.learn(name, found.version, found.record);
                    }
                }
            }
        }
        Err(StoreError::Unavailable(format!("{TRIES} times another instance was faster")))
    }

    /// Works on all calls, one after the other, in memory.
    async fn apply(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, StoreError> {
        let mut missing: Vec<Name> = jobs.iter().flat_map(|job| job.call.names()).collect();
        missing.retain(|name| !self.book.has(name));
        missing.sort_unstable();
        missing.dedup();
        self.fetch(&missing).await?;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            let random =
                getrandom::u64().map_err(|error| StoreError::Unavailable(format!("no randomness: {error}")))?;
            let moment = Moment { now_ms: self.now_ms(), random };
            loop {
                match ledger::apply(&mut self.book, &job.call, moment) {
                    Ok(answer) => {
                        self.book.keep_draft();
                        answers.push(answer);
                        break;
                    }
                    Err(Missing(name)) => {
                        self.book.drop_draft();
                        self.fetch(&[name]).await?;
                    }
                }
            }
        }
        Ok(answers)
    }

    async fn fetch(&mut self, names: &[Name]) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        let found = self.store.fetch(names).await?;
        for (name, found) in names.iter().zip(found) {
            self.book.learn(name.clone(), found.version, found.record);
        }
        Ok(())
    }

    async fn tidy(&mut self) {
        match self.store.tidy(self.now_ms()).await {
            Ok(gone) if gone.is_empty() => {}
            // What is at hand may be gone.
            Ok(_) => self.book.forget(),
            Err(error) => tracing::debug!(%error, "the budget's store could not be tidied"),
        }
    }

    fn now_ms(&self) -> u64 {
        match &self.clock {
            Clock::Fixed(now_ms) => now_ms.load(Ordering::SeqCst),
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX).saturating_add_signed(self.store.ahead_ms())
            }
        }
    }

    fn count(&self, call: &Call, answer: &Answer) {
        match (call, answer) {
            (Call::Reserve(reserve), Answer::Reserved(response)) => {
                let whole =
                    reserve.demands.iter().zip(&response.granted).all(|(demand, given)| demand.amount == *given);
                self.measures.reserved(match (response.admitted, reserve.force, whole) {
                    (false, ..) => "refused",
                    (true, true, _) => "forced",
                    (true, false, true) => "admitted",
                    (true, false, false) => "partly",
                });
            }
            (Call::Settle(settlements), _) => self.measures.settled(settlements.len()),
            _ => {}
        }
    }
}
