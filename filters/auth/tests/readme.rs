//! The README: its reference is made from the types, its example is loaded, its table of answers is whole.
//! `UPDATE=1 cargo test -p modelgate-auth --test readme` writes the reference anew.

#![allow(clippy::unwrap_used, clippy::panic)]

use plugin::Plugin;
use std::path::{Path, PathBuf};
use testkit::readme::{Reference, hold_reference, yaml_blocks};

/// The types of the configuration and the path at which each stands.
const TYPES: [(&str, &str); 24] = [
    ("Config", ""),
    ("TokenSources", "tokens."),
    ("HeaderSource", "tokens.headers[]."),
    ("Provider", "providers.<name>."),
    ("Keys", "….keys."),
    ("Remote", "….keys.remote."),
    ("ClaimMap", "….identity."),
    ("ClaimHeader", "….identity.headers[]."),
    ("ApiKeys", "api_keys."),
    ("ApiKey", "api_keys.keys[]."),
    ("Introspection", "introspection."),
    ("Dependency", "introspection.service."),
    ("Mtls", "mtls."),
    ("CertificateCaller", "mtls.callers[]."),
    ("IdentityHeaders", "headers."),
    ("Cache", "cache."),
    ("Policy", "policies.<name>."),
    ("Anonymous", "….anonymous."),
    ("Require", "….require."),
    ("ClaimRule", "….require.claims[]."),
    ("Sources", "….sources."),
    ("RawRule", "rules[]."),
    ("RouteMetadata", "route_metadata."),
    ("Bodies", "bodies."),
];

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_reference_is_that_of_the_types() {
    let parts = ["tokens", "provider", "claims", "api_keys", "introspection", "mtls", "policy"];
    let mut files: Vec<PathBuf> = parts.iter().map(|part| folder().join(format!("src/config/{part}.rs"))).collect();
    files.insert(0, folder().join("src/config.rs"));
    let shared = ["crates/plugin/src/settings.rs", "crates/policy/src/raw.rs"];
    files.extend(shared.map(|file| testkit::repository().join(file)));
    hold_reference(&folder().join("README.md"), &Reference::new(&files).table(&TYPES));
}

#[test]
fn every_configuration_loads() {
    let digest = auth::keys::hash("a key of the tests", None);
    for block in yaml_blocks(&folder().join("README.md")) {
        let config = block.to_string().replace("sha256:…", &digest);
        if let Err(faults) = auth::Auth::configure(config.as_bytes()) {
            panic!("{faults}\nin:\n{block:#}");
        }
    }
}

#[test]
fn every_refusal_is_listed() {
    let source = std::fs::read_to_string(folder().join("src/rules/refusal.rs")).unwrap();
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for code in source.split("with_code(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(readme.contains(&format!("`{code}`")), "{code} is not in the table of answers");
    }
}
