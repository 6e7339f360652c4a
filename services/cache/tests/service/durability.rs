//! Killed in the middle of its work, the service has forgotten nothing that it answered.

use crate::support::{Client, Process, demand, hourly, on_redis, peek, redis, reserve, settle};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// What callers were told, and what they asked without an answer.
#[derive(Default)]
struct Told {
    settled: AtomicU64,
    /// Settlements that were sent and not answered.
    open: AtomicU64,
}

/// Reserves 10 and settles 7, again and again, until the service is gone.
async fn work(mut client: Client, told: Arc<Told>) {
    loop {
        let request = reserve(&[demand("work", hourly(u64::MAX), 10)]);
        if client.reserve(request.clone()).await.is_err() {
            return;
        }
        match client.settle(settle(&request.reservation, &[7])).await {
            Ok(_) => told.settled.fetch_add(7, Ordering::SeqCst),
            Err(_) => {
                told.open.fetch_add(7, Ordering::SeqCst);
                return;
            }
        };
    }
}

async fn kill_in_mid_load(folder: &Path, yaml: &str) {
    let (mut settled, mut open) = (0, 0);
    for round in 0..3_u64 {
        let mut process = Process::start(folder, yaml);
        let mut client = process.client().await;
        let known = peek(&mut client, demand("work", hourly(u64::MAX), 0)).await;
        assert!(
            (settled..=settled + open).contains(&known.settled),
            "round {round}: {} is settled; {settled} was answered, {open} was not",
            known.settled
        );
        (settled, open) = (known.settled, 0);
        let told = Arc::new(Told::default());
        let mut workers = JoinSet::new();
        for _ in 0..16 {
            workers.spawn(work(client.clone(), Arc::clone(&told)));
        }
        tokio::time::sleep(Duration::from_millis(150 + 70 * round)).await;
        process.kill();
        workers.join_all().await;
        assert!(told.settled.load(Ordering::SeqCst) > 0, "nothing was settled in time");
        settled += told.settled.load(Ordering::SeqCst);
        open += told.open.load(Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_mid_load_forgets_nothing_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    kill_in_mid_load(
        folder.path(),
        "serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {store: {embedded: {path: budget.redb}}}\n",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_mid_load_forgets_nothing_on_redis() {
    let folder = tempfile::tempdir().unwrap();
    let server = redis();
    kill_in_mid_load(folder.path(), &on_redis(&server)).await;
}

#[tokio::test]
async fn a_reservation_outlives_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "serve: [budget]\nlisten: 127.0.0.1:0\nbudget: {store: {embedded: {path: deep/in/budget.redb}}}\n";
    let one = demand("outlives", hourly(100), 40);
    let request = reserve(std::slice::from_ref(&one));
    let mut process = Process::start(folder.path(), yaml);
    assert!(process.client().await.reserve(request.clone()).await.unwrap().into_inner().admitted);
    process.kill();
    let process = Process::start(folder.path(), yaml);
    let mut client = process.client().await;
    assert_eq!(peek(&mut client, one.clone()).await.reserved, 40);
    client.settle(settle(&request.reservation, &[15])).await.unwrap();
    let known = peek(&mut client, one).await;
    assert_eq!((known.reserved, known.settled), (0, 15));
}
