//! What Resend tells afterwards: its signed webhooks.

use domain::callback::Aftermath;
use domain::signature::{SignedHeaders, TOLERANCE_S, Verifier, verify};
use serde_json::Value;

use super::DELIVERY;
use crate::callback::{Call, CallError, Report};

/// Checks a call and reads it; `None` for events that change nothing, such as an opened mail.
///
/// With several keys one must fit, so that a secret can be changed. Its time may be 5 minutes off.
pub(super) fn read(keys: &[Verifier], call: &Call<'_>) -> Result<Option<Report>, CallError> {
    let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
    let signed = SignedHeaders {
        id: header("svix-id"),
        timestamp: header("svix-timestamp"),
        signature: header("svix-signature"),
    };
    verify(keys, &signed, call.body, call.now_s, TOLERANCE_S)?;
    let body: Value = serde_json::from_slice(call.body).map_err(|_| CallError::Malformed)?;
    let kind = body["type"].as_str().ok_or(CallError::Malformed)?;
    let data = &body["data"];
    let Some((aftermath, detail)) = aftermath(kind, data) else {
        return Ok(None);
    };
    let provider_id = data["email_id"].as_str().ok_or(CallError::Malformed)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Some(Report {
        id: signed.id.unwrap_or_default().to_owned(),
        delivery: text(tag(&data["tags"], DELIVERY)),
        provider_id: provider_id.to_owned(),
        aftermath,
        address: text(&data["to"]).or_else(|| text(&data["to"][0])),
        detail: text(detail),
    }))
}

/// A tag's value: tags are told as an object, and were as the list that they are sent as.
fn tag<'a>(tags: &'a Value, name: &str) -> &'a Value {
    let listed = tags.as_array().into_iter().flatten();
    listed
        .filter(|tag| tag["name"] == name)
        .map(|tag| &tag["value"])
        .next()
        .unwrap_or(&tags[name])
}

/// What an event means, and where it says why.
fn aftermath<'a>(kind: &str, data: &'a Value) -> Option<(Aftermath, &'a Value)> {
    Some(match kind {
        "email.delivered" => (Aftermath::Delivered, &Value::Null),
        "email.delivery_delayed" => (Aftermath::Delayed, &Value::Null),
        "email.complained" => (Aftermath::Complained, &Value::Null),
        "email.failed" => (Aftermath::Failed, &data["failed"]["reason"]),
        "email.bounced" if data["bounce"]["type"] == "Permanent" => {
            (Aftermath::Bounced, &data["bounce"]["message"])
        }
        // What bounced for an unknown reason gets another chance.
        "email.bounced" => (Aftermath::SoftBounced, &data["bounce"]["message"]),
        "email.suppressed" => (Aftermath::Bounced, &data["suppressed"]["message"]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::signature::{Secret, VerifyError, sign};
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn secret(byte: u8) -> Secret {
        Secret::generate([byte; 32])
    }

    fn read_signed(body: &Value, at: i64, keys: &[Verifier]) -> Result<Option<Report>, CallError> {
        let body = body.to_string();
        let signature = sign(&secret(1), "msg_1", at, body.as_bytes());
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("svix-id", "msg_1".to_owned()),
            ("svix-timestamp", at.to_string()),
            ("svix-signature", format!("v1,AAAA {signature}")),
        ] {
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        let call = Call {
            headers: &headers,
            body: body.as_bytes(),
            now_s: NOW,
        };
        read(keys, &call)
    }

    fn told(kind: &str, data: &Value) -> Option<(Aftermath, Option<String>)> {
        let body = json!({"type": kind, "created_at": "2027-01-15T08:00:00Z", "data": data});
        let report = read_signed(&body, NOW, &[Verifier::from(&secret(1))]).unwrap()?;
        assert_eq!((report.id.as_str(), report.provider_id.as_str()), ("msg_1", "e1"));
        assert_eq!(report.address.as_deref(), Some("a@b.example"));
        assert_eq!(report.delivery.as_deref(), Some("dlv_1"));
        Some((report.aftermath, report.detail))
    }

    #[test]
    fn events_are_mapped() {
        let mail = |more: Value| {
            let mut mail = json!({"email_id": "e1", "to": ["a@b.example"], "tags": {"delivery": "dlv_1"}});
            mail.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            mail
        };
        let bare = mail(json!({"tags": [{"name": "delivery", "value": "dlv_1"}]}));
        let why = |text: &str| Some(text.to_owned());
        let bounced = |kind: &str| {
            mail(json!({"bounce": {"type": kind, "subType": "General", "message": "no such user"}}))
        };
        for (kind, data, expected) in [
            ("email.delivered", bare.clone(), (Aftermath::Delivered, None)),
            ("email.delivery_delayed", bare.clone(), (Aftermath::Delayed, None)),
            ("email.complained", bare.clone(), (Aftermath::Complained, None)),
            (
                "email.bounced",
                bounced("Permanent"),
                (Aftermath::Bounced, why("no such user")),
            ),
            (
                "email.bounced",
                bounced("Transient"),
                (Aftermath::SoftBounced, why("no such user")),
            ),
            (
                "email.bounced",
                bounced("Undetermined"),
                (Aftermath::SoftBounced, why("no such user")),
            ),
            (
                "email.suppressed",
                mail(json!({"suppressed": {"message": "on the list"}})),
                (Aftermath::Bounced, why("on the list")),
            ),
            (
                "email.failed",
                mail(json!({"failed": {"reason": "reached_daily_quota"}})),
                (Aftermath::Failed, why("reached_daily_quota")),
            ),
        ] {
            assert_eq!(told(kind, &data), Some(expected), "{kind} {data}");
        }
        for kind in ["email.sent", "email.opened", "email.clicked", "contact.created"] {
            assert_eq!(told(kind, &bare), None, "{kind}");
        }
    }

    #[test]
    fn only_genuine_webhooks_are_read() {
        let body = json!({"type": "email.delivered", "data": {"email_id": "e1"}});
        let forged = |why| Err(CallError::Forged(why));
        let ours = [Verifier::from(&secret(1))];
        let both = [Verifier::from(&secret(2)), Verifier::from(&secret(1))];
        assert!(read_signed(&body, NOW - 300, &both).unwrap().is_some());
        assert_eq!(read_signed(&body, NOW - 301, &ours), forged(VerifyError::TooOld));
        assert_eq!(read_signed(&body, NOW + 301, &ours), forged(VerifyError::TooNew));
        assert_eq!(
            read_signed(&body, NOW, &[Verifier::from(&secret(2))]),
            forged(VerifyError::NoMatch)
        );
        assert_eq!(read_signed(&body, NOW, &[]), forged(VerifyError::NoMatch));
        let bare = Call {
            headers: &HeaderMap::new(),
            body: b"{}",
            now_s: NOW,
        };
        assert_eq!(
            read(&ours, &bare),
            forged(VerifyError::MissingHeader("webhook-id"))
        );
        for body in [json!([]), json!({"type": "email.delivered", "data": {}})] {
            assert_eq!(read_signed(&body, NOW, &ours), Err(CallError::Malformed));
        }
    }
}
