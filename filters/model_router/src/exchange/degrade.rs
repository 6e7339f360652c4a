//! The cheaper model that a spent budget asks for, in place of the one that the call names.

use super::Course;
use crate::catalogue::{Catalogue, Chosen, Model};
use crate::refusal;
use chat::ApiError;
use plugin::{Cx, Facts};
use std::rc::Rc;

/// The filter state in which `token_budget` names it. Nothing that a client sends gets there.
const DEGRADE: [&str; 2] = ["filter_state", "wasm.modelgate.degrade"];

/// What a budget asks for. A name that is no text is no model either, and refused as one.
pub(super) fn wanted(cx: &Cx<'_>) -> Option<String> {
    let name = cx.attribute(&DEGRADE).filter(|name| !name.is_empty())?;
    Some(String::from_utf8_lossy(&name).into_owned())
}

impl Course {
    /// The version of the cheaper model; `None` where no budget asks for one, or for the one that the call names anyway.
    ///
    /// # Errors
    /// The policy does not hold it, so that the call would go on to what is not paid for; or the caller may not use it.
    pub(super) fn degraded(
        &self,
        cx: &mut Cx<'_>,
        policy: &Catalogue,
        asked: Option<&Rc<Model>>,
    ) -> Result<Option<Chosen>, ApiError> {
        let Some(name) = &self.degrade else { return Ok(None) };
        let model = policy.resolve(name).ok_or_else(refusal::degrade_not_found)?;
        if asked.is_some_and(|asked| Rc::ptr_eq(asked, model)) {
            return Ok(None);
        }
        let identity = self.identity(cx);
        if !identity.models.allows(&model.name) {
            return Err(refusal::model_not_allowed());
        }
        Ok(Some(model.degraded_to(cx, identity)))
    }

    /// Whether the model's name may be rewritten: a version has its own name upstream, or a budget asks for another model.
    pub(super) fn rewrites(&self) -> bool {
        self.router.rewrites || (self.degrade.is_some() && self.router.may_rewrite)
    }
}
