//! `vaultiam put`: writing a secret.

mod values;

use std::path::PathBuf;
use std::sync::Arc;

use crate::fault::Fault;
use crate::login::token_source::Source as TokenOrigin;
use crate::login::{self, Observations};
use crate::output::human;
use crate::output::json::{self, WrittenDocument, mirror};
use crate::output::streams::one_line;
use crate::secret::Secret;
use crate::secrets::{Before, Present, SecretPath, Wish, look, wanted_path, write};
use crate::settings::KvVersion;
use crate::trace::{self, StepId};
use crate::vault::client::VaultClient;
use crate::vault::kv::write::Manner;

use super::args::{AdminArguments, Format};
use super::ask::Asker;
use super::record::{Recording, record};
use super::report::{Judged, judge, revoke, warn_of_settings};
use super::sight::Sight;
use super::token::{falls_through, ready_token};
use super::{Context, DONE, OTHER, USAGE, of_all, refuse_with};

/// What was typed behind `put`.
pub(super) struct PutArguments {
    pub(super) explain: bool,
    pub(super) admin: AdminArguments,
    pub(super) path: SecretPath,
    pub(super) given: Vec<Given>,
    pub(super) manner: Manner,
    pub(super) cas: Option<u64>,
    pub(super) consent: Consent,
    pub(super) record: Option<PathBuf>,
}

/// Whether a person still has to agree that fields vanish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    Asked,
    Given,
}

/// A word behind the path.
pub(super) enum Given {
    /// One field.
    Field(String, Source),
    /// A JSON object of fields.
    Document(Source),
}

/// Where a value comes from.
pub(super) enum Source {
    Typed(Secret),
    File(PathBuf),
    Stdin,
    /// A person, who is asked for it.
    Question,
}

/// What a run found out and did.
#[derive(Default)]
struct Outcome {
    source: Option<TokenOrigin>,
    token: Option<Secret>,
    seen: Observations,
    before: Option<Before>,
    fields: Vec<String>,
    fields_removed: Option<Vec<String>>,
    version: Option<u64>,
}

/// Why nothing was written.
enum Unwritten {
    Fault(Box<Fault>),
    /// The question was answered with no.
    Declined,
}

/// How a run ended.
enum Ended {
    Written,
    Declined,
    Failed(Box<Judged>),
}

impl From<Box<Fault>> for Unwritten {
    fn from(fault: Box<Fault>) -> Self {
        Unwritten::Fault(fault)
    }
}

/// Gathers the values, looks at what is there, and writes.
pub(super) async fn run(arguments: &PutArguments, context: &Context) -> u8 {
    let fields = match values::gather(&arguments.given, context).await {
        Ok(fields) => fields,
        Err(finding) => {
            context.progress.end();
            let as_json = context.format == Format::Json;
            return refuse_with(&context.streams, &finding, as_json, context.verbosity);
        }
    };
    warn_of_settings(context);
    let mut outcome = Outcome {
        fields: fields.0.keys().cloned().collect(),
        ..Outcome::default()
    };
    let wish = Wish {
        path: arguments.path.clone(),
        fields,
        manner: arguments.manner,
        cas: arguments.cas,
    };
    let result = put(arguments, context, wish, &mut outcome).await;
    let ended = match result {
        Ok(()) => Ended::Written,
        Err(Unwritten::Declined) => Ended::Declined,
        Err(Unwritten::Fault(fault)) => {
            let sight = Sight {
                seen: &outcome.seen,
                admin: &arguments.admin,
                token: outcome.token.as_ref(),
                foreign_token: matches!(
                    outcome.source,
                    Some(TokenOrigin::Environment | TokenOrigin::Stored)
                ),
            };
            Ended::Failed(Box::new(judge(context, fault, &sight).await))
        }
    };
    revoke(context).await;
    for warning in &outcome.seen.warnings {
        context.warn(warning);
    }
    report(arguments, context, &outcome, &ended)
}

async fn put(
    arguments: &PutArguments,
    context: &Context,
    mut wish: Wish,
    outcome: &mut Outcome,
) -> Result<(), Unwritten> {
    let run = &context.run;
    let vault = Arc::new(VaultClient::new(&run.settings.vault)?);
    let wanted = run.settings.vault.token_source;
    let ready = ready_token(context, wanted).await?;
    let mut token = None;
    if let Some(ready) = &ready {
        outcome.source = Some(ready.source);
        outcome.token = Some(ready.token.clone());
        match look(run, &vault, &ready.token, &wish).await {
            Ok(before) => {
                outcome.before = Some(before);
                token = Some(ready.token.clone());
            }
            Err(fault) if falls_through(wanted, ready) && fault.is_of_token() => {
                context.warn(&format!(
                    "Vault does not take the token in {}; logging in through AWS",
                    ready.place
                ));
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    let token = match token {
        Some(token) => token,
        None => {
            outcome.source = Some(TokenOrigin::Aws);
            let paths = [wanted_path(&run.settings.kv, &wish.path)];
            let issued = login::login(run, &vault, &paths, &mut outcome.seen).await?;
            outcome.token = Some(issued.token.clone());
            outcome.before = Some(look(run, &vault, &issued.token, &wish).await?);
            issued.token.clone()
        }
    };
    let Some(before) = &outcome.before else {
        return Ok(());
    };
    outcome.fields_removed = before.removed_by(&wish);
    if outcome
        .fields_removed
        .as_ref()
        .is_some_and(|names| !names.is_empty())
    {
        agree(arguments, context, before, &mut wish, outcome).await?;
    } else if matches!(before.secret, Present::Hidden) && wish.manner == Manner::Replace {
        context.warn(&format!(
            "the token may not read {}: what vanishes there cannot be said",
            before.location.display_path()
        ));
    }
    outcome.version = write(run, &vault, &token, &wish, before).await?;
    Ok(())
}

/// Says which fields vanish, and has a person at a terminal agree to it. What
/// was agreed to is then the one thing that is replaced.
async fn agree(
    arguments: &PutArguments,
    context: &Context,
    before: &Before,
    wish: &mut Wish,
    outcome: &Outcome,
) -> Result<(), Unwritten> {
    let names = outcome.fields_removed.iter().flatten();
    let names = names.cloned().collect::<Vec<_>>().join(", ");
    let path = before.location.display_path();
    let asker = match arguments.consent {
        Consent::Asked => Asker::of(context),
        Consent::Given => None,
    };
    let Some(asker) = asker else {
        let can_merge = before.location.kv_version == KvVersion::Two;
        let hint = match wish.manner {
            Manner::Replace if can_merge => " (--patch keeps what is not given)",
            Manner::Replace | Manner::Merge => "",
        };
        context.warn(&format!("{path} loses: {names}{hint}"));
        return Ok(());
    };
    let words = format!("Replace {path}? It loses: {names} [y/N]");
    if !asker.agrees(&words).await {
        return Err(Unwritten::Declined);
    }
    wish.cas = wish.cas.or(before.version());
    Ok(())
}

fn report(arguments: &PutArguments, context: &Context, outcome: &Outcome, ended: &Ended) -> u8 {
    let (code, judged) = match ended {
        Ended::Written => (DONE, None),
        Ended::Declined => {
            context.inform("nothing was written");
            (OTHER, None)
        }
        Ended::Failed(judged) => {
            context.show_fault(&judged.fault, &judged.findings);
            (judged.exit_code, Some(&**judged))
        }
    };
    let code = recorded(arguments, context, outcome, judged, code);
    let document = document(arguments, context, outcome, judged, code);
    if context.format == Format::Json {
        let text = json::render(&document, &context.run.redactor, &[]);
        return context.answer(&text, code);
    }
    if !matches!(ended, Ended::Written) {
        context.progress.end();
        return code;
    }
    context.answer(&human::written_table(&document, &outcome.fields), code)
}

/// Writes the trace, if it was asked for; the exit code is that of the run, if
/// it failed by itself.
fn recorded(
    arguments: &PutArguments,
    context: &Context,
    outcome: &Outcome,
    judged: Option<&Judged>,
    exit_code: u8,
) -> u8 {
    let judged: Vec<&Judged> = judged.into_iter().collect();
    let recording = Recording::of("put", exit_code, &outcome.seen, &judged);
    match record(context, arguments.record.as_deref(), recording) {
        Ok(()) => exit_code,
        Err(finding) => {
            context.show(&finding);
            of_all([exit_code, USAGE])
        }
    }
}

/// What became of a write that a signal ended.
pub(super) fn interrupted(arguments: &PutArguments, context: &Context, code: u8) -> String {
    let document = document(arguments, context, &Outcome::default(), None, code);
    json::render(&document, &context.run.redactor, &[])
}

/// The same in words.
pub(super) fn interrupted_text(arguments: &PutArguments, context: &Context) -> String {
    let path = one_line(&arguments.path.path);
    match became(context, None) {
        "written" => format!("{path} was written\n"),
        "not_written" => "nothing was written\n".to_owned(),
        _ => format!("whether {path} was written is not known\n"),
    }
}

/// What became of the write: once it was sent, only an answer tells.
fn became(context: &Context, fault: Option<&Fault>) -> &'static str {
    let trace = &context.run.trace;
    let steps = trace.steps();
    match steps.iter().find(|step| step.id == StepId::Write) {
        Some(step) if step.outcome == trace::Outcome::Succeeded => "written",
        Some(_) if fault.is_none_or(Fault::is_refusal) => "not_written",
        None if !trace.has_begun(StepId::Write) => "not_written",
        _ => "unknown",
    }
}

fn document(
    arguments: &PutArguments,
    context: &Context,
    outcome: &Outcome,
    judged: Option<&Judged>,
    exit_code: u8,
) -> WrittenDocument {
    let location = outcome.before.as_ref().map(|before| &before.location);
    let became = became(context, judged.map(|judged| &*judged.fault));
    WrittenDocument {
        schema: "vaultiam/v1/written",
        exit_code,
        outcome: became,
        token_source: outcome.source.map(TokenOrigin::name),
        path: location.map_or(arguments.path.path.clone(), |location| {
            location.display_path()
        }),
        mount: location.map(|location| location.mount.clone()),
        kv_version: location.map(|location| location.kv_version.number()),
        version: outcome.version,
        fields_removed: outcome
            .fields_removed
            .clone()
            .filter(|_| became == "written"),
        steps: mirror(&context.run.trace.steps()),
        fault: judged.map(|judged| (&*judged.fault).into()),
        findings: judged
            .map(|judged| mirror(&judged.findings))
            .unwrap_or_default(),
    }
}
