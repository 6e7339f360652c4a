//! Which of several findings at one place counts.

use super::Action;

/// A finding with its action.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The number of its recognizer.
    pub recognizer: usize,
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// How sure it is.
    pub score: f32,
    /// What becomes of it.
    pub action: Action,
}

/// Findings that do not overlap, in order: the surest, then the longest, then the first listed names a place; what overlaps
/// it is covered by the same action, so that no half of a value is left. A refusal beats all; what merely flags never stands
/// in the way of what changes.
pub fn resolve(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut().filter(|last| span.start < last.end) {
            None => out.push(span),
            Some(last) => {
                let (start, end) = (last.start, last.end.max(span.end));
                if beats(&span, last) {
                    *last = span;
                }
                (last.start, last.end) = (start, end);
            }
        }
    }
    out
}

fn beats(one: &Span, other: &Span) -> bool {
    let rank = |span: &Span| match span.action {
        Action::Block => 2,
        Action::Flag => 0,
        _ => 1,
    };
    let length = |span: &Span| span.end - span.start;
    rank(one)
        .cmp(&rank(other))
        .then(one.score.total_cmp(&other.score))
        .then(length(one).cmp(&length(other)))
        .then(other.recognizer.cmp(&one.recognizer))
        .is_gt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(recognizer: usize, start: usize, end: usize, score: f32, action: Action) -> Span {
        Span { recognizer, start, end, score, action }
    }

    #[test]
    fn overlaps_are_covered_whole() {
        let resolved = resolve(vec![
            span(1, 5, 10, 0.4, Action::Redact),
            span(2, 0, 7, 0.9, Action::Replace),
            span(3, 12, 14, 0.5, Action::Flag),
            span(4, 12, 13, 0.4, Action::Redact),
        ]);
        assert_eq!(resolved.len(), 2);
        assert_eq!(resolved.first().map(|s| (s.recognizer, s.start, s.end)), Some((2, 0, 10)));
        assert_eq!(resolved.last().map(|s| (s.action, s.start, s.end)), Some((Action::Redact, 12, 14)));
    }
}
