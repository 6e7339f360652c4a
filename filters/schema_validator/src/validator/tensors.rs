//! What the Open Inference Protocol says of tensors and JSON Schema cannot: names of datatypes, as many elements as
//! the shape says, and elements that the datatype can hold. Source: kserve/open-inference-protocol, REST, "Tensor Data".

use crate::fault::{Fault, MAX_FAULTS, one_of};
use crate::json::{Document, Id, Kind};
use serde::Deserialize;

/// Which checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tensors {
    /// `datatype` is one that the protocol knows (or `BF16`, which servers take).
    pub datatype: bool,
    /// `data` has as many elements as `shape` says, flat or nested just so.
    pub shape: bool,
    /// Each element is of its datatype and within its range.
    pub range: bool,
}

impl Default for Tensors {
    fn default() -> Self {
        Self { datatype: true, shape: true, range: true }
    }
}

/// What one element must be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Element {
    Boolean,
    Whole(i128, i128),
    Number(f64),
    Text,
}

const DATATYPES: [(&str, Element); 14] = [
    ("BOOL", Element::Boolean),
    ("UINT8", Element::Whole(0, 255)),
    ("UINT16", Element::Whole(0, 65_535)),
    ("UINT32", Element::Whole(0, 4_294_967_295)),
    ("UINT64", Element::Whole(0, 18_446_744_073_709_551_615)),
    ("INT8", Element::Whole(-128, 127)),
    ("INT16", Element::Whole(-32_768, 32_767)),
    ("INT32", Element::Whole(-2_147_483_648, 2_147_483_647)),
    ("INT64", Element::Whole(-9_223_372_036_854_775_808, 9_223_372_036_854_775_807)),
    ("FP16", Element::Number(65_504.0)),
    ("BF16", Element::Number(3.4e38)),
    ("FP32", Element::Number(3.402_823_5e38)),
    ("FP64", Element::Number(f64::MAX)),
    ("BYTES", Element::Text),
];

impl Tensors {
    /// Checks the inputs of a request whose form is right; adds what is wrong.
    pub fn check(self, document: &Document<'_>, faults: &mut Vec<Fault>) {
        let Some(inputs) = document.member(Id::ROOT, "inputs") else { return };
        for (at, input) in document.items(inputs).enumerate() {
            if faults.len() >= MAX_FAULTS {
                return;
            }
            if let Err((member, keyword, message)) = self.input(document, input) {
                faults.push(Fault::new(format!("/inputs/{at}/{member}"), keyword, message));
            }
        }
    }

    fn input(self, document: &Document<'_>, input: Id) -> Result<(), (&'static str, &'static str, String)> {
        let datatype = document.member(input, "datatype").and_then(|it| document.string(it)).unwrap_or_default();
        let element = DATATYPES.iter().find(|(name, _)| *name == datatype).map(|(_, element)| *element);
        if element.is_none() && self.datatype {
            return Err(("datatype", "enum", format!("must be {}", one_of(DATATYPES.iter().map(|(name, _)| *name)))));
        }
        let Some(data) = document.member(input, "data") else {
            // Triton's shared memory and binary extensions say in the parameters where the data is.
            let elsewhere = document.member(input, "parameters").is_some_and(|parameters| {
                document.member(parameters, "shared_memory_region").is_some()
                    || document.member(parameters, "binary_data_size").is_some()
            });
            return if elsewhere { Ok(()) } else { Err(("data", "required", "is missing".into())) };
        };
        let shape = document.member(input, "shape");
        let shape: Vec<u64> = shape
            .into_iter()
            .flat_map(|shape| document.items(shape))
            .map(|length| document.raw(length).parse().unwrap_or(u64::MAX))
            .collect();
        if self.shape {
            let elements = shape.iter().try_fold(1_u64, |all, length| all.checked_mul(*length));
            let is_nested = document.items(data).any(|item| document.kind(item) == Kind::Array);
            let fits = if is_nested {
                nested(document, data, &shape)
            } else {
                Some(document.items(data).count() as u64) == elements
            };
            if !fits {
                return Err(("data", "shape", "must have as many elements as `shape` says, flat or nested".into()));
            }
        }
        match element {
            Some(element) if self.range && !all(document, data, element) => {
                Err(("data", "datatype", format!("must hold {}", wanted(&datatype, element))))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an array nests just as `shape` says.
fn nested(document: &Document<'_>, data: Id, shape: &[u64]) -> bool {
    let Some((length, inner)) = shape.split_first() else { return false };
    let mut count = 0;
    for item in document.items(data) {
        count += 1;
        let is_array = document.kind(item) == Kind::Array;
        if is_array == inner.is_empty() || (is_array && !nested(document, item, inner)) {
            return false;
        }
    }
    count == *length
}

/// Whether every element, however nested, is one.
fn all(document: &Document<'_>, data: Id, element: Element) -> bool {
    document.items(data).all(|item| match (document.kind(item), element) {
        (Kind::Array, _) => all(document, item, element),
        (Kind::True | Kind::False, Element::Boolean) | (Kind::Plain | Kind::Escaped, Element::Text) => true,
        (Kind::Number, Element::Whole(min, max)) => {
            whole(document, item).is_some_and(|number| (min..=max).contains(&number))
        }
        (Kind::Number, Element::Number(max)) => document.number(item).is_some_and(|number| number.abs() <= max),
        _ => false,
    })
}

/// The whole number that a number is, exactly: the bounds of 64 bits are no doubles. `1.0` and `1e3` are whole.
fn whole(document: &Document<'_>, item: Id) -> Option<i128> {
    document.raw(item).parse().ok().or_else(|| {
        let number = document.number(item).filter(|number| number.fract() == 0.0)?;
        // Beyond 2^63 a double has no fractions left to lose; what is beyond i128 saturates, and is out of all ranges.
        Some(number as i128)
    })
}

fn wanted(datatype: &str, element: Element) -> String {
    match element {
        Element::Boolean => "true and false alone, as BOOL says".into(),
        Element::Whole(min, max) => format!("whole numbers from {min} to {max} alone, as {datatype} says"),
        Element::Number(max) => format!("numbers from -{max:e} to {max:e} alone, as {datatype} says"),
        Element::Text => "strings alone, as BYTES says".into(),
    }
}
