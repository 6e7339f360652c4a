//! The same words in another frame: another time, other people, another thing that is asked for. Each rule wants the words that
//! carry the meaning to be the same; where they differ, other rules and the verifier judge.

use crate::cache::decide::lexicon;
use crate::cache::decide::sentence::{Kind, Sentence, Word};

/// Do both ask what or who something is, one about now and the other about then? About last year, and about this one?
///
/// Why, how and where something happens is mostly asked in either tense, and what will be is what is.
pub(super) fn tense_differs(a: &Sentence, b: &Sentence) -> bool {
    let (this, that) = (period(a), period(b));
    let periods = this.zip(that).is_some_and(|(this, that)| this.1 == that.1 && this.0 != that.0);
    let past = |of| is_past(of).filter(|_| matches!(asked(of), Some("what" | "which" | "who" | "when")));
    // All who have been it, and the one who is.
    let since = |of| has_been(of) && matches!(asked(of), Some("which" | "who"));
    let now = |of| past(of) == Some(false);
    let times = past(a).zip(past(b)).is_some_and(|(a, b)| a != b) || (since(a) && now(b)) || (since(b) && now(a));
    periods || (times && rest(a, is_frame) == rest(b, is_frame))
}

fn has_been(of: &Sentence) -> bool {
    let at = |word: &str| of.words.iter().take(5).any(|one| one.lower == word);
    at("been") && (at("has") || at("have"))
}

/// `last year`: which, and of what.
fn period(of: &Sentence) -> Option<(&str, &str)> {
    const WHICH: [&str; 6] = ["this", "last", "next", "past", "previous", "coming"];
    const PERIODS: [&str; 12] = [
        "year", "month", "week", "weekend", "quarter", "season", "decade", "century", "summer", "winter", "semester",
        "term",
    ];
    of.words.windows(2).find_map(|pair| match pair {
        [which, what] if WHICH.contains(&which.lower.as_str()) && PERIODS.contains(&what.lower.as_str()) => {
            let which = if matches!(which.lower.as_str(), "past" | "previous") { "last" } else { &which.lower };
            Some((if which == "coming" { "next" } else { which }, what.lower.as_str()))
        }
        _ => None,
    })
}

/// By the auxiliary that a question begins with; `None` where there is none, or one of both times, such as `has been`.
fn is_past(of: &Sentence) -> Option<bool> {
    of.words.iter().take(4).find_map(|word| match word.lower.as_str() {
        "was" | "were" | "did" => Some(true),
        "is" | "are" | "am" | "do" | "does" | "will" | "shall" | "what's" | "who's" | "when's" => Some(false),
        _ => None,
    })
}

/// Do as many people stand in both, and others, or in other roles?
pub(super) fn person_differs(a: &Sentence, b: &Sentence) -> bool {
    let (first, second) = (people(a), people(b));
    let known = |people: &[u8]| people.iter().copied().filter(|one| *one != ANYBODY).collect::<Vec<_>>();
    let (known_first, known_second) = (known(&first), known(&second));
    let others = !known_first.is_empty() && !known_second.is_empty() && known_first != known_second;
    let turned = suffers(a, b) || suffers(b, a);
    (turned || (first.len() == second.len() && others)) && rest(a, is_frame) == rest(b, is_frame)
}

/// Does the one person of `a` act, and the same suffer in `b`: what I owe, who owes me?
fn suffers(a: &Sentence, b: &Sentence) -> bool {
    const FORMS: [(&str, &str); 5] = [("i", "me"), ("we", "us"), ("he", "him"), ("she", "her"), ("they", "them")];
    let lone = |of: &Sentence| {
        let mut people = of.words.iter().filter(|word| person(&word.lower).is_some());
        people.next().filter(|_| people.next().is_none()).map(|word| word.lower.clone())
    };
    let (acts, suffers) = (lone(a), lone(b));
    FORMS.iter().any(|(one, other)| acts.as_deref() == Some(one) && suffers.as_deref() == Some(other))
}

/// `How do I …` is `how do you …`: who acts may be anybody.
const ANYBODY: u8 = 9;

/// Who is named by a pronoun, in order.
fn people(of: &Sentence) -> Vec<u8> {
    let acts = |word: &Word| match word.lower.split('\'').next() {
        Some("i" | "we" | "they") => true,
        // `Can I call you` has no `you` that acts.
        Some("you") => word.at + 1 < of.words.len(),
        _ => false,
    };
    of.words.iter().filter_map(|word| if acts(word) { Some(ANYBODY) } else { person(&word.lower) }).collect()
}

fn person(word: &str) -> Option<u8> {
    Some(match word {
        "i" | "i'm" | "i've" | "i'd" | "i'll" | "me" | "my" | "mine" | "myself" => 1,
        "you" | "your" | "yours" | "yourself" => 2,
        "he" | "him" | "his" => 3,
        "she" | "her" | "hers" => 4,
        "we" | "us" | "our" | "ours" => 1,
        "they" | "them" | "their" | "theirs" => 5,
        _ => return None,
    })
}

/// Does one say `only`, and the other the same without it? Or avoid it, or the second of it?
pub(super) fn limits_differ(a: &Sentence, b: &Sentence) -> bool {
    let limits = |of: &Sentence| of.words.iter().filter(|word| is_limit(word)).count();
    let rest = |of| rest(of, |word| is_limit(word) || word.kind == Kind::Function);
    limits(a) != limits(b) && rest(a) == rest(b)
}

fn is_limit(word: &Word) -> bool {
    const LIMITS: &[&str] = &[
        "only",
        "solely",
        "exclusively",
        "except",
        "equal",
        "almost",
        "nearly",
        "second",
        "avoid",
        "avoids",
        "avoiding",
        "fail",
        "fails",
        "failed",
        "stop",
        "stops",
        "stopped",
    ];
    word.kind != Kind::Unit && LIMITS.contains(&word.lower.as_str())
}

/// Do they ask for another thing about the same words: why and when, how often and how much?
pub(super) fn asked_differs(a: &Sentence, b: &Sentence) -> bool {
    let (Some(first), Some(second)) = (asked(a), asked(b)) else { return false };
    // `How is it better` is `why is it better`.
    let reasons = [first, second].iter().all(|one| matches!(*one, "why" | "how")) && is_of_being(a) && is_of_being(b);
    first != second && apart(first, second) && !reasons && rest(a, is_function) == rest(b, is_function)
}

/// Can two things that are asked for not be the same? `What` can be anything, and `how long` is `when`.
fn apart(first: &str, second: &str) -> bool {
    let strict = |one| matches!(one, "why" | "when" | "who" | "often" | "old" | "deep" | "tall" | "wide" | "heavy");
    let open = |one| matches!(one, "what" | "which" | "whose" | "whom");
    let pair = |a, b| (first == a && second == b) || (first == b && second == a);
    (strict(first) || strict(second)) && !open(first) && !open(second) && !pair("when", "long") && !pair("who", "how")
}

/// Does it ask about what something is?
fn is_of_being(of: &Sentence) -> bool {
    of.words.get(1).is_some_and(|word| matches!(word.lower.as_str(), "is" | "are" | "was" | "were"))
}

/// What is asked for: `why`, or the word behind `how`. `None` where it is nothing or more than one thing, or no question, such
/// as `when I paid, it failed`.
fn asked(of: &Sentence) -> Option<&str> {
    let mut cues = of.words.iter().filter(|word| lexicon::ASKED.iter().any(|(cue, _)| *cue == word.lower));
    let cue = cues.next()?;
    let next = of.words.get(cue.at + 1)?;
    let degree = lexicon::DEGREES.iter().find(|(name, _)| cue.lower == "how" && *name == next.lower);
    let is_question = degree.is_some() || cue.lower != "when" || is_auxiliary(next);
    let asked = degree.map_or(cue.lower.as_str(), |(_, degree)| degree);
    (cues.next().is_none() && is_question).then_some(asked)
}

fn is_auxiliary(word: &Word) -> bool {
    lexicon::AUXILIARIES.contains(&word.lower.as_str())
}

/// What is no part of the frame, sorted.
fn rest(of: &Sentence, frame: fn(&Word) -> bool) -> Vec<&str> {
    let words = of.words.iter().filter(|word| !frame(word));
    let mut rest: Vec<&str> = words.map(|word| word.stem.as_str()).collect();
    rest.sort_unstable();
    rest
}

/// Articles, auxiliaries, people.
fn is_frame(word: &Word) -> bool {
    const FRAME: &[&str] = &[
        "a", "an", "the", "is", "are", "am", "was", "were", "be", "been", "being", "do", "does", "did", "doing", "has",
        "have", "had", "will", "shall", "please",
    ];
    FRAME.contains(&word.lower.as_str()) || person(&word.lower).is_some()
}

/// All that carries no meaning of its own, and what is asked for.
fn is_function(word: &Word) -> bool {
    word.kind == Kind::Function || lexicon::DEGREES.iter().any(|(name, _)| *name == word.lower)
}
