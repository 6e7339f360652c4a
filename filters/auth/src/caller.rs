//! A caller, once it is known who that is, and what is handed on about it.

use crate::config::IdentityHeaders;
use crate::config::policy::Method;
use crate::jwt::bound::Bound;
use crate::rules::address::Networks;
use plugin::{Edits, RequestHead};
use policy::{Faults, Glob, ModelPermissions, filter_state, is_token};
use std::rc::Rc;

/// The longest value that goes into a header or filter state, in bytes.
pub const MAX_VALUE: usize = 8192;

/// The prefix of filter state that holds a claim.
pub const CLAIM_STATE: &str = "modelgate.claim.";

/// Who calls. Cheap to copy: what it holds is shared with whatever it was found in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// How that is known.
    pub method: Method,
    /// Whether its credential goes on to the upstream.
    pub forward: bool,
    /// The consumer's name; empty for an anonymous caller without one.
    pub consumer: Rc<str>,
    /// The tenant.
    pub tenant: Option<Rc<str>>,
    /// The tier.
    pub tier: Option<Rc<str>>,
    /// The models that it may use; `None` for all.
    pub models: Option<Rc<Models>>,
    /// The key that its token is bound to, where it is.
    pub bound: Option<Bound>,
    /// What few callers have.
    pub more: Option<Rc<More>>,
}

/// What few callers have.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct More {
    /// What it may do.
    pub scopes: Vec<String>,
    /// The values of the claims that policies ask for, in the order of [`Needs`].
    pub claims: Vec<Vec<String>>,
    /// Further headers for the upstream.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Further filter state.
    pub state: Vec<(String, Vec<u8>)>,
    /// The routes that it may use; none for all.
    pub routes: Vec<Glob>,
    /// Where it may come from.
    pub networks: Networks,
}

/// The models that a caller may use, and their text for filter state.
#[derive(Debug)]
pub struct Models {
    /// The permissions.
    pub permissions: ModelPermissions,
    text: String,
}

impl From<ModelPermissions> for Models {
    fn from(permissions: ModelPermissions) -> Self {
        Self { text: permissions.to_string(), permissions }
    }
}

/// What policies ask of callers. A caller keeps that alone.
#[derive(Debug, Default)]
pub struct Needs {
    /// The paths of claims.
    pub claims: Vec<Vec<String>>,
    /// Whether any policy looks at scopes.
    pub scopes: bool,
}

impl More {
    /// To be kept with a caller, where there is anything in it.
    pub fn kept(self) -> Option<Rc<Self>> {
        (self != Self::default()).then(|| Rc::new(self))
    }
}

impl Caller {
    /// A caller of whom only this is known.
    pub fn new(method: Method, consumer: &str) -> Self {
        let consumer = consumer.into();
        Self { method, forward: false, consumer, tenant: None, tier: None, models: None, bound: None, more: None }
    }

    /// The consumer's name, where it has one.
    pub fn name(&self) -> Option<&str> {
        Some(&*self.consumer).filter(|name| !name.is_empty())
    }

    /// What it may do.
    pub fn scopes(&self) -> &[String] {
        self.more.as_ref().map(|more| more.scopes.as_slice()).unwrap_or_default()
    }

    /// Writes the identity to filter state and headers.
    pub fn hand_on(&self, headers: &IdentityHeaders, edits: &mut Edits) {
        let optional = [
            (filter_state::CONSUMER, self.name()),
            (filter_state::TENANT, self.tenant.as_deref()),
            (filter_state::TIER, self.tier.as_deref()),
            (filter_state::MODELS, self.models.as_ref().map(|models| models.text.as_str())),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                edits.set_state(key, value.as_bytes());
            }
        }
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
        if let Some(more) = &self.more {
            edits.state.extend(more.state.iter().cloned());
            edits.headers.extend(more.headers.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
        }
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
pub struct Owned {
    names: Vec<String>,
    /// Every header with a use here, and whose use that is.
    uses: Vec<(u32, String)>,
    source: u32,
}

impl Owned {
    /// What is taken from now on is for the callers of one more source. Two sources may hand over the same header, because a
    /// caller is of one of them. What was taken before the first one is for all.
    pub fn next_source(&mut self) {
        self.source += 1;
    }

    /// Takes a header for one use, and gives its name in lower case.
    ///
    /// # Errors
    /// What is no header name, means something else to HTTP or to this filter, or has another use.
    pub fn take(&mut self, name: &str) -> Result<String, Faults> {
        let lower = name.to_ascii_lowercase();
        let reserved = [
            "authorization",
            "connection",
            "content-length",
            "cookie",
            "host",
            "keep-alive",
            "proxy-connection",
            "te",
            "transfer-encoding",
            "upgrade",
        ];
        let is_twin = |(source, known): &(u32, String)| {
            (*source == 0 || *source == self.source) && same_variable(known.as_bytes(), lower.as_bytes())
        };
        let wrong = if !is_token(&lower) {
            "is no name of a header, such as x-consumer"
        } else if reserved.contains(&lower.as_str()) {
            "is a header that HTTP uses itself: take one of your own, such as x-consumer"
        } else if self.uses.iter().any(is_twin) {
            "names a header that this configuration uses for something else"
        } else {
            self.uses.push((self.source, lower.clone()));
            return Ok(lower);
        };
        let mut faults = Faults::new();
        faults.push("", wrong);
        Err(faults)
    }

    /// Takes a header that hands something over.
    ///
    /// # Errors
    /// Those of [`take`](Self::take).
    pub fn add(&mut self, name: &str) -> Result<String, Faults> {
        let name = self.take(name)?;
        if !self.names.contains(&name) {
            self.names.push(name.clone());
        }
        Ok(name)
    }

    /// Takes out what the client sent under these names, unless it is overwritten anyway. `x_consumer` counts as
    /// `x-consumer`: to many upstreams both are one variable. Only what is there: each edit makes Envoy choose the route anew.
    ///
    /// On an upgrade Envoy keeps the client's `connection`, whose names the next proxy takes out (RFC 9110 section 7.6.1).
    pub fn clean(&self, head: &RequestHead, edits: &mut Edits) {
        if self.names.is_empty() {
            return;
        }
        let is_owned = |name: &[u8]| self.names.iter().any(|owned| same_variable(owned.as_bytes(), name));
        let mut at = 0;
        for (name, value) in head.headers.iter() {
            let edit = if is_owned(name) {
                None
            } else if name == b"connection" && value.split(|sign| *sign == b',').any(|part| is_owned(part.trim_ascii()))
            {
                Some(b"upgrade".to_vec())
            } else {
                continue;
            };
            if let Ok(name) = std::str::from_utf8(name)
                && !edits.headers.iter().any(|(known, _)| known == name)
            {
                edits.headers.insert(at, (name.to_owned(), edit));
                at += 1;
            }
        }
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
pub fn permissions(list: Option<&Vec<String>>, key: &str) -> Result<Option<Rc<Models>>, Faults> {
    let Some(list) = list else { return Ok(None) };
    ModelPermissions::from_entries(list.iter().map(String::as_str)).map(|models| Some(Rc::new(models.into()))).map_err(
        |error| {
            let mut faults = Faults::new();
            faults.push(key, error.to_string());
            faults
        },
    )
}

/// Notes what is no name of a caller, under its key.
pub fn check_names(names: &[(&str, Option<&String>)], faults: &mut Faults) {
    for (key, name) in names {
        if name.is_some_and(|name| !is_name(name)) {
            faults.push(*key, "is no name: 1 to 256 bytes without control characters, no space first or last");
        }
    }
}

/// Whether a text can be a name of a caller: it goes into logs, headers, keys of budgets. In a header a space around it is taken
/// away by some and kept by others (RFC 9110 section 5.5).
pub fn is_name(text: &str) -> bool {
    let plain = |byte: u8| (0x20..0x7f).contains(&byte);
    let signs = text.bytes().all(plain) || !text.contains(char::is_control);
    !text.is_empty() && text.len() <= 256 && signs && text.trim() == text
}
