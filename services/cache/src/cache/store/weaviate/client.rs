//! What is asked of Weaviate, call by call. The collections are made at the first call that finds the server.

use super::query::{Where, uuid};
use super::{Place, failed};
use crate::cache::store::StoreError;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::sync::OnceCell;

/// The largest reply that is read.
const REPLY: usize = 64 << 20;

/// A client of one Weaviate.
pub(super) struct Client {
    http: Http<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
    authorization: Option<String>,
    entries: String,
    marks: String,
    ready: OnceCell<()>,
}

impl Client {
    pub(super) fn new(place: &Place, dims: Option<usize>) -> Result<Self, StoreError> {
        let uri: Uri = place.url.parse().map_err(failed)?;
        let scheme = if place.tls.is_some() { "https" } else { "http" };
        if uri.scheme_str() != Some(scheme) || uri.authority().is_none() {
            return Err(failed("url: must be like http://weaviate:8080"));
        }
        let tls = place.tls.clone().unwrap_or_default().config().map_err(failed)?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        Ok(Self {
            http: Http::builder(TokioExecutor::new()).build(connector),
            base: place.url.trim_end_matches('/').to_owned(),
            authorization: place.token.as_ref().map(|token| format!("Bearer {token}")),
            entries: format!("{}Entry{}", place.prefix, dims.unwrap_or(0)),
            marks: format!("{}Mark", place.prefix),
            ready: OnceCell::new(),
        })
    }

    /// One exchange: the status, and the reply where it is JSON.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), StoreError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("content-type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).map_err(failed)?;
        // The client's error names the address, not what was sent.
        let reply = self.http.request(request).await.map_err(failed)?;
        let status = reply.status();
        let body = Limited::new(reply.into_body(), REPLY).collect().await.map_err(failed)?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// One exchange that must succeed. A reply may quote what was sent: only its status is told on.
    async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, StoreError> {
        let (status, reply) = self.exchange(method, path, Some(body)).await?;
        if status.is_success() { Ok(reply) } else { Err(failed(format!("{path} answered {status}"))) }
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.ready
            .get_or_try_init(|| async {
                let texts =
                    ["partition", "tenant", "policy", "model", "version", "writer"].map(|name| text(name, true));
                let packed = ["meta", "text", "kind", "body"].map(|name| text(name, false));
                let numbers = ["created", "expires", "bytes"].map(|name| json!({"name": name, "dataType": ["int"]}));
                let tags = json!({"name": "tags", "dataType": ["text[]"], "tokenization": "field"});
                let properties = [texts.as_slice(), &packed, &numbers, &[tags]].concat();
                self.collection(&self.entries, properties).await?;
                self.collection(&self.marks, vec![text("key", true), text("value", false)]).await
            })
            .await
            .copied()
    }

    async fn collection(&self, name: &str, properties: Vec<Value>) -> Result<(), StoreError> {
        let (status, _) = self.exchange(Method::GET, &format!("/v1/schema/{name}"), None).await?;
        match status {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => {
                let class = json!({
                    "class": name,
                    "vectorizer": "none",
                    "vectorIndexConfig": {"distance": "cosine"},
                    "properties": properties,
                });
                let (status, _) = self.exchange(Method::POST, "/v1/schema", Some(&class)).await?;
                // Another instance may have made it in this moment.
                let made = status.is_success() || status == StatusCode::UNPROCESSABLE_ENTITY;
                if made { Ok(()) } else { Err(failed(format!("/v1/schema answered {status}"))) }
            }
            status => Err(failed(format!("/v1/schema answered {status}"))),
        }
    }

    /// The properties of an entry.
    pub(super) async fn entry(&self, id: &str) -> Result<Option<Value>, StoreError> {
        self.ready().await?;
        let path = format!("/v1/objects/{}/{id}", self.entries);
        let (status, mut reply) = self.exchange(Method::GET, &path, None).await?;
        match status {
            StatusCode::OK => Ok(reply.get_mut("properties").map(Value::take)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(failed(format!("/v1/objects answered {status}"))),
        }
    }

    pub(super) async fn put(&self, id: &str, properties: Value, vector: Option<Vec<f32>>) -> Result<(), StoreError> {
        self.upsert(json!({"class": self.entries, "id": id, "properties": properties, "vector": vector})).await
    }

    pub(super) async fn set_mark(&self, id: [u8; 16], value: &str) -> Result<(), StoreError> {
        let properties = json!({"key": super::hex(&id), "value": value});
        self.upsert(json!({"class": self.marks, "id": uuid(id), "properties": properties})).await
    }

    /// A batch of one: it replaces an object of the same name, which a plain POST does not.
    async fn upsert(&self, object: Value) -> Result<(), StoreError> {
        self.ready().await?;
        let reply = self.ask(Method::POST, "/v1/batch/objects", &json!({"objects": [object]})).await?;
        match reply.pointer("/0/result/status").and_then(Value::as_str) {
            Some("SUCCESS") => Ok(()),
            _ => Err(failed("/v1/batch/objects did not take the object")),
        }
    }

    /// Marks by their names.
    pub(super) async fn marks(&self, names: &[String]) -> Result<HashMap<String, String>, StoreError> {
        let condition = Where::any("key", names.to_vec()).graphql();
        let marks = &self.marks;
        let query = format!("{{Get{{{marks}(where:{condition},limit:{}){{key value}}}}}}", names.len());
        let found = self.graphql(&query, &format!("/data/Get/{marks}")).await?;
        let pair =
            |mark: &Value| Some((mark.get("key")?.as_str()?.to_owned(), mark.get("value")?.as_str()?.to_owned()));
        Ok(found.as_array().map(|marks| marks.iter().filter_map(pair).collect()).unwrap_or_default())
    }

    /// The properties of the nearest entries that meet a condition.
    pub(super) async fn search(
        &self,
        vector: &[f32],
        condition: &Where,
        count: usize,
    ) -> Result<Vec<Value>, StoreError> {
        let (entries, condition) = (&self.entries, condition.graphql());
        let vector = Value::from(vector);
        let query = format!(
            "{{Get{{{entries}(nearVector:{{vector:{vector}}},where:{condition},limit:{count}){{meta text}}}}}}"
        );
        let found = self.graphql(&query, &format!("/data/Get/{entries}")).await?;
        Ok(if let Value::Array(found) = found { found } else { Vec::new() })
    }

    /// The oldest entries that meet a condition: their names and bytes.
    pub(super) async fn oldest(&self, condition: &Where, count: usize) -> Result<Vec<(String, u64)>, StoreError> {
        let (entries, condition) = (&self.entries, condition.graphql());
        let query = format!(
            r#"{{Get{{{entries}(where:{condition},sort:[{{path:["created"],order:asc}}],limit:{count}){{bytes _additional{{id}}}}}}}}"#
        );
        let found = self.graphql(&query, &format!("/data/Get/{entries}")).await?;
        let pair = |entry: &Value| {
            Some((entry.pointer("/_additional/id")?.as_str()?.to_owned(), entry.get("bytes")?.as_u64()?))
        };
        Ok(found.as_array().map(|entries| entries.iter().filter_map(pair).collect()).unwrap_or_default())
    }

    /// How many entries meet a condition, and their bytes.
    pub(super) async fn sum(&self, condition: &Where) -> Result<(u64, u64), StoreError> {
        let (entries, condition) = (&self.entries, condition.graphql());
        let query = format!("{{Aggregate{{{entries}(where:{condition}){{meta{{count}} bytes{{sum}}}}}}}}");
        let found = self.graphql(&query, &format!("/data/Aggregate/{entries}/0")).await?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let number = |path: &str| found.pointer(path).and_then(Value::as_f64).unwrap_or(0.0).max(0.0) as u64;
        Ok((number("/meta/count"), number("/bytes/sum")))
    }

    async fn graphql(&self, query: &str, at: &str) -> Result<Value, StoreError> {
        self.ready().await?;
        let mut reply = self.ask(Method::POST, "/v1/graphql", &json!({"query": query})).await?;
        if reply.get("errors").is_some_and(|errors| !errors.is_null()) {
            return Err(failed("/v1/graphql answered with errors"));
        }
        Ok(reply.pointer_mut(at).map(Value::take).unwrap_or(Value::Null))
    }

    /// Removes what meets a condition; how many. The server removes a bounded number at a time.
    pub(super) async fn delete(&self, condition: &Where) -> Result<u64, StoreError> {
        self.ready().await?;
        let mut removed = 0;
        loop {
            let body = json!({"match": {"class": self.entries, "where": condition.json()}, "output": "minimal"});
            let reply = self.ask(Method::DELETE, "/v1/batch/objects", &body).await?;
            let number = |path: &str| reply.pointer(path).and_then(Value::as_u64).unwrap_or(0);
            let (matches, successful) = (number("/results/matches"), number("/results/successful"));
            removed += successful;
            if successful == 0 || successful >= matches {
                return Ok(removed);
            }
        }
    }
}

/// A text that is compared as a whole, or not at all.
fn text(name: &str, asked: bool) -> Value {
    json!({
        "name": name,
        "dataType": ["text"],
        "tokenization": "field",
        "indexFilterable": asked,
        "indexSearchable": false,
    })
}
