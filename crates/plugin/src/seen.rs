//! What the rules of a configuration look at when they choose a policy.

use crate::RequestHead;
use policy::{Field, Identity, Subject};
use std::borrow::Cow;

/// A request as the rules see it.
pub struct Seen<'a> {
    /// Its head.
    pub head: &'a RequestHead,
    /// The name of its route, where a rule asks for it.
    pub route: Option<&'a [u8]>,
    /// The model that the caller names, where that is known.
    pub model: Option<&'a str>,
    /// The caller: looked up where a rule asks. `None` for a filter that finds out itself who calls.
    pub identity: Option<&'a dyn Fn() -> &'a Identity>,
}

impl Subject for Seen<'_> {
    fn field(&self, field: Field) -> Option<Cow<'_, str>> {
        let text = match field {
            Field::Route => std::str::from_utf8(self.route?).ok(),
            Field::Host => Some(self.head.host()),
            Field::Path => Some(self.head.path()),
            Field::Model => self.model,
            Field::Consumer => self.identity?().consumer.as_deref(),
            Field::Tier => self.identity?().tier.as_deref(),
        };
        text.map(Cow::Borrowed)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.head.headers.get(name).map(Cow::Borrowed)
    }
}
