//! Many callers at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use testkit::RequestSpec;

/// How many of so many callers with these headers got which status.
pub fn call(address: SocketAddr, headers: &[(&str, &str)], callers: usize) -> Vec<(u16, usize)> {
    let spec = RequestSpec {
        method: "GET".into(),
        path: "/v1/models".into(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..RequestSpec::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcomes = runtime.block_on(async {
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let spec = spec.clone();
                tokio::spawn(async move { testkit::client::send(address, &spec, "").await.status })
            })
            .collect();
        let mut all = BTreeMap::<u16, usize>::new();
        for task in tasks {
            *all.entry(task.await.unwrap()).or_default() += 1;
        }
        all
    });
    outcomes.into_iter().collect()
}
