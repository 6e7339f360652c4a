//! A filter's README: the reference in it is made from the comments of the configuration's types, and every configuration
//! in it can be loaded.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const START: &str = "<!-- reference: made from the types by a test, UPDATE=1 writes it -->\n";
const END: &str = "<!-- end of the reference -->\n";

/// The types of a configuration, as their source describes them.
#[derive(Debug)]
pub struct Reference {
    source: String,
}

impl Reference {
    /// Reads these source files.
    ///
    /// # Panics
    /// Where one cannot be read.
    pub fn new(files: &[PathBuf]) -> Self {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        Self { source: files.iter().map(read).collect() }
    }

    /// A table of all keys of these types: each type's name, and the path at which it stands. A struct has a row for each
    /// field, an enum for each variant that holds something.
    ///
    /// # Panics
    /// Where a type is not in the source.
    pub fn table(&self, types: &[(&str, &str)]) -> String {
        let mut table = String::from("| key | | without it |\n|---|---|---|\n");
        for (name, path) in types {
            for (key, comment, default) in self.rows(name) {
                table += &format!("| `{path}{key}` | {} | {default} |\n", comment.replace('|', "\\|"));
            }
        }
        table
    }

    fn rows(&self, name: &str) -> Vec<(String, String, String)> {
        let (kind, start) = ["struct", "enum"]
            .into_iter()
            .find_map(|kind| Some((kind, self.source.find(&format!("pub {kind} {name} {{\n"))?)))
            .unwrap_or_else(|| panic!("there is no type {name} in the source"));
        let (before, body) = self.source.split_at(start);
        let attributes: Vec<&str> = before.lines().rev().take_while(|line| line.starts_with(['#', '/'])).collect();
        let all_optional = attributes.iter().any(|line| line.starts_with("#[serde") && line.contains("default"));
        let defaults = self.defaults_of(name);
        let (mut comment, mut default, mut renamed, mut rows) = (Vec::new(), None, None, Vec::new());
        for line in body.lines().skip(1).take_while(|line| *line != "}").map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                comment.push(text.trim());
            } else if line.starts_with("#[serde(rename = ") {
                renamed = line.split('"').nth(1);
            } else if line.starts_with("#[serde(default") {
                default = Some(line.split('"').nth(1).map_or_else(String::new, |name| self.value_of(name)));
            } else if let Some(field) = line.strip_prefix("pub ").filter(|_| kind == "struct") {
                let (key, of) = field.trim_end_matches(',').split_once(": ").unwrap();
                let optional = all_optional || default.is_some() || of.starts_with("Option<");
                let given = defaults.get(key).cloned().or(default.take()).filter(|value| !value.is_empty());
                let without = given.unwrap_or_else(|| if optional { self.value_of_type(of) } else { "a fault".into() });
                let key = renamed.take().unwrap_or(key).trim_start_matches("r#");
                let comment_text = comment.join(" ");
                let (text, without) = told(&comment_text).unwrap_or((&comment_text, &without));
                rows.push((key.to_owned(), text.to_owned(), without.to_owned()));
                comment.clear();
            } else if line.ends_with("),") && kind == "enum" {
                let variant = line.split('(').next().unwrap();
                rows.push((variant.to_lowercase(), comment.join(" "), String::new()));
                comment.clear();
            }
        }
        rows
    }

    /// The default of a type.
    fn value_of_type(&self, name: &str) -> String {
        if name == "bool" {
            return "`false`".into();
        }
        if self.source.contains(&format!("pub struct {name} {{\n")) {
            return String::new();
        }
        let variants =
            self.source.split(&format!("pub enum {name} {{\n")).nth(1).and_then(|rest| rest.split("\n}\n").next());
        let marked =
            variants.and_then(|body| body.split("#[default]\n").nth(1)).and_then(|rest| rest.trim().split(',').next());
        marked.map_or_else(|| "none".to_owned(), |variant| format!("`{}`", variant.to_lowercase()))
    }

    /// What the function of a `#[serde(default = "…")]` returns.
    fn value_of(&self, function: &str) -> String {
        let starts = [format!("fn {function}() -> "), format!("fn {function}<")];
        let body = starts.iter().find_map(|start| self.source.split(start).nth(1)?.split("\n}\n").next());
        let value = body.and_then(|body| body.lines().nth(1)).unwrap_or_else(|| panic!("there is no fn {function}"));
        written(value)
    }

    /// The values of `impl Default`.
    fn defaults_of(&self, name: &str) -> BTreeMap<String, String> {
        let head = format!("impl Default for {name} {{\n");
        let Some(body) = self.source.split(&head).nth(1).and_then(|rest| rest.split("\n}\n").next()) else {
            return BTreeMap::new();
        };
        let fields = body.split("Self {").nth(2).unwrap_or_default();
        let lines = fields.lines().flat_map(|line| {
            if fields.trim().contains('\n') && line.ends_with(',') { vec![line] } else { line.split(", ").collect() }
        });
        lines
            .filter_map(|field| field.trim().trim_end_matches([' ', '}', ',']).split_once(": "))
            .map(|(key, value)| (key.to_owned(), written(value)))
            .collect()
    }
}

/// What a comment says before its last sentence, where that says the default, and the default.
fn told(comment: &str) -> Option<(&str, &str)> {
    let (text, default) = comment.rsplit_once(" Default")?;
    Some((text, default.strip_prefix([' ', ':'])?.trim().trim_end_matches('.')))
}

/// A value as a configuration writes it; what is empty, or an expression, is an empty text.
fn written(value: &str) -> String {
    let value = value.trim();
    let shifted =
        value.split_once(" << ").and_then(|(number, by)| Some(number.parse::<u64>().ok()? << by.parse::<u32>().ok()?));
    if let Some(number) = shifted {
        return format!("`{number}`");
    }
    let plain = value.replace('_', "");
    if plain.bytes().all(|byte| byte.is_ascii_digit()) && !plain.is_empty() || value == "true" || value == "false" {
        return format!("`{plain}`");
    }
    let texts: Vec<&str> = value.split('"').skip(1).step_by(2).collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] if value.starts_with('"') => format!("`{one}`"),
        many => format!("`[{}]`", many.join(", ")),
    }
}

/// Holds the reference in a README against this one; with `UPDATE` in the environment it is written there.
///
/// # Panics
/// Where it is another, or its place is not marked.
pub fn hold_reference(readme: &Path, wanted: &str) {
    let text = std::fs::read_to_string(readme).unwrap();
    let (before, rest) = text.split_once(START).expect("the mark where the reference starts");
    let (found, after) = rest.split_once(END).expect("the mark where the reference ends");
    if found != wanted && std::env::var_os("UPDATE").is_some() {
        std::fs::write(readme, format!("{before}{START}{wanted}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(found, wanted, "the reference is stale; run this test with UPDATE=1");
}

/// Every YAML block of a README.
///
/// # Panics
/// Where one is no YAML.
pub fn yaml_blocks(readme: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(readme).unwrap();
    let blocks = text.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.map(|block| serde_yaml_ng::from_str(block).unwrap_or_else(|error| panic!("{error}:\n{block}"))).collect()
}
