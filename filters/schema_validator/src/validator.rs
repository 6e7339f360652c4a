//! The configured filter: policies compiled, and a body judged by one of them.

pub(crate) mod binding;
pub mod builtin;
mod frame;
pub(crate) mod tensors;

use crate::config::{Config, Mode, OtherContent, Profile, RawLimits, RawPolicy};
use crate::exchange::Course;
use crate::exchange::call::Kind;
use crate::fault::Fault;
use crate::json::{self, Document, Id, Limits, scan};
use crate::shape::{Judgement, Judging, Unknown};
use crate::validator::binding::{Bindings, Customs, Engine, Sought};
use crate::validator::builtin::Part;
use crate::validator::tensors::Tensors;
use plugin::{Faults, Plugin, Settings};
use policy::{IdentitySource, Named, OffFromRoute, Policies, PolicySet};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The filter, configured.
#[derive(Debug)]
pub struct SchemaValidator {
    pub(crate) policies: PolicySet<Rc<Policy>>,
    pub(crate) identity: IdentitySource,
    settings: Settings,
    /// Some policy may rewrite bodies.
    pub(crate) edits: bool,
    /// Models that a metric has named so far: Envoy frees no metric, so their number is bounded.
    pub(crate) models: RefCell<BTreeSet<String>>,
}

/// A policy, compiled.
#[derive(Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What becomes of a request that breaks its schema.
    pub mode: Mode,
    /// What becomes of an answer that does.
    pub answers: Mode,
    /// Which call has which schema.
    pub bindings: Bindings,
    /// A body that is no JSON.
    pub other_content: OtherContent,
    /// The largest body in bytes.
    pub max_body_bytes: usize,
    limits: Limits,
    aliases: BTreeMap<String, String>,
    defaults: Vec<(String, String)>,
    judging: Judging,
    tensors: Tensors,
}

impl Plugin for SchemaValidator {
    const NAME: &'static str = "schema_validator";
    type Exchange = Course;

    fn configure(raw: &[u8]) -> Result<Self, Faults> {
        let Config { attachment, bodies, policies, default_policy, rules, route_metadata, identity, schemas } =
            policy::load(raw)?;
        let mut faults = Faults::new();
        let identity = faults.gather("identity", IdentitySource::new(&identity));
        let customs = faults.gather("schemas", customs(&schemas)).unwrap_or_default();
        let raw = Policies { policies, default_policy, rules, route_metadata };
        let policies = PolicySet::compile(raw, OffFromRoute::Allowed, |name, raw| {
            Policy::compile(name, raw, &customs, bodies.max_body_bytes).map(Rc::new)
        });
        match (faults.gather("", policies), identity) {
            (Some(policies), Some(identity)) if faults.is_empty() => {
                let edits = policies.iter().any(|(_, policy)| policy.edits());
                let reads_responses = policies.iter().any(|(_, policy)| policy.answers != Mode::Off);
                let settings = Settings { attachment, bodies, reads_responses, ..Settings::default() };
                Ok(Self { policies, identity, settings, edits, models: RefCell::default() })
            }
            _ => Err(faults),
        }
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn open(self: &Rc<Self>) -> Course {
        Course::new(self.clone())
    }
}

#[cfg(feature = "custom")]
fn customs(raw: &Named<crate::config::RawSchema>) -> Result<Customs, Faults> {
    let mut faults = Faults::new();
    let mut customs = Customs::new();
    for (name, schema) in raw.iter() {
        if matches!(name, "builtin" | "none") {
            faults.push(name, "is a reserved name");
        }
        match crate::custom::Custom::compile(schema) {
            Ok(both) => drop(customs.insert(name.to_owned(), both.map(Engine::Custom))),
            Err(fault) => faults.push(name, fault),
        }
    }
    faults.into_result().map(|()| customs)
}

#[cfg(not(feature = "custom"))]
fn customs(raw: &Named<crate::config::RawSchema>) -> Result<Customs, Faults> {
    let mut faults = Faults::new();
    for (name, _) in raw.iter() {
        faults.push(name, "this module has the built-in schemas alone; take schema_validator_custom.wasm");
    }
    faults.into_result().map(|()| Customs::new())
}

/// A request's body, judged.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// The body in its new form, where one is due.
    pub body: Option<Vec<u8>>,
}

impl Policy {
    fn compile(name: &str, raw: &RawPolicy, customs: &Customs, max_body_bytes: usize) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        check_limits(&raw.limits, &mut faults);
        let bindings = faults.gather("", Bindings::compile(&raw.schemas, raw.profile.reading(), customs));
        let unknown = match raw.profile {
            Profile::Compatible => Unknown::Allow,
            Profile::Strict => Unknown::Refuse,
        };
        let judging = Judging {
            unknown: raw.unknown_members.unwrap_or(unknown),
            null_is_missing: raw.profile == Profile::Compatible,
            defaults: raw.schema_defaults,
            ..Judging::default()
        };
        faults.into_result()?;
        let bindings = bindings.ok_or_else(Faults::new)?;
        Ok(Self {
            name: name.to_owned(),
            mode: raw.mode,
            answers: raw.answers,
            bindings,
            other_content: raw.other_content,
            max_body_bytes: raw.limits.max_body_bytes.unwrap_or(max_body_bytes),
            limits: raw.limits.limits(),
            aliases: raw.aliases.iter().map(|(alias, model)| (alias.to_owned(), model.clone())).collect(),
            defaults: raw.defaults.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect(),
            judging,
            tensors: raw.tensors,
        })
    }

    /// Whether a request's body may come out changed.
    pub fn edits(&self) -> bool {
        let strips = self.judging.unknown == Unknown::Strip;
        self.mode != Mode::Off && (strips || self.judging.defaults || !self.defaults.is_empty())
    }

    /// Scans a body.
    ///
    /// # Errors
    /// What is wrong with it, whatever its schema.
    pub fn scan<'b>(&self, body: &'b [u8]) -> Result<Document<'b>, Fault> {
        scan(body, &self.limits).map_err(|malformed| {
            let message = malformed.to_string();
            Fault::new(String::new(), malformed.reason.name(), message)
        })
    }

    /// The model whose schema a name means.
    pub fn model<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.get(name).map_or(name, String::as_str)
    }

    /// Judges a request's body that was scanned. The policy's own defaults are put in first: they may be what the schema
    /// requires.
    pub fn judge(&self, document: &Document<'_>, sought: Sought<'_>) -> Verdict {
        let Some(engine) = self.bindings.engine(Part::Request, sought) else { return Verdict::default() };
        let Some(filled) = self.filled(document) else { return self.judge_with(&engine, document, sought) };
        let verdict = match self.scan(&filled) {
            Ok(document) => self.judge_with(&engine, &document, sought),
            Err(fault) => Verdict { faults: vec![fault], body: None },
        };
        let body = if verdict.faults.is_empty() { verdict.body.or(Some(filled)) } else { None };
        Verdict { body, ..verdict }
    }

    fn judge_with(&self, engine: &Engine, document: &Document<'_>, sought: Sought<'_>) -> Verdict {
        let judging = Judging {
            model_in_path: sought.call.model.is_some(),
            counts_only: sought.call.counts_only,
            ..self.judging
        };
        let Judgement { mut faults, edits } = engine.judge(document, judging);
        let is_builtin = matches!(engine, Engine::Builtin(_));
        if faults.is_empty() && is_builtin {
            match sought.call.kind {
                Kind::Infer => self.tensors.check(document, sought.binary, &mut faults),
                Kind::Invocations => frame::check(document, &mut faults),
                _ => {}
            }
        }
        let is_changed = faults.is_empty() && !edits.is_empty();
        let body = is_changed.then(|| chat::splice(document.text().as_bytes(), &edits));
        Verdict { faults, body }
    }

    /// Judges an answer, or an event of one. Members that its schema does not name are nobody's fault.
    pub fn judge_answer(&self, body: &[u8], engine: &Engine) -> Vec<Fault> {
        match self.scan(body) {
            Ok(document) => {
                let judging = Judging { null_is_missing: true, ..Judging::default() };
                engine.judge(&document, judging).faults
            }
            Err(fault) => vec![fault],
        }
    }

    /// The body with the policy's own defaults behind its opening brace, where some are missing.
    fn filled(&self, document: &Document<'_>) -> Option<Vec<u8>> {
        if self.defaults.is_empty() || document.kind(Id::ROOT) != json::Kind::Object {
            return None;
        }
        let missing: Vec<String> = self
            .defaults
            .iter()
            .filter(|(name, _)| document.member(Id::ROOT, name).is_none())
            .map(|(name, value)| format!("{}:{value}", serde_json::to_string(name).unwrap_or_default()))
            .collect();
        let comma = if document.members(Id::ROOT).next().is_some() { "," } else { "" };
        let at = document.span(Id::ROOT).start + 1;
        let edit = (at..at, format!("{}{comma}", missing.join(",")));
        (!missing.is_empty()).then(|| chat::splice(document.text().as_bytes(), &[edit]))
    }
}

fn check_limits(limits: &RawLimits, faults: &mut Faults) {
    if limits.max_depth > chat::MAX_DEPTH {
        faults.push("limits.max_depth", format!("must be at most {}", chat::MAX_DEPTH));
    }
    for (key, value) in [
        ("max_body_bytes", limits.max_body_bytes.unwrap_or(1)),
        ("max_depth", limits.max_depth),
        ("max_members", limits.max_members),
        ("max_items", limits.max_items),
        ("max_values", limits.max_values),
        ("max_number_digits", limits.max_number_digits),
    ] {
        if value == 0 {
            faults.push(format!("limits.{key}"), "must be above 0");
        }
    }
}

/// Scans a body whose policy is not known yet, within the widest limits that a policy may have.
pub(crate) fn scan_widely(body: &[u8]) -> Result<Document<'_>, Fault> {
    let widest = RawLimits { max_depth: chat::MAX_DEPTH, ..RawLimits::default() };
    scan(body, &widest.limits())
        .map_err(|malformed| Fault::new(String::new(), malformed.reason.name(), malformed.to_string()))
}

/// Models that metrics name at most.
const MAX_MODELS: usize = 256;

impl SchemaValidator {
    /// The model as a metric names it: callers choose names, and Envoy frees no metric.
    pub(crate) fn counted(&self, model: String) -> String {
        let mut models = self.models.borrow_mut();
        if models.contains(&model) || (models.len() < MAX_MODELS && models.insert(model.clone())) {
            model
        } else {
            "other".into()
        }
    }
}
