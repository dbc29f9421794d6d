//! The page on which somebody says what they prefer, without signing in: by the link in their mails. Outside of `/api`: its caller is a browser.

use std::collections::HashSet;
use std::fmt::Write as _;

use app::preference_sheet::{Row, Ticked};
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use domain::channel::Channel;

use crate::extract::{Segments, Whole};
use crate::leaf::{escape, page};
use crate::problem::Answer;
use crate::state::Api;

const TITLE: &str = "Notification settings";

/// Shows the sheet.
pub(crate) async fn ask(State(api): State<Api>, Segments(token): Segments<String>) -> Answer<Response> {
    let link = api.ctx.read_preference_link(&token)?;
    let rows = api.ctx.preference_sheet(&link).await?;
    Ok(page(TITLE, &sheet(&rows, "")))
}

/// Takes it as it was ticked.
pub(crate) async fn tick(
    State(api): State<Api>,
    Segments(token): Segments<String>,
    request: Request,
) -> Answer<Response> {
    // Who has no link is not listened to.
    let link = api.ctx.read_preference_link(&token)?;
    let Whole(body) = Whole::from_request(request, &api).await?;
    let boxes = |which: &str| -> HashSet<(String, Channel)> {
        let named = form_urlencoded::parse(&body).filter(|(name, _)| name == which);
        named
            .filter_map(|(_, value)| {
                let (channel, workflow) = value.split_once(':')?;
                Some((workflow.to_owned(), Channel::from_word(channel)?))
            })
            .collect()
    };
    let ticked = Ticked {
        shown: boxes("shown"),
        on: boxes("on"),
    };
    api.ctx.tick_preferences(&link, &ticked).await?;
    let rows = api.ctx.preference_sheet(&link).await?;
    Ok(page(
        TITLE,
        &sheet(&rows, "<p class=\"done\" role=\"status\">Saved.</p>"),
    ))
}

fn sheet(rows: &[Row], said: &str) -> String {
    if rows.is_empty() {
        return format!("{said}<p>There is nothing to choose at the moment.</p>");
    }
    let mut html = format!("{said}<p>Choose what reaches you, and how.</p><form method=\"post\">");
    for row in rows {
        let name = escape(&row.name);
        let _ = write!(html, "<fieldset><legend>{name}</legend>");
        if !row.description.is_empty() {
            let _ = write!(html, "<p>{}</p>", escape(&row.description));
        }
        html.push_str("<div class=\"boxes\">");
        for tick in &row.ticks {
            let value = escape(&format!("{}:{}", tick.channel.as_str(), row.workflow));
            let checked = if tick.on { " checked" } else { "" };
            let fixed = if tick.fixed { " disabled" } else { "" };
            if !tick.fixed {
                // What was not shown, or could not be ticked, says nothing.
                let _ = write!(html, "<input type=\"hidden\" name=\"shown\" value=\"{value}\">");
            }
            let word = word(tick.channel);
            let _ = write!(
                html,
                "<label><input type=\"checkbox\" name=\"on\" value=\"{value}\"{checked}{fixed}> {word}</label>"
            );
        }
        html.push_str("</div></fieldset>");
    }
    html.push_str("<button>Save</button></form>");
    html
}

/// What people call a channel.
fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::InApp => "In the app",
        Channel::Email => "Email",
        Channel::Push => "Push",
        Channel::Sms => "Text message",
        Channel::Voice => "Phone call",
        Channel::Slack => "Slack",
        Channel::Teams => "Teams",
        Channel::Webhook => "Webhook",
    }
}
