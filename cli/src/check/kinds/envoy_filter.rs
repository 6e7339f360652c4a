//! Patches of what Istio tells Envoy.

#![allow(missing_docs, reason = "the fields are those of the API references")]

use super::{Metadata, Strings};
use serde::Deserialize;
use serde_json::Value;

/// `networking.istio.io/v1alpha3`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvoyFilter {
    pub api_version: EnvoyFilterVersion,
    pub metadata: Metadata,
    pub spec: EnvoyFilterSpec,
}

#[derive(Debug, Clone, Deserialize)]
pub enum EnvoyFilterVersion {
    #[serde(rename = "networking.istio.io/v1alpha3")]
    V1Alpha3,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvoyFilterSpec {
    #[serde(default)]
    pub workload_selector: Option<Labels>,
    #[serde(default)]
    pub priority: i32,
    pub config_patches: Vec<ConfigPatch>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    pub labels: Strings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConfigPatch {
    pub apply_to: ApplyTo,
    #[serde(rename = "match")]
    pub matches: PatchMatch,
    pub patch: Patch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApplyTo {
    Listener,
    NetworkFilter,
    HttpFilter,
    ExtensionConfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PatchMatch {
    pub context: PatchContext,
    #[serde(default)]
    pub listener: Option<ListenerMatch>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PatchContext {
    Gateway,
    SidecarInbound,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ListenerMatch {
    pub filter_chain: FilterChainMatch,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterChainMatch {
    pub filter: FilterMatch,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FilterMatch {
    pub name: String,
    #[serde(default)]
    pub sub_filter: Option<SubFilter>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubFilter {
    pub name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    pub operation: Operation,
    #[serde(default)]
    pub value: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    Merge,
    Add,
    InsertBefore,
    InsertFirst,
}
