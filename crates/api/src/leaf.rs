//! Pages for people who follow a link and are not signed in: one look, no script, nothing kept by anybody in between.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// Nothing but the page's own style and its form.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A page of this title and content, both HTML.
pub(crate) fn page(title: &str, content: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{content}</main></body></html>"
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, html).into_response()
}

/// A text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html
}

const STYLE: &str = ":root{--ground:#f4f5f7;--card:#fff;--line:#e3e6ea;--text:#374151;--strong:#111827;--accent:#4f46e5;--on:#fff;--done:#047857}\
@media (prefers-color-scheme:dark){:root{--ground:#0b0d12;--card:#161a22;--line:#2a303c;--text:#cbd2dc;--strong:#f8fafc;--accent:#818cf8;--on:#0b0d12;--done:#6ee7b7}}\
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}\
main{box-sizing:border-box;width:min(30rem,calc(100vw - 2rem));margin:1rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:12px}\
h1{margin:0 0 .5rem;font-size:1.25rem;color:var(--strong)}p{margin:0}\
fieldset{margin:1rem 0 0;padding:1rem 0 0;border:0;border-top:1px solid var(--line)}legend{float:left;width:100%;padding:0;font-weight:600;color:var(--strong)}\
fieldset p{clear:both;font-size:.875rem}.boxes{clear:both;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;padding-top:.25rem}\
label{display:inline-flex;align-items:center;gap:.5rem;min-height:2.25rem;cursor:pointer}input{width:1.125rem;height:1.125rem;margin:0;accent-color:var(--accent)}\
label:has(:disabled){opacity:.55;cursor:default}.done{margin-bottom:.5rem;font-weight:600;color:var(--done)}\
button{margin-top:1.25rem;padding:.65rem 1.2rem;border:0;border-radius:8px;background:var(--accent);color:var(--on);font:600 1rem system-ui,sans-serif;cursor:pointer}\
button:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:2px}";

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_text_is_no_markup() {
        assert_eq!(
            escape("<a href=\"x\">&amp;"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp;"
        );
    }
}
