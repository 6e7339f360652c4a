//! What becomes of one text: findings are looked up, acted on, and counted.

use super::quoting::quote_numbers;
use crate::config::{Config, Direction};
use crate::detect::{Finding, Look, Script};
use crate::mask::{Action, Placeholders, Span, masked, resolve};
use std::collections::BTreeMap;

/// What was found in one message: counts, never values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often, by the number of the recognizer and the action's name.
    pub counts: BTreeMap<(usize, &'static str), usize>,
    /// Something was found that refuses the message: its recognizer.
    pub blocked: Option<usize>,
}

/// Where in a body findings were, for who asks.
#[derive(Debug, Default)]
pub struct Places {
    /// The findings that have an action. One in a string that holds JSON stands where that string does.
    pub findings: Vec<Finding>,
    /// Where in the body the text at hand begins.
    base: usize,
    /// The string that holds the text at hand.
    holder: Option<(usize, usize)>,
}

impl Places {
    fn note(&mut self, finding: &Finding) {
        let (start, end) = self.holder.unwrap_or((self.base + finding.start, self.base + finding.end));
        self.findings.push(Finding { start, end, ..finding.clone() });
    }
}

/// One direction of one exchange at work.
pub struct Guard<'a> {
    /// Recognizers and keys.
    pub config: &'a Config,
    /// What becomes of findings.
    pub direction: &'a Direction,
    /// Those of the request.
    pub placeholders: &'a mut Placeholders,
    /// What was found so far.
    pub tally: &'a mut Tally,
    /// Where findings were, if that is asked.
    pub places: Option<&'a mut Places>,
    /// Placeholders become originals: in responses.
    pub restores: bool,
}

/// A change to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// What stands there then.
    pub text: String,
}

impl Guard<'_> {
    /// The text at hand begins here in the body.
    pub fn stand_at(&mut self, base: usize) {
        if let Some(places) = &mut self.places {
            places.base = base;
        }
    }

    /// What follows is held by this string, or by none again. The outermost counts.
    pub fn hold(&mut self, holder: Option<(usize, usize)>) {
        if let Some(places) = &mut self.places {
            places.holder = places.holder.filter(|_| holder.is_some()).or(holder);
        }
    }

    /// Whether nothing would come of looking.
    pub fn is_idle(&self) -> bool {
        self.direction.is_empty() && (!self.restores || self.placeholders.is_empty())
    }

    /// The findings in `text` from `from` on that have an action, resolved.
    pub fn spans(&self, text: &str, look: Look, from: usize) -> Vec<Span> {
        resolved(&self.find(text, look, from))
    }

    /// The findings in `text` from `from` on that have an action, by where they start; they may overlap.
    fn find(&self, text: &str, look: Look, from: usize) -> Vec<(Finding, Action)> {
        if self.direction.is_empty() {
            return Vec::new();
        }
        let found = self.config.detector.scan(text, look, &self.direction.wanted, self.direction.least);
        let found = found.into_iter().filter(|finding| finding.start >= from).filter_map(|finding| {
            let action = self.direction.action(finding.recognizer, finding.score)?;
            let value = text.get(finding.start..finding.end)?;
            let allowed = !self.config.allow.is_empty() && self.config.allow.contains(&value.to_lowercase());
            (!allowed).then_some((finding, action))
        });
        found.collect()
    }

    /// Counts a finding, and gives what stands in its place; none if it stays.
    pub fn act(&mut self, span: &Span, value: &str, script: Script) -> Option<String> {
        *self.tally.counts.entry((span.recognizer, span.action.name())).or_default() += 1;
        let plain = match script {
            Script::Json if value.contains('\\') => {
                serde_json::from_str(&format!("\"{value}\"")).unwrap_or(value.to_owned())
            }
            _ => value.to_owned(),
        };
        let entity = self.config.detector.entity(span.recognizer);
        let text = match span.action {
            Action::Flag => return None,
            Action::Block => {
                self.tally.blocked.get_or_insert(span.recognizer);
                return None;
            }
            Action::Mask { character, keep_last } => masked(&plain, character, keep_last),
            Action::Replace => self.placeholders.of(entity, &plain, false),
            Action::Restore => self.placeholders.of(entity, &plain, true),
            Action::Redact => String::new(),
            Action::Hash => format!("<{}:{}>", crate::mask::label(entity), self.config.hash.of(&plain)),
        };
        Some(written(&text, script))
    }

    /// The changes to `text` from `from` on.
    fn changes(&mut self, text: &str, look: Look, from: usize) -> Vec<Change> {
        let found = self.find(text, look, from);
        if let Some(places) = &mut self.places {
            found.iter().for_each(|(finding, _)| places.note(finding));
        }
        let spans = resolved(&found);
        let mut changes = Vec::with_capacity(spans.len());
        for span in spans {
            let Some(value) = text.get(span.start..span.end) else { continue };
            let done = self.act(&span, value, look.script);
            changes.extend(done.map(|text| Change { start: span.start, end: span.end, text }));
        }
        if !changes.is_empty() {
            quote_numbers(text, from, look.script, &mut changes);
        }
        changes
    }

    /// `text` from `from` on with its findings acted on and its placeholders restored; none if it stays as it is.
    pub fn edit(&mut self, text: &str, look: Look, from: usize) -> Option<String> {
        let changes = self.changes(text, look, from);
        let changed = (!changes.is_empty()).then(|| apply(text, from, &changes));
        if !self.restores || self.placeholders.is_empty() {
            return changed;
        }
        let whole = changed.as_deref().unwrap_or_else(|| text.get(from..).unwrap_or_default());
        let restored = self.placeholders.restored(whole, |original| written(original, look.script));
        (restored != whole || changed.is_some()).then_some(restored)
    }
}

fn resolved(found: &[(Finding, Action)]) -> Vec<Span> {
    let span = |(finding, action): &(Finding, Action)| Span {
        recognizer: finding.recognizer,
        start: finding.start,
        end: finding.end,
        score: finding.score,
        action: *action,
    };
    resolve(found.iter().map(span).collect())
}

/// `text` from `from` on with its changes, which are in order and apart.
pub fn apply(text: &str, from: usize, changes: &[Change]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = from;
    for change in changes {
        out.push_str(text.get(copied..change.start).unwrap_or_default());
        out.push_str(&change.text);
        copied = change.end;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

/// `text` as it is written in this script.
pub fn written(text: &str, script: Script) -> String {
    match script {
        Script::Plain => text.to_owned(),
        Script::Json if text.bytes().all(|b| b >= b' ' && !matches!(b, b'"' | b'\\')) => text.to_owned(),
        Script::Json => {
            let quoted = serde_json::Value::from(text).to_string();
            quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
        }
    }
}
