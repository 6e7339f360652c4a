//! Conditions, as batch deletion takes them (JSON) and as GraphQL does. Values are digests and numbers, so nothing needs escaping.

use serde_json::{Value, json};

/// A condition on a property.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Where {
    Text {
        property: &'static str,
        operator: &'static str,
        value: String,
    },
    Number {
        property: &'static str,
        operator: &'static str,
        value: u64,
    },
    /// Any of these texts.
    Any {
        property: &'static str,
        values: Vec<String>,
    },
    All(Vec<Where>),
}

impl Where {
    pub(super) fn is(property: &'static str, value: String) -> Self {
        Self::Text { property, operator: "Equal", value }
    }

    pub(super) fn more(property: &'static str, value: u64) -> Self {
        Self::Number { property, operator: "GreaterThan", value }
    }

    pub(super) fn at_least(property: &'static str, value: u64) -> Self {
        Self::Number { property, operator: "GreaterThanEqual", value }
    }

    pub(super) fn at_most(property: &'static str, value: u64) -> Self {
        Self::Number { property, operator: "LessThanEqual", value }
    }

    pub(super) fn any(property: &'static str, values: Vec<String>) -> Self {
        Self::Any { property, values }
    }

    /// All of them; one alone stands for itself.
    pub(super) fn all(mut conditions: Vec<Self>) -> Self {
        match (conditions.len(), conditions.pop()) {
            (1, Some(one)) => one,
            (_, Some(last)) => {
                conditions.push(last);
                Self::All(conditions)
            }
            (_, None) => Self::All(conditions),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Text { property, operator, value } => {
                json!({"path": [property], "operator": operator, "valueText": value})
            }
            Self::Number { property, operator, value } => {
                json!({"path": [property], "operator": operator, "valueInt": value})
            }
            Self::Any { property, values } => {
                json!({"path": [property], "operator": "ContainsAny", "valueTextArray": values})
            }
            Self::All(operands) => {
                json!({"operator": "And", "operands": operands.iter().map(Self::json).collect::<Vec<_>>()})
            }
        }
    }

    /// GraphQL's spelling: keys without quotes, operators as words.
    pub(super) fn graphql(&self) -> String {
        match self {
            Self::Text { property, operator, value } => {
                format!(r#"{{path:["{property}"],operator:{operator},valueText:"{value}"}}"#)
            }
            Self::Number { property, operator, value } => {
                format!(r#"{{path:["{property}"],operator:{operator},valueInt:{value}}}"#)
            }
            Self::Any { property, values } => {
                let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
                format!(r#"{{path:["{property}"],operator:ContainsAny,valueText:[{}]}}"#, values.join(","))
            }
            Self::All(operands) => {
                let operands: Vec<String> = operands.iter().map(Self::graphql).collect();
                format!("{{operator:And,operands:[{}]}}", operands.join(","))
            }
        }
    }
}

/// A name of 16 bytes as Weaviate writes it.
pub(super) fn uuid(id: [u8; 16]) -> String {
    let hex = super::hex(&id);
    let parts = [hex.get(..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..)];
    parts.map(Option::unwrap_or_default).join("-")
}
