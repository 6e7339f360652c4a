//! A service that filters call: it answers as a case file says.

use crate::case::ServiceAnswer;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Starts it on a free port, in HTTP/1.1 and HTTP/2. It runs as long as the runtime.
pub async fn start(answers: Vec<ServiceAnswer>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let answers = Arc::new(answers);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answers = answers.clone();
            let service = service_fn(move |request| answer(answers.clone(), request));
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                server.serve_connection(TokioIo::new(stream), service).await.map_err(|error| error.to_string())
            });
        }
    });
    address
}

async fn answer(answers: Arc<Vec<ServiceAnswer>>, request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    let (status, body) = ServiceAnswer::to(&answers, &body);
    let response = Response::builder().status(status).body(Full::new(Bytes::from(body)));
    Ok(response.expect("a status of three digits"))
}
