//! The guard on a text at hand, outside of any exchange: what `modelgate scan` shows. The same code decides as inside Envoy.

use crate::config::{Config, Direction};
use crate::detect::{Finding, Look, all};
use crate::mask::Placeholders;
use crate::text::{Guard, Kind, Malformed, Places, Tally, edit_json};
use std::convert::Infallible;
use std::rc::Rc;

/// What was found in a text, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The findings with an action, by where they start; they may overlap. In a body, one in a string that holds JSON (the
    /// arguments of a call) stands where the inside of that string does.
    pub findings: Vec<Finding>,
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
        let Ok(outcome) = self.run(direction, text, |guard| Ok::<_, Infallible>(guard.edit(text, Look::WHOLE, 0)));
        outcome
    }

    /// The guard on the body of a request to a model API.
    ///
    /// # Errors
    /// Where the body is no JSON.
    pub fn try_body(&self, direction: &Direction, body: &str) -> Result<Outcome, Malformed> {
        self.run(direction, body, |guard| edit_json(guard, body, Kind::Api, &[]))
    }

    fn run<E>(
        &self,
        direction: &Direction,
        text: &str,
        edit: impl FnOnce(&mut Guard<'_>) -> Result<Option<String>, E>,
    ) -> Result<Outcome, E> {
        let mut placeholders = Placeholders::new(text.as_bytes());
        let (mut tally, mut places) = (Tally::default(), Places::default());
        let edited = edit(&mut Guard {
            config: self,
            direction,
            placeholders: &mut placeholders,
            tally: &mut tally,
            places: Some(&mut places),
            restores: false,
        })?;
        places.findings.sort_by_key(|finding| finding.start);
        Ok(Outcome {
            findings: places.findings,
            blocked: tally.blocked.map(|recognizer| self.detector.entity(recognizer).to_owned()),
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
