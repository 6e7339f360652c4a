//! What was acknowledged survives the end of the process, however it ends.

use crate::fixture::{Running, asking, body};
use cache_api::cache::InvalidateRequest;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Set in the child: the folder of its store, and the number of its first question.
const FOLDER: &str = "MODELGATE_TEST_STORE";
const FIRST: &str = "MODELGATE_TEST_FIRST";
const CHILD: &str = "durability::child_stores_until_it_is_killed";

fn question(number: u64) -> String {
    // Words of its own, so that no other question is near.
    blake3::hash(&number.to_le_bytes()).to_hex().to_string()
}

/// Not a test by itself: the child of the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn child_stores_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let running = Arc::new(Running::embedded(folder.as_ref()));
    let storing: Vec<_> = (0..8_u64)
        .map(|lane| {
            let running = Arc::clone(&running);
            tokio::spawn(async move {
                for number in (first + lane..).step_by(8) {
                    let request = asking(&question(number), "exact");
                    assert_ne!(running.answer(&request, &format!("answer {number}")).await, "");
                    println!("stored {number}");
                }
            })
        })
        .collect();
    for lane in storing {
        lane.await.unwrap();
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_to_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut stored: Vec<u64> = Vec::new();
    for round in 0..5_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--nocapture"])
            .env(FOLDER, folder.path())
            .env(FIRST, (round * 1_000_000).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let enough = stored.len() + 60;
        while stored.len() < enough {
            let line = lines.next().expect("the child ended").unwrap();
            stored.extend(line.split_once("stored ").and_then(|(_, number)| number.trim().parse::<u64>().ok()));
        }
        // SIGKILL, in the middle of the next transactions.
        child.kill().unwrap();
        child.wait().unwrap();
        // What was printed before it ended was acknowledged, too. The last line may be cut short.
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        let whole = rest.len().saturating_sub(1);
        stored.extend(rest[..whole].iter().filter_map(|line| line.split_once("stored ")?.1.trim().parse::<u64>().ok()));

        let running = Running::embedded(folder.path());
        for number in &stored {
            let hit = running.hit(asking(&question(*number), "exact")).await;
            assert_eq!(body(&hit), format!("answer {number}"));
        }
    }
    assert!(stored.len() >= 300);
}

#[tokio::test]
async fn all_is_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let forgotten = asking("what is forgotten", "");
    {
        let running = Running::embedded(folder.path());
        running.answer(&forgotten, "old").await;
        running.invalidate(InvalidateRequest { tenant: "acme".into(), ..InvalidateRequest::default() }).await.unwrap();
        running.answer(&asking("how do I reset my password", "first"), "answer").await;
    }
    let running = Running::embedded(folder.path());
    running.miss(forgotten).await;
    running.hit(asking("how do I reset my password", "first")).await;
    // The vectors are there as well.
    running.hit(asking("how do I reset my password", "second")).await;
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _running = Running::embedded(folder.path());
    let limits = crate::fixture::config(modelgate_cache::cache::config::StoreOptions::Embedded {
        folder: folder.path().to_owned(),
    })
    .limits;
    let error = modelgate_cache::cache::store::embedded::Embedded::open(folder.path(), limits, None).err().unwrap();
    assert!(error.to_string().contains("cannot open"), "{error}");
}
