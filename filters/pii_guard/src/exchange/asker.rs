//! Who asks for what: what a policy is chosen by.

use crate::config::Config;
use plugin::{Cx, Facts};
use policy::{Field, Identity, Subject};
use std::borrow::Cow;
use std::cell::OnceCell;

/// The request as rules look at it.
pub struct Asker<'a, 'c> {
    cx: &'a Cx<'c>,
    config: &'a Config,
    model: Option<&'a str>,
    identity: OnceCell<Identity>,
}

impl<'a, 'c> Asker<'a, 'c> {
    /// With the model that the path or the body names.
    pub fn new(cx: &'a Cx<'c>, config: &'a Config, model: Option<&'a str>) -> Self {
        Self { cx, config, model, identity: OnceCell::new() }
    }

    fn identity(&self) -> &Identity {
        self.identity.get_or_init(|| self.config.identity.read(self.cx))
    }
}

impl Subject for Asker<'_, '_> {
    fn field(&self, field: Field) -> Option<Cow<'_, str>> {
        let attribute = |path: &[&str]| Some(String::from_utf8_lossy(&self.cx.attribute(path)?).into_owned().into());
        match field {
            Field::Route => attribute(&["xds", "route_name"]),
            Field::Host => Some(self.cx.request().host().into()),
            Field::Path => Some(self.cx.request().path().into()),
            Field::Model => self.model.map(Cow::Borrowed),
            Field::Consumer => self.identity().consumer.as_deref().map(Cow::Borrowed),
            Field::Tier => self.identity().tier.as_deref().map(Cow::Borrowed),
        }
    }

    fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.cx.request().headers.get(name).map(Cow::Borrowed)
    }
}
