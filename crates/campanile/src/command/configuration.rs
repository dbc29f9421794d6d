//! `campanile config print|check|reference`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{Settings, answer, say, verdict};

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
        Configuration::Check(settings) => {
            let problems = settings.load().err().map(|problems| problems.to_string());
            let value = match &problems {
                None => json!({"ok": true}),
                Some(problems) => json!({"ok": false, "problems": problems}),
            };
            let good = problems.is_none();
            let said = say(json, &value, || {
                problems.unwrap_or_else(|| "the configuration is good".to_owned())
            });
            return verdict(good, said);
        }
        Configuration::Reference => {
            let text = config::reference();
            say(json, &json!({"reference": text}), || text.trim_end().to_owned())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
