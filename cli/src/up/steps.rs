//! The requests of the scripted round, each with what is expected of it.

use super::Options;
use super::client::{Ask, Client, Seen};
use super::tally::Deed;
use crate::gateway::TRIAL_CALLS;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The model of the demo.
const DEMO_MODEL: &str = "demo-small";
/// Enough users that a tenth of them is seen.
const USERS: usize = 100;
const CHAT: &str = "/v1/chat/completions";

/// The steps are about the way to the model: the cache shall neither answer nor keep.
const NO_STORE: (&str, &str) = ("cache-control", "no-store");

/// One step: sends its requests and judges what comes.
pub type StepFn = fn(&Client<'_>, &str) -> Row;

/// The round with the demo server, which says what arrived there.
pub const DEMO: &[StepFn] = &[
    plain,
    streaming,
    asked_again,
    personal_data,
    unknown_key,
    beyond_budget,
    sticky,
    overwritten,
    unknown_model,
    models_that_disagree,
    broken_json,
    list_of_models,
];

/// The round with a real server.
pub const REAL: &[StepFn] = &[plain, streaming, unknown_model, list_of_models];

/// A line of the table.
#[derive(Debug, Default)]
pub struct Row {
    /// What was sent.
    pub request: &'static str,
    status: String,
    model: String,
    version: String,
    upstream: String,
    filters: String,
    /// What was not as expected.
    pub faults: Vec<String>,
}

impl Row {
    /// The heads of the table.
    pub const HEADS: [&str; 7] =
        ["request", "status", "model", "version", "answered by", "what the filters did", "verdict"];

    /// The cells of this line.
    pub fn cells(&self) -> [String; 7] {
        let verdict = if self.faults.is_empty() { "ok" } else { "FAILED" };
        [self.request, &self.status, &self.model, &self.version, &self.upstream, &self.filters, verdict]
            .map(str::to_owned)
    }

    fn of(request: &'static str, model: &str, seen: &Seen) -> Self {
        let answered = if seen.header("x-cache-status") == "hit" {
            "cache"
        } else if seen.answered().is_empty() && !seen.refused() && !seen.version().is_empty() {
            seen.version()
        } else {
            seen.answered()
        };
        Self {
            request,
            status: seen.status.to_string(),
            model: seen.arrived("x-model").pop().unwrap_or_else(|| model.to_owned()),
            version: seen.version().to_owned(),
            upstream: answered.to_owned(),
            filters: said(&seen.deeds),
            faults: Vec::new(),
        }
    }

    fn expect(mut self, what: &str, holds: bool) -> Self {
        if !holds {
            self.faults.push(format!("expected {what}"));
        }
        self
    }
}

/// What the filters did; one that answers by itself leaves no counter.
fn said(deeds: &[Deed]) -> String {
    let said: Vec<String> = deeds.iter().map(Deed::to_string).collect();
    if said.is_empty() { "model_router: answered".into() } else { said.join("; ") }
}

/// The model that the round, and the line to try, ask for.
pub fn first_model(options: &Options) -> &str {
    options.model.first().map_or(if options.demo { DEMO_MODEL } else { "MODEL" }, String::as_str)
}

/// A command that sends one chat through the gateway.
pub fn curl_line(address: SocketAddr, model: &str) -> String {
    let body = format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"Hello"}}]}}"#);
    format!("curl http://{address}{CHAT} -H 'content-type: application/json' -d '{body}'")
}

fn chat(model: &str, stream: bool) -> Value {
    saying("Hello", model, stream)
}

fn saying(text: &str, model: &str, stream: bool) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": text}]});
    if let (true, Some(fields)) = (stream, body.as_object_mut()) {
        fields.insert("stream".into(), json!(true));
    }
    body
}

/// Sends one request; a connection that fails is a line of its own.
fn one(
    client: &Client<'_>,
    request: &'static str,
    model: &str,
    ask: &Ask<'_>,
    judge: impl FnOnce(Row, &Seen) -> Row,
) -> Row {
    match client.send(ask) {
        Ok(seen) => judge(Row::of(request, model, &seen), &seen),
        Err(error) => Row { request, faults: vec![error.to_string()], ..Row::default() },
    }
}

fn version_is_consistent(row: Row, seen: &Seen) -> Row {
    let demo = seen.received.is_some();
    row.expect("a version in x-model-version", !seen.version().is_empty())
        .expect("an answer of the chosen version", !demo || seen.answered() == seen.version())
        .expect("the chosen version at the upstream", !demo || seen.arrived("x-model-version") == [seen.version()])
}

fn plain(client: &Client<'_>, model: &str) -> Row {
    let ask = Ask { path: CHAT, headers: &[("x-user-id", "user-1"), NO_STORE], body: Some(chat(model, false)) };
    one(client, "plain chat", model, &ask, |row, seen| {
        let row = row
            .expect("status 200", seen.status == 200)
            .expect("a chat.completion", seen.json().get("object").is_some_and(|object| object == "chat.completion"));
        version_is_consistent(row, seen)
    })
}

fn streaming(client: &Client<'_>, model: &str) -> Row {
    let ask = Ask { path: CHAT, headers: &[("x-user-id", "user-1"), NO_STORE], body: Some(chat(model, true)) };
    one(client, "streaming chat", model, &ask, |row, seen| {
        let row = row
            .expect("status 200", seen.status == 200)
            .expect("text/event-stream", seen.header("content-type").starts_with("text/event-stream"))
            .expect("several events", seen.events().count() > 1)
            .expect("[DONE] at the end", seen.body.trim_end().ends_with("data: [DONE]"));
        version_is_consistent(row, seen)
    })
}

/// The second of two equal questions is answered from the cache, here as a stream.
fn asked_again(client: &Client<'_>, model: &str) -> Row {
    let ask = |stream| Ask { path: CHAT, headers: &[("x-user-id", "user-1")], body: Some(chat(model, stream)) };
    let first = client.send(&ask(false));
    one(client, "asked again, as a stream", model, &ask(true), |row, seen| {
        row.expect("status 200", seen.status == 200)
            .expect("the first one missed", first.is_ok_and(|first| first.header("x-cache-status") == "miss"))
            .expect("a hit", seen.header("x-cache-status") == "hit")
            .expect("text/event-stream", seen.header("content-type").starts_with("text/event-stream"))
            .expect("the same answer", seen.body.contains("Hello") && seen.body.trim_end().ends_with("[DONE]"))
            .expect("nothing at the upstream", seen.received.is_none())
    })
}

/// A prompt with a card and an address: the model sees neither, and the caller has both again in the answer.
fn personal_data(client: &Client<'_>, model: &str) -> Row {
    let (card, mail) = ("4111 1111 1111 1111", "jane@example.com");
    let body = saying(&format!("Charge the card {card} and write to {mail}"), model, true);
    let ask = Ask { path: CHAT, headers: &[("x-user-id", "user-1"), NO_STORE], body: Some(body) };
    one(client, "a card and an e-mail address", model, &ask, |row, seen| {
        let arrived = seen.received.as_ref().map(|received| String::from_utf8_lossy(&received.body).into_owned());
        let arrived = arrived.unwrap_or_default();
        let answer: String = seen.events().filter_map(|event| text_of(&event)).collect();
        row.expect("status 200", seen.status == 200)
            .expect("placeholders at the model", arrived.contains("<CREDIT_CARD_1>") && arrived.contains("<EMAIL_1>"))
            .expect("nothing personal at the model", !arrived.contains(card) && !arrived.contains(mail))
            .expect("both in the answer", answer.contains(card) && answer.contains(mail))
    })
}

/// The text that an event of a streamed chat adds.
fn text_of(event: &Value) -> Option<String> {
    Some(event.pointer("/choices/0/delta/content")?.as_str()?.to_owned())
}

/// Callers need no key here, but one who shows a wrong one is no anonymous caller.
fn unknown_key(client: &Client<'_>, model: &str) -> Row {
    let headers = [("authorization", "Bearer mgk-nobody"), NO_STORE];
    let ask = Ask { path: CHAT, headers: &headers, body: Some(chat(model, false)) };
    one(client, "an unknown key", model, &ask, |row, seen| {
        let row = refused(row, seen, 401, None);
        row.expect("www-authenticate", !seen.header("www-authenticate").is_empty())
    })
}

/// The caller with a key has two calls a day.
fn beyond_budget(client: &Client<'_>, model: &str) -> Row {
    let authorization = format!("Bearer {}", client.gateway().keys().map_or("", |keys| &keys.trial));
    let headers = [("authorization", authorization.as_str()), NO_STORE];
    let ask = || Ask { path: CHAT, headers: &headers, body: Some(chat(model, false)) };
    let before: Vec<u16> = (0..TRIAL_CALLS).filter_map(|_| client.send(&ask()).ok()).map(|seen| seen.status).collect();
    one(client, "a call beyond the budget", model, &ask(), |row, seen| {
        refused(row, seen, 429, Some("insufficient_quota"))
            .expect("the calls before let in", before == [200; TRIAL_CALLS])
            .expect("retry-after", seen.header("retry-after").parse::<u64>().is_ok())
    })
}

fn sticky(client: &Client<'_>, model: &str) -> Row {
    let request = "100 users, twice each";
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for at in 0..2 * USERS {
        let user = format!("user-{}", at % USERS);
        let ask = Ask { path: CHAT, headers: &[("x-user-id", &user), NO_STORE], body: Some(chat(model, false)) };
        match client.send(&ask) {
            Ok(seen) => users.entry(user).or_default().push(seen.answered().to_owned()),
            Err(error) => return Row { request, faults: vec![error.to_string()], ..Row::default() },
        }
    }
    let mut shares: BTreeMap<&str, usize> = BTreeMap::new();
    for version in users.values().filter_map(|versions| versions.first()) {
        *shares.entry(version).or_default() += 1;
    }
    let split = shares.iter().map(|(version, users)| format!("{version} {users}")).collect::<Vec<_>>().join(", ");
    let row = Row {
        request,
        status: "200".into(),
        model: model.into(),
        version: "v1, v2".into(),
        upstream: split,
        filters: "model_router: split by x-user-id".into(),
        faults: Vec::new(),
    };
    row.expect("both versions", shares.keys().copied().eq(["v1", "v2"]))
        .expect("each user on one version", users.values().all(|versions| versions.first() == versions.last()))
        .expect("about 90 users on v1", shares.get("v1").is_some_and(|users| (75..100).contains(users)))
}

/// A client that names a version in the header that is ours changes nothing.
fn overwritten(client: &Client<'_>, model: &str) -> Row {
    let without = Ask { path: CHAT, headers: &[("x-user-id", "user-1"), NO_STORE], body: Some(chat(model, false)) };
    let chosen = client.send(&without).map(|seen| seen.version().to_owned()).unwrap_or_default();
    let forged = if chosen == "v1" { "v2" } else { "v1" };
    let headers = [("x-user-id", "user-1"), ("x-model-version", forged), ("x-model", "forged"), NO_STORE];
    let ask = Ask { path: CHAT, headers: &headers, body: Some(chat(model, false)) };
    one(client, "forged x-model-version", model, &ask, |row, seen| {
        let row = row
            .expect("status 200", seen.status == 200)
            .expect("the version as without the header", seen.version() == chosen)
            .expect("x-model as resolved", seen.arrived("x-model") == [model]);
        version_is_consistent(row, seen)
    })
}

fn refused(row: Row, seen: &Seen, status: u16, code: Option<&str>) -> Row {
    let error = seen.json().get("error").cloned().unwrap_or_default();
    let whole = ["message", "type", "param", "code"].iter().all(|key| error.get(key).is_some());
    row.expect(&format!("status {status}"), seen.status == status)
        .expect("an error object as OpenAI's", whole)
        .expect("the error's code", code.is_none_or(|code| error.get("code").is_some_and(|given| given == code)))
        .expect("a refusal counted", seen.refused())
        .expect("nothing at the upstream", seen.received.is_none())
}

fn unknown_model(client: &Client<'_>, _: &str) -> Row {
    let ask = Ask { path: CHAT, headers: &[], body: Some(chat("no-such-model", false)) };
    one(client, "unknown model", "no-such-model", &ask, |row, seen| refused(row, seen, 404, Some("model_not_found")))
}

fn models_that_disagree(client: &Client<'_>, model: &str) -> Row {
    let path = format!("/openai/deployments/{model}/chat/completions?api-version=2024-06-01");
    let ask = Ask { path: &path, headers: &[], body: Some(chat("another-model", false)) };
    one(client, "path and body disagree", model, &ask, |row, seen| refused(row, seen, 400, None))
}

fn broken_json(client: &Client<'_>, model: &str) -> Row {
    let ask = Ask { path: CHAT, headers: &[], body: Some(json!("no object")) };
    one(client, "no JSON object", model, &ask, |row, seen| refused(row, seen, 400, None))
}

fn list_of_models(client: &Client<'_>, model: &str) -> Row {
    let ask = Ask { path: "/v1/models", headers: &[], body: None };
    one(client, "GET /v1/models", "", &ask, |row, seen| {
        let listed = seen.json().get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        row.expect("status 200", seen.status == 200)
            .expect("the model in the list", listed.iter().any(|entry| entry.get("id").is_some_and(|id| id == model)))
            .expect("nothing at the upstream", seen.received.is_none())
    })
}
