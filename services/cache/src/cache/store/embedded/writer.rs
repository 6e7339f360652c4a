//! The one thread that writes. It takes all that waits into one transaction and acknowledges it after the disk has it.

use super::disk::{Disk, Write};
use super::failed;
use super::memory::Memory;
use crate::cache::clock;
use crate::cache::partition::{EpochKey, Keys, Selector};
use crate::cache::store::{Kept, Purge, StoreError};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How many orders may wait; whoever comes then waits for a place.
const WAITING: usize = 1024;
/// How many orders go into one transaction.
const BATCH: usize = 256;
/// How many bytes of answers end a transaction.
const BATCH_BYTES: u64 = 16 << 20;
/// How often expired entries are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// How many places are looked at in one go.
const SWEEP_PLACES: usize = 65_536;
/// How many entries are removed in one transaction.
const SWEEP_ENTRIES: usize = 1024;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What is to be written.
pub(super) enum Op {
    Put { kept: Box<Kept>, reply: Reply<bool> },
    Raise { key: EpochKey, selector: Selector, reply: Reply<u64> },
    Purge { purge: Purge, reply: Reply<u64> },
    Note { name: String, old: Option<Vec<u8>>, new: Vec<u8>, reply: Reply<bool> },
}

/// The way to the thread. It ends when this is dropped and all that waits is written.
pub(super) struct Writer {
    /// `None` once this is dropped: that is what the thread ends by.
    orders: Option<Sender<(Op, OwnedSemaphorePermit)>>,
    thread: Option<JoinHandle<()>>,
    room: Arc<Semaphore>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // It has said itself what went wrong.
            let _ = thread.join();
        }
    }
}

impl Writer {
    pub(super) fn start(disk: Arc<Disk>, memory: Arc<Memory>, keys: Keys) -> Result<Self, StoreError> {
        let (orders, waiting) = channel();
        let thread = Thread { disk, memory, keys, waiting, swept: Instant::now(), cursor: 0 };
        let named = std::thread::Builder::new().name("cache-writer".to_owned());
        let thread = named.spawn(move || thread.run()).map_err(failed)?;
        Ok(Self { orders: Some(orders), thread: Some(thread), room: Arc::new(Semaphore::new(WAITING)) })
    }

    /// Gives an order and waits until the disk has it.
    pub(super) async fn ask<T>(&self, op: impl FnOnce(Reply<T>) -> Op) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(failed)?;
        let (reply, answer) = oneshot::channel();
        let ended = || failed("the writer has ended");
        self.orders.as_ref().ok_or_else(ended)?.send((op(reply), permit)).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

struct Thread {
    disk: Arc<Disk>,
    memory: Arc<Memory>,
    keys: Keys,
    waiting: Receiver<(Op, OwnedSemaphorePermit)>,
    swept: Instant,
    /// Where the sweep goes on.
    cursor: usize,
}

/// Tells one caller how it went, once it is known whether the transaction ended well.
type Acknowledge = Box<dyn FnOnce(Result<(), StoreError>)>;

impl Thread {
    fn run(mut self) {
        loop {
            match self.waiting.recv_timeout(SWEEP) {
                Ok((first, permit)) => self.batch(first, permit),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.swept.elapsed() >= SWEEP {
                self.sweep();
            }
        }
    }

    fn batch(&self, first: Op, permit: OwnedSemaphorePermit) {
        let mut acknowledge: Vec<Acknowledge> = Vec::new();
        let mut permits = vec![permit];
        let result = self.disk.write(|write| {
            let (mut next, mut bytes) = (Some(first), 0);
            while let Some(op) = next.take() {
                if let Op::Put { kept, .. } = &op {
                    bytes += u64::from(kept.cost());
                }
                acknowledge.push(self.apply(write, op)?);
                if acknowledge.len() < BATCH && bytes < BATCH_BYTES {
                    next = self.waiting.try_recv().ok().map(|(op, permit)| {
                        permits.push(permit);
                        op
                    });
                }
            }
            Ok(())
        });
        if let Err(error) = &result {
            self.start_over(error);
        }
        for acknowledge in acknowledge {
            acknowledge(result.clone());
        }
    }

    /// One order, in the transaction and in memory. Readers that find it early find on disk what it replaces, or nothing, and miss.
    fn apply(&self, write: &Write, op: Op) -> Result<Acknowledge, StoreError> {
        Ok(match op {
            Op::Put { kept, reply } => after(reply, self.put(write, &kept)?),
            Op::Purge { purge, reply } => after(reply, self.purge(write, &purge)?),
            Op::Note { name, old, new, reply } => {
                let unchanged = write.note(&name)? == old;
                if unchanged {
                    write.set_note(&name, &new)?;
                }
                after(reply, unchanged)
            }
            Op::Raise { key, selector, reply } => {
                let value = self.memory.raised(key);
                write.set_epoch(key, value)?;
                self.memory.set_epoch(key, value);
                after(reply, self.memory.forget(&selector))
            }
        })
    }

    fn put(&self, write: &Write, kept: &Kept) -> Result<bool, StoreError> {
        let cost = kept.cost();
        if !self.memory.admits(cost) {
            return Ok(false);
        }
        let replaced = self.memory.place(kept.entry.id);
        let seq = self.memory.next_seq();
        write.put(seq, kept)?;
        self.memory.insert(&kept.entry, seq, cost);
        if let Some(place) = replaced {
            self.remove(write, place)?;
        }
        while let Some(victim) = self.memory.victim(kept.entry.id) {
            self.remove(write, victim)?;
        }
        Ok(true)
    }

    fn purge(&self, write: &Write, purge: &Purge) -> Result<u64, StoreError> {
        let mut removed = 0;
        let ids = match purge.entry {
            Some(id) => vec![id],
            None => {
                let listed = write.listed(purge.tag.as_deref(), purge.writer.as_deref())?;
                listed.into_iter().map(|(_, entry)| entry.id).collect()
            }
        };
        for id in ids {
            let Some(place) = self.memory.place(id) else { continue };
            if self.memory.forgotten(place) {
                continue;
            }
            let entry = self.memory.seq(place).map(|seq| write.entry(seq)).transpose()?.flatten();
            if entry.is_some_and(|entry| purge.names(&entry)) {
                self.remove(write, place)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn remove(&self, write: &Write, place: u32) -> Result<(), StoreError> {
        match self.memory.remove(place) {
            Some(seq) => write.remove(seq),
            None => Ok(()),
        }
    }

    /// Gives back the room of expired and forgotten entries, a piece at a time.
    fn sweep(&mut self) {
        let (places, ended) = self.memory.gone(self.cursor, SWEEP_PLACES, clock::now_ms());
        for places in places.chunks(SWEEP_ENTRIES) {
            let result = self.disk.write(|write| places.iter().try_for_each(|place| self.remove(write, *place)));
            if let Err(error) = result {
                self.start_over(&error);
            }
        }
        self.cursor = if ended { 0 } else { self.cursor + SWEEP_PLACES };
        if ended {
            self.swept = Instant::now();
        }
    }

    /// A transaction failed, so memory is ahead of the disk: it is filled anew.
    fn start_over(&self, error: &StoreError) {
        tracing::error!("the cache's store could not write, and reads its file again: {error}");
        self.memory.clear();
        if let Err(error) = self.disk.load(&self.memory, &self.keys) {
            tracing::error!("the cache's store could not read its file: {error}");
        }
    }
}

/// Answers with `value` where the transaction ended well.
fn after<T: 'static>(reply: Reply<T>, value: T) -> Acknowledge {
    Box::new(move |result| {
        // Whoever asked may be gone.
        let _ = reply.send(result.map(|()| value));
    })
}
