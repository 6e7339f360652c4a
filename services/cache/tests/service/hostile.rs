//! Callers that send nonsense, too much, or too many.

use crate::support::{IN_MEMORY, balance, client, connect, demand, hourly, name, peek, reserve, service, settle};
use cache_api::budget as message;
use modelgate_cache::server::Running;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

async fn still_answers(running: &Running) {
    let mut client = client(running).await;
    assert_eq!(peek(&mut client, demand("alive", hourly(10), 0)).await.standing.unwrap().remaining, 10);
}

#[tokio::test]
async fn bytes_that_are_no_http_end_their_connection_alone() {
    let running = service(IN_MEMORY).await;
    let address = running.addresses().listen.unwrap();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..50 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut bytes = if round % 2 == 0 { Vec::new() } else { preface.to_vec() };
        for _ in 0..512 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.extend(state.to_be_bytes());
        }
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut Vec::new())).await;
    }
    still_answers(&running).await;
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused() {
    let running = service(&format!("{IN_MEMORY}limits: {{max_message_bytes: 4096}}\n")).await;
    let mut client = client(&running).await;
    let huge = message::PeekRequest { demands: Vec::new(), prefix: "x".repeat(10_000), ..Default::default() };
    assert_eq!(client.peek(huge).await.unwrap_err().code(), Code::OutOfRange);
    still_answers(&running).await;
}

#[tokio::test]
async fn messages_that_say_nothing_are_refused_by_name() {
    let running = service(IN_MEMORY).await;
    let mut client = client(&running).await;
    let good = demand("key", hourly(10), 1);
    let endless = message::Limit {
        amount: 1,
        window: Some(message::limit::Window::Sliding(message::Sliding { period_ms: u64::MAX })),
    };
    let far = message::Limit {
        amount: 1,
        window: Some(message::limit::Window::Calendar(message::Calendar {
            unit: message::CalendarUnit::Day.into(),
            time_zone: "Middle-earth".into(),
        })),
    };
    let mut short = reserve(std::slice::from_ref(&good));
    short.reservation = vec![1; 15];
    let mut long = reserve(std::slice::from_ref(&good));
    long.expires_after_ms = u64::MAX;
    let refused = [
        (short, "reservation"),
        (long, "expires_after_ms"),
        (reserve(&[]), "demands"),
        (reserve(&[good.clone(), good.clone()]), "demands[1]: its key"),
        (reserve(&[demand("", hourly(1), 1)]), "demands[0]: the key"),
        (reserve(&[demand(&"k".repeat(257), hourly(1), 1)]), "257"),
        (reserve(&[message::Demand { key: "key".into(), ..message::Demand::default() }]), "limit"),
        (reserve(&[demand("key", message::Limit::default(), 1)]), "window"),
        (reserve(&[demand("key", endless, 1)]), "hundred years"),
        (reserve(&[demand("key", far, 1)]), "demands[0]"),
        (reserve(&vec![good; 33]), "33"),
    ];
    for (request, word) in refused {
        let error = client.reserve(request).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.message().contains(word), "{} should name {word}", error.message());
    }
    let mut uneven = settle(&name(), &[1, 2]);
    uneven.settlements[0].demands = vec![demand("key", hourly(10), 1)];
    assert_eq!(client.settle(uneven).await.unwrap_err().code(), Code::InvalidArgument);
    still_answers(&running).await;
}

#[tokio::test]
async fn the_largest_numbers_are_numbers() {
    let running = service(IN_MEMORY).await;
    let mut client = client(&running).await;
    let limit = balance(u64::MAX);
    let all = reserve(&[demand("huge", limit.clone(), u64::MAX)]);
    assert!(client.reserve(all.clone()).await.unwrap().into_inner().admitted);
    assert!(!client.reserve(reserve(&[demand("huge", limit.clone(), 1)])).await.unwrap().into_inner().admitted);
    client.settle(settle(&all.reservation, &[u64::MAX])).await.unwrap();
    let mut more = reserve(&[demand("huge", limit.clone(), u64::MAX)]);
    more.force = true;
    assert!(client.reserve(more.clone()).await.unwrap().into_inner().admitted);
    client.settle(settle(&more.reservation, &[u64::MAX])).await.unwrap();
    assert_eq!(peek(&mut client, demand("huge", limit, 0)).await.standing.unwrap().remaining, i64::MIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_above_the_bound_are_answered_at_once() {
    let server = crate::support::redis();
    let yaml = format!("{}limits: {{max_calls: 4}}\n", crate::support::on_redis(&server));
    let running = service(&yaml).await;
    still_answers(&running).await;
    server.freeze().unwrap();
    let address = running.addresses().listen.unwrap().to_string();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut client = connect(&address).await;
        waiting.spawn(async move { client.reserve(reserve(&[demand("bound", hourly(10), 1)])).await });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut client = connect(&address).await;
    let begun = std::time::Instant::now();
    let error = client.reserve(reserve(&[demand("bound", hourly(10), 1)])).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    assert!(begun.elapsed() < Duration::from_secs(1));
    server.thaw().unwrap();
    waiting.join_all().await;
    still_answers(&running).await;
}

#[tokio::test]
async fn a_deadline_is_kept() {
    let server = crate::support::redis();
    let running = service(&crate::support::on_redis(&server)).await;
    still_answers(&running).await;
    server.freeze().unwrap();
    let mut client = client(&running).await;
    let mut request = tonic::Request::new(reserve(&[demand("late", hourly(10), 1)]));
    // The client's own timer is off: it is the service that ends the call.
    request.metadata_mut().insert("grpc-timeout", "150m".parse().unwrap());
    let begun = std::time::Instant::now();
    let error = client.reserve(request).await.unwrap_err();
    assert!(matches!(error.code(), Code::DeadlineExceeded | Code::Cancelled), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    server.thaw().unwrap();
}
