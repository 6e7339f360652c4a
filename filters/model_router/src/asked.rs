//! What a request asks for: the models that its path, its headers and its body name, and whether they agree. Nothing here
//! knows which models exist.

mod form;

use crate::config::Source;
use chat::{Api, ApiError, Endpoint, Family, Request};
use plugin::RequestHead;

/// What a request asks for, as far as it was seen.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The API.
    pub api: Api,
    /// The shape of its errors.
    pub family: Family,
    /// The model's version in the path.
    pub model_version: Option<String>,
    /// The API's version in the path, else in the query.
    pub api_version: Option<String>,
    /// The models that are named, and where.
    names: Vec<(Source, String)>,
    /// The body names the path's model once more as a resource of Google's: `models/{model}`.
    pub is_resource: bool,
    /// The body is JSON whose rows may name the path's model once more, as those of Gemini's `batchEmbedContents` do.
    pub has_rows: bool,
    /// The call may name a model where it is not read: in a form, or in gRPC messages, which are a stream and never held.
    pub is_hidden: bool,
}

impl Asked {
    /// What the head says. `model_header` is the header in which clients may name the model.
    ///
    /// In a header that is no text, U+FFFD stands for what is none.
    pub fn of_head(head: &RequestHead, model_header: &str) -> Self {
        let Endpoint { api, family, model, model_version, api_version, .. } = head.endpoint();
        // A query is a part of the path for a call that has its model there alone.
        let is_in_query = model.is_none() && chat::is_named_in_query(head.path());
        let in_query = is_in_query.then(|| chat::models_in_query(head.path())).into_iter().flatten();
        let in_path = model.into_iter().chain(in_query).map(|model| (Source::Path, model.into_owned()));
        let in_headers = head.headers.get_all(model_header).filter(|value| !value.is_empty());
        let in_headers = in_headers.map(|value| (Source::Header, String::from_utf8_lossy(value).into_owned()));
        let names = in_path.chain(in_headers).collect();
        let is_hidden = api == Api::Other && is_grpc(head);
        let [model_version, api_version] = [model_version, api_version].map(|version| version.map(|v| v.into_owned()));
        Self { api, family, model_version, api_version, names, is_resource: false, has_rows: false, is_hidden }
    }

    /// Adds what the body says.
    ///
    /// The body of a model API is JSON whatever its `content-type` says: servers differ in how much they care. A body of
    /// another call is read as JSON if it starts like an object; otherwise it can name a model in a form alone.
    ///
    /// # Errors
    /// A body that two readers could understand differently.
    pub fn see_body(&mut self, head: &RequestHead, body: &[u8]) -> Result<(), ApiError> {
        if self.api == Api::Other && !starts_like_object(body) {
            self.is_hidden = form::names_model(head.headers.get("content-type").unwrap_or_default(), body);
            return Ok(());
        }
        // The router judges the model alone: as another call, the body may hold whatever else it likes.
        let request = Request::parse(Api::Other, body)?;
        // Azure's clients name the deployment in the path, and leave an empty `model` in the body; Gemini's name it again, behind
        // `models/` (`embedContent`). Beside a header it is a name like others: what an upstream makes of it is not what the
        // header says.
        let in_path = self.path_model();
        let model = request.model.as_deref();
        let is_resource = in_path.is_some() && model.and_then(|name| name.strip_prefix("models/")) == in_path;
        let repeats = is_resource || (in_path.is_some() && model == Some(""));
        let has_rows = self.api == Api::Other && in_path.is_some();
        (self.is_resource, self.has_rows) = (is_resource, has_rows);
        let named = request.model.filter(|_| !repeats);
        self.names.extend(named.map(|model| (Source::Body, model.into_owned())));
        Ok(())
    }

    /// Whether the model is in the body, by this API's rules.
    pub fn is_in_body(&self) -> bool {
        self.api.generates() || self.api == Api::Embeddings
    }

    /// Whether the body could name a model that can be read.
    pub fn may_be_in_body(&self) -> bool {
        self.is_in_body() || (self.api == Api::Other && !self.is_hidden)
    }

    /// Whether the call is one to a model, by its path.
    pub fn calls_model(&self) -> bool {
        !matches!(self.api, Api::Other | Api::Models)
    }

    /// The model of the first source that names one.
    pub fn model(&self, sources: &[Source]) -> Option<&str> {
        let named = |source: &Source| self.names.iter().find(|(place, _)| place == source);
        sources.iter().find_map(named).map(|(_, name)| name.as_str())
    }

    /// The model in the path.
    pub fn path_model(&self) -> Option<&str> {
        self.model(&[Source::Path])
    }

    /// The model in the body.
    pub fn body_model(&self) -> Option<&str> {
        self.model(&[Source::Body])
    }

    /// Whether all places name one model, where `same` says whether two names are of one.
    pub fn agrees(&self, same: impl Fn(&str, &str) -> bool) -> bool {
        let Some(((_, first), rest)) = self.names.split_first() else { return true };
        rest.iter().all(|(_, name)| name == first || same(first, name))
    }

    /// The versions of the API that the request names: by header, query and path.
    pub fn api_versions<'a>(&'a self, head: &'a RequestHead) -> impl Iterator<Item = Vec<u8>> + 'a {
        let path = head.path();
        let query = path.find(['?', '#']).and_then(|at| path.get(at..)).unwrap_or_default();
        // A path that is a query alone has no version but that.
        let in_query = chat::endpoint("GET", query).api_version.map(|version| version.into_owned().into_bytes());
        let in_path = self.api_version.as_ref().map(|version| version.clone().into_bytes());
        head.headers.get_all("api-version").map(<[u8]>::to_vec).chain(in_query).chain(in_path)
    }
}

fn is_grpc(head: &RequestHead) -> bool {
    let kind = head.headers.get("content-type").unwrap_or_default();
    kind.get(..16).is_some_and(|start| start.eq_ignore_ascii_case(b"application/grpc"))
}

/// Whether some JSON reader could take these bytes for an object: an opening brace, byte order marks, space and the zero
/// bytes of UTF-16 and UTF-32 aside.
fn starts_like_object(body: &[u8]) -> bool {
    let aside = [0, b' ', b'\t', b'\r', b'\n', 0x0b, 0x0c, 0xef, 0xbb, 0xbf, 0xfe, 0xff];
    body.iter().find(|byte| !aside.contains(byte)) == Some(&b'{')
}
