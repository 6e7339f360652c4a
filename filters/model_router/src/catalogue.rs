//! The models of one policy: which of them a name means.

mod model;

use crate::config::{self, UnknownModel, names};
use plugin::Faults;
use policy::Glob;
use std::collections::HashMap;
use std::rc::Rc;

pub(crate) use model::{Chosen, Model};

/// The models of one policy, by name and alias.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// The policy's name.
    pub policy: String,
    /// What becomes of a call to no model of these.
    pub unknown: UnknownModel,
    models: Vec<Rc<Model>>,
    /// Places in `models`: names and aliases without `*`.
    exact: HashMap<String, usize, ahash::RandomState>,
    globs: Vec<(Glob, usize)>,
}

impl Catalogue {
    /// Checks and compiles a policy.
    ///
    /// # Errors
    /// All faults of the policy, with keys relative to it.
    pub fn compile(policy: &str, raw: &config::Policy) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        if raw.models.is_empty() && raw.unknown_model == UnknownModel::Refuse {
            faults
                .push("models", "is empty, so every call would be refused; name a model, or say `unknown_model: pass`");
        }
        let models: Vec<_> = (0..)
            .zip(&raw.models)
            .filter_map(|(at, model): (usize, _)| faults.gather(&format!("models[{at}]"), Model::compile(model)))
            .map(Rc::new)
            .collect();
        let mut known = Names::default();
        known.add_all(raw, &mut faults);
        let Names { exact, globs, .. } = known;
        let unknown = raw.unknown_model;
        faults.into_result().map(|()| Self { policy: policy.to_owned(), unknown, models, exact, globs })
    }

    /// The model that a name means: its own name, else an alias without `*`, else the first that fits.
    pub fn resolve(&self, name: &str) -> Option<&Rc<Model>> {
        let glob = || self.globs.iter().find(|(glob, _)| glob.matches(name)).map(|(_, at)| at);
        self.models.get(*self.exact.get(name).or_else(glob)?)
    }

    /// Whether two names mean one model of these.
    pub fn same(&self, one: &str, other: &str) -> bool {
        match (self.resolve(one), self.resolve(other)) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// The models in the order of the configuration.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().map(Rc::as_ref)
    }

    /// Whether a version has its own name upstream.
    pub fn renames(&self) -> bool {
        self.models().any(Model::renames)
    }

    /// The headers in which callers may name a version.
    pub fn override_headers(&self) -> impl Iterator<Item = &str> {
        self.models().filter_map(Model::override_header)
    }
}

/// Names and aliases while they are collected, each with its key in the configuration.
#[derive(Default)]
struct Names {
    exact: HashMap<String, usize, ahash::RandomState>,
    keys: HashMap<String, String, ahash::RandomState>,
    globs: Vec<(Glob, usize)>,
    glob_keys: Vec<String>,
}

impl Names {
    fn add_all(&mut self, raw: &config::Policy, faults: &mut Faults) {
        for (at, model) in raw.models.iter().enumerate() {
            self.add_exact(&model.name, at, format!("models[{at}].name"), faults);
        }
        for (at, model) in raw.models.iter().enumerate() {
            for (place, alias) in model.aliases.iter().enumerate() {
                let key = format!("models[{at}].aliases[{place}]");
                match names::text(alias) {
                    Err(odd) => faults.extend(&key, odd),
                    Ok(alias) if alias.contains('*') => self.add_glob(&alias, at, key, faults),
                    Ok(alias) => self.add_exact(&alias, at, key, faults),
                }
            }
        }
    }

    fn add_exact(&mut self, name: &str, at: usize, key: String, faults: &mut Faults) {
        if let Some(first) = self.keys.get(name) {
            faults.push(key, format!("is the same name as {first}"));
            return;
        }
        self.exact.insert(name.to_owned(), at);
        self.keys.insert(name.to_owned(), key);
    }

    fn add_glob(&mut self, text: &str, at: usize, key: String, faults: &mut Faults) {
        let glob = Glob::new(text);
        if let Some(earlier) = self.globs.iter().position(|(earlier, _)| earlier.covers(&glob)) {
            let earlier = self.glob_keys.get(earlier).map(String::as_str).unwrap_or_default();
            faults.push(key, format!("is never reached: {earlier} matches everything that it matches"));
            return;
        }
        self.globs.push((glob, at));
        self.glob_keys.push(key);
    }
}
