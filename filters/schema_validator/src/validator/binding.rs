//! Which schema a call has.

use crate::config::{RawBinding, RawCalls};
#[cfg(feature = "custom")]
use crate::custom::Custom;
use crate::exchange::call::{Call, Kind};
use crate::json::Document;
use crate::shape::{Judgement, Judging, Reading, Schema};
use crate::validator::builtin::{self, Part};
use policy::{Faults, Glob, Patterns};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Something that judges bodies.
#[derive(Debug, Clone)]
pub enum Engine {
    /// A built-in schema.
    Builtin(Rc<Schema>),
    /// A schema of the operator's own.
    #[cfg(feature = "custom")]
    Custom(Rc<Custom>),
}

impl Engine {
    /// Judges a document.
    pub fn judge(&self, document: &Document<'_>, judging: Judging) -> Judgement {
        match self {
            Self::Builtin(schema) => schema.judge(document, judging),
            #[cfg(feature = "custom")]
            Self::Custom(custom) => custom.judge(document, judging),
        }
    }
}

/// The operator's own schemas by name, compiled: for requests, and for answers.
pub type Customs = BTreeMap<String, [Engine; 2]>;

/// Which schemas the calls of a policy have.
#[derive(Debug)]
pub struct Bindings {
    bindings: Vec<Binding>,
    builtins: BTreeMap<&'static str, Rc<Schema>>,
    by_model: bool,
}

#[derive(Debug)]
struct Binding {
    api: Option<Vec<Kind>>,
    path: Option<Vec<Glob>>,
    model: Option<Vec<Glob>>,
    content_type: Option<Vec<Glob>>,
    request: Bound,
    answer: Bound,
    event: Bound,
}

#[derive(Debug, Clone)]
enum Bound {
    Builtin,
    None,
    To(Engine),
}

/// What is known of a call when its schema is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'s> {
    /// The call.
    pub call: &'s Call,
    /// Its path with its query.
    pub path: &'s str,
    /// Its model; `None` where it is not known yet, and then a binding by model may be the one.
    pub model: Option<&'s str>,
    /// Its media type.
    pub content_type: &'s str,
    /// How many bytes of tensors are behind its JSON, where that may be.
    pub binary: Option<usize>,
}

impl Bindings {
    /// Compiles what a policy binds.
    ///
    /// # Errors
    /// Names of schemas that there are not.
    pub fn compile(raw: &[RawBinding], reading: Reading, customs: &Customs) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut bindings = Vec::new();
        for (at, binding) in raw.iter().enumerate() {
            let mut bound = |key: &str, name: &str| match name {
                "builtin" => Bound::Builtin,
                "none" => Bound::None,
                name => match customs.get(name) {
                    Some([of_requests, _]) if key == "request" => Bound::To(of_requests.clone()),
                    Some([_, of_answers]) => Bound::To(of_answers.clone()),
                    None => {
                        faults.push(
                            format!("schemas[{at}].{key}"),
                            "is neither one of `schemas` nor `builtin` nor `none`",
                        );
                        Bound::None
                    }
                },
            };
            let (request, answer, event) =
                (bound("request", &binding.request), bound("answer", &binding.answer), bound("event", &binding.event));
            let RawCalls { api, path, model, content_type } = &binding.matches;
            if at + 1 < raw.len() && api.is_none() && path.is_none() && model.is_none() && content_type.is_none() {
                let message = "is empty, so it matches every call and nothing after it is reached; it must be the last";
                faults.push(format!("schemas[{at}].match"), message);
            }
            bindings.push(Binding {
                api: api.clone(),
                path: globs(path),
                model: globs(model),
                content_type: globs(content_type),
                request,
                answer,
                event,
            });
        }
        faults.into_result()?;
        let builtins = builtin::DOCUMENTS
            .iter()
            .filter_map(|(name, _)| Some((*name, Rc::new(builtin::schema(name, reading).ok()?))))
            .collect();
        let by_model = bindings.iter().any(|binding| binding.model.is_some());
        Ok(Self { bindings, builtins, by_model })
    }

    /// The engine for a part of a call.
    pub fn engine(&self, part: Part, sought: Sought<'_>) -> Option<Engine> {
        let binding = self.bindings.iter().find(|binding| binding.fits(sought) == Some(true));
        let bound = binding.map_or(&Bound::Builtin, |binding| match part {
            Part::Request => &binding.request,
            Part::Answer => &binding.answer,
            Part::Event => &binding.event,
        });
        match bound {
            Bound::None => None,
            Bound::To(engine) => Some(engine.clone()),
            Bound::Builtin => {
                let name = builtin::name(sought.call, part)?;
                self.builtins.get(name).cloned().map(Engine::Builtin)
            }
        }
    }

    /// Whether the call may have a schema for its request: what its model is may still be open.
    pub fn may_have_schema(&self, sought: Sought<'_>) -> bool {
        let open = self.by_model && sought.model.is_none();
        let by_model =
            open && self.bindings.iter().any(|it| it.fits(sought).is_none() && !matches!(it.request, Bound::None));
        by_model || self.engine(Part::Request, sought).is_some()
    }

    /// Whether a schema of the operator's own may judge the call's request.
    pub fn may_be_custom(&self, sought: Sought<'_>) -> bool {
        self.bindings.iter().any(|it| it.fits(sought) != Some(false) && matches!(it.request, Bound::To(_)))
    }

    /// Whether a binding was made for this media type: then it is JSON, whatever it is called.
    pub fn names_type(&self, sought: Sought<'_>) -> bool {
        let named = self.bindings.iter().filter(|binding| binding.content_type.is_some());
        named.into_iter().any(|binding| binding.fits(sought) != Some(false))
    }
}

impl Binding {
    /// Whether it is about this call; `None` where that hangs on a model that is not known.
    fn fits(&self, sought: Sought<'_>) -> Option<bool> {
        let path = sought.path.split(['?', '#']).next().unwrap_or_default();
        let fits = |globs: &Option<Vec<Glob>>, text: &str| {
            globs.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.matches(text)))
        };
        let others = self.api.as_ref().is_none_or(|kinds| kinds.contains(&sought.call.kind))
            && fits(&self.path, path)
            && fits(&self.content_type, sought.content_type);
        match (&self.model, sought.model) {
            _ if !others => Some(false),
            (Some(_), None) => None,
            (model, name) => Some(fits(model, name.unwrap_or_default())),
        }
    }
}

fn globs(patterns: &Option<Patterns>) -> Option<Vec<Glob>> {
    patterns.as_ref().map(|patterns| patterns.iter().map(Glob::new).collect())
}
