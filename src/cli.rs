//! The command line: arguments in, an exit code out.
//!
//! A command has a file of its own: it takes what was typed, does its work
//! through the layers below and hands a report to `output`.

mod args;
mod ask;
mod check;
mod colour;
mod completions;
mod exit;
mod explain;
mod get;
mod init;
mod kong;
mod login;
mod man;
mod provision;
mod put;
mod record;
mod report;
mod sight;
mod token;
mod usage;

use std::ffi::OsString;
use std::sync::Arc;

use anyhow::Context as _;

use crate::diagnose::{Evidence, Finding, Looks, explain_settings};
use crate::fault::Fault;
use crate::login::{Cleanup, Depth, Ending, Run};
use crate::output::human::{self, Reasoning};
use crate::output::progress::{Progress, ProgressMode};
use crate::output::streams::one_line;
use crate::output::trace_line::{Detail, step_line};
use crate::output::{Streams, json};
use crate::settings::{self, Environment, SettingsError};
use crate::setup::ledger::Ledger;
use crate::trace::{Step, StepId, Trace};

use colour::coloured;

pub use args::command;
use args::{Command, Format, Global, Offline, Parsed, Refusal};
pub use exit::*;

/// Runs vaultiam with the words that were typed (the program's name first).
pub fn run(arguments: Vec<OsString>, environment: &Environment, streams: Streams) -> u8 {
    let wants_json = args::wants_json(&arguments);
    let typed_verbosity = args::typed_verbosity(&arguments);
    let mut parsed = match args::parse(arguments) {
        Ok(parsed) => parsed,
        Err(Refusal::Shown(text)) => return answer(&streams, &text, DONE),
        // Whoever types no command wants to see which there are.
        Err(Refusal::Unfinished { help, .. })
            if !wants_json && typed_verbosity != Verbosity::Quiet =>
        {
            streams.aside(&help);
            return USAGE;
        }
        Err(Refusal::Wrong(error) | Refusal::Unfinished { error, .. }) => {
            let streams = coloured(streams, environment, None);
            return refuse(&streams, &error, wants_json, typed_verbosity);
        }
    };
    if environment.is_ci() {
        parsed.global.no_input = true;
        parsed.global.no_progress = true;
    }
    let streams = coloured(streams, environment, parsed.global.color.as_deref());
    let verbosity = parsed.global.verbosity();
    if let Command::Offline(command) = &parsed.command {
        return tell(command, &parsed.global, &streams)
            .unwrap_or_else(|finding| refuse_with(&streams, &finding, wants_json, verbosity));
    }
    let resolve = match &parsed.command {
        // What it replaces must not sway it.
        Command::Init(_) => settings::resolve_without_file,
        _ => settings::resolve,
    };
    match resolve(&parsed.flags, environment, parsed.global.config.as_deref()) {
        Ok(settings) => {
            if !wants_json && verbosity != Verbosity::Quiet {
                for hint in &settings.hints {
                    streams.aside(&format!("hint: {hint}\n"));
                }
            }
            // What changes something does not follow what merely lies around.
            if let Command::Provision(_) | Command::Put(_) = &parsed.command
                && let Some(error) = settings.ambient.first()
            {
                return refuse(&streams, error, wants_json, verbosity);
            }
            if let Err(finding) = record::prepare(parsed.command.record()) {
                return refuse_with(&streams, &finding, wants_json, verbosity);
            }
            start(parsed, settings, &streams).unwrap_or_else(|error| {
                streams.aside(&format!("error: {error:#}\n"));
                OTHER
            })
        }
        Err(error) => refuse(&streams, &error, wants_json, verbosity),
    }
}

/// Runs a command that needs neither settings nor a network.
fn tell(command: &Offline, global: &Global, streams: &Streams) -> Result<u8, Box<Finding>> {
    match command {
        Offline::Explain(arguments) => explain::run(arguments, global, streams)
            .map_err(|error| Box::new(explain_settings(&error))),
        Offline::Checks(format) => Ok(check::list(*format, streams)),
        Offline::Completions(shell) => Ok(completions::run(*shell, streams)),
        Offline::Man(arguments) => man::run(arguments, streams),
    }
}

/// Runs a command on the runtime, and cleans up when a signal ends it.
fn start(parsed: Parsed, settings: settings::Settings, streams: &Streams) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")?;
    let context = Context::new(
        &parsed.global,
        parsed.command.depth(),
        settings,
        streams.clone(),
    );
    let code = runtime.block_on(async {
        tokio::select! {
            // Signals are caught before the command begins.
            biased;
            signal = interrupted() => end_after(signal, &parsed.command, &context).await,
            code = dispatch(&parsed.command, &context) => code,
        }
    });
    // A name that is still being resolved must not keep the program alive.
    runtime.shutdown_background();
    Ok(code)
}

async fn dispatch(command: &Command, context: &Context) -> u8 {
    match command {
        Command::Init(arguments) => init::run(arguments, context).await,
        Command::Login(arguments) => login::run(arguments, context).await,
        Command::Get(arguments) => get::run(arguments, context).await,
        Command::Put(arguments) => put::run(arguments, context).await,
        Command::Provision(arguments) => provision::run(arguments, context).await,
        Command::KongRender(arguments) => kong::run(arguments, context),
        Command::Check(arguments) => check::run(arguments, context).await,
        // Answered before there is a runtime.
        Command::Offline(_) => DONE,
    }
}

/// Revokes what was issued, then ends with the signal's code. A second signal
/// ends at once.
async fn end_after(signal: Signal, command: &Command, context: &Context) -> u8 {
    context.progress.end();
    let ending = tokio::select! {
        ending = context.run.cleanup.finish() => ending,
        _ = interrupted() => Ending::Failed("interrupted again".to_owned()),
    };
    let said = match ending {
        Ending::Nothing => "interrupted".to_owned(),
        Ending::Revoked | Ending::Gone => "interrupted; no token is left".to_owned(),
        Ending::Batch => {
            "interrupted; the batch token cannot be revoked and ends by itself".to_owned()
        }
        Ending::Failed(words) => {
            format!(
                "interrupted; warning: the token may still be alive: {}",
                one_line(&words)
            )
        }
    };
    context.streams.aside(&format!("{said}\n"));
    let code = match signal {
        Signal::Interrupt => INTERRUPTED,
        Signal::Terminate => TERMINATED,
        Signal::HangUp => HUNG_UP,
    };
    if context.format != Format::Json {
        return match command {
            Command::Provision(_) => context.answer(&provision::interrupted_text(context), code),
            Command::Put(arguments) => {
                let text = put::interrupted_text(arguments, context);
                context.streams.aside(&text);
                code
            }
            Command::Init(_)
            | Command::Login(_)
            | Command::Get(_)
            | Command::KongRender(_)
            | Command::Check(_)
            | Command::Offline(_) => code,
        };
    }
    let document = match command {
        Command::Init(_) => init::interrupted(context, code),
        Command::Get(_) => get::interrupted(context, code),
        Command::Put(arguments) => put::interrupted(arguments, context, code),
        Command::Provision(_) => provision::interrupted(context, code),
        Command::KongRender(arguments) => kong::interrupted(arguments, context, code),
        Command::Check(arguments) => check::interrupted(arguments, context, code),
        Command::Login(_) | Command::Offline(_) => login::interrupted(context, code),
    };
    context.answer(&document, code)
}

enum Signal {
    Interrupt,
    Terminate,
    HangUp,
}

#[cfg(unix)]
async fn interrupted() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => Signal::Interrupt,
        _ = terminate.recv() => Signal::Terminate,
        _ = hang_up.recv() => Signal::HangUp,
    }
}

#[cfg(not(unix))]
async fn interrupted() -> Signal {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        Err(_) => std::future::pending().await,
    }
}

/// How much goes to stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// What every command works with.
struct Context {
    run: Run,
    streams: Streams,
    format: Format,
    verbosity: Verbosity,
    /// Whether there is a person who can be asked something.
    may_ask: bool,
    progress: Progress,
    /// What a set-up has changed so far.
    ledger: Ledger,
}

impl Context {
    fn new(global: &Global, depth: Depth, settings: settings::Settings, streams: Streams) -> Self {
        let verbosity = global.verbosity();
        let wants_spinner = depth == Depth::Needed
            && global.format != Format::Json
            && verbosity == Verbosity::Normal
            && !global.no_progress
            && streams.stderr_style.terminal;
        let mode = if wants_spinner {
            ProgressMode::Spinner
        } else {
            ProgressMode::None
        };
        // Where no spinner can tell what is being changed, plain lines do.
        let tells_changes = mode == ProgressMode::None
            && global.format != Format::Json
            && verbosity != Verbosity::Quiet;
        let progress = Progress::start(mode, "asking Vault and AWS");
        let detail = if verbosity == Verbosity::Verbose {
            Detail::Commands
        } else {
            Detail::Steps
        };
        let trace = Trace::new(Box::new({
            let (streams, progress) = (streams.clone(), progress.clone());
            move |step: &Step| {
                let is_change = step.id == StepId::Change;
                if depth == Depth::Explained || (is_change && tells_changes) {
                    let now = std::time::SystemTime::now();
                    streams.aside(&step_line(step, now, detail, streams.stderr_style));
                } else {
                    progress.step(step.label());
                    if is_change {
                        progress.advance();
                    }
                }
            }
        }));
        let aside = Arc::new({
            let (streams, progress) = (streams.clone(), progress.clone());
            let is_told = verbosity == Verbosity::Verbose && global.format != Format::Json;
            move |words: &str| {
                if is_told {
                    progress.end();
                    streams.aside(&format!("{}\n", one_line(words)));
                }
            }
        });
        let redactor = streams.redactor();
        if let Some((_, token)) = &settings.vault.environment_token {
            redactor.learn(token);
        }
        for password in settings.passwords() {
            redactor.learn(&password);
        }
        let run = Run {
            settings: Arc::new(settings),
            trace,
            redactor,
            cleanup: Cleanup::default(),
            depth,
            aside,
        };
        Context {
            run,
            may_ask: !global.no_input
                && global.format != Format::Json
                && streams.stdin_terminal
                && streams.stderr_style.terminal,
            streams,
            format: global.format,
            verbosity,
            progress,
            ledger: Ledger::default(),
        }
    }

    /// Tells a warning of one line.
    fn warn(&self, words: &str) {
        self.progress.end();
        let label = self.streams.stderr_style.notable("warning:");
        self.streams
            .aside(&format!("{label} {}\n", one_line(words)));
    }

    /// Tells something that is neither a warning nor the answer.
    fn inform(&self, words: &str) {
        if self.verbosity != Verbosity::Quiet && self.format != Format::Json {
            self.progress.end();
            self.streams.aside(&format!("{}\n", one_line(words)));
        }
    }

    /// Shows what a fault means on stderr: whole, or in one line with `-q`. With
    /// JSON it stands in the document; an explained run shows it too.
    fn show_fault(&self, fault: &Fault, findings: &[Finding]) {
        for finding in findings {
            self.show_about(finding, Some(fault));
        }
    }

    /// Shows a finding that no fault of a service stands behind.
    fn show(&self, finding: &Finding) {
        self.show_about(finding, None);
    }

    fn show_about(&self, finding: &Finding, fault: Option<&Fault>) {
        self.progress.end();
        let explained = self.run.depth == Depth::Explained;
        if self.format == Format::Json && !explained {
            return;
        }
        if self.verbosity == Verbosity::Quiet {
            self.streams.aside(&human::finding_line(finding, fault));
            return;
        }
        let before = if explained { "\n" } else { "" };
        let reasoning = if explained {
            Reasoning::Whole
        } else {
            Reasoning::Short
        };
        let block = human::finding_block(finding, fault, reasoning, self.streams.stderr_style);
        self.streams.aside(&format!("{before}{block}"));
    }

    /// What is known for a diagnosis.
    fn evidence(&self, seen: &crate::login::Observations, foreign_token: bool) -> Evidence {
        Evidence {
            settings: Arc::clone(&self.run.settings),
            seen: seen.clone(),
            looks: Looks::default(),
            foreign_token,
        }
    }

    /// Prints the answer and ends with `code`.
    fn answer(&self, text: &str, code: u8) -> u8 {
        self.progress.end();
        answer(&self.streams, text, code)
    }
}

fn answer(streams: &Streams, text: &str, code: u8) -> u8 {
    match streams.answer(text) {
        Ok(()) => code,
        // A reader that has seen enough (`| head`) ends us quietly.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            streams.aside(&format!("error: stdout cannot be written: {error}\n"));
            OTHER
        }
    }
}

/// Settings or arguments that cannot be used: one clear error, exit code 2.
fn refuse(streams: &Streams, error: &SettingsError, as_json: bool, verbosity: Verbosity) -> u8 {
    refuse_with(streams, &explain_settings(error), as_json, verbosity)
}

/// The same for what was found out about it.
fn refuse_with(streams: &Streams, finding: &Finding, as_json: bool, verbosity: Verbosity) -> u8 {
    if as_json {
        let document = json::ErrorDocument {
            schema: "vaultiam/v1/error",
            exit_code: USAGE,
            fault: None,
            findings: vec![finding.into()],
        };
        return answer(
            streams,
            &json::render(&document, &streams.redactor(), &[]),
            USAGE,
        );
    }
    let text = if verbosity == Verbosity::Quiet {
        human::finding_line(finding, None)
    } else {
        human::finding_block(
            &Finding {
                evidence: Vec::new(),
                ..finding.clone()
            },
            None,
            Reasoning::Short,
            streams.stderr_style,
        )
    };
    streams.aside(&text);
    USAGE
}
