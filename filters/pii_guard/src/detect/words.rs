//! All literals that matter, in one table: words beside a value, words that speak against it, starts of secrets, and marks
//! at which a finder looks closer. A text is run through it once.
//!
//! [`super::pass`] says where a literal can begin, and chooses those that could. (An Aho-Corasick automaton of the same literals took three times as long:
//! its states do not fit the cache.)

use super::bits::Bits;
use super::find::Mark;
use super::groups::secrets::{PREFIXES, Tail};
use super::pass::Code;
use super::view::{Script, View};
use std::collections::BTreeMap;

/// Words that speak against a personal number near them: what machines, shops and printers number.
const AGAINST: &str = "order number|order no|invoice|invoice number|sku|part no|part number|build|commit|hash|sha|sha1|sha256|md5|epoch|timestamp|ts|created_at|updated_at|trace_id|request_id|isbn|issn|ean|upc|gtin|barcode|tracking|snowflake|message_id|checksum|digest|uuid|chapter|edition|nonce|cursor|token_count|artikel-nr|bestellnummer|rechnungsnummer|sendungsnummer|numero de commande|numero de pedido|numero de seguimiento|bestellung nr|auftrag nr|rechnung nr|commande n|pmid|asset tag|license key|licence key|product code|population of|number of";

/// Words that speak against it right beside it: what sentences say too.
const BESIDE: &str = "id|ids|item|items|log|logs|order|orders|ticket|issue|product|version|created|updated|trace|span|request|requests|run|job|page|seq|sequence|index|offset|line|row|rows|port|bytes|size|count|total|price|amount|usd|eur|event|rev|revision|serial|model|duration|latency|millis|ms|parent|block|blocks|batch|lot|population|inhabitants|visitors|users|calls|tokens|records|bestellung|sendung|rechnung|artikel|auftrag|einwohner|commande|facture|colis|pedido|factura|envio|ordine|fattura|po|purchase order|parcel|shipment|package|pid|process|thread|node|bug|arxiv|uptime|rma|section|clause|paragraph|firmware|part|range|ack|window|len|length|limit|seed|pmc|case|asset";

/// Words that have a capital letter behind a small one where they are no two words.
const HUMPED: &[&str] = &["DoD", "MwSt", "IdNr", "eID", "eCard", "passWord", "homePage"];

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
    /// How it is written, where the case of its letters counts.
    written: Vec<Vec<u8>>,
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
    /// Literals that begin with a letter, a digit or a character of another script.
    table: Table,
    /// Literals that begin with a sign, by that sign; at 0 those of one character of another script.
    signs: Vec<Vec<Entry>>,
    meanings: Vec<Meaning>,
}

/// The first four bytes of a literal, folded, which of them count, and the number of its meaning.
type Entry = (u32, u32, u16);

/// Literals by their codes.
#[derive(Debug)]
struct Table {
    /// Whether there is one, a bit for each code: this fits the first cache.
    known: Vec<u64>,
    /// How many codes are known before each word of `known`.
    ranks: Vec<u16>,
    /// By the rank of a known code: where its literals start in `listed`; the next one's start is its end.
    starts: Vec<u16>,
    listed: Vec<Entry>,
}

impl Table {
    /// Of literals by their code.
    fn new(mut entries: Vec<(Code, Entry)>) -> Option<Self> {
        entries.sort_by_key(|(code, entry)| (*code, entry.2));
        entries.dedup();
        let mut table = Self {
            known: vec![0; Code::COUNT / 64],
            ranks: Vec::with_capacity(Code::COUNT / 64),
            starts: Vec::new(),
            listed: entries.iter().map(|(_, entry)| *entry).collect(),
        };
        let mut last = None;
        for (at, (code, _)) in entries.iter().enumerate() {
            if last != Some(*code) {
                table.starts.push(u16::try_from(at).ok()?);
                *table.known.get_mut(code.0 / 64)? |= 1 << (code.0 % 64);
            }
            last = Some(*code);
        }
        table.starts.push(u16::try_from(entries.len()).ok()?);
        let mut rank = 0;
        for word in &table.known {
            table.ranks.push(rank);
            rank += u16::try_from(word.count_ones()).ok()?;
        }
        Some(table)
    }

    #[inline]
    fn has(&self, code: Code) -> bool {
        self.known.get(code.0 / 64).is_some_and(|word| word >> (code.0 % 64) & 1 == 1)
    }

    /// The literals of a known code.
    fn of(&self, code: Code) -> &[Entry] {
        let before = self.known.get(code.0 / 64).map_or(0, |word| word & ((1 << (code.0 % 64)) - 1));
        let rank = self.ranks.get(code.0 / 64).copied().map_or(0, usize::from) + before.count_ones() as usize;
        let place = |rank: usize| self.starts.get(rank).copied().map_or(0, usize::from);
        self.listed.get(place(rank)..place(rank + 1)).unwrap_or_default()
    }
}

/// A word as the view would have it: without marks, in lower case.
fn folded(word: &str) -> String {
    let view = View::new(word, Script::Plain);
    String::from_utf8_lossy(view.bytes()).to_lowercase()
}

impl Words {
    /// The table of these context words (each list parted by `|`, with the recognizer's number) and of all else.
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
            meaning.written.push(literal.as_bytes().to_vec());
        }
        for (literal, mark) in super::find::MARKS {
            let meaning = meanings.entry(literal.to_lowercase()).or_default();
            meaning.mark = Some(*mark);
            meaning.written.push(literal.as_bytes().to_vec());
        }
        for (number, word) in words {
            let meaning = meanings.entry(folded(word)).or_default();
            meaning.mark = Some(Mark::Word(*number));
            // `AcmeCorp` has a capital letter inside: in a text too, or not.
            meaning.written.push(View::new(word, Script::Plain).bytes().to_vec());
        }
        let meanings: Vec<Meaning> = meanings
            .into_iter()
            .filter(|(text, _)| text.len() >= 2)
            .map(|(text, meaning)| Meaning { text: text.into_bytes(), ..meaning })
            .collect();
        let (mut listed, mut signs) = (Vec::new(), vec![Vec::new(); 128]);
        for (number, meaning) in meanings.iter().enumerate() {
            let entry = (key(&meaning.text), mask(&meaning.text), u16::try_from(number).ok()?);
            let first = meaning.text.first().copied().unwrap_or(0);
            match first {
                _ if !first.is_ascii() && meaning.text.len() < Code::LENGTH => signs.first_mut()?.push(entry),
                sign if sign.is_ascii() && !sign.is_ascii_alphanumeric() => {
                    signs.get_mut(usize::from(sign))?.push(entry)
                }
                _ => listed.extend(codes(meaning).into_iter().map(|code| (code, entry))),
            }
        }
        Some(Self { table: Table::new(listed)?, signs, meanings })
    }

    /// The meaning of a hit.
    pub fn meaning(&self, hit: Hit) -> Option<&Meaning> {
        self.meanings.get(hit.meaning as usize)
    }

    /// All literals that start at `at`, at a letter, a digit or a character of another script.
    #[inline]
    pub fn hits_at(&self, bytes: &[u8], at: usize, hits: &mut Vec<Hit>) {
        let code = Code::of(bytes.get(at..).unwrap_or_default());
        if self.table.has(code) {
            self.look(bytes, at, self.table.of(code), hits);
        }
    }

    /// All literals that start at `at`, at a sign.
    #[inline]
    pub fn hits_at_sign(&self, bytes: &[u8], at: usize, sign: u8, hits: &mut Vec<Hit>) {
        if let Some(listed) = self.signs.get(usize::from(sign)).filter(|listed| !listed.is_empty()) {
            self.look(bytes, at, listed, hits);
        }
    }

    fn look(&self, bytes: &[u8], at: usize, listed: &[Entry], hits: &mut Vec<Hit>) {
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

/// The codes of all texts that a literal can begin.
fn codes(meaning: &Meaning) -> Vec<Code> {
    let mut spellings = meaning.written.clone();
    spellings.push(meaning.text.clone());
    let humped =
        HUMPED.iter().filter(|word| meaning.whole && meaning.text.starts_with(word.to_ascii_lowercase().as_bytes()));
    spellings.extend(humped.map(|word| [word.as_bytes(), meaning.text.get(word.len()..).unwrap_or_default()].concat()));
    let mut codes = Vec::new();
    for text in spellings {
        // `id card`, `IDCARD`.
        if text.iter().take(Code::LENGTH).any(|byte| fold(*byte) == b' ') {
            codes.push(Code::of(&text.iter().filter(|byte| fold(**byte) != b' ').copied().collect::<Vec<_>>()));
        }
        follow(meaning, text, &mut codes);
    }
    codes
}

/// Adds the codes of `text` with all that may stand behind it, where it is shorter than a code.
fn follow(meaning: &Meaning, text: Vec<u8>, codes: &mut Vec<Code>) {
    let closed = text.iter().any(|byte| fold(*byte) == b' ')
        || text.is_ascii() && text.last().is_some_and(u8::is_ascii_punctuation);
    if text.len() >= Code::LENGTH || closed {
        codes.push(Code::of(&text));
        return;
    }
    let with = |end: &[u8]| [text.as_slice(), end].concat();
    match meaning.mark {
        // A secret goes on.
        Some(Mark::Secret(prefix)) => {
            let hex = PREFIXES.get(prefix).is_some_and(|prefix| prefix.2 == Tail::Hex);
            let letters = if hex { b'a'..=b'f' } else { b'a'..=b'z' };
            letters.chain([b'1']).for_each(|next| follow(meaning, with(&[next]), codes));
            codes.push(Code::of(&text));
        }
        Some(Mark::Month | Mark::Password) => codes.extend([Code::of(&text), Code::of(&with(b"1"))]),
        _ => codes.extend([Code::of(&text), Code::of(&with(b"s"))]),
    }
}

/// A byte without its case; what joins words is a space.
fn fold(byte: u8) -> u8 {
    if matches!(byte, b'_' | b'-') { b' ' } else { byte.to_ascii_lowercase() }
}

/// The first four bytes of a text, folded, with zeros behind a shorter one.
fn key(text: &[u8]) -> u32 {
    match text.first_chunk::<4>() {
        Some(four) => u32::from_be_bytes(four.map(fold)),
        None => text.iter().fold(0, |key, byte| key << 8 | u32::from(fold(*byte))) << (8 * (4 - text.len())),
    }
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
