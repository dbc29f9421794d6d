//! Commands: each a file. Every one takes `--json` and then answers JSON alone on standard output.

mod backup;
mod call;
mod configuration;
mod doctor;
mod explain;
mod keys;
mod listen;
mod login;
mod outbox;
mod output;
mod resources;
mod serve;
mod simulate;
mod tail;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use config::{Config, Flag, Sources};

use output::{Unread, answer, note, say, verdict};

/// One server that takes an event once and gets it to everyone who should know.
#[derive(Debug, Parser)]
#[command(name = "campanile", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Answer JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server in the foreground.
    Serve(Settings),
    /// Look whether everything the server needs is there.
    Doctor(doctor::Doctor),
    /// Make, list or revoke keys; works beside a running server.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print a link that signs you in to the console, once; works beside a running server.
    Login(login::Login),
    /// Make or list environments; works beside a running server.
    #[command(subcommand)]
    Environments(keys::Environments),
    /// Print or check the configuration.
    #[command(subcommand)]
    Config(configuration::Configuration),
    /// Copy the database inside into a file; works beside a running server.
    Backup(backup::Backup),
    /// Make an environment what YAML files say, all or nothing, and show what changes.
    Apply(resources::Apply),
    /// Write what an environment is made of into YAML files.
    Pull(resources::Pull),
    /// Look whether YAML files can be applied; needs no server.
    Validate(resources::Validate),
    /// Try what would happen by YAML files and a script, with a turned clock, sending nothing; needs no server.
    Simulate(simulate::Simulation),
    /// Publish an event.
    Publish(call::Publish),
    /// The outbox in a product's own database: events that exist exactly when the product's transaction committed.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Tell who got what of an event, who did not, and why.
    Explain(explain::Explain),
    /// Mint a user token.
    Token(token::Token),
    /// Follow the live stream in this terminal.
    Tail(tail::Tail),
    /// Receive webhooks: verify and print them.
    Listen(listen::Listen),
    /// Print the OpenAPI document.
    Openapi,
}

/// Where the configuration comes from. Flags win over `CAMPANILE__…` variables, those over the file.
#[derive(Debug, Clone, Default, Args)]
struct Settings {
    /// Configuration file (default: campanile.toml here, then /etc/campanile/campanile.toml).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Data directory.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// PostgreSQL instead of SQLite: postgres://…
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Address range that webhooks may reach although it is private. May be given again.
    #[arg(long, value_name = "CIDR")]
    egress_allow: Vec<String>,
    /// Fill a new database with demo data and show where to look.
    #[arg(long)]
    demo: bool,
}

impl Settings {
    /// The configuration, or every problem it has.
    fn load(&self) -> anyhow::Result<Config> {
        let mut flags = Vec::new();
        if let Some(listen) = &self.listen {
            flags.push(Flag::new("--listen", "server.listen", listen));
        }
        if let Some(data) = &self.data {
            flags.push(Flag::new("--data", "server.data", &data.display()));
        }
        if let Some(url) = &self.database_url {
            flags.push(Flag::new("--database-url", "database.url", url));
        }
        if !self.egress_allow.is_empty() {
            flags.push(Flag::list("--egress-allow", "egress.allow", &self.egress_allow));
        }
        if self.demo {
            flags.push(Flag::new("--demo", "demo.enabled", "true"));
        }
        let file =
            config::File::find(self.config.as_deref()).map_err(|problem| anyhow::anyhow!("{problem}"))?;
        let sources = Sources {
            file,
            env: config::environment(),
            flags,
        };
        Config::load(sources).map_err(|problems| anyhow::anyhow!("{}", config::explain(&problems)))
    }
}

/// How a command reaches a running server.
#[derive(Debug, Clone, Args)]
struct Remote {
    /// The server.
    #[arg(
        long,
        value_name = "URL",
        env = "CAMPANILE_URL",
        default_value = "http://127.0.0.1:8300"
    )]
    url: String,
    /// A key of the environment (sk_) or of the application (ak_).
    #[arg(long, value_name = "KEY", env = "CAMPANILE_KEY", hide_env_values = true)]
    key: String,
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            note(format_args!("the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) if error.is::<Unread>() => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    };
    // What is still running has been told to stop; a command does not wait for it.
    runtime.shutdown_background();
    code
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let json = cli.json;
    match cli.command {
        Command::Serve(settings) => return serve::run(&settings.load()?, json).await,
        Command::Doctor(command) => return doctor::run(command, json).await,
        Command::Keys(command) => keys::run(command, json).await?,
        Command::Environments(command) => keys::environments(command, json).await?,
        Command::Login(command) => login::run(command, json).await?,
        Command::Config(command) => return configuration::run(command, json),
        Command::Backup(command) => backup::run(command, json).await?,
        Command::Apply(command) => resources::apply(command, json).await?,
        Command::Pull(command) => resources::pull(command, json).await?,
        Command::Validate(command) => return resources::validate(&command, json),
        Command::Simulate(command) => simulate::run(command, json).await?,
        Command::Publish(command) => call::publish(command, json).await?,
        Command::Outbox(command) => outbox::run(command, json).await?,
        Command::Explain(command) => explain::run(command, json).await?,
        Command::Token(command) => token::run(command, json).await?,
        Command::Tail(command) => tail::run(command, json).await?,
        Command::Listen(command) => listen::run(command, json).await?,
        Command::Openapi => answer(api::openapi(&api::Settings::default()).to_pretty_json()?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A string inside an answer.
fn text<'a>(value: &'a serde_json::Value, name: &str) -> anyhow::Result<&'a str> {
    value[name]
        .as_str()
        .with_context(|| format!("the answer has no {name}"))
}
