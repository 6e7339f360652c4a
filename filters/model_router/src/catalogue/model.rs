//! One model, and which of its versions a request gets: the one that an entitled caller names, else the one for the API
//! version that it names, else the one that it falls to.

use crate::asked::Asked;
use crate::config::{self, names};
use crate::refusal;
use crate::split::{Split, WHOLE};
use crate::sticky::Sticky;
use chat::ApiError;
use plugin::{Cx, Faults, RequestHead};
use policy::{Glob, Identity};
use std::rc::Rc;

/// A model.
#[derive(Debug)]
pub(crate) struct Model {
    /// Its name.
    pub name: String,
    versions: Vec<Rc<Version>>,
    split: Split<Rc<Version>>,
    sticky: Sticky,
    r#override: Option<Override>,
    /// API versions in lower case.
    api_versions: Vec<(String, Rc<Version>)>,
}

/// A version of a model.
#[derive(Debug)]
pub(crate) struct Version {
    /// Its name.
    pub name: String,
    /// What the model is called upstream, where it is called otherwise.
    pub upstream_model: Option<String>,
}

/// Who may name the version in a header.
#[derive(Debug)]
struct Override {
    header: String,
    consumers: Vec<Glob>,
    tiers: Vec<Glob>,
}

/// A version that was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    /// Of this model.
    pub model: Rc<Model>,
    /// The version.
    pub version: Rc<Version>,
    /// Why it was chosen, as a metric's label: `override`, `api_version`, `sticky`, `random`, `degraded`.
    pub reason: &'static str,
}

/// The reason of a version that is chosen in place of another model.
const DEGRADED: &str = "degraded";

impl Chosen {
    /// What the model's name in the path and in the body becomes: the version's name upstream, or the model's where the client
    /// named another one.
    pub fn name_upstream(&self) -> Option<&str> {
        let degraded = || (self.reason == DEGRADED).then_some(self.model.name.as_str());
        self.version.upstream_model.as_deref().or_else(degraded)
    }
}

impl Model {
    /// Checks and compiles a model.
    ///
    /// # Errors
    /// All faults of the model, with keys relative to it. Its aliases are the catalogue's business.
    pub fn compile(raw: &config::Model) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let name = faults.gather("name", names::model(&raw.name));
        let versions = compile_versions(&raw.versions, &mut faults);
        let sticky = raw.sticky.as_ref().map_or_else(|| Ok(Sticky::default()), Sticky::compile);
        let sticky = faults.gather("sticky", sticky);
        let r#override = raw.r#override.as_ref().map(|raw| faults.gather("override", Override::compile(raw)));
        let api_versions = compile_api_versions(&raw.api_versions, &versions, &mut faults);
        let salt = raw.sticky.as_ref().and_then(|sticky| sticky.salt.as_deref()).unwrap_or(&raw.name);
        match (faults.into_result(), name, sticky, versions.first()) {
            (Ok(()), Some(name), Some(sticky), Some(stable)) => {
                let others = versions.iter().zip(&raw.versions).skip(1);
                let others = others.map(|(version, raw)| (raw.name.as_str(), raw.weight, version.clone()));
                let split = Split::new(salt, stable.clone(), others);
                Ok(Self { name, split, sticky, r#override: r#override.flatten(), api_versions, versions })
            }
            (result, ..) => Err(result.err().unwrap_or_default()),
        }
    }

    /// The version that serves this request.
    ///
    /// # Errors
    /// A version is named that there is not, or two are named.
    pub fn choose(self: &Rc<Self>, cx: &mut Cx<'_>, identity: &Identity, asked: &Asked) -> Result<Chosen, ApiError> {
        let head = cx.request();
        let chosen = |version: &Rc<Version>, reason| Chosen { model: self.clone(), version: version.clone(), reason };
        if let Some(version) = self.overridden(head, identity)? {
            return Ok(chosen(version, "override"));
        }
        if let Some(version) = self.explicit(head, asked)? {
            return Ok(chosen(version, "api_version"));
        }
        let (version, reason) = self.draw(cx, identity);
        Ok(chosen(version, reason))
    }

    /// The version that serves a request in place of another model. The versions that the request names are that one's.
    pub fn degraded_to(self: &Rc<Self>, cx: &mut Cx<'_>, identity: &Identity) -> Chosen {
        let (version, _) = self.draw(cx, identity);
        Chosen { model: self.clone(), version: version.clone(), reason: DEGRADED }
    }

    /// The version that a caller falls to, and why.
    fn draw(&self, cx: &mut Cx<'_>, identity: &Identity) -> (&Rc<Version>, &'static str) {
        match self.sticky.value(cx.request(), cx, identity) {
            Some(value) => (self.split.version(&value), "sticky"),
            None => (self.split.version(&cx.random().to_le_bytes()), "random"),
        }
    }

    /// Whether a version has its own name upstream.
    pub fn renames(&self) -> bool {
        self.versions.iter().any(|version| version.upstream_model.is_some())
    }

    /// The header in which callers may name a version.
    pub fn override_header(&self) -> Option<&str> {
        self.r#override.as_ref().map(|allowed| allowed.header.as_str())
    }

    /// The version that an entitled caller names.
    fn overridden(&self, head: &RequestHead, identity: &Identity) -> Result<Option<&Rc<Version>>, ApiError> {
        let Some(allowed) = self.r#override.as_ref().filter(|allowed| allowed.entitles(identity)) else {
            return Ok(None);
        };
        let named = head.headers.get_all(&allowed.header).filter(|value| !value.is_empty());
        let known = |value: &[u8]| self.versions.iter().find(|version| version.name.as_bytes() == value);
        only(named.map(|value| known(value).ok_or_else(refusal::unknown_model_version)))
    }

    /// The version for the API version that the request names. A version in a KServe path is the model's own, so it must be
    /// listed; other API versions say nothing where they are not.
    fn explicit(&self, head: &RequestHead, asked: &Asked) -> Result<Option<&Rc<Version>>, ApiError> {
        let listed = |named: &[u8]| {
            self.api_versions
                .iter()
                .find(|(api, _)| api.as_bytes().eq_ignore_ascii_case(named))
                .map(|(_, version)| version)
        };
        let in_path = asked.model_version.as_deref();
        let in_path = in_path.map(|named| listed(named.as_bytes()).ok_or_else(refusal::unknown_model_version));
        if self.api_versions.is_empty() {
            return in_path.transpose();
        }
        only(in_path.into_iter().chain(asked.api_versions(head).filter_map(|named| listed(&named)).map(Ok)))
    }
}

/// The one version that all mentions agree on.
fn only<'v>(
    mentions: impl Iterator<Item = Result<&'v Rc<Version>, ApiError>>,
) -> Result<Option<&'v Rc<Version>>, ApiError> {
    let mut found: Option<&Rc<Version>> = None;
    for mention in mentions {
        let version = mention?;
        if found.is_some_and(|found| !Rc::ptr_eq(found, version)) {
            return Err(refusal::model_version_mismatch());
        }
        found = Some(version);
    }
    Ok(found)
}

impl Override {
    fn compile(raw: &config::Override) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let header = faults.gather("header", names::owned_header(&raw.header));
        let mut globs = |key: &str, texts: &[String]| -> Vec<Glob> {
            for (at, _) in texts.iter().enumerate().filter(|(_, text)| text.is_empty()) {
                faults.push(format!("{key}[{at}]"), "is empty; say `*` for any name");
            }
            texts.iter().map(|text| Glob::new(text)).collect()
        };
        let (consumers, tiers) = (globs("consumers", &raw.consumers), globs("tiers", &raw.tiers));
        if consumers.is_empty() && tiers.is_empty() {
            faults.push("consumers", "is empty, and so is `tiers`: nobody could name a version; leave `override` out");
        }
        let header = header.unwrap_or_default();
        faults.into_result().map(|()| Self { header, consumers, tiers })
    }

    /// Whether this caller may name the version. A caller without a name matches nothing, not even `*`.
    fn entitles(&self, identity: &Identity) -> bool {
        let any = |globs: &[Glob], name: &Option<String>| {
            name.as_ref().is_some_and(|name| globs.iter().any(|glob| glob.matches(name)))
        };
        any(&self.consumers, &identity.consumer) || any(&self.tiers, &identity.tier)
    }
}

fn compile_versions(raw: &[config::Version], faults: &mut Faults) -> Vec<Rc<Version>> {
    let mut versions: Vec<Rc<Version>> = Vec::new();
    for (at, version) in raw.iter().enumerate() {
        let key = format!("versions[{at}]");
        let name = faults.gather(&format!("{key}.name"), names::version(&version.name)).unwrap_or_default();
        if versions.iter().any(|other| other.name == name && !name.is_empty()) {
            faults.push(format!("{key}.name"), "is the name of an earlier version");
        }
        if let Some(upstream) = &version.upstream_model {
            faults.gather(&format!("{key}.upstream_model"), names::upstream(upstream));
        }
        versions.push(Rc::new(Version { name, upstream_model: version.upstream_model.clone() }));
    }
    let sum: u64 = raw.iter().map(|version| u64::from(version.weight)).sum();
    if raw.is_empty() {
        faults.push("versions", "is empty; a model has at least one version, such as `{name: v1, weight: 1000000}`");
    } else if sum != u64::from(WHOLE) {
        faults.push("versions", format!("have weights of {sum} together; parts per million are exactly {WHOLE}"));
    }
    versions
}

fn compile_api_versions(
    raw: &policy::Named<String>,
    versions: &[Rc<Version>],
    faults: &mut Faults,
) -> Vec<(String, Rc<Version>)> {
    let mut listed: Vec<(String, Rc<Version>)> = Vec::new();
    for (api, name) in raw.iter() {
        let key = format!("api_versions[\"{}\"]", api.escape_debug());
        if names::text(api).is_err() {
            faults.push(key.as_str(), "is no API version");
        }
        if listed.iter().any(|(other, _)| other.eq_ignore_ascii_case(api)) {
            faults.push(key.as_str(), "is there twice; case does not count");
        }
        match versions.iter().find(|version| version.name == *name) {
            Some(version) => listed.push((api.to_ascii_lowercase(), version.clone())),
            None => faults.push(key.as_str(), "names no version of this model"),
        }
    }
    listed
}
