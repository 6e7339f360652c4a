//! Every recognizer finds its examples, and nothing where nothing is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Detector, Look, PREFIXES, Tail, all};

fn entities(detector: &Detector, text: &str) -> Vec<String> {
    let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
    found.iter().map(|finding| detector.entity(finding.recognizer).to_owned()).collect()
}

#[test]
fn every_recognizer_finds_its_examples() {
    let detector = Detector::new(Vec::new()).unwrap();
    let mut missed = Vec::new();
    for row in all() {
        for example in row.examples {
            let text = format!("We were told {example} just now.");
            if !entities(&detector, &text).iter().any(|entity| entity == row.entity) {
                missed.push(format!("{}: {example}", row.entity));
            }
        }
    }
    assert!(missed.is_empty(), "{}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn there_are_more_types_than_two_hundred_each_with_its_source() {
    let mut names: Vec<&str> = all().map(|row| row.entity).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count >= 200, "{count}");
    assert!(all().all(|row| !row.source.is_empty()));
}

/// A value of random look, made at run time: no secret stands in this file.
fn filler(tail: Tail, length: usize) -> String {
    let alphabet: &[u8] = match tail {
        Tail::Base32 => b"Q7XK2MZ4VB3NTR5WJ6LD",
        Tail::Hex => b"9f3a7c1e5b0d8264",
        _ => b"q7Xk2Mz4vB3nTr5wJ6lDp9",
    };
    (0..length).map(|i| char::from(alphabet[(i * 7 + i / 5) % alphabet.len()])).collect()
}

#[test]
fn every_prefix_of_a_secret_is_found() {
    let detector = Detector::new(Vec::new()).unwrap();
    let mut missed = Vec::new();
    for (entity, literal, tail, least, _) in PREFIXES {
        let number = if *literal == ":AA" { "123456789" } else { "" };
        let number = if *literal == ".atlasv1." { "aBcDeFgHiJkLmN" } else { number };
        let text = format!("use {number}{literal}{} now", filler(*tail, *least));
        if !entities(&detector, &text).iter().any(|found| found == entity) {
            missed.push(format!("{entity} {literal}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_hides_a_number_is_seen_through() {
    let detector = Detector::new(Vec::new()).unwrap();
    for text in [
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
        "4111\u{202f}1111\u{202f}1111\u{202f}1111",
        "4111\u{2012}1111\u{2012}1111\u{2012}1111",
        "4111\u{2011}1111\u{2011}1111\u{2011}1111",
        "4111\u{200b}1111\u{200b}1111\u{200b}1111",
        "4111\u{ad}1111\u{ad}1111\u{ad}1111",
        "４１１１１１１１１１１１１１１１",
        "٤١١١١١١١١١١١١١١١",
        "我的卡是4111111111111111谢谢",
        "**4111 1111 1111 1111**",
        "2223003122003222",
        "4000 0000 0000 0000 006",
    ] {
        let text = format!("please charge {text} now");
        let found = detector.scan(&text, Look::WHOLE, &Bits::ALL, 0.4);
        assert!(found.iter().any(|f| detector.entity(f.recognizer) == "CREDIT_CARD"), "{text}: {found:?}");
    }
    for text in ["картаjane@example.com", "邮箱jane@example.com吧"] {
        let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
        let mail = found.iter().find(|f| detector.entity(f.recognizer) == "EMAIL_ADDRESS").expect(text);
        assert_eq!(&text[mail.start..mail.end], "jane@example.com");
    }
}

#[test]
fn look_alikes_are_left_alone() {
    let detector = Detector::new(Vec::new()).unwrap();
    for text in [
        "1752863953927",
        "GET /v1/items/1717235961/detail 200",
        "{\"id\": \"173093501\", \"ok\": true}",
        "47223179-9330-4259-b66c-f2db26efb20c",
        "see item 3412181966 in the log",
        "version 17.1.3952.28961",
        "9783255373020",
        "it took 12.3456789 s and cost $20,036.28",
        "2025-03-14T08:07:01Z",
        "an INTRODUCTORY duplicate of m2 D3 H1",
    ] {
        assert_eq!(entities(&detector, text), Vec::<String>::new(), "{text}");
    }
}
