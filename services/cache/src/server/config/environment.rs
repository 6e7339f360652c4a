//! Variables of the environment that override keys of the file.
//!
//! `MODELGATE_CACHE_LISTEN` is the key `listen`; two underscores go one level down: `MODELGATE_CACHE_TLS__CERTIFICATE` is
//! `tls.certificate`. A value is read as YAML, so that lists and numbers can be given.

use policy::Faults;
use serde_json::{Map, Value};

/// What the names of all variables begin with.
pub const PREFIX: &str = "MODELGATE_CACHE_";

/// Lays the variables over a document. Whether their keys exist is judged with the rest of it.
pub(super) fn overlay(
    document: &mut Value,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), Faults> {
    let mut faults = Faults::new();
    let mut variables: Vec<(String, String)> =
        environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    // The shorter name is the outer key: `..._TLS` comes before `..._TLS__KEY`, whatever the order they stand in.
    variables.sort();
    for (name, text) in variables {
        let key = name.trim_start_matches(PREFIX).to_lowercase();
        let path: Vec<&str> = key.split("__").collect();
        let Ok(value) = serde_yaml_ng::from_str(&text) else {
            faults.push(path.join("."), format!("{name} is no YAML value"));
            continue;
        };
        if !insert(document, &path, value) {
            faults.push(path.join("."), format!("{name} names a key inside of one that has no keys"));
        }
    }
    faults.into_result()
}

/// Puts a value where a path points; `false` where something else than an object is in its way.
fn insert(document: &mut Value, path: &[&str], value: Value) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    let mut place = document;
    for part in above {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(map) = place else { return false };
        place = map.entry((*part).to_owned()).or_insert(Value::Null);
    }
    if place.is_null() {
        *place = Value::Object(Map::new());
    }
    let Value::Object(map) = place else { return false };
    map.insert((*last).to_owned(), value);
    true
}
