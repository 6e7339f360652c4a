//! What the verifier weighs: a few numbers about two questions and about how crowded the place is that they lie in. None
//! of them knows a topic: they are ratios and counts, so that what is learnt from one field holds in another.

use std::collections::BTreeSet;

use super::{
    Asked, Candidate, lexicon,
    sentence::{Kind, Sentence, Word},
};

/// Numbers about the two questions alone.
pub const PAIR: usize = 14;

/// The first of them: how near the questions are.
pub const NEAR: usize = 2;

/// Numbers about the candidates around them.
pub const CROWD: usize = 10;

/// How many candidates make a crowd.
pub const CROWD_SIZE: usize = 10;

/// Numbers about the question and one candidate.
pub fn pair(asked: &Sentence, asked_text: &str, kept: &Sentence, kept_text: &str, similarity: f32) -> [f32; PAIR] {
    let a: BTreeSet<&str> = asked.meaning().map(|word| word.stem.as_str()).collect();
    let b: BTreeSet<&str> = kept.meaning().map(|word| word.stem.as_str()).collect();
    let shared = a.intersection(&b).count() as f32;
    let (only_a, only_b) = (a.len() as f32 - shared, b.len() as f32 - shared);
    let all_a: BTreeSet<&str> = asked.words.iter().map(|word| word.lower.as_str()).collect();
    let all_b: BTreeSet<&str> = kept.words.iter().map(|word| word.lower.as_str()).collect();
    let (few, many) = (only_a.min(only_b), only_a.max(only_b));
    let (long, short) = (asked.words.len().max(kept.words.len()), asked.words.len().min(kept.words.len()));
    [
        similarity,
        -(1.02 - similarity).max(0.001).ln(),
        dice(shared, a.len(), b.len()),
        dice(all_a.intersection(&all_b).count() as f32, all_a.len(), all_b.len()),
        trigrams(asked_text, kept_text),
        few.min(4.0),
        many.min(6.0),
        flag(only_a == 1.0 && only_b == 1.0),
        flag(few == 0.0 && many > 0.0),
        flag(many == 0.0),
        flag(asks(asked) != asks(kept)),
        flag(person(asked) != person(kept)),
        ((short as f32 + 1.0) / (long as f32 + 1.0)).ln(),
        flag(denials(asked) != denials(kept)),
    ]
}

/// Numbers about the crowd around candidate `index`. `None` where the crowd is small or has no vectors.
pub fn crowd(asked: Asked<'_>, candidates: &[Candidate<'_>], index: usize) -> Option<[f32; CROWD]> {
    let crowd = candidates.get(..CROWD_SIZE)?;
    let vectors: Vec<&[f32]> = crowd.iter().map(|one| one.vector).collect::<Option<_>>()?;
    let kept = *vectors.get(index)?;
    if asked.vector.len() != kept.len() {
        return None;
    }
    let near: Vec<f32> = crowd.iter().map(|one| one.similarity).collect();
    let others = vectors.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, other)| cosine(kept, other));
    let mut others: Vec<f32> = others.collect();
    others.sort_by(|a, b| b.total_cmp(a));
    let mut among = Vec::with_capacity(CROWD_SIZE * CROWD_SIZE / 2);
    for (at, one) in vectors.iter().enumerate() {
        among.extend(vectors.iter().skip(at + 1).map(|other| cosine(one, other)));
    }
    Some([
        near.first().copied()?,
        near.get(1).copied()?,
        near.get(4).copied()?,
        near.last().copied()?,
        mean(&near),
        mean(others.get(..4)?),
        mean(&others),
        mean(&among),
        among.iter().copied().fold(1.0, f32::min),
        index as f32,
    ])
}

/// All of them, and the place: the sum of both vectors. `None` as for [`crowd`].
pub fn all(pair: &[f32; PAIR], asked: Asked<'_>, candidates: &[Candidate<'_>], index: usize) -> Option<Vec<f32>> {
    let crowd = crowd(asked, candidates, index)?;
    let kept = candidates.get(index)?.vector?;
    let place = asked.vector.iter().zip(kept).map(|(asked, kept)| asked + kept);
    Some(pair.iter().chain(&crowd).copied().chain(place).collect())
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(of: &[f32]) -> f32 {
    of.iter().sum::<f32>() / of.len().max(1) as f32
}

fn flag(is: bool) -> f32 {
    if is { 1.0 } else { 0.0 }
}

/// Twice what is shared by what there is, 0 to 1.
fn dice(shared: f32, a: usize, b: usize) -> f32 {
    if a + b == 0 { 1.0 } else { 2.0 * shared / (a + b) as f32 }
}

/// How many runs of three letters two texts share.
fn trigrams(a: &str, b: &str) -> f32 {
    let of = |text: &str| -> BTreeSet<[char; 3]> {
        let letters: Vec<char> =
            text.chars().take(2000).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        letters.windows(3).filter_map(|run| <[char; 3]>::try_from(run).ok()).collect()
    };
    let (a, b) = (of(a), of(b));
    dice(a.intersection(&b).count() as f32, a.len(), b.len())
}

/// What the question asks for: a reason, a place, a manner.
fn asks(of: &Sentence) -> Option<&'static str> {
    let asked = |word: &Word| lexicon::ASKED.iter().find(|(cue, _)| *cue == word.lower).map(|(_, what)| *what);
    of.words.iter().find_map(asked)
}

/// Whom it is about: the asker, the asked, a third.
fn person(of: &Sentence) -> [bool; 3] {
    let any = |words: &[&str]| of.words.iter().any(|word| words.contains(&word.lower.as_str()));
    [
        any(&["i", "me", "my", "mine", "we", "our", "us", "i'm", "i've", "myself"]),
        any(&["you", "your", "yours"]),
        any(&["he", "she", "his", "her", "him", "they", "their", "them"]),
    ]
}

fn denials(of: &Sentence) -> bool {
    of.of_kind(Kind::Negation).count() % 2 == 1
}
