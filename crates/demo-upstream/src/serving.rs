//! A listening socket, served on a thread with its own runtime. It knows connections, not requests.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use crate::body::DemoBody;

/// Clients that open and drop many streams at once are part of the tests, not an attack on this server.
const MANY_STREAMS: u32 = 4_096;
const BACKLOG: u32 = 1_024;
const H2_WINDOW: u32 = 1 << 20;
const H2_HEADER_LIST: u32 = 1 << 20;

/// A served address. Dropping it stops the server and waits for its thread.
pub(crate) struct Serving {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Binds before it returns, so that a client may connect at once.
    pub(crate) fn start<S>(listen: SocketAddr, threads: usize, service: S) -> io::Result<Self>
    where
        S: Service<Request<Incoming>, Response = Response<DemoBody>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let runtime = runtime(threads)?;
        let listener = {
            let _context = runtime.enter();
            bind(listen)?
        };
        let addr = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("demo-upstream".to_owned())
            .spawn(move || runtime.block_on(accept(listener, service, stopped)))?;
        Ok(Self { addr, stop: Some(stop), thread: Some(thread) })
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It only ends by a panic if a bug made it; the tests of whoever holds this handle say more than we could.
            let _ = thread.join();
        }
    }
}

fn runtime(threads: usize) -> io::Result<Runtime> {
    let mut builder =
        if threads > 1 { runtime::Builder::new_multi_thread() } else { runtime::Builder::new_current_thread() };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build()
}

fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

async fn accept<S>(listener: TcpListener, service: S, mut stopped: oneshot::Receiver<()>)
where
    S: Service<Request<Incoming>, Response = Response<DemoBody>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let protocol = Arc::new(protocol());
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection(Arc::clone(&protocol), stream, service.clone()));
            }
            // Out of file descriptors, most likely: give connections time to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http2()
        .max_concurrent_streams(MANY_STREAMS)
        .max_pending_accept_reset_streams(MANY_STREAMS as usize)
        .max_local_error_reset_streams(MANY_STREAMS as usize)
        .initial_stream_window_size(H2_WINDOW)
        .initial_connection_window_size(H2_WINDOW)
        .max_header_list_size(H2_HEADER_LIST)
        .enable_connect_protocol();
    builder
}

async fn connection<S>(protocol: Arc<Builder<TokioExecutor>>, stream: TcpStream, service: S)
where
    S: Service<Request<Incoming>, Response = Response<DemoBody>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // Without it a small last write waits for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    // A connection that ends in an error was cut by the peer or on purpose; the recording says which.
    let _ = protocol.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}
