//! The way to a Redis, for whatever is kept there: a connection that is made again whenever it may be of no use any more, and what
//! an operator is told where Redis does not do what it is asked.
//!
//! `redis`'s own manager connects again where a connection broke, and not where a new one was refused (a user that is not there yet),
//! where nothing is answered (a host that went away without a word) or where the server has become a replica.

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// A connection, shared by all of its clones.
#[derive(Clone)]
pub struct Link(Arc<Inner>);

struct Inner {
    client: Client,
    config: ConnectionManagerConfig,
    /// The connection, and how many there were before it.
    current: Mutex<(ConnectionManager, u64)>,
}

impl Link {
    /// Prepares a connection, which is made when it is first needed. Runs inside of tokio.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(client: Client, config: ConnectionManagerConfig) -> RedisResult<Self> {
        let first = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
        Ok(Self(Arc::new(Inner { client, config, current: Mutex::new((first, 0)) })))
    }

    /// Where the server is, without user and password.
    pub fn address(&self) -> String {
        self.0.client.get_connection_info().addr().to_string()
    }

    fn current(&self) -> (ConnectionManager, u64) {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a new connection in the place of the one that failed, unless somebody did before.
    fn renew(&self, failed: u64) {
        let Ok(new) = ConnectionManager::new_lazy_with_config(self.0.client.clone(), self.0.config.clone()) else {
            return;
        };
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.1 == failed {
            *current = (new, failed.wrapping_add(1));
        }
    }

    fn checked<T>(&self, number: u64, answer: RedisResult<T>) -> RedisResult<T> {
        if answer.as_ref().is_err_and(is_lost) {
            self.renew(number);
        }
        answer
    }
}

/// Whether another connection might do better: nothing was answered, or what was is about the connection or its server.
fn is_lost(error: &RedisError) -> bool {
    ["", "LOADING", "MASTERDOWN", "NOAUTH", "READONLY", "WRONGPASS"].contains(&code(error))
}

/// The word by which Redis names an error, and none of what is not Redis's. Inside of a script, and before it looks at a long command,
/// it says more in its text than in that word.
fn code(error: &RedisError) -> &str {
    let said = |part: &str| error.to_string().contains(part);
    match error.code().unwrap_or_default() {
        "ERR" if said("unauthenticated") => "NOAUTH",
        "ERR" if said("ACL failure") => "NOPERM",
        code => code,
    }
}

impl ConnectionLike for Link {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let (mut connection, number) = self.current();
            self.checked(number, connection.req_packed_command(command).await)
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let (mut connection, number) = self.current();
            self.checked(number, connection.req_packed_commands(pipeline, offset, count).await)
        })
    }

    fn get_db(&self) -> i64 {
        self.current().0.get_db()
    }
}

/// What an error means, and what to do about it.
pub fn advice(error: &RedisError) -> &'static str {
    match code(error) {
        "NOAUTH" => "it asks for a password: give one in its `url`",
        "WRONGPASS" => "it refuses this user or password: see its `url`, or `url_file`",
        "NOPERM" => "this user may not do that: see which commands and keys its ACL allows",
        "MOVED" | "ASK" | "CROSSSLOT" | "CLUSTERDOWN" => {
            "it is a node of a cluster that does not hold these keys: give the address of the one that does, or of a proxy"
        }
        "OOM" => "its memory is full: raise its `maxmemory`, or keep other data elsewhere",
        "LOADING" => "it has been started and is still reading its data: this passes",
        "READONLY" => "it is a replica: give the address of the primary",
        "MASTERDOWN" => "it is a replica without its primary: give the address of the primary",
        "MISCONF" => "it cannot save to its disk: see its own log",
        "" if error.kind() == ErrorKind::AuthenticationFailed => {
            "it refuses this user or password: see its `url`, or `url_file`"
        }
        "" if error.is_timeout() => "it did not answer in time: see its load, its slow log, and what is between",
        "" if error.is_connection_refusal() => "nobody listens there",
        _ => "see its own log",
    }
}
