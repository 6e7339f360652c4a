//! The store in a Weaviate, against a stub that was written from the public reference of its REST and GraphQL interfaces.
//! No real server was asked.

use crate::fixture::{Running, asking, body, config, in_weaviate};
use cache_api::cache::Step;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What the stub keeps.
#[derive(Default)]
pub struct Kept {
    classes: BTreeMap<String, Value>,
    objects: BTreeMap<(String, String), Value>,
    /// Every answer is this status.
    broken: Option<StatusCode>,
}

pub type Shared = Arc<Mutex<Kept>>;

pub async fn stub() -> (SocketAddr, Shared) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (address, kept) = (listener.local_addr().unwrap(), Shared::default());
    let shared = Arc::clone(&kept);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let kept = Arc::clone(&shared);
            let service = hyper::service::service_fn(move |request| answer(request, Arc::clone(&kept)));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, kept)
}

async fn answer(request: Request<Incoming>, kept: Shared) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
    let mut kept = kept.lock().unwrap();
    let (status, reply) = match kept.broken {
        Some(status) => (status, Value::Null),
        None => kept.answer(&head.method, head.uri.path(), &body),
    };
    let reply = Full::new(Bytes::from(reply.to_string()));
    Ok(Response::builder().status(status).header("content-type", "application/json").body(reply).unwrap())
}

impl Kept {
    fn answer(&mut self, method: &Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["schema", class]) => match self.classes.get(*class) {
                Some(class) => (StatusCode::OK, class.clone()),
                None => (StatusCode::NOT_FOUND, Value::Null),
            },
            ("POST", ["schema"]) => {
                let name = body["class"].as_str().unwrap().to_owned();
                assert!(name.starts_with(|first: char| first.is_ascii_uppercase()));
                assert_eq!(body["vectorizer"], "none");
                self.classes.insert(name, body.clone());
                (StatusCode::OK, body.clone())
            }
            ("GET", ["objects", class, id]) => match self.objects.get(&((*class).to_owned(), (*id).to_owned())) {
                Some(object) => (StatusCode::OK, object.clone()),
                None => (StatusCode::NOT_FOUND, Value::Null),
            },
            ("POST", ["batch", "objects"]) => {
                let object = &body["objects"][0];
                let (class, id) = (object["class"].as_str().unwrap(), object["id"].as_str().unwrap());
                self.check(class, &object["properties"]);
                assert_eq!((id.len(), id.matches('-').count()), (36, 4));
                self.objects.insert((class.to_owned(), id.to_owned()), object.clone());
                (StatusCode::OK, json!([{"id": id, "result": {"status": "SUCCESS"}}]))
            }
            ("DELETE", ["batch", "objects"]) => {
                let class = body["match"]["class"].as_str().unwrap().to_owned();
                let before = self.objects.len();
                self.objects.retain(|(of, id), object| *of != class || !meets(&body["match"]["where"], id, object));
                let gone = before - self.objects.len();
                (
                    StatusCode::OK,
                    json!({"results": {"matches": gone, "limit": 10_000, "successful": gone, "failed": 0}}),
                )
            }
            ("POST", ["graphql"]) => (StatusCode::OK, self.graphql(body["query"].as_str().unwrap())),
            other => panic!("the reference has no {other:?}"),
        }
    }

    /// Every property was declared, with its type.
    fn check(&self, class: &str, properties: &Value) {
        let declared = self.classes[class]["properties"].as_array().unwrap();
        for (name, value) in properties.as_object().unwrap() {
            let kind = declared.iter().find(|property| property["name"] == *name).unwrap()["dataType"][0].clone();
            let fits = match kind.as_str().unwrap() {
                "text" => value.is_string(),
                "int" => value.is_u64(),
                "text[]" => value.is_array(),
                _ => false,
            };
            assert!(fits, "{name} is not {kind}");
        }
    }

    /// `{Get{Class(…){…}}}` and `{Aggregate{Class(where:…){…}}}`.
    fn graphql(&self, query: &str) -> Value {
        let (kind, rest) = query[1..].split_once('{').unwrap();
        let (class, rest) = rest.split_once('(').unwrap();
        let arguments = json_of(&format!("{{{}}}", &rest[..rest.rfind("){").unwrap()]));
        let objects =
            self.objects.iter().filter(|((of, id), object)| of == class && meets(&arguments["where"], id, object));
        if kind == "Aggregate" {
            let bytes: u64 = objects.clone().map(|(_, object)| object["properties"]["bytes"].as_u64().unwrap()).sum();
            return json!({"data": {"Aggregate": {class: [{"meta": {"count": objects.count()}, "bytes": {"sum": bytes}}]}}});
        }
        let query = arguments["nearVector"]["vector"].as_array();
        let mut found: Vec<(f64, Value)> = objects
            .filter_map(|((_, id), object)| {
                let mut properties = object["properties"].clone();
                properties["_additional"] = json!({"id": id});
                let Some(query) = query else { return Some((0.0, properties)) };
                let dot = |a: &[Value], b: &[Value]| -> f64 {
                    a.iter().zip(b).map(|(a, b)| a.as_f64().unwrap() * b.as_f64().unwrap()).sum()
                };
                Some((-dot(query, object["vector"].as_array()?), properties))
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        found.truncate(usize::try_from(arguments["limit"].as_u64().unwrap()).unwrap());
        let found: Vec<Value> = found.into_iter().map(|(_, properties)| properties).collect();
        json!({"data": {"Get": {class: found}}})
    }
}

/// GraphQL's arguments as JSON: words get quotes.
fn json_of(arguments: &str) -> Value {
    let (mut json, mut word, mut quoted) = (String::new(), String::new(), false);
    for letter in arguments.chars() {
        if !quoted
            && (letter.is_ascii_alphabetic() && (word.is_empty() || !word.ends_with(|c: char| c.is_ascii_digit())))
        {
            word.push(letter);
            continue;
        }
        // An exponent belongs to its number.
        if word == "e" && json.ends_with(|last: char| last.is_ascii_digit()) {
            json.push_str(&std::mem::take(&mut word));
        } else if !word.is_empty() {
            json.push_str(&format!("\"{}\"", std::mem::take(&mut word)));
        }
        quoted ^= letter == '"';
        json.push(letter);
    }
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn meets(condition: &Value, id: &str, object: &Value) -> bool {
    if condition["operator"] == "And" {
        return condition["operands"].as_array().unwrap().iter().all(|operand| meets(operand, id, object));
    }
    let name = condition["path"][0].as_str().unwrap();
    let value = if name == "id" { json!(id) } else { object["properties"][name].clone() };
    let number = || (value.as_u64().unwrap(), condition["valueInt"].as_u64().unwrap());
    match condition["operator"].as_str().unwrap() {
        "Equal" => match value.as_array() {
            Some(values) => values.contains(&condition["valueText"]),
            None => value == condition["valueText"],
        },
        "ContainsAny" => {
            let any = condition.get("valueTextArray").unwrap_or(&condition["valueText"]);
            any.as_array().unwrap().contains(&value)
        }
        "GreaterThan" => number().0 > number().1,
        "GreaterThanEqual" => number().0 >= number().1,
        "LessThanEqual" => number().0 <= number().1,
        other => panic!("the reference has no operator {other}"),
    }
}

fn instance(address: SocketAddr, prefix: &str) -> Running {
    Running::new(config(in_weaviate(format!("http://{address}"), prefix, None)))
}

#[tokio::test]
async fn it_does_what_every_store_does() {
    let (address, _) = stub().await;
    crate::stores::finding(&instance(address, "Finding")).await;
    crate::stores::invalidation(&instance(address, "Invalidation")).await;
}

#[tokio::test]
async fn two_instances_share_entries_and_a_broken_server_costs_misses() {
    let (address, kept) = stub().await;
    let (one, two) = (instance(address, "Shared"), instance(address, "Shared"));
    let request = asking("how do I reset my password", "");
    let miss = one.miss(request.clone()).await;
    assert_ne!(two.store(&request, &miss, "answer").await, "");
    assert_eq!(body(&one.hit(request.clone()).await), "answer");
    kept.lock().unwrap().broken = Some(StatusCode::INTERNAL_SERVER_ERROR);
    for _ in 0..3 {
        assert_eq!(one.miss(request.clone()).await.step(), Step::Unavailable);
    }
    kept.lock().unwrap().broken = None;
    assert_eq!(body(&one.hit(request).await), "answer");
}
