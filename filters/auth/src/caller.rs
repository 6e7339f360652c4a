//! A caller, once it is known who that is, and what is handed on about it.

use crate::config::IdentityHeaders;
use crate::config::policy::Method;
use crate::rules::address::Networks;
use plugin::{Edits, RequestHead};
use policy::{Faults, Glob, ModelPermissions, filter_state};
use std::rc::Rc;

/// The longest value that goes into a header or filter state, in bytes.
pub const MAX_VALUE: usize = 8192;

/// The prefix of filter state that holds a claim.
pub const CLAIM_STATE: &str = "modelgate.claim.";

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// How that is known.
    pub method: Method,
    /// The consumer's name; empty for an anonymous caller without one.
    pub consumer: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// The tier.
    pub tier: Option<String>,
    /// The models that it may use; `None` for all.
    pub models: Option<Rc<ModelPermissions>>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The values of the claims that policies ask for, in the order of [`Needs`].
    pub claims: Vec<Vec<String>>,
    /// Further headers for the upstream.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Further filter state.
    pub state: Vec<(String, Vec<u8>)>,
    /// The routes that it may use; none for all.
    pub routes: Rc<[Glob]>,
    /// Where it may come from.
    pub networks: Rc<Networks>,
    /// Whether its credential goes on to the upstream.
    pub forward: bool,
}

/// The paths of all claims that policies ask for. A caller keeps those alone.
pub type Needs = Rc<[Vec<String>]>;

impl Caller {
    /// A caller of whom only this is known.
    pub fn new(method: Method, consumer: String) -> Self {
        Self {
            method,
            consumer,
            tenant: None,
            tier: None,
            models: None,
            scopes: Vec::new(),
            claims: Vec::new(),
            headers: Vec::new(),
            state: Vec::new(),
            routes: Rc::new([]),
            networks: Rc::default(),
            forward: false,
        }
    }

    /// The consumer's name, where it has one.
    pub fn name(&self) -> Option<&str> {
        Some(self.consumer.as_str()).filter(|name| !name.is_empty())
    }

    /// Writes the identity to filter state and headers.
    pub fn hand_on(&self, headers: &IdentityHeaders, edits: &mut Edits) {
        let optional = [
            (filter_state::CONSUMER, self.name()),
            (filter_state::TENANT, self.tenant.as_deref()),
            (filter_state::TIER, self.tier.as_deref()),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                edits.set_state(key, value.as_bytes());
            }
        }
        if let Some(models) = &self.models {
            edits.set_state(filter_state::MODELS, models.to_string().into_bytes());
        }
        edits.state.extend(self.state.iter().cloned());
        let named = [
            (&headers.consumer, self.name()),
            (&headers.tenant, self.tenant.as_deref()),
            (&headers.tier, self.tier.as_deref()),
            (&headers.method, Some(self.method.name())),
        ];
        for (name, value) in named {
            if let (Some(name), Some(value)) = (name, value) {
                edits.set_header(name.as_str(), value.as_bytes());
            }
        }
        edits.headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
    }
}

impl Method {
    /// The name in headers, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::ApiKey => "api_key",
            Self::Introspection => "introspection",
            Self::Mtls => "mtls",
            Self::Anonymous => "anonymous",
        }
    }
}

/// The headers that this filter vouches for.
#[derive(Debug, Default)]
pub struct Owned(Vec<String>);

impl Owned {
    /// Takes a header name, in lower case.
    ///
    /// # Errors
    /// What is no header name, or one that means something else to HTTP or to this filter.
    pub fn add(&mut self, name: &str) -> Result<String, Faults> {
        let lower = name.to_ascii_lowercase();
        let reserved = ["authorization", "cookie", "host", "content-length", "transfer-encoding", "connection", "te"];
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if lower.is_empty() || !lower.bytes().all(token) || reserved.contains(&lower.as_str()) {
            let mut faults = Faults::new();
            faults.push("", "is no header name, or one that HTTP needs for itself");
            return Err(faults);
        }
        if !self.0.contains(&lower) {
            self.0.push(lower.clone());
        }
        Ok(lower)
    }

    /// Takes out what the client sent under these names, unless it is overwritten anyway. `x_consumer` counts as
    /// `x-consumer`: to many upstreams both are one variable. Only what is there: each edit makes Envoy choose the route anew.
    pub fn clean(&self, head: &RequestHead, edits: &mut Edits) {
        if self.0.is_empty() {
            return;
        }
        let mut found: Vec<String> = Vec::new();
        for (name, _) in head.headers.iter() {
            let alike = |owned: &&String| same_variable(owned.as_bytes(), name);
            if self.0.iter().any(|owned| alike(&owned))
                && let Ok(name) = std::str::from_utf8(name)
                && !found.iter().any(|known| known == name)
            {
                found.push(name.to_owned());
            }
        }
        let kept: Vec<_> = std::mem::take(&mut edits.headers);
        for name in found {
            if !kept.iter().any(|(set, _)| *set == name) {
                edits.remove_header(name);
            }
        }
        edits.headers.extend(kept);
    }
}

fn same_variable(one: &[u8], other: &[u8]) -> bool {
    let plain = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    one.len() == other.len() && one.iter().map(plain).eq(other.iter().map(plain))
}

/// Model permissions of a list in the configuration.
///
/// # Errors
/// A list that is none, under the key `models`.
pub fn permissions(list: Option<&Vec<String>>, key: &str) -> Result<Option<Rc<ModelPermissions>>, Faults> {
    let Some(list) = list else { return Ok(None) };
    ModelPermissions::from_entries(list.iter().map(String::as_str)).map(|models| Some(Rc::new(models))).map_err(
        |error| {
            let mut faults = Faults::new();
            faults.push(key, error.to_string());
            faults
        },
    )
}

/// Whether a text can be a name of a caller: it goes into logs, headers, keys of budgets.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && !text.contains(char::is_control)
}
