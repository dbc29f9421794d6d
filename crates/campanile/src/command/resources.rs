//! `campanile apply`, `pull` and `validate`: an environment as YAML files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::call::{Caller, Refused};
use super::{Remote, answer, say, verdict};

/// Longest value that a difference shows, in characters.
const SHOWN: usize = 60;

/// Files to apply.
#[derive(Debug, Args)]
pub(super) struct Apply {
    #[command(flatten)]
    remote: Remote,
    /// YAML files, or directories of them. Each document names its `kind`.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only show what would change.
    #[arg(long)]
    dry_run: bool,
    /// Take away the event types, templates, channels and workflows that the files do not name.
    #[arg(long)]
    prune: bool,
}

/// Where to write the files.
#[derive(Debug, Args)]
pub(super) struct Pull {
    #[command(flatten)]
    remote: Remote,
    /// The directory; made when it is missing. Files in it that are named alike are written over.
    directory: PathBuf,
}

/// Files to look at.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// YAML files, or directories of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// One document of a file.
pub(super) struct Document {
    /// Its file and, where that has several, its number.
    place: String,
    /// What it says.
    pub(super) said: Value,
}

pub(super) async fn apply(command: Apply, json: bool) -> anyhow::Result<()> {
    let mut documents = read(&command.paths)?;
    for document in documents
        .iter_mut()
        .filter(|document| document.said["kind"] == "channel")
    {
        from_environment(&mut document.said).with_context(|| document.place.clone())?;
    }
    let said: Vec<_> = documents.iter().map(|document| &document.said).collect();
    let body = json!({"resources": said, "dry_run": command.dry_run, "prune": command.prune});
    let caller = Caller::new(&command.remote)?;
    let applied = match caller.call(Method::PUT, "/api/v1/resources", &body).await {
        Ok(applied) => applied,
        Err(error) => {
            let faults = error.downcast_ref::<Refused>().map(|refused| &refused.faults[..]);
            let Some(faults @ [_, ..]) = faults else {
                return Err(error);
            };
            bail!("nothing was applied:\n{}", told(&documents, faults));
        }
    };
    say(json, &applied, || changes(&applied))
}

/// The faults, each at its document.
pub(super) fn told(documents: &[Document], faults: &[(String, String)]) -> String {
    let lines = faults.iter().map(|(pointer, detail)| {
        let rest = pointer.strip_prefix("/resources/").unwrap_or(pointer);
        let (index, inside) = rest.split_once('/').unwrap_or((rest, ""));
        let document = index.parse().ok().and_then(|index: usize| documents.get(index));
        match document {
            Some(document) if inside.is_empty() => format!("  {}: {detail}", document.place),
            Some(document) => format!("  {} at /{inside}: {detail}", document.place),
            None => format!("  {pointer}: {detail}"),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What changed, a line each, and where.
fn changes(applied: &Value) -> String {
    let mut text = String::new();
    let rows = applied["data"].as_array().map_or(&[][..], Vec::as_slice);
    let changed = rows.iter().filter(|row| row["became"] != "unchanged");
    let mut count = 0;
    for row in changed {
        count += 1;
        let word = |name: &str| row[name].as_str().unwrap_or_default();
        let _ = writeln!(text, "{:<9} {} {}", word("became"), word("kind"), word("name"));
        if row["became"] != "updated" {
            continue;
        }
        for place in row["differences"].as_array().into_iter().flatten() {
            let shown = |name: &str| place.get(name).map_or_else(|| "nothing".to_owned(), short);
            let pointer = place["pointer"].as_str().unwrap_or_default();
            let _ = writeln!(
                text,
                "            {pointer}: {} -> {}",
                shown("before"),
                shown("after")
            );
        }
    }
    let unchanged = rows.len() - count;
    let would = if applied["dry_run"] == true {
        "would change"
    } else {
        "changed"
    };
    let _ = write!(text, "{count} {would}, {unchanged} as before");
    text
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    let beginning: String = text.chars().take(SHOWN).collect();
    format!("{beginning}…")
}

pub(super) async fn pull(command: Pull, json: bool) -> anyhow::Result<()> {
    let caller = Caller::new(&command.remote)?;
    let found = caller
        .call(Method::GET, "/api/v1/resources", &Value::Null)
        .await?;
    let mut files = Vec::new();
    for document in found["resources"].as_array().into_iter().flatten() {
        let path = command.directory.join(file_of(document)?);
        let text = serde_saphyr::to_string(document).context("a resource is no YAML")?;
        fs::create_dir_all(path.parent().unwrap_or(&command.directory))?;
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        files.push(path.display().to_string());
    }
    say(json, &json!({"files": files}), || files.join("\n"))
}

/// The file of a document: a folder for each kind of which there are several.
fn file_of(document: &Value) -> anyhow::Result<PathBuf> {
    let kind = document["kind"].as_str().context("a resource has no kind")?;
    let field = match kind {
        "environment" | "preferences" => return Ok(PathBuf::from(format!("{kind}.yaml"))),
        "workflow" => "key",
        "channel" => "channel",
        _ => "name",
    };
    let name = document[field].as_str().context("a resource has no name")?;
    // A name may hold what a path reads as its own.
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    Ok(Path::new(&format!("{kind}s")).join(format!("{}.yaml", name.trim_start_matches('.'))))
}

pub(super) fn validate(command: &Validate, json: bool) -> anyhow::Result<ExitCode> {
    let documents = read(&command.paths)?;
    let said: Vec<_> = documents.iter().map(|document| document.said.clone()).collect();
    let faults: Vec<_> = app::resource::validate(&said)
        .into_iter()
        .map(|fault| (fault.pointer, fault.detail))
        .collect();
    let good = faults.is_empty();
    let said = if json {
        let faults: Vec<_> = faults
            .iter()
            .map(|(pointer, detail)| json!({"pointer": pointer, "detail": detail}))
            .collect();
        answer(json!({"documents": documents.len(), "faults": faults}))
    } else if good {
        answer(format_args!("{} documents, nothing wrong", documents.len()))
    } else {
        answer(told(&documents, &faults))
    };
    verdict(good, said)
}

/// Every document of these files, and of the YAML files in these directories, in the order of their names.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Document>> {
    let mut files = Vec::new();
    for path in paths {
        find(path, &mut files)?;
    }
    if files.is_empty() {
        bail!("there is no YAML file (.yaml, .yml)");
    }
    let mut documents = Vec::new();
    for file in files {
        let place = file.display().to_string();
        let text = fs::read_to_string(&file).with_context(|| format!("{place} cannot be read"))?;
        // `off` is a word here, as in every other language.
        let options = serde_saphyr::options! { strict_booleans: true };
        let found: Vec<Value> = serde_saphyr::from_multiple_with_options(&text, options)
            .map_err(|error| anyhow::anyhow!("{place}: {error}"))?;
        let is_one = found.len() == 1;
        documents.extend(found.into_iter().enumerate().map(|(index, said)| Document {
            place: if is_one {
                place.clone()
            } else {
                format!("{place} (document {})", index + 1)
            },
            said,
        }));
    }
    Ok(documents)
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut inside: Vec<_> = fs::read_dir(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    inside.sort();
    for path in inside {
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden && (path.is_dir() || is_yaml) {
            find(&path, files)?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a variable of the caller's own choice is for, only the caller knows"
)]
fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("the variable {name} is not set"))
}

/// Puts the values of variables where a channel's settings name them as `${NAME}`: secrets need not stand in files.
fn from_environment(value: &mut Value) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            let mut filled = String::new();
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once("${") {
                let (name, behind) = after.split_once('}').context("a `${` has no `}`")?;
                filled.push_str(before);
                filled.push_str(&variable(name)?);
                rest = behind;
            }
            filled.push_str(rest);
            let is_whole = text.starts_with("${") && text.ends_with('}') && text.matches("${").count() == 1;
            *value = match filled.parse::<i64>() {
                // A port is a number.
                Ok(number) if is_whole => Value::from(number),
                _ => Value::from(filled),
            };
        }
        Value::Array(list) => list.iter_mut().try_for_each(from_environment)?,
        Value::Object(fields) => fields.values_mut().try_for_each(from_environment)?,
        _ => {}
    }
    Ok(())
}
