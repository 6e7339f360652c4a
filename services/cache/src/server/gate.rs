//! What every call passes before its service: its credential, the bound on calls at once, and its measurement.

use super::credentials::{Credentials, Role};
use super::metrics::{Calls, Outcome};
use http::{Request, Response, header};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use tonic::{Code, Status};
use tower::{Layer, Service};

/// Methods for administrators alone. What else needs their credential says so by its message.
const ADMINISTRATION: [&str; 5] = [
    "/modelgate.budget.v1.Budget/Set",
    "/modelgate.budget.v1.Budget/Reset",
    "/modelgate.budget.v1.Budget/TopUp",
    "/modelgate.cache.v1.Cache/Invalidate",
    "/modelgate.cache.v1.Cache/Stats",
];

/// Probes have no credential, and learn nothing but whether the service serves.
const HEALTH: &str = "/grpc.health.v1.Health/";

/// Stands before all services of all listeners.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Shared>);

struct Shared {
    credentials: Credentials,
    places: Arc<Semaphore>,
    calls: Calls,
}

impl Gate {
    /// A gate with room for `places` calls at once.
    pub fn new(credentials: Credentials, places: usize, calls: Calls) -> Self {
        Self(Arc::new(Shared { credentials, places: Arc::new(Semaphore::new(places)), calls }))
    }
}

impl Shared {
    /// The role of who sent this, or why it is refused.
    fn judge<B>(&self, request: &Request<B>) -> Result<Role, Status> {
        let path = request.uri().path();
        if path.starts_with(HEALTH) {
            return Ok(Role::Caller);
        }
        let token = request.headers().get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
        let certificates =
            request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>().and_then(TlsConnectInfo::peer_certs);
        let certificate = certificates.as_ref().and_then(|chain| chain.first()).map(|first| first.as_ref());
        match self.credentials.role(token, certificate) {
            None => Err(Status::unauthenticated(
                "a bearer token or a client certificate is needed, and none that is known came",
            )),
            Some(Role::Caller) if ADMINISTRATION.contains(&path) => {
                Err(Status::permission_denied("administration needs a credential of `administrators`"))
            }
            Some(role) => Ok(role),
        }
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { gate: self.clone(), inner }
    }
}

/// A service behind the gate.
#[derive(Clone)]
pub(crate) struct Gated<S> {
    gate: Gate,
    inner: S,
}

impl<S> Service<Request<Body>> for Gated<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.gate.0);
        let call = shared.calls.begin(request.uri().path());
        let refused = |call: Outcome, status: Status| -> Self::Future {
            call.end(status.code());
            Box::pin(std::future::ready(Ok(status.into_http())))
        };
        match shared.judge(&request) {
            Ok(role) => _ = request.extensions_mut().insert(role),
            Err(status) => return refused(call, status),
        }
        let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else {
            return refused(
                call,
                Status::resource_exhausted("as many calls as `limits.max_calls` are in flight; try again"),
            );
        };
        // The one that was asked whether it is ready is the one to be called.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let _place = place;
            let response = inner.call(request).await;
            let code = response.as_ref().map_or(Code::Internal, |response| {
                // A unary call that succeeded says so in its trailers.
                Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
            });
            call.end(code);
            response
        })
    }
}

/// How long something took.
pub(crate) fn seconds_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_its_scheme() {
        assert_eq!(bearer(b"Bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"bearer  abc "), Some(&b"abc"[..]));
        assert_eq!(bearer(b"Basic abc"), None);
        assert_eq!(bearer(b"Bear"), None);
        assert_eq!(bearer(b""), None);
    }

    #[test]
    fn every_method_of_administration_exists() {
        let known = String::from_utf8_lossy(cache_api::DESCRIPTORS);
        for path in ADMINISTRATION {
            let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
            assert!([cache_api::BUDGET, cache_api::CACHE].contains(&service) && known.contains(method), "{path}");
        }
    }
}
