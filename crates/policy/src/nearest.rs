//! "Did you mean …": the known word nearest to a misspelt one. For fault messages only.

/// A sentence's end that suggests the candidate nearest to `word`, or nothing where none is near.
pub(crate) fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let near =
        candidates.into_iter().filter(|known| known.len().abs_diff(word.len()) <= MAX_EDITS && known.len() <= 64);
    match near.map(|known| (edits(word, known), known)).min() {
        Some((count, known)) if count <= MAX_EDITS && count < known.len() => format!("; did you mean `{known}`?"),
        _ => String::new(),
    }
}

/// Modules say the nearest alone, for their size.
#[cfg(target_family = "wasm")]
pub(crate) use self::suggestion as choices;

/// A sentence's end that suggests the candidate nearest to `word`, or names all of them where none is near.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn choices<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let near = suggestion(word, candidates.clone());
    if !near.is_empty() {
        return near;
    }
    let mut known: Vec<&str> = candidates.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let known: Vec<String> = known.into_iter().map(|known| format!("`{}`", crate::faults::shown(known))).collect();
    match known.as_slice() {
        [] => near,
        [one] => format!("; there is {one}"),
        many => format!("; there are {}", many.join(", ")),
    }
}

const MAX_EDITS: usize = 2;

/// The Levenshtein distance in bytes, of which upper and lower case are one, with one row of the usual table.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(to.bytes()) {
            let best = (diagonal + usize::from(!a.eq_ignore_ascii_case(&b))).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_near_words_only() {
        let known = ["window_secs", "max_tokens", "on"];
        assert_eq!(suggestion("windows_secs", known), "; did you mean `window_secs`?");
        assert_eq!(suggestion("max_token", known), "; did you mean `max_tokens`?");
        assert_eq!(suggestion("rs256", ["ES256", "RS256"]), "; did you mean `RS256`?");
        assert_eq!(suggestion("limit", known), "");
        assert_eq!(suggestion("xy", known), "");
        assert_eq!(choices("max_token", known), "; did you mean `max_tokens`?");
        assert_eq!(choices("xy", known), "; there are `max_tokens`, `on`, `window_secs`");
        assert_eq!(choices("xy", ["on"]), "; there is `on`");
        assert_eq!(choices("xy", []), "");
    }

    #[test]
    fn counts_edits() {
        for (from, to, count) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("aB", "Ab", 0)]
        {
            assert_eq!(edits(from, to), count, "{from} {to}");
        }
    }
}
