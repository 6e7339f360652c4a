//! The order of decisions: names of the head, policy, names of the body, model, permission, version, hand-off.

mod degrade;
mod path;

use crate::asked::Asked;
use crate::catalogue::{Catalogue, Chosen};
use crate::config::UnknownModel;
use crate::event::{Routed, UnknownPolicy, Unrouted};
use crate::listing::Shape;
use crate::router::{MODEL, MODEL_VERSION, ModelRouter};
use crate::{listing, refusal};
use chat::{Api, ApiError, Family};
use plugin::{Cx, Edits, Exchange, Facts, Next, Origin, Plugin, Reply, RequestHead, ResponseHead, Seen, Step};
use policy::{Choice, Identity};
use std::cell::OnceCell;
use std::rc::Rc;

/// One exchange.
#[derive(Debug)]
pub struct Course {
    router: Rc<ModelRouter>,
    identity: OnceCell<Identity>,
    waits: Waits,
    /// The cheaper model that a budget asks for.
    degrade: Option<String>,
    chosen: Option<Chosen>,
}

/// What the body is waited for, and what is known until then.
#[derive(Debug)]
enum Waits {
    /// Nothing.
    No,
    /// To choose the policy, which a rule ties to the model. The route is that of the head.
    Policy { asked: Asked, route: Option<Vec<u8>> },
    /// To know the model.
    Model { asked: Asked, policy: Rc<Catalogue> },
    /// To rewrite its model: all else is decided.
    Rewrite { asked: Asked, policy: Rc<Catalogue> },
}

/// What became of a decision: go on with these edits, or a refusal.
type Decided = Result<Edits, ApiError>;

impl Exchange for Course {
    fn on_request(&mut self, cx: &mut Cx<'_>, head: &RequestHead) -> Step {
        let asked = Asked::of_head(head, &self.router.model_header);
        let family = asked.family;
        match self.judge_head(cx, head, asked) {
            Ok(Step::Go(edits)) => Step::Go(self.without_owned(head, edits)),
            Ok(step) => step,
            Err(error) => refused(family, &error),
        }
    }

    fn on_request_body(&mut self, cx: &mut Cx<'_>, body: &[u8]) -> Step {
        let head = cx.request();
        let waits = std::mem::replace(&mut self.waits, Waits::No);
        let (family, decided) = match waits {
            Waits::No => return Step::pass(),
            Waits::Policy { mut asked, route } => {
                let seen = asked.see_body(head, body);
                (asked.family, seen.and_then(|()| self.judge_all(cx, &asked, route.as_deref(), body)))
            }
            Waits::Model { mut asked, policy } => {
                let seen = asked.see_body(head, body);
                (asked.family, seen.and_then(|()| self.judge_model(cx, &policy, &asked, Some(body))))
            }
            Waits::Rewrite { mut asked, policy } => {
                let seen = asked.see_body(head, body).and_then(|()| agreed(&asked, &policy));
                let body = seen.and_then(|()| self.rewritten(&asked, body));
                (asked.family, body.map(|body| Edits { body, ..Edits::default() }))
            }
        };
        decided.map_or_else(|error| refused(family, &error), Step::from)
    }

    fn on_response(&mut self, _: &mut Cx<'_>, head: &ResponseHead) -> Step {
        let name = &self.router.version_out;
        let is_answer = matches!(head.origin, Origin::Upstream | Origin::CacheHit);
        let mut edits = Edits::default();
        match &self.chosen {
            Some(chosen) if is_answer && self.router.response_header => {
                edits.set_header(name.as_str(), chosen.version.name.as_bytes());
            }
            _ if head.headers.has(name) => {
                edits.remove_header(name.as_str());
            }
            _ => {}
        }
        edits.into()
    }
}

impl Course {
    /// An exchange that has not begun.
    pub(crate) fn new(router: Rc<ModelRouter>) -> Self {
        Self { router, identity: OnceCell::new(), waits: Waits::No, degrade: None, chosen: None }
    }

    /// The policy, and all that can be decided without the body.
    fn judge_head(&mut self, cx: &mut Cx<'_>, head: &RequestHead, asked: Asked) -> Result<Step, ApiError> {
        let router = self.router.clone();
        self.degrade = degrade::wanted(cx);
        let metadata = cx.attribute(&router.policies.metadata_path(ModelRouter::NAME));
        let route = if router.needs_route { cx.attribute(&["xds", "route_name"]) } else { None };
        let reads = router.reads_body(head, &asked);
        if reads && metadata.is_none() && router.needs_model {
            self.waits = Waits::Policy { asked, route };
            return Ok(Step::whole(self.rewrites()));
        }
        let Some(policy) = self.choose_policy(cx, &asked, route.as_deref(), metadata.as_deref())? else {
            return Ok(Step::pass());
        };
        if asked.api == Api::Models {
            return self.list(cx, &policy, &asked);
        }
        if reads {
            self.waits = Waits::Model { asked, policy };
            return Ok(Step::whole(self.rewrites()));
        }
        let mut edits = self.judge_model(cx, &policy, &asked, None)?;
        let renamed = self.chosen.as_ref().is_some_and(|chosen| chosen.name_upstream().is_some());
        if self.rewrites() && renamed && asked.is_in_body() && !head.complete {
            edits.next = Next::Whole { edit: true };
            self.waits = Waits::Rewrite { asked, policy };
        }
        Ok(edits.into())
    }

    /// The policy by the model that the body names, then the model.
    fn judge_all(&mut self, cx: &mut Cx<'_>, asked: &Asked, route: Option<&[u8]>, body: &[u8]) -> Decided {
        match self.choose_policy(cx, asked, route, None)? {
            Some(policy) => self.judge_model(cx, &policy, asked, Some(body)),
            None => Ok(Edits::default()),
        }
    }

    /// The policy of this request; `None` where it is `off`.
    fn choose_policy(
        &self,
        cx: &mut Cx<'_>,
        asked: &Asked,
        route: Option<&[u8]>,
        metadata: Option<&[u8]>,
    ) -> Result<Option<Rc<Catalogue>>, ApiError> {
        let model = if asked.api == Api::Models { asked.path_model() } else { asked.model(&self.router.sources) };
        let identity = || self.identity(cx);
        let subject = Seen { head: cx.request(), route, model, identity: Some(&identity) };
        let unknown = match self.router.policies.choose(&subject, metadata) {
            Choice::Policy { policy, .. } => return Ok(Some(policy.clone())),
            // `off` for one of two models must not be `off` for the other.
            Choice::Off if self.router.needs_model && metadata.is_none() && !asked.agrees(|_, _| false) => {
                return Err(refusal::model_mismatch());
            }
            Choice::Off => {
                cx.emit(&Unrouted { policy: "off", reason: "off" });
                return Ok(None);
            }
            Choice::OffRefused => UnknownPolicy { name: "off".to_owned() },
            Choice::Unknown { name } => UnknownPolicy { name },
        };
        cx.emit(&unknown);
        Err(refusal::policy_unknown())
    }

    /// The model, whether the caller may use it, and the version that serves the call.
    fn judge_model(&mut self, cx: &mut Cx<'_>, policy: &Rc<Catalogue>, asked: &Asked, body: Option<&[u8]>) -> Decided {
        agreed(asked, policy)?;
        let name = match asked.model(&self.router.sources) {
            Some(name) if !self.router.misses(asked) => name,
            _ => return self.unnamed(cx, policy, asked),
        };
        let model = policy.resolve(name);
        if model.is_none() && policy.unknown == UnknownModel::Refuse {
            return Err(refusal::model_not_found());
        }
        let identity = self.identity(cx);
        if !identity.models.allows(model.map_or(name, |model| &model.name)) {
            return Err(refusal::model_not_allowed());
        }
        let chosen = match (self.degraded(cx, policy, model)?, model) {
            (Some(cheaper), _) => cheaper,
            (None, Some(model)) => model.choose(cx, identity, asked)?,
            (None, None) => return Ok(unrouted(cx, policy, "unknown_model")),
        };
        cx.emit(&Routed { policy: &policy.policy, chosen: &chosen });
        let mut edits = self.handed_over(&chosen);
        let upstream = chosen.name_upstream().filter(|name| self.rewrites() && asked.path_model() != Some(*name));
        if let Some(path) = upstream.and_then(|name| path::renamed(cx.request(), name)) {
            edits.set_header(":path", path);
        }
        self.chosen = Some(chosen);
        match body {
            Some(body) => Ok(Edits { body: self.rewritten(asked, body)?, ..edits }),
            None => Ok(edits),
        }
    }

    /// The choice in headers for the routes, and in filter state for later filters.
    fn handed_over(&self, chosen: &Chosen) -> Edits {
        let mut edits = Edits::default();
        for (header, state, value) in [
            (&self.router.model_out, MODEL, &chosen.model.name),
            (&self.router.version_out, MODEL_VERSION, &chosen.version.name),
        ] {
            edits.set_header(header.as_str(), value.as_bytes()).set_state(state, value.as_bytes());
        }
        edits
    }

    /// A call that names no model that is read: a call to a model is refused like one to an unknown model, and so is one
    /// that hides its model; any other goes on without a version.
    fn unnamed(&self, cx: &mut Cx<'_>, policy: &Catalogue, asked: &Asked) -> Decided {
        let hides = self.router.misses(asked);
        match policy.unknown {
            UnknownModel::Refuse if hides => Err(refusal::model_not_readable()),
            UnknownModel::Refuse if asked.calls_model() => Err(refusal::model_required()),
            _ => Ok(unrouted(cx, policy, if hides { "not_readable" } else { "no_model" })),
        }
    }

    /// `GET /v1/models…`, answered here. An unknown model that may pass goes on instead.
    fn list(&self, cx: &mut Cx<'_>, policy: &Catalogue, asked: &Asked) -> Result<Step, ApiError> {
        let identity = self.identity(cx);
        let shape = Shape::of(cx.request(), asked.family);
        let Some(name) = asked.path_model() else {
            return Ok(Step::Reply(listing::list(policy, identity, shape)));
        };
        let passes = policy.unknown == UnknownModel::Pass && policy.resolve(name).is_none();
        match listing::one(policy, identity, shape, name) {
            Some(reply) => Ok(Step::Reply(reply)),
            None if passes && identity.models.allows(name) => Ok(unrouted(cx, policy, "unknown_model").into()),
            None => Err(refusal::model_not_found()),
        }
    }

    /// The body with the model's name upstream, where that is another one. An API whose body names the model gets it there
    /// even where the client named it elsewhere.
    fn rewritten(&self, asked: &Asked, body: &[u8]) -> Result<Option<Vec<u8>>, ApiError> {
        let upstream = self.chosen.as_ref().and_then(Chosen::name_upstream).filter(|_| self.rewrites());
        let Some(name) = upstream else { return Ok(None) };
        if asked.is_resource {
            return Ok(Some(chat::with_model(body, &resource(name))?));
        }
        if asked.is_in_body() || asked.body_model().is_some() {
            let new = asked.body_model() != Some(name);
            return Ok(new.then(|| chat::with_model(body, name)).transpose()?);
        }
        match asked.path_model().filter(|_| asked.has_rows) {
            Some(model) => Ok(chat::with_model_in_requests(body, &resource(model), &resource(name))?),
            None => Ok(None),
        }
    }

    /// Takes out what the client sent in the headers that are ours, unless it is overwritten anyway. Only what is there:
    /// each edit makes Envoy choose the route anew.
    fn without_owned(&self, head: &RequestHead, mut edits: Edits) -> Edits {
        for name in self.router.owned.iter().filter(|name| head.headers.has(name)) {
            if !edits.headers.iter().any(|(edited, _)| edited == name) {
                edits.remove_header(name.as_str());
            }
        }
        edits
    }

    fn identity(&self, cx: &Cx<'_>) -> &Identity {
        self.identity.get_or_init(|| self.router.identity.read(cx))
    }
}

/// One model, whatever its names.
fn agreed(asked: &Asked, policy: &Catalogue) -> Result<(), ApiError> {
    if asked.agrees(|one, other| policy.same(one, other)) { Ok(()) } else { Err(refusal::model_mismatch()) }
}

/// The name of a model as a resource of Google's.
fn resource(model: &str) -> String {
    format!("models/{model}")
}

fn unrouted(cx: &mut Cx<'_>, policy: &Catalogue, reason: &'static str) -> Edits {
    cx.emit(&Unrouted { policy: &policy.policy, reason });
    Edits::default()
}

fn refused(family: Family, error: &ApiError) -> Step {
    Step::Reply(Reply::refusal(family, error))
}
