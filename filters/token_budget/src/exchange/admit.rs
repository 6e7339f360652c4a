//! The reservation: what is booked where, who is asked, and what a refusal looks like.

use super::{Course, Phase, headers, now_ms, tell};
use crate::config::{Deferred, FailureMode, Store, Unit, Unpriced, WhenSpent};
use crate::event::Outcome;
use crate::key::Caller;
use crate::ledger::{self, Asking, Booking, Remote, Spent, Term, Verdict};
use crate::refusal;
use crate::token_budget::DEGRADE;
use crate::usage::{Price, Work};
use cache_api::{Message, budget as message};
use chat::{ApiError, BodyError};
use plugin::{Answer, Call, Cx, Edits, Reply, Step, Tag};
use std::cell::OnceCell;
use std::rc::Rc;

/// How often a lease is asked for, where other calls were faster to spend it.
const LEASE_TRIES: u8 = 4;

/// How often a lease is asked for that is refused because of what others reserved.
const REFUSED_TRIES: u8 = LEASE_TRIES;

impl Course {
    /// Sets `include_usage` where the upstream would not tell.
    pub(super) fn ask_for_usage(&mut self, body: &[u8]) -> Result<(), BodyError> {
        let wanted = self.policy.as_ref().is_some_and(|policy| policy.raw.include_usage);
        let silent = self.asked.as_ref().is_some_and(|asked| {
            asked.stream
                && !asked.wants_usage
                && matches!(asked.api, chat::Api::ChatCompletions | chat::Api::Completions)
        });
        if wanted && silent {
            self.body = Some(chat::with_include_usage(body)?);
            self.injected = true;
        }
        Ok(())
    }

    /// Books, and asks whoever has to be asked.
    pub(super) fn admit(&mut self, cx: &mut Cx<'_>) -> Step {
        match self.book(cx) {
            Ok(()) => self.reserve(cx),
            Err(error) => self.refused(&error),
        }
    }

    /// What the call asks of each limit that is about it.
    fn book(&mut self, cx: &mut Cx<'_>) -> Result<(), ApiError> {
        let (Some(policy), Some(asked)) = (self.policy.clone(), self.asked.as_mut()) else { return Ok(()) };
        if asked.is_deferred && policy.raw.deferred == Deferred::Refuse {
            return Err(refusal::deferred());
        }
        asked.correct(&self.budget.ratios.borrow());
        self.reserved_output = asked.measure.output;
        if asked.api == chat::Api::Models || policy.limits.is_empty() {
            return Ok(());
        }
        let Some(asked) = &self.asked else { return Ok(()) };
        let (model, measure, idle) = (asked.model.as_deref(), asked.measure, asked.is_idle);
        let price = self.price(model);
        let cost = self.cost(price.as_deref(), &measure, 0);
        let identity = self.identity(cx);
        let (address, last) = (OnceCell::new(), None);
        // Some servers know no case: a model has one budget, however it is written.
        let model = model.map(str::to_ascii_lowercase);
        let model = model.as_deref();
        let mut caller = Caller { facts: cx, identity, model, address, last };
        let mut bookings = Vec::with_capacity(policy.limits.len());
        for limit in policy.limits.iter().filter(|limit| limit.is_about(model, asked.reaches())) {
            if limit.unit == Unit::Money && price.is_none() && !idle && policy.raw.unpriced == Unpriced::Refuse {
                return Err(refusal::unpriced());
            }
            // What cannot be foreseen (cached input, reasoning, seconds) asks for one, so that a spent limit refuses it.
            let costs = limit.unit != Unit::Money || price.as_ref().is_some_and(|price| !price.is_free());
            let least = u64::from(costs && !idle);
            let mut amount = match limit.unit {
                Unit::Requests | Unit::InFlight => 1,
                unit => measure.amount(unit, cost).max(least),
            };
            let rate = limit.of(identity.tier.as_deref()).clone();
            if amount > rate.burst() && !matches!(rate.window(), budget::Window::Balance { .. }) {
                // What was learned makes no call too large for good: it asks for all that there is.
                let uncorrected = asked.uncorrected();
                let cost = self.cost(price.as_deref(), &uncorrected, 0);
                amount = amount.min(uncorrected.amount(limit.unit, cost).max(least).max(rate.burst()));
            }
            bookings.push(Booking {
                key: caller.key(limit),
                rate,
                limit: limit.clone(),
                amount,
                ticket: None,
                leased: false,
                extra: false,
                standing: None,
            });
        }
        self.bookings = bookings;
        Ok(())
    }

    /// The price of a model.
    pub(super) fn price(&self, model: Option<&str>) -> Option<Rc<Price>> {
        self.budget.prices.of(model?).cloned()
    }

    /// What a call costs that has taken so long.
    pub(super) fn cost(&self, price: Option<&Price>, measure: &crate::usage::Measure, millis: u64) -> u64 {
        let (rows, body_bytes) = self.asked.as_ref().map_or((0, 0), |asked| (asked.rows, asked.body_bytes));
        price.map_or(0, |price| price.cost(measure, Work { rows, body_bytes, millis }))
    }

    /// For how long is reserved from this moment on.
    pub(super) fn term(&self, now_ms: u64) -> Term {
        let estimate = &self.budget.estimate;
        Term { now_ms, expires_ms: estimate.expires_secs.saturating_mul(1000), expiry: estimate.expiry }
    }

    /// The places of bookings that are kept so.
    fn places(&self, of: impl Fn(&Booking) -> bool) -> Vec<usize> {
        (0..).zip(&self.bookings).filter(|(_, booking)| of(booking)).map(|(at, _)| at).collect()
    }

    fn reserve(&mut self, cx: &mut Cx<'_>) -> Step {
        self.phase = Phase::Admitted;
        self.sent_ms = now_ms(cx);
        loop {
            let local = self.places(|booking| booking.limit.store == Store::Local);
            match self.reserve_here(cx, &local, self.sent_ms) {
                Ok(()) => break,
                Err(Spent::Limit { by, .. }) if self.degrades(cx, by) => {}
                Err(spent) => return self.spent(cx, spent),
            }
        }
        let calls = if self.budget.service.is_some() { self.ask(cx) } else { Vec::new() };
        if calls.is_empty() { self.go(cx) } else { self.wait(calls) }
    }

    fn reserve_here(&mut self, cx: &mut Cx<'_>, places: &[usize], now_ms: u64) -> Result<(), Spent> {
        let term = self.term(now_ms);
        let lost = ledger::reserve(&self.budget.table, cx, &mut self.bookings, places, term)?;
        for _ in 0..lost {
            cx.emit(&Outcome { limit: "", outcome: "forgotten" });
        }
        Ok(())
    }

    /// Whether the limit that refused asks for another model instead. The call then counts in no such limit.
    fn degrades(&mut self, cx: &mut Cx<'_>, by: usize) -> bool {
        let Some(booking) = self.bookings.get(by) else { return false };
        let Some(model) = booking.limit.degrade_to.clone() else { return false };
        tell(cx, booking, "degraded");
        self.degrade = Some(model);
        let all = self.places(|booking| booking.ticket.is_some());
        let now = now_ms(cx);
        ledger::give_back(&self.budget.table, cx, &mut self.bookings, &all, now);
        self.bookings.retain(|booking| booking.limit.when_spent != WhenSpent::Degrade);
        true
    }

    /// The calls to the service.
    fn ask(&mut self, cx: &mut Cx<'_>) -> Vec<Call> {
        let budget = self.budget.clone();
        let Some(service) = &budget.service else { return Vec::new() };
        let term = self.term(self.sent_ms);
        let shared = |shadow: bool| {
            self.places(|booking| booking.limit.store == Store::Shared && booking.limit.is_shadow() == shadow)
        };
        let groups = [(shared(false), false), (shared(true), true)];
        let mut calls = Vec::new();
        for (places, force) in groups.into_iter().filter(|(places, _)| !places.is_empty()) {
            self.calls += 1;
            let remote = Remote::new(self.calls, [cx.random(), cx.random()], places, force);
            calls.push(remote.reserve(service, &self.bookings, term.expires_ms, term.expiry));
            self.remotes.push(remote);
        }
        for at in self.places(|booking| booking.limit.store == Store::Leased) {
            let Some(booking) = self.bookings.get_mut(at) else { continue };
            if !booking.take_leased(&budget.table, cx, term) {
                calls.extend(self.ask_lease(cx, at, 0));
            }
        }
        calls
    }

    fn ask_lease(&mut self, cx: &mut Cx<'_>, at: usize, tries: u8) -> Option<Call> {
        let service = self.budget.service.as_ref()?;
        self.calls += 1;
        let (call, id) = self.bookings.get(at)?.lease(service, self.calls, [cx.random(), cx.random()], tries);
        self.leasing.push(Asking { tag: self.calls, at, id, tries });
        Some(call)
    }

    fn wait(&mut self, calls: Vec<Call>) -> Step {
        self.phase = Phase::Waiting;
        Step::Wait(calls)
    }

    /// An answer of the service.
    pub(super) fn answered(&mut self, cx: &mut Cx<'_>, tag: Tag, answer: Answer) -> Step {
        if self.phase != Phase::Waiting {
            return Step::pass();
        }
        let bytes = match &answer {
            Answer::Message(bytes) => Some(bytes.as_slice()),
            _ => None,
        };
        let outcome = match self.leasing.iter().position(|asking| asking.tag == tag) {
            Some(at) => {
                let asking = self.leasing.swap_remove(at);
                self.leased(cx, asking, bytes)
            }
            None => self.reserved(cx, tag, bytes),
        };
        match outcome {
            Err(step) => step,
            Ok(calls) if !calls.is_empty() => Step::Wait(calls),
            Ok(_) if self.remotes.iter().all(|remote| remote.done) && self.leasing.is_empty() => {
                self.phase = Phase::Admitted;
                self.sent_ms = now_ms(cx);
                self.go(cx)
            }
            Ok(_) => Step::Wait(Vec::new()),
        }
    }

    /// What the service says to a reservation.
    fn reserved(&mut self, cx: &mut Cx<'_>, tag: Tag, answer: Option<&[u8]>) -> Result<Vec<Call>, Step> {
        // One that was given up meanwhile is none of these.
        let Some(remote) = self.remotes.iter_mut().find(|remote| remote.tag == tag) else { return Ok(Vec::new()) };
        remote.done = true;
        let places = remote.places.clone();
        match answer.map_or(Verdict::Nothing, |answer| remote.verdict(answer, &mut self.bookings)) {
            Verdict::Admitted => Ok(Vec::new()),
            Verdict::Refused { by, .. } if self.bookings.get(by).is_some_and(|b| b.limit.degrade_to.is_some()) => {
                // Nothing was reserved there; all is asked anew without the limits that degrade.
                self.release(cx);
                self.degrades(cx, by);
                match self.reserve(cx) {
                    Step::Wait(calls) => Ok(calls),
                    step => Err(step),
                }
            }
            Verdict::Refused { by, retry_after_ms } => Err(self.spent(cx, Spent::Limit { by, retry_after_ms })),
            Verdict::Nothing => self.without_service(cx, &places).map(|()| Vec::new()),
        }
    }

    /// What the service says to a lease.
    fn leased(&mut self, cx: &mut Cx<'_>, asking: Asking, answer: Option<&[u8]>) -> Result<Vec<Call>, Step> {
        let given_back = asking.given_back();
        let is_shadow = self.bookings.get(asking.at).is_some_and(|booking| booking.limit.is_shadow());
        let Asking { at, id, tries, .. } = asking;
        let answer = answer.and_then(|answer| message::ReserveResponse::decode(answer).ok());
        let Some(answer) = answer else {
            // The service may have given it all the same, and only the answer was lost.
            if let Some(service) = &self.budget.service {
                cx.call_in_background(&service.settle(vec![given_back]));
            }
            return self.without_service(cx, &[at]).map(|()| Vec::new());
        };
        if !answer.admitted {
            // Other calls that asked at the same time may hold more than they need, or be giving it back.
            let (budget, term) = (self.budget.clone(), self.term(now_ms(cx)));
            if let Some(booking) = self.bookings.get_mut(at) {
                if booking.take_leased(&budget.table, cx, term) {
                    return Ok(Vec::new());
                }
                booking.standing = answer.standings.first().map(|standing| (*standing).into());
            }
            if tries < REFUSED_TRIES && (is_shadow || answer.retry_after_ms == budget::RETRY_HELD_MS) {
                return Ok(self.ask_lease(cx, at, tries + 1).into_iter().collect());
            }
            let retry_after_ms = Some(answer.retry_after_ms).filter(|wait| *wait > 0);
            if self.bookings.get(at).is_some_and(|booking| booking.limit.degrade_to.is_some()) {
                self.release(cx);
                self.degrades(cx, at);
                return match self.reserve(cx) {
                    Step::Wait(calls) => Ok(calls),
                    step => Err(step),
                };
            }
            return if is_shadow {
                Ok(Vec::new())
            } else {
                Err(self.spent(cx, Spent::Limit { by: at, retry_after_ms }))
            };
        }
        let (budget, term) = (self.budget.clone(), self.term(now_ms(cx)));
        let Some(booking) = self.bookings.get_mut(at) else { return Ok(Vec::new()) };
        let put = booking.put_lease(&budget.table, cx, id, &answer, term);
        let taken = booking.ticket.is_some();
        match put {
            Ok((before, kept)) => {
                budget.leases.borrow_mut().extend(kept);
                if let (Some(service), Some(before)) = (&budget.service, before) {
                    cx.call_in_background(&service.settle(vec![before]));
                }
            }
            Err(_) if is_shadow => return Ok(Vec::new()),
            Err(_) => return Err(self.spent(cx, Spent::Busy { by: at })),
        }
        match taken {
            true => Ok(Vec::new()),
            false if tries < LEASE_TRIES => Ok(self.ask_lease(cx, at, tries + 1).into_iter().collect()),
            false if is_shadow => Ok(Vec::new()),
            false => {
                let retry_after_ms = Some(budget::RETRY_HELD_MS);
                Err(self.spent(cx, Spent::Limit { by: at, retry_after_ms }))
            }
        }
    }

    /// No answer: what each limit says about that.
    fn without_service(&mut self, cx: &mut Cx<'_>, places: &[usize]) -> Result<(), Step> {
        let mode = |at: &&usize, mode| self.bookings.get(**at).is_some_and(|b| b.limit.without_service() == mode);
        let denies = places.iter().find(|at| mode(at, FailureMode::Deny)).copied();
        let allowed: Vec<usize> = places.iter().filter(|at| mode(at, FailureMode::Allow)).copied().collect();
        let here: Vec<usize> = places.iter().filter(|at| mode(at, FailureMode::Local)).copied().collect();
        if let Some(booking) = denies.and_then(|at| self.bookings.get(at)) {
            tell(cx, booking, "failed_deny");
            self.release(cx);
            return Err(self.refused(&refusal::unavailable()));
        }
        for booking in allowed.iter().filter_map(|at| self.bookings.get(*at)) {
            tell(cx, booking, "failed_allow");
        }
        for booking in here.iter().filter_map(|at| self.bookings.get(*at)) {
            tell(cx, booking, "failed_local");
        }
        self.reserve_here(cx, &here, now_ms(cx)).map_err(|spent| self.spent(cx, spent))
    }

    /// Gives everything back.
    fn release(&mut self, cx: &mut Cx<'_>) {
        if let Some(call) = self.released(cx) {
            cx.call_in_background(&call);
        }
    }

    /// Gives everything back here. What is to be told the service.
    pub(super) fn released(&mut self, cx: &mut Cx<'_>) -> Option<Call> {
        let here = self.places(|booking| booking.ticket.is_some());
        let now = now_ms(cx);
        ledger::give_back(&self.budget.table, cx, &mut self.bookings, &here, now);
        // Also those that are not answered yet: the service ends what it has not begun, too.
        let remotes = self.remotes.drain(..).map(|remote| remote.settlement(&self.bookings, None));
        let leases = self.leasing.drain(..).map(|asking| asking.given_back());
        let settlements: Vec<_> = remotes.chain(leases).collect();
        let service = self.budget.service.as_ref().filter(|_| !settlements.is_empty());
        service.map(|service| service.settle(settlements))
    }

    /// The answer to a call that a limit refuses.
    fn spent(&mut self, cx: &mut Cx<'_>, spent: Spent) -> Step {
        let (by, retry_after_ms) = match spent {
            Spent::Limit { by, retry_after_ms } => (by, retry_after_ms),
            Spent::Busy { by } => {
                if let Some(booking) = self.bookings.get(by) {
                    tell(cx, booking, "busy");
                }
                self.release(cx);
                return self.refused(&refusal::unavailable());
            }
        };
        self.release(cx);
        let Some(booking) = self.bookings.get(by) else { return self.refused(&refusal::unavailable()) };
        tell(cx, booking, "refused");
        let error = refusal::spent(&booking.limit, booking.rate.window(), retry_after_ms.is_some());
        // How they stand now that what was taken of them is given back.
        let now = now_ms(cx);
        for booking in self.bookings.iter_mut().filter(|booking| booking.limit.store == Store::Local) {
            booking.standing = ledger::standing(&self.budget.table, cx, booking, now);
        }
        let mut reply = Reply::refusal(self.family(), &error);
        match retry_after_ms {
            Some(ms) => reply = reply.with_header("retry-after", ms.div_ceil(1000).max(1).to_string()),
            // OpenAI's clients try again on any 429 unless they are told that it is of no use.
            None => reply = reply.with_header("x-should-retry", "false"),
        }
        if self.policy.as_ref().is_some_and(|policy| policy.raw.headers) {
            for (name, value) in headers::of(&self.bookings) {
                reply = reply.with_header(name, value);
            }
        }
        self.phase = Phase::Done;
        Step::Reply(reply)
    }

    /// All is reserved: the request goes on.
    fn go(&mut self, cx: &mut Cx<'_>) -> Step {
        for booking in &self.bookings {
            let overdrawn = booking.standing.is_some_and(|standing| standing.remaining < 0);
            if booking.limit.is_shadow() && overdrawn {
                tell(cx, booking, "shadow");
            }
            if headers::is_soft(booking) {
                tell(cx, booking, "soft");
            }
        }
        let mut edits = Edits { body: self.body.take(), ..Edits::default() };
        if let Some(model) = &self.degrade {
            edits.set_state(DEGRADE, model.as_bytes());
        }
        edits.into()
    }
}
