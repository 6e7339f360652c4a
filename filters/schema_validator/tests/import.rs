//! Schemas made of what models and services say of themselves: each takes the calls that its source takes, and no others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(feature = "custom")]

use schema_validator::offline::{Formats, import_kserve, import_mlflow, import_openapi, values};
use serde_json::{Value, json};

const MLMODEL: &str = r#"
flavors: {python_function: {loader_module: mlflow.sklearn}}
signature:
  inputs: '[{"name": "age", "type": "integer", "required": true}, {"name": "city", "type": "string", "required": false}]'
  outputs: '[{"type": "double"}]'
  params: '[{"name": "threshold", "type": "double", "default": 0.5, "shape": null}]'
"#;

fn valid(schema: &Value, data: Value) -> bool {
    let mut out = Vec::new();
    let line = json!({"data": data}).to_string();
    values(schema.to_string().as_bytes(), Formats::Assert, line.as_bytes(), &mut out).unwrap();
    out == b"{\"valid\":true}\n"
}

#[test]
fn a_signature_of_mlflow_becomes_a_schema() {
    let schema = import_mlflow(MLMODEL.as_bytes()).unwrap();
    for good in [
        json!({"dataframe_records": [{"age": 5, "city": null}]}),
        json!({"dataframe_split": {"columns": ["age", "city"], "data": [[5, "x"]]}, "params": {"threshold": 0.1}}),
        json!({"dataframe_split": {"columns": ["city", "age"], "data": [["x", 5]]}}),
        json!({"dataframe_split": {"columns": ["more", "age"], "data": [[[], 5]]}}),
        json!({"dataframe_split": {"columns": null, "data": [[5]]}}),
    ] {
        assert!(valid(&schema, good.clone()), "{good}");
    }
    for bad in [
        json!({"dataframe_records": [{"city": "x"}]}),
        json!({"dataframe_records": [{"age": 4_294_967_296_u64}]}),
        json!({"dataframe_split": {"data": [["old"]]}}),
        json!({"dataframe_split": {"columns": ["age", "city"], "data": [["x", 5]]}}),
        json!({"messages": []}),
        json!({"dataframe_records": [], "inputs": []}),
        json!({"dataframe_records": [], "params": {"other": 1}}),
    ] {
        assert!(!valid(&schema, bad.clone()), "{bad}");
    }
    let tensor = r#"{"signature": {"inputs": "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 2]}}]"}}"#;
    let schema = import_mlflow(tensor.as_bytes()).unwrap();
    assert!(valid(&schema, json!({"inputs": [[1, 2], [3.5, 4]]})));
    assert!(!valid(&schema, json!({"inputs": [[1, 2, 3]]})) && !valid(&schema, json!({"inputs": [["a", "b"]]})));
}

#[test]
fn a_chat_model_of_mlflow_is_called_without_a_frame_too() {
    let inputs = json!([
        {"name": "messages", "type": "array", "required": true, "items": {"type": "object", "properties": {
            "role": {"type": "string", "required": true}, "content": {"type": "string", "required": false}}}},
    ]);
    let file = json!({"signature": {"inputs": inputs.to_string()}}).to_string();
    let schema = import_mlflow(file.as_bytes()).unwrap();
    let message = json!({"role": "user", "content": "x"});
    assert!(valid(&schema, json!({"messages": [message], "temperature": 0.5})));
    assert!(valid(&schema, json!({"dataframe_records": [{"messages": [message]}]})));
    assert!(!valid(&schema, json!({"messages": [{"content": "x"}]})) && !valid(&schema, json!({"messages": "x"})));
    assert!(!valid(&schema, json!({"messages": [message], "inputs": []})));
}

#[test]
fn metadata_of_a_model_becomes_a_schema() {
    let metadata = json!({"name": "m", "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}], "outputs": []});
    let schema = import_kserve(metadata.to_string().as_bytes()).unwrap();
    let call =
        |name: &str, shape: Value| json!({"inputs": [{"name": name, "datatype": "FP32", "shape": shape, "data": [1]}]});
    assert!(valid(&schema, call("x", json!([3, 4]))));
    assert!(
        !valid(&schema, call("y", json!([3, 4])))
            && !valid(&schema, call("x", json!([3, 5])))
            && !valid(&schema, json!({"inputs": []}))
    );
}

#[test]
fn a_schema_of_openapi_stands_alone() {
    let document = "openapi: 3.0.0\ncomponents:\n  schemas:\n    A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}\n    B: {type: string, nullable: true}\n";
    let schema = import_openapi(document.as_bytes(), "/components/schemas/A").unwrap();
    assert!(valid(&schema, json!({"b": null})) && !valid(&schema, json!({"b": 5})));
    assert!(import_openapi(document.as_bytes(), "/components/schemas/C").is_err());
}

#[test]
fn what_is_no_signature_is_refused() {
    assert!(import_mlflow(b"flavors: {}").unwrap_err().to_string().contains("no signature"));
    assert!(import_kserve(b"{}").is_err());
}

/// That a schema takes these and not those.
fn check(schema: &Value, good: &[Value], bad: &[Value]) {
    for data in good {
        assert!(valid(schema, data.clone()), "refused: {data}");
    }
    for data in bad {
        assert!(!valid(schema, data.clone()), "taken: {data}");
    }
}

#[test]
fn columns_hold_in_every_form_of_a_frame() {
    let schema = import_mlflow(MLMODEL.as_bytes()).unwrap();
    check(
        &schema,
        &[
            json!({"instances": [{"age": 5}]}),
            json!({"instances": [[5, "x"]]}),
            json!({"inputs": {"age": [5, 6]}}),
            json!({"inputs": {"age": 5, "city": null}}),
            json!({"inputs": [{"age": 5}]}),
            json!({"inputs": "5"}),
        ],
        &[
            json!({"instances": [{"age": "old"}]}),
            json!({"instances": [{"city": "x"}]}),
            json!({"inputs": {"age": ["old"]}}),
            json!({"inputs": {"city": ["x"]}}),
            json!({"inputs": [{"age": 5}, {}]}),
            json!({"dataframe_split": {"columns": ["city"], "data": [["x"]]}}),
        ],
    );
}

#[test]
fn named_tensors_come_as_columns_or_as_rows() {
    let tensor = |name: &str, dtype: &str, shape: &[i64]| json!({"name": name, "type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}});
    let inputs = json!([tensor("x", "int64", &[-1, 2]), tensor("y", "str", &[-1])]).to_string();
    let schema = import_mlflow(json!({"signature": {"inputs": inputs}}).to_string().as_bytes()).unwrap();
    check(
        &schema,
        &[json!({"inputs": {"x": [[1, 2]], "y": ["a"]}}), json!({"instances": [{"x": [1, 2], "y": "a"}]})],
        &[
            json!({"inputs": {"x": [[1, 2]]}}),
            json!({"instances": [{"x": [1, 2]}]}),
            json!({"instances": [{"x": ["a", 2], "y": "a"}]}),
            json!({"instances": [{"x": [[1, 2]], "y": "a"}]}),
        ],
    );
}

#[test]
fn tritons_configuration_becomes_a_schema() {
    let input = |name: &str, optional: bool| json!({"name": name, "data_type": "TYPE_STRING", "dims": ["-1", "3"], "optional": optional});
    let config = json!({"name": "m", "max_batch_size": 8, "input": [input("x", false), input("y", true)]});
    let schema = import_kserve(config.to_string().as_bytes()).unwrap();
    let call =
        |name: &str, shape: Value| json!({"inputs": [{"name": name, "datatype": "BYTES", "shape": shape, "data": []}]});
    check(
        &schema,
        &[call("x", json!([8, 5, 3]))],
        &[
            call("x", json!([9, 5, 3])),
            call("x", json!([5, 3])),
            call("x", json!([1, 5, 4])),
            call("y", json!([1, 5, 3])),
        ],
    );
    let nothing = import_kserve(br#"{"name": "m", "inputs": []}"#).unwrap();
    check(&nothing, &[json!({"inputs": []})], &[call("x", json!([1]))]);
}

const SHOP: &str = r"
openapi: 3.0
paths:
  /orders/{shop}:
    post:
      requestBody: {$ref: '#/components/requestBodies/Order'}
      parameters: [{name: a, in: query, schema: {type: integer}}]
components:
  requestBodies:
    Order: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  schemas:
    Base: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}}}
    Order:
      allOf: [{$ref: '#/components/schemas/Base'}]
      required: [pet, secret, at]
      properties:
        pet: {$ref: '#/components/schemas/Pet'}
        secret: {type: string, writeOnly: true}
        at: {$ref: '#/components/schemas/Time'}
        count: {$ref: '#/paths/~1orders~1%7Bshop%7D/post/parameters/0/schema'}
    Time: {type: string, readOnly: true}
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Fish'}]
      discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: Dog}}
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
    Dog: {type: object, required: [kind, bark], properties: {kind: {type: string}, bark: {type: boolean}}}
    Fish: {type: object, required: [kind], properties: {kind: {type: string, enum: [goldfish]}}}
    Unrelated: {type: object, properties: {x: {$ref: 'elsewhere.yaml#/X'}}}
";

#[test]
fn a_schema_of_openapi_brings_what_it_refers_to_and_nothing_else() {
    let order = |pet: Value| json!({"pet": pet, "secret": "s", "count": 1});
    for pointer in
        ["/components/schemas/Order", "#/paths/~1orders~1{shop}/post/requestBody/content/application~1json/schema"]
    {
        let schema = import_openapi(SHOP.as_bytes(), pointer).unwrap();
        assert!(!schema.to_string().contains("elsewhere"), "{schema}");
        check(
            &schema,
            &[
                order(json!({"kind": "dog", "bark": true})),
                order(json!({"kind": "Dog", "bark": true})),
                order(json!({"kind": "cat"})),
                order(json!({"kind": "goldfish"})),
            ],
            &[
                order(json!({"kind": "dog"})),
                order(json!({"kind": "cow"})),
                order(json!({"kind": "Fish"})),
                order(json!({"bark": true})),
                json!({"pet": {"kind": "cat"}}),
                json!({"pet": {"kind": "cat"}, "secret": "s", "count": "x"}),
                json!({"pet": {"kind": "cat"}, "secret": "s", "id": "x"}),
            ],
        );
    }
    let nested = import_openapi(SHOP.as_bytes(), "/components/schemas/Order/properties/pet/oneOf/1").unwrap();
    check(&nested, &[json!({"kind": "x", "bark": true})], &[json!({"kind": "x"})]);
}

#[test]
fn a_schema_that_is_a_part_of_itself_is_read_in_time() {
    let own = json!({"$ref": "#/components/schemas/A"});
    let document =
        json!({"openapi": "3.1.0", "components": {"schemas": {"A": {"required": ["x"], "allOf": vec![own; 20]}}}});
    assert!(import_openapi(document.to_string().as_bytes(), "/components/schemas/A").is_ok());
}
