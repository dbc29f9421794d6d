//! Why the policy said no.

use std::borrow::Cow;

/// A destination the policy does not let us send to.
///
/// The message may be shown to whoever wrote the URL. It names the rule and at most repeats what they wrote: what
/// a name resolved to is never part of it, since that would tell a stranger about the network we stand in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    code: &'static str,
    message: Cow<'static, str>,
}

impl Refused {
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The rule as a stable word: `url_too_long`, `url_malformed`, `url_scheme`, `url_user_info`, `url_fragment`,
    /// `url_port`, `url_host`, `name_denied`, `address_denied` or `address_own`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The answer for a name whose addresses are denied: the same for every range, so that it tells nothing.
    pub(crate) fn resolved() -> Self {
        Self::new(
            "address_denied",
            "the host's name resolves only to addresses this server does not send to",
        )
    }
}
