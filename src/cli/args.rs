//! What can be typed. The library that reads arguments is used here only; the
//! rest of the program sees plain values.

mod admin;
mod check;
mod completions;
mod explain;
mod get;
mod init;
mod kong;
mod login;
mod man;
mod provision;
mod put;
mod record;
mod settings;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command as ClapCommand, ValueHint};

use super::Verbosity;
use super::completions::Shell;
use super::exit::MEANINGS;
use super::man::ManArguments;
use super::provision::ProvisionArguments;
use super::put::PutArguments;
use super::usage::{command_of, usage};
use crate::login::Depth;
use crate::output::check::Form;
use crate::output::secret_format::SecretFormat;
use crate::settings::{Flags, Group, Kind, Setting, SettingsError, SettingsProblem, TABLE, value};

use settings::with_settings;

pub(super) use admin::AdminArguments;
pub(super) use check::{CheckArguments, Skips};
pub(super) use completions::completable;
pub(super) use explain::ExplainArguments;
pub(super) use get::GetArguments;
pub(super) use init::InitArguments;
pub(super) use kong::{RENDER, RenderArguments};
pub(super) use login::LoginArguments;

/// A command line that was understood.
pub(super) struct Parsed {
    pub(super) global: Global,
    pub(super) flags: Flags,
    pub(super) command: Command,
}

/// What every command takes.
pub(super) struct Global {
    pub(super) config: Option<PathBuf>,
    pub(super) format: Format,
    pub(super) color: Option<String>,
    pub(super) no_progress: bool,
    pub(super) no_input: bool,
    quiet: bool,
    verbose: bool,
}

impl Global {
    pub(super) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Human,
    Json,
    Secret(SecretFormat),
    /// Of `check`.
    Report(Form),
}

/// A command and its own arguments.
pub(super) enum Command {
    Init(InitArguments),
    Login(LoginArguments),
    Get(GetArguments),
    Put(PutArguments),
    /// `setup` and `teardown`.
    Provision(ProvisionArguments),
    KongRender(RenderArguments),
    Check(CheckArguments),
    Offline(Offline),
}

/// What needs neither settings nor a network.
pub(super) enum Offline {
    Explain(ExplainArguments),
    /// The list of `check`.
    Checks(Format),
    Completions(Shell),
    Man(ManArguments),
}

impl Command {
    pub(super) fn depth(&self) -> Depth {
        let explained = match self {
            Command::Login(arguments) => arguments.explain,
            Command::Get(arguments) => arguments.explain,
            Command::Put(arguments) => arguments.explain,
            Command::Provision(arguments) => arguments.explain,
            Command::Init(_) | Command::KongRender(_) | Command::Check(_) | Command::Offline(_) => {
                false
            }
        };
        if explained {
            Depth::Explained
        } else {
            Depth::Needed
        }
    }

    /// Where the run is to be recorded.
    pub(super) fn record(&self) -> Option<&Path> {
        let path = match self {
            Command::Login(arguments) => &arguments.record,
            Command::Get(arguments) => &arguments.record,
            Command::Put(arguments) => &arguments.record,
            Command::Provision(arguments) => &arguments.record,
            Command::Check(arguments) => &arguments.record,
            Command::Init(_) | Command::KongRender(_) | Command::Offline(_) => &None,
        };
        path.as_deref()
    }
}

/// Why there is nothing to run.
pub(super) enum Refusal {
    /// Help or version: the answer itself.
    Shown(String),
    Wrong(SettingsError),
    /// No command, and a short help on those that there are.
    Unfinished {
        error: SettingsError,
        help: String,
    },
}

/// Tells whether the answer is to be JSON, before anything else is understood:
/// an error of the arguments must be a document too.
pub(super) fn wants_json(arguments: &[OsString]) -> bool {
    let words: Vec<&str> = arguments
        .iter()
        .map(|word| word.to_str().unwrap_or_default())
        .take_while(|word| *word != "--")
        .collect();
    words.iter().enumerate().any(|(index, word)| {
        let value = format_value(word);
        let next = || words.get(index + 1).copied();
        matches!(value, Some("json" | "=json")) || (value == Some("") && next() == Some("json"))
    })
}

/// What stands behind the option of the form, in one word with it; nothing when
/// the next word is its value. Short options may be put together: `-qojson`.
fn format_value(word: &str) -> Option<&str> {
    for long in ["--output", "--format", "-format"] {
        if let Some(value) = word.strip_prefix(long) {
            return Some(value);
        }
    }
    let cluster = word.strip_prefix('-')?;
    let rest = cluster.trim_start_matches(['q', 'v', 'h']);
    if cluster.starts_with('-') {
        return None;
    }
    rest.strip_prefix('o')
}

/// How much is to be said, before anything else is understood.
pub(super) fn typed_verbosity(arguments: &[OsString]) -> Verbosity {
    if arguments
        .iter()
        .any(|word| word == "-q" || word == "--quiet")
    {
        Verbosity::Quiet
    } else {
        Verbosity::Normal
    }
}

/// Understands what was typed.
pub(super) fn parse(arguments: Vec<OsString>) -> Result<Parsed, Refusal> {
    let arguments = arguments.into_iter().map(as_double_dash);
    let matches =
        command()
            .try_get_matches_from(arguments)
            .map_err(|error| match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    Refusal::Shown(error.render().to_string())
                }
                ErrorKind::MissingSubcommand => Refusal::Unfinished {
                    error: usage(&error),
                    help: short_help(&error),
                },
                _ => Refusal::Wrong(usage(&error)),
            })?;
    let (name, inner) = matches.subcommand().ok_or_else(|| {
        Refusal::Wrong(wrong("vaultiam", "names no command; see vaultiam --help"))
    })?;
    let (name, inner) = inner.subcommand().unwrap_or((name, inner));
    let command = match name {
        "init" => Command::Init(init::arguments(inner)),
        "login" => Command::Login(login::arguments(inner)),
        "get" => Command::Get(get::arguments(inner).map_err(Refusal::Wrong)?),
        "put" => Command::Put(put::arguments(inner).map_err(Refusal::Wrong)?),
        "setup" => Command::Provision(provision::setup(inner)),
        "teardown" => Command::Provision(provision::teardown(inner)),
        RENDER => Command::KongRender(kong::render(inner).map_err(Refusal::Wrong)?),
        "check" if check::is_list(inner) => {
            let format = check::list_format(global(inner).format).map_err(Refusal::Wrong)?;
            Command::Offline(Offline::Checks(format))
        }
        "check" => Command::Check(check::arguments(inner).map_err(Refusal::Wrong)?),
        "completions" => Command::Offline(Offline::Completions(completions::arguments(inner))),
        "man" => Command::Offline(Offline::Man(man::arguments(inner))),
        _ => Command::Offline(Offline::Explain(explain::arguments(inner))),
    };
    let mut global = global(inner);
    // There is nothing to wait for.
    global.no_progress |= name == RENDER;
    let typed = text(inner, "output").unwrap_or_else(|| "human".to_owned());
    let formats = formats_of(name);
    if !formats.contains(&typed.as_str()) {
        let words = format!("must be one of {}, not '{typed}'", formats.join(", "));
        return Err(Refusal::Wrong(wrong("--output", words)));
    }
    Ok(Parsed {
        global,
        flags: flags(inner, name).map_err(Refusal::Wrong)?,
        command,
    })
}

/// The single-dash words of the `vault` command are taken too.
fn as_double_dash(word: OsString) -> OsString {
    const NAMES: [(&str, &str); 10] = [
        ("-mount", "--kv-mount"),
        ("-field", "--field"),
        ("-version", "--version"),
        ("-cas", "--cas"),
        ("-namespace", "--namespace"),
        ("-address", "--address"),
        ("-format", "--output"),
        ("-path", "--auth-mount"),
        ("-no-store", "--no-store"),
        ("-token-only", "--token-only"),
    ];
    let Some(typed) = word.to_str() else {
        return word;
    };
    let (name, rest) = match typed.find('=') {
        Some(position) => typed.split_at(position),
        None => (typed, ""),
    };
    match NAMES.iter().find(|(single, _)| *single == name) {
        Some((_, double)) => format!("{double}{rest}").into(),
        None => word,
    }
}

pub(super) fn wrong(place: &str, message: impl Into<String>) -> SettingsError {
    SettingsError::new(SettingsProblem::Usage, place, message)
}

fn text(matches: &ArgMatches, id: &str) -> Option<String> {
    matches.try_get_one::<String>(id).ok().flatten().cloned()
}

fn flag(matches: &ArgMatches, id: &str) -> bool {
    matches
        .try_get_one::<bool>(id)
        .ok()
        .flatten()
        .copied()
        .unwrap_or(false)
}

fn global(matches: &ArgMatches) -> Global {
    let format = match text(matches, "output").as_deref() {
        Some("json") => Format::Json,
        Some("raw") => Format::Secret(SecretFormat::Raw),
        Some("yaml") => Format::Secret(SecretFormat::Yaml),
        Some("dotenv") => Format::Secret(SecretFormat::Dotenv),
        Some("shell") => Format::Secret(SecretFormat::Shell),
        Some("junit") => Format::Report(Form::Junit),
        Some("sarif") => Format::Report(Form::Sarif),
        Some("prometheus") => Format::Report(Form::Prometheus),
        _ => Format::Human,
    };
    Global {
        config: matches
            .try_get_one::<PathBuf>("config")
            .ok()
            .flatten()
            .cloned(),
        format,
        color: text(matches, "color"),
        no_progress: flag(matches, "no-progress"),
        no_input: flag(matches, "no-input"),
        quiet: flag(matches, "quiet"),
        verbose: flag(matches, "verbose"),
    }
}

/// The settings that were typed as flags.
fn flags(matches: &ArgMatches, command: &str) -> Result<Flags, SettingsError> {
    let mut flags = Flags::new();
    for setting in settings_of(command) {
        let Some(name) = setting.flag else { continue };
        if setting.kind == Kind::Flag {
            if flag(matches, name) {
                flags.insert(setting.id, "true".to_owned());
            }
        } else if let Some(typed) = text(matches, name) {
            value::check(setting.kind, &typed).map_err(|words| {
                SettingsError::new(SettingsProblem::WrongValue, format!("--{name}"), words)
            })?;
            flags.insert(setting.id, typed);
        }
    }
    Ok(flags)
}

/// The settings that mean something to a command.
pub(super) fn settings_of(command: &str) -> impl Iterator<Item = &'static Setting> + '_ {
    let groups: &[Group] = match command {
        "init" | RENDER => &Group::ALL,
        "login" => &[Group::Aws, Group::Vault, Group::Connection],
        "get" | "put" => &[Group::Aws, Group::Vault, Group::Connection, Group::Kv],
        "setup" | "teardown" | "check" => &provision::GROUPS,
        _ => &[],
    };
    TABLE
        .iter()
        .filter(move |setting| groups.contains(&setting.group))
        .filter(move |setting| !provision::means_nothing(command, setting.id))
        .filter(move |setting| !kong::means_nothing(command, setting.id))
        // What no file can hold, init cannot write.
        .filter(move |setting| command != "init" || !setting.key.is_empty())
}

/// The whole command line, as the parser and the help texts know it.
pub fn command() -> ClapCommand {
    ClapCommand::new("vaultiam")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Kong Gateway and HashiCorp Vault on AWS without a static secret")
        .long_about(
            "Kong Gateway and HashiCorp Vault on AWS without a static secret.\n\n\
             vaultiam sets both sides up, does the IAM login that Kong does, step by step, says which side refused and why, and reads secrets with it.",
        )
        .after_help(exit_codes())
        .subcommand_required(true)
        .args(shared_arguments())
        .subcommand(init::command())
        .subcommand(provision::setup_command())
        .subcommand(check::command())
        .subcommand(login::command())
        .subcommand(get::command())
        .subcommand(put::command())
        .subcommand(kong::command())
        .subcommand(provision::teardown_command())
        .subcommand(explain::command())
        .subcommand(completions::command())
        .subcommand(man::command())
}

/// The help on the command that lacks another one behind it.
fn short_help(error: &clap::Error) -> String {
    let mut command = command();
    command.build();
    for word in command_of(error).split_whitespace().skip(1) {
        if let Some(inner) = command.find_subcommand(word).cloned() {
            command = inner;
        }
    }
    command.render_help().to_string()
}

fn exit_codes() -> String {
    let said: Vec<String> = MEANINGS
        .iter()
        .map(|(code, meaning)| format!("{code} {meaning}"))
        .collect();
    format!("Exit codes: {}.", said.join(", "))
}

fn switch(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

/// What every command takes, before or behind its name.
fn shared_arguments() -> [Arg; 7] {
    [
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .help("Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]"),
        output_argument(),
        switch("quiet")
            .short('q')
            .help("Print only the answer, and errors in one line"),
        switch("verbose")
            .short('v')
            .help("Show more: with --explain, the command that does each step by hand"),
        Arg::new("color")
            .long("color")
            .value_name("WHEN")
            .value_parser(PossibleValuesParser::new(["auto", "always", "never"]))
            .hide_possible_values(true)
            .help("Colour: auto, always, never [default: auto]"),
        switch("no-input").help("Never ask"),
        switch("no-progress").help("Show no spinner"),
    ]
    .map(|argument| argument.global(true).display_order(LAST))
}

fn output_argument() -> Arg {
    Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FORMAT")
        .help("Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]")
}

/// Behind a command's own arguments in its help text.
const LAST: usize = 1000;

/// The forms that a command has.
fn formats_of(command: &str) -> &'static [&'static str] {
    match command {
        "get" => &["human", "json", "table", "raw", "yaml", "dotenv", "shell"],
        "init" | "login" | "put" | "setup" | "teardown" | "explain" | RENDER => &["human", "json"],
        "check" => &["human", "json", "junit", "sarif", "prometheus"],
        _ => &["human"],
    }
}
