//! What a gateway relies on, on each store: never more than the budget, all or nothing, once is once.

use crate::support::{
    Client, IN_MEMORY, at_most, balance, client, demand, hourly, name, on_redis, peek, redis, reserve, service, settle,
};
use cache_api::budget as message;
use std::time::Duration;
use tokio::task::JoinSet;
use tonic::Code;

/// Does the same on an embedded store and on a Redis.
async fn on_each_store<F: Future<Output = ()>>(test: impl Fn(Client) -> F) {
    let embedded = service(IN_MEMORY).await;
    test(client(&embedded).await).await;
    let server = redis();
    let shared = service(&on_redis(&server)).await;
    test(client(&shared).await).await;
}

/// Sends all reservations at once, and gives how many were admitted.
pub async fn admitted(clients: &[Client], requests: Vec<message::ReserveRequest>) -> usize {
    let mut calls = JoinSet::new();
    for (at, request) in requests.into_iter().enumerate() {
        let mut client = clients[at % clients.len()].clone();
        calls.spawn(async move { client.reserve(request).await.unwrap().into_inner().admitted });
    }
    calls.join_all().await.into_iter().filter(|admitted| *admitted).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_at_once_as_many_pass_as_the_budget_has_room_for() {
    on_each_store(async |client| {
        let requests = (0..200).map(|_| reserve(&[demand("tokens:acme", hourly(50_000), 1000)])).collect();
        assert_eq!(admitted(&[client], requests).await, 50);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_calls_of_1000_fresh_keys_race_for_nothing() {
    on_each_store(async |client| {
        // Three calls for each key, whose budget is one.
        let requests = (0..3000).map(|at| reserve(&[demand(&format!("fresh:{}", at % 1000), hourly(1), 1)])).collect();
        assert_eq!(admitted(&[client], requests).await, 1000);
    })
    .await;
}

#[tokio::test]
async fn all_demands_are_taken_or_none() {
    on_each_store(async |mut client| {
        let demands =
            [demand("wide", hourly(100), 10), demand("tight", balance(5), 10), demand("slots", at_most(1), 1)];
        let answer = client.reserve(reserve(&demands)).await.unwrap().into_inner();
        assert!(!answer.admitted);
        assert_eq!((answer.refused_by, answer.retry_after_ms), (1, 0));
        for (one, left) in demands.into_iter().zip([100, 5, 1]) {
            let known = peek(&mut client, one).await;
            assert_eq!((known.standing.unwrap().remaining, known.reserved), (left, 0), "{}", known.key);
        }
    })
    .await;
}

#[tokio::test]
async fn once_is_once() {
    on_each_store(async |mut client| {
        let one = demand("once", hourly(100), 40);
        let request = reserve(std::slice::from_ref(&one));
        for _ in 0..3 {
            let answer = client.reserve(request.clone()).await.unwrap().into_inner();
            assert_eq!((answer.admitted, answer.granted), (true, vec![40]));
        }
        let known = peek(&mut client, one.clone()).await;
        assert_eq!((known.standing.unwrap().remaining, known.reserved, known.settled), (60, 40, 0));
        for _ in 0..3 {
            let answer = client.settle(settle(&request.reservation, &[15])).await.unwrap().into_inner();
            assert_eq!(answer.standings[0].remaining, 85);
        }
        let known = peek(&mut client, one).await;
        assert_eq!((known.standing.unwrap().remaining, known.reserved, known.settled), (85, 0, 15));
        let error = client.reserve(request).await.unwrap_err();
        assert_eq!(error.code(), Code::FailedPrecondition);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_known_any_more_is_charged_by_its_demands() {
    on_each_store(async |mut client| {
        let one = demand("lost", hourly(100), 40);
        let mut request = settle(&name(), &[15]);
        request.settlements[0].demands = vec![one.clone()];
        for _ in 0..2 {
            client.settle(request.clone()).await.unwrap();
        }
        assert_eq!(peek(&mut client, one).await.settled, 15);
    })
    .await;
}

#[tokio::test]
async fn a_reservation_ends_by_itself() {
    on_each_store(async |mut client| {
        for (key, expiry, left) in [("kept", message::Expiry::Charge, 60), ("back", message::Expiry::Refund, 100)] {
            let one = demand(key, hourly(100), 40);
            let mut request = reserve(std::slice::from_ref(&one));
            request.expires_after_ms = 50;
            request.set_expiry(expiry);
            client.reserve(request.clone()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(80)).await;
            let known = peek(&mut client, one.clone()).await;
            assert_eq!((known.standing.unwrap().remaining, known.reserved), (left, 0), "{key}");
            // What was really spent is known late, and counts.
            client.settle(settle(&request.reservation, &[7])).await.unwrap();
            assert_eq!(peek(&mut client, one).await.settled, 7, "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_lease_takes_what_is_left_and_force_takes_all() {
    on_each_store(async |mut client| {
        let one = demand("lease", hourly(100), 70);
        let mut lease = reserve(std::slice::from_ref(&one));
        lease.least = 10;
        let first = client.reserve(lease.clone()).await.unwrap().into_inner();
        assert_eq!((first.admitted, first.granted), (true, vec![70]));
        lease.reservation = name();
        let second = client.reserve(lease.clone()).await.unwrap().into_inner();
        assert_eq!((second.admitted, second.granted), (true, vec![30]));
        lease.reservation = name();
        let third = client.reserve(lease.clone()).await.unwrap().into_inner();
        assert!(!third.admitted);
        lease.reservation = name();
        lease.force = true;
        let fourth = client.reserve(lease).await.unwrap().into_inner();
        assert_eq!((fourth.admitted, fourth.granted), (true, vec![70]));
        assert_eq!(fourth.standings[0].remaining, -70);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_settled_sums_up_exactly() {
    on_each_store(async |client| {
        let mut calls = JoinSet::new();
        for at in 0..500_u64 {
            let mut client = client.clone();
            calls.spawn(async move {
                let request =
                    reserve(&[demand("sum:tokens", hourly(u64::MAX), 100 + at), demand("sum:slots", at_most(1000), 1)]);
                assert!(client.reserve(request.clone()).await.unwrap().into_inner().admitted);
                client.settle(settle(&request.reservation, &[at, 1])).await.unwrap();
            });
        }
        calls.join_all().await;
        let mut client = client;
        let known = peek(&mut client, demand("sum:tokens", hourly(u64::MAX), 0)).await;
        assert_eq!((known.settled, known.reserved), (500 * 499 / 2, 0));
        let known = peek(&mut client, demand("sum:slots", at_most(1000), 0)).await;
        assert_eq!((known.standing.unwrap().remaining, known.reserved), (1000, 0));
    })
    .await;
}
