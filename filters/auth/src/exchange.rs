//! The order of decisions: policy, network, credential, caller, authorization, model, hand-off.

use crate::auth::Auth;
use crate::caller::Caller;
use crate::config::policy::{BoundTokens, Method, Mode, Preflight};
use crate::credential::certificate::Certificates;
use crate::credential::introspection::Introspection;
use crate::credential::{Credential, Found, Hint};
use crate::event::{Admitted, Denied, UnknownPolicy};
use crate::jwt::bound::Bound;
use crate::jwt::verify::{Checked, Waiting};
use crate::rules::Rules;
use crate::rules::model::{Head, Judge, unreadable};
use crate::rules::path::is_plain;
use crate::rules::refusal::{Lacks, Refusal};
use plugin::{Answer, Call, Cx, Edits, Exchange, Facts, Next, Plugin, RequestHead, Seen, Step, Tag};
use policy::Choice;
use std::rc::Rc;

/// One exchange.
#[derive(Debug)]
pub struct Course {
    auth: Rc<Auth>,
    rules: Option<Rc<Rules>>,
    /// The credential that is waited for.
    credential: Option<Credential<'static>>,
    judge: Option<Judge>,
    waiting: Option<Waiting>,
}

/// Who calls, or what must be asked first.
enum Authenticated {
    Caller(Caller),
    /// A dependency is gone, and its mode is to let requests pass without an identity.
    Nobody,
    Wait(Vec<Call>),
}

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let auth = self.auth.clone();
        let rules = match self.choose(cx, head) {
            Ok(Some(rules)) => rules,
            Ok(None) => return self.pass(head),
            Err(refusal) => return self.refuse(cx, head, &refusal),
        };
        self.rules = Some(rules.clone());
        if rules.preflight == Preflight::Pass && head.is_preflight() {
            return self.pass(head);
        }
        if !rules.networks.admit_of(|| cx.attribute(&["source", "address"])) {
            return self.refuse(cx, head, &Refusal::lacks(Lacks::Network, None));
        }
        let (outcome, credential) = match auth.places.find(head) {
            Found::One(credential) => (self.authenticate(cx, &rules, &credential), Some(credential)),
            Found::Several => (Err(Refusal::several()), None),
            Found::Unreadable => (Err(Refusal::token("no text")), None),
            Found::Nothing => (self.without_credential(cx, &rules), None),
        };
        self.finish(cx, &rules, credential, outcome)
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let head = cx.request();
        match self.judge.take().map_or(Ok(()), |judge| judge.body(head, body)) {
            Ok(()) => Step::pass(),
            // In a shadow it goes on with what was handed on beside its head.
            Err(refusal) => match self.refuse(cx, head, &refusal) {
                Step::Go(_) => Step::pass(),
                reply => reply,
            },
        }
    }

    fn on_answer(&mut self, cx: &mut Cx<'_>, _: Tag, answer: Answer) -> Step {
        let Some(rules) = self.rules.clone() else { return Step::pass() };
        let credential = self.credential.take();
        let outcome = match (self.waiting.take(), &credential) {
            (Some(Waiting::Keys { patience, attempts, place }), Some(credential)) => {
                drop(place);
                let waited = (patience, attempts);
                let checked = self.auth.check_again(cx, &rules, &credential.bytes, &answer, waited);
                self.note(cx, &rules, checked)
            }
            (Some(Waiting::Introspection), Some(credential)) => {
                let checked = self.auth.introspected(cx, &credential.bytes, &answer);
                self.note(cx, &rules, checked)
            }
            _ => Err(Refusal::token("no credential")),
        };
        self.finish(cx, &rules, credential, outcome)
    }
}

impl Course {
    /// An exchange that has not begun.
    pub(crate) fn new(auth: Rc<Auth>) -> Self {
        Self { auth, rules: None, credential: None, judge: None, waiting: None }
    }

    /// The policy of this request; `None` where it is `off`.
    fn choose(&self, cx: &mut Cx<'_>, head: &RequestHead) -> Result<Option<Rc<Rules>>, Refusal> {
        let (policies, looks_at) = (&self.auth.policies, self.auth.looks_at);
        if looks_at.path && !is_plain(head.path()) {
            return Err(Refusal::ambiguous_path());
        }
        let metadata = cx.attribute(&policies.metadata_path(Auth::NAME));
        let route = if looks_at.route { cx.attribute(&["xds", "route_name"]) } else { None };
        let name = match policies
            .choose(&Seen { head, route: route.as_deref(), model: None, identity: None }, metadata.as_deref())
        {
            Choice::Policy { policy, .. } => return Ok(Some(policy.clone())),
            Choice::Off => return Ok(None),
            Choice::OffRefused => "off".to_owned(),
            Choice::Unknown { name } => name,
        };
        cx.emit(&UnknownPolicy { name });
        Err(Refusal::policy_unknown())
    }

    fn authenticate(
        &mut self,
        cx: &mut Cx<'_>,
        rules: &Rules,
        credential: &Credential<'_>,
    ) -> Result<Authenticated, Refusal> {
        let (auth, hint) = (self.auth.clone(), credential.hint);
        if hint != Hint::Key
            && let Some(checked) = auth.check_token(cx, rules, &credential.bytes)
        {
            return match self.note(cx, rules, checked) {
                Err(_) if credential.is_joined() => Err(Refusal::several()),
                noted => noted,
            };
        }
        if credential.is_joined() {
            return Err(Refusal::several());
        }
        let Ok(text) = std::str::from_utf8(&credential.bytes) else { return Err(Refusal::token("no text")) };
        let keys = auth.keys.as_ref().filter(|_| hint != Hint::Token && rules.accepts(Method::ApiKey));
        let found = keys.map(|keys| keys.find(text, &|| Auth::seconds(cx)));
        match found {
            Some(Ok(caller)) => return Ok(Authenticated::Caller(caller)),
            Some(Err(reason)) if reason != "unknown key" || hint == Hint::Key => return Err(Refusal::key(reason)),
            _ => {}
        }
        if hint != Hint::Key && auth.introspection.is_some() && rules.accepts(Method::Introspection) {
            let checked = auth.introspect(cx, text);
            return self.note(cx, rules, checked);
        }
        Err(if found.is_some() { Refusal::key("unknown key") } else { Refusal::token("no token") })
    }

    fn without_credential(&self, cx: &Cx<'_>, rules: &Rules) -> Result<Authenticated, Refusal> {
        let certificates = self.auth.certificates.as_ref().filter(|_| rules.accepts(Method::Mtls));
        let caller = certificates.and_then(|certificates| certificates.find(cx)).or_else(|| rules.anonymous.clone());
        caller.map(Authenticated::Caller).ok_or_else(Refusal::missing)
    }

    /// Looks for the proof that a token needs beside itself, and remembers what is waited for.
    fn note(&mut self, cx: &Cx<'_>, rules: &Rules, checked: Checked) -> Result<Authenticated, Refusal> {
        match checked {
            Checked::Caller(caller) => self.proven(cx, rules, caller).map(Authenticated::Caller),
            Checked::Nobody => Ok(Authenticated::Nobody),
            Checked::Refused(refusal) => Err(refusal),
            Checked::Wait(waiting, calls) => {
                self.waiting = Some(waiting);
                Ok(Authenticated::Wait(calls))
            }
        }
    }

    /// Whether a caller holds the key that its token is bound to. A token that is remembered comes on other connections too.
    fn proven(&self, cx: &Cx<'_>, rules: &Rules, caller: Caller) -> Result<Caller, Refusal> {
        let shown = || Certificates::digest(self.auth.certificates.as_ref(), cx);
        match &caller.bound {
            Some(_) if rules.bound_tokens == BoundTokens::Bearer => Ok(caller),
            Some(Bound::Key) => Err(Refusal::token("bound to a key that is not proven here")),
            Some(Bound::Certificate(digest)) if shown() != Some(**digest) => {
                Err(Refusal::token("bound to another certificate"))
            }
            _ => Ok(caller),
        }
    }

    fn finish(
        &mut self,
        cx: &mut Cx<'_>,
        rules: &Rules,
        credential: Option<Credential<'_>>,
        outcome: Result<Authenticated, Refusal>,
    ) -> Step {
        let head = cx.request();
        let caller = match outcome {
            Ok(Authenticated::Wait(calls)) => {
                self.credential = credential.map(Credential::into_owned);
                return Step::Wait(calls);
            }
            Ok(Authenticated::Nobody) => None,
            Ok(Authenticated::Caller(caller)) => Some(caller),
            Err(refusal) => return self.refuse(cx, head, &refusal),
        };
        let mut edits = Edits::default();
        let forward = match &caller {
            Some(caller) => {
                caller.hand_on(&self.auth.headers, &mut edits);
                caller.forward
            }
            None => self.auth.introspection.as_ref().is_some_and(Introspection::forwards),
        };
        if let Some(credential) = credential.filter(|_| !forward) {
            credential.strip(head, &mut edits);
        }
        self.auth.owned.clean(head, &mut edits);
        let may = match &caller {
            Some(caller) => self.may(cx, head, rules, caller),
            None => self.may_use_model(head, rules, None),
        };
        match may {
            Ok(next) => edits.next = next,
            Err(refusal) if rules.mode == Mode::Enforce => return self.refuse(cx, head, &refusal),
            Err(refusal) => {
                cx.emit(&Denied { policy: &rules.name, reason: refusal.reason, shadow: true });
                return edits.into();
            }
        }
        if let Some(caller) = caller {
            cx.emit(&Admitted { policy: &rules.name, number: rules.number, method: caller.method });
        }
        edits.into()
    }

    /// Whether the caller may do this, and whether the body must be seen for it.
    fn may(&mut self, cx: &Cx<'_>, head: &RequestHead, rules: &Rules, caller: &Caller) -> Result<Next, Refusal> {
        if let Some(more) = &caller.more {
            if !more.networks.admit_of(|| cx.attribute(&["source", "address"])) {
                return Err(Refusal::lacks(Lacks::Network, None));
            }
            if !more.routes.is_empty() {
                let route = cx.attribute(&["xds", "route_name"]).unwrap_or_default();
                if !more.routes.iter().any(|pattern| pattern.matches(&route)) {
                    return Err(Refusal::lacks(Lacks::Route, None));
                }
            }
        }
        rules.authorize(caller)?;
        self.may_use_model(head, rules, Some(caller))
    }

    fn may_use_model(&mut self, head: &RequestHead, rules: &Rules, caller: Option<&Caller>) -> Result<Next, Refusal> {
        let Some(judge) = rules.judge(caller, self.auth.model_header.as_ref()) else { return Ok(Next::Pass) };
        if judge.head(head)? == Head::Judged {
            return Ok(Next::Pass);
        }
        let is_refused = self.auth.settings().bodies.refuses(head);
        if head.is_upgrade() && !is_refused {
            judge.upgrade(head)?;
        }
        // The seam refuses what it cannot show, and a shadow refuses nothing.
        if rules.mode == Mode::Shadow && is_refused {
            return Err(unreadable());
        }
        self.judge = Some(judge);
        Ok(Next::Whole { edit: false })
    }

    /// Goes on without an identity. What the client claims to be is removed all the same.
    fn pass(&self, head: &RequestHead) -> Step {
        let mut edits = Edits::default();
        self.auth.owned.clean(head, &mut edits);
        edits.into()
    }

    fn refuse(&self, cx: &mut Cx<'_>, head: &RequestHead, refusal: &Refusal) -> Step {
        let shadow = self.rules.as_ref().is_some_and(|rules| rules.mode == Mode::Shadow);
        let policy = self.rules.as_ref().map(|rules| rules.name.as_str()).unwrap_or_default();
        cx.emit(&Denied { policy, reason: refusal.reason, shadow });
        if shadow {
            return self.pass(head);
        }
        Step::Reply(refusal.reply(head.family(), &self.auth.realm))
    }
}
