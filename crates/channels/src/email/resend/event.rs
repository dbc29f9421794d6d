//! What Resend tells afterwards: its signed webhooks.

use domain::signature::{SignedHeaders, TOLERANCE_S, Verifier, VerifyError, verify};
use serde_json::Value;

/// The headers of a webhook of Resend, as received.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `svix-id`: the same when the webhook is sent again.
    pub id: Option<&'a str>,
    /// `svix-timestamp`
    pub timestamp: Option<&'a str>,
    /// `svix-signature`
    pub signature: Option<&'a str>,
}

/// Something that happened to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The webhook's own id, by which a repetition is known.
    pub id: String,
    /// Resend's id of the mail: the `provider_id` of its outcome.
    pub email_id: String,
    /// What happened.
    pub what: What,
}

/// What may happen to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The recipient's server took it.
    Delivered,
    /// It came back.
    Bounced {
        /// Whether the address is not to be used again.
        permanent: bool,
        /// The recipient, where it was named.
        address: Option<String>,
        /// Why, in the words of whoever refused it.
        reason: Option<String>,
    },
    /// The recipient called it spam: the address is not to be used again.
    Complained {
        /// The recipient, where it was named.
        address: Option<String>,
    },
    /// Resend could not send it.
    Failed {
        /// Why.
        reason: Option<String>,
    },
    /// The recipient's server does not take it for now; Resend goes on trying.
    Delayed,
}

/// Why a webhook is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It does not come from Resend, or too late.
    #[error("the webhook is not genuine: {0}")]
    Forged(#[from] VerifyError),
    /// It is not an event of a mail.
    #[error("the webhook is not an event of Resend")]
    Malformed,
}

/// Checks a webhook and reads it; `None` for events that change nothing, such as an opened mail.
///
/// With several keys one must fit, so that a secret can be changed. Its time may be 5 minutes off `now_s`, in seconds
/// since the Unix epoch.
pub fn read(
    keys: &[Verifier],
    headers: Headers<'_>,
    body: &[u8],
    now_s: i64,
) -> Result<Option<Event>, EventError> {
    let signed = SignedHeaders {
        id: headers.id,
        timestamp: headers.timestamp,
        signature: headers.signature,
    };
    verify(keys, &signed, body, now_s, TOLERANCE_S)?;
    let body: Value = serde_json::from_slice(body).map_err(|_| EventError::Malformed)?;
    let kind = body["type"].as_str().ok_or(EventError::Malformed)?;
    let data = &body["data"];
    let Some(what) = what(kind, data) else {
        return Ok(None);
    };
    let email_id = data["email_id"].as_str().ok_or(EventError::Malformed)?;
    Ok(Some(Event {
        id: headers.id.unwrap_or_default().to_owned(),
        email_id: email_id.to_owned(),
        what,
    }))
}

fn what(kind: &str, data: &Value) -> Option<What> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let address = || text(&data["to"]).or_else(|| text(&data["to"][0]));
    Some(match kind {
        "email.delivered" => What::Delivered,
        "email.delivery_delayed" => What::Delayed,
        "email.complained" => What::Complained { address: address() },
        "email.failed" => What::Failed {
            reason: text(&data["failed"]["reason"]),
        },
        // What bounced for an unknown reason gets another chance.
        "email.bounced" => What::Bounced {
            permanent: data["bounce"]["type"] == "Permanent",
            address: address(),
            reason: text(&data["bounce"]["message"]),
        },
        "email.suppressed" => What::Bounced {
            permanent: true,
            address: address(),
            reason: text(&data["suppressed"]["message"]),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::signature::{Secret, sign};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn secret(byte: u8) -> Secret {
        Secret::generate([byte; 32])
    }

    fn read_signed(body: &Value, at: i64, keys: &[Verifier]) -> Result<Option<Event>, EventError> {
        let body = body.to_string();
        let signature = sign(&secret(1), "msg_1", at, body.as_bytes());
        let timestamp = at.to_string();
        let headers = Headers {
            id: Some("msg_1"),
            timestamp: Some(&timestamp),
            signature: Some(&format!("v1,AAAA {signature}")),
        };
        read(keys, headers, body.as_bytes(), NOW)
    }

    fn happened(kind: &str, data: &Value) -> Option<What> {
        let body = json!({"type": kind, "created_at": "2027-01-15T08:00:00Z", "data": data});
        let event = read_signed(&body, NOW, &[Verifier::from(&secret(1))]).unwrap()?;
        assert_eq!((event.id.as_str(), event.email_id.as_str()), ("msg_1", "e1"));
        Some(event.what)
    }

    #[test]
    fn events_are_mapped() {
        let mail = json!({"email_id": "e1", "to": ["a@b.example"]});
        let address = Some("a@b.example".to_owned());
        assert_eq!(happened("email.delivered", &mail), Some(What::Delivered));
        assert_eq!(happened("email.delivery_delayed", &mail), Some(What::Delayed));
        assert_eq!(
            happened("email.complained", &mail),
            Some(What::Complained {
                address: address.clone()
            })
        );
        for (kind, permanent) in [("Permanent", true), ("Transient", false), ("Undetermined", false)] {
            let bounce = json!({"type": kind, "subType": "General", "message": "no such user"});
            let data = json!({"email_id": "e1", "to": ["a@b.example"], "bounce": bounce});
            assert_eq!(
                happened("email.bounced", &data),
                Some(What::Bounced {
                    permanent,
                    address: address.clone(),
                    reason: Some("no such user".to_owned()),
                })
            );
        }
        assert!(matches!(
            happened("email.suppressed", &mail),
            Some(What::Bounced { permanent: true, .. })
        ));
        let failed = json!({"email_id": "e1", "failed": {"reason": "reached_daily_quota"}});
        assert_eq!(
            happened("email.failed", &failed),
            Some(What::Failed {
                reason: Some("reached_daily_quota".to_owned())
            })
        );
        for kind in ["email.sent", "email.opened", "email.clicked", "contact.created"] {
            assert_eq!(happened(kind, &mail), None, "{kind}");
        }
    }

    #[test]
    fn only_genuine_webhooks_are_read() {
        let body = json!({"type": "email.delivered", "data": {"email_id": "e1"}});
        let forged = |why| Err(EventError::Forged(why));
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
        assert_eq!(
            read(&ours, Headers::default(), b"{}", NOW),
            forged(VerifyError::MissingHeader("webhook-id"))
        );
        for body in [json!([]), json!({"type": "email.delivered", "data": {}})] {
            assert_eq!(read_signed(&body, NOW, &ours), Err(EventError::Malformed));
        }
    }
}
