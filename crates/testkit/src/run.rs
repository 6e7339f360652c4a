//! Runs all cases of a folder.

use crate::{
    Body, Case, CaseFile, Gateway, GatewaySpec, Link, ListenerSpec, check, client, run_with_services, service,
};
use demo_upstream::Script;
use plugin::{Attachment, Plugin};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Runs all cases of a folder natively.
///
/// # Panics
/// With every case that came out wrong.
pub fn native<P: Plugin>(folder: impl AsRef<Path>) {
    let mut wrong = Vec::new();
    for (path, file) in files(folder.as_ref()) {
        for (attachment, config, case) in file.runs() {
            let mut fail =
                |what: String| wrong.push(format!("{}: {} ({attachment:?}): {what}", name(&path), case.name));
            let plugin = match P::configure(config.to_string().as_bytes()) {
                Ok(plugin) => Rc::new(plugin),
                Err(faults) => {
                    fail(format!("the configuration is refused: {faults}"));
                    continue;
                }
            };
            let chunks = case.response.body.as_ref().map(Body::chunks).unwrap_or_default();
            for split in splits(case, &chunks) {
                let outcome = run_with_services(&plugin, case, &file.services, &split);
                check(case, &outcome)
                    .into_iter()
                    .for_each(|what| fail(format!("{what} (response in {} pieces)", split.len())));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong natively:\n{}", wrong.len(), wrong.join("\n"));
}

/// The ways in which the response's body is split: as it is, and where any split must do, at every byte and in single bytes.
fn splits(case: &Case, chunks: &[Vec<u8>]) -> Vec<Vec<Vec<u8>>> {
    let mut splits = vec![chunks.to_vec()];
    if case.any_split {
        let whole = chunks.concat();
        splits.extend((1..whole.len()).map(|at| vec![whole[..at].to_vec(), whole[at..].to_vec()]));
        splits.push(whole.iter().map(|byte| vec![*byte]).collect());
    }
    splits
}

/// Runs all cases of a folder through a real Envoy with the real module of this filter.
///
/// # Panics
/// With every case that came out wrong, and Envoy's log.
pub fn live(filter: &str, folder: impl AsRef<Path>) {
    let files = files(folder.as_ref());
    let mut listeners: Vec<ListenerSpec> = Vec::new();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut runs = Vec::new();
    let mut state = Vec::new();
    for (path, file) in &files {
        for (attachment, config, case) in file.runs() {
            let listener = listener_of(filter, attachment, config, case, &file.manager, &mut listeners, &mut known);
            state.extend(case.expect.state.keys().cloned());
            let key = format!("{}/{}", name(path), runs.len());
            let label = format!("{}: {} ({attachment:?})", name(path), case.name);
            runs.push(Run { label, key, listener, case: case.clone() });
        }
    }
    state.sort();
    state.dedup();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut services = Vec::new();
    for (cluster, answers) in files.iter().flat_map(|(_, file)| &file.services) {
        assert!(!services.iter().any(|(known, _)| known == cluster), "two files have a service {cluster}");
        services.push((cluster.clone(), runtime.block_on(service::start(answers.clone()))));
    }
    let gateway = Arc::new(Gateway::start(&GatewaySpec { listeners, services, state, ..GatewaySpec::default() }));
    let wrong = runtime.block_on(run_all(gateway.clone(), runs));
    assert!(
        wrong.is_empty(),
        "{} wrong in Envoy:\n{}\n\nEnvoy says:\n{}",
        wrong.len(),
        wrong.join("\n"),
        gateway.log()
    );
    assert_eq!(gateway.vm_failures(), 0, "a VM failed:\n{}", gateway.log());
}

struct Run {
    label: String,
    key: String,
    listener: String,
    case: Case,
}

async fn run_all(gateway: Arc<Gateway>, runs: Vec<Run>) -> Vec<String> {
    let addresses: BTreeMap<String, std::net::SocketAddr> = runs
        .iter()
        .map(|run| run.listener.clone())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|name| (name.clone(), gateway.addr(&name)))
        .collect();
    let mut wrong = Vec::new();
    let mut waiting = runs.into_iter();
    let mut open = tokio::task::JoinSet::new();
    loop {
        while open.len() < 8 {
            let Some(run) = waiting.next() else { break };
            let (gateway, address) = (gateway.clone(), addresses[&run.listener]);
            open.spawn(async move {
                run_one(&gateway, address, &run)
                    .await
                    .into_iter()
                    .map(|what| format!("{}: {what}", run.label))
                    .collect::<Vec<_>>()
            });
        }
        match open.join_next().await {
            Some(result) => wrong.extend(result.expect("a case does not panic")),
            None => return wrong,
        }
    }
}

async fn run_one(gateway: &Gateway, address: std::net::SocketAddr, run: &Run) -> Vec<String> {
    gateway.upstream.script(&run.key, script(&run.case));
    let mut outcome = client::send(address, &run.case.request, &run.key).await;
    if outcome.details == "hung" {
        return vec!["it hung".into()];
    }
    let line = tokio::task::block_in_place(|| gateway.access(&run.key));
    outcome.details = line["details"].as_str().unwrap_or_default().to_owned();
    outcome.state = line
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.strip_prefix("state ")?.to_owned(), value.as_str()?.to_owned())))
        .collect();
    outcome.upstream = arrived(gateway, &run.key);
    check(&run.case, &outcome)
}

fn arrived(gateway: &Gateway, key: &str) -> Option<crate::Arrived> {
    let received = gateway.upstream.received(key).into_iter().find(|received| received.complete)?;
    Some(crate::Arrived {
        path: received.path,
        headers: received.headers,
        body: received.body,
        trailers: received.trailers,
        complete: received.complete,
    })
}

fn script(case: &Case) -> Script {
    let response = &case.response;
    let mut chunks = response.body.as_ref().map(Body::chunks).unwrap_or_default();
    let whole = chunks.len() == 1 && !response.abort && response.trailers.is_empty();
    let mut headers: Vec<(String, Vec<u8>)> =
        response.headers.iter().map(|(name, value)| (name.clone(), crate::case::percent_decode(value))).collect();
    if case.any_split {
        chunks = chunks.concat().iter().map(|byte| vec![*byte]).collect();
    } else if whole {
        headers.push(("content-length".into(), chunks[0].len().to_string().into_bytes()));
    }
    Script {
        status: response.status,
        headers,
        chunks,
        trailers: response
            .trailers
            .iter()
            .map(|(name, value)| (name.clone(), crate::case::percent_decode(value)))
            .collect(),
        abort: response.abort,
        ..Script::default()
    }
}

/// The listener with this configuration, filter state and route; a new one where none is like it.
fn listener_of(
    filter: &str,
    attachment: Attachment,
    config: Value,
    case: &Case,
    manager: &BTreeMap<String, Value>,
    listeners: &mut Vec<ListenerSpec>,
    known: &mut BTreeMap<String, String>,
) -> String {
    let http2 = case.request.http == 2;
    let likeness = format!("{config} {:?} {:?} {http2} {manager:?}", case.state, case.route);
    if let Some(name) = known.get(&likeness) {
        return name.clone();
    }
    let name = format!("l{}", listeners.len());
    let mut chain = Vec::new();
    if !case.state.is_empty() {
        chain.push(Link::probe(json!({"attachment": "full", "request": {"state": case.state}})));
    }
    chain.push(Link::Wasm { module: filter.into(), config, flag: attachment == Attachment::Full });
    let target = if http2 { "upstream-h2" } else { "upstream" };
    let mut route = json!({"match": {"prefix": "/"}, "route": {"cluster": target}});
    if !case.route.name.is_empty() {
        route["name"] = case.route.name.clone().into();
    }
    if !case.route.metadata.is_empty() {
        route["metadata"] = json!({"filter_metadata": case.route.metadata});
    }
    listeners.push(ListenerSpec {
        name: name.clone(),
        chain,
        routes: vec![route],
        http2,
        buffer_limit: Some(32 << 20),
        manager: manager.clone(),
    });
    known.insert(likeness, name.clone());
    name
}

fn files(folder: &Path) -> Vec<(PathBuf, CaseFile)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no cases", folder.display());
    paths.into_iter().map(|path| (path.clone(), CaseFile::read(&path))).collect()
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
