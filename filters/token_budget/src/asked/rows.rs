//! How many rows a request for a prediction holds.

use chat::Api;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The rows of a KServe V2 request (the first dimension of its first input) or of a V1 one (`instances`, or TensorFlow's `inputs`:
/// rows, or columns by their names); 1 where there is none. The body has been read as JSON.
pub(super) fn count(api: Api, body: &[u8]) -> u64 {
    // As text, which other bodies are read from already: one reader of JSON in a module is enough.
    let rows = str::from_utf8(body).ok().and_then(|body| if api == Api::InferV2 { of_v2(body) } else { of_v1(body) });
    rows.unwrap_or(1).max(1)
}

fn of_v2(body: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Infer {
        inputs: Vec<Input>,
    }
    #[derive(serde::Deserialize)]
    struct Input {
        shape: Vec<u64>,
    }
    serde_json::from_str::<Infer>(body).ok()?.inputs.first()?.shape.first().copied()
}

fn of_v1(body: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Predict {
        instances: Option<Rows>,
        inputs: Option<Rows>,
    }
    let Predict { instances, inputs } = serde_json::from_str(body).ok()?;
    instances.max(inputs).map(|Rows(rows)| rows)
}

/// The length of a list, or of the longest list of an object; anything else is one row.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rows(u64);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Rows;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows, A::Error> {
        let mut rows = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            rows += 1;
        }
        Ok(Rows(rows))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut columns: A) -> Result<Rows, A::Error> {
        let mut longest = Rows(1);
        while let Some((_, column)) = columns.next_entry::<IgnoredAny, Rows>()? {
            longest = longest.max(column);
        }
        Ok(longest)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Rows, E> {
        Ok(Rows(1))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Rows, E> {
        Ok(Rows(1))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Rows, E> {
        Ok(Rows(1))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Rows, E> {
        Ok(Rows(1))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Rows, E> {
        Ok(Rows(1))
    }

    fn visit_unit<E: Error>(self) -> Result<Rows, E> {
        Ok(Rows(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_each_api_has_them() {
        for (api, body, rows) in [
            (Api::InferV2, r#"{"inputs":[{"name":"x","shape":[3,2]},{"shape":[9]}]}"#, 3),
            (Api::InferV2, r#"{"instances":[1,2],"inputs":[{"shape":[3]}]}"#, 3),
            (Api::InferV2, r#"{"inputs":[]}"#, 1),
            (Api::PredictV1, r#"{"instances":[[1],[2]]}"#, 2),
            (Api::PredictV1, r#"{"inputs":[[1],[2],[3]]}"#, 3),
            (Api::PredictV1, r#"{"inputs":{"a":[1,2,3,4],"b":[1],"c":"x","d":null}}"#, 4),
            (Api::PredictV1, r#"{"instances":[1,2,3],"inputs":[{"shape":[1]}]}"#, 3),
            (Api::PredictV1, r#"{"instances":{"a":{"b64":"x"}},"inputs":true}"#, 1),
            (Api::PredictV1, "{}", 1),
        ] {
            assert_eq!(count(api, body.as_bytes()), rows, "{body}");
        }
    }
}
