//! How many rows a request for a prediction holds.

use crate::json::Value;
use crate::{Api, BodyError};

/// The rows of a KServe V2 request (the first dimension of its first input) or of a V1 one (`instances`, or TensorFlow's `inputs`:
/// rows, or columns by their names); 1 where there is none.
///
/// # Errors
///
/// As [`Request::parse`](crate::Request::parse), of what tells the rows.
pub fn rows(api: Api, body: &[u8]) -> Result<u64, BodyError> {
    let [instances, inputs] = Value::whole(body)?.members(&["instances", "inputs"])?;
    let rows = match api {
        Api::InferV2 => of_tensor(first(inputs)?)?,
        _ => of_list(instances)?.max(of_list(inputs)?),
    };
    Ok(rows.max(1))
}

fn of_tensor(input: Option<Value<'_>>) -> Result<u64, BodyError> {
    let [shape] = input.filter(|input| input.is_object()).map_or(Ok([None]), |input| input.members(&["shape"]))?;
    Ok(first(shape)?.and_then(Value::number).unwrap_or(0))
}

/// The first element of an array.
fn first(list: Option<Value<'_>>) -> Result<Option<Value<'_>>, BodyError> {
    let mut first = None;
    if let Some(list) = list.filter(|list| list.is_array()) {
        list.elements(|_, element| {
            first.get_or_insert(element);
            Ok(())
        })?;
    }
    Ok(first)
}

/// The length of a list, or of the longest list of an object; anything else is one row.
fn of_list(list: Option<Value<'_>>) -> Result<u64, BodyError> {
    let mut longest = 1;
    for column in list.iter().flat_map(|list| list.columns()) {
        let mut rows = 0;
        if column.is_array() {
            column.elements(|_, _| {
                rows += 1;
                Ok(())
            })?;
        }
        longest = longest.max(rows);
    }
    Ok(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_as_each_api_has_them() {
        for (api, body, count) in [
            (Api::InferV2, r#"{"inputs":[{"name":"x","shape":[3,2]},{"shape":[-9]}]}"#, 3),
            (Api::InferV2, r#"{"instances":[1,2],"inputs":[{"shape":[3]}]}"#, 3),
            (Api::InferV2, r#"{"inputs":[]}"#, 1),
            (Api::InferV2, r#"{"inputs":[7,{"shape":[3]}]}"#, 1),
            (Api::InferV2, r#"{"inputs":[{"shape":[-3]}]}"#, 1),
            (Api::PredictV1, r#"{"instances":[[1],[2]]}"#, 2),
            (Api::PredictV1, r#"{"inputs":[[1],[2],[3]]}"#, 3),
            (Api::PredictV1, r#"{"inputs":{"a":[1,2,3,4],"b":[1],"c":"x","d":null}}"#, 4),
            (Api::PredictV1, r#"{"instances":[1,2,3],"inputs":[{"shape":[1]}]}"#, 3),
            (Api::PredictV1, r#"{"instances":{"a":{"b64":"x"}},"inputs":true}"#, 1),
            (Api::PredictV1, "{}", 1),
        ] {
            assert_eq!(rows(api, body.as_bytes()), Ok(count), "{body}");
        }
    }

    #[test]
    fn a_shape_that_comes_twice_tells_no_rows() {
        for twice in [r#"{"inputs":[{"shape":[1],"shape":[9]}]}"#, r#"{"inputs":[{"shape":[1],"Shape":[9]}]}"#] {
            assert!(rows(Api::InferV2, twice.as_bytes()).is_err(), "{twice}");
        }
    }
}
