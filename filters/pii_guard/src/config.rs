//! The configuration: recognizers of one's own, and policies that say what becomes of each entity.

use crate::detect::{Bits, Custom, Detector, MAX, Pattern, all, checks};
use crate::mask::{Action, Hash};
use plugin::{Attachment, Bodies, Faults, Settings};
use policy::{
    IdentityConfig, IdentitySource, Named, OffFromRoute, Policies, PolicyName, PolicySet, RawRule, RouteMetadata,
};
use serde::Deserialize;
use std::rc::Rc;

/// The configuration as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    /// How the filter is attached to Envoy.
    #[serde(default)]
    attachment: Attachment,
    /// How bodies are treated.
    #[serde(default)]
    bodies: Bodies,
    /// The policies by name.
    policies: Named<RawPolicy>,
    /// The policy of requests that no rule matches.
    default_policy: PolicyName,
    /// Which requests get which policy; the first rule that matches wins.
    #[serde(default)]
    rules: Vec<RawRule>,
    /// How a route names its policy itself.
    #[serde(default)]
    route_metadata: RouteMetadata,
    /// Where the caller's identity is read from, for rules about it.
    #[serde(default)]
    identity: IdentityConfig,
    /// Recognizers of one's own.
    #[serde(default)]
    recognizers: Vec<RawRecognizer>,
    /// The key of the action `hash`, at least 16 bytes. Never reuse another secret.
    #[serde(default)]
    hash_key: Option<String>,
    /// Values that are never findings, compared without case.
    #[serde(default)]
    allow: Vec<String>,
}

/// A recognizer of one's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecognizer {
    /// The entity's name, in capitals.
    entity: String,
    /// Its group.
    #[serde(default = "custom_group")]
    group: String,
    /// What it looks like: a regular expression of the `regex` crate, over bytes.
    pattern: Option<String>,
    /// Words that are found as they are, without case.
    #[serde(default)]
    words: Vec<String>,
    /// A check of the value without separators: `luhn`, `mod11_10`, `mod97`, `verhoeff`, `icao731`.
    validator: Option<String>,
    /// Words beside it, which raise its score by 0.35.
    #[serde(default)]
    context: Vec<String>,
    /// The score without a word beside it, 0 to 1.
    #[serde(default = "custom_score")]
    score: f32,
}

fn custom_group() -> String {
    "custom".to_owned()
}

fn custom_score() -> f32 {
    0.6
}

/// A policy as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    /// What becomes of findings in requests; the first rule that names an entity counts.
    #[serde(default)]
    request: Vec<RawAction>,
    /// What becomes of findings in responses.
    #[serde(default)]
    response: Vec<RawAction>,
    /// The score from which something is a finding.
    #[serde(default = "threshold")]
    threshold: f32,
    /// What becomes of a body that cannot be read: no JSON where it should be, unknown media types.
    #[serde(default)]
    unreadable: Verdict,
    /// What becomes of uploads: multipart bodies, audio, images.
    #[serde(default)]
    uploads: Verdict,
    /// JSON Pointers (RFC 6901; `*` is any member or element) to the only texts of bodies that no model API defines. Without
    /// any, all their strings are read.
    #[serde(default)]
    pointers: Vec<String>,
    /// The status of a refusal: 400 or 403.
    #[serde(default = "refusal_status")]
    block_status: u16,
    /// How many bytes of the masked request go to filter state `modelgate.pii_request` for the audit log; 0 for none.
    #[serde(default)]
    audit_bytes: usize,
    /// A header that tells the model's side what was found in the request: `EMAIL_ADDRESS:2,CREDIT_CARD:1`. It is removed from
    /// requests in which nothing is found. Needs `attachment: full`.
    findings_header: Option<String>,
}

fn threshold() -> f32 {
    0.4
}

fn refusal_status() -> u16 {
    403
}

/// What becomes of what cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is refused.
    #[default]
    Deny,
    /// It passes unseen.
    Allow,
}

/// What becomes of some entities.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAction {
    /// Names of entities, groups, or `*`.
    entities: Vec<String>,
    /// What becomes of them.
    action: RawKind,
    /// The score from which this holds, where it is not the policy's.
    threshold: Option<f32>,
    /// `mask`: the character.
    #[serde(default = "star")]
    character: char,
    /// `mask`: so many characters at the end stay.
    #[serde(default)]
    keep_last: usize,
}

fn star() -> char {
    '*'
}

/// The name of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawKind {
    /// Nothing: the entity passes. For exceptions before a wider rule.
    Allow,
    /// It is counted and passes.
    Flag,
    /// Its characters become another.
    Mask,
    /// `<EMAIL_1>`.
    Replace,
    /// It is taken out.
    Redact,
    /// A keyed hash of it.
    Hash,
    /// `<EMAIL_1>` on the way in; the original again on the way out. Requests only.
    Restore,
    /// The request or the response is refused.
    Block,
}

/// What becomes of findings in one direction.
#[derive(Debug, Clone)]
pub struct Direction {
    /// The recognizers that have an action.
    pub wanted: Bits,
    /// The lowest threshold.
    pub least: f32,
    /// Action and threshold by recognizer.
    actions: Vec<Option<(Action, f32)>>,
}

impl Direction {
    /// What becomes of a finding of this recognizer with this score.
    pub fn action(&self, recognizer: usize, score: f32) -> Option<Action> {
        let (action, threshold) = self.actions.get(recognizer).copied().flatten()?;
        (score >= threshold).then_some(action)
    }

    /// Whether some action refuses.
    pub fn can_block(&self) -> bool {
        self.actions.iter().flatten().any(|(action, _)| *action == Action::Block)
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// All recognizers, flagged from this score on: for evaluation.
    pub fn everything(detector: &Detector, least: f32) -> Self {
        let actions = vec![Some((Action::Flag, least)); detector.len()];
        Self { wanted: Bits::ALL, least, actions }
    }
}

/// A policy, compiled.
#[derive(Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Requests.
    pub request: Direction,
    /// Responses.
    pub response: Direction,
    /// Placeholders are turned back in responses.
    pub restores: bool,
    /// Bodies that cannot be read.
    pub unreadable: Verdict,
    /// Uploads.
    pub uploads: Verdict,
    /// Where texts are in other bodies.
    pub pointers: Vec<Vec<String>>,
    /// The status of a refusal.
    pub block_status: u16,
    /// How much of the masked request is kept for the audit log.
    pub audit_bytes: usize,
    /// The request header that says what was found.
    pub findings_header: Option<String>,
}

/// The configuration, compiled.
#[derive(Debug)]
pub struct Config {
    /// What the seam must know.
    pub settings: Settings,
    /// The recognizers.
    pub detector: Detector,
    /// The policies.
    pub policies: PolicySet<Rc<Policy>>,
    /// Who calls.
    pub identity: IdentitySource,
    /// The key of `hash`.
    pub hash: Hash,
    /// Values that are no findings, in lower case.
    pub allow: Vec<String>,
}

impl Config {
    /// Reads and compiles a configuration.
    ///
    /// # Errors
    /// All faults at once, each with its key.
    pub fn read(json: &[u8]) -> Result<Self, Faults> {
        let raw: RawConfig = policy::load(json)?;
        let mut faults = Faults::new();
        let customs = customs(&raw.recognizers, &mut faults);
        let detector = match Detector::new(customs) {
            Ok(detector) => detector,
            Err(message) => {
                faults.push("recognizers", message);
                return Err(faults);
            }
        };
        let identity = faults.gather("identity", IdentitySource::new(&raw.identity));
        let key = raw.hash_key.unwrap_or_default();
        if !key.is_empty() && key.len() < 16 {
            faults.push("hash_key", "must have at least 16 bytes");
        }
        let attachment = raw.attachment;
        let policies = Policies {
            policies: raw.policies,
            default_policy: raw.default_policy,
            rules: raw.rules,
            route_metadata: raw.route_metadata,
        };
        let compiled = PolicySet::compile(policies, OffFromRoute::Refused, |name, policy| {
            compile(name, policy, &detector, !key.is_empty()).map(Rc::new)
        });
        let policies = faults.gather("", compiled);
        if let Some(policies) = policies.as_ref().filter(|_| attachment == Attachment::Plain) {
            for (name, policy) in policies.iter().filter(|(_, policy)| policy.findings_header.is_some()) {
                let key = format!("policies.{name}.findings_header");
                faults.push(key, format!("of {} needs attachment: full: the head is gone then", policy.name));
            }
        }
        faults.clone().into_result()?;
        let (Some(policies), Some(identity)) = (policies, identity) else { return Err(faults) };
        let reads_responses = policies.iter().any(|(_, policy)| policy.restores || !policy.response.is_empty());
        let settings = Settings {
            attachment,
            bodies: raw.bodies,
            reads_responses,
            ignores_responses: !reads_responses,
            ..Settings::default()
        };
        let allow = raw.allow.iter().map(|value| value.to_lowercase()).collect();
        Ok(Self { settings, detector, policies, identity, hash: Hash::new(&key), allow })
    }
}

fn customs(raw: &[RawRecognizer], faults: &mut Faults) -> Vec<Custom> {
    let mut customs = Vec::new();
    for (at, raw) in raw.iter().enumerate() {
        let key = format!("recognizers[{at}]");
        let named = !raw.entity.is_empty()
            && raw.entity.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !named || raw.entity.len() > 48 {
            faults.push(format!("{key}.entity"), "must be capitals, digits and _, at most 48");
        }
        if all().any(|row| row.entity == raw.entity) {
            faults.push(format!("{key}.entity"), "is the name of a built-in recognizer");
        }
        if raw.pattern.is_none() && raw.words.is_empty() {
            faults.push(key.clone(), "needs a pattern or words");
        }
        if !(0.0..=1.0).contains(&raw.score) {
            faults.push(format!("{key}.score"), "must be between 0 and 1");
        }
        let check: Option<checks::Check> = match raw.validator.as_deref() {
            None => None,
            Some("luhn") => Some(checks::luhn),
            Some("mod11_10") => Some(checks::mod11_10),
            Some("mod97") => Some(|value| checks::mod97(value.iter().copied()) == 1),
            Some("verhoeff") => Some(checks::verhoeff),
            Some("icao731") => Some(checks::icao731),
            Some(_) => {
                faults.push(format!("{key}.validator"), "must be luhn, mod11_10, mod97, verhoeff or icao731");
                None
            }
        };
        let pattern = match raw.pattern.as_deref().map(Pattern::new).transpose() {
            Ok(pattern) => pattern,
            Err(message) => {
                faults.push(format!("{key}.pattern"), message);
                None
            }
        };
        customs.push(Custom {
            entity: raw.entity.clone(),
            group: raw.group.clone(),
            pattern,
            words: raw.words.iter().filter(|word| !word.trim().is_empty()).cloned().collect(),
            check,
            context: raw.context.join("|"),
            score: raw.score,
        });
    }
    if customs.len() > MAX {
        faults.push("recognizers", "there are too many");
    }
    customs
}

fn compile(name: &str, raw: &RawPolicy, detector: &Detector, has_key: bool) -> Result<Policy, Faults> {
    let mut faults = Faults::new();
    let request = direction("request", &raw.request, raw.threshold, detector, has_key, &mut faults);
    let response = direction("response", &raw.response, raw.threshold, detector, has_key, &mut faults);
    if !matches!(raw.block_status, 400 | 403) {
        faults.push("block_status", "must be 400 or 403");
    }
    if raw.request.is_empty() && raw.response.is_empty() {
        faults.push("", "does nothing: name actions under request or response, or use the policy off");
    }
    let mut pointers = Vec::new();
    for (at, pointer) in raw.pointers.iter().enumerate() {
        match pointer.strip_prefix('/') {
            Some(rest) => {
                pointers.push(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
            }
            None => faults.push(format!("pointers[{at}]"), "must start with /"),
        }
    }
    let token = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if raw.findings_header.as_ref().is_some_and(|name| !token(name)) {
        faults.push("findings_header", "must be a header's name in small letters, digits and -");
    }
    faults.into_result()?;
    Ok(Policy {
        name: name.to_owned(),
        restores: request.actions.iter().flatten().any(|(action, _)| *action == Action::Restore),
        request,
        response,
        unreadable: raw.unreadable,
        uploads: raw.uploads,
        pointers,
        block_status: raw.block_status,
        audit_bytes: raw.audit_bytes,
        findings_header: raw.findings_header.clone(),
    })
}

fn direction(
    key: &str,
    rules: &[RawAction],
    threshold: f32,
    detector: &Detector,
    has_key: bool,
    faults: &mut Faults,
) -> Direction {
    let mut chosen: Vec<Option<Option<(Action, f32)>>> = vec![None; detector.len()];
    for (at, rule) in rules.iter().enumerate() {
        let key = format!("{key}[{at}]");
        let action = match rule.action {
            RawKind::Allow => None,
            RawKind::Flag => Some(Action::Flag),
            RawKind::Mask => Some(Action::Mask { character: rule.character, keep_last: rule.keep_last }),
            RawKind::Replace => Some(Action::Replace),
            RawKind::Redact => Some(Action::Redact),
            RawKind::Hash => Some(Action::Hash),
            RawKind::Restore => Some(Action::Restore),
            RawKind::Block => Some(Action::Block),
        };
        if rule.action == RawKind::Restore && key.starts_with("response") {
            faults.push(
                format!("{key}.action"),
                "restore is for requests: what it replaces there comes back in responses",
            );
        }
        if rule.action == RawKind::Hash && !has_key {
            faults.push(format!("{key}.action"), "hash needs the key hash_key");
        }
        let threshold = rule.threshold.unwrap_or(threshold);
        if !(0.0..=1.0).contains(&threshold) {
            faults.push(format!("{key}.threshold"), "must be between 0 and 1");
        }
        if rule.character.is_control() || matches!(rule.character, '"' | '\\') {
            faults.push(format!("{key}.character"), "must not be a control character, a quote or a backslash");
        }
        for (index, name) in rule.entities.iter().enumerate() {
            let mut known = false;
            for (number, chosen) in chosen.iter_mut().enumerate() {
                if name == "*" || name == detector.entity(number) || name == detector.group(number) {
                    known = true;
                    chosen.get_or_insert(action.map(|action| (action, threshold)));
                }
            }
            if !known {
                faults.push(
                    format!("{key}.entities[{index}]"),
                    "is no entity, group or *; `modelgate recognizers` lists them",
                );
            }
        }
    }
    let actions: Vec<Option<(Action, f32)>> = chosen.into_iter().map(Option::flatten).collect();
    let mut wanted = Bits::default();
    let mut least = 1.0_f32;
    for (number, (_, threshold)) in
        actions.iter().enumerate().filter_map(|(number, action)| Some((number, action.as_ref()?)))
    {
        wanted.set(number);
        least = least.min(*threshold);
    }
    Direction { wanted, least, actions }
}
