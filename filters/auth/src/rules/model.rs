//! Which model a call asks for, and whether it may be used. All that a call names is judged: path, header and body must
//! agree, models in other places (those to fall back to, a query's) must be allowed as well, and a name must be plain enough that no
//! server reads it as another.

use crate::caller::Models;
use crate::config::policy::Modelless;
use crate::rules::refusal::{Lacks, Refusal, scope_text};
use chat::{Api, NamedModels};
use plugin::RequestHead;
use std::rc::Rc;

/// What is asked of the model of one call.
#[derive(Debug, Clone)]
pub struct Judge {
    /// Every list that must allow it: the policy's and the caller's.
    pub lists: Vec<Rc<Models>>,
    /// What becomes of a call whose model cannot be read.
    pub modelless: Modelless,
    /// The header in which clients may name it too.
    pub header: Option<String>,
}

/// What the head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Everything: there is nothing to see in a body.
    Judged,
    /// The body may name a model.
    NeedsBody,
}

/// Headers that choose a model, or what stands for one behind the path's endpoint: SageMaker's of `InvokeEndpoint`, Azure Machine
/// Learning's, and LiteLLM's of files and batches.
const CHOOSING: [&str; 6] = [
    "azureml-model-deployment",
    "x-amzn-sagemaker-inference-component",
    "x-amzn-sagemaker-target-container-hostname",
    "x-amzn-sagemaker-target-model",
    "x-amzn-sagemaker-target-variant",
    "x-litellm-model",
];

impl Judge {
    /// Judges what the head names.
    ///
    /// # Errors
    /// A model that may not be used, or is named in two ways.
    pub fn head(&self, head: &RequestHead) -> Result<Head, Refusal> {
        let endpoint = head.endpoint();
        for name in self.named(head, endpoint.model.as_deref())? {
            self.allow(&name)?;
        }
        if let Some(name) = &endpoint.model {
            self.allow_in_path(name)?;
        }
        for name in chat::models_in_query(head.path()) {
            // A space to some (URL standard, section 5.1).
            if name.contains('+') {
                return Err(odd_name());
            }
            self.allow(&name)?;
            self.allow_in_path(&name)?;
        }
        for (name, value) in head.headers.iter() {
            if CHOOSING.iter().any(|known| known.as_bytes() == name) && !value.is_empty() {
                self.allow(std::str::from_utf8(value).map_err(|_| odd_name())?)?;
            }
        }
        let in_path = matches!(endpoint.api, Api::InferV2 | Api::PredictV1 | Api::Models);
        let bodiless = head.complete && !head.is_upgrade();
        let generates = endpoint.api.generates() || endpoint.api == Api::Embeddings;
        Ok(if in_path || (bodiless && !generates) { Head::Judged } else { Head::NeedsBody })
    }

    /// Judges an upgrade that is to pass: what is said on it later is not read, so it has to name its model before. A query does
    /// where servers go by it (OpenAI's Realtime), and not where each message names a model (its Responses).
    ///
    /// # Errors
    /// No model that counts for all of it.
    pub fn upgrade(&self, head: &RequestHead) -> Result<(), Refusal> {
        let endpoint = chat::endpoint("POST", head.path());
        let in_query = !endpoint.api.generates() && chat::models_in_query(head.path()).next().is_some();
        if endpoint.model.is_some() || in_query { Ok(()) } else { self.modelless(unreadable()) }
    }

    /// Judges what the body names.
    ///
    /// # Errors
    /// A model that may not be used, is named in two ways, or cannot be read.
    pub fn body(&self, head: &RequestHead, body: &[u8]) -> Result<(), Refusal> {
        let endpoint = head.endpoint();
        let generates = endpoint.api.generates() || endpoint.api == Api::Embeddings;
        let named = self.named(head, endpoint.model.as_deref())?;
        if !generates && body.is_empty() {
            return Ok(());
        }
        let form = NamedModels::of_form(head.headers.get("content-type").unwrap_or_default(), body);
        // The body may hold whatever else it likes: the model alone is judged here.
        let request = if generates || starts_like_object(body) {
            let mut request = NamedModels::parse(body).map_err(|error| Refusal::body(error.into()))?;
            // `curl -d` calls all that it sends a form, and so it may be read by a server that goes by that.
            if let Some(Ok(form)) = form {
                request.others.extend(form.others.into_iter().chain(form.model));
            }
            request
        } else if let Some(form) = form {
            form.map_err(|error| Refusal::body(error.into()))?
        } else if endpoint.model.is_some() {
            return Ok(());
        } else {
            return self.modelless(unreadable());
        };
        let is_in_path = endpoint.model.is_some();
        for model in &request.others {
            self.allow(bare(model, is_in_path))?;
        }
        match request.model {
            // Azure's clients name the deployment in the path, and leave an empty `model` in the body.
            Some(model) if model.is_empty() && is_in_path => Ok(()),
            Some(model) => {
                let model = bare(&model, is_in_path);
                if named.iter().any(|name| name != model) { Err(mismatch()) } else { self.allow(model) }
            }
            None if !named.is_empty() => Ok(()),
            None if generates => Err(Refusal::model("model_required", "this call names no model")),
            None if request.without_model || chat::models_in_query(head.path()).next().is_some() => Ok(()),
            None => self.modelless(Refusal::model("model_required", "this call names no model, and yours are limited")),
        }
    }

    /// The names in path and header.
    fn named(&self, head: &RequestHead, in_path: Option<&str>) -> Result<Vec<String>, Refusal> {
        let mut names: Vec<String> = in_path.map(str::to_owned).into_iter().collect();
        for value in self.header.iter().flat_map(|name| head.headers.get_all(name)) {
            let text = std::str::from_utf8(value).map_err(|_| odd_name())?;
            // What a proxy makes of two fields (RFC 9110 section 5.3).
            if text.contains(',') {
                return Err(mismatch());
            }
            names.extend((!text.is_empty()).then(|| text.to_owned()));
        }
        match names.split_first() {
            Some((first, rest)) if rest.iter().any(|name| name != first) => Err(mismatch()),
            _ => Ok(names),
        }
    }

    fn allow(&self, model: &str) -> Result<(), Refusal> {
        // Look-alikes, spaces and control characters: what this list takes for another model, a server may take for ours.
        if model.is_empty() || model.len() > 256 || !model.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(odd_name());
        }
        // LiteLLM asks all models of `a,b`, and two fields of a header are joined so.
        match model.split(',').find(|name| !self.lists.iter().all(|list| list.permissions.allows(name))) {
            None => Ok(()),
            Some(name) => Err(lacks(name)),
        }
    }

    /// A name in a path is read by servers in more ways than one: with its escapes undone once more, with dots and parameters
    /// taken out, or up to what they take for a verb. What could be read so is refused; what is denied is, however it goes on.
    fn allow_in_path(&self, model: &str) -> Result<(), Refusal> {
        let bytes = model.as_bytes();
        let is_odd = |part: &[u8]| matches!(part, b"" | b"." | b"..");
        if bytes.iter().any(|sign| matches!(sign, b'\\' | b';' | b'?' | b'#' | b'%'))
            || bytes.split(|sign| *sign == b'/').any(is_odd)
        {
            return Err(odd_name());
        }
        for (at, sign) in bytes.iter().enumerate() {
            let goes_on = match sign {
                b':' => true,
                b'/' => bytes.get(at + 1..).is_some_and(is_asked),
                _ => false,
            };
            let name = model.get(..at).filter(|_| goes_on).unwrap_or_default();
            if !name.is_empty() && self.lists.iter().any(|list| list.permissions.denies(name)) {
                return Err(lacks(name));
            }
        }
        Ok(())
    }

    fn modelless(&self, refusal: Refusal) -> Result<(), Refusal> {
        if self.modelless == Modelless::Pass { Ok(()) } else { Err(refusal) }
    }
}

/// The model of this call is where nothing here reads it.
pub fn unreadable() -> Refusal {
    Refusal::model("model_not_readable", "this call names its model where this gateway cannot read it")
}

/// Whether a part of a path asks something of the model before it (TensorFlow Serving, Open Inference Protocol, Triton's
/// extensions).
fn is_asked(part: &[u8]) -> bool {
    let known: [&[u8]; 14] = [
        b"config",
        b"generate",
        b"generate_stream",
        b"infer",
        b"labels",
        b"load",
        b"logging",
        b"metadata",
        b"operations",
        b"ready",
        b"stats",
        b"trace",
        b"unload",
        b"versions",
    ];
    let end = part.iter().position(|sign| matches!(sign, b'/' | b':')).unwrap_or(part.len());
    part.get(..end).is_some_and(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Gemini's clients name the model in the path and in the body, there behind `models/` (`embedContent`).
fn bare(model: &str, is_in_path: bool) -> &str {
    if is_in_path { model.strip_prefix("models/").unwrap_or(model) } else { model }
}

fn lacks(model: &str) -> Refusal {
    Refusal::lacks(Lacks::Model, Some(format!("models:{}", scope_text(std::iter::once(model)))))
}

fn mismatch() -> Refusal {
    Refusal::model("model_mismatch", "the body, the path and the headers of this call name different models")
}

fn odd_name() -> Refusal {
    Refusal::model("invalid_value", "a model's name here is 1 to 256 printable ASCII characters without spaces")
}

/// Whether some JSON reader could take these bytes for an object: an opening brace, byte order marks, space and the zero
/// bytes of UTF-16 and UTF-32 aside.
fn starts_like_object(body: &[u8]) -> bool {
    let aside = [0, b' ', b'\t', b'\r', b'\n', 0x0b, 0x0c, 0xef, 0xbb, 0xbf, 0xfe, 0xff];
    body.iter().find(|byte| !aside.contains(byte)) == Some(&b'{')
}
