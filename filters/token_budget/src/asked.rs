//! What a request asks for: its model, and how much it may come to.

use crate::usage::{Measure, Ratios};
use chat::{Api, ApiError, Endpoint, ErrorKind, Family, PartKind, Request};
use plugin::RequestHead;

/// Tokens that frame each part of a prompt.
const FRAME_TOKENS: u64 = 4;

/// Bytes of a body that are neither text nor media (tools, token arrays, parameters) are a token by so many.
const BYTES_PER_TOKEN: u64 = 6;

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub api: Api,
    pub family: Family,
    /// It generates nothing: it counts tokens, lists models, or asks how a server is.
    pub is_idle: bool,
    pub model: Option<String>,
    pub stream: bool,
    /// The client asked for usage in the stream itself.
    pub wants_usage: bool,
    /// The answer is fetched later, elsewhere.
    pub is_deferred: bool,
    /// Input as any text is estimated, before what was learned.
    pub raw_input: u64,
    /// What is reserved.
    pub measure: Measure,
    pub rows: u64,
    pub body_bytes: u64,
}

impl Asked {
    /// What the head says.
    pub fn of_head(head: &RequestHead) -> Self {
        let Endpoint { api, family, model, counts_tokens, .. } = chat::endpoint(head.method(), head.path());
        Self {
            api,
            family,
            is_idle: counts_tokens || api == Api::Models || matches!(head.method(), "GET" | "HEAD" | "OPTIONS"),
            model: model.map(|model| model.into_owned()),
            stream: false,
            wants_usage: false,
            is_deferred: head.method() == "POST" && chat::path_ends(head.path(), &["batches"]),
            raw_input: 0,
            measure: Measure::default(),
            rows: 0,
            body_bytes: 0,
        }
    }

    /// Whether the body tells something.
    pub fn reads_body(&self) -> bool {
        !matches!(self.api, Api::Other | Api::Models)
    }

    /// Adds what the body says. `rows`: whether rows are priced.
    ///
    /// # Errors
    /// A body that two readers could understand differently, and one that names another model than the path.
    pub fn see_body(&mut self, body: &[u8], estimate: &crate::config::Estimate, rows: bool) -> Result<(), ApiError> {
        self.body_bytes = body.len() as u64;
        let request = Request::parse(self.api, body)?;
        let generates = self.api.generates();
        if generates || self.api == Api::Embeddings {
            let named = request.model.as_deref();
            if let (Some(path), Some(body)) = (self.model.as_deref(), named)
                && path != body
            {
                return Err(model_mismatch());
            }
            self.model = self.model.take().or_else(|| named.map(str::to_owned));
        }
        self.stream = request.stream;
        self.wants_usage = request.stream_options.is_some_and(|options| options.include_usage);
        self.is_deferred |= self.api == Api::Responses && is_background(body);
        if rows {
            self.rows = count_rows(body);
        }
        if generates || self.api == Api::Embeddings {
            self.raw_input = input_tokens(&request, body.len(), estimate.media_tokens)?;
        }
        if generates && !self.is_idle {
            let each = request.max_output.unwrap_or(estimate.output_tokens);
            self.measure.output = each.saturating_mul(u64::from(request.choices()));
        }
        Ok(())
    }

    /// Corrects the estimate by what was learned of the model.
    pub fn correct(&mut self, ratios: &Ratios) {
        let input = ratios.input(self.model.as_deref().unwrap_or_default(), self.raw_input);
        self.measure = Measure::of(if self.is_idle { 0 } else { input }, self.measure.output);
    }
}

/// Path and body name different models, so nobody could say whose budget it is.
fn model_mismatch() -> ApiError {
    ApiError::new(400, ErrorKind::InvalidRequest, "the body and the path of this call name different models")
        .with_code("model_mismatch")
        .with_param("model")
}

/// Tokens of a prompt: texts by their characters, media by their number, the rest by its bytes.
fn input_tokens(request: &Request<'_>, body: usize, media_tokens: u64) -> Result<u64, ApiError> {
    let (mut tokens, mut seen) = (0_u64, 0_usize);
    request.visit(&mut |part| {
        seen = seen.saturating_add(part.span.len());
        let part = match part.kind {
            PartKind::Media | PartKind::Unknown => media_tokens,
            _ => chat::estimate_tokens(part.text.as_bytes()),
        };
        tokens = tokens.saturating_add(part).saturating_add(FRAME_TOKENS);
    })?;
    let rest = body.saturating_sub(seen) as u64;
    Ok(tokens.saturating_add(rest / BYTES_PER_TOKEN))
}

/// Whether a Responses call is answered later. The body is read a second time only where the word is in it.
fn is_background(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Background {
        background: Option<bool>,
    }
    memchr::memmem::find(body, b"background").is_some()
        && serde_json::from_slice::<Background>(body).is_ok_and(|request| request.background == Some(true))
}

/// The rows of a KServe V2 (first dimension of the first input) or V1 (instances) request; 1 where there is none.
fn count_rows(body: &[u8]) -> u64 {
    #[derive(serde::Deserialize)]
    struct Rows {
        inputs: Option<Vec<Input>>,
        instances: Option<Vec<serde::de::IgnoredAny>>,
    }
    #[derive(serde::Deserialize)]
    struct Input {
        shape: Vec<u64>,
    }
    let rows = serde_json::from_slice::<Rows>(body).ok();
    let rows = rows.and_then(|rows| match (rows.inputs, rows.instances) {
        (Some(inputs), _) => inputs.first()?.shape.first().copied(),
        (None, instances) => Some(instances?.len() as u64),
    });
    rows.unwrap_or(1).max(1)
}
