//! Every model that a request names: in `model`, and in the places that routers and servers read beside it. Not a judgement:
//! whoever limits models has to allow each of them.

use std::borrow::Cow;

use crate::json::Value;
use crate::path;
use crate::{BodyError, BodyFault};

/// The members that name models, in the order of [`NamedModels::read`]'s pattern.
const NAMES: [&str; 12] = [
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
];

/// How many of them may be a name, and not only an object that holds one.
const PLAIN: usize = 7;

/// Where a session names the model that writes down what it hears.
const HEARD: &str = "input_audio_transcription";

/// The parameters of a query that name a model: OpenAI's Realtime and LiteLLM's files, Azure's Realtime, ElevenLabs.
const PARAMETERS: [&str; 3] = ["model", "deployment", "model_id"];

/// How deep lists of models nest: `[{"a": ["b"]}]`.
const MAX_NESTED: u8 = 4;

/// The models that a body names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedModels<'a> {
    /// The top-level `model`.
    pub model: Option<Cow<'a, str>>,
    /// All others.
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

    /// Adds what these members name but for the `model`, which it gives back. Batches lie in bodies alone.
    fn read(
        &mut self,
        found: [Option<Value<'a>>; NAMES.len()],
        is_body: bool,
    ) -> Result<Option<Cow<'a, str>>, BodyError> {
        let [model, id, snake_id, models, fallbacks @ .., options, session, heard, tools, requests] = found;
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
        for tool in elements(tools)? {
            self.add("tools", member(Some(tool), "model")?)?;
        }
        let requests = if is_body { elements(requests)? } else { Vec::new() };
        let mut all_name_one = !requests.is_empty();
        for request in requests {
            let params = member(Some(request), "params")?.unwrap_or(request);
            all_name_one &= params.is_object() && self.add_request(params)?;
        }
        self.without_model |= all_name_one;
        Ok(model)
    }

    /// Adds what the body of a batch's request names. Whether that has a `model`.
    pub(crate) fn add_request(&mut self, body: Value<'a>) -> Result<bool, BodyError> {
        let model = self.read(body.members(&NAMES)?, false)?;
        let names_one = model.is_some();
        self.others.extend(model);
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
        let before = self.others.len();
        if let Some(place) = place {
            self.add_nested(place, MAX_NESTED).map_err(|error| error.of(name))?;
        }
        Ok(self.others.len() > before)
    }

    /// Adds a name, the names of a list, or those of an object: LiteLLM's `{"first": ["second", "third"]}`, and its
    /// `{"model": "second", …}` with whatever else that call is to have. A list of texts beside `model` counts as models too, since
    /// LiteLLM looks at the first name of an object before it looks for `model`.
    fn add_nested(&mut self, place: Value<'a>, depth: u8) -> Result<(), BodyError> {
        let wrong = || place.refuse("a model, or a list of models");
        let deeper = depth.checked_sub(1).ok_or_else(wrong)?;
        if place.is_string() {
            self.others.push(place.string()?);
        } else if place.is_array() {
            for element in elements(Some(place))? {
                self.add_nested(element, deeper)?;
            }
        } else if place.is_object() {
            match member(Some(place), "model")? {
                Some(model) => {
                    self.add_nested(model, deeper)?;
                    for column in place.columns().filter(|column| column.is_array()) {
                        let texts = elements(Some(column))?;
                        if texts.iter().all(|text| text.is_string()) {
                            self.add_nested(column, deeper)?;
                        }
                    }
                }
                None => {
                    for column in place.columns() {
                        self.add_nested(column, deeper)?;
                    }
                }
            }
        } else if !place.is_null() {
            return Err(wrong());
        }
        Ok(())
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

/// The elements of what may be an array.
fn elements(value: Option<Value<'_>>) -> Result<Vec<Value<'_>>, BodyError> {
    let mut found = Vec::new();
    if let Some(array) = value.filter(|value| value.is_array()) {
        array.elements(|_, element| {
            found.push(element);
            Ok(())
        })?;
    }
    Ok(found)
}
