//! What the rules look at when they choose a policy.

use plugin::RequestHead;
use policy::{Field, Identity, Subject};
use std::borrow::Cow;

/// A request as the rules see it. The caller is looked up where a rule asks.
pub(super) struct Seen<'a> {
    pub head: &'a RequestHead,
    pub route: Option<&'a [u8]>,
    pub model: Option<&'a str>,
    pub identity: &'a dyn Fn() -> &'a Identity,
}

impl Subject for Seen<'_> {
    fn field(&self, field: Field) -> Option<Cow<'_, str>> {
        let text = match field {
            Field::Route => std::str::from_utf8(self.route?).ok(),
            Field::Host => Some(self.head.host()),
            Field::Path => Some(self.head.path()),
            Field::Model => self.model,
            Field::Consumer => (self.identity)().consumer.as_deref(),
            Field::Tier => (self.identity)().tier.as_deref(),
        };
        text.map(Cow::Borrowed)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.head.headers.get(name).map(Cow::Borrowed)
    }
}
