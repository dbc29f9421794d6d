//! The page and the one click by which a recipient ends the mails of a workflow (RFC 8058). Outside of `/api`: its caller is a mail program.
//!
//! Looking at the link changes nothing, since programs look at every link of a mail; what ends the mails is a POST, the mail program's own or
//! that of the page's button.

use axum::extract::State;
use axum::response::Response;

use crate::extract::Segments;
use crate::leaf::page;
use crate::problem::Answer;
use crate::state::Api;

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
    if !api.ctx.end_mails(&ends).await? {
        return Ok(page(
            "These mails cannot be turned off",
            "<p>They are required: whoever sends them decided so.</p>",
        ));
    }
    Ok(page(
        "You are unsubscribed",
        "<p>You will get no more of these mails.</p>",
    ))
}
