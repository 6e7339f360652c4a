//! A JSON server that the service asks: an embedding server, a judge. Each call has a deadline; a server that keeps failing is
//! left alone for a while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Failures in a row after which the server is left alone.
const FAILURES: u32 = 5;

/// For how long.
const REST: Duration = Duration::from_secs(10);

/// The most that an answer may hold, in bytes.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// Where a server is, and how it is asked.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The whole address, such as `https://models.example/v1/embeddings`.
    pub url: String,
    /// The model that is named to it.
    pub model: String,
    /// A bearer token, if it wants one.
    pub key: Option<String>,
    /// How long an answer may take, in milliseconds.
    #[serde(default = "deadline")]
    pub deadline_ms: u64,
}

fn deadline() -> u64 {
    300
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.key.as_ref().map(|_| "hidden");
        let mut out = out.debug_struct("Settings");
        out.field("url", &self.url).field("model", &self.model).field("key", &key);
        out.field("deadline_ms", &self.deadline_ms).finish()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It took too long.
    #[error("no answer within {millis} ms")]
    Deadline {
        /// The deadline.
        millis: u64,
    },
    /// It failed too often just now.
    #[error("left alone after {failures} failures in a row")]
    Open {
        /// Failures in a row.
        failures: u32,
    },
    /// It refused, or what came is not what was asked for. Never holds what was sent.
    #[error("{0}")]
    Failed(String),
}

/// The server.
#[derive(Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    agent: ureq::Agent,
    breaker: Mutex<Breaker>,
}

impl Server {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let deadline = Duration::from_millis(settings.deadline_ms);
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(deadline))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        Self { inner: Arc::new(Inner { settings, agent, breaker: Mutex::default() }) }
    }

    /// How it is asked.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Sends a body and reads the answer's.
    ///
    /// # Errors
    ///
    /// As [`CallError`] says.
    pub async fn call(&self, body: Value) -> Result<Value, CallError> {
        self.breaker(|breaker| breaker.admit(Instant::now()))?;
        let inner = Arc::clone(&self.inner);
        let work = tokio::task::spawn_blocking(move || inner.post(&body));
        // The agent's own timeout may start after a name was looked up: this one holds from the beginning.
        let deadline = Duration::from_millis(self.inner.settings.deadline_ms);
        let outcome = match tokio::time::timeout(deadline, work).await {
            Err(_) => Err(CallError::Deadline { millis: self.inner.settings.deadline_ms }),
            Ok(done) => done.unwrap_or_else(|error| Err(CallError::Failed(error.to_string()))),
        };
        self.breaker(|breaker| breaker.saw(outcome.is_ok(), Instant::now()));
        outcome
    }

    fn breaker<T>(&self, with: impl FnOnce(&mut Breaker) -> T) -> T {
        with(&mut self.inner.breaker.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    fn post(&self, body: &Value) -> Result<Value, CallError> {
        let failed = |error: ureq::Error| match error {
            ureq::Error::Timeout(_) => CallError::Deadline { millis: self.settings.deadline_ms },
            other => CallError::Failed(other.to_string()),
        };
        let mut request = self.agent.post(&self.settings.url).content_type("application/json");
        if let Some(key) = &self.settings.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = request.send(body.to_string()).map_err(failed)?;
        if !response.status().is_success() {
            return Err(CallError::Failed(format!("status {}", response.status().as_u16())));
        }
        let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().map_err(failed)?;
        serde_json::from_str(&text).map_err(|_| CallError::Failed("the answer is no JSON".into()))
    }
}

/// Counts failures in a row. Closed below [`FAILURES`]; then open for [`REST`]; then one call tries it.
#[derive(Debug, Default)]
struct Breaker {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    fn admit(&mut self, now: Instant) -> Result<(), CallError> {
        match self.rests_until {
            Some(until) if now < until => Err(CallError::Open { failures: self.failures }),
            // The one that tries it; the others go on waiting until it is back.
            Some(_) => {
                self.rests_until = Some(now + REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn saw(&mut self, success: bool, now: Instant) {
        if success {
            *self = Self::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.rests_until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_keeps_failing_is_left_alone_and_tried_once() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(start), Ok(()));
            breaker.saw(false, start);
        }
        assert_eq!(breaker.admit(start), Err(CallError::Open { failures: FAILURES }));
        let later = start + REST;
        assert_eq!(breaker.admit(later), Ok(()), "one tries it");
        assert!(breaker.admit(later).is_err(), "the others wait");
        breaker.saw(true, later);
        assert_eq!(breaker.admit(later), Ok(()));
    }

    #[test]
    fn no_key_is_printed() {
        let settings = Settings {
            url: "http://127.0.0.1/".into(),
            model: "m".into(),
            key: Some("top".to_owned() + "secret"),
            deadline_ms: 1,
        };
        assert!(!format!("{settings:?}").contains("topsecret"));
    }
}
