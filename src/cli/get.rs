//! `vaultiam get`: reading secrets.

use std::sync::Arc;

use crate::diagnose::{Code, Finding};
use crate::fault::Fault;
use crate::login::token_source::Source;
use crate::login::{self, Depth, Observations};
use crate::output::json::{self, FailedDocument, SecretDocument, SecretsDocument, mirror};
use crate::output::secret_format::{self, SecretFormat, Shown};
use crate::secret::Secret;
use crate::secrets::{ReadSecret, SecretPath, read_all, wanted_paths};
use crate::settings::{Id, Origin, TokenSource};
use crate::vault::client::VaultClient;

use super::args::{Format, GetArguments};
use super::record::{Recording, record};
use super::report::{Judged, judge, judge_all, revoke, warn_of_settings};
use super::sight::Sight;
use super::token::{falls_through, ready_token};
use super::{Context, USAGE, exit};

type Results = Vec<Result<ReadSecret, Box<Fault>>>;

/// Everything that a run of `get` found out.
#[derive(Default)]
struct Outcome {
    source: Option<Source>,
    /// The token that was read with.
    token: Option<Secret>,
    /// One result a path, in the order asked; empty when there was no token.
    results: Results,
    seen: Observations,
}

/// Reads the secrets and prints them.
pub(super) async fn run(arguments: &GetArguments, context: &Context) -> u8 {
    let mut outcome = Outcome::default();
    warn_of_settings(context);
    let result = read(arguments, context, &mut outcome).await;
    let results = std::mem::take(&mut outcome.results);
    let sight = Sight {
        seen: &outcome.seen,
        admin: &arguments.admin,
        token: outcome.token.as_ref(),
        foreign_token: matches!(outcome.source, Some(Source::Environment | Source::Stored)),
    };
    let stopped = match result {
        Ok(()) => None,
        Err(fault) => Some(judge(context, fault, &sight).await),
    };
    let ends = judge_all(context, results, &sight).await;
    // The looks for a cause may have needed the token.
    revoke(context).await;
    for warning in &outcome.seen.warnings {
        context.warn(warning);
    }
    report(arguments, context, &outcome, ends, stopped)
}

async fn read(
    arguments: &GetArguments,
    context: &Context,
    outcome: &mut Outcome,
) -> Result<(), Box<Fault>> {
    let run = &context.run;
    let vault = Arc::new(VaultClient::new(&run.settings.vault)?);
    let wanted = token_source(context);
    if let Some(ready) = ready_token(context, wanted).await? {
        outcome.source = Some(ready.source);
        outcome.token = Some(ready.token.clone());
        outcome.results = read_all(run, &vault, &ready.token, &arguments.paths).await;
        if !(falls_through(wanted, &ready) && outcome.results.iter().any(is_token_refused)) {
            return Ok(());
        }
        context.warn(&format!(
            "Vault does not take the token in {}; logging in through AWS",
            ready.place
        ));
        outcome.results.clear();
    }
    outcome.source = Some(Source::Aws);
    let paths = wanted_paths(&run.settings.kv, &arguments.paths);
    let issued = login::login(run, &vault, &paths, &mut outcome.seen).await?;
    outcome.token = Some(issued.token.clone());
    outcome.results = read_all(run, &vault, &issued.token, &arguments.paths).await;
    Ok(())
}

/// Explaining a read means explaining the login, unless a source was named.
fn token_source(context: &Context) -> TokenSource {
    let settings = &context.run.settings;
    let is_named = !matches!(
        settings.origins.get(&Id::TokenSource),
        None | Some((_, Origin::Default))
    );
    if context.run.depth == Depth::Explained && !is_named {
        TokenSource::Aws
    } else {
        settings.vault.token_source
    }
}

fn is_token_refused(result: &Result<ReadSecret, Box<Fault>>) -> bool {
    result.as_ref().is_err_and(|fault| fault.is_of_token())
}

fn report(
    arguments: &GetArguments,
    context: &Context,
    outcome: &Outcome,
    ends: Vec<Result<ReadSecret, Judged>>,
    stopped: Option<Judged>,
) -> u8 {
    let mut read = Vec::new();
    let mut failed = Vec::new();
    for (path, end) in arguments.paths.iter().zip(ends) {
        match end {
            Ok(secret) => read.push((path, secret)),
            Err(judged) => failed.push((path, judged)),
        }
    }
    let codes = failed.iter().map(|(_, judged)| judged.exit_code);
    let code = exit::of_all(codes.chain(stopped.iter().map(|judged| judged.exit_code)));
    let code = recorded(arguments, context, outcome, (&stopped, &failed), code);
    for judged in stopped
        .iter()
        .chain(failed.iter().map(|(_, judged)| judged))
    {
        context.show_fault(&judged.fault, &judged.findings);
    }
    if context.format == Format::Json {
        let document = document(
            context,
            &read,
            &failed,
            stopped.as_ref(),
            outcome.source,
            code,
        );
        return context.answer(
            &json::render(&document, &context.run.redactor, &["fields"]),
            code,
        );
    }
    if read.is_empty() {
        context.progress.end();
        return code;
    }
    let shown: Vec<Shown<'_>> = read
        .iter()
        .map(|(path, secret)| Shown {
            path: &path.path,
            version: secret.version,
            fields: &secret.fields.0,
        })
        .collect();
    match secret_format::render(
        &shown,
        secret_form(arguments, context.format),
        context.streams.stdout_style,
    ) {
        Ok(text) => context.answer(&text, code),
        Err(words) => {
            context.show(&Finding::certain(Code::CFG906).because(words));
            exit::of_all([code, USAGE])
        }
    }
}

/// Writes the trace, if it was asked for.
fn recorded(
    arguments: &GetArguments,
    context: &Context,
    outcome: &Outcome,
    (stopped, failed): (&Option<Judged>, &[(&SecretPath, Judged)]),
    exit_code: u8,
) -> u8 {
    let failed = failed.iter().map(|(_, judged)| judged);
    let judged: Vec<&Judged> = stopped.iter().chain(failed).collect();
    let recording = Recording::of("get", exit_code, &outcome.seen, &judged);
    match record(context, arguments.record.as_deref(), recording) {
        Ok(()) => exit_code,
        Err(finding) => {
            context.show(&finding);
            exit::of_all([exit_code, USAGE])
        }
    }
}

fn secret_form(arguments: &GetArguments, format: Format) -> SecretFormat {
    match format {
        Format::Secret(form) => form,
        _ if arguments.bare => SecretFormat::Raw,
        _ => SecretFormat::Table,
    }
}

/// The document of a read that a signal ended.
pub(super) fn interrupted(context: &Context, exit_code: u8) -> String {
    let document = document(context, &[], &[], None, None, exit_code);
    json::render(&document, &context.run.redactor, &[])
}

fn document(
    context: &Context,
    read: &[(&SecretPath, ReadSecret)],
    failed: &[(&SecretPath, Judged)],
    stopped: Option<&Judged>,
    source: Option<Source>,
    exit_code: u8,
) -> SecretsDocument {
    SecretsDocument {
        schema: "vaultiam/v1/secrets",
        exit_code,
        token_source: source.map(Source::name),
        steps: mirror(&context.run.trace.steps()),
        fault: stopped.map(|judged| (&*judged.fault).into()),
        findings: stopped
            .map(|judged| mirror(&judged.findings))
            .unwrap_or_default(),
        secrets: read
            .iter()
            .map(|(_, secret)| SecretDocument {
                path: secret.location.display_path(),
                mount: secret.location.mount.clone(),
                kv_version: secret.location.kv_version.number(),
                version: secret.version,
                created_at: secret.created_at.clone(),
                fields: secret.fields.0.clone(),
            })
            .collect(),
        failed: failed
            .iter()
            .map(|(_, judged)| FailedDocument {
                path: judged.fault.target.clone(),
                exit_code: judged.exit_code,
                fault: (&*judged.fault).into(),
                findings: mirror(&judged.findings),
            })
            .collect(),
    }
}
