//! Finding personal data and secrets in a text. Pure: a text in, findings out.
//!
//! A text is made a [`view`], run once past one table of all literals ([`words`]) and once through a walk over its
//! groups of letters and digits, whose length and make choose the recognizers that could fit at all ([`shape`]). What is no
//! such group has a finder ([`find`]). So a text costs what its own candidates cost, not what the list of recognizers is long.

mod bits;
mod candidate;
pub mod checks;
mod custom;
mod find;
mod groups;
mod pass;
mod recognizer;
mod shape;
mod surroundings;
mod view;
mod words;

pub use bits::{Bits, MAX};
pub use custom::{Custom, Pattern};
pub use groups::all;
pub use groups::secrets::{PREFIXES, Tail};
pub use recognizer::{Recognizer, Strength};
pub use view::{Script, View};

use ahash::AHashMap;
use candidate::Candidate;
use find::{Found, Mark};
use pass::Pass;
use shape::Index;
use std::cell::OnceCell;
use surroundings::{Around, Scene};
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
    customs: Vec<Custom>,
    birth: usize,
    date: usize,
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
            names,
            by_name,
            words,
            free,
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

    /// All findings of the `wanted` recognizers with at least this score, by where they start. They may overlap.
    pub fn scan(&self, text: &str, look: Look, wanted: &Bits, least: f32) -> Vec<Finding> {
        let view = View::new(text, look.script);
        let pass = Pass::over(&self.words, view.bytes());
        let scene = Scene::new(view.bytes(), &pass.hits, &self.words, look.ahead);
        let mut sweep = Sweep { detector: self, scene: &scene, wanted, least, out: Vec::new() };
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

/// One pass over one text.
struct Sweep<'a> {
    detector: &'a Detector,
    scene: &'a Scene<'a>,
    wanted: &'a Bits,
    least: f32,
    out: Vec<Finding>,
}

impl Sweep<'_> {
    fn add(&mut self, recognizer: usize, start: usize, end: usize, score: f32, by_context: bool) {
        if score >= self.least && self.wanted.has(recognizer) && end > start {
            self.out.push(Finding { recognizer, start, end, score, by_context });
        }
    }

    /// What a finder said.
    fn found(&mut self, found: Found) {
        let Some(number) = self.detector.by_name.get(found.entity).copied() else { return };
        if !self.wanted.has(number) && number != self.detector.date {
            return;
        }
        if let Some(score) = found.score.filter(|score| *score > 0.0) {
            return self.add(number, found.start, found.end, score, false);
        }
        let around = self.scene.around(found.start, found.end);
        let strength = match found.score {
            Some(_) => Strength::Weak,
            None => self.detector.strengths.get(number).copied().unwrap_or(Strength::Weak),
        };
        if number == self.detector.date && around.context.has(self.detector.birth) {
            self.add(self.detector.birth, found.start, found.end, 0.8, true);
        }
        let (score, by_context) = score(strength, number, &around, Form::Other, || around.is_prose(self.scene));
        self.add(number, found.start, found.end, score, by_context);
    }

    fn marks(&mut self) {
        for hit in self.scene.hits {
            let Some(mark) = self.detector.words.meaning(*hit).and_then(|meaning| meaning.mark) else { continue };
            if let Mark::Word(number) = mark {
                let custom =
                    number.checked_sub(self.detector.checks.len()).and_then(|at| self.detector.customs.get(at));
                if words::stands_alone(self.scene.bytes, hit.start, hit.end) {
                    self.add(number, hit.start, hit.end, custom.map_or(1.0, |custom| custom.score), false);
                }
                continue;
            }
            let mut founds = Vec::new();
            find::at_mark(self.scene, mark, hit.start, hit.end, &mut |found| founds.push(found));
            founds.into_iter().for_each(|found| self.found(found));
        }
    }

    /// Looks closer at the places that the pass stopped at.
    fn walk(&mut self, pass: &Pass) {
        let bytes = self.scene.bytes;
        // Before this place the digits belong to something that a finder took, and before that one nothing starts any more.
        let (mut taken, mut passed) = (0, 0);
        for stop in &pass.stops {
            let (at, end) = (stop.start, stop.end);
            if at < passed {
                continue;
            }
            match self.scene.at(at) {
                b'@' => find::email(self.scene, at).into_iter().for_each(|found| self.found(found)),
                b':' => {
                    let mut founds = Vec::new();
                    passed = find::ipv6_or_mac(self.scene, at, &mut |found| founds.push(found));
                    founds.into_iter().for_each(|found| self.found(found));
                }
                b'+' | b'(' => {
                    if let Some(found) = find::phone(self.scene, at) {
                        taken = taken.max(found.end);
                        self.found(found);
                    }
                }
                _ => {
                    let (_, digits) = group(bytes, at);
                    if at >= taken {
                        taken = self.signs(at, end, digits);
                    }
                    self.chain(at, end);
                    if end - at >= 14 && digits > 0 {
                        find::coin(self.scene, at, end).into_iter().for_each(|found| self.found(found));
                    }
                }
            }
        }
    }

    /// The finders for what starts with a digit. Gives the end of what was taken.
    fn signs(&mut self, at: usize, end: usize, digits: usize) -> usize {
        if digits != end - at {
            return at;
        }
        let joint = Joint::of(self.scene.before(at, 1), self.scene.before(at, 2));
        let glued = joint != Joint::Free;
        let founds = match self.scene.at(end) {
            b'.' | b'-' | b'/' if end - at <= 4 && !glued => [
                find::ipv4(self.scene, at),
                find::calendar(self.scene, at),
                find::coordinates(self.scene, at).filter(|_| end - at <= 3),
            ],
            b'.' if self.scene.before(at, 1) == b'-' => [None, None, find::coordinates(self.scene, at)],
            _ => [None; 3],
        };
        let mut taken = at;
        for found in founds.into_iter().flatten() {
            taken = taken.max(found.end);
            self.found(found);
        }
        if taken == at
            && end - at <= 14
            && joint != Joint::Glued
            && let Some(mut found) = find::phone(self.scene, at)
        {
            if glued {
                found.score = Some(0.0);
            }
            taken = if found.score.is_none() { found.end } else { at };
            self.found(found);
        }
        taken
    }

    /// Tries the groups from `start` on, one, two and more of them joined, as values.
    fn chain(&mut self, start: usize, end: usize) {
        let bytes = self.scene.bytes;
        let joint = Joint::of(self.scene.before(start, 1), self.scene.before(start, 2));
        if joint == Joint::Glued {
            return;
        }
        let crowded = self.scene.before(start, 1) == b' ' && self.scene.before(start, 2).is_ascii_digit();
        let mut candidate = Candidate::new(start);
        let (mut from, mut to, mut separator) = (start, end, None);
        let mut around = None;
        while candidate.push(separator, bytes.get(from..to).unwrap_or_default(), to) {
            let (next, after) = (self.scene.at(to), self.scene.at(to + 1));
            if !goes_on(next, after) {
                let crowded = crowded || (next == b' ' && after.is_ascii_digit());
                self.try_value(&candidate, joint, crowded, &mut around);
            }
            if !matches!(next, b' ' | b'-' | b'.' | b'/' | b'(' | b'+') || !after.is_ascii_alphanumeric() {
                return;
            }
            separator = Some(next);
            from = to + 1;
            (to, _) = group(bytes, from);
        }
    }

    fn try_value(&mut self, candidate: &Candidate, joint: Joint, crowded: bool, around: &mut Option<Around>) {
        let fits = self.detector.index.of(candidate.make(), candidate.len()).and(self.wanted);
        if fits.is_empty() {
            return;
        }
        let around = *around.get_or_insert_with(|| self.scene.around(candidate.start, candidate.end));
        let wanted = fits.and(&self.detector.free.or(&around.context));
        if wanted.is_empty() {
            return;
        }
        let mut fitting = Vec::new();
        self.detector.index.fitting(candidate, &wanted, &mut |number| fitting.push(number));
        let form = match (candidate.digits() == candidate.len(), candidate.mask) {
            (true, 0) => Form::Plain,
            (_, 0) => Form::Other,
            _ => Form::Parted,
        };
        // A word in small letters and a number: `pid 741684`.
        let first = self.scene.bytes.get(candidate.start..candidate.end).unwrap_or_default();
        let letters = first.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let worded = letters >= 2 && first.get(letters) == Some(&b' ');
        let odd = !candidate.is_regular();
        let prose = OnceCell::new();
        for number in fitting {
            let strength = self.detector.strengths.get(number).copied().unwrap_or(Strength::Weak);
            let doubtful = ((crowded || worded) && strength <= Strength::Fair)
                || (joint == Joint::Named && strength < Strength::Sure)
                || (odd && strength == Strength::Firm);
            if doubtful && !around.context.has(number) {
                continue;
            }
            let check = self.detector.checks.get(number).copied().flatten();
            if check.is_none_or(|check| check(candidate.bytes())) {
                let is_prose = || *prose.get_or_init(|| around.is_prose(self.scene));
                let (score, by_context) = score(strength, number, &around, form, is_prose);
                self.add(number, candidate.start, candidate.end, score, by_context);
            }
        }
    }

    fn customs(&mut self) {
        let first = self.detector.checks.len();
        for (at, custom) in self.detector.customs.iter().enumerate() {
            let number = first + at;
            let Some(pattern) = custom.pattern.as_ref().filter(|_| self.wanted.has(number)) else { continue };
            for found in pattern.find_iter(self.scene.bytes) {
                let value = self.scene.bytes.get(found.clone()).unwrap_or_default();
                if !custom.holds(value) {
                    continue;
                }
                let by_context = self.scene.around(found.start, found.end).context.has(number);
                let score = if by_context { (custom.score + 0.35).min(1.0) } else { custom.score };
                self.add(number, found.start, found.end, score, by_context);
            }
        }
    }
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A run of digits alone.
    Plain,
    /// In groups with the separators of its format.
    Parted,
    /// With letters, or not by a shape.
    Other,
}

/// The score of a well-formed value, and whether a word beside it spoke for it.
fn score(strength: Strength, number: usize, around: &Around, form: Form, is_prose: impl Fn() -> bool) -> (f32, bool) {
    let base = strength.score();
    if around.context.has(number) {
        return ((base + 0.35).clamp(0.75, 1.0), true);
    }
    let penalty = match (strength, form) {
        (Strength::Sure | Strength::Weak, _) => 0.0,
        _ if around.against => 0.35,
        // Whoever writes the separators of a format means it.
        (Strength::Formed | Strength::Fair, Form::Parted) => 0.0,
        (Strength::Formed, _) => 0.25,
        _ if is_prose() => 0.0,
        (Strength::Shy | Strength::Fair, _) => 0.25,
        (_, Form::Plain) => 0.2,
        _ => 0.15,
    };
    (base - penalty, false)
}

/// Where the group of letters and digits from `from` on ends, and how many of it are digits.
fn group(bytes: &[u8], from: usize) -> (usize, usize) {
    let (mut end, mut digits) = (from, 0);
    for byte in bytes.get(from..).unwrap_or_default() {
        if byte.is_ascii_digit() {
            digits += 1;
        } else if !byte.is_ascii_alphabetic() {
            break;
        }
        end += 1;
    }
    (end, digits)
}

/// How a value hangs on what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// Not at all.
    Free,
    /// By a sign behind which only a word says what it is: `SSN #…`, `patients/…`.
    Named,
    /// It is the continuation: a path, a decimal, a name with a sign in it.
    Glued,
}

impl Joint {
    fn of(before: u8, earlier: u8) -> Self {
        let word = earlier.is_ascii_alphanumeric();
        match before {
            b'@' | b'\\' | b'%' | b'$' => Self::Glued,
            b'#' if !word => Self::Named,
            b'/' if word => Self::Named,
            b'/' if earlier == b'/' => Self::Glued,
            // `_value_` and `~~value~~` are emphasis.
            b'#' | b'_' | b'-' | b'.' | b'+' | b'&' if word => Self::Glued,
            b'~' if earlier != b'~' => Self::Glued,
            b':' if earlier.is_ascii_digit() => Self::Glued,
            _ => Self::Free,
        }
    }
}

/// Whether a value goes on behind its end.
fn goes_on(next: u8, after: u8) -> bool {
    match next {
        b'@' | b'%' | b'\\' => true,
        b'_' | b'~' | b'=' | b'-' | b'/' | b'+' | b'&' | b'.' | b':' => after.is_ascii_alphanumeric(),
        _ => next.is_ascii_alphanumeric(),
    }
}
