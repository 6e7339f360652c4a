//! A root context: one configured place in a filter chain.

use crate::abi;
use crate::envoy::{Envoy, EnvoyRoot};
use plugin::stream::Place;
use plugin::{Answer, Attachment, Background, CallId, Exchange, Flow, Plugin, RootCx, Stream, Tag};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How often a root context ticks, in milliseconds: for the first time, while it is unknown whether the flag of
/// `attachment: full` is set, and later.
const TICK_FIRST: u32 = 50;
const TICK_WATCHING: u32 = 250;
const TICK_CALM: u32 = 1000;

/// The root context of one configured plugin.
pub struct Root<P> {
    configured: RefCell<Option<(Rc<P>, Place)>>,
}

impl<P> Default for Root<P> {
    fn default() -> Self {
        Self { configured: RefCell::default() }
    }
}

impl<P> Root<P> {
    /// The plugin, with no borrow left.
    fn plugin(&self) -> Option<Rc<P>> {
        self.configured.borrow().as_ref().map(|(plugin, _)| plugin.clone())
    }
}

/// A root context whose plugin's type is forgotten.
pub trait AnyRoot {
    /// Takes a configuration, or says what is wrong with it and refuses.
    fn configure(&self, host: &mut EnvoyRoot, raw: &[u8]) -> bool;
    /// A new stream; none before a configuration.
    fn open(&self) -> Option<Box<dyn AnyStream>>;
    /// Sets the period of the ticks.
    fn set_tick(&self);
    /// See [`Plugin::on_tick`].
    fn on_tick(&self, host: &mut EnvoyRoot) -> Background;
    /// See [`Plugin::on_background_answer`].
    fn on_background_answer(&self, host: &mut EnvoyRoot, tag: Tag, answer: Answer) -> Background;
}

impl<P: Plugin> AnyRoot for Root<P> {
    fn configure(&self, host: &mut EnvoyRoot, raw: &[u8]) -> bool {
        match P::configure(raw) {
            Ok(plugin) => {
                let settings = Rc::new(plugin.settings().clone());
                for key in &settings.vouched_state {
                    if abi::foreign("declare_property", &declaration(key)).is_err() {
                        log::warn!("{}: this Envoy cannot declare the filter state {key} read-only", P::NAME);
                    }
                }
                let proven = Rc::new(Cell::new(settings.attachment == Attachment::Plain));
                self.configured.replace(Some((Rc::new(plugin), Place { filter: P::NAME, settings, proven })));
                if let Some(plugin) = self.plugin() {
                    plugin.on_start(&mut RootCx::new(host));
                }
                // A host that cannot tick has no watchdog and no background work.
                let _ = abi::set_tick_period(TICK_FIRST);
                true
            }
            Err(faults) => {
                for line in faults.to_string().lines() {
                    log::error!("{}: configuration refused: {line}", P::NAME);
                }
                false
            }
        }
    }

    fn open(&self) -> Option<Box<dyn AnyStream>> {
        let (plugin, place) = self.configured.borrow().clone()?;
        Some(Box::new(Stream::new(plugin.open(), place)))
    }

    fn set_tick(&self) {
        let watching = self.configured.borrow().as_ref().is_some_and(|(_, place)| !place.proven.get());
        let _ = abi::set_tick_period(if watching { TICK_WATCHING } else { TICK_CALM });
    }

    fn on_tick(&self, host: &mut EnvoyRoot) -> Background {
        self.plugin().map(|plugin| plugin.on_tick(&mut RootCx::new(host))).unwrap_or_default()
    }

    fn on_background_answer(&self, host: &mut EnvoyRoot, tag: Tag, answer: Answer) -> Background {
        self.plugin().map(|plugin| plugin.on_background_answer(&mut RootCx::new(host), tag, answer)).unwrap_or_default()
    }
}

/// `DeclarePropertyArguments { name: 1, readonly: 2, span: 5 }` of Envoy: bytes, read-only, for one run of the filter chain
/// (the default span), so that an internal redirect may write it anew.
fn declaration(key: &str) -> Vec<u8> {
    let mut out = vec![0x0a, u8::try_from(key.len()).unwrap_or(u8::MAX) & 0x7f];
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(&[0x10, 1]);
    out
}

/// A stream whose exchange's type is forgotten.
pub trait AnyStream {
    /// See [`Stream::on_request_headers`].
    fn on_request_headers(&mut self, host: &mut Envoy, end: bool) -> Flow;
    /// See [`Stream::on_request_body`].
    fn on_request_body(&mut self, host: &mut Envoy, size: usize, end: bool) -> Flow;
    /// See [`Stream::on_request_trailers`].
    fn on_request_trailers(&mut self, host: &mut Envoy) -> Flow;
    /// See [`Stream::on_response_headers`].
    fn on_response_headers(&mut self, host: &mut Envoy, end: bool) -> Flow;
    /// See [`Stream::on_response_body`].
    fn on_response_body(&mut self, host: &mut Envoy, size: usize, end: bool) -> Flow;
    /// See [`Stream::on_response_trailers`].
    fn on_response_trailers(&mut self, host: &mut Envoy) -> Flow;
    /// See [`Stream::on_answer`].
    fn on_answer(&mut self, host: &mut Envoy, id: CallId, answer: Answer);
    /// See [`Stream::on_tick`].
    fn on_tick(&mut self, host: &mut Envoy) -> Flow;
    /// See [`Stream::is_watched`].
    fn is_watched(&self) -> bool;
    /// See [`Stream::on_end`].
    fn on_end(&mut self, host: &mut Envoy);
}

impl<E: Exchange> AnyStream for Stream<E> {
    fn on_request_headers(&mut self, host: &mut Envoy, end: bool) -> Flow {
        Stream::on_request_headers(self, host, end)
    }
    fn on_request_body(&mut self, host: &mut Envoy, size: usize, end: bool) -> Flow {
        Stream::on_request_body(self, host, size, end)
    }
    fn on_request_trailers(&mut self, host: &mut Envoy) -> Flow {
        Stream::on_request_trailers(self, host)
    }
    fn on_response_headers(&mut self, host: &mut Envoy, end: bool) -> Flow {
        Stream::on_response_headers(self, host, end)
    }
    fn on_response_body(&mut self, host: &mut Envoy, size: usize, end: bool) -> Flow {
        Stream::on_response_body(self, host, size, end)
    }
    fn on_response_trailers(&mut self, host: &mut Envoy) -> Flow {
        Stream::on_response_trailers(self, host)
    }
    fn on_answer(&mut self, host: &mut Envoy, id: CallId, answer: Answer) {
        Stream::on_answer(self, host, id, answer);
    }
    fn on_tick(&mut self, host: &mut Envoy) -> Flow {
        Stream::on_tick(self, host)
    }
    fn is_watched(&self) -> bool {
        Stream::is_watched(self)
    }
    fn on_end(&mut self, host: &mut Envoy) {
        Stream::on_end(self, host);
    }
}
