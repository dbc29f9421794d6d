//! From where a call came, for the audit log: set once around a request, read where a line is written.

tokio::task_local! {
    static ORIGIN: Box<str>;
}

/// Runs a call that came from `origin`.
pub async fn scope<F: Future>(origin: Box<str>, call: F) -> F::Output {
    ORIGIN.scope(origin, call).await
}

/// From where the present call came; `None` where nobody called, as in a pass of the engine.
pub(crate) fn current() -> Option<String> {
    ORIGIN.try_with(ToString::to_string).ok()
}
