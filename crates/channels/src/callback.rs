//! What providers tell afterwards: read and checked here, whoever the provider is.

use domain::callback::Aftermath;
use domain::signature::VerifyError;
use http::HeaderMap;

/// A call of a provider, as it came.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
    /// When it came, seconds since the Unix epoch.
    pub now_s: i64,
}

/// What a provider told of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The call's own id, by which a repetition is known.
    pub id: String,
    /// The delivery, where the provider says which one it was given.
    pub delivery: Option<String>,
    /// The provider's id of what it took: that of its outcome.
    pub provider_id: String,
    /// What became of it.
    pub aftermath: Aftermath,
    /// The address, where it was named.
    pub address: Option<String>,
    /// Why, in the words of whoever refused it.
    pub detail: Option<String>,
}

/// Why a call is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nobody is called here: there is no such provider, or no secret of its calls is configured.
    #[error("nothing is told here")]
    Nobody,
    /// It does not come from the provider, or too late.
    #[error("the call is not genuine: {0}")]
    Forged(#[from] VerifyError),
    /// It says nothing that can be read.
    #[error("the call is not one of this provider")]
    Malformed,
}
