//! The kinds of manifest that the repository ships: those that hold filters whole, the others as far as it uses them. A key
//! that is not named here is a mistake, or belongs here. After the API references of Istio 1.28, and 1.29 for `WAYPOINT`; what a key
//! means is said there.

#![allow(missing_docs, reason = "the fields are those of the API references")]

mod envoy_filter;
mod routing;
mod values;
mod wasm_plugin;

pub use envoy_filter::{
    ApplyTo, ConfigPatch, EnvoyFilter, EnvoyFilterSpec, Operation, Patch, PatchContext, PatchMatch,
};
pub use routing::{DestinationRule, Gateway, VirtualService};
pub use values::{IstiodValues, MeshConfig, Normalization};
pub use wasm_plugin::{WasmPlugin, WasmPluginSpec};

use serde::Deserialize;
use std::collections::BTreeMap;

/// Labels, annotations and their selectors.
pub type Strings = BTreeMap<String, String>;

/// A manifest of one of the kinds.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind")]
pub enum Manifest {
    WasmPlugin(Box<WasmPlugin>),
    EnvoyFilter(EnvoyFilter),
    VirtualService(VirtualService),
    DestinationRule(DestinationRule),
    Gateway(Gateway),
}

/// What a policy is for, where no labels select it: `type.istio.io/v1beta1`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetRef {
    #[serde(default)]
    pub group: String,
    pub kind: String,
    pub name: String,
    #[serde(default)]
    pub namespace: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    pub name: String,
    #[serde(default)]
    pub namespace: String,
    #[serde(default)]
    pub labels: Strings,
    #[serde(default)]
    pub annotations: Strings,
}
