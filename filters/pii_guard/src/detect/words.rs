//! All literals that matter, in one table: words beside a value, words that speak against it, starts of secrets, and marks
//! at which a finder looks closer. A text is run through it once.
//!
//! [`super::pass`] says where a literal can begin. (An Aho-Corasick automaton of the same literals took three times as long:
//! its states do not fit the cache.)

use super::bits::Bits;
use super::find::Mark;
use super::groups::secrets::PREFIXES;
use super::pass::Code;
use super::view::{Script, View};
use std::collections::BTreeMap;

/// Words that speak against a personal number near them: what machines, shops and printers number.
const AGAINST: &str = "order number|order no|invoice|invoice number|sku|part no|part number|build|commit|hash|sha|sha1|sha256|md5|epoch|timestamp|ts|created_at|updated_at|trace_id|request_id|isbn|issn|ean|upc|gtin|barcode|tracking|snowflake|message_id|checksum|digest|uuid|chapter|edition|nonce|cursor|token_count|artikel-nr|bestellnummer|rechnungsnummer|sendungsnummer|numero de commande|numero de pedido|numero de seguimiento|bestellung nr|auftrag nr|rechnung nr|commande n|pmid|asset tag|license key|licence key|product code|population of|number of";

/// Words that speak against it right beside it: what sentences say too.
const BESIDE: &str = "id|ids|item|items|log|logs|order|orders|ticket|issue|product|version|created|updated|trace|span|request|requests|run|job|page|seq|sequence|index|offset|line|row|rows|port|bytes|size|count|total|price|amount|usd|eur|event|rev|revision|serial|model|duration|latency|millis|ms|parent|block|blocks|batch|lot|population|inhabitants|visitors|users|calls|tokens|records|bestellung|sendung|rechnung|artikel|auftrag|einwohner|commande|facture|colis|pedido|factura|envio|ordine|fattura|po|purchase order|parcel|shipment|package|pid|process|thread|node|bug|arxiv|uptime|rma|section|clause|paragraph|firmware|part|range|ack|window|len|length|limit|seed|pmc|case|asset";

/// What a literal of the automaton means.
#[derive(Debug, Clone, Default)]
pub struct Meaning {
    /// The recognizers that it is context of.
    pub context: Bits,
    /// It speaks against a personal number near it.
    pub against: bool,
    /// It speaks against one right beside it.
    pub beside: bool,
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
    /// Literals of two and three bytes, or with a space among the first four.
    short: Table,
    /// All others.
    long: Table,
    meanings: Vec<Meaning>,
}

/// Literals by a number of their first bytes.
#[derive(Debug, Default)]
struct Table {
    /// Whether there is one, a bit for each number: this fits the first cache.
    known: Vec<u64>,
    /// By the same number: where its literals start in `listed`; the next one's start is its end.
    starts: Vec<u16>,
    /// The first four bytes of a literal, folded, which of them count, and the number of its meaning.
    listed: Vec<(u32, u32, u16)>,
}

impl Table {
    /// Of literals by their number.
    fn new(mut entries: Vec<(usize, (u32, u32, u16))>) -> Option<Self> {
        entries.sort_by_key(|(code, entry)| (*code, entry.2));
        let mut table = Self { known: vec![0; 1 << 9], ..Self::default() };
        for code in 0..=1 << 15 {
            table.starts.push(u16::try_from(entries.partition_point(|(other, _)| *other < code)).ok()?);
        }
        for (code, entry) in entries {
            *table.known.get_mut(code / 64)? |= 1 << (code % 64);
            table.listed.push(entry);
        }
        Some(table)
    }

    #[inline]
    fn has(&self, code: usize) -> bool {
        self.known.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    fn of(&self, code: usize) -> &[(u32, u32, u16)] {
        let place = |code: usize| self.starts.get(code).copied().map_or(0, usize::from);
        self.listed.get(place(code)..place(code + 1)).unwrap_or_default()
    }
}

/// A word as the view would have it: without marks, in lower case.
fn folded(word: &str) -> String {
    let view = View::new(word, Script::Plain);
    String::from_utf8_lossy(view.bytes()).to_lowercase()
}

impl Words {
    /// The automaton of these context words (each list parted by `|`, with the recognizer's number) and of all else.
    /// A recognizer's own name is a word for it.
    pub fn new<'a>(
        contexts: impl Iterator<Item = (usize, &'a str)>,
        names: impl Iterator<Item = (usize, &'a str)>,
        words: &[(usize, String)],
    ) -> Option<Self> {
        let mut meanings: BTreeMap<String, Meaning> = BTreeMap::new();
        for (number, name) in names {
            let meaning = meanings.entry(name.to_lowercase().replace('_', " ")).or_default();
            meaning.context.set(number);
            meaning.whole = true;
        }
        for (number, list) in contexts {
            for word in list.split('|').filter(|word| !word.is_empty()) {
                let word = folded(word);
                let whole = word.is_ascii();
                let meaning = meanings.entry(word.clone()).or_default();
                meaning.context.set(number);
                meaning.whole = whole;
            }
        }
        for (list, beside) in [(AGAINST, false), (BESIDE, true)] {
            for word in list.split('|') {
                let meaning = meanings.entry(word.to_owned()).or_default();
                meaning.against |= !beside;
                meaning.beside |= beside;
                meaning.whole = true;
            }
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
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for (number, meaning) in meanings.iter().enumerate() {
            let mask = mask(&meaning.text);
            let entry = (key(&meaning.text), mask, u16::try_from(number).ok()?);
            let code = Code::of(&meaning.text, 0);
            match mask {
                u32::MAX => long.push((code.four, entry)),
                0xffff_ff00 => short.push((code.three, entry)),
                // What follows two bytes may be anything.
                _ => (0..32).for_each(|third| short.push((code.three & !31 | third, entry))),
            }
        }
        Some(Self { short: Table::new(short)?, long: Table::new(long)?, meanings })
    }

    /// The meaning of a hit.
    pub fn meaning(&self, hit: Hit) -> Option<&Meaning> {
        self.meanings.get(hit.meaning as usize)
    }

    /// All literals that start at `at`.
    #[inline]
    pub fn hits_at(&self, bytes: &[u8], at: usize, hits: &mut Vec<Hit>) {
        let code = Code::of(bytes, at);
        if self.short.has(code.three) | self.long.has(code.four) {
            self.look(bytes, at, self.short.of(code.three), hits);
            self.look(bytes, at, self.long.of(code.four), hits);
        }
    }

    fn look(&self, bytes: &[u8], at: usize, listed: &[(u32, u32, u16)], hits: &mut Vec<Hit>) {
        let rest = bytes.get(at..).unwrap_or_default();
        let here = key(rest);
        for (key, mask, number) in listed {
            if (key ^ here) & mask != 0 {
                continue;
            }
            let Some(meaning) = self.meanings.get(usize::from(*number)) else { return };
            let Some(length) = starts_folded(rest, &meaning.text) else { continue };
            let end = at + length;
            if meaning.mark.is_some() || !meaning.whole || ends_alone(bytes, at, end) {
                hits.push(Hit { start: at, end, meaning: u32::from(*number) });
            }
        }
    }
}

/// A byte without its case; what joins words is a space.
fn fold(byte: u8) -> u8 {
    if matches!(byte, b'_' | b'-') { b' ' } else { byte.to_ascii_lowercase() }
}

/// The first four bytes of a text, folded, with zeros behind a shorter one.
fn key(text: &[u8]) -> u32 {
    let low = |at: usize| text.get(at).map_or(0, |byte| u32::from(fold(*byte)));
    low(0) << 24 | low(1) << 16 | low(2) << 8 | low(3)
}

/// Which of the four bytes of a key a literal tells: not those from a space on, which `camelCase` leaves out.
fn mask(text: &[u8]) -> u32 {
    let told = text.iter().take(4).take_while(|byte| fold(**byte) != b' ').count();
    let told = u32::try_from(told.max(usize::from(text.first().is_some_and(|byte| fold(*byte) == b' ')))).unwrap_or(0);
    u32::MAX.checked_shl(32 - told * 8).unwrap_or(0)
}

/// How long the start of `text` is that is `word`, but for the case of its letters: `card number`, `card_number`, `cardNumber`.
fn starts_folded(text: &[u8], word: &[u8]) -> Option<usize> {
    let mut at = 0;
    for expected in word {
        let byte = *text.get(at)?;
        if fold(byte) == fold(*expected) {
            at += 1;
        } else if fold(*expected) != b' ' || !byte.is_ascii_uppercase() {
            return None;
        }
    }
    Some(at)
}

/// Whether a word is one of its own: no letter or digit before it, and at most an ending behind it.
pub fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(u8::is_ascii_alphanumeric) && ends_alone(bytes, start, end)
}

/// Whether a word ends where it ends, but for an ending, or another word in `camelCase`.
fn ends_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let behind = bytes.get(end..).unwrap_or_default();
    let last = end.checked_sub(1).and_then(|at| bytes.get(at));
    if last.is_some_and(u8::is_ascii_lowercase) && behind.first().is_some_and(u8::is_ascii_uppercase) {
        return true;
    }
    let ending = behind.iter().take(4).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let most = if end - start >= 5 { 3 } else { usize::from(behind.first() == Some(&b's')) };
    ending <= most && behind.iter().take(ending).all(u8::is_ascii_alphabetic)
}
