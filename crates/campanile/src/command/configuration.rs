//! `campanile config print|check|reference`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::Settings;

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
                println!("{}", serde_json::to_string(&config::entries(&config))?);
            } else {
                print!("{}", config::print(&config));
            }
        }
        Configuration::Check(settings) => match settings.load() {
            Ok(_) => super::say(json, &json!({"ok": true}), || {
                "the configuration is good".to_owned()
            }),
            Err(problems) => {
                super::say(
                    json,
                    &json!({"ok": false, "problems": problems.to_string()}),
                    || problems.to_string(),
                );
                return Ok(ExitCode::FAILURE);
            }
        },
        Configuration::Reference if json => {
            println!("{}", serde_json::json!({"reference": config::reference()}));
        }
        Configuration::Reference => print!("{}", config::reference()),
    }
    Ok(ExitCode::SUCCESS)
}
