//! The configured filter: everything that can be checked and compiled before the first request.

use crate::config::{Config, Policy, Service, Share};
use crate::exchange::Course;
use crate::question::Reading;
use crate::service::Rest;
use cache_api::cache::Rules;
use plugin::{Faults, Plugin, Settings};
use policy::{Field, IdentitySource, OffFromRoute, Policies, PolicySet};
use std::rc::Rc;

/// Has this been answered before.
#[derive(Debug)]
pub struct SemanticCache {
    settings: Settings,
    pub(crate) service: Service,
    pub(crate) identity: IdentitySource,
    pub(crate) policies: PolicySet<Rc<Rulebook>>,
    pub(crate) needs_route: bool,
    pub(crate) needs_model: bool,
    pub(crate) rest: Rest,
}

/// A policy, compiled.
#[derive(Debug)]
pub(crate) struct Rulebook {
    /// Its name.
    pub name: String,
    /// Who shares answers.
    pub share: Share,
    /// What of a request counts.
    pub reading: Reading,
    /// What the service is told. The caller's own wishes come on top.
    pub rules: Rules,
    /// Whether questions that are alike are answered.
    pub semantic: bool,
    /// The longest text that is compared by meaning, in bytes.
    pub max_text_bytes: usize,
    /// The largest answer that is stored, in bytes.
    pub max_answer_bytes: usize,
    /// How long an answer may be used, in milliseconds.
    pub ttl_ms: u64,
    /// Tags of what is stored.
    pub tags: Vec<String>,
}

impl Plugin for SemanticCache {
    const NAME: &'static str = "semantic_cache";
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

impl SemanticCache {
    fn compile(raw: Config) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let identity = faults.gather("identity", IdentitySource::new(&raw.identity));
        if raw.service.timeout_ms == 0 {
            faults.push("service.timeout_ms", "is 0, so no answer could come in time; say milliseconds, such as 200");
        }
        let Config { attachment, bodies, service, policies, default_policy, rules, route_metadata, .. } = raw;
        let policies = Policies { policies, default_policy, rules, route_metadata };
        let policies = PolicySet::compile(policies, OffFromRoute::Allowed, |name, policy| {
            Rulebook::compile(name, policy).map(Rc::new)
        });
        let policies = faults.gather("", policies);
        let (Some(identity), Some(policies), true) = (identity, policies, faults.is_empty()) else {
            return Err(faults);
        };
        let settings = Settings { attachment, bodies, reads_responses: true, ..Settings::default() };
        let (needs_route, needs_model) = (policies.needs(Field::Route), policies.needs_model());
        Ok(Self { settings, service, identity, policies, needs_route, needs_model, rest: Rest::default() })
    }
}

impl Rulebook {
    fn compile(name: &str, raw: &Policy) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        if raw.threshold.is_some_and(|least| !(least > 0.0 && least <= 1.0)) {
            faults.push("threshold", "is a cosine similarity above 0 and at most 1, such as 0.92");
        }
        if raw.max_wrong_hits.is_some_and(|share| !(share > 0.0 && share < 1.0)) {
            faults.push("max_wrong_hits", "is a share above 0 and below 1, such as 0.01");
        }
        if !raw.semantic && (raw.threshold.is_some() || raw.max_wrong_hits.is_some()) {
            faults.push("semantic", "is false, so `threshold` and `max_wrong_hits` would mean nothing; leave them out");
        }
        if raw.ttl_secs == 0 {
            faults.push("ttl_secs", "is 0, so nothing could be answered; use `off` in place of such a policy");
        }
        if raw.max_answer_bytes == 0 {
            faults.push("max_answer_bytes", "is 0, so nothing could be stored; say `read_only: true`");
        }
        let heat = raw.bypass.max_temperature;
        if !heat.is_finite() || heat < 0.0 {
            faults.push("bypass.max_temperature", "must be 0 or more");
        }
        for (key, zero) in
            [("max_messages", raw.bypass.max_messages == 0), ("max_choices", raw.bypass.max_choices == 0)]
        {
            if zero {
                faults.push(format!("bypass.{key}"), "is 0, so every request would bypass; the least is 1");
            }
        }
        for (at, member) in raw.ignore_members.iter().enumerate() {
            if COUNTS_ALWAYS.contains(&member.as_str()) || member.is_empty() {
                let key = format!("ignore_members[{at}]");
                faults
                    .push(key, "is what a question is made of; leaving it out would answer one with another's answer");
            }
        }
        let mut vary_headers = Vec::new();
        for (at, header) in raw.vary_headers.iter().enumerate() {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if header.is_empty() || !header.bytes().all(is_name) {
                faults.push(format!("vary_headers[{at}]"), "is no header name");
            }
            vary_headers.push(header.to_ascii_lowercase());
        }
        vary_headers.sort();
        faults.into_result()?;
        let rules = Rules {
            threshold: raw.threshold.unwrap_or(0.0),
            max_wrong_hits: raw.max_wrong_hits.unwrap_or(0.0),
            coalesce_wait_ms: raw.coalesce_wait_ms,
            read_only: raw.read_only,
            ..Rules::default()
        };
        let ignore_members = raw.ignore_members.clone();
        Ok(Self {
            name: name.to_owned(),
            share: raw.scope,
            reading: Reading { bypass: raw.bypass.clone(), vary_headers, ignore_members },
            rules,
            semantic: raw.semantic,
            max_text_bytes: raw.max_text_bytes,
            max_answer_bytes: raw.max_answer_bytes,
            ttl_ms: raw.ttl_secs.saturating_mul(1000),
            tags: raw.tags.clone(),
        })
    }
}

/// Members that make a question, and may not be left out.
const COUNTS_ALWAYS: [&str; 18] = [
    "model",
    "messages",
    "input",
    "prompt",
    "system",
    "instructions",
    "suffix",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "response_format",
    "text",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "stop",
    "stop_sequences",
];
