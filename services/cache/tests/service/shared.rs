//! Several instances on one Redis, and a Redis that is down, slow, or started again.

use crate::budget::admitted;
use crate::support::{balance, client, demand, hourly, name, on_redis, peek, redis, reserve, service, settle};
use cache_api::budget as message;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_admit_together_what_the_budget_has_room_for() {
    let server = redis();
    let instances = [service(&on_redis(&server)).await, service(&on_redis(&server)).await];
    let clients = [client(&instances[0]).await, client(&instances[1]).await];
    for round in 0..5 {
        let key = format!("both:{round}");
        let requests = (0..200)
            .map(|_| reserve(&[demand(&key, hourly(50_000), 1000), demand("all", hourly(10_000_000), 1000)]))
            .collect();
        assert_eq!(admitted(&clients, requests).await, 50);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_instance_reserves_another_settles() {
    let server = redis();
    let instances = [service(&on_redis(&server)).await, service(&on_redis(&server)).await];
    let clients = [client(&instances[0]).await, client(&instances[1]).await];
    let mut calls = JoinSet::new();
    for at in 0..400_u64 {
        let [mut one, mut other] = clients.clone();
        calls.spawn(async move {
            let request = reserve(&[demand("across", balance(1_000_000), 100)]);
            assert!(one.reserve(request.clone()).await.unwrap().into_inner().admitted);
            other.settle(settle(&request.reservation, &[at])).await.unwrap();
            // The first one settles the same again: once is once.
            one.settle(settle(&request.reservation, &[at])).await.unwrap();
        });
    }
    calls.join_all().await;
    for mut client in clients {
        let known = peek(&mut client, demand("across", balance(1_000_000), 0)).await;
        assert_eq!((known.settled, known.reserved), (400 * 399 / 2, 0));
        assert_eq!(known.standing.unwrap().remaining, 1_000_000 - 400 * 399 / 2);
    }
}

#[tokio::test]
async fn a_redis_that_is_down_fails_calls_and_they_pass_when_it_is_back() {
    let mut server = redis();
    let instance = service(&on_redis(&server)).await;
    let mut client = client(&instance).await;
    let one = demand("down", hourly(100), 10);
    let before = reserve(std::slice::from_ref(&one));
    client.reserve(before.clone()).await.unwrap();
    server.kill();
    let during = reserve(std::slice::from_ref(&one));
    assert_eq!(client.reserve(during.clone()).await.unwrap_err().code(), Code::Unavailable);
    server.restart().unwrap();
    // The connection is made again by itself, and what was acknowledged is still there.
    let deadline = Instant::now() + Duration::from_secs(10);
    while client.reserve(during.clone()).await.is_err() {
        assert!(Instant::now() < deadline, "the service does not find its Redis again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(peek(&mut client, one).await.reserved, 20);
    client.settle(settle(&before.reservation, &[3])).await.unwrap();
}

#[tokio::test]
async fn a_service_starts_before_its_redis() {
    let mut server = redis();
    let yaml = on_redis(&server);
    server.kill();
    let instance = service(&yaml).await;
    let mut client = client(&instance).await;
    assert_eq!(client.reserve(reserve(&[demand("early", hourly(1), 1)])).await.unwrap_err().code(), Code::Unavailable);
    server.restart().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while client.reserve(reserve(&[demand("early", hourly(1_000_000), 1)])).await.is_err() {
        assert!(Instant::now() < deadline, "the service does not find its Redis");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_redis_that_is_silent_costs_a_bounded_time_and_no_budget() {
    let server = redis();
    let instance = service(&on_redis(&server).replace("timeout_ms: 2000", "timeout_ms: 200")).await;
    let mut client = client(&instance).await;
    let one = demand("silent", hourly(100), 10);
    client.reserve(reserve(std::slice::from_ref(&one))).await.unwrap();
    server.freeze().unwrap();
    let begun = Instant::now();
    let mut during = reserve(std::slice::from_ref(&one));
    during.expires_after_ms = 500;
    during.set_expiry(message::Expiry::Refund);
    assert_eq!(client.reserve(during.clone()).await.unwrap_err().code(), Code::Unavailable);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    server.thaw().unwrap();
    // Redis may have done it after all: to ask again under the same name is one reservation.
    let deadline = Instant::now() + Duration::from_secs(10);
    while client.reserve(during.clone()).await.is_err() {
        assert!(Instant::now() < deadline, "the service does not find its Redis again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(peek(&mut client, one.clone()).await.reserved <= 20);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(peek(&mut client, one).await.reserved, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_started_again_in_mid_load_forgets_nothing() {
    let mut server = redis();
    let instance = service(&on_redis(&server)).await;
    let client = client(&instance).await;
    let mut calls = JoinSet::new();
    for _ in 0..16 {
        let mut client = client.clone();
        calls.spawn(async move {
            let mut sum = 0;
            for at in 0..60_u64 {
                let mut request = settle(&name(), &[at]);
                request.settlements[0].demands = vec![demand("again", hourly(u64::MAX), at)];
                // Who asks again until there is an answer is counted once.
                while client.settle(request.clone()).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                sum += at;
            }
            sum
        });
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.kill();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.restart().unwrap();
    let sum: u64 = calls.join_all().await.into_iter().sum();
    let mut client = client;
    assert_eq!(peek(&mut client, demand("again", hourly(u64::MAX), 0)).await.settled, sum);
}
