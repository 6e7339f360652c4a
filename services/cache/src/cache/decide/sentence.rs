//! A question as the guard and the verifier read it: words, numbers, names. English; the words of another language are names and
//! plain words here, and the guard holds such a question to them.

use std::collections::BTreeSet;

use rust_stemmers::{Algorithm, Stemmer};

use super::lexicon;

/// What a word is to the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Holds no meaning of its own: articles, auxiliaries, courtesies.
    Function,
    /// Turns the meaning round.
    Negation,
    /// A number, in digits or in words.
    Number,
    /// What a number counts.
    Unit,
    /// A proper name, by its capital or because it is known: a place, a language, a month.
    Name,
    /// Anything else.
    Content,
}

/// One word.
#[derive(Debug, Clone)]
pub struct Word {
    /// Lower case, without its ending. A number in its plain form.
    pub stem: String,
    /// Lower case, as written.
    pub lower: String,
    /// What it is to the decision.
    pub kind: Kind,
    /// Its place in the text, in words.
    pub at: usize,
}

impl Word {
    /// `twenty` grows by `five`, and any whole number by `thousand`.
    fn grows_by(&mut self, next: &str) -> bool {
        let Some(value) = self.stem.parse::<u64>().ok().filter(|_| self.kind == Kind::Number) else { return false };
        let next_value = if next == "one" { Some(1) } else { lexicon::number_word(next).map(u64::from) };
        let is_tens = matches!(value, 20..=90) && value % 10 == 0 && lexicon::number_word(&self.lower).is_some();
        let grown = match next_value {
            Some(ones @ 1..=9) if is_tens => Some(value + ones),
            Some(scale @ (100 | 1_000 | 1_000_000 | 1_000_000_000)) => value.checked_mul(scale),
            _ => None,
        };
        let Some(grown) = grown else { return false };
        self.stem = grown.to_string();
        self.lower = format!("{} {next}", self.lower);
        true
    }
}

/// A question, taken apart.
#[derive(Debug, Clone)]
pub struct Sentence {
    pub(super) words: Vec<Word>,
    known: BTreeSet<String>,
}

impl Sentence {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let pieces = pieces(text);
        let shouted = is_title(&pieces);
        let mut words: Vec<Word> = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            let lower = cased_unit(piece.text).unwrap_or_else(|| piece.text.to_lowercase().replace('’', "'"));
            if words.last_mut().is_some_and(|last| last.grows_by(&lower)) {
                continue;
            }
            if let Some((number, unit)) = number(&lower) {
                words.push(Word { stem: number, lower: lower.clone(), kind: Kind::Number, at: words.len() });
                if let Some(unit) = unit {
                    let stem = lexicon::unit(unit).unwrap_or(unit).to_owned();
                    words.push(Word { stem, lower: unit.to_owned(), kind: Kind::Unit, at: words.len() });
                }
                continue;
            }
            let after_number = words.last().is_some_and(|word| word.kind == Kind::Number);
            let denied = words.last().is_some_and(|word| lexicon::FREE_OF.contains(&word.lower.as_str()));
            let lower = if denied && lower == "free" { "without".to_owned() } else { lower };
            let word = plain(lower, piece, &stemmer, after_number, shouted, words.len());
            words.push(word);
        }
        let known = words.iter().flat_map(|word| [word.stem.clone(), word.lower.clone()]).collect();
        Self { words, known }
    }

    /// The words of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(move |word| word.kind == kind)
    }

    /// The words that carry meaning: all but function words and negations.
    pub fn meaning(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| !matches!(word.kind, Kind::Function | Kind::Negation))
    }

    /// Those of them from this place on.
    pub(super) fn meaning_from(&self, at: usize) -> impl Iterator<Item = &Word> {
        let rest = self.words.get(at..).unwrap_or_default();
        rest.iter().filter(|word| !matches!(word.kind, Kind::Function | Kind::Negation))
    }

    /// Does it hold this word, whatever its kind?
    pub fn holds(&self, word: &Word) -> bool {
        self.known.contains(&word.stem) || self.known.contains(&word.lower)
    }
}

fn plain(lower: String, piece: &Piece<'_>, stemmer: &Stemmer, after_number: bool, shouted: bool, at: usize) -> Word {
    if lower.ends_with("n't") || lexicon::NEGATIONS.contains(&lower.as_str()) {
        return Word { stem: "not".into(), lower, kind: Kind::Negation, at };
    }
    if let Some(unit) = lexicon::unit(&lower).filter(|_| after_number).or_else(|| lexicon::plain_unit(&lower)) {
        return Word { stem: unit.into(), lower, kind: Kind::Unit, at };
    }
    let base = lower.strip_suffix("'s").unwrap_or(&lower);
    // `US`, `WHO` and the branch `A` are names, whatever they are in small letters.
    let is_name = !shouted && matches!(piece.text, "A" | "US" | "IT" | "WHO") && !piece.starts;
    if !is_name && lexicon::FUNCTION_WORDS.contains(&base) {
        return Word { stem: base.to_owned(), lower, kind: Kind::Function, at };
    }
    let digits = base.bytes().any(|byte| byte.is_ascii_digit());
    let capital = piece.capital && !shouted && !piece.starts;
    let named = digits || capital || piece.marked || lexicon::is_name(base);
    let stem = if named { lexicon::alias(base).to_owned() } else { stemmer.stem(base).into_owned() };
    Word { stem, lower, kind: if named { Kind::Name } else { Kind::Content }, at }
}

struct Piece<'a> {
    text: &'a str,
    /// Its first letter is a capital, or it has a capital inside.
    capital: bool,
    /// It begins a sentence, where a capital says nothing. Not so for a word of capitals alone.
    starts: bool,
    /// A sign of code is in it: `c++`, `f#`, `snake_case`, `a.b`.
    marked: bool,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut starts = true;
    for chunk in text.split(char::is_whitespace).flat_map(sentences) {
        let ends = chunk.ends_with(['.', '!', '?', ':', ';', '…']);
        if let Some(flag) = flag(chunk) {
            pieces.push(Piece { text: flag, capital: false, starts: false, marked: true });
            starts = false;
            continue;
        }
        for part in chunk.split(|c| SEPARATORS.contains(c)).flat_map(split_commas).flat_map(split_hyphens) {
            let word = part.trim_matches(|c: char| !c.is_alphanumeric() && !"+#%$€£¥".contains(c));
            if !word.chars().any(char::is_alphanumeric) {
                continue;
            }
            let letters = word.chars().filter(|c| c.is_alphabetic()).count();
            let capitals = word.chars().filter(|c| c.is_uppercase()).count();
            let inner = word.chars().skip(1).any(char::is_uppercase);
            let all = letters > 1 && capitals == letters;
            pieces.push(Piece {
                text: word,
                capital: capitals > 0 && word != "I" && !word.starts_with("I'") && !word.starts_with("I’"),
                starts: starts && !all && !inner,
                marked: word.contains(['+', '#', '_', '@']) || (word.contains('.') && letters > 0),
            });
            starts = false;
        }
        starts = starts || ends;
    }
    pieces
}

/// `-r`, `--hard`, `-5`: what the sign is to, with it.
fn flag(chunk: &str) -> Option<&str> {
    let chunk = chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '-');
    let name = chunk.trim_start_matches('-');
    let dashes = chunk.len() - name.len();
    let plain =
        name.starts_with(char::is_alphanumeric) && name.chars().all(|c| c.is_alphanumeric() || "-_.=".contains(c));
    (matches!(dashes, 1 | 2) && plain).then(|| chunk.trim_end_matches(['.', '-', '=']))
}

/// What stands between words.
const SEPARATORS: &str = "\"“”()[]{}<>;:!?*|/\\=—–…";

/// `bad.This` is two sentences without a blank between them, `a.b` is one word.
fn sentences(chunk: &str) -> impl Iterator<Item = &str> {
    let capital_follows = |at: usize| chunk.get(at + 1..).is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let lower_before = |at: usize| chunk.get(..at).is_some_and(|front| front.ends_with(char::is_lowercase));
    let cut = chunk.match_indices('.').map(|(at, _)| at).find(|at| capital_follows(*at) && lower_before(*at));
    let (first, rest) = cut.and_then(|at| chunk.split_at_checked(at + 1)).unwrap_or((chunk, ""));
    [first, rest].into_iter().filter(|part| !part.is_empty())
}

/// `1,000` is one number, any other comma stands between words.
fn split_commas(part: &str) -> impl Iterator<Item = &str> {
    let mut groups = part.trim_matches(',').split(',');
    let first = groups.next().is_some_and(|first| first.ends_with(|c: char| c.is_ascii_digit()));
    let thousands = |group: &str| group.len() >= 3 && group.bytes().take(3).all(|byte| byte.is_ascii_digit());
    let whole = first && groups.all(thousands);
    part.split(move |c| c == ',' && !whole)
}

/// `two-factor` is two words, `-5` and `1Z0-560` are one each. `nut-free` denies the nuts.
fn split_hyphens(chunk: &str) -> impl Iterator<Item = &str> {
    let whole = chunk.bytes().any(|byte| byte.is_ascii_digit());
    let denies = |part| if part == "free" { "without" } else { part };
    let parts = chunk.split(move |c| c == '-' && !whole).enumerate();
    parts.map(move |(at, part)| if at > 0 { denies(part) } else { part })
}

/// Units that differ in their capitals alone: `2 Mb` are megabits, `2 MB` and `2 mb` megabytes; `5 mW` are milliwatts.
fn cased_unit(word: &str) -> Option<String> {
    const CASED: [(&str, &str); 4] = [("Kb", "kbit"), ("Mb", "mbit"), ("Gb", "gbit"), ("mW", "milliwatt")];
    let (number, unit) = CASED.iter().find_map(|(written, unit)| Some((word.strip_suffix(written)?, unit)))?;
    number.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',').then(|| format!("{number}{unit}"))
}

/// Is nearly every longer word capitalised, beside those that begin a sentence? Then capitals name nothing.
fn is_title(pieces: &[Piece<'_>]) -> bool {
    let long: Vec<&Piece<'_>> = pieces.iter().filter(|piece| piece.text.len() > 3 && !piece.starts).collect();
    long.len() > 2 && long.iter().filter(|piece| piece.capital).count() * 4 >= long.len() * 3
}

/// A number in plain form and the unit written on to it: `1,000` is `1000`, `5kg` is `5` and `kg`, `fifteen` is `15`.
fn number(word: &str) -> Option<(String, Option<&str>)> {
    if let Some(value) = lexicon::number_word(word) {
        return Some((value.to_string(), None));
    }
    let (sign, bare) = match word.strip_prefix(['$', '€', '£', '¥']) {
        Some(bare) => (word.get(..word.len() - bare.len()), bare),
        None => (None, word),
    };
    let end = bare.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(bare.len());
    let (digits, rest) = bare.split_at_checked(end)?;
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || rest.chars().any(|c| c.is_ascii_digit()) || rest.len() > 5 {
        return None;
    }
    let mut plain = digits.trim_end_matches(['.', ',']).replace(',', "");
    // `$2.50` is `$2.5` and `1000.00` is `1000`, but the versions 3.10 and 3.1 are two.
    if let Some((whole, fraction)) = plain.split_once('.')
        && (sign.is_some() || fraction.bytes().all(|byte| byte == b'0'))
        && !fraction.contains('.')
    {
        let fraction = fraction.trim_end_matches('0');
        plain = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    }
    let ordinal = matches!(rest, "st" | "nd" | "rd" | "th");
    // `8a` is the name of a thing, not eight of any.
    if !rest.is_empty() && !ordinal && lexicon::unit(rest).is_none() {
        return None;
    }
    let unit = if ordinal || rest.is_empty() { sign } else { Some(rest) };
    Some((plain, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, kind: Kind) -> Vec<String> {
        Sentence::of(text).of_kind(kind).map(|word| word.stem.clone()).collect()
    }

    #[test]
    fn numbers_are_brought_to_one_form() {
        assert_eq!(kinds("pay $1,000 or $2.50 for fifteen", Kind::Number), ["1000", "2.5", "15"]);
        assert_eq!(kinds("5kg, the 3rd, 20 kilograms", Kind::Number), ["5", "3", "20"]);
        assert_eq!(kinds("5kg, the 3rd, 20 kilograms", Kind::Unit), ["kg", "kg"]);
    }

    #[test]
    fn names_are_known_by_capital_sign_or_list() {
        assert_eq!(kinds("Is Anna in paris with C++ and a 1Z0-560?", Kind::Name), ["anna", "paris", "c++", "1z0-560"]);
        assert_eq!(kinds("How Do You Say Hello There Politely", Kind::Name), [""; 0]);
        assert_eq!(kinds("Where do I go? There.", Kind::Name), [""; 0]);
    }

    #[test]
    fn any_text_is_taken_apart() {
        for text in ["", " ", "'", "n't", "…", "₂", "5.", "$", "ǅ İ ß", "a\u{0}b", "1,2,3.4.5", "-5", "''s"] {
            let _ = Sentence::of(text);
        }
    }
}
