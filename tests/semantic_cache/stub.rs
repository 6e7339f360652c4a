//! A cache service in memory that keeps equal questions alone, over real gRPC, and fails when told to.

use cache_api::Message;
use cache_api::cache::cache_server::{Cache, CacheServer};
use cache_api::cache::{
    AbandonRequest, AbandonResponse, Answer, Hit, InvalidateRequest, InvalidateResponse, LookupRequest, LookupResponse,
    Miss, StatsRequest, StatsResponse, Step, StoreRequest, StoreResponse, lookup_response::Outcome,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// How the service misbehaves.
#[derive(Debug, Clone, Default)]
pub enum Mood {
    #[default]
    Well,
    Slow(Duration),
    Refuses,
    /// A hit that is no answer.
    Lies,
}

#[derive(Debug, Default)]
struct State {
    mood: Mood,
    entries: BTreeMap<(Vec<u8>, Vec<u8>), Answer>,
    stores: u64,
    lookups: u64,
    abandons: u64,
}

/// What is kept, shared by all that serve it.
#[derive(Debug, Clone, Default)]
pub struct Entries(Arc<Mutex<State>>);

/// A running service. It ends when this is dropped; what it kept stays in its [`Entries`].
pub struct Stub {
    pub addr: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        // On a thread of its own: a runtime may not be waited for inside another.
        if let Some(runtime) = self.runtime.take() {
            std::thread::spawn(move || drop(runtime)).join().unwrap();
        }
    }
}

impl Entries {
    /// Serves them on this address, or on a free port.
    pub fn serve(&self, addr: Option<SocketAddr>) -> Stub {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let guard = runtime.enter();
        let incoming = TcpIncoming::bind(addr.unwrap_or(([127, 0, 0, 1], 0).into())).unwrap();
        let addr = incoming.local_addr().unwrap();
        let service = CacheServer::new(self.clone());
        runtime.spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        drop(guard);
        Stub { addr, runtime: Some(runtime) }
    }

    pub fn mood(&self, mood: Mood) {
        self.lock().mood = mood;
    }

    /// Lookups, stores and abandons so far.
    pub fn counts(&self) -> (u64, u64, u64) {
        let state = self.lock();
        (state.lookups, state.stores, state.abandons)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(&self, asked: &LookupRequest) -> Outcome {
        let mut state = self.lock();
        state.lookups += 1;
        let rules = asked.rules.unwrap_or_default();
        let key = (asked.scope.as_ref().unwrap().encode_to_vec(), asked.request.clone());
        if matches!(state.mood, Mood::Lies) {
            let answer = Answer { content_type: "application/json".into(), body: b"\xff{".to_vec() };
            return Outcome::Hit(Hit {
                answer: Some(answer),
                step: Step::Verifier.into(),
                similarity: 1.0,
                ..Hit::default()
            });
        }
        match state.entries.get(&key).filter(|_| !rules.refresh) {
            Some(answer) => Outcome::Hit(Hit {
                answer: Some(answer.clone()),
                step: Step::Exact.into(),
                similarity: 1.0,
                age_ms: 1_000,
                entry: "e".into(),
            }),
            None => Outcome::Miss(Miss {
                step: Step::NoEmbedding.into(),
                similarity: 0.0,
                ticket: if rules.read_only { Vec::new() } else { b"ticket".to_vec() },
                leader: !rules.read_only,
            }),
        }
    }
}

#[tonic::async_trait]
impl Cache for Entries {
    async fn lookup(&self, request: Request<LookupRequest>) -> Result<Response<LookupResponse>, Status> {
        let mood = self.lock().mood.clone();
        match mood {
            Mood::Slow(time) => tokio::time::sleep(time).await,
            Mood::Refuses => return Err(Status::internal("told to")),
            _ => {}
        }
        Ok(Response::new(LookupResponse { outcome: Some(self.found(request.get_ref())) }))
    }

    async fn store(&self, request: Request<StoreRequest>) -> Result<Response<StoreResponse>, Status> {
        let store = request.into_inner();
        let mut state = self.lock();
        state.stores += 1;
        let key = (store.scope.unwrap_or_default().encode_to_vec(), store.request);
        state.entries.insert(key, store.answer.unwrap_or_default());
        Ok(Response::new(StoreResponse { entry: "e".into() }))
    }

    async fn abandon(&self, _: Request<AbandonRequest>) -> Result<Response<AbandonResponse>, Status> {
        self.lock().abandons += 1;
        Ok(Response::new(AbandonResponse {}))
    }

    async fn invalidate(&self, _: Request<InvalidateRequest>) -> Result<Response<InvalidateResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn stats(&self, _: Request<StatsRequest>) -> Result<Response<StatsResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }
}
