//! What a request asks for: its model, and how much it may come to.

mod prompt;

use crate::config::Estimate;
use crate::usage::{Measure, Ratios};
use chat::{AnyRequest, Api, ApiError, Endpoint, ErrorKind, Family, Request};
use plugin::RequestHead;
use prompt::Prompt;
use std::borrow::Cow;

/// What is read of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of the model APIs.
    Model,
    /// Its body holds whole requests of Anthropic's messages, to be answered later.
    Batch,
    /// It is none of the model APIs, and its body is JSON that may name a model; a text of one may be its answer.
    Open,
    /// Such a call, whose answer is known to be no text of a model (`/v1/moderations`, `/v1/rerank`).
    Silent,
    /// Such a call that two readers could understand differently, so that it may reach any model.
    Ambiguous,
    /// A form about sound or images, which may name a model.
    Form,
    /// Nothing but its head.
    Head,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub api: Api,
    pub family: Family,
    /// It generates nothing: it counts tokens, lists models, fetches or ends what another call began, or asks how a server is.
    pub is_idle: bool,
    pub model: Option<String>,
    pub stream: bool,
    /// The client asked for usage in the stream itself.
    pub wants_usage: bool,
    /// The answer is fetched later, elsewhere.
    pub is_deferred: bool,
    kind: Kind,
    /// Of a call that is none of the model APIs: a model writes its answer, which may have any length.
    writes: bool,
    /// Where the JSON of its body ends and binary tensors begin (KServe's binary data extension).
    json_end: Option<usize>,
    /// Input as any text is estimated, before what was learned.
    pub raw_input: u64,
    /// The input is its text and no more, so that its tokens tell how the model cuts a text.
    pub is_text: bool,
    /// What is reserved.
    pub measure: Measure,
    pub rows: u64,
    pub body_bytes: u64,
}

impl Asked {
    /// What the head says.
    pub fn of_head(head: &RequestHead) -> Self {
        let Endpoint { api, family, model, counts_tokens, .. } = head.endpoint();
        let is_open = api == Api::Other && head.method() == "POST";
        let ends = |tail: &[&str]| is_open && chat::path_ends(head.path(), tail);
        let asks_only = matches!(head.method(), "GET" | "HEAD" | "OPTIONS" | "DELETE");
        let is_idle = counts_tokens || api == Api::Models || asks_only || ends(&["cancel"]);
        let media_type = head.headers.text("content-type").unwrap_or_default();
        let is_form = begins(media_type, "multipart/");
        // Ollama reads JSON whatever it is called, and `curl -d` calls it a form.
        let writes = is_open && ends_with(head.path(), &WRITTEN) && !is_form && !begins(media_type, "application/grpc");
        let kind = match api {
            Api::Other if ends(&["messages", "batches"]) => Kind::Batch,
            Api::Other if is_open && ends_with(head.path(), &IN_FORMS) && is_form => Kind::Form,
            Api::Other if !is_idle && (writes || is_json(media_type)) => {
                if ends_with(head.path(), &SILENT) {
                    Kind::Silent
                } else {
                    Kind::Open
                }
            }
            Api::Other | Api::Models => Kind::Head,
            _ => Kind::Model,
        };
        Self {
            api,
            family,
            is_idle,
            model: model.map(|model| model.into_owned()),
            stream: false,
            wants_usage: false,
            is_deferred: ends(&["batches"]) || (is_open && ends_with(head.path(), &LATER)),
            kind,
            writes,
            json_end: if api == Api::InferV2 { number(head, "inference-header-content-length") } else { None },
            raw_input: 0,
            is_text: false,
            measure: Measure::default(),
            rows: 0,
            // Of a body that is not read; else what was read.
            body_bytes: number(head, "content-length").unwrap_or(0) as u64,
        }
    }

    /// Whether the body tells something.
    pub fn reads_body(&self) -> bool {
        self.kind != Kind::Head
    }

    /// Whether it reaches a model, though it may not name it.
    pub fn reaches(&self) -> bool {
        matches!(self.kind, Kind::Model | Kind::Batch | Kind::Ambiguous)
    }

    /// Whether it names a model, and is of a kind that is not known.
    pub fn is_unknown(&self) -> bool {
        self.kind == Kind::Open && self.model.is_some()
    }

    /// Whether its body is read where it is not too large to be: what a form names has no other bounds.
    pub fn may_be_long(&self) -> bool {
        self.kind == Kind::Form
    }

    /// It may reach any model, where it names none that can be read.
    pub fn see_no_more(&mut self) {
        if self.model.is_none() {
            self.kind = Kind::Ambiguous;
        }
    }

    /// Adds what the body says. `rows`: whether rows are priced.
    ///
    /// # Errors
    /// A body that two readers could understand differently, and one that names another model than the path.
    pub fn see_body(
        &mut self,
        head: &RequestHead,
        body: &[u8],
        estimate: &Estimate,
        rows: bool,
    ) -> Result<(), ApiError> {
        self.body_bytes = body.len() as u64;
        if self.kind == Kind::Form {
            let named = chat::model_in_form(head.headers.get("content-type").unwrap_or_default(), body);
            self.model = self.model.take().or(named.ok().flatten().map(str::to_owned));
            self.see_no_more();
            return Ok(());
        }
        // A tensor alone (0) has no JSON, and names no model.
        let body = match self.json_end {
            Some(0) => b"{}",
            Some(end) => body.get(..end).unwrap_or(body),
            None => body,
        };
        let count = || if rows { chat::rows(self.api, body) } else { Ok(0) };
        match self.kind {
            Kind::Model => self.rows = count()?,
            Kind::Batch => return self.see_batch(body, estimate),
            _ => {
                self.rows = count().unwrap_or(1);
                self.see_any(body, estimate);
                return Ok(());
            }
        }
        let request = Request::parse(self.api, body)?;
        let generates = self.api.generates();
        if generates || self.api == Api::Embeddings {
            // Azure's clients name the deployment in the path, and leave an empty `model` in the body.
            let named = request.model.as_deref().filter(|model| !model.is_empty() || self.model.is_none());
            self.see_model(named, model_mismatch)?;
        }
        self.stream = request.stream;
        self.wants_usage = request.stream_options.is_some_and(|options| options.include_usage);
        self.is_deferred |= request.background;
        let mut prompts = 1;
        if generates || self.api == Api::Embeddings {
            let prompt = Prompt::of(&request, body, estimate.media_tokens)?;
            (self.raw_input, prompts) = (prompt.tokens, prompt.count);
            self.is_text = prompt.is_text && !request.reads_elsewhere();
        }
        if generates && !self.is_idle {
            self.measure.output = output(&request, estimate).saturating_mul(prompts);
        }
        Ok(())
    }

    /// Adds what the JSON of any other call says that names a model there or in its path.
    fn see_any(&mut self, body: &[u8], estimate: &Estimate) {
        match AnyRequest::parse(body) {
            Ok(request) => {
                self.model = self.model.take().or(request.model.map(Cow::into_owned));
                self.rows = self.rows.max(request.choices.into());
                if self.is_unknown() {
                    let each = request.max_output.filter(|most| *most > 0);
                    let each = each.or(Some(estimate.output_tokens).filter(|_| self.writes)).unwrap_or(0);
                    self.measure.output = each.saturating_mul(request.choices.into());
                }
            }
            // An object that two readers could understand differently may name any.
            Err(_) if begins_object(body) => self.see_no_more(),
            Err(_) => {}
        }
        if self.writes {
            self.see_no_more();
        }
        if self.model.is_some() {
            self.raw_input = prompt::of_any(body, estimate.media_tokens);
        }
    }

    /// Adds what each request of a batch says. They are of one model, because a call has one price and one budget.
    fn see_batch(&mut self, body: &[u8], estimate: &Estimate) -> Result<(), ApiError> {
        for params in chat::batch_requests(body)? {
            let request = Request::parse(Api::Messages, params)?;
            self.see_model(request.model.as_deref(), several_models)?;
            let prompt = Prompt::of(&request, params, estimate.media_tokens)?;
            self.raw_input = self.raw_input.saturating_add(prompt.tokens);
            self.measure.output = self.measure.output.saturating_add(output(&request, estimate));
        }
        Ok(())
    }

    /// Takes the model that the body names. Another one before it is an error.
    fn see_model(&mut self, named: Option<&str>, mismatch: fn() -> ApiError) -> Result<(), ApiError> {
        match (self.model.as_deref(), named) {
            (Some(before), Some(named)) if before != named => Err(mismatch()),
            (None, Some(named)) => {
                self.model = Some(named.to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What it may come to by what is known of any text.
    pub fn uncorrected(&self) -> Measure {
        Measure::of(if self.is_idle { 0 } else { self.raw_input }, self.measure.output)
    }

    /// Corrects the estimate by what was learned of the model.
    pub fn correct(&mut self, ratios: &Ratios) {
        let input = ratios.input(self.model.as_deref().unwrap_or_default(), self.raw_input);
        self.measure = Measure::of(if self.is_idle { 0 } else { input }, self.measure.output);
    }
}

/// A header that is a number; one that is none is an end behind every end.
#[inline(never)]
fn number(head: &RequestHead, name: &str) -> Option<usize> {
    Some(head.headers.text(name)?.parse().unwrap_or(usize::MAX))
}

/// The ends of paths whose calls answer no text of a model: what they came to is told by usage, or is their input.
const SILENT: [&str; 21] = [
    "/moderations",
    "/rerank",
    "/score",
    "/classify",
    "/embed",
    "/embeddings",
    "/tokenize",
    "/detokenize",
    "/speech",
    "/generations",
    "/images/edits",
    "/images/variations",
    "/videos",
    "/assistants",
    "/jobs",
    ":embedContent",
    ":batchEmbedContents",
    ":predictLongRunning",
    // Ollama's own housekeeping.
    "/api/show",
    "/api/pull",
    "/api/create",
];

/// The ends of paths whose calls name their model in a form.
const IN_FORMS: [&str; 5] = ["/transcriptions", "/translations", "/edits", "/variations", "/videos"];

/// The ends of paths whose calls are answered later, elsewhere: Gemini's batches.
const LATER: [&str; 2] = [":batchGenerateContent", ":asyncBatchEmbedContent"];

/// The ends of paths whose calls are answered by what a model writes: of Gemini, Bedrock, Ollama and Cohere, Text Generation Inference
/// and Triton, llama.cpp, and of completions behind another prefix.
const WRITTEN: [&str; 10] = [
    ":generateContent",
    ":streamGenerateContent",
    ":batchGenerateContent",
    "/converse",
    "/converse-stream",
    "/chat",
    "/generate",
    "/generate_stream",
    "/completion",
    "/completions",
];

fn ends_with(path: &str, ends: &[&str]) -> bool {
    let path = path.as_bytes().split(|byte| *byte == b'?').next().unwrap_or_default();
    ends.iter().any(|end| path.ends_with(end.as_bytes()))
}

/// Whether a media type begins so, in whatever case.
fn begins(media_type: &str, start: &str) -> bool {
    media_type.get(..start.len()).is_some_and(|known| known.eq_ignore_ascii_case(start))
}

/// Whether a media type is JSON, or lines of it.
pub(crate) fn is_json(media_type: &str) -> bool {
    media_type.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"json"))
}

/// Whether some JSON reader could take these bytes for an object: an opening brace, byte order marks, space and the zero bytes of UTF-16
/// and UTF-32 aside.
fn begins_object(body: &[u8]) -> bool {
    let aside = [0, b' ', b'\t', b'\r', b'\n', 0x0b, 0x0c, 0xef, 0xbb, 0xbf, 0xfe, 0xff];
    body.iter().find(|byte| !aside.contains(byte)) == Some(&b'{')
}

/// Path and body name different models, so nobody could say whose budget it is.
fn model_mismatch() -> ApiError {
    ApiError::new(400, ErrorKind::InvalidRequest, "the body and the path of this call name different models")
        .with_code("model_mismatch")
        .with_param("model")
}

/// The requests of one batch name different models.
fn several_models() -> ApiError {
    let message = "the requests of this batch name different models; send one batch for each model";
    ApiError::new(400, ErrorKind::InvalidRequest, message).with_code("model_mismatch").with_param("model")
}

/// The most output of one prompt. A bound of 0 is none: there are servers that then write without end.
fn output(request: &Request<'_>, estimate: &Estimate) -> u64 {
    let each = request.max_output.filter(|most| *most > 0).unwrap_or(estimate.output_tokens);
    each.saturating_mul(u64::from(request.choices()))
}
