//! The crate's errors in our words: never the instance's text, and of alternatives the one that was meant.

use crate::fault::{Fault, one_of, push_step};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;
use std::cmp::Reverse;

/// How far into alternatives of alternatives is looked.
const MAX_NESTING: usize = 8;

/// The fault that an error stands for.
pub fn fault(error: &ValidationError<'_>) -> Fault {
    within(error, MAX_NESTING)
}

fn within(error: &ValidationError<'_>, nesting: usize) -> Fault {
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = error.kind() else { return plain(error) };
    let here = depth(error);
    if let Some(words) = tag_words(context, here) {
        return words;
    }
    // The alternative whose tag and type fit and whose faults lie deepest is the one that was meant.
    let meant = context.iter().filter(|branch| !branch.is_empty()).min_by_key(|branch| {
        (misses(branch, here), Reverse(branch.iter().map(depth).max().unwrap_or(0)), branch.len())
    });
    let deepest = meant.and_then(|branch| branch.iter().min_by_key(|error| Reverse(depth(error))));
    match deepest {
        Some(inner) if nesting > 0 => {
            let types: Vec<String> = context.iter().filter_map(|branch| wanted_type(branch, here)).collect();
            if types.len() == context.len() {
                return Fault::new(pointer(error), "type", format!("must be {}", types.join(" or ")));
            }
            within(inner, nesting - 1)
        }
        _ => plain(error),
    }
}

/// Where every alternative that takes the value's type fails on the same member's word: all the words there are.
fn tag_words(context: &[Vec<ValidationError<'static>>], here: usize) -> Option<Fault> {
    let mut place: Option<String> = None;
    let mut words: Vec<String> = Vec::new();
    for branch in context.iter().filter(|branch| wanted_type(branch, here).is_none()) {
        let tag = branch.iter().find(|error| depth(error) == here + 1 && is_word(error))?;
        if place.get_or_insert_with(|| pointer(tag)) != &pointer(tag) {
            return None;
        }
        match tag.kind() {
            Kind::Constant { expected_value } => words.extend(expected_value.as_str().map(str::to_owned)),
            Kind::Enum { options } => {
                words.extend(options.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned))
            }
            _ => {}
        }
    }
    place.map(|place| Fault::new(place, "enum", format!("must be {}", one_of(words.iter().map(String::as_str)))))
}

/// How badly an alternative misses: by type, by its tag, or by neither.
fn misses(branch: &[ValidationError<'_>], here: usize) -> u8 {
    if wanted_type(branch, here).is_some() {
        2
    } else {
        u8::from(branch.iter().any(|error| depth(error) == here + 1 && is_word(error)))
    }
}

fn is_word(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Kind::Constant { .. } | Kind::Enum { .. })
}

/// The type that an alternative wants, where that is what it fails on.
fn wanted_type(branch: &[ValidationError<'_>], here: usize) -> Option<String> {
    branch.iter().find_map(|error| match error.kind() {
        Kind::Type { kind } if depth(error) == here => Some(type_name(kind)),
        _ => None,
    })
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

fn pointer(error: &ValidationError<'_>) -> String {
    let mut out = String::new();
    for step in error.instance_path().as_str().split('/').skip(1) {
        push_step(&mut out, &step.replace("~1", "/").replace("~0", "~"));
    }
    out
}

fn plain(error: &ValidationError<'_>) -> Fault {
    let mut place = pointer(error);
    let message = match error.kind() {
        Kind::Required { property } => {
            push_step(&mut place, property.as_str().unwrap_or_default());
            "is missing".into()
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            push_step(&mut place, unexpected.first().map(String::as_str).unwrap_or_default());
            "is not known here".into()
        }
        Kind::Type { kind } => format!("must be {}", type_name(kind)),
        Kind::Constant { expected_value } => format!("must be {expected_value}"),
        Kind::Enum { options } => {
            let words = options
                .as_array()
                .into_iter()
                .flatten()
                .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned));
            let words: Vec<String> = words.collect();
            format!("must be {}", one_of(words.iter().map(String::as_str)))
        }
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be above {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be below {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {limit} elements"),
        Kind::MaxItems { limit } => format!("must have at most {limit} elements"),
        Kind::AdditionalItems { limit } => format!("must have at most {limit} elements"),
        Kind::MinProperties { limit } => format!("must have at least {limit} members"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} members"),
        Kind::Pattern { pattern } => format!("must match {pattern}"),
        Kind::Format { format } => format!("must be of the format {format}"),
        Kind::UniqueItems => "must not hold an element twice".into(),
        Kind::Contains => "must hold an element of the kind that the schema asks for".into(),
        Kind::UnevaluatedItems { .. } => "has elements that are not known here".into(),
        Kind::OneOfMultipleValid { .. } => "fits more than one alternative".into(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "fits none of the alternatives".into(),
        Kind::PropertyNames { .. } => "has a member whose name is not allowed".into(),
        Kind::Not { .. } | Kind::FalseSchema => "is not allowed here".into(),
        _ => "is not valid".into(),
    };
    Fault::new(place, error.kind().keyword(), message)
}

fn type_name(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => article(&one.to_string()),
        TypeKind::Multiple(many) => {
            let many: Vec<String> = many.iter().map(|one| article(&one.to_string())).collect();
            many.join(" or ")
        }
    }
}

fn article(name: &str) -> String {
    match name {
        "null" => "null".into(),
        "integer" => "a whole number".into(),
        "array" | "object" => format!("an {name}"),
        name => format!("a {name}"),
    }
}
