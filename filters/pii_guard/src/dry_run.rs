//! The guard on a text at hand, outside of any exchange: what `modelgate scan` shows. The same code decides as inside Envoy.

use crate::config::{Config, Direction};
use crate::detect::{Finding, Look, Script, all};
use crate::mask::Placeholders;
use crate::text::{Guard, Kind, Malformed, Tally, edit_json};
use std::rc::Rc;

/// What was found in a text, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The findings with an action, by where they start; they may overlap. None for a body: see `counts`.
    pub findings: Vec<Finding>,
    /// How often each entity was acted on.
    pub counts: Vec<(String, usize)>,
    /// The entity that refuses the message, if one does.
    pub blocked: Option<String>,
    /// The text after the actions.
    pub text: String,
}

impl Config {
    /// What becomes of findings in requests under the policy of this name.
    pub fn requests_of(&self, policy: &str) -> Option<Direction> {
        self.policies.get(policy).map(|policy: &Rc<crate::Policy>| policy.request.clone())
    }

    /// The guard on a plain text.
    pub fn try_text(&self, direction: &Direction, text: &str) -> Outcome {
        let mut findings = Vec::new();
        let outcome = self.run(direction, text, |guard| {
            findings = guard.find(text, Look::WHOLE);
            Ok(guard.edit_found(text, Script::Plain, &findings, 0))
        });
        findings.retain(|finding| direction.action(finding.recognizer, finding.score).is_some());
        Outcome { findings, ..outcome.unwrap_or_else(|_| Outcome::nothing(text)) }
    }

    /// The guard on the body of a request to a model API.
    ///
    /// # Errors
    /// Where the body is no JSON.
    pub fn try_body(&self, direction: &Direction, body: &str) -> Result<Outcome, Malformed> {
        self.run(direction, body, |guard| edit_json(guard, body, Kind::Api, &[]))
    }

    fn run(
        &self,
        direction: &Direction,
        text: &str,
        edit: impl FnOnce(&mut Guard<'_>) -> Result<Option<String>, Malformed>,
    ) -> Result<Outcome, Malformed> {
        let mut placeholders = Placeholders::new(text.as_bytes());
        let mut tally = Tally::default();
        let mut guard =
            Guard { config: self, direction, placeholders: &mut placeholders, tally: &mut tally, restores: false };
        let edited = edit(&mut guard)?;
        let entity = |recognizer: usize| self.detector.entity(recognizer).to_owned();
        Ok(Outcome {
            findings: Vec::new(),
            counts: tally.counts.iter().map(|((recognizer, _), count)| (entity(*recognizer), *count)).collect(),
            blocked: tally.blocked.map(entity),
            text: edited.unwrap_or_else(|| text.to_owned()),
        })
    }

    /// Why a finding has its score, in words.
    pub fn explanation(&self, finding: &Finding) -> String {
        let Some(row) = all().nth(finding.recognizer) else {
            return format!(
                "recognizer of the configuration{}",
                if finding.by_context { ", with context" } else { "" }
            );
        };
        let shape = if row.shapes.is_empty() { "finder".to_owned() } else { row.shapes.join(", ") };
        let check = if row.check.is_some() { "checked" } else { "no check" };
        let context = if finding.by_context { "a word beside it" } else { "no word beside it" };
        format!("{:?} {:.2}: {shape}; {check}; {context}; {}", row.strength, row.strength.score(), row.source)
    }
}

impl Outcome {
    fn nothing(text: &str) -> Self {
        Self { findings: Vec::new(), counts: Vec::new(), blocked: None, text: text.to_owned() }
    }
}
