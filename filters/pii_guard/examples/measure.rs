//! Measures what recognizers flag in a file of JSON lines `{"category", "text", "value"}`, and the speed on a text file.
//!
//! `measure flag FILE` gives the share of flagged values by category and entity; `measure recall FILE` reads
//! `{"entity", "text", "value"}` and gives the share found by entity; `measure speed FILE…` gives MB/s; `measure lengths FILE…`
//! gives MB/s of the same text cut into pieces of several lengths, which tells what a text costs by its length from what it
//! costs by its contents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Detector, Look};
use std::collections::BTreeMap;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let detector = Detector::new(Vec::new()).unwrap();
    let mode = arguments.next().expect("flag, recall, speed or lengths");
    for path in arguments {
        let text = std::fs::read_to_string(&path).unwrap();
        match mode.as_str() {
            "speed" => speed(&detector, &path, &[&text]),
            "lengths" => [1 << 10, 8 << 10, 64 << 10]
                .into_iter()
                .for_each(|length| speed(&detector, &format!("{path} by {length}"), &pieces(&text, length))),
            mode => share(&detector, mode == "flag", &text),
        }
    }
}

fn share(detector: &Detector, flag: bool, lines: &str) {
    let mut tally: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut found, mut all) = (0, 0);
    for line in lines.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let (text, value) = (row["text"].as_str().unwrap(), row["value"].as_str().unwrap());
        let at = text.find(value).unwrap();
        let hits = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
        let over: Vec<_> = hits.iter().filter(|f| f.start < at + value.len() && at < f.end).collect();
        all += 1;
        if flag {
            found += usize::from(!over.is_empty());
            for hit in over.iter().take(1) {
                let key = format!("{} {}", row["category"].as_str().unwrap(), detector.entity(hit.recognizer));
                let entry = tally.entry(key).or_default();
                entry.0 += 1;
                if entry.0 == 1 {
                    println!("  {text:?} {:?}", detector.entity(hit.recognizer));
                }
            }
        } else {
            let entity = row["entity"].as_str().unwrap();
            let hit = over.iter().any(|f| detector.entity(f.recognizer) == entity);
            let entry = tally.entry(entity.to_owned()).or_default();
            entry.0 += usize::from(hit);
            entry.1 += 1;
            found += usize::from(hit);
            if !hit && entry.1 - entry.0 == 1 {
                println!(
                    "  missed {entity}: {text:?} {:?}",
                    over.iter().map(|f| detector.entity(f.recognizer)).collect::<Vec<_>>()
                );
            }
        }
    }
    for (key, (hits, of)) in &tally {
        if flag || hits * 100 < of * 95 || key == "CREDIT_CARD" {
            println!("{hits:5} {of:5} {key}");
        }
    }
    println!("{found} of {all}: {:.2} %", found as f64 * 100.0 / all as f64);
}

/// A text cut into pieces of this length, at the next border of characters.
fn pieces(text: &str, length: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = (length..rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end);
        out.push(piece);
        rest = behind;
    }
    out
}

fn speed(detector: &Detector, name: &str, texts: &[&str]) {
    let length: usize = texts.iter().map(|text| text.len()).sum();
    let rounds = (8 << 20) / length;
    let mut best = f64::MAX;
    let mut count = 0;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..rounds {
            count = texts.iter().map(|text| detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4).len()).sum();
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name}: {:.1} MB/s, {count} findings", (rounds * length) as f64 / best / 1e6);
}
