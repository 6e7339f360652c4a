//! Finding personal data and secrets in a text. Pure: a text in, findings out.
//!
//! A text is made a [`view`], run once past one table of all literals ([`words`]) and once through a walk over its
//! groups of letters and digits, whose length and make choose the recognizers that could fit at all ([`shape`]). What is no
//! such group has a finder ([`find`]). So a text costs what its own candidates cost, not what the list of recognizers is long.

mod bits;
mod block;
mod candidate;
pub mod checks;
mod custom;
mod find;
mod groups;
mod joint;
mod literals;
mod pass;
mod percent;
mod recognizer;
mod score;
mod shape;
mod surroundings;
mod sweep;
mod table;
mod view;
mod words;

pub use bits::{Bits, MAX};
pub use custom::{Custom, Pattern};
pub use find::{BOXES, is_said, open_field};
pub use groups::all;
pub use groups::secrets::{PREFIXES, Tail};
pub use recognizer::{Recognizer, Strength};
pub use surroundings::{UNSPACED, waits};
pub use view::{Script, View};

use ahash::AHashMap;
use pass::Pass;
use shape::Index;
use surroundings::Scene;
use sweep::Sweep;
use words::Words;

/// Something that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The number of its recognizer.
    pub recognizer: usize,
    /// Its first byte in the text.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// How sure it is, 0 to 1.
    pub score: f32,
    /// A word beside it spoke for it.
    pub by_context: bool,
}

/// How a text is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// How it is written.
    pub script: Script,
    /// What is behind a value counts. Not in a stream.
    pub ahead: bool,
}

impl Look {
    /// A whole text as it is.
    pub const WHOLE: Self = Self { script: Script::Plain, ahead: true };
}

/// All recognizers, compiled.
#[derive(Debug)]
pub struct Detector {
    names: Vec<(String, String)>,
    strengths: Vec<Strength>,
    checks: Vec<Option<checks::Check>>,
    by_name: AHashMap<&'static str, usize>,
    index: Index,
    words: Words,
    /// Recognizers that need no word beside them.
    free: Bits,
    /// Recognizers whose values are as often written in small letters: hexadecimal digits, and what cannot be anything else.
    any_case: Bits,
    customs: Vec<Custom>,
    birth: usize,
    date: usize,
    plate: usize,
    /// Those of plates of one country.
    plates: Bits,
}

impl Detector {
    /// The built-in recognizers and those of the configuration.
    ///
    /// # Errors
    /// Where there are more than [`MAX`], or their words are too many for an automaton.
    pub fn new(customs: Vec<Custom>) -> Result<Self, &'static str> {
        let rows: Vec<&'static Recognizer> = all().collect();
        let built_in = rows.len();
        if built_in + customs.len() > MAX {
            return Err("there are too many recognizers");
        }
        let mut names: Vec<(String, String)> =
            rows.iter().map(|row| (row.entity.to_owned(), row.group.to_owned())).collect();
        names.extend(customs.iter().map(|custom| (custom.entity.clone(), custom.group.clone())));
        let mut free = Bits::default();
        rows.iter().enumerate().filter(|(_, row)| row.strength > Strength::Weak).for_each(|(i, _)| free.set(i));
        let mut any_case = Bits::default();
        let is_any = |row: &Recognizer| row.strength == Strength::Sure || ["UUID", "MAC_ADDRESS"].contains(&row.entity);
        rows.iter().enumerate().filter(|(_, row)| is_any(row)).for_each(|(i, _)| any_case.set(i));
        let mut plates = Bits::default();
        let is_plate =
            |row: &Recognizer| row.entity.ends_with("_LICENSE_PLATE") || row.entity.ends_with("_VEHICLE_REGISTRATION");
        rows.iter().enumerate().filter(|(_, row)| is_plate(row)).for_each(|(i, _)| plates.set(i));
        let contexts = rows.iter().map(|row| row.context).chain(customs.iter().map(|custom| custom.context.as_str()));
        let listed: Vec<(usize, String)> = customs
            .iter()
            .enumerate()
            .flat_map(|(i, custom)| custom.words.iter().map(move |word| (built_in + i, word.clone())))
            .collect();
        let named = names.iter().map(|(name, _)| name.as_str()).enumerate();
        let words =
            Words::new(contexts.enumerate(), named, &listed).ok_or("the words of the recognizers are too many")?;
        let by_name: AHashMap<&'static str, usize> = rows.iter().enumerate().map(|(i, row)| (row.entity, i)).collect();
        let number = |name: &str| by_name.get(name).copied().unwrap_or(MAX);
        Ok(Self {
            strengths: rows.iter().map(|row| row.strength).collect(),
            checks: rows.iter().map(|row| row.check).collect(),
            index: Index::new(rows.iter().copied()),
            birth: number("DATE_OF_BIRTH"),
            date: number("DATE_TIME"),
            plate: number("LICENSE_PLATE"),
            plates,
            names,
            by_name,
            words,
            free,
            any_case,
            customs,
        })
    }

    /// How many recognizers there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The entity of a recognizer.
    pub fn entity(&self, recognizer: usize) -> &str {
        self.names.get(recognizer).map(|(entity, _)| entity.as_str()).unwrap_or_default()
    }

    /// The group of a recognizer.
    pub fn group(&self, recognizer: usize) -> &str {
        self.names.get(recognizer).map(|(_, group)| group.as_str()).unwrap_or_default()
    }

    /// Whether a row is the head of a table that names something that is looked for below it.
    pub fn is_head(&self, row: &str) -> bool {
        find::is_head(row.as_bytes())
            && self.meanings_in(row, |meaning| meaning.mark.is_some() || !meaning.context.is_empty())
    }

    /// Whether a text has a name of a password or another secret.
    pub fn names_secret(&self, text: &str) -> bool {
        self.meanings_in(text, |meaning| matches!(meaning.mark, Some(find::Mark::Password | find::Mark::Generic)))
    }

    /// Whether a text has a name of a user's name or of a password.
    pub fn names_login(&self, text: &str) -> bool {
        self.meanings_in(text, |meaning| matches!(meaning.mark, Some(find::Mark::Password | find::Mark::Username)))
    }

    fn meanings_in(&self, text: &str, holds: fn(&words::Meaning) -> bool) -> bool {
        let view = View::new(text, Script::Plain);
        let pass = Pass::over(&self.words, view.bytes());
        pass.hits.iter().any(|hit| self.words.meaning(*hit).is_some_and(holds))
    }

    /// All findings of the `wanted` recognizers with at least this score, by where they start. They may overlap.
    pub fn scan(&self, text: &str, look: Look, wanted: &Bits, least: f32) -> Vec<Finding> {
        let view = View::new(text, look.script);
        let pass = Pass::over(&self.words, view.bytes());
        let scene = Scene::new(&view, &pass.hits, &self.words, look.ahead);
        let possible = self.words.spoken(&pass.hits).or(&self.free).and(wanted);
        let mut sweep = Sweep { detector: self, scene: &scene, wanted, possible, least, out: Vec::new() };
        sweep.marks();
        sweep.walk(&pass);
        sweep.customs();
        let mut findings = sweep.out;
        for finding in &mut findings {
            (finding.start, finding.end) = (view.source(finding.start), view.source_end(finding.end));
        }
        findings.sort_by(|a, b| {
            a.start
                .cmp(&b.start)
                .then(b.score.total_cmp(&a.score))
                .then(b.end.cmp(&a.end))
                .then(a.recognizer.cmp(&b.recognizer))
        });
        findings.dedup_by_key(|finding| (finding.recognizer, finding.start, finding.end));
        findings
    }
}
