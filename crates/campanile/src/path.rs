//! Paths of the API, as they are called.

/// One segment of a path: a name may hold what a URL reads as its own.
pub(crate) fn segment(name: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    encoded.replace('+', "%20")
}
