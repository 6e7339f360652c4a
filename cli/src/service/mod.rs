//! `modelgate budget` and `modelgate cache`: the administration of a running service, over gRPC.

pub mod budget;
pub mod cache;
mod connection;

use anyhow::Context;
use connection::Connection;
use std::future::Future;

/// Runs what talks to a service.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start a runtime")?;
    runtime.block_on(work)
}

/// A refusal of the service, in its own words; or that what listens there is none.
fn refused(status: &tonic::Status) -> anyhow::Error {
    if std::error::Error::source(status).is_some() {
        return anyhow::anyhow!(
            "no service answers there: {}; --address is where modelgate-cache listens",
            status.message()
        );
    }
    let hint = match status.code() {
        tonic::Code::Unauthenticated | tonic::Code::PermissionDenied => {
            "; give an administrator's token with --token-file"
        }
        _ => "",
    };
    anyhow::anyhow!("the service answers {:?}: {}{hint}", status.code(), status.message())
}
