//! `vaultiam init`: a settings file from flags, variables, what can be found
//! out, and the answers of a person. The file that is there is never read.

mod detect;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, json};

use crate::aws::identity::is_region;
use crate::diagnose::{Code, Finding, Where, explain_settings};
use crate::output::json::{self, InitialisedDocument};
use crate::private_file;
use crate::settings::file::{FileValue, FileValues};
use crate::settings::sample::commented;
use crate::settings::{
    self, Id, Kind, Origin, Setting, Settings, SettingsError, SettingsProblem, table, value,
};
use crate::shell;
use crate::vault::client::parse_address;

use super::args::{Format, InitArguments};
use super::ask::{Asker, Unanswered};
use super::report::warn_of_settings;
use super::{Context, DONE, OTHER};
use detect::Seen;

/// What is put in force: the value, and where it came from.
type Chosen = BTreeMap<Id, (String, String)>;

/// What a person is asked for.
const QUESTIONS: [Id; 4] = [Id::Topology, Id::Region, Id::AccountId, Id::Address];

/// Why nothing was written.
enum Refusal {
    Finding(Box<Finding>),
    Unanswered(String),
}

impl From<SettingsError> for Refusal {
    fn from(error: SettingsError) -> Self {
        Refusal::Finding(Box::new(explain_settings(&error)))
    }
}

impl From<Unanswered> for Refusal {
    fn from(unanswered: Unanswered) -> Self {
        Refusal::Unanswered(unanswered.0)
    }
}

/// Writes the settings file and prints its path.
pub(super) async fn run(arguments: &InitArguments, context: &Context) -> u8 {
    match write(arguments, context).await {
        Ok((path, chosen)) => finish(arguments, context, &path, &chosen),
        Err(Refusal::Finding(finding)) => {
            context.progress.end();
            let as_json = context.format == Format::Json;
            super::refuse_with(&context.streams, &finding, as_json, context.verbosity)
        }
        Err(Refusal::Unanswered(why)) => {
            let words = format!("error: {why}; nothing was written\n");
            context.streams.aside(&words);
            OTHER
        }
    }
}

async fn write(arguments: &InitArguments, context: &Context) -> Result<(PathBuf, Chosen), Refusal> {
    let settings = &context.run.settings;
    let path = settings.place.clone().ok_or_else(|| {
        let words = "no home directory is known; name the file with --config";
        Refusal::Finding(Box::new(Finding::certain(Code::CFG909).because(words)))
    })?;
    // Before anybody is asked; what comes meanwhile is seen when it is written.
    if !arguments.force && is_there(&path) {
        return Err(already_there(arguments, &path));
    }
    let mut chosen = given(settings)?;
    context.progress.step("looking for region and account");
    let detected = detect::detect(context).await;
    for hint in &detected.hints {
        context.inform(&format!("hint: {hint}"));
    }
    for (id, seen) in [
        (Id::Region, detected.region),
        (Id::AccountId, detected.account),
    ] {
        if let Some(Seen {
            value,
            origin,
            note,
        }) = seen
        {
            let key = table::setting(id).key;
            context.inform(&format!("found {key}: {value}, {note}"));
            chosen.insert(id, (value, origin.to_owned()));
        }
    }
    if let Some(asker) = Asker::of(context) {
        ask(&asker, settings, &mut chosen).await?;
    }
    let text = text_of(&chosen, &path)?;
    let written = if arguments.force && is_there(&path) {
        private_file::write(&path, &text)
    } else {
        private_file::create(&path, &text)
    };
    match written {
        Ok(()) => Ok((path, chosen)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !arguments.force => {
            Err(already_there(arguments, &path))
        }
        Err(error) => {
            let words = format!("{} cannot be written: {error}", path.display());
            let finding = Finding::certain(Code::CFG909).because(words);
            Err(Refusal::Finding(Box::new(finding)))
        }
    }
}

/// Tells whether anything stands at `path`, a link that leads nowhere too.
fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn already_there(arguments: &InitArguments, path: &Path) -> Refusal {
    let words = format!(
        "{} is there already and is not replaced without --force",
        path.display()
    );
    let command = with_config("vaultiam init --force", arguments);
    let finding = Finding::certain(Code::CFG909).because(words).remedy(
        Where::Here,
        "replace it, whatever it holds",
        Some(command),
        None,
    );
    Refusal::Finding(Box::new(finding))
}

/// A command for the file that was named, if one was.
fn with_config(command: &str, arguments: &InitArguments) -> String {
    match &arguments.config {
        Some(path) => format!(
            "{command} --config {}",
            shell::quote(&path.display().to_string())
        ),
        None => command.to_owned(),
    }
}

/// What flags and variables give.
fn given(settings: &Settings) -> Result<Chosen, SettingsError> {
    let mut chosen = Chosen::new();
    for (id, (text, origin)) in &settings.origins {
        let row = table::setting(*id);
        // A check that the shell has switched off for now is not off for good.
        let is_passing = *id == Id::SkipVerify && matches!(origin, Origin::Environment(_));
        if row.key.is_empty() || is_passing || matches!(origin, Origin::Default | Origin::File) {
            continue;
        }
        // As it was given: the origins hide a password that it may carry.
        let text = match id {
            Id::Address => &settings.vault.address,
            _ => text,
        };
        check(row, text).map_err(|words| {
            SettingsError::new(SettingsProblem::WrongValue, origin.to_string(), words)
        })?;
        chosen.insert(*id, (from_anywhere(row, text), origin.to_string()));
    }
    Ok(chosen)
}

/// Checks a value more closely than its kind does: what stands in the file is
/// to be right.
fn check(row: &Setting, text: &str) -> Result<(), String> {
    value::check(row.kind, text)?;
    match row.id {
        Id::Region if !is_region(text) => Err(format!(
            "must have the form of an AWS region (us-east-1), not '{text}'"
        )),
        Id::Address => parse_address(text)
            .map(drop)
            .map_err(|fault| format!("is no address of a Vault: {}", fault.message)),
        _ => Ok(()),
    }
}

/// A value that means in the file what it means here: truth values in YAML's
/// words, and files by their whole path.
fn from_anywhere(row: &Setting, text: &str) -> String {
    let is_path = match row.id {
        Id::CaCert | Id::CaPath | Id::ClientCert | Id::ClientKey => true,
        Id::SessionPolicy => !matches!(text, "deny-all" | "none"),
        _ => false,
    };
    match row.kind {
        Kind::Flag => value::flag(text).unwrap_or_default().to_string(),
        _ if is_path => std::path::absolute(text)
            .map_or_else(|_| text.to_owned(), |path| path.display().to_string()),
        _ => text.to_owned(),
    }
}

/// Asks for what no flag decides; an empty line takes what stands in brackets.
async fn ask(
    asker: &Asker<'_>,
    settings: &Settings,
    chosen: &mut Chosen,
) -> Result<(), Unanswered> {
    for id in QUESTIONS {
        if matches!(settings.origins.get(&id), Some((_, Origin::Flag(_)))) {
            continue;
        }
        let row = table::setting(id);
        let known = chosen.get(&id).map_or(row.default, |(text, _)| text);
        let answer = asker
            .question(&question(row, known), |line| match line {
                "" => Ok(None),
                line => check(row, line).map(|()| Some(line.to_owned())),
            })
            .await?;
        if let Some(text) = answer {
            chosen.insert(id, (text, "answer".to_owned()));
        }
    }
    Ok(())
}

/// `AWS region [us-east-1]`: what stands before the first semicolon of the help.
fn question(row: &Setting, known: &str) -> String {
    let mut words = row.help.split(';').next().unwrap_or(row.help).to_owned();
    if let Kind::Choice(choices) = row.kind {
        words.push_str(&format!(" ({})", choices.join(", ")));
    }
    if !known.is_empty() {
        words.push_str(&format!(" [{known}]"));
    }
    words
}

/// The text of the file, which was read back and means what was chosen.
fn text_of(chosen: &Chosen, path: &Path) -> Result<String, SettingsError> {
    let values: FileValues = chosen
        .iter()
        .map(|(id, (text, _))| (*id, FileValue::Text(text.clone())))
        .collect();
    let text = commented(&values);
    if settings::check_file(&text, path)? == values {
        Ok(text)
    } else {
        Err(SettingsError::new(
            SettingsProblem::WrongValue,
            path.display().to_string(),
            "would not be read as it is meant; nothing was written",
        ))
    }
}

fn finish(arguments: &InitArguments, context: &Context, path: &Path, chosen: &Chosen) -> u8 {
    if chosen.contains_key(&Id::SkipVerify) {
        warn_of_settings(context);
    }
    if context.format == Format::Json {
        let text = render(context, DONE, Some(path), chosen);
        return context.answer(&text, DONE);
    }
    let next = with_config("vaultiam setup --plan", arguments);
    let code = context.answer(&format!("{}\n", path.display()), DONE);
    context.inform(&format!("next: {next}"));
    code
}

/// The document of a run that a signal ended.
pub(super) fn interrupted(context: &Context, exit_code: u8) -> String {
    render(context, exit_code, None, &Chosen::new())
}

fn render(context: &Context, exit_code: u8, path: Option<&Path>, chosen: &Chosen) -> String {
    let settings: Map<_, _> = chosen
        .iter()
        .map(|(id, (value, origin))| {
            let key = table::setting(*id).key.to_owned();
            (key, json!({ "value": value, "origin": origin }))
        })
        .collect();
    let document = InitialisedDocument {
        schema: "vaultiam/v1/initialised",
        exit_code,
        file: path.map(|path| path.display().to_string()),
        settings,
    };
    json::render(&document, &context.run.redactor, &[])
}
