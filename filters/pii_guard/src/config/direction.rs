//! What becomes of findings in one direction: action and threshold by recognizer.

use super::raw::{RawAction, RawKind};
use crate::detect::{Bits, Detector};
use crate::mask::Action;
use plugin::Faults;

/// What becomes of findings in one direction.
#[derive(Debug, Clone)]
pub struct Direction {
    /// The recognizers that have an action.
    pub wanted: Bits,
    /// The lowest threshold.
    pub least: f32,
    /// Action and threshold by recognizer.
    actions: Vec<Option<(Action, f32)>>,
}

impl Direction {
    /// What becomes of a finding of this recognizer with this score.
    pub fn action(&self, recognizer: usize, score: f32) -> Option<Action> {
        let (action, threshold) = self.actions.get(recognizer).copied().flatten()?;
        (score >= threshold).then_some(action)
    }

    /// Whether some action refuses.
    pub fn can_block(&self) -> bool {
        self.actions.iter().flatten().any(|(action, _)| *action == Action::Block)
    }

    /// Whether some action turns placeholders back in the response.
    pub fn can_restore(&self) -> bool {
        self.actions.iter().flatten().any(|(action, _)| *action == Action::Restore)
    }

    /// Whether some action puts placeholders in.
    pub fn can_place(&self) -> bool {
        self.actions.iter().flatten().any(|(action, _)| matches!(action, Action::Replace | Action::Restore))
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// All recognizers, flagged from this score on: for evaluation.
    pub fn everything(detector: &Detector, least: f32) -> Self {
        let actions = vec![Some((Action::Flag, least)); detector.len()];
        Self { wanted: Bits::ALL, least, actions }
    }
}

/// The actions of a direction, whose rules are at `key`.
pub fn direction(
    key: &str,
    rules: &[RawAction],
    threshold: f32,
    detector: &Detector,
    has_key: bool,
    faults: &mut Faults,
) -> Direction {
    let mut chosen: Vec<Option<Option<(Action, f32)>>> = vec![None; detector.len()];
    for (at, rule) in rules.iter().enumerate() {
        let key = format!("{key}[{at}]");
        let action = match rule.action {
            RawKind::Allow => None,
            RawKind::Flag => Some(Action::Flag),
            RawKind::Mask => Some(Action::Mask { character: rule.character, keep_last: rule.keep_last }),
            RawKind::Replace => Some(Action::Replace),
            RawKind::Redact => Some(Action::Redact),
            RawKind::Hash => Some(Action::Hash),
            RawKind::Restore => Some(Action::Restore),
            RawKind::Block => Some(Action::Block),
        };
        if rule.action == RawKind::Restore && key.starts_with("response") {
            faults.push(
                format!("{key}.action"),
                "restore is for requests: what it replaces there comes back in responses",
            );
        }
        if rule.action == RawKind::Hash && !has_key {
            faults.push(format!("{key}.action"), "hash needs the key hash_key");
        }
        let threshold = rule.threshold.unwrap_or(threshold);
        if !(0.0..=1.0).contains(&threshold) {
            faults.push(format!("{key}.threshold"), "must be between 0 and 1");
        }
        if rule.character.is_control() || matches!(rule.character, '"' | '\\') {
            faults.push(format!("{key}.character"), "must not be a control character, a quote or a backslash");
        }
        for (index, name) in rule.entities.iter().enumerate() {
            let mut known = false;
            for (number, chosen) in chosen.iter_mut().enumerate() {
                if name == "*" || name == detector.entity(number) || name == detector.group(number) {
                    known = true;
                    chosen.get_or_insert(action.map(|action| (action, threshold)));
                }
            }
            if !known {
                faults.push(
                    format!("{key}.entities[{index}]"),
                    "is no entity, group or *; `modelgate recognizers` lists them",
                );
            }
        }
    }
    let actions: Vec<Option<(Action, f32)>> = chosen.into_iter().map(Option::flatten).collect();
    let mut wanted = Bits::default();
    let mut least = 1.0_f32;
    for (number, (_, threshold)) in
        actions.iter().enumerate().filter_map(|(number, action)| Some((number, action.as_ref()?)))
    {
        wanted.set(number);
        least = least.min(*threshold);
    }
    Direction { wanted, least, actions }
}
