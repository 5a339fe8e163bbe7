//! `vaultiam check`: the whole chain as named checks.

use std::time::{Duration, Instant, SystemTime};

use crate::diagnose::check::{self, Admin, Checked, Outcome, Scene, answer};
use crate::diagnose::probe::AwsHand;
use crate::output::Streams;
use crate::output::check::{
    About, Detail, Form, Report, human, interrupted as interrupted_document, json, junit,
    list_json, list_text, prometheus, sarif,
};

use super::args::{CheckArguments, Format, Skips};
use super::report::revoke;
use super::sight::{admin_hand, admin_token};
use super::{Context, DONE, FOUND, Verbosity};

/// The waits between two rounds: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Runs the checks, again and again while it may wait, and prints the report.
pub(super) async fn run(arguments: &CheckArguments, context: &Context) -> u8 {
    let begun = Instant::now();
    let deadline = arguments.wait.map(|wait| begun + wait);
    let mut pause = FIRST_PAUSE;
    loop {
        let report = round(arguments, context).await;
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let failed = failed_ids(&report.checks);
        match left {
            Some(left) if !failed.is_empty() && !left.is_zero() => {
                let pause_now = pause.min(left);
                context.inform(&format!(
                    "waiting: {} failed; again in {} s, {} s left",
                    failed.join(", "),
                    pause_now.as_secs_f64().ceil(),
                    left.as_secs()
                ));
                tokio::time::sleep(pause_now).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            _ => return show(report, context),
        }
    }
}

/// The credentials of the profile that was named. The region of the run is theirs.
async fn administrator(context: &Context, scene: &Scene, profile: &str) -> Option<AwsHand> {
    let region = scene.region().await?;
    admin_hand(context, profile, &region).await
}

fn failed_ids(checks: &[Checked]) -> Vec<&'static str> {
    let failed = checks
        .iter()
        .filter(|checked| checked.verdict.outcome == Outcome::Failed);
    failed.map(|checked| checked.check.id()).collect()
}

/// One run of the checks. Each round looks at everything anew.
async fn round(arguments: &CheckArguments, context: &Context) -> Report {
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
    let checks = check::run(&scene, &arguments.selection).await;
    revoke(context).await;
    let exit_code = exit_code(&checks, arguments);
    Report {
        answer: arguments.selection.is_all().then(|| answer(&checks)),
        exit_code,
        about: about(context, scene.shown_paths()),
        took: begun.elapsed(),
        ended: SystemTime::now(),
        checks,
    }
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

fn about(context: &Context, paths: Vec<String>) -> About {
    let settings = &context.run.settings;
    About {
        kong_role: settings.aws.kong_role.clone(),
        address: settings.vault.address.clone(),
        auth_mount: settings.vault.auth_mount.clone(),
        auth_role: settings.vault.auth_role.clone(),
        stack: settings.provision.stack.clone(),
        paths,
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
            let detail = match context.verbosity {
                Verbosity::Quiet => Detail::Findings,
                Verbosity::Normal => Detail::Checks,
                Verbosity::Verbose => Detail::Titles,
            };
            human(&report, detail, context.streams.stdout_style)
        }
    };
    context.answer(&text, code)
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
    let scene = Scene::new(context.run.clone(), arguments.paths.clone());
    interrupted_document(code, scene.shown_paths(), &context.run.redactor)
}
