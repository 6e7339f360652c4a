//! The contexts of one VM.
//!
//! No borrow is held while a stream works or a host call runs: the host may call back in the middle of either. A stream at
//! work is out of its slot; when the host ends it meanwhile, the slot remembers, and the end is told when the stream is back.

use crate::envoy::{Envoy, EnvoyRoot};
use crate::ids::{self, IdMap};
use crate::root::{AnyRoot, AnyStream};
pub use crate::slot::Owner;
use crate::slot::{Parked, Slot};
use crate::{abi, metrics};
use plugin::{Answer, Background, Call, HostError, Tag};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

type NewRoot = fn() -> Box<dyn AnyRoot>;

struct Runtime {
    new_root: Cell<Option<NewRoot>>,
    roots: RefCell<IdMap<u32, Rc<dyn AnyRoot>>>,
    streams: RefCell<IdMap<u32, Slot>>,
    /// How many streams are at work that the host has ended meanwhile.
    lost: Cell<u32>,
    calls: RefCell<IdMap<u32, Owner>>,
    parked: RefCell<IdMap<u32, Parked>>,
    next_parked: Cell<u32>,
    /// Calls of streams that are gone, by root.
    deferred: RefCell<Vec<(u32, Call)>>,
    /// Background calls that could not be started, by root.
    failed: RefCell<Vec<(u32, Tag)>>,
}

impl Runtime {
    /// Empty, and made when the module is compiled: no access has to look whether it is there.
    const fn new() -> Self {
        Self {
            new_root: Cell::new(None),
            roots: RefCell::new(ids::empty()),
            streams: RefCell::new(ids::empty()),
            lost: Cell::new(0),
            calls: RefCell::new(ids::empty()),
            parked: RefCell::new(ids::empty()),
            next_parked: Cell::new(0),
            deferred: RefCell::new(Vec::new()),
            failed: RefCell::new(Vec::new()),
        }
    }

    /// A stream waits for what has this name.
    fn waits(&self, context: u32, name: u32) {
        if let Some(slot) = self.streams.borrow_mut().get_mut(&context) {
            slot.waits_for.push(name);
        }
    }

    /// A stream waits no longer for what has this name.
    fn waited(&self, context: u32, name: u32) {
        if let Some(slot) = self.streams.borrow_mut().get_mut(&context) {
            slot.waits_for.retain(|waiting| *waiting != name);
        }
    }
}

thread_local! {
    static RUNTIME: Runtime = const { Runtime::new() };
}

/// Sets what a root context of this module is. Called once, by [`export!`](crate::export).
///
/// No host call is allowed yet.
pub fn register(new_root: NewRoot) {
    abi::construct();
    metrics::init_log();
    RUNTIME.with(|runtime| runtime.new_root.set(Some(new_root)));
}

/// A context begins.
pub fn create(context: u32, parent: u32) {
    RUNTIME.with(|runtime| {
        if parent == 0 {
            if let Some(new_root) = runtime.new_root.get() {
                runtime.roots.borrow_mut().insert(context, new_root().into());
            }
            return;
        }
        let stream = runtime.roots.borrow().get(&parent).and_then(|root| root.open());
        runtime.streams.borrow_mut().insert(context, Slot::new(parent, stream));
    });
}

/// A root context gets its configuration.
pub fn configure(context: u32, size: usize) -> bool {
    metrics::refresh_log_level();
    let raw = if size == 0 { Vec::new() } else { abi::buffer(abi::Buffer::Configuration, size).unwrap_or_default() };
    root_of(context).is_some_and(|root| root.configure(&mut EnvoyRoot { root: context }, &raw))
}

fn root_of(context: u32) -> Option<Rc<dyn AnyRoot>> {
    RUNTIME.with(|runtime| runtime.roots.borrow().get(&context).cloned())
}

/// Time passes: background work goes on, streams that may hang are looked at, and calls that could not be made earlier are
/// made.
pub fn tick(context: u32) {
    metrics::refresh_log_level();
    let Some(root) = root_of(context) else { return };
    for call in take_of(context, |runtime| &runtime.deferred) {
        // The service is told as well as can be; a reservation that is not given back expires by itself.
        let _ = Envoy::start(&call);
    }
    for tag in take_of(context, |runtime| &runtime.failed) {
        background(context, root.on_background_answer(&mut EnvoyRoot { root: context }, tag, Answer::Failed(None)));
    }
    background(context, root.on_tick(&mut EnvoyRoot { root: context }));
    wake(context, |parked| parked.deadline <= abi::unix_nanos(), &Answer::Failed(None));
    for stream in watched(context) {
        if abi::set_effective_context(stream).is_ok() {
            on_stream(stream, |stream, host| stream.on_tick(host));
        }
    }
    // The streams' contexts were in effect; the ticks are the root's.
    let _ = abi::set_effective_context(context);
    root.set_tick();
}

/// Takes what is kept for a root.
fn take_of<T>(root: u32, list: impl Fn(&Runtime) -> &RefCell<Vec<(u32, T)>>) -> Vec<T> {
    RUNTIME.with(|runtime| {
        let (ours, others): (Vec<_>, Vec<_>) = list(runtime).take().into_iter().partition(|(of, _)| *of == root);
        list(runtime).replace(others);
        ours.into_iter().map(|(_, kept)| kept).collect()
    })
}

fn watched(root: u32) -> Vec<u32> {
    RUNTIME.with(|runtime| {
        let streams = runtime.streams.borrow();
        let ours = streams.iter().filter(|(_, slot)| slot.root == root);
        ours.filter(|(_, slot)| slot.stream.as_ref().is_some_and(|stream| stream.is_watched()))
            .map(|(context, _)| *context)
            .collect()
    })
}

/// Does what background work asks for. The root context is the current one.
fn background(root: u32, asked: Background) {
    for call in &asked.calls {
        EnvoyRoot { root }.start_in_background(call);
    }
    if asked.wake {
        wake(root, |_| true, &Answer::Woken);
        let _ = abi::set_effective_context(root);
    }
}

/// Answers parked streams of a root.
fn wake(root: u32, which: impl Fn(&Parked) -> bool, answer: &Answer) {
    let woken: Vec<(u32, Parked)> = RUNTIME.with(|runtime| {
        let mut parked = runtime.parked.borrow_mut();
        parked.extract_if(|_, parked| parked.root == root && which(parked)).collect()
    });
    for (id, parked) in woken {
        RUNTIME.with(|runtime| runtime.waited(parked.context, id));
        if abi::set_effective_context(parked.context).is_ok() {
            on_stream(parked.context, |stream, host| stream.on_answer(host, id, answer.clone()));
        }
    }
}

/// A stream waits for background work. The name counts down from the top, where Envoy's tokens do not come.
pub fn park(context: u32, root: u32, deadline: u64) -> u32 {
    RUNTIME.with(|runtime| {
        let id = runtime.next_parked.get().wrapping_sub(1);
        runtime.next_parked.set(id);
        runtime.parked.borrow_mut().insert(id, Parked { context, root, deadline });
        runtime.waits(context, id);
        id
    })
}

/// Lets a stream work. `None` where it is not there, or is at work already.
pub fn on_stream<T>(context: u32, work: impl FnOnce(&mut dyn AnyStream, &mut Envoy) -> T) -> Option<T> {
    let (mut stream, root) = take_out(context)?;
    let outcome = work(stream.as_mut(), &mut Envoy { context, root, detached: false });
    put_back(context, root, stream);
    Some(outcome)
}

/// Takes a stream out of its slot, and tells its root. Not a part of each callback, which are many.
#[inline(never)]
fn take_out(context: u32) -> Option<(Box<dyn AnyStream>, u32)> {
    RUNTIME.with(|runtime| {
        let mut streams = runtime.streams.borrow_mut();
        let slot = streams.get_mut(&context)?;
        let stream = slot.stream.take()?;
        slot.at_work = true;
        Some((stream, slot.root))
    })
}

/// Puts a stream back that has worked.
#[inline(never)]
fn put_back(context: u32, root: u32, mut stream: Box<dyn AnyStream>) {
    if !is_gone(context) {
        RUNTIME.with(|runtime| {
            if let Some(slot) = runtime.streams.borrow_mut().get_mut(&context) {
                slot.stream = Some(stream);
                slot.at_work = false;
            }
        });
        return;
    }
    // The host ended this stream inside a host call of its own.
    stream.on_end(&mut Envoy { context, root, detached: true });
    RUNTIME.with(|runtime| {
        runtime.lost.set(runtime.lost.get().saturating_sub(1));
        let mut streams = runtime.streams.borrow_mut();
        match streams.get_mut(&context) {
            Some(slot) if !slot.deleted => slot.at_work = false,
            _ => drop(streams.remove(&context)),
        }
    });
}

/// Whether the host ended this stream while it is at work.
pub fn is_gone(context: u32) -> bool {
    // Each host call asks, and hardly ever is it so.
    RUNTIME
        .with(|runtime| runtime.lost.get() > 0 && runtime.streams.borrow().get(&context).is_none_or(|slot| slot.ended))
}

/// A stream is over.
pub fn end(context: u32) {
    if on_stream(context, |stream, host| stream.on_end(host)).is_none() {
        RUNTIME.with(|runtime| {
            let mut streams = runtime.streams.borrow_mut();
            if let Some(slot) = streams.get_mut(&context).filter(|slot| slot.at_work && !slot.ended) {
                slot.ended = true;
                runtime.lost.set(runtime.lost.get() + 1);
            }
        });
    }
}

/// A context is gone.
pub fn delete(context: u32) {
    RUNTIME.with(|runtime| {
        let mut streams = runtime.streams.borrow_mut();
        for name in streams.get_mut(&context).map(|slot| std::mem::take(&mut slot.waits_for)).unwrap_or_default() {
            runtime.calls.borrow_mut().remove(&name);
            runtime.parked.borrow_mut().remove(&name);
        }
        match streams.get_mut(&context) {
            Some(slot) if slot.at_work => {
                slot.deleted = true;
                if !std::mem::replace(&mut slot.ended, true) {
                    runtime.lost.set(runtime.lost.get() + 1);
                }
            }
            Some(_) => drop(streams.remove(&context)),
            None => {
                drop(streams);
                runtime.roots.borrow_mut().remove(&context);
            }
        }
    });
}

/// Remembers who is told the answer to a call.
pub fn called(token: u32, owner: Owner) {
    RUNTIME.with(|runtime| {
        runtime.calls.borrow_mut().insert(token, owner);
        if let Owner::Stream(context) = owner {
            runtime.waits(context, token);
        }
    });
}

/// Remembers a background call. One that could not be started has failed, which is told at the next tick: whoever started it
/// is at work.
pub fn called_in_background(root: u32, call: &Call, started: Result<u32, HostError>) {
    match started {
        Ok(token) => called(token, Owner::Root(root, call.tag())),
        Err(_) => RUNTIME.with(|runtime| runtime.failed.borrow_mut().push((root, call.tag()))),
    }
}

/// Keeps a call for the next tick of its root.
pub fn defer(root: u32, call: Call) {
    RUNTIME.with(|runtime| runtime.deferred.borrow_mut().push((root, call)));
}

/// A call was answered: its owner is told, if it still is there.
pub fn answer(token: u32, read: impl FnOnce() -> Answer) {
    match RUNTIME.with(|runtime| runtime.calls.borrow_mut().remove(&token)) {
        None => {}
        Some(Owner::Stream(context)) => {
            RUNTIME.with(|runtime| runtime.waited(context, token));
            let answer = read();
            if abi::set_effective_context(context).is_ok() {
                on_stream(context, |stream, host| stream.on_answer(host, token, answer));
            }
        }
        Some(Owner::Root(context, tag)) => {
            let answer = read();
            let Some(root) = root_of(context) else { return };
            if abi::set_effective_context(context).is_ok() {
                background(context, root.on_background_answer(&mut EnvoyRoot { root: context }, tag, answer));
            }
        }
    }
}
