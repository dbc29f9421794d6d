//! What a verb may answer instead of success, in words a caller can act on.

use domain::text::Fault;

/// A verb's refusal.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such thing for this caller.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The input names something unknown, or is no good as a request.
    #[error("{}", first(.0))]
    BadRequest(Vec<Fault>),
    /// The input breaks rules.
    #[error("{}", first(.0))]
    Invalid(Vec<Fault>),
    /// The input is larger than allowed.
    #[error("{}", .0.detail)]
    TooLarge(Fault),
    /// It cannot be done as things stand.
    #[error("{detail}")]
    Conflict {
        /// Stable word.
        code: &'static str,
        /// Sentence.
        detail: String,
    },
    /// The credentials are missing or no good.
    #[error("{detail}")]
    Unauthenticated {
        /// Stable word.
        code: &'static str,
        /// Sentence.
        detail: String,
    },
    /// The credentials are good, but not for this.
    #[error("{0}")]
    Forbidden(String),
    /// The database cannot take it now; the same call may work later.
    #[error("{0}")]
    Unavailable(String),
    /// A defect of ours. The text is for the log.
    #[error("{0}")]
    Internal(String),
}

fn first(faults: &[Fault]) -> String {
    faults.first().map_or_else(
        || "invalid".to_owned(),
        |fault| format!("{} {}", fault.pointer, fault.detail),
    )
}

/// What verbs answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// One thing wrong with the input.
    pub fn invalid(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, detail)])
    }

    /// The same `Idempotency-Key` came with another request.
    pub fn key_reused() -> Self {
        Self::Conflict {
            code: "idempotency_key_reused",
            detail: "this Idempotency-Key was used with another request".into(),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict(detail) => Self::Conflict {
                code: "conflict",
                detail,
            },
            store::Error::Unavailable(detail) | store::Error::Unknown(detail) => Self::Unavailable(detail),
            store::Error::Corrupt(detail) | store::Error::Other(detail) => Self::Internal(detail),
        }
    }
}

impl From<domain::event::Refusal> for Error {
    fn from(refusal: domain::event::Refusal) -> Self {
        match refusal {
            domain::event::Refusal::Unknown(fault) => Self::BadRequest(vec![fault]),
            domain::event::Refusal::Invalid(faults) => Self::Invalid(faults),
            domain::event::Refusal::TooLarge(fault) => Self::TooLarge(fault),
        }
    }
}
