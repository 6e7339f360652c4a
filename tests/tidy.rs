//! Rules about the code, as tests. What is looked at is what git tracks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A tracked text file: its path from the root, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The lines without those that are comments.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| !line.trim_start().starts_with("//"))
    }
}

/// All tracked text files, and those that are new and not ignored.
fn files() -> Vec<File> {
    let git = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(testkit::repository())
        .output()
        .expect("git runs");
    assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    String::from_utf8(git.stdout)
        .unwrap()
        .lines()
        .filter_map(|path| {
            let text = std::fs::read_to_string(testkit::repository().join(path)).ok()?;
            Some(File { path: path.to_owned(), text })
        })
        .collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(testkit::repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of the folders in `filters/`.
fn filters() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(testkit::repository().join("filters")) else { return Vec::new() };
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().join("Cargo.toml").is_file());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Files whose code holds one of these words.
fn code_with(files: &[File], words: &[&str]) -> Vec<String> {
    let holds = |file: &&File| file.code().any(|line| words.iter().any(|word| line.contains(word)));
    files.iter().filter(holds).map(|file| file.path.clone()).collect()
}

#[test]
fn the_host_is_named_in_one_crate_alone() {
    let files = files();
    let rust: Vec<File> = files.into_iter().filter(|file| file.is_rust() && file.path != "tests/tidy.rs").collect();
    let mut found = code_with(&rust, &["proxy_wasm", "extern \"C\"", "unsafe "]);
    found.retain(|path| !path.starts_with("crates/plugin-host/"));
    assert_none(&found);
}

#[test]
fn a_filter_sees_the_host_inside_envoy_alone() {
    for name in filters() {
        let manifest = read(&format!("filters/{name}/Cargo.toml"));
        let (native, wasm) = manifest.split_once("target_family = \"wasm\"").expect("a part for wasm alone");
        assert!(!native.contains("plugin-host") && wasm.contains("plugin-host"), "{name}");
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    let files = files();
    let written = files.iter().filter(|file| file.is_rust() && !file.path.contains("/generated/"));
    let silent = written.filter(|file| !file.text.starts_with("//!"));
    assert_none(&silent.map(|file| file.path.clone()).collect::<Vec<_>>());
}

#[test]
fn every_filter_has_the_same_folder() {
    let mut missing = Vec::new();
    for name in filters() {
        let folder = format!("filters/{name}");
        for part in ["README.md", "src/lib.rs", "src/config.rs", "src/exchange.rs", "cases"] {
            if !testkit::repository().join(&folder).join(part).exists() {
                missing.push(format!("{folder}/{part}"));
            }
        }
        assert!(read(&format!("{folder}/src/lib.rs")).lines().count() <= 15, "{folder}/src/lib.rs has over 15 lines");
        let cases = std::fs::read_dir(testkit::repository().join(&folder).join("cases")).into_iter().flatten();
        let cases =
            cases.filter(|case| case.as_ref().is_ok_and(|case| case.path().extension() == Some("yaml".as_ref())));
        if cases.count() == 0 {
            missing.push(format!("{folder}/cases/*.yaml"));
        }
    }
    assert_none(&missing);
}

#[test]
fn operators_find_every_filter_everywhere() {
    let chain = modelgate::check::documents(&read("envoy/envoy.yaml")).unwrap();
    let places = modelgate::places::places(&chain[0]);
    for name in filters() {
        let module = format!("{name}.wasm");
        assert!(places.iter().any(|place| place.name() == name && place.module() == module), "{name} in envoy.yaml");
        for manifest in [format!("istio/{name}.yaml"), format!("istio/{name}.plain.yaml")] {
            assert!(testkit::repository().join(&manifest).is_file(), "{manifest}");
        }
        assert!(modelgate::filters::Filter::named(&name).is_some(), "{name} in cli/src/filters.rs");
        if testkit::repository().join("README.md").is_file() {
            assert!(read("README.md").contains(&format!("filters/{name}")), "filters/{name} in README.md");
        }
    }
    // The compose file mounts the folder of all modules.
    assert!(read("docker-compose.yml").contains("./dist:/etc/modelgate/dist:ro"));
}

#[test]
fn every_label_has_its_tag() {
    let tree = &modelgate::check::documents(&read("envoy/envoy.yaml")).unwrap()[0];
    let tags: Vec<(String, String)> = tree["stats_config"]["stats_tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| (tag["tag_name"].as_str().unwrap().into(), tag["regex"].as_str().unwrap().into()))
        .collect();
    let wanted: Vec<(String, String)> =
        plugin::LABELS.iter().map(|label| (label.to_string(), format!(r"({label}=\.=(.*?);\.;)"))).collect();
    assert_eq!(tags, wanted, "envoy/envoy.yaml");
    let list = format!("extraStatTags: [{}]", plugin::LABELS.join(", "));
    assert!(read("istio/istiod-values.yaml").contains(&list), "istio/istiod-values.yaml wants {list}");
    assert!(read("istio/README.md").contains(&list), "istio/README.md wants {list}");
    assert!(read("istio/README.md").contains(&format!("extraStatTags: {}", plugin::LABELS.join(","))));
}

/// What stands between the first pair of quotes after a mark.
fn quoted_after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.split_once(mark)?.1.split('"').nth(1)
}

#[test]
fn every_metric_is_in_the_list() {
    let files = files();
    let sources = files.iter().filter(|file| {
        file.is_rust() && (file.path.starts_with("crates/plugin/src/") || file.path.starts_with("filters/"))
    });
    let mut used = BTreeSet::new();
    for file in sources {
        let code = file.text.split("#[cfg(test)]").next().unwrap();
        used.extend(
            code.lines()
                .filter_map(|line| quoted_after(line, "name:"))
                .filter(|name| name.starts_with("modelgate_"))
                .map(str::to_owned),
        );
    }
    let listed: BTreeSet<String> = read("envoy/README.md")
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `modelgate_")?.split('`').next().map(|name| format!("modelgate_{name}"))
        })
        .collect();
    assert_eq!(used, listed, "in the code, and in the table of envoy/README.md");
}

#[test]
fn the_architecture_fits_on_a_few_pages() {
    let path = testkit::repository().join("ARCHITECTURE.md");
    if path.is_file() {
        assert!(read("ARCHITECTURE.md").lines().count() <= 150);
    }
}

/// Nothing that is true on one machine alone.
#[test]
fn no_file_names_a_machine() {
    let mut words: Vec<String> = ["/home/", "/root/", "/work/", "/tmp/wt/"].map(str::to_owned).into();
    words.extend(hosts_of_this_machine());
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.path != "tests/tidy.rs") {
        for word in words.iter().filter(|word| file.text.contains(word.as_str())) {
            found.push(format!("{} names {word}", file.path));
        }
    }
    assert_none(&found);
}

/// The hosts of the registries that this machine is set up to use, other than the public ones.
fn hosts_of_this_machine() -> Vec<String> {
    const VARIABLES: [&str; 5] =
        ["PIP_INDEX_URL", "NPM_CONFIG_REGISTRY", "GOPROXY", "RUSTUP_DIST_SERVER", "CARGO_REGISTRIES_DEFAULT_INDEX"];
    const PUBLIC: [&str; 5] =
        ["pypi.org", "registry.npmjs.org", "proxy.golang.org", "static.rust-lang.org", "index.crates.io"];
    VARIABLES
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .filter_map(|url| Some(url.split_once("://")?.1.split(['/', ':', ',']).next()?.rsplit('@').next()?.to_owned()))
        .filter(|host| host.contains('.') && !PUBLIC.contains(&host.as_str()))
        .collect()
}

#[test]
fn every_dependency_is_from_the_public_registry() {
    let lock = read("Cargo.lock");
    let sources: BTreeSet<&str> = lock.lines().filter(|line| line.starts_with("source = ")).collect();
    assert!(sources.iter().all(|source| source.contains("github.com/rust-lang/crates.io-index")), "{sources:?}");
}

#[test]
fn there_is_something_to_look_at() {
    // A test that looks at nothing passes: this one sees that there is something to look at.
    let files = files();
    assert!(files.iter().filter(|file| file.is_rust()).count() > 50);
    assert!(Path::new(&files[0].path).is_relative());
}
