//! Reads from the server what the checks compare: all events, all feeds.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::check::KIND;
use super::client::APP;
use super::observed::{Feed, Item, Stored};
use crate::http::Api;
use crate::setup;

/// No list is longer than this many pages; more means the cursor does not advance.
const PAGES: usize = 100_000;
/// The head of a feed that moved between two pages, which no list has.
const TORN: u64 = u64::MAX;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<EventRow<'a>>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct EventRow<'a> {
    id: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// All stored events of the torture's type, with the bytes of their data.
pub(crate) async fn events(api: &Api) -> Result<Vec<Stored>> {
    let base = setup::events_path(APP);
    let mut stored = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let from = cursor
            .map(|cursor| format!("&cursor={}", encode(&cursor)))
            .unwrap_or_default();
        let reply = api
            .call("GET", &format!("{base}?type={KIND}&limit=100{from}"), None)
            .await?;
        anyhow::ensure!(reply.ok(), "listing events: {} {}", reply.status, reply.text());
        let page: Page<'_> = serde_json::from_slice(&reply.body).context("a page of events")?;
        for row in page.data {
            let data = match row.data {
                Some(data) => data.get().to_owned(),
                None => event_data(api, &row.id).await?,
            };
            stored.push(Stored { id: row.id, data });
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(stored),
        }
    }
    anyhow::bail!("the list of events has no end")
}

async fn event_data(api: &Api, id: &str) -> Result<String> {
    let reply = api
        .call("GET", &format!("{}/{id}", setup::events_path(APP)), None)
        .await?;
    anyhow::ensure!(reply.ok(), "reading {id}: {} {}", reply.status, reply.text());
    let row: EventRow<'_> = serde_json::from_slice(&reply.body).context("an event")?;
    Ok(row.data.context("an event has data")?.get().to_owned())
}

/// A user's whole feed and its epoch. Dismissed rows are asked for too, whether or not the plain list has them.
pub(crate) async fn feed(api: &Api, user: &str) -> Result<(Feed, String)> {
    // A feed that moves between pages would look torn, so its head must be the same before and after.
    for _ in 0..20 {
        let (mut feed, epoch) = list(api, user, "").await?;
        let (dismissed, _) = list(api, user, "&status=dismissed").await?;
        let missing: Vec<Item> = dismissed
            .items
            .into_iter()
            .filter(|item| !feed.items.iter().any(|listed| listed.id == item.id))
            .collect();
        feed.items.extend(missing);
        if dismissed.seq == feed.seq && feed.seq != TORN {
            return Ok((feed, epoch));
        }
    }
    anyhow::bail!("the feed of {user} does not stand still")
}

async fn list(api: &Api, user: &str, filter: &str) -> Result<(Feed, String)> {
    let mut feed = Feed::default();
    let mut cursor = String::new();
    for number in 0..PAGES {
        let path = format!("/api/v1/users/{user}/notifications?limit=100{filter}{cursor}");
        let page = api.get(&path).await?;
        let rows = page["data"]
            .as_array()
            .with_context(|| format!("no data in {page}"))?;
        for row in rows {
            feed.items
                .push(item(row).with_context(|| format!("not an item: {row}"))?);
        }
        let counters = &page["counters"];
        let seq = page["seq"].as_u64().context("a feed has a seq")?;
        feed.seq = if number == 0 || feed.seq == seq { seq } else { TORN };
        feed.unread = counters["unread"].as_i64().context("a feed has counters")?;
        feed.unseen = counters["unseen"].as_i64().unwrap_or(0);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encode(next)),
            None => return Ok((feed, page["epoch"].as_str().unwrap_or_default().to_owned())),
        }
    }
    anyhow::bail!("the feed of {user} has no end")
}

/// A row as the API shows it.
pub(crate) fn item(row: &Value) -> Option<Item> {
    Some(Item {
        id: row["id"].as_str()?.to_owned(),
        external: row["external_id"].as_str().unwrap_or_default().to_owned(),
        status: row["status"].as_str()?.to_owned(),
        seq: row["seq"].as_u64()?,
    })
}

/// Percent-encodes a query's value.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_keeps_its_bytes() {
        let page = r#"{"data":[{"id":"evt_1","data":{ "z":1.50, "a":1e3 }}],"next_cursor":null}"#;
        let page: Page<'_> = serde_json::from_str(page).expect("a page");
        assert_eq!(page.data[0].data.expect("data").get(), r#"{ "z":1.50, "a":1e3 }"#);
    }

    #[test]
    fn cursors_are_encoded() {
        assert_eq!(encode("a+/=~"), "a%2B%2F%3D~");
    }
}
