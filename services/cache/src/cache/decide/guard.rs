//! The slot guard: near in the embedder's eyes, yet another question, because something in it that decides the answer
//! differs. Each rule names what it saw. A rule may refuse what would have been right; it is never asked to accept.

mod foreign;
mod frame;
mod order;
mod signs;

use std::collections::BTreeMap;

use super::{
    lexicon,
    sentence::{Kind, Sentence, Word},
};

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A number is not in the other question, or not as often.
    Number,
    /// The numbers agree, what they count does not.
    Unit,
    /// One question denies what the other one says.
    Negation,
    /// A word stands against its opposite, or one says `only`.
    Opposite,
    /// A name, place, language, product, time or piece of code is in one of them only.
    Name,
    /// The same words in another order, such as from and to.
    Order,
    /// Signs between words, as code and sums have them, differ.
    Signs,
    /// The same words ask about another time: what is, what was.
    Tense,
    /// The same words, and somebody else does or has it.
    Person,
    /// One asks why, the other when; one how often, the other how deep.
    Asked,
    /// The questions are written in different scripts; or not in English, and not in the same words.
    Language,
}

impl Slot {
    /// A word for an operator.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Unit => "unit",
            Self::Negation => "negation",
            Self::Opposite => "opposite",
            Self::Name => "name",
            Self::Order => "order",
            Self::Signs => "signs",
            Self::Tense => "tense",
            Self::Person => "person",
            Self::Asked => "asked",
            Self::Language => "language",
        }
    }
}

/// What differs between two questions so that one answer cannot serve both; `None` where no rule objects.
#[must_use]
pub fn differs(asked: &str, kept: &str) -> Option<Slot> {
    judge(asked, &Sentence::of(asked), kept, &Sentence::of(kept))
}

/// Does something differ between two questions?
type Rule = fn(&Sentence, &Sentence) -> bool;

/// As [`differs`], of questions that were taken apart already.
pub(super) fn judge(asked: &str, a: &Sentence, kept: &str, b: &Sentence) -> Option<Slot> {
    let written = script(asked);
    if written != script(kept) {
        return Some(Slot::Language);
    }
    if signs::of(asked) != signs::of(kept) {
        return Some(Slot::Signs);
    }
    let rules: [(Slot, Rule); 10] = [
        (Slot::Number, |a, b| bag(a, Kind::Number) != bag(b, Kind::Number)),
        (Slot::Unit, units_differ),
        (Slot::Name, |a, b| names_lack(a, b) || names_lack(b, a)),
        (Slot::Negation, |a, b| denies(a, b) || denies(b, a)),
        (Slot::Opposite, opposed),
        (Slot::Opposite, frame::limits_differ),
        (Slot::Order, order::differs),
        (Slot::Tense, frame::tense_differs),
        (Slot::Person, frame::person_differs),
        (Slot::Asked, frame::asked_differs),
    ];
    let found = rules.into_iter().find(|(_, differ)| differ(a, b)).map(|(slot, _)| slot);
    let symbols = || (signs::symbols(asked) != signs::symbols(kept)).then_some(Slot::Signs);
    let turned = || signs::turned(asked, kept).then_some(Slot::Order);
    let foreign = || foreign::differs(written, a, b).then_some(Slot::Language);
    found.or_else(symbols).or_else(turned).or_else(foreign)
}

fn bag(sentence: &Sentence, kind: Kind) -> BTreeMap<&str, usize> {
    let mut bag = BTreeMap::new();
    for word in sentence.of_kind(kind) {
        *bag.entry(word.stem.as_str()).or_default() += 1;
    }
    bag
}

/// Only where both have units: `for 5` may well mean `for 5 days`.
fn units_differ(a: &Sentence, b: &Sentence) -> bool {
    let (a, b) = (bag(a, Kind::Unit), bag(b, Kind::Unit));
    !a.is_empty() && !b.is_empty() && a != b
}

fn names_lack(a: &Sentence, b: &Sentence) -> bool {
    let short = |name: &Word| b.of_kind(Kind::Name).any(|short| spells(short, a, Some(name.at)));
    a.of_kind(Kind::Name).any(|name| !b.holds(name) && !spells(name, b, None) && !short(name))
}

/// `IBM` is spelled out by three words in a row that begin with its letters; with a place, by words that hold the one there.
fn spells(name: &Word, by: &Sentence, place: Option<usize>) -> bool {
    let letters: Vec<char> = name.lower.chars().filter(|c| c.is_alphabetic()).collect();
    let firsts: Vec<char> = by.words.iter().filter_map(|word| word.lower.chars().next()).collect();
    let holds = |at: usize| place.is_none_or(|place| (at..at + letters.len()).contains(&place));
    let mut runs = firsts.windows(letters.len().max(1)).enumerate();
    letters.len() > 1 && letters.len() < 6 && runs.any(|(at, run)| run == letters && holds(at))
}

/// Does `a` deny something that `b` says without denying it?
fn denies(a: &Sentence, b: &Sentence) -> bool {
    if a.of_kind(Kind::Negation).count() % 2 == b.of_kind(Kind::Negation).count() % 2 {
        return false;
    }
    a.of_kind(Kind::Negation).any(|cue| {
        let mut scope = a.meaning_from(cue.at).take(3).peekable();
        scope.peek().is_none() || scope.any(|word| b.holds(word))
    })
}

fn opposed(a: &Sentence, b: &Sentence) -> bool {
    let only_a: Vec<&Word> = a.words.iter().filter(|word| !b.holds(word)).take(64).collect();
    let only_b: Vec<&Word> = b.words.iter().filter(|word| !a.holds(word)).take(64).collect();
    only_a.iter().any(|x| only_b.iter().any(|y| lexicon::are_opposites(&x.stem, &y.stem)))
}

/// Which of the world's scripts most letters are in, coarsely; 0 for Latin.
fn script(text: &str) -> u8 {
    let mut counts = [0usize; 8];
    for c in text.chars().filter(|c| c.is_alphabetic()).take(400) {
        let class = match u32::from(c) {
            0..=0x24F | 0x1E00..=0x1EFF => 0,
            0x370..=0x3FF => 1,
            0x400..=0x52F => 2,
            0x590..=0x5FF => 3,
            0x600..=0x77F => 4,
            0x900..=0xDFF => 5,
            0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => 6,
            _ => 7,
        };
        if let Some(count) = counts.get_mut(class) {
            *count += 1;
        }
    }
    (0u8..).zip(counts).max_by_key(|(class, count)| (*count, 8 - class)).map_or(0, |(class, _)| class)
}
