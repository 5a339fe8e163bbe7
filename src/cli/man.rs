//! `vaultiam man`: the man pages, made from the command line itself.

use std::io;
use std::path::{Path, PathBuf};

use clap::Command as ClapCommand;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::args;
use super::exit::MEANINGS;
use crate::diagnose::{Code, Finding, explain_settings};
use crate::output::Streams;

/// Which pages are meant.
pub(super) enum ManArguments {
    /// The page of a command, which may be one below another; of the program
    /// itself when no word is given.
    One(Vec<String>),
    /// All, as files of a directory.
    AllInto(PathBuf),
}

/// Prints a page, or writes them all and prints their paths.
///
/// # Errors
///
/// There is no such command, or a file cannot be written.
pub(super) fn run(arguments: &ManArguments, streams: &Streams) -> Result<u8, Box<Finding>> {
    let text = match arguments {
        ManArguments::One(words) => {
            let name = [&["vaultiam".to_owned()][..], words].concat().join("-");
            let page = pages().into_iter().find(|page| page.name == name);
            page.ok_or_else(|| no_page(words))?.text
        }
        ManArguments::AllInto(directory) => write_all(directory)?,
    };
    Ok(super::answer(streams, &text, super::DONE))
}

fn no_page(words: &[String]) -> Box<Finding> {
    let words = format!("has no page for '{}'; see vaultiam --help", words.join(" "));
    Box::new(explain_settings(&args::wrong("vaultiam man", words)))
}

fn write_all(directory: &Path) -> Result<String, Box<Finding>> {
    let cannot = |path: &Path, error: io::Error| {
        let words = format!("{} cannot be written: {}", path.display(), error.kind());
        Box::new(Finding::certain(Code::CFG909).because(words))
    };
    std::fs::create_dir_all(directory).map_err(|error| cannot(directory, error))?;
    let mut written = String::new();
    for page in pages() {
        let path = directory.join(format!("{}.1", page.name));
        std::fs::write(&path, page.text).map_err(|error| cannot(&path, error))?;
        written.push_str(&format!("{}\n", path.display()));
    }
    Ok(written)
}

struct Page {
    /// `vaultiam`, `vaultiam-login`.
    name: String,
    text: String,
}

/// The pages of the program and of every command.
fn pages() -> Vec<Page> {
    let mut whole = args::command().disable_help_subcommand(true);
    whole.build();
    let commands = with_those_below(&whole);
    let names: Vec<&str> = commands.iter().map(|command| name_of(command)).collect();
    commands
        .iter()
        .map(|command| Page {
            name: name_of(command).to_owned(),
            text: text(command, &names),
        })
        .collect()
}

fn with_those_below(command: &ClapCommand) -> Vec<&ClapCommand> {
    let below = command.get_subcommands().flat_map(with_those_below);
    [command].into_iter().chain(below).collect()
}

fn name_of(command: &ClapCommand) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

fn text(command: &ClapCommand, names: &[&str]) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let man = Man::new(command.clone().override_usage(usage))
        .title(name_of(command).to_uppercase())
        // Nothing between quotes: without them the next word would be the date.
        .date("\"\"")
        .source(concat!("vaultiam ", env!("CARGO_PKG_VERSION")))
        .manual("vaultiam");
    let mut page = Vec::new();
    let made = man
        .render_title(&mut page)
        .and_then(|()| as_it_is_typed().to_writer(&mut page))
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| explanation(command).to_writer(&mut page))
        .and_then(|()| man.render_options_section(&mut page))
        .and_then(|()| match command.has_subcommands() {
            true => man.render_subcommands_section(&mut page),
            false => Ok(()),
        })
        .and_then(|()| more_sections(command, names).to_writer(&mut page));
    made.expect("memory takes everything");
    let page = String::from_utf8(page).expect("the words of the command line are text");
    // Every part begins with what the whole needs once.
    let preamble = Roff::new().render();
    format!("{preamble}{}", page.replace(&preamble, ""))
}

/// Names and paths are not divided, and lines end where they end.
fn as_it_is_typed() -> Roff {
    let mut roff = Roff::new();
    roff.control("nh", []).control("ad", ["l"]);
    roff
}

/// What stands before the examples behind a help text: prose, or lines that
/// stay as they are.
fn explanation(command: &ClapCommand) -> Roff {
    let mut roff = Roff::new();
    // The program's own is the list of exit codes, which has a section.
    let is_program = command.get_name() == name_of(command);
    let (explained, _) = after_help(command);
    if is_program || explained.is_empty() {
        return roff;
    }
    roff.control("PP", []);
    for line in explained.lines() {
        if line.starts_with(' ') {
            roff.control("br", []);
        }
        roff.text([roman(line.trim_start())]);
    }
    roff
}

/// The text behind a help text: what is explained, and the examples.
fn after_help(command: &ClapCommand) -> (String, String) {
    let text = command.get_after_help().map(ToString::to_string);
    let text = text.unwrap_or_default();
    match text.split_once("Examples:\n") {
        Some((explained, examples)) => (explained.trim().to_owned(), examples.to_owned()),
        None => (text, String::new()),
    }
}

fn more_sections(command: &ClapCommand, names: &[&str]) -> Roff {
    let mut roff = Roff::new();
    examples(&mut roff, command);
    exit_status(&mut roff);
    environment(&mut roff, command);
    files(&mut roff, command);
    see_also(&mut roff, command, names);
    roff
}

fn examples(roff: &mut Roff, command: &ClapCommand) {
    let (_, examples) = after_help(command);
    if examples.is_empty() {
        return;
    }
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in examples.lines() {
        roff.text([bold(line.trim())]);
    }
    roff.control("fi", []);
}

fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in MEANINGS {
        entry(roff, bold(code.to_string()), meaning);
    }
}

/// What every command heeds.
const OF_ALL: (&str, &str) = (
    "CI, NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM",
    "whether there is colour; in CI nobody is asked anything",
);

/// Variables of commands with settings that are none themselves.
const VARIABLES: [(&str, &str); 3] = [
    ("VAULTIAM_CONFIG", "the settings file"),
    (
        "VAULT_TOKEN, BAO_TOKEN",
        "a Vault token; it goes before a stored one",
    ),
    ("AWS_*", "what they mean to every AWS program"),
];

/// Tells whether a page is about settings: those of a command that needs none
/// are not.
fn has_settings(command: &ClapCommand) -> bool {
    command.has_subcommands() || args::settings_of(command.get_name()).next().is_some()
}

fn environment(roff: &mut Roff, command: &ClapCommand) {
    roff.control("SH", ["ENVIRONMENT"]);
    entry(roff, bold(OF_ALL.0), OF_ALL.1);
    if !has_settings(command) {
        return;
    }
    for (name, meaning) in VARIABLES {
        entry(roff, bold(name), meaning);
    }
    let settings = args::settings_of(command.get_name());
    for setting in settings.filter(|setting| !setting.environment.is_empty()) {
        let meaning = match setting.flag {
            Some(flag) => format!("as --{flag}"),
            None => setting.help.to_owned(),
        };
        entry(roff, bold(setting.environment.join(", ")), &meaning);
    }
}

const FILES: [(&str, &str); 3] = [
    (
        "~/.config/vaultiam/config.yaml",
        "settings, unless --config or VAULTIAM_CONFIG names another file",
    ),
    ("~/.vault-token", "the token of the vault command"),
    (
        "~/.vault",
        "the vault command's own file, which may name a token helper",
    ),
];

fn files(roff: &mut Roff, command: &ClapCommand) {
    if !has_settings(command) {
        return;
    }
    roff.control("SH", ["FILES"]);
    for (path, meaning) in FILES {
        entry(roff, italic(path), meaning);
    }
}

fn see_also(roff: &mut Roff, command: &ClapCommand, names: &[&str]) {
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for name in names.iter().filter(|name| **name != name_of(command)) {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([bold(*name), roman("(1)")]);
    }
    roff.text(line);
    roff.control("PP", []);
    roff.text([
        roman("What an error's code means: "),
        bold("vaultiam explain"),
        roman(" "),
        italic("CODE"),
    ]);
}

/// A term and what it means.
fn entry(roff: &mut Roff, term: Inline, meaning: &str) {
    roff.control("TP", []);
    roff.text([term]);
    roff.text([roman(meaning)]);
}
