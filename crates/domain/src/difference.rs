//! What differs between two JSON documents.

use serde::Serialize;
use serde_json::Value;

/// One place where two documents differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer.
    pub pointer: String,
    /// What stood there; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What stands there now; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// Every place where two documents differ, as deep as it goes. Lists are compared entry by entry.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(pointer: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                compare(
                    &format!("{pointer}/{escaped}"),
                    before.get(name),
                    after.get(name),
                    found,
                );
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                compare(
                    &format!("{pointer}/{index}"),
                    before.get(index),
                    after.get(index),
                    found,
                );
            }
        }
        (before, after) => found.push(Difference {
            pointer: pointer.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_place_is_named_once() {
        let before = json!({"a": 1, "b": {"c/d": [1, 2], "same": true}, "gone": null});
        let after = json!({"a": 2, "b": {"c/d": [1, 3, 4], "same": true}, "new": "x"});
        let found = differences(&before, &after);
        let pointers: Vec<_> = found.iter().map(|place| place.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a", "/b/c~1d/1", "/b/c~1d/2", "/gone", "/new"]);
        assert_eq!(found[2].before, None);
        assert_eq!(found[3].after, None);
        assert!(differences(&before, &before).is_empty());
    }
}
