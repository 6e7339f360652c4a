//! `modelgate budget` and `modelgate cache` against a service that runs in this process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use cache_api::budget as message;
use cache_api::budget::budget_client::BudgetClient;
use cache_api::cache;
use cache_api::cache::cache_client::CacheClient;
use modelgate_cache::server::{Config, Running, start};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const TOKEN: &str = "an administrator's token";

/// A service on a Unix socket and on loopback, and a folder with its socket and its administrator's token.
async fn service(more: &str) -> (TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
    let digits: String = Sha256::digest(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect();
    let yaml = format!(
        "listen: 127.0.0.1:0\nunix_socket: {{path: {}/socket}}\nadministrators: {{tokens: ['sha256:{digits}']}}\n\
         budget: {{store: {{memory: {{}}}}}}\ncache: {{store: {{embedded: {{folder: {}}}}}}}\n{more}",
        folder.path().display(),
        folder.path().display()
    );
    let running = start(Config::parse(&yaml, []).unwrap()).await.unwrap();
    (folder, running)
}

/// Runs `modelgate` and gives whether it succeeded, and what it printed.
async fn modelgate(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelgate"));
    command.args(arguments).current_dir(folder).env_remove("MODELGATE_TOKEN");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(if output.status.success() { output.stdout } else { output.stderr }).unwrap();
    (output.status.success(), text)
}

async fn spend(running: &Running, key: &str, amount: u64) {
    let address = format!("http://{}", running.addresses().listen.unwrap());
    let mut client = BudgetClient::connect(address).await.unwrap();
    let window = Some(message::limit::Window::Sliding(message::Sliding { period_ms: 90_000 }));
    let demand = message::Demand {
        key: key.into(),
        limit: Some(message::Limit { amount: 100, window }),
        amount,
        at_once: false,
    };
    let reservation = Sha256::digest(key)[..16].to_vec();
    let request =
        message::ReserveRequest { reservation: reservation.clone(), demands: vec![demand], ..Default::default() };
    assert!(client.reserve(request).await.unwrap().into_inner().admitted);
    let settlement = message::Settlement { reservation, spent: vec![amount], demands: Vec::new() };
    client.settle(message::SettleRequest { settlements: vec![settlement] }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_and_changes_budgets() {
    let (folder, running) = service("").await;
    spend(&running, "tokens:acme", 30).await;
    spend(&running, "tokens:zeta", 10).await;
    spend(&running, "money:acme", 1).await;
    let socket = format!("unix://{}/socket", folder.path().display());
    let budget = async |arguments: &[&str]| {
        let fixed = ["budget", "--address", &socket, "--token-file", "token"];
        modelgate(folder.path(), &[fixed.as_slice(), arguments].concat()).await
    };
    let (_, text) = budget(&["show", "tokens:"]).await;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("KEY") && lines.len() == 3, "{text}");
    assert!(lines[1].starts_with("tokens:acme  100    any 1m30s  70"), "{text}");
    let one = async |arguments: &[&str]| -> Value {
        let (good, text) = budget(&[&["--json"], arguments].concat()).await;
        assert!(good, "{text}");
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(one(&["show", "tokens:acme"]).await["settled"], 30);
    assert_eq!(one(&["set", "tokens:acme", "90"]).await["remaining"], 10);
    assert_eq!(one(&["top-up", "tokens:acme", "5"]).await["remaining"], 15);
    assert_eq!(one(&["reset", "tokens:acme"]).await["remaining"], 100);
    for _ in 0..2 {
        let prepaid = one(&["top-up", "prepaid:acme", "1000", "--once", "invoice-1", "--create"]).await;
        assert_eq!((&prepaid["remaining"], &prepaid["window"]), (&1000.into(), &"balance".into()));
    }
    assert_eq!(one(&["top-up", "prepaid:acme", "5"]).await["remaining"], 1005);
    assert_eq!(budget(&["--json", "show"]).await.1.lines().count(), 4);
    let (good, text) = budget(&["top-up", "prepaid:amce", "1000"]).await;
    assert!(!good && text.contains("prepaid:amce") && text.contains("--create"), "{text}");
    let (good, text) = budget(&["set", "nobody", "1"]).await;
    assert!(!good && text.contains("NotFound"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_budgets_are_shown_however_many_there_are() {
    let (folder, running) = service("").await;
    let address = format!("http://{}", running.addresses().listen.unwrap());
    let mut client = BudgetClient::connect(address.clone()).await.unwrap();
    let window = Some(message::limit::Window::Sliding(message::Sliding { period_ms: 90_000 }));
    let limit = Some(message::Limit { amount: 100, window });
    for call in 0..100_u128 {
        let demand = |at: u128| message::Demand {
            key: format!("many:{:04}", call * 20 + at),
            limit: limit.clone(),
            amount: 1,
            at_once: false,
        };
        let reservation = call.to_be_bytes().to_vec();
        let demands = (0..20).map(demand).collect();
        client.reserve(message::ReserveRequest { reservation, demands, ..Default::default() }).await.unwrap();
    }
    spend(&running, "other", 1).await;
    let fixed = ["budget", "--json", "--address", &address, "--token-file", "token", "show"];
    for (prefix, from, many) in [("many:", 0, 2000), ("many:1", 1000, 1000), ("many:000", 0, 10), ("none", 0, 0)] {
        let (good, text) = modelgate(folder.path(), &[&fixed[..], &[prefix]].concat()).await;
        let keys = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["key"].clone());
        let expected = (from..from + many).map(|at| Value::from(format!("many:{at:04}")));
        assert!(good && keys.eq(expected), "{prefix}: {} lines", text.lines().count());
    }
    let (good, text) =
        modelgate(folder.path(), &[&fixed[..], &["--certificate", "token", "--key", "token"]].concat()).await;
    assert!(!good && text.contains("--certificate is for an address that begins with https:"), "{text}");
}

/// Stores an answer, as a filter does after a miss.
async fn store(running: &Running, tenant: &str, request: u8) {
    let address = format!("http://{}", running.addresses().listen.unwrap());
    let mut client = CacheClient::connect(address).await.unwrap();
    let scope = cache::Scope {
        tenant: tenant.into(),
        policy: "default".into(),
        api: "openai_chat".into(),
        model: "m".into(),
        context: vec![0; 32],
        ..cache::Scope::default()
    };
    let lookup = cache::LookupRequest {
        scope: Some(scope.clone()),
        request: vec![request; 32],
        ..cache::LookupRequest::default()
    };
    let answer = client.lookup(lookup).await.unwrap().into_inner();
    let Some(cache::lookup_response::Outcome::Miss(miss)) = answer.outcome else { panic!("{answer:?}") };
    let body = br#"{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"42"}}]}"#;
    let answer = cache::Answer { content_type: "application/json".into(), body: body.to_vec() };
    let stored = cache::StoreRequest {
        scope: Some(scope),
        request: vec![request; 32],
        ticket: miss.ticket,
        answer: Some(answer),
        writer: "ada".into(),
        ..cache::StoreRequest::default()
    };
    assert_ne!(client.store(stored).await.unwrap().into_inner().entry, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_and_purges_the_cache() {
    let (folder, running) = service("").await;
    store(&running, "acme", 1).await;
    store(&running, "zeta", 2).await;
    let socket = format!("unix://{}/socket", folder.path().display());
    let cache = async |arguments: &[&str]| -> Value {
        let fixed = ["cache", "--json", "--address", &socket, "--token-file", "token"];
        let (good, text) = modelgate(folder.path(), &[fixed.as_slice(), arguments].concat()).await;
        assert!(good, "{text}");
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(cache(&["stats"]).await["entries"], 2);
    assert_eq!(cache(&["stats", "--tenant", "acme"]).await["entries"], 1);
    let first = "01".repeat(32);
    let lookup = ["lookup", "--model", "m", "--tenant", "acme", "--request", &first];
    let hit = cache(&lookup).await;
    assert_eq!((&hit["outcome"], &hit["step"]), (&"hit".into(), &"exact".into()), "{hit}");
    assert_eq!(cache(&["lookup", "--model", "m", "--tenant", "zeta", "--request", &first]).await["outcome"], "miss");
    cache(&["purge", "--tenant", "acme"]).await;
    assert_eq!(cache(&lookup).await["outcome"], "miss");
    let (good, text) = modelgate(folder.path(), &["cache", "--address", &socket, "purge"]).await;
    assert!(!good && text.contains("--all"), "{text}");
    let (good, text) = modelgate(folder.path(), &["cache", "--address", &socket, "purge", "--all"]).await;
    assert!(!good && text.contains("PermissionDenied"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_nothing_is_shown() {
    let (folder, running) = service("").await;
    let address = format!("http://{}", running.addresses().listen.unwrap());
    let (good, text) = modelgate(folder.path(), &["budget", "--address", &address, "show"]).await;
    assert!(!good && text.contains("PermissionDenied") && text.contains("--token-file"), "{text}");
    let (good, text) = modelgate(folder.path(), &["budget", "--address", "http://127.0.0.1:1", "show"]).await;
    assert!(!good && text.contains("cannot reach the service at http://127.0.0.1:1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_with_a_token() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["service.test".to_owned()]).unwrap().self_signed(&key).unwrap();
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("c.pem"), certificate.pem()).unwrap();
    std::fs::write(files.path().join("k.pem"), key.serialize_pem()).unwrap();
    let place = files.path().display();
    let (folder, running) = service(&format!("tls: {{certificate: {place}/c.pem, key: {place}/k.pem}}\n")).await;
    let address = format!("https://{}", running.addresses().listen.unwrap());
    let ca = format!("{place}/c.pem");
    let fixed = ["budget", "--address", &address, "--token-file", "token"];
    let named = ["--ca", &ca, "--server-name", "service.test"];
    let (good, text) =
        modelgate(folder.path(), &[&fixed[..], &named, &["top-up", "a", "5", "--create"]].concat()).await;
    assert!(good && text.contains("balance"), "{text}");
    let (good, text) = modelgate(folder.path(), &[&fixed[..], &["--ca", &ca, "show"]].concat()).await;
    assert!(!good && text.contains("cannot reach"), "{text}");
    let (good, text) = modelgate(folder.path(), &[&fixed[..], &["show"]].concat()).await;
    assert!(!good && text.contains("--ca"), "{text}");
}

/// Neither nobody nor somebody else is a service that refuses.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_service_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let show = ["budget", "--address", &address, "show", "a"];
    let other = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        drop(listener);
        let page = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut connection, page).await.unwrap();
    });
    let (good, text) = modelgate(folder.path(), &show).await;
    assert!(!good && text.contains("no service answers there") && text.contains("--address"), "{text}");
    other.await.unwrap();
    let (good, text) = modelgate(folder.path(), &show).await;
    assert!(!good && text.matches("tcp connect error").count() == 1, "{text}");
}
