//! A Redis that refuses, by each of its ways to do so: what is said, that nothing is lost, and that it passes when Redis lets it.

use crate::support::{Client, client, demand, hourly, on_redis, on_redis_at, peek, redis, reserve, service, settle};
use redis_server::Redis;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tonic::Code;

/// What the store asks of Redis: as the README has it for an ACL.
const COMMANDS: &str = "+evalsha +script|load +get +set +exists +time +zadd +zrem +zrangebylex";

/// A reservation that fails, and what is said of it.
async fn refused(client: &mut Client) -> String {
    let error = client.reserve(reserve(&[demand("k", hourly(1000), 10)])).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    error.message().to_owned()
}

/// Waits until a reservation passes.
async fn passes(client: &mut Client) {
    let request = reserve(&[demand("k", hourly(1000), 10)]);
    let deadline = Instant::now() + Duration::from_secs(15);
    while let Err(error) = client.reserve(request.clone()).await {
        assert!(Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    client.settle(settle(&request.reservation, &[7])).await.unwrap();
}

fn ask(server: &Redis, command: &str) {
    assert_eq!(server.ask(command).unwrap(), "+OK", "{command}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_redis_refuses_is_told_and_passes_when_it_does_not() {
    for (what, command, back) in [
        ("it is a replica", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        ("its memory is full", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("this user may not do that", "ACL SETUSER default -zadd", "ACL SETUSER default +zadd"),
        ("this user may not do that", "ACL SETUSER default -evalsha", "ACL SETUSER default +evalsha"),
    ] {
        let server = redis();
        let instance = service(&on_redis(&server)).await;
        let mut client = client(&instance).await;
        passes(&mut client).await;
        ask(&server, command);
        let said = refused(&mut client).await;
        assert!(said.contains(what) && said.contains(&format!("Redis at {}", server.address())), "{said}");
        ask(&server, back);
        passes(&mut client).await;
        let known = peek(&mut client, demand("k", hourly(1000), 0)).await;
        assert_eq!((known.settled, known.reserved), (14, 0), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_comes_later_is_let_in_without_a_new_start() {
    let server = redis();
    let url = server.url().replace("redis://", "redis://gate:right@");
    let instance = service(&on_redis_at(&url)).await;
    let mut client = client(&instance).await;
    for (what, command) in [
        ("it refuses this user or password", "ACL SETUSER gate on >wrong"),
        ("this user may not do that", "ACL SETUSER gate >right ~{modelgate}:budget:*"),
    ] {
        ask(&server, command);
        let said = refused(&mut client).await;
        assert!(said.contains(what) && !said.contains("right@") && !said.contains("gate:"), "{said}");
    }
    ask(&server, &format!("ACL SETUSER gate {COMMANDS}"));
    passes(&mut client).await;
    // A password that is changed, while the connection is cut.
    ask(&server, "ACL SETUSER gate resetpass >wrong");
    assert!(server.ask("CLIENT KILL USER gate").unwrap().starts_with(':'));
    refused(&mut client).await;
    ask(&server, "ACL SETUSER gate >right");
    passes(&mut client).await;
    assert_eq!(peek(&mut client, demand("k", hourly(1000), 0)).await.settled, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_missing_is_told() {
    let server = redis();
    ask(&server, "CONFIG SET requirepass right");
    let instance = service(&on_redis(&server)).await;
    let mut client = client(&instance).await;
    let said = refused(&mut client).await;
    assert!(said.contains("it asks for a password"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_a_cluster_says_what_it_is() {
    let binary = redis_server::Binary::for_tests().unwrap_or_else(|error| panic!("{error}"));
    let server = Redis::start_as(&binary, &["--cluster-enabled", "yes"]).unwrap_or_else(|error| panic!("{error}"));
    let instance = service(&on_redis(&server)).await;
    let mut client = client(&instance).await;
    let said = refused(&mut client).await;
    assert!(said.contains("it is a node of a cluster"), "{said}");
    ask(&server, "CLUSTER ADDSLOTSRANGE 0 16383");
    passes(&mut client).await;
}

/// What is between the service and its Redis: each connection is cut off without a word, neither closed nor served, once `silent`
/// says so of its number.
async fn between(server: SocketAddr, silent: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 1.. {
            let (mut near, _) = listener.accept().await.unwrap();
            let silent = silent.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(server).await.unwrap();
                let gone = async {
                    while silent.load(Ordering::SeqCst) < number {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    () = gone => std::future::pending::<()>().await,
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_died_without_a_word_is_replaced() {
    let server = redis();
    let silent = Arc::new(AtomicUsize::new(0));
    let address = between(server.address(), silent.clone()).await;
    let yaml = on_redis_at(&format!("redis://{address}")).replace("timeout_ms: 2000", "timeout_ms: 300");
    let instance = service(&yaml).await;
    let mut client = client(&instance).await;
    passes(&mut client).await;
    silent.store(1, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let said = refused(&mut client).await;
    assert!(said.contains("it did not answer in time"), "{said}");
    passes(&mut client).await;
    assert_eq!(peek(&mut client, demand("k", hourly(1000), 0)).await.settled, 14);
}
