//! Where a link may lead.

use url::Url;

/// The address as it is written into a mail, or nothing where it must not be: only `http`, `https` and `mailto`, and
/// relative ones where there is a base.
pub(crate) fn allowed(address: &str, base: Option<&Url>) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.chars().any(char::is_control) {
        return None;
    }
    let url = match Url::parse(address) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => base?.join(address).ok()?,
        Err(_) => return None,
    };
    let fits = match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "mailto" => !url.path().is_empty(),
        _ => false,
    };
    fits.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e22_only_web_and_mail_addresses_are_allowed() {
        let base = Url::parse("https://app.example.com/x/").unwrap();
        let alone = |address: &str| allowed(address, None);
        assert_eq!(
            alone("https://a.example/b?c=\"d\"").unwrap(),
            "https://a.example/b?c=%22d%22"
        );
        assert_eq!(alone(" mailto:a@b.example ").unwrap(), "mailto:a@b.example");
        assert_eq!(
            allowed("/pilot/7", Some(&base)).unwrap(),
            "https://app.example.com/pilot/7"
        );
        assert_eq!(allowed("//evil.example/x", None), None);
        for address in [
            "",
            "/pilot/7",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "http://",
            "mailto:",
        ] {
            assert_eq!(alone(address), None, "{address}");
        }
        assert_eq!(allowed("javascript:alert(1)", Some(&base)), None);
    }
}
