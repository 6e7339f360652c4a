//! The same things in another order: who bites whom, from where to where, what first.

use crate::cache::decide::lexicon;
use crate::cache::decide::sentence::{Kind, Sentence, Word};

/// Do two things change places? Names and numbers that both questions hold; what stands after `from` and `to`; and any words
/// where both questions are made of the very same ones. Neighbours may change places, and so may what `and`, `or` and
/// `between` join.
pub(super) fn differs(a: &Sentence, b: &Sentence) -> bool {
    if roles_change(a, b) || suffers(a, b) || suffers(b, a) {
        return true;
    }
    if is_moved(a, b) || is_moved(b, a) {
        return false;
    }
    let any = |words: &[&str]| a.words.iter().any(|word| words.contains(&word.lower.as_str()));
    if any(lexicon::SYMMETRIC) && !any(lexicon::SEQUENCE) {
        return false;
    }
    let same = bag_of_all(a) == bag_of_all(b);
    // `today in Paris` and `in Paris today` are one: what names a time has no place of its own.
    let named = |word: &Word| word.kind == Kind::Name && !lexicon::is_time(&word.lower);
    swapped(a, b, named)
        || swapped(a, b, |word| word.kind == Kind::Number)
        || (same && swapped(a, b, |word| !lexicon::is_time(&word.lower)))
        || turned(a, b)
        || turned(b, a)
}

/// `I was hit by a car` and `I hit a car`: the same words in the same order, and another one acts.
fn suffers(a: &Sentence, b: &Sentence) -> bool {
    const PASSIVE: &[&str] = &["is", "are", "was", "were", "be", "been", "being", "get", "gets", "got"];
    let by = |of: &Sentence| of.words.iter().position(|word| word.lower == "by");
    let is_passive = |of: &Sentence| {
        by(of).is_some_and(|at| of.words.iter().take(at).any(|word| PASSIVE.contains(&word.lower.as_str())))
    };
    let stems = |of: &Sentence| of.meaning().map(|word| word.stem.clone()).collect::<Vec<_>>();
    is_passive(a) && by(b).is_none() && stems(a) == stems(b)
}

/// `In Python, how do I read a file` is `how do I read a file in Python`: what a preposition leads went to the end, with all
/// else as it was.
fn is_moved(a: &Sentence, b: &Sentence) -> bool {
    let leads = a.words.first().is_some_and(|word| lexicon::FRONTED.contains(&word.lower.as_str()));
    let ends = |at: usize| a.words.iter().cycle().skip(at).zip(&b.words).all(|(one, other)| one.stem == other.stem);
    leads && a.words.len() == b.words.len() && (1..a.words.len()).any(ends)
}

/// `Who invited Anna` and `who did Anna invite`: with the helping verb the one that is asked for suffers what it did without. The
/// verb may have another form: `who taught Plato`.
fn roles_change(a: &Sentence, b: &Sentence) -> bool {
    let at = |of: &Sentence, place: usize, words: &[&str]| {
        of.words.get(place).is_some_and(|word| words.contains(&word.lower.as_str()))
    };
    let asks = |of| at(of, 0, &["who", "what"]);
    let helped = |of| at(of, 1, &["do", "does", "did"]);
    let acts = |of| helped(of) || !at(of, 1, lexicon::AUXILIARIES);
    let (one, other) = (bag_of_all(a), bag_of_all(b));
    let lacks = |one: &[&str], other: &[&str]| one.iter().filter(|word| !other.contains(word)).count();
    let same = one.len() == other.len() && lacks(&one, &other) <= 1 && lacks(&other, &one) <= 1;
    asks(a) && asks(b) && acts(a) && acts(b) && helped(a) != helped(b) && same
}

fn bag_of_all(sentence: &Sentence) -> Vec<&str> {
    let fillers = ["a", "an", "the", "is", "are", "do", "does", "did"];
    let words = sentence.words.iter().map(|word| word.stem.as_str());
    let mut bag: Vec<&str> = words.filter(|word| !fillers.contains(word)).collect();
    bag.sort_unstable();
    bag
}

fn swapped(a: &Sentence, b: &Sentence, counts: impl Fn(&Word) -> bool) -> bool {
    let places: Vec<(usize, usize)> = a
        .meaning()
        .filter(|word| counts(word))
        .take(64)
        .filter_map(|word| {
            let mut there = b.words.iter().filter(|other| other.stem == word.stem);
            let found = there.next()?;
            there.next().is_none().then_some((word.at, found.at))
        })
        .collect();
    places.iter().enumerate().any(|(index, first)| {
        let apart = |second: &(usize, usize)| second.0 > first.0 + 1 || first.1 > second.1 + 1;
        places.iter().skip(index + 1).any(|second| second.1 < first.1 && apart(second))
    })
}

/// Does one come from where the other goes to?
fn turned(a: &Sentence, b: &Sentence) -> bool {
    let after = |sentence: &Sentence, cues: &[&str]| -> Option<String> {
        let cue = sentence.words.iter().find(|word| cues.contains(&word.lower.as_str()))?.at;
        sentence.meaning().find(|word| word.at > cue).map(|word| word.stem.clone())
    };
    let (from, to) = (after(a, &["from"]), after(b, &["to", "into", "onto"]));
    from.is_some() && from == to
}
