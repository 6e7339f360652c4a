//! The same question in the same words. Embedders tell a question mark from none, and see a capital or a courtesy in some texts;
//! to who asks they are nothing.

use super::lexicon;

/// Are two questions the same words, but for capitals, spaces, quotation marks, `what's` for `what is`, a courtesy, and the
/// mark at the end?
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let ((a, mark), (b, other)) = (plain(a), plain(b));
    let marks = match (mark, other) {
        (Mark::None, Mark::Asks) | (Mark::Asks, Mark::None) => asks(&a),
        (Mark::None, _) | (_, Mark::None) => true,
        (mark, other) => mark == other,
    };
    a == b && marks
}

const GREETINGS: [&str; 6] = ["hi", "hello", "hey", "good morning", "good afternoon", "good evening"];

/// What a text ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Says,
    Asks,
}

/// The words as they are compared, and the mark behind them.
fn plain(text: &str) -> (String, Mark) {
    let text = text.to_lowercase().replace(['’', '‘'], "'").replace(['“', '”', '„'], "\"");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let greeting = GREETINGS.iter().find_map(|greeting| words.strip_prefix(greeting)?.strip_prefix([',', '!', '.']));
    let words = greeting.unwrap_or(&words).trim_start();
    let words = words.strip_prefix("please ").unwrap_or(words);
    let bare = words.trim_end_matches(['.', '!', '?', '…', ' ']);
    let mark = match words.get(bare.len()..) {
        Some(end) if end.contains('?') => Mark::Asks,
        Some("") | None => Mark::None,
        Some(_) => Mark::Says,
    };
    let bare = [", please", ", thanks", ", thank you"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
    let spelled = |word| match word {
        "what's" | "whats" => "what is",
        "who's" | "whos" => "who is",
        "where's" | "wheres" => "where is",
        "how's" | "hows" => "how is",
        "when's" | "whens" => "when is",
        other => other,
    };
    (bare.split(' ').map(spelled).collect::<Vec<_>>().join(" "), mark)
}

/// Is it a question without any mark? `my refund arrived` is none.
fn asks(words: &str) -> bool {
    let first = words.split(' ').next().unwrap_or_default();
    lexicon::ASKED.iter().any(|(cue, _)| *cue == first) || lexicon::AUXILIARIES.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn the_same_words_are_known_and_nothing_else_is() {
        for (a, b) in [
            ("what is the capital of mongolia", "What is the capital of Mongolia?"),
            ("whats the GDP  of india", "What's the GDP of India?"),
            ("Hi! Who is Ada Lovelace?", "who’s ada lovelace"),
            ("Please define “entropy”.", "define \"entropy\""),
            ("Tell me a joke!", "tell me a joke, please"),
            ("is it raining", "Is it raining??"),
        ] {
            assert!(is_same(a, b) && is_same(b, a), "{a} | {b}");
        }
        for (a, b) in [
            ("My refund arrived", "My refund arrived?"),
            ("My refund arrived.", "My refund arrived?"),
            ("fix: foo(bar", "fix: foo(bar)"),
            ("hi in french", "in french"),
            ("How do you say please?", "How do you say?"),
            ("What's wrong with a,b", "What's wrong with a b"),
            ("", "what"),
        ] {
            assert!(!is_same(a, b) && !is_same(b, a), "{a} | {b}");
        }
    }
}
