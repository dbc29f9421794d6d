//! Letting everything come to rest after the client has stopped.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::client::APP;
use super::harness::Harness;

/// Waits until what was acknowledged has arrived, helping a disabled endpoint up as its owner would.
pub(super) async fn settle(harness: &mut Harness) -> Result<()> {
    let begun = Instant::now();
    let mut looked = Instant::now();
    let mut recovered = false;
    loop {
        let missing = missing(harness);
        if missing == 0 {
            break;
        }
        if begun.elapsed() > harness.pressure.settle {
            harness.notes.push(format!(
                "{missing} deliveries missing after {:?}",
                harness.pressure.settle
            ));
            break;
        }
        if looked.elapsed() > Duration::from_secs(5) {
            looked = Instant::now();
            let late = begun.elapsed() > harness.pressure.settle / 2;
            recovered = help_up(harness, late && !recovered, missing).await? || recovered;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    harness.notes.push(format!(
        "settled {:.1} s after the last write",
        begun.elapsed().as_secs_f64()
    ));
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

/// Acknowledged events that were not taken, and notifications whose creation the application did not hear of.
fn missing(harness: &Harness) -> usize {
    let book = harness.ledger.book();
    harness.inbox.read(|pages| {
        let taken = |id: &str| pages.arrived.get(id).is_some_and(|arrived| arrived.taken > 0);
        let events = book.events.values().filter_map(|entry| entry.event_id.as_deref());
        let created =
            |id: &str, user: &str| (id.to_owned(), user.to_owned(), "notification.created".to_owned());
        let notifications = book
            .notifications
            .values()
            .filter_map(|entry| Some((entry.id.as_deref()?, entry)));
        events.filter(|id| !taken(id)).count()
            + notifications
                .flat_map(|(id, entry)| entry.states.keys().map(move |user| created(id, user)))
                .filter(|event| !pages.state_events.contains(event))
                .count()
    })
}

/// Enables a disabled endpoint and asks for what it missed. Answers whether it asked.
async fn help_up(harness: &mut Harness, ask: bool, missing: usize) -> Result<bool> {
    let api = harness.api(harness.specs.len() - 1);
    let path = format!("/api/v1/apps/{APP}/webhooks/{}", harness.webhook.id);
    let endpoint = api.get(&path).await?;
    let disabled = endpoint["status"]
        .as_str()
        .is_some_and(|status| status != "active");
    if disabled {
        api.expect("PATCH", &path, Some(&json!({ "status": "active" })))
            .await?;
    }
    if disabled || ask {
        harness.notes.push(format!(
            "asked for recovery: endpoint {}, {missing} missing",
            endpoint["status"]
        ));
        let since = endpoint["created_at"]
            .as_str()
            .context("an endpoint has created_at")?;
        api.post(&format!("{path}/recover"), json!({ "since": since }))
            .await?;
    }
    Ok(disabled || ask)
}
