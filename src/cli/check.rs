//! `vaultiam check`: the whole chain as named checks.

use std::cell::RefCell;
use std::time::{Duration, Instant, SystemTime};

use crate::diagnose::check::{self, Admin, Checked, Outcome, Scene, answer, shown_paths};
use crate::diagnose::probe::AwsHand;
use crate::diagnose::record::RecordedCheck;
use crate::login::Observations;
use crate::output::Streams;
use crate::output::check::{
    About, CheckLines, Detail, Form, Report, clean, head, human,
    interrupted as interrupted_document, json, junit, list_json, list_text, prometheus, rest,
    sarif,
};

use crate::secrets::SecretPath;
use crate::settings::Settings;

use super::args::{CheckArguments, Format, Skips};
use super::record::{Recording, record};
use super::report::revoke;
use super::sight::{admin_hand, admin_token};
use super::{Context, DONE, FOUND, USAGE, Verbosity};

/// The waits between two rounds: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Runs the checks and prints the report.
pub(super) async fn run(arguments: &CheckArguments, context: &Context) -> u8 {
    match arguments.wait {
        None => once(arguments, context).await,
        Some(wait) => until_nothing_fails(wait, arguments, context).await,
    }
}

/// A person sees each check as it ends.
async fn once(arguments: &CheckArguments, context: &Context) -> u8 {
    let detail = detail(context);
    if context.format != Format::Human || detail == Detail::Findings {
        let (report, recorded) = round(arguments, context, &|_| ()).await;
        return show(kept(report, recorded, arguments, context), context);
    }
    let style = context.streams.stdout_style;
    let live = Live {
        context,
        lines: RefCell::new(CheckLines::new(detail, style)),
    };
    let about = about(&context.run.settings, &arguments.paths);
    live.print(&head(&about.cleaned(&context.run.redactor), style));
    let (report, recorded) = round(arguments, context, &|checked| live.tell(checked)).await;
    let report = kept(report, recorded, arguments, context).cleaned(&context.run.redactor);
    context.answer(&rest(&report, detail, style), report.exit_code)
}

/// The report of a run that is still going on.
struct Live<'a> {
    context: &'a Context,
    lines: RefCell<CheckLines>,
}

impl Live<'_> {
    fn tell(&self, checked: &Checked) {
        let mut checked = checked.clone();
        clean(&mut checked, &self.context.run.redactor);
        let line = self.lines.borrow_mut().next(&checked);
        self.print(&line);
    }

    /// That it cannot be printed is said at the end, with the rest.
    fn print(&self, text: &str) {
        let Context {
            progress, streams, ..
        } = self.context;
        let _ = progress.beside(|| streams.answer(text));
    }
}

/// Runs the checks again and again; the last report is printed. Of each before it
/// stderr has a line.
async fn until_nothing_fails(wait: Duration, arguments: &CheckArguments, context: &Context) -> u8 {
    let deadline = Instant::now() + wait;
    let mut pause = FIRST_PAUSE;
    loop {
        let (report, recorded) = round(arguments, context, &|_| ()).await;
        let left = deadline.saturating_duration_since(Instant::now());
        let failed = failed(&report.checks);
        if failed.is_empty() || left.is_zero() {
            return show(kept(report, recorded, arguments, context), context);
        }
        let pause_now = pause.min(left);
        let words = format!(
            "waiting: {} failed; again in {} s, {} s left\n",
            failed.join(", "),
            pause_now.as_secs_f64().ceil(),
            left.as_secs()
        );
        if context.verbosity != Verbosity::Quiet && context.format != Format::Json {
            context.progress.beside(|| context.streams.aside(&words));
        }
        tokio::time::sleep(pause_now).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The credentials of the profile that was named. The region of the run is theirs.
async fn administrator(context: &Context, scene: &Scene, profile: &str) -> Option<AwsHand> {
    let region = scene.region().await?;
    admin_hand(context, profile, &region).await
}

/// The checks that failed, each with what it found.
fn failed(checks: &[Checked]) -> Vec<String> {
    let failed = checks
        .iter()
        .filter(|checked| checked.verdict.outcome == Outcome::Failed);
    let words = failed.map(|checked| {
        let findings = checked.verdict.findings.iter();
        let codes: Vec<&str> = findings.map(|finding| finding.code.name()).collect();
        format!("{} ({})", checked.check.id(), codes.join(" "))
    });
    words.collect()
}

/// One run of the checks, and what they rest on. Each round looks at everything anew.
async fn round(
    arguments: &CheckArguments,
    context: &Context,
    tell: &dyn Fn(&Checked),
) -> (Report, RecordedCheck) {
    let begun = Instant::now();
    let scene = Scene::new(context.run.clone(), arguments.paths.clone());
    let aws = match &arguments.admin.profile {
        Some(profile) => administrator(context, &scene, profile).await,
        None => None,
    };
    let token = if arguments.admin.token {
        admin_token(context).await
    } else {
        None
    };
    let scene = scene.with_admin(Admin { token, aws });
    let checks = check::run(&scene, &arguments.selection, tell).await;
    revoke(context).await;
    if scene.is_admin_token_dead() {
        context.warn("--admin: Vault says that the token is invalid, expired or revoked, so its documents were not read");
    }
    let exit_code = exit_code(&checks, arguments);
    let recorded = RecordedCheck {
        checks: checks.iter().map(lasted).collect(),
        paths: arguments.paths.iter().map(SecretPath::to_string).collect(),
        words: scene.words().to_vec(),
        sights: scene.sights().clone(),
    };
    let report = Report {
        answer: arguments.selection.is_all().then(|| answer(&checks)),
        exit_code,
        about: about(&context.run.settings, &arguments.paths),
        took: begun.elapsed(),
        ended: SystemTime::now(),
        checks,
    };
    (report, recorded)
}

fn lasted(checked: &Checked) -> (String, f64) {
    let milliseconds = checked.took.as_secs_f64() * 1000.0;
    (checked.check.id().to_owned(), milliseconds)
}

/// Records the run, if that is wanted. That it cannot be is told, and ends with its own
/// code where nothing else was found.
fn kept(
    mut report: Report,
    recorded: RecordedCheck,
    arguments: &CheckArguments,
    context: &Context,
) -> Report {
    let all = report.checks.iter();
    let explained = all.flat_map(|checked| checked.verdict.findings.clone());
    let seen = Observations::default();
    let recording = Recording {
        explained: explained.collect(),
        check: Some(recorded),
        ..Recording::of("check", report.exit_code, &seen, &[])
    };
    if let Err(finding) = record(context, arguments.record.as_deref(), recording) {
        context.show(&finding);
        if report.exit_code == DONE {
            report.exit_code = USAGE;
        }
    }
    report
}

/// A check that failed or warned is a finding; one that was skipped is as much where
/// it was asked for by name, or all must be seen.
fn exit_code(checks: &[Checked], arguments: &CheckArguments) -> u8 {
    let is_found = |checked: &Checked| match checked.verdict.outcome {
        Outcome::Passed => false,
        Outcome::Warned | Outcome::Failed => true,
        Outcome::Skipped { .. } => {
            arguments.skips == Skips::Fail || arguments.selection.names(checked.check)
        }
    };
    if checks.iter().any(is_found) {
        FOUND
    } else {
        DONE
    }
}

/// What the checks of these settings are about.
pub(super) fn about(settings: &Settings, paths: &[SecretPath]) -> About {
    About {
        kong_role: settings.aws.kong_role.clone(),
        address: settings.vault.address.clone(),
        auth_mount: settings.vault.auth_mount.clone(),
        auth_role: settings.vault.auth_role.clone(),
        stack: settings.provision.stack.clone(),
        paths: shown_paths(settings, paths),
        settings_file: settings
            .file
            .as_ref()
            .map(|file| file.display().to_string()),
    }
}

fn show(report: Report, context: &Context) -> u8 {
    let redactor = &context.run.redactor;
    let report = report.cleaned(redactor);
    let code = report.exit_code;
    let text = match context.format {
        Format::Json => json(&report, redactor),
        Format::Report(Form::Junit) => junit(&report),
        Format::Report(Form::Sarif) => sarif(&report),
        Format::Report(Form::Prometheus) => prometheus(&report),
        Format::Human | Format::Secret(_) => {
            human(&report, detail(context), context.streams.stdout_style)
        }
    };
    context.answer(&text, code)
}

fn detail(context: &Context) -> Detail {
    match context.verbosity {
        Verbosity::Quiet => Detail::Findings,
        Verbosity::Normal => Detail::Checks,
        Verbosity::Verbose => Detail::Titles,
    }
}

/// The list of all checks; asks nobody.
pub(super) fn list(format: Format, streams: &Streams) -> u8 {
    let text = match format {
        Format::Json => list_json(),
        _ => list_text(streams.stdout_style),
    };
    super::answer(streams, &text, DONE)
}

/// The document of a run that a signal ended.
pub(super) fn interrupted(arguments: &CheckArguments, context: &Context, code: u8) -> String {
    let paths = shown_paths(&context.run.settings, &arguments.paths);
    interrupted_document(code, paths, &context.run.redactor)
}
