//! How much of what should be found is found: valid values of every type, made by `tests/pii/values.py` from the definitions of
//! their formats and from python-stdnum, in sentences that say nothing about them (checksums and formats that tell
//! themselves) or name them (weak formats).
//!
//! `PII_VALUES=FILE` takes other values, and `PII_SHOW=1` shows what was missed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Detector, Finding, Look, all};
use std::collections::{BTreeMap, BTreeSet};

struct Value {
    entity: String,
    class: String,
    text: String,
    labels: Vec<String>,
}

fn values() -> Vec<Value> {
    let path =
        std::env::var("PII_VALUES").map_or_else(|_| testkit::repository().join("tests/pii/values.jsonl"), Into::into);
    let lines = std::fs::read_to_string(path).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    lines
        .lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let list = |key: &str| row[key].as_array().map(|list| list.iter().map(text).collect::<Vec<_>>());
            Value {
                entity: text(&row["entity"]),
                class: text(&row["class"]),
                // What looks like a live secret is stored in parts.
                text: list("value").map_or_else(|| text(&row["value"]), |parts| parts.concat()),
                labels: list("labels").unwrap(),
            }
        })
        .collect()
}

/// Sentences that say nothing about the value.
const NEUTRAL: &[&str] = &[
    "Please update {} in the record.",
    "The customer wrote that {} is theirs.",
    "Jane gave us {}, and we noted it.",
    "{} was sent to our office yesterday",
    "I think it was {}! Or was it another one?",
    "We talked about \"{}\" with them last week.",
    "Could you check ({}) for me?",
    "Kannst du bitte {} für mich prüfen?",
    "La cliente nous a donné {} hier soir.",
    "Por favor, comprueba {} cuando puedas.",
    "Hello,\nthis is what she sent: {}\nKind regards",
    "Our guest said it should be {}",
    "她昨天告诉我们 {} 请更新一下记录",
];

/// Sentences that name the value.
const NAMED: &[&str] = &[
    "My {l} is {}.",
    "{l}: {}",
    "{l} {}",
    "Please update the {l} to {} in our files.",
    "Here is the {l} you asked for: {}",
    "{\"{l}\": \"{}\"}",
    "{l} = {}",
    "Meine Angaben: {l} {}, danke!",
    "Mi {l} es {}, gracias.",
    "The {l} on file is '{}'; is it right?",
    "{} is my {l}.",
    "- **{l}**: {}\n- next",
];

/// Texts that are nothing but the value, or a machine's: what has only a check digit is not looked for there.
const BARE: &[&str] = &["{}", "{\"value\": \"{}\"}", "Jane Doe,{},Berlin"];

#[derive(Default, Clone)]
struct Tally {
    covered: usize,
    named: usize,
    all: usize,
    missed: Vec<String>,
}

impl Tally {
    fn add(&mut self, detector: &Detector, text: &str, value: &Value) {
        let start = text.find(&value.text).unwrap();
        let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
        // The last sign of a value may be one that ends a sentence too.
        let trimmed = start + value.text.trim_end_matches(['=', '.', ')', '?']).len();
        // Of a secret with a text around it (a header, a connection string) the secret is enough.
        let secret = |f: &Finding| {
            f.start >= start
                && f.start < trimmed
                && (value.entity.starts_with("SECRET") || value.entity.starts_with("HTTP"))
        };
        let covered = found.iter().any(|f| (f.start <= start + 1 && f.end >= trimmed) || secret(f));
        let named =
            found.iter().any(|f| detector.entity(f.recognizer) == value.entity && f.start < trimmed && f.end > start);
        self.all += 1;
        self.covered += usize::from(covered);
        self.named += usize::from(named);
        if !covered {
            self.missed.push(text.to_owned());
        }
    }

    fn share(&self) -> f64 {
        self.covered as f64 * 100.0 / self.all as f64
    }
}

fn measure(detector: &Detector, values: &[Value], sentences: &[&str], classes: &[&str]) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (at, value) in values.iter().enumerate().filter(|(_, value)| classes.contains(&value.class.as_str())) {
        for (number, sentence) in sentences.iter().enumerate() {
            let label = value.labels.get((at + number) % value.labels.len().max(1)).map_or("", String::as_str);
            let text = sentence.replace("{l}", label).replace("{}", &value.text);
            tallies.entry(value.entity.clone()).or_default().add(detector, &text, value);
        }
    }
    tallies
}

/// Prints the shares and gives that of all.
fn report(name: &str, tallies: &BTreeMap<String, Tally>) -> f64 {
    let sum = |count: fn(&Tally) -> usize| tallies.values().map(count).sum::<usize>() as f64;
    let (covered, named) = (sum(|t| t.covered) * 100.0 / sum(|t| t.all), sum(|t| t.named) * 100.0 / sum(|t| t.all));
    println!("{name}: {covered:.2} % found, {named:.2} % by their name, of {} texts", sum(|t| t.all));
    let show = std::env::var_os("PII_SHOW").is_some();
    for (entity, tally) in tallies.iter().filter(|(_, tally)| tally.share() < 95.0) {
        println!("  {entity} {:.1} %", tally.share());
        if show {
            let step = (tally.missed.len() / 3).max(1);
            tally.missed.iter().step_by(step).take(4).for_each(|text| println!("      {text:?}"));
        }
    }
    covered
}

#[test]
fn what_tells_itself_is_found_in_neutral_sentences() {
    let (detector, values) = (Detector::new(Vec::new()).unwrap(), values());
    for class in ["C", "F"] {
        report(&format!("class {class}, bare"), &measure(&detector, &values, BARE, &[class]));
        let tallies = measure(&detector, &values, NEUTRAL, &[class]);
        assert!(report(&format!("class {class}, neutral sentences"), &tallies) >= 95.0);
        let weak: Vec<_> = tallies.iter().filter(|(_, tally)| tally.share() < 70.0).map(|(name, _)| name).collect();
        assert!(weak.is_empty(), "{weak:?} are found in less than seven of ten sentences");
    }
}

#[test]
fn what_is_weak_is_found_beside_its_name() {
    let (detector, values) = (Detector::new(Vec::new()).unwrap(), values());
    let tallies = measure(&detector, &values, NAMED, &["W"]);
    assert!(report("class W, named", &tallies) >= 90.0);
    let weak: Vec<_> = tallies.iter().filter(|(_, tally)| tally.share() < 75.0).map(|(name, _)| name).collect();
    assert!(weak.is_empty(), "{weak:?} are found in less than three of four sentences");
}

#[test]
fn cards_are_found_however_they_are_written() {
    let (detector, values) = (Detector::new(Vec::new()).unwrap(), values());
    let mut tally = Tally::default();
    for value in values.iter().filter(|value| value.entity == "CREDIT_CARD") {
        let digits: String = value.text.chars().filter(char::is_ascii_digit).collect();
        let groups: Vec<&str> =
            (0..digits.len()).step_by(4).map(|at| &digits[at..(at + 4).min(digits.len())]).collect();
        let wide = |text: &str, zero: char| -> String {
            text.chars().map(|c| char::from_u32(zero as u32 + c.to_digit(10).unwrap()).unwrap()).collect()
        };
        let mut forms = vec![digits.clone(), wide(&digits, '０'), wide(&digits, '٠'), wide(&digits, '०')];
        for separator in [
            " ", "-", ".", "/", "\u{a0}", "\u{202f}", "\u{2009}", "\u{2011}", "\u{2012}", "\u{200b}", "\u{ad}",
            "\u{2060}",
        ] {
            forms.push(groups.join(separator));
        }
        forms.push(groups.iter().map(|group| wide(group, '０')).collect::<Vec<_>>().join("\u{3000}"));
        for form in forms {
            for sentence in [
                "Please charge {} today.",
                "我的卡是{}谢谢",
                "カード番号は{}です",
                "내 카드는 {}입니다",
                "**{}**",
                "{}",
                "card={}",
                "{\"pan\": \"{}\"}",
                "картой {} оплатить",
            ] {
                let text = sentence.replace("{}", &form);
                let value = Value {
                    text: form.clone(),
                    ..Value { entity: value.entity.clone(), class: "C".into(), text: String::new(), labels: Vec::new() }
                };
                tally.add(&detector, &text, &value);
            }
        }
    }
    let tallies = BTreeMap::from([("CREDIT_CARD".to_owned(), tally)]);
    assert!(report("cards", &tallies) >= 99.0);
}

#[test]
fn every_type_has_values() {
    let made: BTreeSet<String> = values().into_iter().map(|value| value.entity).collect();
    let missing: Vec<&str> = all().map(|row| row.entity).filter(|entity| !made.contains(*entity)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
