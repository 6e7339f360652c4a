//! The configured router: the configuration checked as a whole and compiled.

use crate::asked::Asked;
use crate::catalogue::Catalogue;
use crate::config::{Config, Source, names};
use crate::exchange::Course;
use plugin::{Attachment, Faults, Plugin, RequestHead, Settings, Upgrade};
use policy::{Field, IdentitySource, OffFromRoute, Policies, PolicySet};
use std::rc::Rc;

/// The filter state that hands over the resolved model.
pub(crate) const MODEL: &str = "modelgate.model";

/// The filter state that hands over the version.
pub(crate) const MODEL_VERSION: &str = "modelgate.model_version";

/// The configured router.
#[derive(Debug)]
pub struct ModelRouter {
    settings: Settings,
    /// Where models are named, in order.
    pub(crate) sources: Vec<Source>,
    /// The header of [`Source::Header`].
    pub(crate) model_header: String,
    /// The header with the resolved model.
    pub(crate) model_out: String,
    /// The header with the version.
    pub(crate) version_out: String,
    /// Whether the version goes to the client too.
    pub(crate) response_header: bool,
    /// Whether paths and bodies may be rewritten at all.
    pub(crate) may_rewrite: bool,
    /// Whether each body may come to be rewritten: some version has its own name upstream.
    pub(crate) rewrites: bool,
    /// The headers that are taken out of every request.
    pub(crate) owned: Vec<String>,
    /// Where callers are known from.
    pub(crate) identity: IdentitySource,
    /// Some rule looks at the model, so the policy waits for it.
    pub(crate) needs_model: bool,
    /// Some rule looks at the route.
    pub(crate) needs_route: bool,
    /// The models, by policy.
    pub(crate) policies: PolicySet<Rc<Catalogue>>,
}

impl Plugin for ModelRouter {
    const NAME: &'static str = "model_router";
    type Exchange = Course;

    fn configure(raw: &[u8]) -> Result<Self, Faults> {
        Self::compile(policy::load(raw)?)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn open(self: &Rc<Self>) -> Course {
        Course::new(self.clone())
    }
}

impl ModelRouter {
    /// Whether the model is looked for in the body of this request.
    pub(crate) fn reads_body(&self, head: &RequestHead, asked: &Asked) -> bool {
        // An upgrade has frames in place of a body; the seam refuses it where a body was to be read. One that passes is judged
        // by its head.
        if head.is_upgrade() && self.settings.bodies.upgrade == Upgrade::Pass && asked.path_model().is_some() {
            return false;
        }
        let has_body = !head.complete || asked.is_in_body() || head.is_upgrade();
        has_body && asked.may_be_in_body() && self.sources.contains(&Source::Body)
    }

    /// Whether the body may name a model that is not read although bodies are a source: then no other place counts either.
    pub(crate) fn misses(&self, asked: &Asked) -> bool {
        asked.is_hidden && self.sources.contains(&Source::Body)
    }

    fn compile(raw: Config) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        check_sources(&raw, &mut faults);
        let names = HeaderNames::compile(&raw, &mut faults);
        let identity = faults.gather("identity", IdentitySource::new(&raw.identity));
        let Config { attachment, bodies, policies, default_policy, rules, route_metadata, .. } = raw;
        let policies = Policies { policies, default_policy, rules, route_metadata };
        let policies = PolicySet::compile(policies, OffFromRoute::Allowed, |name, policy| {
            let catalogue = Catalogue::compile(name, policy)?;
            names.check_overrides(&catalogue).map(|()| Rc::new(catalogue))
        });
        let policies = faults.gather("", policies);
        let renames = policies.iter().flat_map(PolicySet::iter).any(|(_, catalogue)| catalogue.renames());
        let rewrites = raw.rewrite_model && renames;
        if rewrites && attachment == Attachment::Plain {
            faults.push("rewrite_model", PLAIN_REWRITES);
        }
        let (Some(identity), Some(policies), true) = (identity, policies, faults.is_empty()) else {
            return Err(faults);
        };
        let vouched_state = vec![MODEL.to_owned(), MODEL_VERSION.to_owned()];
        let owned = names.owned(&policies);
        Ok(Self {
            settings: Settings { attachment, bodies, vouched_state, ..Settings::default() },
            sources: raw.sources,
            model_header: names.model_in,
            model_out: names.model_out,
            version_out: names.version_out,
            response_header: raw.response_header,
            may_rewrite: raw.rewrite_model && attachment == Attachment::Full,
            rewrites,
            owned,
            identity,
            needs_model: policies.needs_model(),
            needs_route: policies.needs(Field::Route),
            policies,
        })
    }
}

/// What `plain` cannot do, and what helps.
const PLAIN_ROUTES: &str = "holds `body` (as it does by default), but with `attachment: plain` the route is chosen before \
    the body comes; set `attachment: full` (and allow_on_headers_stop_iteration: true in Envoy's plugin configuration), or \
    leave `body` out: `sources: [path]`";
const PLAIN_REWRITES: &str = "puts each `upstream_model` into paths and bodies, which needs `attachment: full` (and \
    allow_on_headers_stop_iteration: true in Envoy's plugin configuration); set that, or `rewrite_model: false`";

/// The headers that the router reads and writes. Empty where the configuration is at fault.
struct HeaderNames {
    model_in: String,
    model_out: String,
    version_out: String,
}

impl HeaderNames {
    fn compile(raw: &Config, faults: &mut Faults) -> Self {
        let model_in = faults.gather("model_header", names::header(&raw.model_header)).unwrap_or_default();
        let mut owned = |key, name| faults.gather(key, names::owned_header(name)).unwrap_or_default();
        let model_out = owned("headers.model", &raw.headers.model);
        let version_out = owned("headers.version", &raw.headers.version);
        if model_out == version_out && !model_out.is_empty() {
            faults.push("headers.version", "is the same header as headers.model");
        }
        if model_in == version_out && !model_in.is_empty() {
            faults.push("model_header", "is the same header as headers.version");
        }
        Self { model_in, model_out, version_out }
    }

    /// A header that names the model cannot name the version too.
    fn check_overrides(&self, catalogue: &Catalogue) -> Result<(), Faults> {
        let mut faults = Faults::new();
        for (at, model) in catalogue.models().enumerate() {
            if model.override_header().is_some_and(|header| header == self.model_in || header == self.model_out) {
                let key = format!("models[{at}].override.header");
                faults.push(key, "is a header that names the model; choose another one");
            }
        }
        faults.into_result()
    }

    /// What is taken out of every request, whatever becomes of it.
    fn owned(&self, policies: &PolicySet<Rc<Catalogue>>) -> Vec<String> {
        let overrides = policies.iter().flat_map(|(_, catalogue)| catalogue.override_headers());
        let ours = [self.model_out.as_str(), self.version_out.as_str()];
        let mut owned: Vec<String> = ours.into_iter().chain(overrides).map(str::to_owned).collect();
        owned.sort_unstable();
        owned.dedup();
        owned
    }
}

fn check_sources(raw: &Config, faults: &mut Faults) {
    if raw.sources.is_empty() {
        faults.push("sources", "is empty, so no model could be named; say one of `path`, `body`, `header`");
    }
    for (at, source) in raw.sources.iter().enumerate() {
        if raw.sources.iter().take(at).any(|earlier| earlier == source) {
            faults.push(format!("sources[{at}]"), "is there twice");
        }
    }
    if raw.attachment == Attachment::Plain && raw.sources.contains(&Source::Body) {
        faults.push("sources", PLAIN_ROUTES);
    }
}
