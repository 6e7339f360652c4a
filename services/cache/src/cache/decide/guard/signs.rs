//! Signs between words that decide a meaning: operators of sums, comparisons and code. They are compared as they stand, since
//! nobody can tell what a sign more or less does.

/// What operators are made of.
const SIGNS: &str = "=<>!&|+*/%^~-";

/// The operators of a text, sorted: every run of signs with something on both its sides. `C++`, `and/or`, `R&D`, `two-factor`,
/// a flag such as `-r` and a sign at the end of a sentence are none.
pub(super) fn of(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = "";
    while let Some(start) = rest.find(|c| SIGNS.contains(c)) {
        let (front, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let end = from.find(|c| !SIGNS.contains(c)).unwrap_or(from.len());
        let (run, behind) = from.split_at_checked(end).unwrap_or((from, ""));
        let front = if front.is_empty() { before } else { front };
        if operates(front, run, behind) {
            found.push(run);
        }
        (before, rest) = (run, behind);
    }
    found.sort_unstable();
    found
}

/// Does this run join what stands on its sides?
fn operates(front: &str, run: &str, behind: &str) -> bool {
    let left = front.trim_end().chars().next_back().filter(|c| c.is_alphanumeric() || ")]}'\"`_$".contains(*c));
    let right = behind.trim_start().chars().next().filter(|c| c.is_alphanumeric() || "([{'\"`_$&^.".contains(*c));
    let (Some(left), Some(right)) = (left, right) else { return false };
    let (apart_left, apart_right) = (front.ends_with(char::is_whitespace), behind.starts_with(char::is_whitespace));
    let digits = left.is_ascii_digit() && right.is_ascii_digit();
    match run {
        // Between words a dash, a hyphen, `and/or`, `salt & pepper`.
        "/" => digits,
        "-" => digits && apart_left && apart_right,
        "&" | "--" | "!" | "!!" => false,
        // A share.
        "%" => apart_left && apart_right,
        // A sign that hangs on one side belongs to that word: `C++ or`, `-r`, `*this*`, `~5`.
        _ => apart_left == apart_right,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn operators_are_found_and_nothing_else_is() {
        for (text, signs) in [
            ("What is 3 + 4?", vec!["+"]),
            ("for (i = 0; i <= n; i++) sum += a[i]", vec!["+=", "<=", "="]),
            ("a == b or a===b", vec!["==", "==="]),
            ("`a && b`", vec!["&&"]),
            ("7 // 2", vec!["//"]),
            ("^a*b$", vec!["*"]),
        ] {
            assert_eq!(of(text), signs, "{text}");
        }
        for text in [
            "C++ and C#",
            "and/or",
            "cars / trucks",
            "R&D",
            "two-factor",
            "rm -r dir",
            "What?!",
            "50% off",
            "salt & pepper",
            "Disney+",
            "well - I think",
            "**bold** words",
            "",
            "---",
            "a -",
            "= =",
            "git reset --hard HEAD",
            "it's 24-7",
        ] {
            assert!(of(text).is_empty(), "{text}: {:?}", of(text));
        }
    }
}
