//! A module attached by Istio.

#![allow(missing_docs, reason = "the fields are those of the API references")]

use super::{Metadata, Strings, TargetRef};
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
    #[serde(default)]
    pub target_ref: Option<TargetRef>,
    #[serde(default)]
    pub target_refs: Vec<TargetRef>,
    pub url: String,
    #[serde(default)]
    pub sha256: String,
    #[serde(default)]
    pub image_pull_policy: PullPolicy,
    #[serde(default)]
    pub image_pull_secret: String,
    #[serde(default)]
    pub verification_key: String,
    #[serde(default)]
    pub plugin_name: String,
    #[serde(default)]
    pub plugin_config: Value,
    #[serde(default)]
    pub phase: Phase,
    #[serde(default)]
    pub priority: i32,
    #[serde(default)]
    pub fail_strategy: FailStrategy,
    #[serde(default)]
    pub vm_config: VmConfig,
    #[serde(default, rename = "match")]
    pub matches: Vec<TrafficSelector>,
    #[serde(default, rename = "type")]
    pub kind: PluginType,
}

impl WasmPluginSpec {
    /// The module's name: `pluginName`, else that of the image or file in `url`.
    pub fn module(&self) -> &str {
        if !self.plugin_name.is_empty() {
            return &self.plugin_name;
        }
        let last = self.url.rsplit('/').next().unwrap_or_default();
        let last = last.split(['@', ':']).next().unwrap_or_default();
        last.strip_suffix(".wasm").unwrap_or(last)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Selector {
    pub match_labels: Strings,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub enum PullPolicy {
    #[default]
    #[serde(rename = "UNSPECIFIED_POLICY")]
    Unspecified,
    IfNotPresent,
    Always,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VmConfig {
    #[serde(default)]
    pub env: Vec<EnvVar>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnvVar {
    pub name: String,
    #[serde(default)]
    pub value: String,
    #[serde(default)]
    pub value_from: EnvValueSource,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EnvValueSource {
    #[default]
    Inline,
    Host,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficSelector {
    #[serde(default)]
    pub mode: WorkloadMode,
    #[serde(default)]
    pub ports: Vec<PortSelector>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkloadMode {
    #[default]
    Undefined,
    Client,
    Server,
    ClientAndServer,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortSelector {
    pub number: u16,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PluginType {
    #[default]
    #[serde(rename = "UNSPECIFIED_PLUGIN_TYPE")]
    Unspecified,
    Http,
    Network,
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
