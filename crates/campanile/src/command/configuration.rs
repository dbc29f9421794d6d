//! `campanile config print|check|reference`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{Settings, answer, say};

#[derive(Debug, Subcommand)]
pub(super) enum Configuration {
    /// Print what is in force, and where each value comes from.
    Print(Settings),
    /// Look for mistakes.
    Check(Settings),
    /// Print every key with its meaning and default.
    Reference,
}

pub(super) fn run(command: Configuration, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Configuration::Print(settings) => {
            let config = settings.load()?;
            if json {
                answer(serde_json::to_string(&config::entries(&config))?)?;
            } else {
                answer(config::print(&config).trim_end())?;
            }
        }
        Configuration::Check(settings) => match settings.load() {
            Ok(_) => say(json, &json!({"ok": true}), || {
                "the configuration is good".to_owned()
            })?,
            Err(problems) => {
                say(
                    json,
                    &json!({"ok": false, "problems": problems.to_string()}),
                    || problems.to_string(),
                )?;
                return Ok(ExitCode::FAILURE);
            }
        },
        Configuration::Reference => {
            let text = config::reference();
            say(json, &json!({"reference": text}), || text.trim_end().to_owned())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
