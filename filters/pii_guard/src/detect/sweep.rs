//! Looking closer at what the pass found: finders at marks, shapes and checks at groups of letters and digits.

use super::bits::Bits;
use super::block::Group;
use super::candidate::Candidate;
use super::find::{self, Found, Mark};
use super::joint::{Joint, goes_on_at};
use super::pass::Pass;
use super::recognizer::Strength;
use super::score::{Form, score};
use super::shape::Make;
use super::surroundings::{Around, Scene};
use super::{Detector, Finding, words};
use std::cell::OnceCell;

/// One pass over one text.
pub struct Sweep<'a> {
    /// The recognizers.
    pub detector: &'a Detector,
    /// The text.
    pub scene: &'a Scene<'a>,
    /// Those that are looked for.
    pub wanted: &'a Bits,
    /// Those of them that need no word beside them, or have one anywhere in the text.
    pub possible: Bits,
    /// The score from which something is a finding.
    pub least: f32,
    /// What was found.
    pub out: Vec<Finding>,
}

impl Sweep<'_> {
    fn add(&mut self, recognizer: usize, start: usize, end: usize, score: f32, by_context: bool) {
        if score >= self.least && self.wanted.has(recognizer) && end > start {
            self.out.push(Finding { recognizer, start, end, score: score.min(1.0), by_context });
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
        if number == self.detector.date
            && around.context.has(self.detector.birth)
            && !self.is_dated_otherwise(found.start)
        {
            self.add(self.detector.birth, found.start, found.end, 0.8, true);
        }
        // `section 2.6.69.4` has the look of an address too.
        let is_plain = || {
            let value = self.scene.bytes.get(found.start..found.end).unwrap_or_default();
            !value.contains(&b':') && !value.windows(3).any(|three| three.iter().all(u8::is_ascii_digit))
        };
        let form = if around.against && is_plain() { Form::Plain } else { Form::Other };
        let (score, by_context) = score(strength, number, &around, form, || around.is_prose(self.scene));
        self.add(number, found.start, found.end, score + self.preference(number, &around), by_context);
    }

    /// Whether a label right before a date says of what else it is: `DOB: …  Visit date: 2024-03-11`.
    fn is_dated_otherwise(&self, start: usize) -> bool {
        let sign = find::run_back(self.scene.bytes, start, 3, |b| b == b' ' || b == b'"');
        let near = |hit: &super::words::Hit| {
            let context = self.detector.words.meaning(*hit).map(|meaning| meaning.context.has(self.detector.birth));
            hit.end + 32 >= start && context == Some(true)
        };
        self.scene.before(sign, 1) == b':'
            && self.scene.before(sign, 2).is_ascii_alphabetic()
            && !self.scene.near(start, start).any(|hit| hit.start < start && near(&hit))
    }

    /// How much more a name of a value is worth than others of the same score: what is said in so many words (`US passport`) is
    /// that, and a plate is its country's.
    fn preference(&self, number: usize, around: &Around) -> f32 {
        let said = || self.detector.plates.has(number) || self.scene.names(number, around);
        let named = around.context.has(number) && number != self.detector.plate && said();
        if named { 0.01 } else { 0.0 }
    }

    /// Looks closer at the marks among the literals.
    pub fn marks(&mut self) {
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
    pub fn walk(&mut self, pass: &Pass) {
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
                b'~' => find::azure(self.scene, at).into_iter().for_each(|found| self.found(found)),
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
                    // `card%3D4111…`: the sign before it is escaped.
                    let escaped = self.scene.before(at, 1) == b'%' && find::is_escape(bytes, at - 1) && end > at + 2;
                    let at = if escaped { at + 2 } else { at };
                    let group = Group::at(bytes, at);
                    let digits = group.digits;
                    if at >= taken {
                        taken = self.signs(at, end, digits);
                    }
                    self.chain(group);
                    if matches!((digits, self.scene.at(at)), (4 | 5, b'x' | b'X')) && end - at == digits + 1 {
                        let mut founds = Vec::new();
                        find::office(self.scene, at, at + 1, &mut |found| founds.push(found));
                        founds.into_iter().for_each(|found| self.found(found));
                    }
                    if self.scene.before(at, 1) >= 0x80
                        || self.scene.at(end) >= 0x80
                        || self.scene.before(at, 2) >= 0x80
                    {
                        let card = find::greek_card(self.scene, at, end).filter(|_| digits == 6 && end - at == 6);
                        let plate = find::foreign_plate(self.scene, at, end);
                        card.into_iter().chain(plate).for_each(|found| self.found(found));
                    }
                    if end - at >= 14 && digits > 0 {
                        let founds = [
                            find::coin(self.scene, at, end),
                            find::discord(self.scene, at, end),
                            find::suffixed(self.scene, at, end),
                        ];
                        founds.into_iter().flatten().for_each(|found| self.found(found));
                    }
                }
            }
        }
    }

    /// The finders for what starts with a digit. Gives the end of what was taken.
    #[inline(never)]
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
            // 年, 년
            0xe5 | 0xeb if end - at == 4 && !glued => [find::named(self.scene, at), None, None],
            0xe5 if end - at <= 2 && self.scene.before(at, 1) >= 0x80 => [find::era(self.scene, at), None, None],
            b'.' if end - at <= 3 && self.scene.before(at, 1) == b'@' => [find::host(self.scene, at), None, None],
            b'.' if self.scene.before(at, 1) == b'-' => [None, None, find::coordinates(self.scene, at)],
            0xc2 if end - at <= 3 && !glued => [find::coordinates(self.scene, at), find::degrees(self.scene, at), None],
            _ if end - at == 8 && !glued => [find::compact(self.scene, at), None, None],
            _ => [None; 3],
        };
        let mut taken = at;
        for found in founds.into_iter().flatten() {
            if found.score != Some(0.0) {
                taken = taken.max(found.end);
            }
            self.found(found);
        }
        if taken == at
            && end - at <= 14
            && (end - at >= find::SHORTEST_PHONE || self.joins_digits(end))
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

    /// Whether digits follow behind one or two of the signs that part a telephone's number.
    fn joins_digits(&self, end: usize) -> bool {
        let parts = |byte: u8| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/');
        let [first, second, third] = [end, end + 1, end + 2].map(|at| self.scene.at(at));
        // Without branches: what stands behind a number is as good as random.
        parts(first) & (second.is_ascii_digit() | (parts(second) & third.is_ascii_digit()))
    }

    /// Tries the groups from `start` on, one, two and more of them joined, as values.
    #[inline(never)]
    fn chain(&mut self, mut group: Group) {
        let Group { start, end, digits, .. } = group;
        let bytes = self.scene.bytes;
        // Most numbers stand alone, and are too short for a value.
        let (next, after) = (self.scene.at(end), self.scene.at(end + 1));
        let alone = digits == end - start && !joins(next, after) && (next, after) != SPACED_HYPHEN;
        if alone && self.detector.index.of(Make::Digits, digits).and(&self.possible).is_empty() {
            return;
        }
        let joint = Joint::of(self.scene.before(start, 1), self.scene.before(start, 2));
        if joint == Joint::Glued {
            return;
        }
        let mut candidate = Candidate::new(start);
        let mut separator = None;
        let mut around = None;
        while candidate.push(bytes, separator, &group) {
            let to = group.end;
            let (next, after) = (self.scene.at(to), self.scene.at(to + 1));
            if !goes_on_at(bytes, start, to, next, after) {
                self.try_value(&candidate, joint, &mut around);
            }
            // `4111 - 1111 - 1111 - 1111`
            if ((next, after), to - group.start, candidate.is_digits()) == (SPACED_HYPHEN, 4, true)
                && self.scene.at(to + 2) == b' '
                && self.scene.at(to + 3).is_ascii_digit()
            {
                (separator, group) = (Some(b'-'), Group::at(bytes, to + 3));
                continue;
            }
            // An IBAN of several groups can go on in the next line, as pages are copied.
            if matches!(next, b'\n' | b'\r') && candidate.is_iban() {
                let line = find::run(bytes, to, 24, |b| b.is_ascii_whitespace());
                if !self.scene.at(line).is_ascii_alphanumeric() {
                    return;
                }
                (separator, group) = (Some(b' '), Group::at(bytes, line));
                continue;
            }
            if !joins(next, after) || !self.detector.index.goes_on(&candidate) {
                return;
            }
            (separator, group) = (Some(next), Group::at(bytes, to + 1));
        }
    }

    #[inline(never)]
    fn try_value(&mut self, candidate: &Candidate, joint: Joint, around: &mut Option<Around>) {
        let fits = self.detector.index.like(candidate).and(&self.possible);
        if fits.is_empty() {
            return;
        }
        let around = *around.get_or_insert_with(|| self.scene.around(candidate.start, candidate.end));
        let wanted = fits.and(&self.detector.free.or(&around.context));
        if wanted.is_empty() {
            return;
        }
        let dated = joint == Joint::Named
            && candidate.separators() == b"/"
            && self.scene.before(candidate.start, 2).is_ascii_digit();
        if candidate.mask != 0 && (dated || self.is_rest(candidate)) {
            return;
        }
        // `A123456(3)`
        let closed = candidate.separators().contains(&b'(') && self.scene.at(candidate.end) == b')';
        let end = candidate.end + usize::from(closed);
        let column = || candidate.separators().iter().all(|b| *b == b' ') && self.scene.is_column(candidate.start, end);
        let form = match (candidate.digits() == candidate.len(), candidate.mask) {
            (true, 0) => Form::Plain,
            (true, _) if column() => Form::Plain,
            (_, 0) => Form::Other,
            _ => Form::Parted,
        };
        // A word in small letters and a number: `pid 741684`.
        let first = self.scene.bytes.get(candidate.start..candidate.end).unwrap_or_default();
        let letters = first.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let worded = letters >= 2 && first.get(letters) == Some(&b' ');
        // `the plate is 1234 ABC`: no letters of a value.
        if worded && first.get(..letters).is_some_and(|word| FILLERS.contains(&word)) {
            return;
        }
        let row = matches!(candidate.mask, 0x110 | 0x1110 | 0x1_1110) && self.in_row(candidate);
        let (prose, beside, textbook) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let (case, crowd) = (OnceCell::new(), OnceCell::new());
        for number in self.detector.index.fitting(candidate, &wanted, &around.context) {
            let strength = self.detector.strengths.get(number).copied().unwrap_or(Strength::Weak);
            let (capital, small) = *case.get_or_init(|| case_of(first));
            let any_case = self.detector.any_case.has(number);
            let is_crowded = |strength: Strength| {
                let crowded = crowd.get_or_init(|| self.scene.crowd(candidate.start, candidate.end));
                let [before, behind] = *crowded;
                (before || behind)
                    && (strength <= Strength::Fair
                        || (candidate.is_digits()
                            && ((before && behind) || (candidate.mask == 0 && !around.is_prose(self.scene)))))
            };
            let doubtful = || {
                (joint == Joint::Named && strength < Strength::Sure)
                    || (worded && strength <= Strength::Good)
                    || !(capital || any_case)
                    || (row && strength == Strength::Firm)
                    // Rows of bytes: `50 29 79 48 90 55 92`
                    || (strength == Strength::Firm && candidate.rhythm() == Some((2, b' ')))
                    || (strength == Strength::Fair && candidate.is_article())
                    || (strength < Strength::Sure && *textbook.get_or_init(|| candidate.is_textbook()))
                    || (strength == Strength::Firm
                        && (!candidate.is_regular()
                            || (candidate.len() > 16 && self.scene.is_listed(candidate.start, end))))
                    || (strength <= Strength::Good && is_crowded(strength))
            };
            let other = || {
                (number == self.detector.plate && candidate.is_counted())
                    || (strength == Strength::Weak
                        && (self.scene.is_measured(candidate.start, end)
                            || self.scene.is_named_by_types(number, &around)))
                    || (strength > Strength::Weak && self.is_label(candidate, number))
            };
            if !(small || any_case) || (!around.context.has(number) && doubtful()) {
                continue;
            }
            let check = self.detector.checks.get(number).copied().flatten();
            if check.is_none_or(|check| check(candidate.bytes())) && !other() {
                // What stands behind depends on where it ends.
                let around = beside.get_or_init(|| self.scene.around(candidate.start, candidate.end));
                let is_prose = || *prose.get_or_init(|| around.is_prose(self.scene));
                let (score, by_context) = score(strength, number, around, form, is_prose);
                self.add(number, candidate.start, end, score + self.preference(number, around), by_context);
            }
        }
    }

    /// Whether the letters that a value starts with are a word for another: `MRN 978796`.
    fn is_label(&self, candidate: &Candidate, number: usize) -> bool {
        // Two letters are as often a country's, and of the value.
        if candidate.mask.trailing_zeros() < 3 || candidate.mask == 0 || candidate.make() != Make::Letter {
            return false;
        }
        let end = candidate.start + candidate.mask.trailing_zeros() as usize;
        let first = self.scene.hits.partition_point(|hit| hit.start < candidate.start);
        let hits = self.scene.hits.get(first..).unwrap_or_default().iter();
        let mut here = hits.take_while(|hit| hit.start == candidate.start).filter(|hit| hit.end == end);
        here.any(|hit| {
            let meaning = self.detector.words.meaning(*hit);
            meaning.is_some_and(|meaning| !meaning.context.is_empty() && !meaning.context.has(number))
        })
    }

    /// Whether a value of groups of one length goes on with another before it: the last three fours of a card are no card. A whole
    /// card can stand behind a year.
    fn is_rest(&self, candidate: &Candidate) -> bool {
        if candidate.len() >= 16 || !self.scene.before(candidate.start, 2).is_ascii_digit() {
            return false;
        }
        let Some((length, separator)) = candidate.rhythm().filter(|(length, _)| *length >= 3) else { return false };
        let from = candidate.start.checked_sub(length + 1);
        let group = from.and_then(|from| self.scene.bytes.get(from..candidate.start)).and_then(<[u8]>::split_last);
        let before = self.scene.before(candidate.start, length + 2);
        !before.is_ascii_alphanumeric()
            && group.is_some_and(|(last, group)| *last == separator && group.iter().all(u8::is_ascii_digit))
    }

    /// Whether a value of groups of four digits is a part of a row of such numbers: there is another before it, or there are two
    /// more behind it (one alone is a year or a code that belongs to the card).
    fn in_row(&self, candidate: &Candidate) -> bool {
        let is_four = |from: usize, to: usize| {
            let four = self.scene.bytes.get(from..to).is_some_and(|four| four.iter().all(u8::is_ascii_digit));
            four && !self.scene.at(to).is_ascii_alphanumeric() && self.scene.at(to) != b'/'
        };
        let behind = [candidate.end, candidate.end + 5]
            .iter()
            .all(|space| self.scene.at(*space) == b' ' && is_four(space + 1, space + 5));
        let before = candidate.start >= 5
            && self.scene.before(candidate.start, 1) == b' '
            && !self.scene.before(candidate.start, 6).is_ascii_alphanumeric()
            && is_four(candidate.start - 5, candidate.start - 1);
        behind || before
    }

    /// Runs the patterns of the configuration.
    pub fn customs(&mut self) {
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

/// Whether a value's letters are capitals, and whether they are that or small ones behind the first. Formats are written in capitals:
/// `issue7208`, `UInt16Val` and `0x3f7ffff8` are names and numbers of code.
fn case_of(value: &[u8]) -> (bool, bool) {
    let capital = !value.iter().any(u8::is_ascii_lowercase);
    let mut behind = value.iter().filter(|byte| byte.is_ascii_alphabetic()).skip(1);
    (capital, capital || (!value.starts_with(b"0x") && behind.all(u8::is_ascii_lowercase)))
}

/// Words between a name and its value.
const FILLERS: [&[u8]; 18] = [
    b"is", b"as", b"at", b"by", b"in", b"it", b"no", b"nr", b"num", b"of", b"on", b"or", b"to", b"es", b"est", b"ist",
    b"and", b"was",
];

/// What starts a separator that is written with spaces: ` - `.
const SPACED_HYPHEN: (u8, u8) = (b' ', b'-');

/// Whether the next group may belong to the same value.
fn joins(next: u8, after: u8) -> bool {
    matches!(next, b' ' | b'-' | b'.' | b'/' | b'(' | b'+') && after.is_ascii_alphanumeric()
}
