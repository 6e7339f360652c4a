//! What a request body asks for. Not a validator: members that no filter judges are skipped, whatever they hold.

use std::borrow::Cow;

use crate::json::Value;
use crate::{Api, BodyError};

/// The members that are read, in the order of [`Request::parse`]'s pattern.
const NAMES: [&str; 21] = [
    "model",
    "stream",
    "stream_options",
    "n",
    "best_of",
    "background",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens_to_sample",
    "messages",
    "system",
    "prompt",
    "suffix",
    "input",
    "instructions",
    "inputs",
    // Only that it is there once: filters count its rows.
    "instances",
    "previous_response_id",
    "conversation",
    "tools",
];

/// A request body, as far as filters judge it. Borrows from the body.
///
/// `null` and a missing member are the same: clients for Azure name the deployment in the path, and say `"model": null`.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The API that the body was read as.
    pub api: Api,
    /// The top-level `model`.
    pub model: Option<Cow<'a, str>>,
    /// The answer is asked for as a stream of events.
    pub stream: bool,
    /// `stream_options`, where present and not `null`.
    pub stream_options: Option<StreamOptions>,
    /// How many answers are asked for (`n`).
    pub n: Option<u32>,
    /// How many answers are computed to choose `n` from (`best_of`, completions only).
    pub best_of: Option<u32>,
    /// The answer is fetched later (`background`, responses only).
    pub background: bool,
    /// The most tokens that one answer may have: the largest of the bounds that this API knows (chat:
    /// `max_completion_tokens`, `max_tokens`; completions and messages: `max_tokens`; responses: `max_output_tokens`;
    /// other calls: any of these and `max_tokens_to_sample`). A negative bound is none, as llama.cpp has it.
    pub max_output: Option<u64>,
    pub(crate) texts: Texts<'a>,
    /// `previous_response_id`, `conversation` and `tools`, not read yet.
    elsewhere: [Option<Value<'a>>; 3],
}

/// `stream_options` of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamOptions {
    /// The last event before `[DONE]` carries the usage.
    pub include_usage: bool,
}

/// The members that hold what the model is asked, not read yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts<'a> {
    pub messages: Option<Value<'a>>,
    pub system: Option<Value<'a>>,
    pub prompt: Option<Value<'a>>,
    pub suffix: Option<Value<'a>>,
    pub input: Option<Value<'a>>,
    pub instructions: Option<Value<'a>>,
    pub inputs: Option<Value<'a>>,
}

impl<'a> Request<'a> {
    /// Reads `body` as a request of `api`.
    ///
    /// # Errors
    ///
    /// Where two readers could disagree, or nobody can judge: bytes that are not UTF-8, no JSON object, data after it,
    /// nesting beyond [`MAX_DEPTH`](crate::MAX_DEPTH), a known member twice or in another case, a `model` that is neither
    /// a string nor `null`. For the APIs of OpenAI and Anthropic also a `stream`, `n` or bound of the wrong type (servers
    /// that turn `"true"` into `true` exist); other calls may use those names as they like.
    pub fn parse(api: Api, body: &'a [u8]) -> Result<Self, BodyError> {
        let whole = Value::whole(body)?;
        let found = whole.members(&NAMES)?;
        whole.check_depth()?;
        let [
            model,
            stream,
            options,
            n,
            best_of,
            background,
            bounds @ ..,
            messages,
            system,
            prompt,
            suffix,
            input,
            instructions,
            inputs,
            _,
            previous,
            conversation,
            tools,
        ] = found;
        let texts = Texts { messages, system, prompt, suffix, input, instructions, inputs };
        let model = model.filter(|value| !value.is_null());
        let model = model.map(|value| value.string().map_err(|error| error.of("model"))).transpose()?;
        let read = Reader { lenient: !api.generates() && api != Api::Embeddings };
        let stream_options = read.object("stream_options", options)?.map(|options| read.stream_options(options));
        Ok(Self {
            api,
            model,
            stream: read.bool("stream", stream)?,
            stream_options: stream_options.transpose()?,
            n: read.count("n", n)?,
            best_of: if api == Api::Completions { read.count("best_of", best_of)? } else { None },
            background: api == Api::Responses && read.bool("background", background)?,
            max_output: read.max_output(api, bounds)?,
            texts,
            elsewhere: [previous, conversation, tools],
        })
    }

    /// Whether the model reads more than the body's texts: an earlier answer or a stored prompt by its name, or what a tool of the
    /// provider's finds.
    pub fn reads_elsewhere(&self) -> bool {
        let prompt = self.texts.prompt.filter(|_| self.api == Api::Responses);
        let [previous, conversation, tools] = self.elsewhere.map(|value| value.filter(|value| !value.is_null()));
        previous.or(conversation).or(prompt).is_some_and(|value| !value.is_null()) || tools.is_some_and(has_hosted)
    }

    /// How many answers the upstream computes for each prompt: the larger of `n` and `best_of`, at least 1.
    pub fn choices(&self) -> u32 {
        self.n.max(self.best_of).unwrap_or(1).max(1)
    }
}

/// What the body of a call says that is none of the model APIs (`/v1/moderations`, Ollama's `/api/chat`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyRequest<'a> {
    /// The top-level `model`, where it is a string.
    pub model: Option<Cow<'a, str>>,
    /// The most tokens that one answer may have: the largest bound by any name that such APIs have for it, at the top or in what
    /// holds their parameters.
    pub max_output: Option<u64>,
    /// How many answers are asked for, by any name, at least 1.
    pub choices: u32,
}

/// What holds parameters: of Ollama, of Text Generation Inference and Vertex AI, of Bedrock's Converse, of Gemini (whose names
/// may be written in either way), of Titan on Bedrock.
const HOLDERS: [&str; 6] =
    ["options", "parameters", "inferenceConfig", "generationConfig", "generation_config", "textGenerationConfig"];

/// How many of [`PARAMETERS`] bound the output: of OpenAI and Cohere, of its newer names, of Text Generation Inference and Triton, of
/// Ollama, of llama.cpp, of Bedrock's Converse, of Gemini, of Anthropic's, Titan's and Llama's models on Bedrock.
const BOUNDS: usize = 12;

/// The bounds, and then the numbers of answers: of OpenAI and Mistral, of Cohere, of Hugging Face, of Gemini, of AI21.
const PARAMETERS: [&str; 19] = [
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "num_predict",
    "n_predict",
    "maxTokens",
    "maxOutputTokens",
    "max_tokens_to_sample",
    "max_tokens_to_generate",
    "maxTokenCount",
    "max_gen_len",
    "n",
    "best_of",
    "num_generations",
    "num_return_sequences",
    "candidateCount",
    "candidate_count",
    "numResults",
];

impl<'a> AnyRequest<'a> {
    /// Reads `body`.
    ///
    /// # Errors
    ///
    /// As [`Request::parse`], of `model` alone. Parameters that are told twice are none.
    pub fn parse(body: &'a [u8]) -> Result<Self, BodyError> {
        let whole = Value::whole(body)?;
        let [model] = whole.members(&["model"])?;
        let model = model.filter(|value| value.is_string()).map(Value::string).transpose()?;
        let mut request = Self { model, max_output: None, choices: 1 };
        let whole = whole.judged();
        request.see_parameters(whole);
        for holder in whole.members(&HOLDERS).unwrap_or_default().into_iter().flatten() {
            request.see_parameters(holder);
        }
        Ok(request)
    }

    /// Takes over what these parameters say.
    fn see_parameters(&mut self, holder: Value<'a>) {
        let Ok(found) = holder.members(&PARAMETERS) else { return };
        for (at, value) in found.into_iter().enumerate() {
            match value.and_then(Value::number::<u64>) {
                Some(most) if at < BOUNDS => self.max_output = self.max_output.max(Some(most)),
                Some(count) => self.choices = self.choices.max(u32::try_from(count).unwrap_or(u32::MAX)),
                None => {}
            }
        }
    }
}

/// Reads members of an expected type; `lenient` takes another type for a missing member.
struct Reader {
    lenient: bool,
}

impl Reader {
    /// `value` unless it is missing or `null`, read by `read`.
    fn optional<'a, T>(
        &self,
        name: &'static str,
        value: Option<Value<'a>>,
        read: impl FnOnce(Value<'a>) -> Result<T, BodyError>,
    ) -> Result<Option<T>, BodyError> {
        match value.filter(|value| !value.is_null()).map(read) {
            Some(Err(error)) if !self.lenient => Err(error.of(name)),
            other => Ok(other.and_then(Result::ok)),
        }
    }

    fn bool(&self, name: &'static str, value: Option<Value<'_>>) -> Result<bool, BodyError> {
        Ok(self.optional(name, value, Value::bool)?.unwrap_or(false))
    }

    fn count(&self, name: &'static str, value: Option<Value<'_>>) -> Result<Option<u32>, BodyError> {
        self.optional(name, value, |value| value.number().ok_or_else(|| value.refuse("a small whole number")))
    }

    fn object<'a>(&self, name: &'static str, value: Option<Value<'a>>) -> Result<Option<Value<'a>>, BodyError> {
        self.optional(name, value, |value| if value.is_object() { Ok(value) } else { Err(value.refuse("an object")) })
    }

    fn stream_options(&self, options: Value<'_>) -> Result<StreamOptions, BodyError> {
        let [include_usage] = options.members(&["include_usage"])?;
        Ok(StreamOptions { include_usage: self.bool("include_usage", include_usage)? })
    }

    /// The largest bound that `api` knows, of `max_tokens` and its siblings in the order of [`NAMES`].
    fn max_output(&self, api: Api, bounds: [Option<Value<'_>>; 4]) -> Result<Option<u64>, BodyError> {
        let names = ["max_tokens", "max_completion_tokens", "max_output_tokens", "max_tokens_to_sample"];
        let known = match api {
            Api::ChatCompletions => [true, true, false, false],
            Api::Completions | Api::Messages => [true, false, false, false],
            Api::Responses => [false, false, true, false],
            _ => [true; 4],
        };
        let mut largest = None;
        for ((name, bound), _) in names.into_iter().zip(bounds).zip(known).filter(|(_, known)| *known) {
            largest = largest.max(self.optional(name, bound, tokens)?.flatten());
        }
        Ok(largest)
    }
}

/// Whether some tool is not the client's own: of another type than a function, where it has one. Also if nobody can tell.
fn has_hosted(tools: Value<'_>) -> bool {
    let mut hosted = false;
    let read = tools.elements(|_, tool| {
        let [kind] = tool.members(&["type"])?;
        hosted |= kind.is_some_and(|kind| !["\"function\"", "\"custom\""].contains(&kind.text()));
        Ok(())
    });
    hosted || read.is_err()
}

/// A bound in tokens; `None` if it is negative.
fn tokens(value: Value<'_>) -> Result<Option<u64>, BodyError> {
    match (value.number::<u64>(), value.number::<i64>()) {
        (Some(tokens), _) => Ok(Some(tokens)),
        (None, Some(_)) => Ok(None),
        (None, None) => Err(value.refuse("a whole number")),
    }
}
