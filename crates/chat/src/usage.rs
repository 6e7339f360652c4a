//! What a call used, in tokens, as the upstream reports it.

use crate::json::Value;
use crate::{Api, BodyError};

/// More tokens than any call can use; a report above it is nonsense. Sums of such numbers cannot overflow.
const MAX_TOKENS: f64 = (1_u64 << 40) as f64;

/// The tokens of a call. Each is absent where it was not reported, or was no sensible number (negative, a fraction,
/// above 2^40, a string).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request as reported. OpenAI counts cached ones in it, Anthropic does not: see
    /// [`Usage::input_total`].
    pub input: Option<u64>,
    /// Tokens of the request that were read from the provider's prompt cache.
    pub cached_input: Option<u64>,
    /// Tokens of the request that were written to the provider's prompt cache (Anthropic, Bedrock).
    pub cache_write: Option<u64>,
    /// Those of them that are kept for an hour.
    pub cache_write_1h: Option<u64>,
    /// Tokens of the answer, with those of its reasoning.
    pub output: Option<u64>,
    /// Tokens of the reasoning.
    pub reasoning: Option<u64>,
    /// All tokens as reported (OpenAI).
    pub total: Option<u64>,
    /// Units of searching, which are no tokens (Cohere's `rerank`, Anthropic's and Perplexity's searches of the web).
    pub searches: Option<u64>,
    /// What of it is no text.
    pub media: Media,
    /// `input` is without `cached_input` and `cache_write`.
    cache_apart: bool,
}

/// What of a call's tokens is sound or images, and how long the sound is that was written down. 0 where it was not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Tokens of the request that are sound.
    pub input_audio: u64,
    /// Tokens of the request that are images.
    pub input_image: u64,
    /// Tokens of the answer that are sound.
    pub output_audio: u64,
    /// Tokens of the answer that are images.
    pub output_image: u64,
    /// Milliseconds of sound, which are no tokens (OpenAI's transcriptions that are paid by their duration).
    pub audio_ms: u64,
}

impl Media {
    /// What `change` makes of each number of this and of the other.
    pub fn zip(self, other: Self, change: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            input_audio: change(self.input_audio, other.input_audio),
            input_image: change(self.input_image, other.input_image),
            output_audio: change(self.output_audio, other.output_audio),
            output_image: change(self.output_image, other.output_image),
            audio_ms: change(self.audio_ms, other.audio_ms),
        }
    }
}

impl Usage {
    /// Reads a `usage` object of `api`. `None` if nothing in it is a number.
    pub(crate) fn read(api: Api, usage: Option<Value<'_>>) -> Result<Option<Self>, BodyError> {
        let Some(usage) = usage.filter(|usage| usage.is_object()) else { return Ok(None) };
        let [
            prompt,
            input,
            completion,
            output,
            total,
            read,
            written,
            hit,
            lives,
            searches,
            queries,
            server_tools,
            seconds,
            prompt_details,
            input_details,
            heard_details,
            completion_details,
            output_details,
            said_details,
        ] = usage.members(&[
            "prompt_tokens",
            "input_tokens",
            "completion_tokens",
            "output_tokens",
            "total_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "prompt_cache_hit_tokens",
            "cache_creation",
            "search_units",
            "num_search_queries",
            "server_tool_use",
            "seconds",
            "prompt_tokens_details",
            "input_tokens_details",
            // As transcriptions have it.
            "input_token_details",
            "completion_tokens_details",
            "output_tokens_details",
            "output_token_details",
        ])?;
        let [minutes, hour] = details(lives, &["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"])?.map(tokens);
        let written = tokens(written).or(sum(minutes, hour));
        // The last of a request as OpenRouter has it.
        let names = ["audio_tokens", "image_tokens", "cached_tokens", "reasoning_tokens", "cache_write_tokens"];
        let [heard, seen, cached, _, newly] = details(prompt_details.or(input_details).or(heard_details), &names)?;
        let [said, shown, _, reasoning, _] = details(completion_details.or(output_details).or(said_details), &names)?;
        let [requests] = details(server_tools, &["web_search_requests"])?;
        let usage = Self {
            input: tokens(prompt).or(tokens(input)),
            // The last as DeepSeek tells it.
            cached_input: tokens(cached).or_else(|| tokens(read)).or_else(|| tokens(hit)),
            cache_write: written.or(tokens(newly)),
            cache_write_1h: hour,
            output: tokens(completion).or_else(|| tokens(output)),
            reasoning: tokens(reasoning),
            total: tokens(total),
            searches: tokens(searches.or(queries).or(requests)),
            media: Media {
                input_audio: tokens(heard).unwrap_or(0),
                input_image: tokens(seen).unwrap_or(0),
                output_audio: tokens(said).unwrap_or(0),
                output_image: tokens(shown).unwrap_or(0),
                audio_ms: millis(seconds),
            },
            // Anthropic's models behind another API (Vertex AI's `rawPredict`) report as Anthropic does.
            cache_apart: api == Api::Messages
                || (api == Api::Other && prompt.is_none() && tokens(read).or(written).is_some()),
        };
        Ok(usage.told())
    }

    /// Itself, if something was told.
    fn told(self) -> Option<Self> {
        Some(self).filter(|usage| *usage != Self { cache_apart: usage.cache_apart, ..Self::default() })
    }

    /// Reads what calls report that are none of the model APIs: as OpenAI or Anthropic; as Gemini, where what a model thought is
    /// beside its answer and what its tools read is beside the prompt; as Bedrock, whose Converse counts the cache apart as
    /// Anthropic does; as Cohere, which tells what is billed and what was counted. `None` if nothing in it is a number.
    #[inline(never)]
    pub(crate) fn read_any(usage: Option<Value<'_>>) -> Result<Option<Self>, BodyError> {
        if let Some(usage) = Self::read(Api::Other, usage)? {
            return Ok(Some(usage));
        }
        let [billed, counted] = details(usage, &["billed_units", "tokens"])?;
        if let Some(usage) = Self::read(Api::Other, billed)?.or(Self::read(Api::Other, counted)?) {
            return Ok(Some(usage));
        }
        let found = details(
            usage,
            &[
                "promptTokenCount",
                "toolUsePromptTokenCount",
                "candidatesTokenCount",
                "thoughtsTokenCount",
                "cachedContentTokenCount",
                "totalTokenCount",
                "inputTokens",
                "outputTokens",
                "cacheReadInputTokens",
                "cacheWriteInputTokens",
                "totalTokens",
                "inputTokenCount",
                "outputTokenCount",
                "cacheDetails",
                "promptTokensDetails",
                "candidatesTokensDetails",
            ],
        )?;
        let [.., lives, asked_kinds, answered_kinds] = found;
        let [prompt, tools, answer, thoughts, cached, total, input, output, read, written, all, asked, answered, ..] =
            found.map(tokens);
        let [input_audio, input_image] = kinds(asked_kinds)?;
        let [output_audio, output_image] = kinds(answered_kinds)?;
        let mut hour = None;
        if let Some(lives) = lives.filter(|lives| lives.is_array()) {
            lives.elements(|_, part| {
                let [lives, count] = details(Some(part), &["ttl", "inputTokens"])?;
                if lives.is_some_and(|lives| lives.text() == "\"1h\"") {
                    hour = sum(tokens(count), hour);
                }
                Ok(())
            })?;
        }
        let usage = Self {
            input: sum(prompt, tools).or(input).or(asked),
            cached_input: cached.or(read),
            cache_write: written.or(hour),
            cache_write_1h: hour,
            output: sum(answer, thoughts).or(output).or(answered),
            reasoning: thoughts,
            total: total.or(all),
            cache_apart: input.is_some(),
            media: Media { input_audio, input_image, output_audio, output_image, audio_ms: 0 },
            ..Self::default()
        };
        Ok(usage.told())
    }

    /// What is told beside an answer: by Ollama, and by Bedrock in the head of one.
    pub fn of_counts(input: Option<u64>, output: Option<u64>) -> Option<Self> {
        let [input, output] = [input, output].map(|count| count.filter(|count| *count <= MAX_TOKENS as u64));
        Self { input, output, ..Self::default() }.told()
    }

    /// Takes over what `later` reports: Anthropic reports the input when a message starts and the output, which grows,
    /// with each `message_delta`; some servers report with every chunk. The larger report counts: there are servers that say 0 in
    /// each but the first, or in the last.
    pub fn update(&mut self, later: &Usage) {
        self.input = later.input.max(self.input);
        self.cached_input = later.cached_input.max(self.cached_input);
        self.cache_write = later.cache_write.max(self.cache_write);
        self.cache_write_1h = later.cache_write_1h.max(self.cache_write_1h);
        self.output = later.output.max(self.output);
        self.reasoning = later.reasoning.max(self.reasoning);
        self.total = later.total.max(self.total);
        self.searches = later.searches.max(self.searches);
        self.media = later.media.zip(self.media, u64::max);
        self.cache_apart |= later.cache_apart;
    }

    /// All tokens of the request, cached or not: never less than those of the cache.
    pub fn input_total(&self) -> Option<u64> {
        let cache = sum(self.cached_input, self.cache_write);
        match self.cache_apart {
            true => sum(self.input, cache),
            false => self.input.max(cache.filter(|_| self.input.is_some())),
        }
    }

    /// All tokens of the call: what was reported as the total, or the sum of input and output if that is more (a total
    /// may hold reasoning that the output does not).
    pub fn all(&self) -> Option<u64> {
        let parts = [self.input_total(), self.output];
        let sum = parts.iter().any(Option::is_some).then(|| parts.iter().flatten().sum());
        sum.max(self.total)
    }
}

/// The members of an object of details; none of anything else.
fn details<'a, const N: usize>(
    value: Option<Value<'a>>,
    names: &[&'static str; N],
) -> Result<[Option<Value<'a>>; N], BodyError> {
    value.filter(|value| value.is_object()).map_or(Ok([None; N]), |value| value.members(names))
}

/// The tokens of sound and of images in a list of Gemini's, `[{"modality": "AUDIO", "tokenCount": 5}]`.
fn kinds(list: Option<Value<'_>>) -> Result<[u64; 2], BodyError> {
    let mut found = [0; 2];
    if let Some(list) = list.filter(|list| list.is_array()) {
        list.elements(|_, part| {
            let [kind, count] = details(Some(part), &["modality", "tokenCount"])?;
            let known = ["\"AUDIO\"", "\"IMAGE\""].into_iter().zip(&mut found);
            for (_, sum) in known.filter(|(known, _)| kind.is_some_and(|kind| kind.text() == *known)) {
                *sum += tokens(count).unwrap_or(0);
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// The sum of those that are told.
fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.map(|one| one + other.unwrap_or(0)).or(other)
}

/// Seconds in milliseconds; 0 where they are no sensible number.
fn millis(seconds: Option<Value<'_>>) -> u64 {
    let seconds = seconds.and_then(|seconds| seconds.number()).filter(|number| (0.0..=MAX_TOKENS).contains(number));
    seconds.map_or(0, |seconds: f64| (seconds * 1000.0 + 0.5) as u64)
}

/// A sensible number of tokens.
#[inline(never)]
pub(crate) fn tokens(value: Option<Value<'_>>) -> Option<u64> {
    let number: f64 = value?.number()?;
    // Exact: whole numbers below 2^53 are whole in a float.
    let sensible = (0.0..=MAX_TOKENS).contains(&number) && number.fract() == 0.0;
    sensible.then_some(number as u64)
}
