//! Who answers a request: the control paths, a script, an upgrade or one of the model APIs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::InvalidHeaderValue;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::api::{chat, completions, embeddings, gemini, kserve, messages, models, moderations, ollama, responses};
use crate::ask::{Ask, Fields};
use crate::behaviour::Behaviour;
use crate::body::{Aborted, DemoBody};
use crate::delivery::deliver;
use crate::endpoint::{Endpoint, Target, dialect};
use crate::intake::{self, IntakeError};
use crate::options::Options;
use crate::received::{Recorder, Recording};
use crate::refusal::{no_such_path, refusal};
use crate::reply::Reply;
use crate::script::{self, Scripts};
use crate::turn::Turn;
use crate::{control, websocket};

const CASE: &str = "x-case";
const VERSION: HeaderName = HeaderName::from_static("x-demo-version");

/// What all requests share.
pub(crate) struct Site {
    pub(crate) recorder: Recorder,
    pub(crate) scripts: Scripts,
    options: Options,
    version: HeaderValue,
    turns: AtomicU64,
}

impl Site {
    /// Fails where the version's label cannot stand in a header.
    pub(crate) fn new(options: Options) -> Result<Self, InvalidHeaderValue> {
        let version = HeaderValue::from_str(&options.version_label)?;
        let recorder = Recorder::new(options.keep_received);
        Ok(Self { recorder, scripts: Scripts::default(), options, version, turns: AtomicU64::new(1) })
    }

    pub(crate) fn clear(&self) {
        self.recorder.clear();
        self.scripts.clear();
    }

    /// A name that this server has not given before.
    fn id(&self) -> String {
        format!("demo{:012x}", self.turns.fetch_add(1, Ordering::Relaxed))
    }

    fn turn(&self, ask: &Ask, behaviour: &Behaviour) -> Turn {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Turn::new(ask, behaviour, &self.options.version_label, self.id(), now)
    }
}

/// Answers one request, or breaks it off.
pub(crate) async fn answer(site: Arc<Site>, request: Request<Incoming>) -> Result<Response<DemoBody>, Aborted> {
    if request.uri().path().starts_with("/_demo") {
        return Ok(control::answer(&site, request).await);
    }
    let mut recording = None;
    if let Some(case) = request.headers().get(CASE) {
        let case = String::from_utf8_lossy(case.as_bytes());
        recording = Some(site.recorder.begin(&case, &request));
        if let Some(script) = site.scripts.next(&case) {
            return script::answer(script, request, recording).await;
        }
    }
    if websocket::is_asked(&request) {
        return Ok(websocket::answer(request, recording));
    }
    let (parts, body) = request.into_parts();
    let sink = recording.as_ref().map(Recording::sink);
    match intake::read(body, sink.as_ref()).await {
        Ok(body) => answer_api(&site, &parts, &body, recording).await,
        Err(error @ IntakeError::TooLong) => {
            let reply = refusal(dialect(parts.uri.path()), StatusCode::PAYLOAD_TOO_LARGE, &error.to_string());
            deliver(reply, &Behaviour::default(), parts.version, recording).await
        }
        // The recording is dropped open: it was the client who left.
        Err(IntakeError::Broken) => Err(Aborted),
    }
}

async fn answer_api(
    site: &Site,
    parts: &Parts,
    body: &Bytes,
    recording: Option<Recording>,
) -> Result<Response<DemoBody>, Aborted> {
    let default = &site.options.behaviour;
    let (behaviour, reply) = match default.overlaid(&parts.headers) {
        Ok(own) => {
            let reply = reply(site, parts, body, own.as_ref().unwrap_or(default));
            (own, reply)
        }
        Err(error) => {
            let message = format!("x-demo headers: {error}");
            (Some(Behaviour::default()), refusal(dialect(parts.uri.path()), StatusCode::BAD_REQUEST, &message))
        }
    };
    let reply = reply.with_header(VERSION, site.version.clone());
    deliver(reply, behaviour.as_ref().unwrap_or(default), parts.version, recording).await
}

/// The answer of the API that the path names.
fn reply(site: &Site, parts: &Parts, body: &[u8], behaviour: &Behaviour) -> Reply {
    let path = parts.uri.path();
    let refuse = |status: StatusCode, message: &str| refusal(dialect(path), status, message);
    if let Some(status) = behaviour.status.filter(|status| status.as_u16() >= 400) {
        return refuse(status, "the demo upstream was asked to fail");
    }
    let Some(target) = Target::of(&parts.method, path) else {
        return no_such_path(dialect(path));
    };
    let said = match &target.endpoint {
        Endpoint::Models => Ok(models::list(&site.options.models, &parts.headers)),
        Endpoint::Model(model) => Ok(models::one(model, &parts.headers)),
        Endpoint::Tags => Ok(ollama::tags(&site.options.models)),
        Endpoint::Metadata { model } => Ok(kserve::metadata(model, &site.options.version_label)),
        Endpoint::Ready => Ok(kserve::ready()),
        _ => said(site, &target, body, behaviour),
    };
    match said {
        Ok(reply) => reply.with_status(behaviour.status.unwrap_or(StatusCode::OK)),
        Err(SaidError::Json(_)) => refuse(StatusCode::BAD_REQUEST, "the body is not a JSON object"),
        Err(error) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// Why a body cannot be answered.
#[derive(Debug, thiserror::Error)]
enum SaidError {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("you must provide a model parameter")]
    NoModel,
}

/// The answer to a call with a JSON body.
fn said(site: &Site, target: &Target, body: &[u8], behaviour: &Behaviour) -> Result<Reply, SaidError> {
    let fields = Fields::parse(body)?;
    let version = &site.options.version_label;
    let ask = |input: &str| Ask::new(&fields, input, target.path_model.as_deref()).ok_or(SaidError::NoModel);
    let turn = |ask: &Ask| site.turn(ask, behaviour);
    let reply = match &target.endpoint {
        Endpoint::Infer { model, version: asked } => {
            kserve::infer(&fields, model, asked.as_deref(), behaviour, version)?
        }
        Endpoint::Predict => kserve::predict(&fields, behaviour, version)?,
        Endpoint::Embeddings => embeddings::answer(&fields, &ask("input")?, behaviour)?,
        Endpoint::Moderations => moderations::answer(&fields, &site.id()),
        Endpoint::CountInput => responses::count_input(&ask("input")?, behaviour),
        Endpoint::CountTokens => messages::count_tokens(&ask("messages")?, behaviour),
        Endpoint::Messages => {
            let ask = ask("messages")?;
            messages::answer(&turn(&ask), ask.stream)?
        }
        Endpoint::Generate { model, stream } => {
            let ask = Ask::new(&fields, "contents", Some(model)).ok_or(SaidError::NoModel)?;
            gemini::answer(&turn(&ask), *stream)?
        }
        Endpoint::Ollama(shape) => {
            let ask = ask(if *shape == ollama::Shape::Message { "messages" } else { "prompt" })?;
            ollama::answer(&turn(&ask), *shape, fields.get("stream").unwrap_or(true))?
        }
        Endpoint::Responses => {
            let ask = ask("input")?;
            responses::answer(&turn(&ask), ask.stream)?
        }
        Endpoint::Completions => {
            let ask = ask("prompt")?;
            completions::answer(&turn(&ask), ask.stream, ask.include_usage)?
        }
        // The rest has no body and was answered before.
        _ => {
            let ask = ask("messages")?;
            chat::answer(&turn(&ask), ask.stream, ask.include_usage)?
        }
    };
    Ok(reply)
}
