//! The limits of Block Kit. Text that is too long is cut, since a shorter message is worth more than none; what is wrong in
//! structure is refused with the place, since Slack would answer `invalid_blocks` and no more.
//!
//! Blocks and elements that are not known here pass: Slack has new ones every year.

use domain::text::{Fault, Faults};
use serde_json::Value;

use crate::cut;
use crate::message::Slack;

/// Most characters of a header.
pub(super) const HEADER: usize = 150;
/// Most characters of a section's text.
pub(super) const SECTION: usize = 3000;
/// Most characters on a button, and of every other label.
pub(super) const BUTTON: usize = 75;
/// Most characters of the text beside the blocks.
const TEXT: usize = 40_000;
const FIELD: usize = 2000;
const MAX_BLOCKS: usize = 50;
const MAX_FIELDS: usize = 10;
const MAX_ACTIONS: usize = 25;
const MAX_CONTEXT: usize = 10;
const MAX_ID: usize = 255;
const MAX_VALUE: usize = 2000;
const MAX_URL: usize = 3000;

/// Brings a message within Slack's limits, or says what in it cannot be.
pub fn fit(message: &mut Slack) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    if message.text.chars().count() > TEXT {
        message.text = cut::to_mrkdwn(&message.text, TEXT).into_owned();
    }
    match &mut message.blocks {
        Value::Null => {}
        Value::Array(blocks) => {
            if blocks.len() > MAX_BLOCKS {
                faults.push("/blocks", "too_many", format!("must be at most {MAX_BLOCKS}"));
            }
            for (index, value) in blocks.iter_mut().take(MAX_BLOCKS).enumerate() {
                block(value, &format!("/blocks/{index}"), &mut faults);
            }
        }
        _ => faults.push("/blocks", "type", "must be a list of blocks"),
    }
    let no_blocks = message.blocks.as_array().is_none_or(Vec::is_empty);
    faults.require(
        !no_blocks || !message.text.trim().is_empty(),
        "/text",
        "required",
        "must not be empty where there are no blocks",
    );
    faults.finish()
}

fn block(value: &mut Value, at: &str, faults: &mut Faults) {
    let Some(kind) = value["type"].as_str().map(str::to_owned) else {
        faults.push(at, "type", "must be an object with a `type`");
        return;
    };
    bounded(value, "block_id", MAX_ID, at, faults);
    match kind.as_str() {
        "header" => required_text(value, "text", HEADER, at, faults),
        "section" => section(value, at, faults),
        "actions" => elements(value, MAX_ACTIONS, at, faults),
        "context" => elements(value, MAX_CONTEXT, at, faults),
        "image" => {
            bounded(value, "image_url", MAX_URL, at, faults);
            shorten(value, "alt_text", FIELD);
            text(value, "title", FIELD, at, faults);
        }
        _ => {}
    }
}

fn section(value: &mut Value, at: &str, faults: &mut Faults) {
    text(value, "text", SECTION, at, faults);
    if let Some(fields) = value.get_mut("fields").and_then(Value::as_array_mut) {
        if fields.len() > MAX_FIELDS {
            faults.push(
                format!("{at}/fields"),
                "too_many",
                format!("must be at most {MAX_FIELDS}"),
            );
        }
        for (index, field) in fields.iter_mut().enumerate() {
            text_object(field, FIELD, &format!("{at}/fields/{index}"), faults);
        }
    } else if value.get("text").is_none_or(Value::is_null) {
        faults.push(at, "required", "a section has `text` or `fields`");
    }
    if let Some(accessory) = value
        .get_mut("accessory")
        .filter(|accessory| !accessory.is_null())
    {
        element(accessory, &format!("{at}/accessory"), faults);
    }
}

fn elements(value: &mut Value, most: usize, at: &str, faults: &mut Faults) {
    let at = format!("{at}/elements");
    let Some(elements) = value.get_mut("elements").and_then(Value::as_array_mut) else {
        faults.push(at, "required", "must be a list of elements");
        return;
    };
    if elements.is_empty() || elements.len() > most {
        faults.push(at.clone(), "count", format!("must be 1 to {most}"));
    }
    for (index, value) in elements.iter_mut().enumerate() {
        element(value, &format!("{at}/{index}"), faults);
    }
}

fn element(value: &mut Value, at: &str, faults: &mut Faults) {
    let Some(kind) = value["type"].as_str().map(str::to_owned) else {
        faults.push(at, "type", "must be an object with a `type`");
        return;
    };
    bounded(value, "action_id", MAX_ID, at, faults);
    match kind.as_str() {
        "button" => {
            required_text(value, "text", BUTTON, at, faults);
            bounded(value, "value", MAX_VALUE, at, faults);
            bounded(value, "url", MAX_URL, at, faults);
        }
        "plain_text" | "mrkdwn" => text_object(value, FIELD, at, faults),
        "image" => {
            bounded(value, "image_url", MAX_URL, at, faults);
            shorten(value, "alt_text", FIELD);
        }
        _ => {}
    }
}

fn required_text(value: &mut Value, field: &str, most: usize, at: &str, faults: &mut Faults) {
    if value.get(field).is_none_or(Value::is_null) {
        faults.push(format!("{at}/{field}"), "required", "is missing");
    }
    text(value, field, most, at, faults);
}

fn text(value: &mut Value, field: &str, most: usize, at: &str, faults: &mut Faults) {
    if let Some(object) = value.get_mut(field).filter(|object| !object.is_null()) {
        text_object(object, most, &format!("{at}/{field}"), faults);
    }
}

/// An object of text: `plain_text` or `mrkdwn`, and not empty.
fn text_object(object: &mut Value, most: usize, at: &str, faults: &mut Faults) {
    let kind = object["type"].as_str().unwrap_or_default();
    if !matches!(kind, "plain_text" | "mrkdwn") {
        faults.push(at, "type", "must be an object of type plain_text or mrkdwn");
        return;
    }
    if object["text"].as_str().is_none_or(str::is_empty) {
        faults.push(format!("{at}/text"), "required", "must not be empty");
        return;
    }
    shorten(object, "text", most);
}

fn shorten(object: &mut Value, field: &str, most: usize) {
    let marked = object["type"] == "mrkdwn";
    let Some(Value::String(text)) = object.get_mut(field) else {
        return;
    };
    if text.len() > most {
        let short = if marked {
            cut::to_mrkdwn(text, most)
        } else {
            cut::to_chars(text, most)
        };
        *text = short.into_owned();
    }
}

/// A text that means something to programs: half of it would mean something else.
fn bounded(value: &Value, field: &str, most: usize, at: &str, faults: &mut Faults) {
    match value.get(field) {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.chars().count() <= most => {}
        Some(Value::String(_)) => faults.push(
            format!("{at}/{field}"),
            "too_long",
            format!("must have at most {most} characters"),
        ),
        Some(_) => faults.push(format!("{at}/{field}"), "type", "must be a text"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fitted(blocks: Value) -> Result<Value, Vec<(String, &'static str)>> {
        let mut message = Slack {
            text: "t".to_owned(),
            blocks,
        };
        match fit(&mut message) {
            Ok(()) => Ok(message.blocks),
            Err(faults) => Err(faults
                .into_iter()
                .map(|fault| (fault.pointer, fault.code))
                .collect()),
        }
    }

    fn button(changes: &Value) -> Value {
        let mut button = json!({"type": "button", "text": {"type": "plain_text", "text": "Open"}});
        for (field, value) in changes.as_object().unwrap() {
            button[field] = value.clone();
        }
        json!([{"type": "actions", "elements": [button]}])
    }

    #[test]
    fn s07_text_is_cut_to_its_limit() {
        let long = "x".repeat(5000);
        let plain = json!({"type": "plain_text", "text": long});
        let marked = json!({"type": "mrkdwn", "text": long});
        let blocks = fitted(json!([
            {"type": "header", "text": plain},
            {"type": "section", "text": marked, "fields": [marked]},
            {"type": "actions", "elements": [{"type": "button", "text": plain}]},
            {"type": "context", "elements": [marked]},
            {"type": "image", "image_url": "https://a.example/i.png", "alt_text": long, "title": plain},
        ]))
        .unwrap();
        let lengths: Vec<_> = [
            &blocks[0]["text"]["text"],
            &blocks[1]["text"]["text"],
            &blocks[1]["fields"][0]["text"],
            &blocks[2]["elements"][0]["text"]["text"],
            &blocks[3]["elements"][0]["text"],
            &blocks[4]["alt_text"],
            &blocks[4]["title"]["text"],
        ]
        .map(|text| text.as_str().unwrap().chars().count())
        .to_vec();
        assert_eq!(lengths, [150, 3000, 2000, 75, 2000, 2000, 2000]);
        assert!(blocks[0]["text"]["text"].as_str().unwrap().ends_with('…'));
    }

    #[test]
    fn s07_what_cannot_be_cut_is_refused_with_its_place() {
        let refused = |blocks: Value| fitted(blocks).unwrap_err()[0].clone();
        let long = |length: usize| "x".repeat(length);
        let at = |pointer: &str, code: &'static str| (pointer.to_owned(), code);
        let first = "/blocks/0/elements/0";
        for (blocks, pointer, code) in [
            (json!({}), "/blocks".to_owned(), "type"),
            (
                json!(vec![json!({"type": "divider"}); 51]),
                "/blocks".to_owned(),
                "too_many",
            ),
            (json!(["divider"]), "/blocks/0".to_owned(), "type"),
            (
                json!([{"type": "header"}]),
                "/blocks/0/text".to_owned(),
                "required",
            ),
            (
                json!([{"type": "header", "text": "bare"}]),
                "/blocks/0/text".to_owned(),
                "type",
            ),
            (
                json!([{"type": "header", "text": {"type": "plain_text", "text": ""}}]),
                "/blocks/0/text/text".to_owned(),
                "required",
            ),
            (json!([{"type": "section"}]), "/blocks/0".to_owned(), "required"),
            (
                json!([{"type": "actions"}]),
                "/blocks/0/elements".to_owned(),
                "required",
            ),
            (
                json!([{"type": "actions", "elements": []}]),
                "/blocks/0/elements".to_owned(),
                "count",
            ),
            (
                button(&json!({"text": null})),
                format!("{first}/text"),
                "required",
            ),
            (
                button(&json!({"action_id": long(256)})),
                format!("{first}/action_id"),
                "too_long",
            ),
            (
                button(&json!({"value": long(2001)})),
                format!("{first}/value"),
                "too_long",
            ),
            (
                button(&json!({"url": long(3001)})),
                format!("{first}/url"),
                "too_long",
            ),
            (button(&json!({"url": 1})), format!("{first}/url"), "type"),
            (
                json!([{"type": "divider", "block_id": long(256)}]),
                "/blocks/0/block_id".to_owned(),
                "too_long",
            ),
        ] {
            assert_eq!(refused(blocks.clone()), at(&pointer, code), "{blocks}");
        }
        let one = button(&json!({}))[0]["elements"][0].clone();
        let many = json!([{"type": "actions", "elements": vec![one; 26]}]);
        assert_eq!(refused(many), at("/blocks/0/elements", "count"));
    }

    #[test]
    fn blocks_of_tomorrow_pass_and_text_alone_is_enough() {
        let blocks = json!([{"type": "hologram", "beams": 3}]);
        assert_eq!(fitted(blocks.clone()), Ok(blocks));
        assert_eq!(fitted(Value::Null), Ok(Value::Null));
        let mut empty = Slack::default();
        assert_eq!(fit(&mut empty).unwrap_err()[0].pointer, "/text");
    }
}
