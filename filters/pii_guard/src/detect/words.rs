//! All literals that matter, in one table: words beside a value, words that speak against it, starts of secrets, and marks
//! at which a finder looks closer. A text is run through it once.
//!
//! [`super::pass`] says where a literal can begin, and [`super::literals`] chooses those that could. (An Aho-Corasick automaton of
//! the same literals took three times as long: its states do not fit the cache.)

use super::bits::Bits;
use super::block::Classes;
use super::find::Mark;
use super::groups::secrets::{PREFIXES, Tail};
use super::literals::{Entry, KEY, Lengths, Table, key};
use super::pass::{Code, Length};
use super::view::{Script, View};
use std::collections::BTreeMap;

/// Words that speak against a personal number near them: what machines, shops and printers number.
const AGAINST: &str = "order number|order no|invoice|invoice number|sku|part no|part number|build|commit|hash|sha|sha1|sha256|md5|epoch|timestamp|ts|created_at|updated_at|trace_id|request_id|isbn|issn|ean|upc|gtin|barcode|tracking|snowflake|message_id|checksum|digest|uuid|chapter|edition|nonce|cursor|token_count|artikel-nr|bestellnummer|rechnungsnummer|sendungsnummer|numero de commande|numero de pedido|numero de seguimiento|bestellung nr|auftrag nr|rechnung nr|commande n|pmid|asset tag|license key|licence key|product code|population of|number of|订单|单号|订单号|流水号|快递|注文番号|注文|伝票番号|追跡番号|請求書番号|発注番号|发票号码|주문번호|주문|송장|заказ|заказа|накладная|замовлення|numer zamowienia|zamowienie|objednavka|objednavky|rendeles|comanda|siparis|bestelnummer|bestelling|ordrenummer|tilausnumero|encomenda|nomor pesanan|pesanan|don hang|ma van don|siparis no|takip no|takip numarasi|numer przesylki|przesylka|spedizione|numero d'ordine|numero de suivi|numero de rastreo|rastreio|fedex|usps|dhl|طلب|الطلب|طلبية|الفاتورة|शिपमेंट|ऑर्डर|आदेश|चालान|คำสั่งซื้อ|ใบสั่งซื้อ|พัสดุ|הזמנה|ההזמנה|חשבונית|משלוח|παραγγελια|παραγγελιας|τιμολογιο|αποστολη|рахунок-фактура|посылка|посылки|счёт-фактура|tilaus|tilauksen|lahetys|bestallning|bestallningsnummer|forsendelse|ordre|megrendeles|szamla|narudzba|porudzbina|narocilo|поръчка|pakkenummer|kollinummer|hoa don|faktur|fatura|faktura|fakturu|faktury|zasielka|zasilka";

/// Words that speak against it right beside it: what sentences say too.
const BESIDE: &str = "id|ids|item|items|log|logs|order|orders|ticket|issue|product|version|created|updated|trace|span|request|requests|run|job|page|seq|sequence|index|offset|line|row|rows|port|bytes|size|count|total|price|amount|usd|eur|event|rev|revision|serial|model|duration|latency|millis|ms|parent|block|blocks|batch|lot|population|inhabitants|visitors|users|calls|tokens|records|bestellung|sendung|rechnung|artikel|auftrag|einwohner|commande|facture|colis|pedido|factura|envio|ordine|fattura|po|purchase order|parcel|shipment|package|pid|process|thread|node|bug|arxiv|uptime|rma|section|clause|paragraph|firmware|part|range|ack|window|len|length|limit|seed|pmc|case|asset|ns|kwh|mwh|kw|kb|mb|gb|tb|hz|khz|mhz|ghz|km|kg|mg|ml|units|unit|seconds|minutes|hours|days|people|employees|copies|views|downloads|votes|points|score|followers|subscribers|samples|messages|steps|einheiten|stuck|unites|unidades|unita|personnes|personas|habitantes|habitants|abitanti|tid|sensor|bucket|magic number|catalog no|catalogue no|cat no|vorgang|expediente|booking|quote|serial no|serial number|channel|euro|approximately|roughly|approx|circa|ungefahr|environ|aproximadamente|p/n|s/n|sn|mmsi|awb|session|connection|conn|inode|partition|shard|iteration|iterations|txn|chunk|frame|packet|packets|counter|merge|euros|dollars|pounds|yen|rupees|zl|kc|sek|nok|dkk|chf|gbp|jpy|inr|brl|руб|рублей|exit code|errno|деталь|детали|позиция|артикул|страница|строка|всего|итого|сумма|население|零件|部件|商品|总数|总计|合计|人口|部品|商品番号|合計|부품|상품|합계|총|인구|قطعة|القطعة|مجموع|المجموع|عدد السكان|भाग|पुर्जा|कुल|जनसंख्या|ชิ้นส่วน|สินค้า|ทั้งหมด|חלק|סך הכל|εξαρτημα|συνολο|σελιδα|yhteensa|sivu|totalt|sida|teil|seite|gesamt|summe|piece|pieces|pieza|pagina|pezzo|totale|peca|onderdeel|totaal|czesc|suma|strona|celkem|strana|parca|toplam|sayfa|bagian|jumlah|halaman|tong so|trang";

/// What is counted or paid, behind its number.
const COUNTED: &str = "件|个|個|条|台|次|人|名|円|元|万|원|개|건|명|штук|шт|раз|человек|строк|байт|рублей|руб|pieces|pcs|times|clicks|hits|entries|files|rows|tonnes|tons|miles|meters|metres|stuck|mal|zeilen|fois|lignes|veces|filas|volte|righe|vezes|linhas|keer|stuks|sztuk|lat|ks|darab|adet";

/// Words that have a capital letter behind a small one where they are no two words.
const HUMPED: &[&str] = &["DoD", "MwSt", "IdNr", "eID", "eCard", "passWord", "homePage"];

/// What a literal of the automaton means.
#[derive(Debug, Clone, Default)]
pub struct Meaning {
    /// The recognizers that it is context of.
    pub context: Bits,
    /// One of them is for values of all countries.
    pub general: bool,
    /// It speaks against a personal number near it.
    pub against: bool,
    /// It speaks against one right beside it.
    pub beside: bool,
    /// It speaks against one right before it.
    pub counts: bool,
    /// It is one of these three.
    pub speaks_against: bool,
    /// Whether it stands has to be looked at.
    partial: bool,
    /// What looks closer here.
    pub mark: Option<Mark>,
    /// It has to stand alone.
    whole: bool,
    text: Vec<u8>,
    /// How it is written, where the case of its letters counts.
    written: Vec<Vec<u8>>,
}

/// A literal that was found: where it is in the view, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    table: Table,
    meanings: Vec<Meaning>,
    classes: Classes,
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
        let mut general = Bits::default();
        for (number, name) in names {
            if name.ends_with("_GENERIC")
                || ["OTHER_PASSPORTS", "US_DRIVER_LICENSE", "LICENSE_PLATE", "POSTAL_CODE"].contains(&name)
            {
                general.set(number);
            }
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
        for (list, speaks) in [
            (AGAINST, (|meaning| meaning.against = true) as fn(&mut Meaning)),
            (BESIDE, |meaning| meaning.beside = true),
            (COUNTED, |meaning| meaning.counts = true),
        ] {
            for word in list.split('|') {
                let meaning = meanings.entry(word.to_owned()).or_default();
                speaks(meaning);
                meaning.whole = true;
            }
        }
        for (prefix, (_, literal, ..)) in PREFIXES.iter().enumerate() {
            // The automaton folds case, so two literals can be one here; the finder looks at all that start so.
            let meaning = meanings.entry(literal.to_lowercase()).or_default();
            meaning.mark.get_or_insert(Mark::Secret(prefix));
            meaning.written.push(literal.as_bytes().to_vec());
        }
        for (literal, mark) in super::find::marks() {
            let meaning = meanings.entry(literal.to_lowercase()).or_default();
            meaning.mark = Some(mark);
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
            .map(|(text, meaning)| {
                let general = !meaning.context.and(&general).is_empty();
                let speaks_against = meaning.against || meaning.beside || meaning.counts;
                let partial = meaning.mark.is_some() && meaning.whole;
                Meaning { text: text.into_bytes(), general, speaks_against, partial, ..meaning }
            })
            .collect();
        let (mut listed, mut classes) = (Vec::new(), Classes::default());
        for (number, meaning) in meanings.iter().enumerate() {
            let entries = entries(meaning, u16::try_from(number).ok()?);
            let lengths = lengths(meaning);
            let first = meaning.text.first().copied().unwrap_or(0);
            // Nothing starts at a space.
            if first.is_ascii_punctuation() {
                classes.add(first);
            }
            for code in if first == b' ' { Vec::new() } else { codes(meaning) } {
                listed.extend(entries.iter().map(|entry| (code, lengths, *entry)));
            }
        }
        Some(Self { table: Table::new(listed)?, meanings, classes })
    }

    /// The meaning of a hit.
    pub fn meaning(&self, hit: Hit) -> Option<&Meaning> {
        self.meanings.get(hit.meaning as usize)
    }

    /// The recognizers that words anywhere in a text speak for.
    pub fn spoken(&self, hits: &[Hit]) -> Bits {
        let meanings = hits.iter().filter_map(|hit| self.meaning(*hit));
        meanings.fold(Bits::default(), |all, meaning| all.or(&meaning.context))
    }

    /// The meaning of a hit for values beside it. A mark may go on where a word may not: `pass`, in Swedish a passport, is no
    /// word in `passing`.
    pub fn meaning_beside(&self, bytes: &[u8], hit: Hit) -> Option<&Meaning> {
        let meaning = self.meaning(hit)?;
        (!meaning.partial || ends_alone(bytes, hit.start, hit.end)).then_some(meaning)
    }

    /// The kinds of bytes at which literals start.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// Which words can start one.
    pub fn lengths(&self) -> &Lengths {
        self.table.lengths()
    }

    /// Whether a literal of this code could start with these bytes.
    #[inline]
    pub fn may_start(&self, bytes: &[u8], at: usize, code: Code) -> bool {
        self.table.has(code, key(bytes.get(at..).unwrap_or_default()))
    }

    /// All literals that start at `at`, at a word or a sign of this code.
    pub fn hits_at(&self, bytes: &[u8], at: usize, code: Code, hits: &mut Vec<Hit>) {
        let rest = bytes.get(at..).unwrap_or_default();
        for entry in self.table.alike(code, key(rest)) {
            let length = match entry.length {
                0 => {
                    let text = self.meanings.get(usize::from(entry.number)).map_or(&[][..], |meaning| &meaning.text);
                    starts_folded(rest, text)
                }
                length => Some(usize::from(length)),
            };
            let Some(end) = length.map(|length| at + length) else { continue };
            let hit = Hit { start: at, end, meaning: u32::from(entry.number) };
            if (!entry.alone || ends_alone(bytes, at, end)) && hits.last() != Some(&hit) {
                hits.push(hit);
            }
        }
    }
}

/// A literal as it is filed: one for each way in which what joins its first words can be written or left out.
fn entries(meaning: &Meaning, number: u16) -> Vec<Entry> {
    let mut spellings = vec![Vec::new()];
    for byte in &meaning.text {
        let left_out = if fold(*byte) == b' ' { spellings.clone() } else { Vec::new() };
        spellings.iter_mut().for_each(|text| text.push(*byte));
        spellings.extend(left_out.into_iter().filter(|text| (1..KEY).contains(&text.len())));
    }
    let told = meaning.text.len() <= KEY && meaning.text.iter().all(u8::is_ascii_lowercase);
    let length = u8::try_from(meaning.text.len()).ok().filter(|_| told).unwrap_or(0);
    let alone = meaning.whole && meaning.mark.is_none();
    let counts = |byte: &u8| if fold(*byte) == b' ' { 0x80 } else { 0xff };
    let entry = |text: Vec<u8>| {
        let mask = u64::from_le_bytes(std::array::from_fn(|at| text.get(at).map_or(0, counts)));
        Entry { key: (key(&text) & mask, mask), length, alone, number }
    };
    spellings.into_iter().map(entry).collect()
}

/// The codes of all texts that a literal can begin.
fn codes(meaning: &Meaning) -> Vec<Code> {
    let first = meaning.text.first().copied().unwrap_or(0);
    if !first.is_ascii() {
        return vec![if meaning.text.len() < Code::LENGTH {
            Code::of_sign(&meaning.text)
        } else {
            Code::of(&meaning.text)
        }];
    }
    if first.is_ascii_punctuation() {
        let second = fold(meaning.text.get(1).copied().unwrap_or(0));
        let can_follow = |byte: &u8| fold(*byte) == second || (second == b' ' && byte.is_ascii_uppercase());
        return (0..=u8::MAX).filter(can_follow).map(|byte| Code::of_sign(&[first, byte])).collect();
    }
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

/// How long the first word can be in a text that a literal begins: up to where its own first word ends, or to where one of the
/// next does that may be written without what joins them (`IDCARD`); with what may stand behind, where the literal ends in it.
fn lengths(meaning: &Meaning) -> u16 {
    let bit = |length: usize| 1_u16 << Length::of(u32::try_from(length).unwrap_or(u32::MAX));
    let mut lengths = 1 << Length::NONE;
    let mut length = 0;
    for byte in &meaning.text {
        match fold(*byte) {
            b' ' => lengths |= bit(length),
            byte if byte.is_ascii_alphanumeric() => length += 1,
            _ => return lengths | bit(length),
        }
    }
    let most = Length::MOST as usize;
    let behind = match meaning.mark {
        Some(Mark::Secret(prefix)) => least_behind(prefix).min(most)..=most,
        None if meaning.whole => 0..=ending(meaning.text.len()),
        _ => 0..=most,
    };
    behind.chain([NUMBER.len()]).fold(lengths, |lengths, more| lengths | bit(length + more))
}

/// How many letters and digits at least stand behind the literal of a secret.
fn least_behind(prefix: usize) -> usize {
    let written = PREFIXES.get(prefix).map_or("", |prefix| prefix.1);
    let alike = PREFIXES.iter().filter(|prefix| prefix.1.eq_ignore_ascii_case(written));
    alike.map(|(.., tail, least, _)| if tail.holds(b'-') { 0 } else { *least }).min().unwrap_or(0)
}

/// What may stand behind a longer word as its ending, or as a short word for a number: `passports`, `passaporti`, `dowodu`, `plateno`.
const ENDINGS: &[&[u8]] = &[
    b"s", b"es", b"e", b"n", b"en", b"er", b"em", b"i", b"a", b"y", b"u", b"no", b"nr", b"num", b"id", b"ne", b"na",
    b"ni", b"ns", b"et", b"om", b"im", b"um", b"ja",
];

/// How many letters may stand behind a word of its own that is so long.
fn ending(length: usize) -> usize {
    if length >= 5 { 3 } else { 1 }
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

/// What `number` is in German, Dutch and the languages of Scandinavia, where it is a part of the word: `Personalausweisnummer`.
const NUMBER: &[u8] = b"nummer";

/// Whether a word goes on as one for a number, and ends there.
fn goes_on(behind: &[u8]) -> bool {
    let rest = behind.get(NUMBER.len()..).unwrap_or_default();
    behind.get(..NUMBER.len()).is_some_and(|number| number.eq_ignore_ascii_case(NUMBER))
        && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
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
    if !behind.first().is_some_and(u8::is_ascii_alphanumeric) {
        return true;
    }
    let last = end.checked_sub(1).and_then(|at| bytes.get(at));
    if last.is_some_and(u8::is_ascii_lowercase) && behind.first().is_some_and(u8::is_ascii_uppercase) {
        return true;
    }
    let more = behind.iter().take(4).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (more, long) = (behind.get(..more).unwrap_or_default(), ending(end - start) > 1);
    let endings: &[&[u8]] = if long { ENDINGS } else { &[b"s"] };
    endings.iter().any(|known| more.eq_ignore_ascii_case(known)) || (long && goes_on(behind))
}
