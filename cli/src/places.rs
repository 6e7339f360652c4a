//! The places in a configuration of Envoy where one of our modules is loaded. Read only; any shape of tree is walked.

use serde_json::Value;

/// The type of the native filter that runs modules.
const WASM: &str = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";

/// One place of a module in a filter chain.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    config: &'a Value,
}

/// All places in a tree, in its order.
pub fn places(tree: &Value) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    walk(tree, &mut found);
    found
}

fn walk<'a>(tree: &'a Value, found: &mut Vec<Place<'a>>) {
    match tree {
        Value::Object(fields) => match (tree.get("@type"), fields.get("config")) {
            (Some(kind), Some(config)) if kind == WASM => found.push(Place { config }),
            _ => fields.values().for_each(|value| walk(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        _ => {}
    }
}

impl<'a> Place<'a> {
    /// The plugin's name.
    pub fn name(&self) -> &'a str {
        self.text("/name")
    }

    /// The file name of its module, without the folder; empty where it is not a local file.
    pub fn module(&self) -> &'a str {
        self.text("/vm_config/code/local/filename").rsplit('/').next().unwrap_or_default()
    }

    /// The name of the VM's own space of keys.
    pub fn vm_id(&self) -> &'a str {
        self.text("/vm_config/vm_id")
    }

    /// What becomes of the place when its module fails.
    pub fn failure_policy(&self) -> &'a str {
        self.text("/failure_policy")
    }

    /// Whether heads can be held until their bodies are seen.
    pub fn holds_heads(&self) -> bool {
        self.config.get("allow_on_headers_stop_iteration").is_some_and(|flag| flag == true)
    }

    /// The configuration as the filter gets it, where it is handed over as text.
    pub fn configuration(&self) -> Option<&'a str> {
        let configuration = self.config.get("configuration")?;
        let kind = configuration.get("@type")?.as_str()?;
        if kind.ends_with("/google.protobuf.StringValue") { configuration.get("value")?.as_str() } else { None }
    }

    fn text(&self, pointer: &str) -> &'a str {
        self.config.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}
