//! A module attached by Istio.

#![allow(missing_docs, reason = "the fields are those of the API references")]

use super::{Metadata, Strings};
use serde::Deserialize;
use serde_json::Value;

/// `extensions.istio.io/v1alpha1`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WasmPlugin {
    pub api_version: WasmPluginVersion,
    pub metadata: Metadata,
    pub spec: WasmPluginSpec,
}

#[derive(Debug, Clone, Deserialize)]
pub enum WasmPluginVersion {
    #[serde(rename = "extensions.istio.io/v1alpha1")]
    V1Alpha1,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WasmPluginSpec {
    #[serde(default)]
    pub selector: Selector,
    pub url: String,
    #[serde(default)]
    pub sha256: String,
    #[serde(default)]
    pub image_pull_policy: String,
    #[serde(default)]
    pub image_pull_secret: String,
    pub plugin_name: String,
    #[serde(default)]
    pub plugin_config: Value,
    #[serde(default)]
    pub phase: Phase,
    #[serde(default)]
    pub priority: i32,
    #[serde(default)]
    pub fail_strategy: FailStrategy,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Selector {
    pub match_labels: Strings,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    #[default]
    #[serde(rename = "UNSPECIFIED_PHASE")]
    Unspecified,
    Authn,
    Authz,
    Stats,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub enum FailStrategy {
    #[default]
    #[serde(rename = "FAIL_CLOSE")]
    Close,
    #[serde(rename = "FAIL_OPEN")]
    Open,
    #[serde(rename = "FAIL_RELOAD")]
    Reload,
}
