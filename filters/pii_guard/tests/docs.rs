//! `RECOGNIZERS.md` is written from the recognizers. `UPDATE=1 cargo test -p modelgate-pii-guard --test docs` rewrites it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{PREFIXES, Recognizer, Strength, all};
use std::fmt::Write;

fn found(strength: Strength) -> &'static str {
    match strength {
        Strength::Weak => "beside a word",
        Strength::Shy => "in a sentence",
        Strength::Formed => "with its separators",
        Strength::Fair => "in a sentence, or with its separators",
        Strength::Good => "anywhere but in logs",
        Strength::Firm => "anywhere",
        Strength::Sure => "anywhere, surely",
    }
}

/// A cell holds no bar.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn row(recognizer: &Recognizer) -> String {
    let words: Vec<&str> = recognizer.context.split('|').filter(|word| !word.is_empty()).collect();
    let words = match words.len() {
        0..=6 => words.join(", "),
        more => format!("{}, and {} more", words[..5].join(", "), more - 5),
    };
    let mut examples: Vec<String> = recognizer.examples.iter().map(|example| format!("`{}`", cell(example))).collect();
    let prefixes = PREFIXES.iter().filter(|prefix| prefix.0 == recognizer.entity);
    examples.extend(prefixes.take(4).map(|prefix| format!("`{}…`", cell(prefix.1))));
    format!(
        "| {} | {} | {} | {} | {} |",
        recognizer.entity,
        found(recognizer.strength),
        cell(&words),
        examples.join(" "),
        cell(recognizer.source)
    )
}

fn page() -> String {
    let mut page = format!(
        "# Recognizers\n\nWritten from the code; a test fails when it is stale. {} types in all. *Found* says where a well-formed \
         value is a finding at the default threshold of 0.4: beside a word for it any is. A recognizer's own name is such a word \
         too (`us_ssn`, `us ssn`, `usSsn`).\n",
        all().count()
    );
    let mut group = "";
    for recognizer in all() {
        if recognizer.group != group {
            group = recognizer.group;
            write!(page, "\n## `{group}`\n\n| entity | found | words | written as | source |\n|---|---|---|---|---|\n")
                .unwrap();
        }
        writeln!(page, "{}", row(recognizer)).unwrap();
    }
    page
}

#[test]
fn the_page_of_recognizers_is_fresh() {
    let path = testkit::repository().join("filters/pii_guard/RECOGNIZERS.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == page(), "RECOGNIZERS.md is stale: UPDATE=1 rewrites it");
}
