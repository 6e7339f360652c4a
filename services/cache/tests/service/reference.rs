//! The reference of the configuration in README.md is made from the comments of the types; `UPDATE=1` writes it anew.

use modelgate_cache::server::Config;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Where the types are, the outermost first.
const SOURCES: [&str; 6] = [
    "src/server/config/raw.rs",
    "src/budget/config.rs",
    "src/cache/config.rs",
    "src/cache/judges.rs",
    "src/cache/tls.rs",
    "src/cache/decide/comparator.rs",
];

/// A field or a variant: its name, its type, its comment.
type Item = (String, String, String);

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_default()
}

/// The name of a variant as it is written in YAML.
fn snake(variant: &str) -> String {
    let words = variant.split_inclusive(|_: char| true).map(|letter| match letter {
        capital if capital.starts_with(char::is_uppercase) => format!("_{}", capital.to_lowercase()),
        other => other.to_owned(),
    });
    words.collect::<String>().trim_start_matches('_').to_owned()
}

/// All types with what they hold. Knows only as much Rust as these files need.
fn types() -> BTreeMap<String, Vec<Item>> {
    let mut types = BTreeMap::new();
    for source in SOURCES.map(read) {
        let (mut name, mut comment, mut variant) = (None::<String>, String::new(), String::new());
        for line in source.lines() {
            let line = line.trim();
            if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum ")) {
                name = rest.strip_suffix(" {").map(str::to_owned);
                comment.clear();
            } else if line == "}" {
                name = None;
            } else if line == "}," {
                variant.clear();
            } else if let Some(text) = line.strip_prefix("///") {
                let _ = write!(comment, "{}{}", if comment.is_empty() { "" } else { " " }, text.trim());
            } else if let Some(name) = &name {
                let item = line.trim_start_matches("pub ").trim_end_matches(',').trim();
                // A variant is a key, whose fields lie below it.
                if let Some(opened) = item.strip_suffix(" {") {
                    let key = snake(opened);
                    variant = format!("{key}.");
                    types.entry(name.clone()).or_insert_with(Vec::new).push((
                        key,
                        String::new(),
                        std::mem::take(&mut comment),
                    ));
                    continue;
                }
                let item = match item.strip_suffix(')').and_then(|variant| variant.split_once('(')) {
                    Some((variant, of)) => Some((snake(variant), of.to_owned())),
                    None => item.split_once(": ").map(|(field, of)| (format!("{variant}{field}"), of.to_owned())),
                };
                if let Some((field, of)) = item.filter(|(field, _)| !field.starts_with('#')) {
                    let item = (field, of, std::mem::take(&mut comment));
                    types.entry(name.clone()).or_insert_with(Vec::new).push(item);
                }
            }
        }
    }
    types
}

/// The keys below a type, a row of the table each.
fn rows(types: &BTreeMap<String, Vec<Item>>, of: &str, prefix: &str, out: &mut String) {
    for (name, of, comment) in types.get(of).into_iter().flatten() {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let inner = of.trim_start_matches("Option<").trim_end_matches('>');
        writeln!(out, "| `{key}` | {} |", comment.replace('|', "\\|")).unwrap();
        rows(types, inner, &key, out);
    }
}

#[test]
fn the_reference_is_what_the_types_say() {
    let mut table = String::from("| key | what it is |\n|---|---|\n");
    rows(&types(), "RawConfig", "", &mut table);
    assert!(table.lines().count() > 30 && table.contains("`budget.store.redis.timeout_ms`"), "{table}");
    let readme = read("README.md");
    let (before, rest) = readme.split_once("<!-- reference -->\n").expect("a mark where the reference begins");
    let (was, after) = rest.split_once("<!-- end of reference -->").expect("a mark where it ends");
    if std::env::var_os("UPDATE").is_some() {
        let text = format!("{before}<!-- reference -->\n{table}<!-- end of reference -->{after}");
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), text).unwrap();
    } else {
        assert_eq!(was, table, "UPDATE=1 cargo test -p modelgate-cache writes the reference anew");
    }
}

#[test]
fn every_example_is_a_configuration() {
    let readme = read("README.md");
    let examples: Vec<&str> = readme.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        // The files that it names are not here.
        let error = Config::parse(example, []).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            error.lines().all(|line| line.contains("cannot read") || line.contains("cannot be read")),
            "{error}\nin\n{example}"
        );
    }
    Config::parse(&read("container.yaml"), []).unwrap_or_else(|error| panic!("container.yaml: {error}"));
}
