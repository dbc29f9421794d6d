//! `campanile doctor`: is everything there?

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use config::Config;
use serde_json::json;
use store::{Store, Synchronous};

use super::{Settings, answer, verdict};
use crate::pages;

#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    settings: Settings,
    /// Print what the Content-Security-Policy of a page must allow to have the elements, and look at nothing else.
    #[arg(long)]
    csp: bool,
}

/// Looks at what the server needs, or says what pages need.
pub(super) async fn run(command: Doctor, json: bool) -> anyhow::Result<ExitCode> {
    let config = command.settings.load()?;
    if command.csp {
        csp(&config, json)?;
        return Ok(ExitCode::SUCCESS);
    }
    examine(&config, json).await
}

/// What another page's policy must allow, a directive a line.
fn csp(config: &Config, json: bool) -> anyhow::Result<()> {
    let public = config.server.public_url.as_ref().map(ToString::to_string);
    let server = public.unwrap_or_else(|| format!("http://{}", config.server.listen));
    let needed = pages::needed_by_hosts(server.trim_end_matches('/'));
    if json {
        return answer(json!(BTreeMap::from(needed)));
    }
    needed
        .iter()
        .try_for_each(|(directive, sources)| answer(format_args!("{directive} {sources};")))
}

/// Looks at the data directory, the database, the disk's flushes, the clock; prints what it found.
async fn examine(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    std::fs::create_dir_all(&config.server.data)?;
    findings.push(("data directory", true, config.server.data.display().to_string()));
    findings.push(match flush_rate(config) {
        Ok(rate) => (
            "disk flush",
            rate >= 100.0,
            format!("{rate:.0} a second (each acknowledged write waits for one)"),
        ),
        Err(error) => ("disk flush", false, error.to_string()),
    });
    let settings = crate::server::store_settings(config);
    if settings.url.is_none() {
        let full = settings.synchronous == Synchronous::Full;
        let text = if full {
            "full: what is acknowledged survives a power cut"
        } else {
            "normal: a power cut may lose acknowledged writes"
        };
        findings.push(("synchronous", full, text.to_owned()));
    }
    match Store::open(&settings).await {
        Ok(store) => {
            findings.push((
                "database",
                true,
                format!(
                    "{}, epoch {}",
                    if store.is_shared() { "PostgreSQL" } else { "SQLite" },
                    store.epoch()
                ),
            ));
            if let Some(forced) = store.row_level_security() {
                let text = if forced {
                    "in force"
                } else {
                    "this login may not make roles: isolation rests on the queries alone"
                };
                findings.push(("row-level security", forced, text.to_owned()));
            }
            let clock = store::node::clock(&mut *store.read_all().await?).await?;
            if let Some(database) = clock {
                let off = database - app::Clock::System.now();
                findings.push((
                    "clock",
                    off.abs() <= 2_000,
                    format!("{off} ms off the database's"),
                ));
            }
            store.close().await;
        }
        Err(error) => findings.push(("database", false, error.to_string())),
    }
    findings.push(match egress::Dns::system() {
        Ok(_) => ("name server", true, "configured".to_owned()),
        Err(error) => ("name server", false, error.to_string()),
    });
    let good = findings.iter().all(|(_, good, _)| *good);
    verdict(good, tell(&findings, good, json))
}

/// What was looked at, whether it is good, and in which words.
type Finding = (&'static str, bool, String);

fn tell(findings: &[Finding], good: bool, json: bool) -> anyhow::Result<()> {
    if json {
        let list: Vec<_> = findings
            .iter()
            .map(|(what, good, text)| json!({"what": what, "ok": good, "detail": text}))
            .collect();
        return answer(json!({"ok": good, "findings": list}));
    }
    findings.iter().try_for_each(|(what, good, text)| {
        let word = if *good { "ok  " } else { "look" };
        answer(format_args!("{word}  {what:20}  {text}"))
    })
}

/// How often a second the disk under the data directory makes a small write durable.
fn flush_rate(config: &Config) -> std::io::Result<f64> {
    use std::io::Write;
    let path = config.server.data.join(".doctor");
    let mut file = std::fs::File::create(&path)?;
    let started = Instant::now();
    let mut flushes = 0u32;
    while started.elapsed().as_millis() < 300 {
        file.write_all(&[0; 4_096])?;
        file.sync_data()?;
        flushes += 1;
    }
    let rate = f64::from(flushes) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
