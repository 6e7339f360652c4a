//! A document against a schema, in one walk.

use super::{Choice, Group, Member, Other, Schema, Shape, Tagged, Types};
use crate::fault::{Fault, MAX_FAULTS, one_of, push_step};
use crate::json::{Document, Id, Kind};
use serde::Deserialize;
use std::ops::Range;

/// What becomes of members that a schema does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// They pass.
    #[default]
    Allow,
    /// They are taken out.
    Strip,
    /// They are faults.
    Refuse,
}

/// How a document is judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Judging {
    /// What becomes of unknown members.
    pub unknown: Unknown,
    /// `null` passes for a member that may be missing.
    pub null_is_missing: bool,
    /// Missing members that have a default get it.
    pub defaults: bool,
    /// The path names the model, so the body need not.
    pub model_in_path: bool,
    /// The call only counts tokens: nothing but the root's `messages` and `input` is required.
    pub counts_only: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// What is wrong, at most [`MAX_FAULTS`].
    pub faults: Vec<Fault>,
    /// What to replace in the text, in order and apart.
    pub edits: Vec<(Range<usize>, String)>,
}

impl Schema {
    /// Judges a document. Stops at [`MAX_FAULTS`].
    pub fn judge(&self, document: &Document<'_>, judging: Judging) -> Judgement {
        let mut walk = Walk { schema: self, document, judging, path: Vec::new(), out: Judgement::default() };
        walk.value(Id::ROOT, self.root);
        let mut out = walk.out;
        out.edits.sort_by_key(|(range, _)| range.start);
        out
    }
}

/// One step from a container to what it holds.
#[derive(Clone, Copy)]
enum Step {
    Name(Id),
    Index(usize),
}

struct Walk<'w, 'a> {
    schema: &'w Schema,
    document: &'w Document<'a>,
    judging: Judging,
    path: Vec<Step>,
    out: Judgement,
}

impl<'w> Walk<'w, '_> {
    fn value(&mut self, id: Id, shape: usize) {
        let Some(shape) = self.schema.shapes.get(shape) else { return };
        if self.out.faults.len() >= MAX_FAULTS {
            return;
        }
        let kind = self.document.kind(id);
        if !self.has_type(id, kind, shape.types) {
            return self.fault("type", shape.types.wanted());
        }
        match kind {
            Kind::Null | Kind::False | Kind::True => {}
            Kind::Number => self.number(id, shape),
            Kind::Plain | Kind::Escaped => self.string(id, shape),
            Kind::Array => self.array(id, shape),
            Kind::Object => self.object(id, shape),
        }
        if let Some(choice) = &shape.choice {
            self.choice(id, kind, choice);
        }
    }

    fn has_type(&self, id: Id, kind: Kind, types: Types) -> bool {
        types.has(match kind {
            Kind::Null => Types::NULL,
            Kind::False | Kind::True => Types::BOOLEAN,
            Kind::Number if types.has(Types::NUMBER) => Types::NUMBER,
            Kind::Number => return types.has(Types::INTEGER) && self.is_whole(id),
            Kind::Plain | Kind::Escaped => Types::STRING,
            Kind::Array => Types::ARRAY,
            Kind::Object => Types::OBJECT,
        })
    }

    /// JSON Schema counts `1.0` as an integer.
    fn is_whole(&self, id: Id) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'-';
        self.document.raw(id).bytes().all(is_plain) || self.document.number(id).is_some_and(|it| it.fract() == 0.0)
    }

    fn number(&mut self, id: Id, shape: &Shape) {
        let range = shape.range;
        if range.min == f64::NEG_INFINITY && range.max == f64::INFINITY {
            return;
        }
        let number = self.document.number(id).unwrap_or(f64::NAN);
        let (min, max) = (range.min, range.max);
        if number < min || (range.above_min && number <= min) {
            let (keyword, word) = if range.above_min { ("exclusiveMinimum", "above") } else { ("minimum", "at least") };
            self.fault(keyword, format!("must be {word} {min}"));
        }
        if number > max || (range.below_max && number >= max) {
            let (keyword, word) = if range.below_max { ("exclusiveMaximum", "below") } else { ("maximum", "at most") };
            self.fault(keyword, format!("must be {word} {max}"));
        }
    }

    fn string(&mut self, id: Id, shape: &Shape) {
        if let Some(words) = &shape.words {
            let text = self.document.string(id).unwrap_or_default();
            if !words.iter().any(|word| **word == *text) {
                self.fault("enum", format!("must be {}", one_of(words.iter().map(|word| &**word))));
            }
        }
        if let Some((charset, pattern)) = &shape.charset
            && !charset.fits(&self.document.string(id).unwrap_or_default())
        {
            self.fault("pattern", format!("must match {pattern}"));
        }
        let (min, max) = shape.length;
        if min > 0 || max < usize::MAX {
            // An escape is at least one character, so only a string that could be too long is decoded.
            let bytes = self.document.raw(id).len().saturating_sub(2);
            let length = if bytes <= max && min <= 1 {
                bytes
            } else {
                self.document.string(id).unwrap_or_default().chars().count()
            };
            if length < min {
                self.fault(
                    "minLength",
                    if min == 1 {
                        "must not be empty".to_owned()
                    } else {
                        format!("must have at least {min} characters")
                    },
                );
            } else if length > max {
                self.fault("maxLength", format!("must have at most {max} characters"));
            }
        }
    }

    fn array(&mut self, id: Id, shape: &'w Shape) {
        let (min, max) = shape.count;
        let mut count = 0;
        for (at, item) in self.document.items(id).enumerate() {
            count = at + 1;
            if let Some(items) = shape.items {
                self.path.push(Step::Index(at));
                self.value(item, items);
                self.path.pop();
            } else if max == usize::MAX && count >= min {
                break;
            }
            if self.out.faults.len() >= MAX_FAULTS {
                return;
            }
        }
        if count < min {
            self.fault(
                "minItems",
                if min == 1 { "must not be empty".to_owned() } else { format!("must have at least {min} elements") },
            );
        } else if count > max {
            self.fault("maxItems", format!("must have at most {max} elements"));
        }
    }

    fn object(&mut self, id: Id, shape: &'w Shape) {
        if shape.members.is_empty() && shape.other == Other::Free {
            return self.groups(id, shape);
        }
        let (mut required, mut count, mut strip) = (0, 0, Strip::default());
        for (key, value) in self.document.members(id) {
            count += 1;
            let name = self.document.string(key).unwrap_or_default();
            let kept = match shape.members.get(&name) {
                Some(member) => {
                    required += usize::from(member.required);
                    if !self.is_left_to_path(&name, value) {
                        self.member(key, value, member);
                    }
                    true
                }
                None => self.unnamed(key, value, &name, shape),
            };
            strip.member(kept, self.document.span(key).start, self.document.span(value).end);
            if self.out.faults.len() >= MAX_FAULTS {
                return;
            }
        }
        strip.finish(&mut self.out.edits);
        if count > shape.max_members {
            self.fault("maxProperties", format!("must have at most {} members", shape.max_members));
        }
        if required < shape.required {
            self.missing(id, shape);
        }
        if self.judging.defaults {
            self.defaults(id, shape, strip.keeps);
        }
        self.groups(id, shape);
    }

    fn member(&mut self, key: Id, value: Id, member: &Member) {
        if self.judging.null_is_missing && !member.required && self.document.kind(value) == Kind::Null {
            return;
        }
        self.path.push(Step::Name(key));
        self.value(value, member.shape);
        self.path.pop();
    }

    /// Whether the root's `model` is empty because the path names it, as Azure's clients leave it.
    fn is_left_to_path(&self, name: &str, value: Id) -> bool {
        let is_empty = || matches!(self.document.raw(value), "\"\"" | "null");
        self.judging.model_in_path && self.path.is_empty() && name == "model" && is_empty()
    }

    /// A member without a shape of its own: whether it stays.
    fn unnamed(&mut self, key: Id, value: Id, name: &str, shape: &'w Shape) -> bool {
        self.path.push(Step::Name(key));
        let kept = match (shape.other, self.judging.unknown) {
            (Other::Map(inner), _) => {
                self.value(value, inner);
                true
            }
            (Other::Free, _) => true,
            (Other::Unknown, Unknown::Strip) => false,
            (other, unknown) => {
                if let Some(known) = shape.members.other_case(name) {
                    // Some readers take `Model` for `model`, others do not.
                    self.fault("properties", format!("must be spelled `{known}`"));
                } else if other == Other::Refused || unknown == Unknown::Refuse {
                    self.fault("additionalProperties", "is not known here");
                }
                true
            }
        };
        self.path.pop();
        kept
    }

    fn missing(&mut self, id: Id, shape: &'w Shape) {
        let is_root = self.path.is_empty();
        for (name, member) in shape.members.iter().filter(|(_, member)| member.required) {
            let is_excused = is_root
                && ((self.judging.model_in_path && name == "model")
                    || (self.judging.counts_only && !matches!(name, "messages" | "model")));
            let is_excused = is_excused || member.instead.as_ref().is_some_and(|it| self.is_there(id, it));
            if !is_excused && self.document.member(id, name).is_none() {
                self.fault_at(Some(name), "required", "is missing");
            }
        }
    }

    fn has_required(&self, id: Id, shape: &Shape) -> bool {
        let mut required = shape.members.iter().filter(|(_, member)| member.required);
        required.all(|(name, _)| self.document.member(id, name).is_some())
    }

    fn groups(&mut self, id: Id, shape: &'w Shape) {
        for Group { names, exactly } in &shape.groups {
            let count = names.iter().filter(|name| self.is_there(id, name)).count();
            let listed = || one_of(names.iter().map(|name| &**name));
            if *exactly && count != 1 {
                self.fault("oneOf", format!("must have exactly one of {}", listed()));
            } else if count == 0 && !self.is_excused(names) {
                self.fault("anyOf", format!("must have {}", listed()));
            }
        }
    }

    /// Whether a member is there: `null` is not one of those of which one must be.
    fn is_there(&self, id: Id, name: &str) -> bool {
        self.document.member(id, name).is_some_and(|it| self.document.kind(it) != Kind::Null)
    }

    /// Whether the call needs none of these members of its root.
    fn is_excused(&self, names: &[Box<str>]) -> bool {
        let has_model = self.judging.model_in_path && names.iter().any(|name| &**name == "model");
        self.path.is_empty() && (self.judging.counts_only || has_model)
    }

    fn defaults(&mut self, id: Id, shape: &'w Shape, keeps: bool) {
        let mut text = String::new();
        for (name, member) in shape.members.iter() {
            if let Some(default) = &member.default
                && self.document.member(id, name).is_none()
            {
                let comma = if text.is_empty() { "" } else { "," };
                let name = serde_json::to_string(name).unwrap_or_default();
                text.push_str(&format!("{comma}{name}:{default}"));
            }
        }
        if !text.is_empty() {
            text.push_str(if keeps { "," } else { "" });
            let at = self.document.span(id).start + 1;
            self.out.edits.push((at..at, text));
        }
    }

    fn choice(&mut self, id: Id, kind: Kind, choice: &'w Choice) {
        if let (Kind::Object, Some(tagged)) = (kind, &choice.tagged) {
            return self.tagged(id, tagged);
        }
        if kind == Kind::Array {
            let first = self.document.items(id).next();
            let fits = |(types, _): &&(Types, usize)| {
                first.is_none_or(|first| self.has_type(first, self.document.kind(first), *types))
            };
            // Where nothing fits, the first alternative says what is wrong.
            let chosen = choice.arrays.iter().find(fits).or(choice.arrays.first());
            return chosen.map(|(_, at)| *at).into_iter().for_each(|at| self.value(id, at));
        }
        let chosen = choice.by_type.iter().find(|(types, _)| self.has_type(id, kind, Types(*types)));
        chosen.map(|(_, at)| *at).into_iter().for_each(|at| self.value(id, at));
    }

    fn tagged(&mut self, id: Id, tagged: &'w Tagged) {
        let is_tag = |key: Id| self.document.string(key).is_some_and(|it| *it == *tagged.tag);
        let found = self.document.members(id).find(|(key, _)| is_tag(*key));
        let found = found.filter(|(_, value)| tagged.untagged.is_empty() || self.document.kind(*value) != Kind::Null);
        let Some((key, value)) = found else {
            let has_required =
                |at: &&usize| self.schema.shapes.get(**at).is_some_and(|shape| self.has_required(id, shape));
            return match tagged.untagged.iter().find(has_required).or(tagged.untagged.first()) {
                Some(at) => self.value(id, *at),
                None => self.fault_at(Some(&tagged.tag), "required", "is missing"),
            };
        };
        match self.document.string(value).map(|word| tagged.cases.get(&word)) {
            Some(Some(at)) => self.value(id, *at),
            Some(None) if tagged.open => {}
            _ => {
                let words = one_of(tagged.cases.iter().map(|(word, _)| word));
                self.path.push(Step::Name(key));
                self.fault("enum", format!("must be {words}"));
                self.path.pop();
            }
        }
    }

    fn fault(&mut self, keyword: &str, message: impl Into<String>) {
        self.fault_at(None, keyword, message);
    }

    fn fault_at(&mut self, member: Option<&str>, keyword: &str, message: impl Into<String>) {
        if self.out.faults.len() >= MAX_FAULTS {
            return;
        }
        let mut pointer = String::new();
        for step in &self.path {
            match step {
                Step::Name(key) => push_step(&mut pointer, &self.document.string(*key).unwrap_or_default()),
                Step::Index(at) => push_step(&mut pointer, &at.to_string()),
            }
        }
        if let Some(member) = member {
            push_step(&mut pointer, member);
        }
        self.out.faults.push(Fault::new(pointer, keyword, message));
    }
}

/// Which bytes of an object go with its stripped members: each run of them with the comma on one side.
#[derive(Default)]
struct Strip {
    /// Something stays.
    keeps: bool,
    /// Where the last member that stays ends.
    kept_end: Option<usize>,
    /// The run of stripped members that is not ended yet.
    run: Option<Range<usize>>,
    cuts: Vec<Range<usize>>,
}

impl Strip {
    fn member(&mut self, kept: bool, start: usize, end: usize) {
        if kept {
            self.cuts.extend(self.run.take().map(|run| run.start..start));
            (self.keeps, self.kept_end) = (true, Some(end));
        } else {
            self.run = Some(self.run.take().map_or(start, |run| run.start)..end);
        }
    }

    fn finish(&mut self, edits: &mut Vec<(Range<usize>, String)>) {
        self.cuts.extend(self.run.take().map(|run| self.kept_end.unwrap_or(run.start)..run.end));
        edits.extend(self.cuts.drain(..).map(|cut| (cut, String::new())));
    }
}
