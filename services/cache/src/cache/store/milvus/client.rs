//! What is asked of Milvus, call by call. The collections are made at the first call that finds the server.

#[allow(missing_docs, clippy::all)]
pub(super) mod generated {
    include!("generated/milvus.proto.milvus.rs");
}

use super::columns::{self, Value};
use super::row::{LONGEST, Row};
use super::{Place, failed};
use crate::cache::store::StoreError;
use crate::cache::tls::StoreTls;
use crate::cache::vector::Vector;
use base64::Engine as _;
pub(super) use generated::ConsistencyLevel;
use generated::milvus_service_client::MilvusServiceClient;
use generated::{
    CollectionSchema, CreateCollectionRequest, CreateIndexRequest, DataType, DeleteRequest, FieldSchema,
    HasCollectionRequest, KeyValuePair, LoadCollectionRequest, PlaceholderGroup, PlaceholderValue, QueryRequest,
    SearchRequest, Status, UpsertRequest,
};
use prost::Message as _;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// A client of one Milvus.
pub(super) struct Client {
    channel: Channel,
    authorization: Option<MetadataValue<Ascii>>,
    database: String,
    entries: String,
    marks: String,
    dims: usize,
    /// Whether the collections are there and loaded. A server that was restarted may have to be told again.
    ready: AtomicBool,
    preparing: Mutex<()>,
}

impl Client {
    pub(super) fn new(place: &Place, dims: usize) -> Result<Self, StoreError> {
        let mut endpoint = Endpoint::from_shared(place.url.clone()).map_err(failed)?;
        if let Some(tls) = &place.tls {
            endpoint = endpoint.tls_config(settings(tls)).map_err(failed)?;
        }
        let endpoint =
            endpoint.connect_timeout(Duration::from_secs(1)).http2_keep_alive_interval(Duration::from_secs(10));
        let encoded = place.token.as_ref().map(|token| base64::engine::general_purpose::STANDARD.encode(token));
        let authorization = encoded.map(|token| token.parse().map_err(failed)).transpose()?;
        Ok(Self {
            channel: endpoint.connect_lazy(),
            authorization,
            database: place.database.clone(),
            entries: format!("{}_entries_{dims}", place.prefix),
            marks: format!("{}_marks", place.prefix),
            dims,
            ready: AtomicBool::new(false),
            preparing: Mutex::const_new(()),
        })
    }

    fn service(&self) -> MilvusServiceClient<Channel> {
        MilvusServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }

    async fn ready(&self) -> Result<(), StoreError> {
        const NAMES: [&str; 11] =
            ["partition", "tenant", "policy", "model", "version", "writer", "kind", "tags", "text", "meta", "body"];
        if self.ready.load(Ordering::Acquire) {
            return Ok(());
        }
        let _alone = self.preparing.lock().await;
        if self.ready.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut fields = vec![text("id", 64, true)];
        fields.extend(NAMES.map(|name| text(name, LONGEST, false)));
        fields.extend(["created", "expires", "bytes"].map(number));
        fields.push(vector(self.dims));
        self.collection(&self.entries, fields).await?;
        let fields = vec![text("id", 64, true), text("value", LONGEST, false), vector(2)];
        self.collection(&self.marks, fields).await?;
        self.ready.store(true, Ordering::Release);
        Ok(())
    }

    /// Makes a collection with its index, where it is missing, and has it loaded.
    async fn collection(&self, name: &str, fields: Vec<FieldSchema>) -> Result<(), StoreError> {
        let (db_name, collection_name) = (self.database.clone(), name.to_owned());
        let has = HasCollectionRequest { db_name: db_name.clone(), collection_name: collection_name.clone() };
        let has = self.service().has_collection(self.request(has)).await.map_err(gone)?.into_inner();
        if !has.value {
            let schema = CollectionSchema { name: name.to_owned(), fields, ..CollectionSchema::default() };
            let create = CreateCollectionRequest {
                db_name: db_name.clone(),
                collection_name: collection_name.clone(),
                schema: schema.encode_to_vec(),
                consistency_level: ConsistencyLevel::Bounded.into(),
            };
            let created = self.service().create_collection(self.request(create)).await;
            check(Some(&created.map_err(gone)?.into_inner()))?;
        }
        let pair = |key: &str, value: &str| KeyValuePair { key: key.into(), value: value.into() };
        let index = CreateIndexRequest {
            db_name: db_name.clone(),
            collection_name: collection_name.clone(),
            field_name: "vector".into(),
            extra_params: vec![
                pair("index_type", "HNSW"),
                pair("metric_type", "COSINE"),
                pair("params", r#"{"M":16,"efConstruction":128}"#),
            ],
            index_name: "vector".into(),
        };
        // One that is there already is no fault, but some versions call it one: loading tells whether all is well.
        let _ = self.service().create_index(self.request(index)).await.map_err(gone)?;
        let load = LoadCollectionRequest { db_name, collection_name };
        check(Some(&self.service().load_collection(self.request(load)).await.map_err(gone)?.into_inner()))
    }

    /// What the server says of a call that it took; after a failure the collections are looked at again.
    fn check(&self, status: Option<&Status>) -> Result<(), StoreError> {
        check(status).inspect_err(|_| self.ready.store(false, Ordering::Release))
    }

    pub(super) async fn put(&self, row: &Row) -> Result<(), StoreError> {
        self.upsert(&self.entries, row, self.dims).await
    }

    async fn upsert(&self, collection: &str, row: &Row, dims: usize) -> Result<(), StoreError> {
        self.ready().await?;
        let upsert = UpsertRequest {
            db_name: self.database.clone(),
            collection_name: collection.to_owned(),
            fields_data: columns::of(row, dims),
            num_rows: 1,
        };
        self.check(self.service().upsert(self.request(upsert)).await.map_err(gone)?.into_inner().status.as_ref())
    }

    pub(super) async fn delete(&self, condition: &str) -> Result<(), StoreError> {
        self.ready().await?;
        let delete = DeleteRequest {
            db_name: self.database.clone(),
            collection_name: self.entries.clone(),
            expr: condition.to_owned(),
        };
        self.check(self.service().delete(self.request(delete)).await.map_err(gone)?.into_inner().status.as_ref())
    }

    pub(super) async fn rows(&self, condition: &str, fields: &[&str], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.query(&self.entries, condition, fields, Some(limit), ConsistencyLevel::Bounded).await
    }

    pub(super) async fn count(&self, condition: &str) -> Result<u64, StoreError> {
        let rows = self.query(&self.entries, condition, &["count(*)"], None, ConsistencyLevel::Bounded).await?;
        let count = rows.first().and_then(|row| match row.0.get("count(*)") {
            Some(Value::Number(count)) => u64::try_from(*count).ok(),
            _ => None,
        });
        count.ok_or_else(|| failed("gave no count"))
    }

    /// Marks by their names.
    pub(super) async fn marks(
        &self,
        condition: &str,
        level: ConsistencyLevel,
    ) -> Result<HashMap<String, String>, StoreError> {
        let rows = self.query(&self.marks, condition, &["id", "value"], Some(1024), level).await?;
        Ok(rows.iter().map(|row| (row.text("id").to_owned(), row.text("value").to_owned())).collect())
    }

    pub(super) async fn set_mark(&self, id: &str, value: &str) -> Result<(), StoreError> {
        let fields = [
            ("id", Value::Text(id.to_owned())),
            ("value", Value::Text(value.to_owned())),
            ("vector", Value::Vector(Vec::new())),
        ];
        self.upsert(&self.marks, &Row(fields.map(|(name, value)| (name.to_owned(), value)).into()), 2).await
    }

    async fn query(
        &self,
        collection: &str,
        condition: &str,
        fields: &[&str],
        limit: Option<usize>,
        level: ConsistencyLevel,
    ) -> Result<Vec<Row>, StoreError> {
        self.ready().await?;
        let limit = limit.map(|limit| KeyValuePair { key: "limit".into(), value: limit.to_string() });
        let query = QueryRequest {
            db_name: self.database.clone(),
            collection_name: collection.to_owned(),
            expr: condition.to_owned(),
            output_fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            query_params: limit.into_iter().collect(),
            consistency_level: level.into(),
        };
        let found = self.service().query(self.request(query)).await.map_err(gone)?.into_inner();
        self.check(found.status.as_ref())?;
        Ok(columns::rows(found.fields_data))
    }

    /// The nearest entries that meet a condition.
    pub(super) async fn search(&self, vector: &Vector, condition: &str, count: usize) -> Result<Vec<Row>, StoreError> {
        self.ready().await?;
        if vector.components().len() != self.dims {
            return Ok(Vec::new());
        }
        let blob = vector.unit().iter().flat_map(|value| value.to_le_bytes()).collect();
        let placeholder =
            PlaceholderValue { tag: "$0".into(), r#type: DataType::FloatVector.into(), values: vec![blob] };
        let params = [
            ("anns_field", "vector".to_owned()),
            ("topk", count.to_string()),
            ("metric_type", "COSINE".to_owned()),
            ("params", r#"{"ef":64}"#.to_owned()),
        ];
        let search = SearchRequest {
            db_name: self.database.clone(),
            collection_name: self.entries.clone(),
            dsl: condition.to_owned(),
            placeholder_group: PlaceholderGroup { placeholders: vec![placeholder] }.encode_to_vec(),
            dsl_type: 1,
            output_fields: ["id", "meta", "text"].map(str::to_owned).to_vec(),
            search_params: params.map(|(key, value)| KeyValuePair { key: key.into(), value }).to_vec(),
            nq: 1,
            consistency_level: ConsistencyLevel::Bounded.into(),
        };
        let found = self.service().search(self.request(search)).await.map_err(gone)?.into_inner();
        self.check(found.status.as_ref())?;
        Ok(columns::rows(found.results.unwrap_or_default().fields_data))
    }
}

fn settings(tls: &StoreTls) -> ClientTlsConfig {
    let settings = match &tls.ca {
        Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca)),
        None => ClientTlsConfig::new().with_webpki_roots(),
    };
    match &tls.identity {
        Some((certificate, key)) => settings.identity(Identity::from_pem(certificate, key)),
        None => settings,
    }
}

fn text(name: &str, longest: usize, key: bool) -> FieldSchema {
    let longest = KeyValuePair { key: "max_length".into(), value: longest.to_string() };
    FieldSchema {
        name: name.into(),
        is_primary_key: key,
        data_type: DataType::VarChar.into(),
        type_params: vec![longest],
        ..FieldSchema::default()
    }
}

fn number(name: &str) -> FieldSchema {
    FieldSchema { name: name.into(), data_type: DataType::Int64.into(), ..FieldSchema::default() }
}

fn vector(dims: usize) -> FieldSchema {
    let dims = KeyValuePair { key: "dim".into(), value: dims.to_string() };
    FieldSchema {
        name: "vector".into(),
        data_type: DataType::FloatVector.into(),
        type_params: vec![dims],
        ..FieldSchema::default()
    }
}

/// The server did not take the call. Its message may hold an expression, which holds digests only.
fn gone(status: tonic::Status) -> StoreError {
    failed(format!("{:?}", status.code()))
}

/// What the server says of a call that it took.
fn check(status: Option<&Status>) -> Result<(), StoreError> {
    match status {
        Some(status) if status.code != 0 || status.error_code != 0 => {
            Err(failed(format!("code {} {}: {}", status.error_code, status.code, status.reason)))
        }
        _ => Ok(()),
    }
}
