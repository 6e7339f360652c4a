//! What a rule looks at: the request behind a trait, asked lazily, because each answer costs a host call.

use std::borrow::Cow;
use std::cell::OnceCell;

/// A field of a request that a rule can match, besides headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The name of the route.
    Route,
    /// The `:authority`.
    Host,
    /// The `:path`.
    Path,
    /// The model asked for.
    Model,
    /// The caller's consumer name.
    Consumer,
    /// The caller's tier.
    Tier,
}

impl Field {
    /// All fields, each at its slot.
    pub(crate) const ALL: [Field; 6] =
        [Field::Route, Field::Host, Field::Path, Field::Model, Field::Consumer, Field::Tier];

    /// The key of the field in a rule's `match`.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Field::Route => "route",
            Field::Host => "host",
            Field::Path => "path",
            Field::Model => "model",
            Field::Consumer => "consumer",
            Field::Tier => "tier",
        }
    }
}

/// A request about which a policy is chosen. Each field and header is asked for at most once per choice, and only
/// where a rule that can still win looks at it.
pub trait Subject {
    /// The field as the host gives it (a host with its port, a path with its query), or `None` where there is none.
    fn field(&self, field: Field) -> Option<Cow<'_, str>>;

    /// The value of a header; the name comes in lower case.
    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>>;
}

/// Values by slot: first the fields in the order of [`Field::ALL`], then the headers that rules name.
pub(crate) trait Values {
    /// The value in the form that patterns are compared with, or `None` where the request has none.
    fn value(&self, slot: usize) -> Option<&[u8]>;
}

/// A [`Subject`] whose answers are kept.
pub(crate) struct Asked<'s> {
    subject: &'s dyn Subject,
    header_names: &'s [String],
    fields: [OnceCell<Option<Cow<'s, str>>>; Field::ALL.len()],
    headers: Vec<OnceCell<Option<Cow<'s, [u8]>>>>,
}

impl<'s> Asked<'s> {
    /// Nothing is asked yet.
    pub fn new(subject: &'s dyn Subject, header_names: &'s [String]) -> Self {
        let headers = header_names.iter().map(|_| OnceCell::new()).collect();
        Self { subject, header_names, fields: Default::default(), headers }
    }
}

impl Values for Asked<'_> {
    fn value(&self, slot: usize) -> Option<&[u8]> {
        if let (Some(cell), Some(field)) = (self.fields.get(slot), Field::ALL.get(slot)) {
            let value = cell.get_or_init(|| self.subject.field(*field).map(|value| comparable(*field, value)));
            return value.as_deref().map(str::as_bytes);
        }
        let at = slot.checked_sub(Field::ALL.len())?;
        let name = self.header_names.get(at)?;
        self.headers.get(at)?.get_or_init(|| self.subject.header(name)).as_deref()
    }
}

/// The form of a value that patterns are compared with.
fn comparable(field: Field, value: Cow<'_, str>) -> Cow<'_, str> {
    match field {
        Field::Host => lower(narrowed(value, bare_host)),
        Field::Path => narrowed(value, bare_path),
        _ => value,
    }
}

fn narrowed<'a>(value: Cow<'a, str>, narrow: fn(&str) -> &str) -> Cow<'a, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(narrow(text)),
        Cow::Owned(text) => {
            let narrow = narrow(&text);
            if narrow.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(narrow.to_owned()) }
        }
    }
}

fn lower(value: Cow<'_, str>) -> Cow<'_, str> {
    if value.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(value.to_ascii_lowercase()) } else { value }
}

/// An authority (RFC 3986, 3.2) without its port and without the dot that marks a name as complete: `a.example.:443`
/// reaches the same upstream as `a.example`.
pub(crate) fn bare_host(authority: &str) -> &str {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && is_whole_host(host) => host,
        _ => authority,
    };
    host.strip_suffix('.').unwrap_or(host)
}

/// Whether the colon after `host` can start a port; inside a bare IPv6 address it cannot.
fn is_whole_host(host: &str) -> bool {
    !host.contains(':') || host.ends_with(']')
}

/// A path without its query.
pub(crate) fn bare_path(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_port_dot_and_case() {
        for (authority, host) in [
            ("API.Example.com:8443", "api.example.com"),
            ("a.example.", "a.example"),
            ("a.example.:443", "a.example"),
            ("a.example:", "a.example"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("::1", "::1"),
            ("a:b", "a:b"),
            ("", ""),
            (":", ""),
        ] {
            assert_eq!(comparable(Field::Host, authority.into()), host);
            assert_eq!(comparable(Field::Host, authority.to_owned().into()), host);
        }
    }

    #[test]
    fn paths_lose_their_query() {
        for (path, bare) in [("/v1/x?a=/v2", "/v1/x"), ("/v1#x", "/v1"), ("?", ""), ("/v1", "/v1")] {
            assert_eq!(comparable(Field::Path, path.into()), bare);
        }
        assert_eq!(comparable(Field::Model, "a?b".into()), "a?b");
    }
}
