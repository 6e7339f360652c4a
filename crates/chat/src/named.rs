//! Every model that a request names: in `model`, and in the places that routers and servers read beside it. Not a judgement:
//! whoever limits models has to allow each of them.

use std::borrow::Cow;

use crate::json::Value;
use crate::path;
use crate::{BodyError, BodyFault};

/// The members that name models, in the order of [`NamedModels::read`]'s pattern.
const NAMES: [&str; 13] = [
    "model",
    // Bedrock's asynchronous calls and its jobs.
    "modelId",
    // watsonx.
    "model_id",
    // OpenRouter's, in the order in which they are tried.
    "models",
    // LiteLLM's.
    "fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    // `{"gateway": {"models": […]}}`, as Vercel's gateway has it.
    "providerOptions",
    // What a client secret of OpenAI's Realtime is for, and what it is to write down with.
    "session",
    "input_audio_transcription",
    // Tools that ask a model of their own: OpenAI's that makes images, Anthropic's that advises.
    "tools",
    // Anthropic's batches.
    "requests",
    // What LiteLLM writes over the rest of the body before it goes on.
    "extra_body",
];

/// How many of them may be a name, and not only an object that holds one.
const PLAIN: usize = 7;

/// Where a session names the model that writes down what it hears.
const HEARD: &str = "input_audio_transcription";

/// The parameters of a query that name a model: OpenAI's Realtime and LiteLLM's files, Azure's Realtime, ElevenLabs.
const PARAMETERS: [&str; 3] = ["model", "deployment", "model_id"];

/// How deep lists of models nest: `[{"a": ["b"]}]`.
const MAX_NESTED: u8 = 4;

/// How many models a call names at most: the requests of Anthropic's largest batch. Who judges more holds up all others.
const MAX_MODELS: usize = 100_000;

/// The models that a body names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedModels<'a> {
    /// The top-level `model`.
    pub model: Option<Cow<'a, str>>,
    /// All others; one that comes several times in a row is there once.
    pub others: Vec<Cow<'a, str>>,
    /// Some of the others are asked in place of `model`, not only after it or beside it.
    pub without_model: bool,
}

impl<'a> NamedModels<'a> {
    /// Reads `body`, whatever its API. Members that name no model may hold anything.
    ///
    /// # Errors
    ///
    /// Where two readers could disagree, or nobody can judge: bytes that are not UTF-8, no JSON object, data after it, nesting
    /// beyond [`MAX_DEPTH`](crate::MAX_DEPTH), a member that names models twice or in another case, a `model` that is neither a
    /// string nor `null`, other such members that are neither names nor lists of them.
    pub fn parse(body: &'a [u8]) -> Result<Self, BodyError> {
        let whole = Value::whole(body)?;
        let found = whole.members(&NAMES)?;
        whole.check_depth()?;
        let mut named = Self::default();
        named.model = named.read(found, true)?;
        Ok(named)
    }

    /// Adds what these members name but for the `model`, which it gives back. Batches and what is written over them lie in bodies
    /// alone.
    fn read(
        &mut self,
        found: [Option<Value<'a>>; NAMES.len()],
        is_body: bool,
    ) -> Result<Option<Cow<'a, str>>, BodyError> {
        let [model, id, snake_id, models, fallbacks @ .., options, session, heard, tools, requests, extra] = found;
        let model = model.filter(|value| !value.is_null());
        let model = model.map(|value| value.string().map_err(|error| error.of("model"))).transpose()?;
        let in_session = member(session, "model")?;
        let in_audio = member(member(member(session, "audio")?, "input")?, "transcription")?;
        let in_audio = in_audio.or(member(session, HEARD)?);
        for (name, place) in [
            ("modelId", id),
            ("model_id", snake_id),
            ("models", models),
            ("session", in_session),
            ("session", member(in_audio, "model")?),
            (HEARD, member(heard, "model")?),
        ] {
            self.without_model |= self.add(name, place)?;
        }
        for (name, place) in NAMES.iter().skip(4).zip(fallbacks) {
            self.add(name, place)?;
        }
        self.add("providerOptions", member(member(options, "gateway")?, "models")?)?;
        each(tools, &mut |tool| self.add("tools", member(Some(tool), "model")?).map(drop))?;
        let (mut any, mut all_name_one) = (false, true);
        each(requests.filter(|_| is_body), &mut |request| {
            let params = member(Some(request), "params")?.unwrap_or(request);
            all_name_one &= params.is_object() && self.add_request(params)?;
            any = true;
            Ok(())
        })?;
        self.without_model |= any && all_name_one;
        if let Some(extra) = extra.filter(|extra| is_body && extra.is_object()) {
            self.add_request(extra)?;
        }
        Ok(model)
    }

    /// Adds what the body of a batch's request names. Whether that has a `model`.
    pub(crate) fn add_request(&mut self, body: Value<'a>) -> Result<bool, BodyError> {
        let model = self.read(body.members(&NAMES)?, false)?;
        let names_one = model.is_some();
        if let Some(model) = model {
            self.push(model, body).map_err(|error| error.of("model"))?;
        }
        Ok(names_one)
    }

    /// The member of this name that names models, in whatever case.
    pub(crate) fn known(name: &[u8]) -> Option<&'static str> {
        NAMES.into_iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name))
    }

    /// Adds what a field of a form names, where it is one of [`NamedModels::known`]: a model's name, or the JSON of that member.
    pub(crate) fn add_text(&mut self, name: &'static str, text: &str) -> Result<(), BodyError> {
        let place = NAMES.iter().position(|known| *known == name).unwrap_or_default();
        if text.trim_start().starts_with(['{', '[']) {
            let json = format!("{{\"{name}\":{text}}}");
            let inner = NamedModels::parse(json.as_bytes())?;
            self.without_model |= inner.without_model;
            self.others.extend(inner.others.into_iter().chain(inner.model).map(|model| Cow::Owned(model.into_owned())));
        } else if place == 0 {
            if self.model.replace(Cow::Owned(text.to_owned())).is_some() {
                return Err(BodyError::at(0, BodyFault::Duplicate).of(name));
            }
        } else if place < PLAIN && !text.trim().is_empty() {
            self.without_model |= place <= 3;
            self.others.push(Cow::Owned(text.to_owned()));
        }
        Ok(())
    }

    /// Adds the models of the member `name`. Whether there are any.
    fn add(&mut self, name: &'static str, place: Option<Value<'a>>) -> Result<bool, BodyError> {
        match place {
            Some(place) => self.add_nested(place, MAX_NESTED).map_err(|error| error.of(name)),
            None => Ok(false),
        }
    }

    /// Adds a model that is named at `place`.
    fn push(&mut self, model: Cow<'a, str>, place: Value<'a>) -> Result<(), BodyError> {
        if self.others.last() != Some(&model) {
            if self.others.len() >= MAX_MODELS {
                return Err(place.refuse("one of 100,000 models at most"));
            }
            self.others.push(model);
        }
        Ok(())
    }

    /// Adds a name, the names of a list, or those of an object: LiteLLM's `{"first": ["second", "third"]}`, and its
    /// `{"model": "second", …}` with whatever else that call is to have. A list of texts beside `model` counts as models too, since
    /// LiteLLM looks at the first name of an object before it looks for `model`. Whether there are any.
    fn add_nested(&mut self, place: Value<'a>, depth: u8) -> Result<bool, BodyError> {
        let wrong = || place.refuse("a model, or a list of models");
        let deeper = depth.checked_sub(1).ok_or_else(wrong)?;
        let mut any = place.is_string();
        if any {
            self.push(place.string()?, place)?;
        } else if place.is_array() {
            each(Some(place), &mut |element| {
                any |= self.add_nested(element, deeper)?;
                Ok(())
            })?;
        } else if place.is_object() {
            let model = member(Some(place), "model")?;
            if let Some(model) = model {
                any = self.add_nested(model, deeper)?;
            }
            for column in place.columns() {
                if model.is_none() || is_texts(column)? {
                    any |= self.add_nested(column, deeper)?;
                }
            }
        } else if !place.is_null() {
            return Err(wrong());
        }
        Ok(any)
    }
}

/// The models that the query of `path` names. A parameter counts in every case, and behind `;` as well, because some servers
/// read it so.
pub fn models_in_query(path: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let query = path.split('#').next().and_then(|path| path.split_once('?')).map_or("", |(_, query)| query);
    path::pairs(query).filter_map(|(name, value)| {
        let names_one = is_parameter(name) && !value.is_empty();
        names_one.then(|| path::decode(value))
    })
}

/// Whether calls of `path` name their model in its query: OpenAI's and Azure's `…/realtime` and what is below it.
pub fn is_named_in_query(path: &str) -> bool {
    let tails: [&[&str]; 2] = [&["realtime"], &["realtime", "calls"]];
    tails.iter().any(|tail| crate::path_ends(path, tail))
}

/// The `path` with this text, percent-encoded already, for each model that its query names. All else of it stays.
pub fn with_model_in_query(path: &str, model: &str) -> String {
    let Some((front, query)) = path.split_once('?') else { return path.to_owned() };
    let (query, fragment) = query.split_at_checked(query.find('#').unwrap_or(query.len())).unwrap_or((query, ""));
    let renamed = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if is_parameter(name) && !value.is_empty() => format!("{name}={model}"),
        _ => pair.to_owned(),
    };
    let pairs: Vec<String> = query.split('&').map(renamed).collect();
    format!("{front}?{}{fragment}", pairs.join("&"))
}

fn is_parameter(name: &str) -> bool {
    let name = path::decode(name);
    PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The member `name` of what may be an object, unless it is `null`.
fn member<'a>(value: Option<Value<'a>>, name: &'static str) -> Result<Option<Value<'a>>, BodyError> {
    let Some(object) = value.filter(|value| value.is_object()) else { return Ok(None) };
    let [member] = object.members(&[name])?;
    Ok(member.filter(|member| !member.is_null()))
}

/// Shows the elements of what may be an array.
fn each<'a>(
    value: Option<Value<'a>>,
    visit: &mut dyn FnMut(Value<'a>) -> Result<(), BodyError>,
) -> Result<(), BodyError> {
    match value.filter(|value| value.is_array()) {
        Some(array) => array.elements(|_, element| visit(element)),
        None => Ok(()),
    }
}

/// Whether it is an array of texts alone.
fn is_texts(value: Value<'_>) -> Result<bool, BodyError> {
    let mut all = value.is_array();
    each(Some(value), &mut |element| {
        all &= element.is_string();
        Ok(())
    })?;
    Ok(all)
}
