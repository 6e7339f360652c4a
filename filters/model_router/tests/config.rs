//! What a configuration may not say, and how the operator learns of it: all faults at once, each under its key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use model_router::ModelRouter;
use plugin::Plugin;

fn faults(yaml: &str) -> String {
    let value: serde_json::Value = serde_yaml_ng::from_str(yaml).unwrap();
    match ModelRouter::configure(value.to_string().as_bytes()) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    }
}

/// A whole configuration with these models, and with these keys in front.
fn with(keys: &str, models: &str) -> String {
    format!("{keys}\npolicies: {{default: {{models: [{models}]}}}}\ndefault_policy: default\n")
}

const MODEL: &str = "{name: m, versions: [{name: v1, weight: 1000000}]}";

#[test]
fn the_smallest_configuration_is_enough() {
    assert_eq!(faults(&with("attachment: full", MODEL)), "");
    assert_eq!(faults(&with("sources: [path]", MODEL)), "");
    assert_eq!(faults(&with("sources: [path]\nidentity: filter_state\nbodies: {}\nroute_metadata: {}", MODEL)), "");
}

#[test]
fn a_plain_attachment_cannot_route_by_the_body() {
    assert_eq!(
        faults(&with("", MODEL)),
        "sources: holds `body` (as it does by default), but with `attachment: plain` the route is chosen before the body \
         comes; set `attachment: full` (and allow_on_headers_stop_iteration: true in Envoy's plugin configuration), or \
         leave `body` out: `sources: [path]`"
    );
    let renames = "{name: m, versions: [{name: v1, weight: 1000000, upstream_model: n}]}";
    assert_eq!(
        faults(&with("sources: [path]", renames)),
        "rewrite_model: puts each `upstream_model` into paths and bodies, which needs `attachment: full` (and \
         allow_on_headers_stop_iteration: true in Envoy's plugin configuration); set that, or `rewrite_model: false`"
    );
    assert_eq!(faults(&with("sources: [path]\nrewrite_model: false", renames)), "");
}

#[test]
fn all_faults_come_at_once() {
    let text = r#"
sources: [path, path]
model_header: "x y"
headers: {model: content-length, version: X-V}
responce_header: true
identity: {header: {consumer: x-user}}
policies:
  default:
    unknown_model: refuse
    models:
      - name: "a*"
        versions: [{name: "v 1", weight: 400000}, {name: v2, weight: 400000}, {name: v2, weight: 0, upstream_model: ""}]
        sticky: {by: [{header: ""}, consumer, consumer]}
        override: {header: ":path", consumers: [""]}
        api_versions: {"1": v9, "": v2}
      - {name: b, versions: []}
  empty: {models: []}
default_policy: defualt
rules: [{match: {path: v1}, policy: none}]
"#;
    assert_eq!(faults(text), "responce_header: unknown key; did you mean `response_header`?");
    assert_eq!(
        faults(&text.replace("responce_header: true", "")),
        "sources[1]: is there twice\n\
         model_header: is no header name\n\
         headers.model: cannot be owned: requests need it for something else; choose another name\n\
         identity.header.trusted_header: must be true: a caller can send this header and be anyone, unless something in \
         front of this filter always sets or removes it; say so only if that is the case\n\
         policies.default.models[0].name: is one model's name, without `*` and `,`; patterns go to `aliases`\n\
         policies.default.models[0].versions[0].name: a version's name has 1 to 64 letters, digits, `_`, `-` or `.`\n\
         policies.default.models[0].versions[2].name: is the name of an earlier version\n\
         policies.default.models[0].versions[2].upstream_model: is empty or has a control character\n\
         policies.default.models[0].versions: have weights of 800000 together; parts per million are exactly 1000000\n\
         policies.default.models[0].sticky.by[0].header: is no header name\n\
         policies.default.models[0].sticky.by[2]: is there twice; the first one counts\n\
         policies.default.models[0].override.header: is no header name\n\
         policies.default.models[0].override.consumers[0]: is empty; say `*` for any name\n\
         policies.default.models[0].api_versions[\"\"]: is no API version\n\
         policies.default.models[0].api_versions[\"1\"]: names no version of this model\n\
         policies.default.models[1].versions: is empty; a model has at least one version, such as `{name: v1, weight: \
         1000000}`\n\
         policies.empty.models: is empty, so every call would be refused; name a model, or say `unknown_model: pass`\n\
         default_policy: no policy `defualt`; did you mean `default`?\n\
         rules[0].match.path: paths start with `/`\n\
         rules[0].policy: no policy `none`; there are `default`, `empty`, `off`"
    );
}

#[test]
fn names_are_unique_and_reachable() {
    let models = "{name: m, aliases: [\"g*\", \"gpt-*\", n, \"\"], versions: [{name: v1, weight: 1000000}]}, \
                  {name: n, aliases: [m, \"g*\", x], versions: [{name: v1, weight: 1000000}]}, \
                  {name: m, versions: [{name: v1, weight: 1000000}]}";
    assert_eq!(
        faults(&with("attachment: full", models)),
        "policies.default.models[2].name: is the same name as models[0].name\n\
         policies.default.models[0].aliases[1]: is never reached: models[0].aliases[0] matches everything that it matches\n\
         policies.default.models[0].aliases[2]: is the same name as models[1].name\n\
         policies.default.models[0].aliases[3]: is empty or has a control character\n\
         policies.default.models[1].aliases[0]: is the same name as models[0].name\n\
         policies.default.models[1].aliases[1]: is never reached: models[0].aliases[0] matches everything that it matches"
    );
}

#[test]
fn a_key_that_could_do_nothing_is_refused() {
    let model = |more: &str| format!("{{name: m, versions: [{{name: v1, weight: 1000000}}], {more}}}");
    assert_eq!(
        faults(&with("attachment: full", &model("sticky: {by: []}"))),
        "policies.default.models[0].sticky.by: is empty, so each request would be drawn anew; name a place, or leave `sticky` out"
    );
    assert_eq!(
        faults(&with("attachment: full", &model("override: {header: x-version}"))),
        "policies.default.models[0].override.consumers: is empty, and so is `tiers`: nobody could name a version; leave \
         `override` out"
    );
    assert_eq!(faults(&with("attachment: full", &model("override: {header: x-version, tiers: [gold]}"))), "");
    assert_eq!(
        faults(&with("attachment: full\nbodies: {max_body_bytes: 0}", MODEL)),
        "bodies.max_body_bytes: must be above 0"
    );
}

#[test]
fn headers_have_one_meaning_each() {
    assert_eq!(
        faults(&with("attachment: full\nheaders: {model: x-v, version: X-V}", MODEL)),
        "headers.version: is the same header as headers.model"
    );
    assert_eq!(
        faults(&with("attachment: full\nmodel_header: x-model-version", MODEL)),
        "model_header: is the same header as headers.version"
    );
    let forced = "{name: m, versions: [{name: v1, weight: 1000000}], override: {header: X-Model, tiers: [gold]}}";
    assert_eq!(
        faults(&with("attachment: full", forced)),
        "policies.default.models[0].override.header: is a header that names the model; choose another one"
    );
}

#[test]
fn weights_are_parts_per_million() {
    let weights = |first: &str, second: &str| {
        let model = format!("{{name: m, versions: [{{name: a, weight: {first}}}, {{name: b, weight: {second}}}]}}");
        faults(&with("attachment: full", &model))
    };
    assert_eq!(weights("1000000", "0"), "");
    assert_eq!(weights("0", "1000000"), "");
    let wrong = |sum: &str| {
        format!(
            "policies.default.models[0].versions: have weights of {sum} together; parts per million are exactly 1000000"
        )
    };
    assert_eq!(weights("90", "10"), wrong("100"));
    assert_eq!(weights("4294967295", "4294967295"), wrong("8589934590"));
    let typed = "policies.default.models[0].versions[0].weight: expected a whole number from 0 (u32), found a number";
    assert_eq!(weights("0.9", "0.1").lines().next(), Some(typed));
}

#[test]
fn odd_documents_are_refused() {
    for odd in ["", "[]", "{}", "null", "\u{0}"] {
        assert!(ModelRouter::configure(odd.as_bytes()).is_err(), "{odd:?}");
    }
}
