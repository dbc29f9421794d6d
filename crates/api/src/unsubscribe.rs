//! The page and the one click by which a recipient ends the mails of a workflow (RFC 8058). Outside of `/api`: its caller is a mail program.
//!
//! Looking at the link changes nothing, since programs look at every link of a mail; what ends the mails is a POST, the mail program's own or
//! that of the page's button.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::extract::Segments;
use crate::problem::Answer;
use crate::state::Api;

/// Nothing but the page's own style and its form.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Asks whether the mails shall end.
pub(crate) async fn ask(State(api): State<Api>, Segments(token): Segments<String>) -> Answer<Response> {
    api.ctx.read_unsubscription(&token)?;
    let form = "<p>You will get no more of these mails. Others are not affected.</p>\
                <form method=\"post\"><button>Unsubscribe</button></form>";
    Ok(page("Unsubscribe?", form))
}

/// Ends the mails.
pub(crate) async fn end(State(api): State<Api>, Segments(token): Segments<String>) -> Answer<Response> {
    let ends = api.ctx.read_unsubscription(&token)?;
    api.ctx.end_mails(&ends).await?;
    Ok(page(
        "You are unsubscribed",
        "<p>You will get no more of these mails.</p>",
    ))
}

fn page(title: &str, content: &str) -> Response {
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

const STYLE: &str = ":root{--ground:#f4f5f7;--card:#fff;--line:#e3e6ea;--text:#374151;--strong:#111827;--accent:#4f46e5;--on:#fff}\
@media (prefers-color-scheme:dark){:root{--ground:#0b0d12;--card:#161a22;--line:#2a303c;--text:#cbd2dc;--strong:#f8fafc;--accent:#818cf8;--on:#0b0d12}}\
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}\
main{box-sizing:border-box;width:min(26rem,calc(100vw - 2rem));padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:12px}\
h1{margin:0 0 .5rem;font-size:1.25rem;color:var(--strong)}p{margin:0}\
button{margin-top:1.25rem;padding:.65rem 1.2rem;border:0;border-radius:8px;background:var(--accent);color:var(--on);font:600 1rem system-ui,sans-serif;cursor:pointer}\
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}";
