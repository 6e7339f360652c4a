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

/// The symbols of a text, sorted: arrows, signs of mathematics, emojis. No word says what they say.
pub(super) fn symbols(text: &str) -> Vec<char> {
    let is_symbol = |c: &char| matches!(u32::from(*c), 0xD7 | 0xF7 | 0xB1 | 0xAC | 0x2190..=0x2BFF | 0x1F000..=0x1FAFF);
    let mut found: Vec<char> = text.chars().filter(is_symbol).collect();
    found.sort_unstable();
    found
}

/// Do two numbers that a sign joins change places: `3:1` and `1:3`, `4/5` and `5/4`?
pub(super) fn turned(a: &str, b: &str) -> bool {
    let (first, second) = (joined(a), joined(b));
    first.iter().any(|&(x, y)| x != y && second.contains(&(y, x)) && !second.contains(&(x, y)))
}

/// Numbers that stand together with nothing but a sign between them.
fn joined(text: &str) -> Vec<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_digit() || ":/-".contains(c);
    let groups = text.split(|c| !is_part(c)).map(|group| group.split([':', '/', '-']).collect::<Vec<_>>());
    let pairs = groups.flat_map(|group| group.iter().copied().zip(group.iter().copied().skip(1)).collect::<Vec<_>>());
    pairs.filter(|(x, y)| !x.is_empty() && !y.is_empty()).collect()
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
    fn numbers_that_are_joined_have_an_order() {
        assert!(super::turned("mix 3:1", "mix 1:3") && super::turned("1/2/2024", "2/1/2024"));
        assert!(!super::turned("24-7", "24/7") && !super::turned("3:1", "3:1") && !super::turned("a-b 5", "5 b-a"));
        assert_ne!(super::symbols("what is 😂"), super::symbols("what is 😭"));
        assert!(super::symbols("“quoted” — ¿sí? •").is_empty());
    }

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
