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

/// The datatypes, with the bytes of one element in binary (0 where that is its own length).
const DATATYPES: [(&str, Element, usize); 14] = [
    ("BOOL", Element::Boolean, 1),
    ("UINT8", Element::Whole(0, 255), 1),
    ("UINT16", Element::Whole(0, 65_535), 2),
    ("UINT32", Element::Whole(0, 4_294_967_295), 4),
    ("UINT64", Element::Whole(0, 18_446_744_073_709_551_615), 8),
    ("INT8", Element::Whole(-128, 127), 1),
    ("INT16", Element::Whole(-32_768, 32_767), 2),
    ("INT32", Element::Whole(-2_147_483_648, 2_147_483_647), 4),
    ("INT64", Element::Whole(-9_223_372_036_854_775_808, 9_223_372_036_854_775_807), 8),
    ("FP16", Element::Number(65_504.0), 2),
    ("BF16", Element::Number(3.4e38), 2),
    ("FP32", Element::Number(3.402_823_5e38), 4),
    ("FP64", Element::Number(f64::MAX), 8),
    ("BYTES", Element::Text, 0),
];

impl Tensors {
    /// Checks the inputs of a request whose form is right; adds what is wrong. `binary` is how many bytes are behind the
    /// JSON, where it says that there may be such.
    pub fn check(self, document: &Document<'_>, binary: Option<usize>, faults: &mut Vec<Fault>) {
        let Some(inputs) = document.member(Id::ROOT, "inputs") else { return };
        let mut sizes = 0_usize;
        for (at, input) in document.items(inputs).enumerate() {
            if faults.len() >= MAX_FAULTS {
                return;
            }
            match self.input(document, input) {
                Ok(size) => sizes = sizes.saturating_add(size),
                Err((member, keyword, message)) => {
                    faults.push(Fault::new(format!("/inputs/{at}/{member}"), keyword, message));
                }
            }
        }
        if let Some(bytes) = binary.filter(|bytes| *bytes != sizes && faults.is_empty()) {
            let message = format!("must say in `{BINARY_SIZE}`s what the {bytes} bytes behind the JSON are");
            faults.push(Fault::new("/inputs".into(), BINARY_SIZE, message));
        }
    }

    /// The bytes that the input's tensor has behind the JSON.
    fn input(self, document: &Document<'_>, input: Id) -> Result<usize, (&'static str, &'static str, String)> {
        let datatype = document.member(input, "datatype").and_then(|it| document.string(it)).unwrap_or_default();
        let known = DATATYPES.iter().find(|(name, ..)| *name == datatype);
        if known.is_none() && self.datatype {
            return Err(("datatype", "enum", format!("must be {}", one_of(DATATYPES.iter().map(|(name, ..)| *name)))));
        }
        let shape = document.member(input, "shape");
        let shape: Vec<u64> = shape
            .into_iter()
            .flat_map(|shape| document.items(shape))
            .map(|length| whole(document, length).and_then(|length| u64::try_from(length).ok()).unwrap_or(u64::MAX))
            .collect();
        let elements = shape.iter().try_fold(1_u64, |all, length| all.checked_mul(*length));
        let Some(data) = document.member(input, "data") else {
            return self.elsewhere(document, input, elements.zip(known.map(|(.., size)| *size)));
        };
        if self.shape {
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
        match known {
            Some((_, element, _)) if self.range && !all(document, data, *element) => {
                Err(("data", "datatype", format!("must hold {}", wanted(&datatype, *element))))
            }
            _ => Ok(0),
        }
    }

    /// Where Triton's extensions say that the data is: in shared memory, or behind the JSON with so many bytes.
    fn elsewhere(
        self,
        document: &Document<'_>,
        input: Id,
        expected: Option<(u64, usize)>,
    ) -> Result<usize, (&'static str, &'static str, String)> {
        let parameter = |name: &str| document.member(document.member(input, "parameters")?, name);
        let Some(size) = parameter(BINARY_SIZE) else {
            let is_shared = parameter("shared_memory_region").is_some();
            return if is_shared { Ok(0) } else { Err(("data", "required", "is missing".into())) };
        };
        const PLACE: &str = "parameters/binary_data_size";
        let size: usize = document
            .raw(size)
            .parse()
            .map_err(|_| (PLACE, "type", "must be a whole number of at least 0".to_owned()))?;
        match expected {
            Some((elements, bytes))
                if self.shape && bytes > 0 && elements.checked_mul(bytes as u64) != Some(size as u64) =>
            {
                Err((PLACE, "shape", "must be as many bytes as `shape` and `datatype` say".into()))
            }
            _ => Ok(size),
        }
    }
}

/// The parameter that says how many bytes behind the JSON are an input's.
const BINARY_SIZE: &str = "binary_data_size";

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
