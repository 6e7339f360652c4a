//! All literals that matter, in one table: words beside a value, words that speak against it, starts of secrets, and marks
//! at which a finder looks closer. A text is run through it once.
//!
//! Each literal begins where a word begins, at a sign, or at a character of another script. Only there two bytes choose the few
//! literals that could follow: for most words of a text there is none. (An Aho-Corasick automaton of the same literals took
//! three times as long: its states do not fit the cache.)

use super::bits::Bits;
use super::find::Mark;
use super::groups::secrets::PREFIXES;
use super::view::{Script, View};
use std::collections::BTreeMap;

/// Words that speak against a personal number: what log lines, orders and machines number.
const AGAINST: &str = "id|ids|item|items|log|logs|order|orders|ticket|issue|invoice|sku|product|part no|part number|build|version|commit|hash|sha|sha1|sha256|md5|epoch|timestamp|ts|created|updated|created_at|updated_at|trace|trace_id|span|request|request_id|run|job|page|seq|sequence|index|offset|line|row|port|bytes|size|count|total|price|amount|usd|eur|isbn|issn|ean|upc|gtin|barcode|tracking|snowflake|message_id|event|get|post|put|checksum|digest|uuid|chapter|edition|rev|revision|serial|model|nonce|cursor|token_count|duration|latency|millis|ms";

/// What a literal of the automaton means.
#[derive(Debug, Clone, Default)]
pub struct Meaning {
    /// The recognizers that it is context of.
    pub context: Bits,
    /// It speaks against a personal number.
    pub against: bool,
    /// What looks closer here.
    pub mark: Option<Mark>,
    /// It has to stand alone.
    whole: bool,
    text: Vec<u8>,
}

/// A literal that was found: where it is in the view, and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// The number of its meaning.
    pub meaning: u32,
}

/// The table.
#[derive(Debug)]
pub struct Words {
    /// By the first two bytes, in lower case: the first of the meanings that start so, plus one.
    pairs: Vec<u16>,
    /// Whether some literal starts so, a bit for each pair: this fits the first cache.
    known: Vec<u64>,
    /// The first four bytes of each meaning's text, in their order.
    keys: Vec<u32>,
    /// In the order of their texts.
    meanings: Vec<Meaning>,
}

/// A word as the view would have it: without marks, in lower case.
fn folded(word: &str) -> String {
    let view = View::new(word, Script::Plain);
    String::from_utf8_lossy(view.bytes()).to_lowercase()
}

impl Words {
    /// The automaton of these context words (each list parted by `|`, with the recognizer's number) and of all else.
    pub fn new<'a>(contexts: impl Iterator<Item = (usize, &'a str)>, words: &[(usize, String)]) -> Option<Self> {
        let mut meanings: BTreeMap<String, Meaning> = BTreeMap::new();
        for (number, list) in contexts {
            for word in list.split('|').filter(|word| !word.is_empty()) {
                let word = folded(word);
                let whole = word.is_ascii();
                let meaning = meanings.entry(word.clone()).or_default();
                meaning.context.set(number);
                meaning.whole = whole;
            }
        }
        for word in AGAINST.split('|') {
            let meaning = meanings.entry(word.to_owned()).or_default();
            meaning.against = true;
            meaning.whole = true;
        }
        for (prefix, (_, literal, ..)) in PREFIXES.iter().enumerate() {
            // The automaton folds case, so two literals can be one here; the finder looks at all that start so.
            let meaning = meanings.entry(literal.to_lowercase()).or_default();
            meaning.mark.get_or_insert(Mark::Secret(prefix));
        }
        for (literal, mark) in super::find::MARKS {
            meanings.entry((*literal).to_owned()).or_default().mark = Some(*mark);
        }
        for (number, word) in words {
            meanings.entry(folded(word)).or_default().mark = Some(Mark::Word(*number));
        }
        let meanings: Vec<Meaning> = meanings
            .into_iter()
            .filter(|(text, _)| text.len() >= 2)
            .map(|(text, meaning)| Meaning { text: text.into_bytes(), ..meaning })
            .collect();
        let mut pairs = vec![0_u16; 1 << 16];
        let mut known = vec![0_u64; 1 << 10];
        for (at, meaning) in meanings.iter().enumerate().rev() {
            let pair = pair(&meaning.text, 0)?;
            *pairs.get_mut(pair)? = u16::try_from(at + 1).ok()?;
            *known.get_mut(pair / 64)? |= 1 << (pair % 64);
        }
        let keys = meanings.iter().map(|meaning| key(&meaning.text)).collect();
        Some(Self { pairs, known, keys, meanings })
    }

    /// The meaning of a hit.
    pub fn meaning(&self, hit: Hit) -> Option<&Meaning> {
        self.meanings.get(hit.meaning as usize)
    }

    /// All literals in a text, by where they start.
    pub fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::with_capacity(bytes.len() / 24);
        let mut in_word = false;
        for (at, byte) in bytes.iter().enumerate() {
            let of_word = byte.is_ascii_alphanumeric();
            // Neither inside a word nor inside a character.
            let inside = (in_word && of_word) || (0x80..0xc0).contains(byte);
            if !inside && *byte != b' ' {
                let Some(pair) = pair(bytes, at) else { break };
                if self.known.get(pair / 64).is_some_and(|word| word >> (pair % 64) & 1 == 1) {
                    let first = self.pairs.get(pair).copied().unwrap_or(1);
                    self.hits_at(bytes, at, usize::from(first).saturating_sub(1), &mut hits);
                }
            }
            in_word = of_word;
        }
        hits
    }

    /// All literals that start at `at`, of those from `first` on that share its first two bytes.
    fn hits_at(&self, bytes: &[u8], at: usize, first: usize, hits: &mut Vec<Hit>) {
        let rest = bytes.get(at..).unwrap_or_default();
        let here = key(rest);
        for (number, key) in self.keys.iter().enumerate().skip(first) {
            if key >> 16 != here >> 16 {
                return;
            }
            // Where a text is shorter than four bytes its key ends with zeros.
            let differs = key ^ here;
            if (differs & 0xff00 != 0 && key & 0xff00 != 0) || (differs & 0xff != 0 && key & 0xff != 0) {
                continue;
            }
            let Some(meaning) = self.meanings.get(number) else { return };
            let text = meaning.text.as_slice();
            let found = rest.len() >= text.len() && starts_folded(rest, text);
            let end = at + text.len();
            if found && (meaning.mark.is_some() || !meaning.whole || stands_alone(bytes, at, end)) {
                hits.push(Hit { start: at, end, meaning: u32::try_from(number).unwrap_or(u32::MAX) });
            }
        }
    }
}

/// The number of the two bytes at a place, in lower case.
fn pair(bytes: &[u8], at: usize) -> Option<usize> {
    let low = |at: usize| bytes.get(at).map(|byte| usize::from(byte.to_ascii_lowercase()));
    Some(low(at)? << 8 | low(at + 1)?)
}

/// The first four bytes of a text in lower case, with zeros behind a shorter one.
fn key(text: &[u8]) -> u32 {
    let low = |at: usize| text.get(at).map_or(0, |byte| u32::from(byte.to_ascii_lowercase()));
    low(0) << 24 | low(1) << 16 | low(2) << 8 | low(3)
}

/// Whether `text` starts with `word`, but for the case of its letters.
fn starts_folded(text: &[u8], word: &[u8]) -> bool {
    text.len() >= word.len() && text.iter().zip(word).all(|(byte, word)| byte.to_ascii_lowercase() == *word)
}

/// Whether a word is one of its own: no letter or digit before it, and at most an ending behind it.
pub fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    if before.is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    let behind = bytes.get(end..).unwrap_or_default();
    let ending = behind.iter().take(4).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let most = if end - start >= 5 { 3 } else { usize::from(behind.first() == Some(&b's')) };
    ending <= most && behind.iter().take(ending).all(u8::is_ascii_alphabetic)
}
