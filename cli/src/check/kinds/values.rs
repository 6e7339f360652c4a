//! What only the mesh configuration can say.

#![allow(missing_docs, reason = "the fields are those of the API references")]

use serde::Deserialize;

/// Values of Istio's Helm chart `istiod`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IstiodValues {
    pub mesh_config: MeshConfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MeshConfig {
    #[serde(default)]
    pub path_normalization: PathNormalization,
    pub default_config: DefaultConfig,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathNormalization {
    pub normalization: Normalization,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Normalization {
    #[default]
    Base,
    None,
    MergeSlashes,
    DecodeAndMergeSlashes,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DefaultConfig {
    pub extra_stat_tags: Vec<String>,
}
