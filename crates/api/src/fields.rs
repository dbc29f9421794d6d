//! What inputs have in common: fields that may be absent or null, metadata, bodies that may be left out, names in paths.

use std::fmt;

use axum::extract::{FromRequest, Request};
use domain::text::{check_json, is_name};
use http::StatusCode;
use serde::de::{DeserializeOwned, Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::extract::Input;
use crate::problem::{Answer, Problem};
use crate::state::Api;

/// Reads a field of a patch that may be null: absent is `None`, null is `Some(None)`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Reads a field of a patch that may be absent, but not null.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A JSON body whose every field may be absent; no body is an empty object.
#[derive(Debug)]
pub(crate) struct Optional<T>(pub(crate) Input<T>);

impl<T: DeserializeOwned> FromRequest<Api> for Optional<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Answer<Self> {
        Input::read(request, api, b"{}").await.map(Self)
    }
}

/// The body of a call of which nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A caller's own id in a path. What cannot be one is not found: no query asks for a character a database cannot keep.
#[derive(Debug)]
pub(crate) struct Name(pub(crate) String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

/// Refuses while it is shown the text: whoever reads a path then still knows which segment it was.
struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name of 1 to 256 printable characters")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
        is_name(text)
            .then(|| Name(text.to_owned()))
            .ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// Refuses filters with a character that a database cannot keep.
pub(crate) fn nul_free<const N: usize>(texts: [&Option<String>; N]) -> Answer<()> {
    if texts.into_iter().flatten().any(|text| text.contains('\0')) {
        let detail = "a filter contains the character U+0000";
        return Err(Problem::bad_request("", "nul_character", detail));
    }
    Ok(())
}

/// Bytes of metadata.
const METADATA: usize = 16 * 1024;
const DEPTH: usize = 32;

/// The caller's metadata: any JSON object, kept as the bytes received.
pub(crate) fn metadata(raw: Option<Box<RawValue>>) -> Answer<Option<String>> {
    let Some(raw) = raw else { return Ok(None) };
    let text = raw.get();
    let wrong = |code, detail: String| Err(app::Error::invalid("/metadata", code, detail).into());
    if !text.starts_with('{') {
        return wrong("shape", "must be an object".into());
    }
    if text.len() > METADATA {
        return wrong(
            "too_long",
            format!("must have at most {METADATA} bytes, has {}", text.len()),
        );
    }
    match check_json(text, DEPTH) {
        Ok(()) => Ok(Some(text.to_owned())),
        Err(fault) => wrong(fault.code, fault.detail),
    }
}

/// Kept JSON as it goes out.
pub(crate) fn kept(text: Option<String>) -> Option<Box<RawValue>> {
    text.and_then(|text| RawValue::from_string(text).ok())
}

/// Answers a deletion: what was not there is gone as well.
pub(crate) fn gone(done: app::Result<()>) -> Answer<StatusCode> {
    match done {
        Ok(()) | Err(app::Error::NotFound(_)) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Patch {
        #[serde(default, deserialize_with = "nullable")]
        uid: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")]
        name: Option<String>,
    }

    #[test]
    fn a_patch_tells_absent_from_null() {
        let read = |text: &str| serde_json::from_str::<Patch>(text).ok();
        assert_eq!(
            read("{}"),
            Some(Patch {
                uid: None,
                name: None
            })
        );
        assert_eq!(
            read(r#"{"uid":null}"#),
            Some(Patch {
                uid: Some(None),
                name: None
            })
        );
        let both = Patch {
            uid: Some(Some("a".into())),
            name: Some("b".into()),
        };
        assert_eq!(read(r#"{"uid":"a","name":"b"}"#), Some(both));
        assert_eq!(read(r#"{"name":null}"#), None);
    }

    #[test]
    fn metadata_is_an_object_of_bounded_size_that_can_be_kept() {
        let check = |text: String| {
            let raw = RawValue::from_string(text).expect("JSON");
            metadata(Some(raw)).map_err(|problem| problem.status().as_u16())
        };
        assert_eq!(
            check(r#"{ "a": 1.0 }"#.into()),
            Ok(Some(r#"{ "a": 1.0 }"#.into()))
        );
        assert_eq!(check("[]".into()), Err(422));
        assert_eq!(check(r#"{"a":"\u0000"}"#.into()), Err(422));
        assert_eq!(check(format!(r#"{{"a":"{}"}}"#, "x".repeat(METADATA))), Err(422));
        assert!(metadata(None).is_ok_and(|none| none.is_none()));
    }

    #[test]
    fn names_in_paths_are_what_ids_may_be() {
        let read = |text: &str| serde_json::from_value::<Name>(text.into()).is_ok();
        assert!(read("neural/observation captured"));
        assert!(!read("a\0b"));
        assert!(!read(""));
        assert!(!read(&"x".repeat(257)));
    }
}
