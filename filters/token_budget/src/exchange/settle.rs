//! The settlement: what a call came to, wherever it ended.

use super::{Course, Phase, now_ms, tell};
use crate::config::{Failed, Store, Unit, WithoutUsage};
use crate::event::{About, Kind, Settled, Sum, Time, Tokens, Took};
use crate::ledger::{self, Booking};
use crate::token_budget::USAGE;
use crate::usage::{Measure, Progress, part};
use plugin::{Call, Cx, Facts};

/// The least output tokens by which a running stream's reservation grows.
const GROWTH: u64 = 64;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The whole response passed.
    Complete,
    /// The client or the upstream went away.
    Abandoned,
    /// Another filter refused the call.
    Refused,
    /// No upstream answered.
    Unreached,
    /// It runs through all filters again.
    Redirected,
}

/// What is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charge {
    /// Nothing at all.
    Nothing,
    /// Limits of requests alone.
    Request,
    /// What was reserved.
    Reserved,
    /// This.
    Measured(Measure),
}

impl Course {
    /// Settles everything, once. What is to be told the service.
    pub(super) fn finish(&mut self, cx: &mut Cx<'_>, ending: Ending) -> Vec<Call> {
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Admitted => {}
            Phase::Waiting => return self.released(cx).into_iter().collect(),
            Phase::Begun | Phase::Done => return Vec::new(),
        }
        if let Some(reader) = &mut self.reader {
            reader.finish();
        }
        let charge = self.charge(ending);
        let model = self.resolved_model(cx);
        let price = self.price(model.as_deref()).or_else(|| self.price(self.model()));
        let now = now_ms(cx);
        let millis = now.saturating_sub(self.sent_ms);
        let measure = match charge {
            Charge::Measured(measure) => measure,
            Charge::Reserved => self.asked.as_ref().map(|asked| asked.measure).unwrap_or_default(),
            Charge::Nothing | Charge::Request => Measure::default(),
        };
        let cost = match charge {
            Charge::Nothing | Charge::Request => 0,
            _ => self.cost(price.as_deref(), &measure, millis),
        };
        let percent =
            self.policy.as_ref().filter(|_| self.cache_hit).map_or(100, |policy| policy.raw.cache_hit_percent);
        let (measure, cost) = (measure.percent(percent), part(cost, percent));
        let spent: Vec<u64> = self.bookings.iter().map(|booking| amount(booking, charge, &measure, cost)).collect();
        let here: Vec<usize> = (0..self.bookings.len()).collect();
        ledger::settle(&self.budget.table, cx, &mut self.bookings, &here, &spent, now);
        let settlements: Vec<_> =
            self.remotes.iter().map(|remote| remote.settlement(&self.bookings, Some(&spent))).collect();
        self.learn(ending);
        if charge != Charge::Nothing {
            self.measure(cx, model.as_deref(), &measure, cost, millis);
        }
        let service = self.budget.service.as_ref().filter(|_| !settlements.is_empty());
        service.map(|service| service.settle(settlements)).into_iter().collect()
    }

    /// What is to be paid for.
    fn charge(&self, ending: Ending) -> Charge {
        let Some(policy) = &self.policy else { return Charge::Nothing };
        let raw = &policy.raw;
        let progress = self.reader.as_ref().map(|reader| &reader.progress);
        // A report of nothing at all is none.
        let usage = progress.and_then(|progress| progress.usage.as_ref()).filter(|usage| usage.all() != Some(0));
        let counted = self.counted();
        let failed = match raw.failed {
            Failed::Requests => Charge::Request,
            Failed::Nothing => Charge::Nothing,
            Failed::Reserved => Charge::Reserved,
        };
        match ending {
            Ending::Refused | Ending::Redirected => return Charge::Nothing,
            Ending::Unreached => return failed,
            _ => {}
        }
        // What it tells was paid for by the call that began it.
        let is_idle = self.asked.as_ref().is_some_and(|asked| asked.is_idle);
        if let Some(usage) = usage.filter(|_| !is_idle) {
            let mut measure =
                Measure::reported(usage, &counted, self.asked.as_ref().is_some_and(|asked| asked.api.generates()));
            if progress.is_some_and(Progress::is_stale) {
                measure.output = measure.output.max(counted.output);
                measure.total = measure.total.max(measure.input.saturating_add(measure.output));
            }
            return Charge::Measured(measure);
        }
        if self.cache_hit {
            return Charge::Measured(counted);
        }
        let is_deferred = self.asked.as_ref().is_some_and(|asked| asked.is_deferred);
        match (ending, raw.without_usage) {
            // An error behind a part of the answer leaves that part to be paid for.
            _ if self.status >= 400 || progress.is_some_and(|seen| seen.failed && seen.pieces == 0) => failed,
            _ if is_idle => Charge::Measured(Measure::default()),
            _ if is_deferred => Charge::Reserved,
            (_, WithoutUsage::Reserved) => Charge::Reserved,
            (_, WithoutUsage::Counted) => Charge::Measured(counted),
        }
    }

    /// The input as estimated, the output as it passed by; at least what was reserved, where a part of it could not be read.
    fn counted(&self) -> Measure {
        let input = self.asked.as_ref().map_or(0, |asked| asked.measure.input);
        let output = self.reader.as_ref().map_or(0, |reader| {
            let unread = self.asked.as_ref().filter(|_| reader.progress.unread).map_or(0, |asked| asked.measure.output);
            self.spoken(reader.progress.output, reader.progress.pieces).max(unread)
        });
        Measure::of(input, output)
    }

    /// Output of this model that was estimated, in so many pieces.
    fn spoken(&self, estimate: u64, pieces: u64) -> u64 {
        self.budget.ratios.borrow().output(self.model().unwrap_or_default(), estimate).max(pieces)
    }

    fn model(&self) -> Option<&str> {
        self.asked.as_ref().and_then(|asked| asked.model.as_deref())
    }

    /// The model that served the call, where a router told.
    fn resolved_model(&self, cx: &Cx<'_>) -> Option<String> {
        cx.attribute(&["filter_state", "wasm.modelgate.model"]).and_then(|model| String::from_utf8(model).ok())
    }

    fn learn(&self, ending: Ending) {
        let (Some(asked), Some(reader)) = (&self.asked, &self.reader) else { return };
        let Some(usage) = reader.progress.usage.filter(|_| ending == Ending::Complete && !self.cache_hit) else {
            return;
        };
        let real = |tokens: Option<u64>| tokens.unwrap_or(0);
        let output = usage.output.filter(|_| !reader.progress.is_stale());
        self.budget.ratios.borrow_mut().learn(
            asked.model.as_deref().unwrap_or_default(),
            (asked.raw_input, real(usage.input_total().filter(|_| asked.is_text))),
            (reader.progress.output, real(output)),
        );
    }

    /// The meter: metrics, and filter state for access logs.
    fn measure(&self, cx: &mut Cx<'_>, model: Option<&str>, measure: &Measure, cost: u64, millis: u64) {
        // A router that names the model names its version, too.
        let version = model.and_then(|_| cx.attribute(&["filter_state", "wasm.modelgate.model_version"]));
        // Names of metrics are never freed: a model that only a client names is no label.
        let known = || self.model().filter(|model| self.budget.prices.names(model));
        let version = version.as_deref().and_then(|version| str::from_utf8(version).ok());
        let tier = self.identity(cx).tier.as_deref().unwrap_or_default();
        let about = About::new(model.or_else(known).unwrap_or("other"), version.unwrap_or_default(), tier);
        for (kind, count) in [
            (Kind::Input, measure.input),
            (Kind::Output, measure.output),
            (Kind::CachedInput, measure.cached_input),
            (Kind::Reasoning, measure.reasoning),
        ] {
            if count > 0 {
                cx.emit(&Tokens { about: &about, kind, count });
            }
        }
        for (unit, amount) in [(Sum::Input, measure.input), (Sum::Output, measure.output), (Sum::Money, cost)] {
            if amount > 0 {
                cx.emit(&Settled { about: &about, unit, amount });
            }
        }
        self.measure_times(cx, &about, measure, millis);
        let Measure { input, output, cached_input, reasoning, .. } = measure;
        let mut digits = itoa::Buffer::new();
        let mut line = String::with_capacity(96);
        for (name, count) in [
            ("input=", *input),
            (" output=", *output),
            (" cached=", *cached_input),
            (" reasoning=", *reasoning),
            (" cost=", cost),
        ] {
            line.extend([name, digits.format(count)]);
        }
        let _ = cx.set_state(USAGE, line.as_bytes());
    }

    fn measure_times(&self, cx: &mut Cx<'_>, about: &About<'_>, measure: &Measure, millis: u64) {
        cx.emit(&Took { about, time: Time::Whole, millis });
        let Some(first_ms) = self.first_ms else { return };
        let first = first_ms.saturating_sub(self.sent_ms);
        cx.emit(&Took { about, time: Time::ToFirstToken, millis: first });
        if measure.output > 1 {
            let each = millis.saturating_sub(first) / (measure.output - 1);
            cx.emit(&Took { about, time: Time::PerOutputToken, millis: each });
        }
    }

    /// How much of what goes on in place of the last piece still does, where a running stream used up what is reserved and no more
    /// can be had: up to the event that did it.
    pub(super) fn cut(&mut self, cx: &mut Cx<'_>, most: usize) -> Option<usize> {
        let reserved = self.reserved_output;
        if !self.is_spent(cx) {
            return None;
        }
        let mut reader = self.reader.take()?;
        let end = reader.cut(|output, pieces| self.spoken(output, pieces) > reserved);
        self.reader = Some(reader);
        Some(end.unwrap_or(most))
    }

    /// Whether a running stream used up what is reserved, and no more can be had.
    fn is_spent(&mut self, cx: &mut Cx<'_>) -> bool {
        let is_stream = self.policy.as_ref().is_some_and(|policy| policy.raw.cut_streams);
        let ended = self.reader.as_ref().is_none_or(|reader| reader.progress.ended || !reader.may_cut());
        if !is_stream || ended || self.phase != Phase::Admitted || self.counted().output <= self.reserved_output {
            return false;
        }
        let more = (self.reserved_output / 4).max(GROWTH).max(self.counted().output - self.reserved_output);
        // What a call costs beside its tokens is reserved already.
        let price = self.price(self.model());
        let cost_of = |output: u64| self.cost(price.as_deref(), &Measure::of(0, output), 0);
        let cost = cost_of(more).saturating_sub(cost_of(0));
        let first = self.bookings.len();
        let mut refusing = None;
        let mut extra = Vec::new();
        for (at, booking) in self.bookings.iter().enumerate().filter(|(_, booking)| grows(booking)) {
            if booking.limit.store != Store::Local {
                refusing = Some(at);
                break;
            }
            extra.push(Booking {
                limit: booking.limit.clone(),
                rate: booking.rate.clone(),
                key: booking.key.clone(),
                amount: Measure::of(0, more).amount(booking.limit.unit, cost),
                ticket: None,
                leased: false,
                extra: true,
                standing: None,
            });
        }
        self.bookings.extend(extra);
        let places: Vec<usize> = (first..self.bookings.len()).collect();
        let term = self.term(now_ms(cx));
        if refusing.is_none() {
            refusing = match ledger::reserve(&self.budget.table, cx, &mut self.bookings, &places, term) {
                Ok(_) => None,
                Err(ledger::Spent::Limit { by, .. } | ledger::Spent::Busy { by }) => Some(by),
            };
        }
        self.reserved_output = self.reserved_output.saturating_add(more);
        let Some(booking) = refusing.and_then(|at| self.bookings.get(at)) else { return false };
        tell(cx, booking, "cut");
        true
    }
}

/// Whether a limit counts output, and holds calls to it.
fn grows(booking: &Booking) -> bool {
    let counts = matches!(booking.limit.unit, Unit::Output | Unit::Tokens | Unit::Money);
    counts && !booking.limit.is_shadow() && !booking.extra
}

/// What is spent on one booking.
fn amount(booking: &Booking, charge: Charge, measure: &Measure, cost: u64) -> u64 {
    match (charge, booking.limit.unit) {
        _ if booking.extra => 0,
        (Charge::Nothing, _) => 0,
        (_, Unit::Requests | Unit::InFlight) => 1,
        (Charge::Request, _) => 0,
        (Charge::Reserved, _) => booking.amount,
        (Charge::Measured(_), unit) => measure.amount(unit, cost),
    }
}
