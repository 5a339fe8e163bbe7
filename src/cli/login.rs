//! `vaultiam login`: the IAM login, and where its token goes.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::login::store::{Replace, Stored, store};
use crate::login::{self, Depth, Ending, Observations};
use crate::output::human;
use crate::output::json::{self, LoginDocument, TokenDocument, mirror};
use crate::output::streams::one_line;
use crate::settings::KvVersion;
use crate::vault::aws_auth::Issued;
use crate::vault::client::VaultClient;

use super::args::{Format, LoginArguments};
use super::record::{Recording, record};
use super::report::{Judged, judge, revoke, revoked_word, warn_of_settings};
use super::sight::Sight;
use super::{Context, DONE, OTHER, USAGE};

/// Logs in and stores, prints or revokes the token.
pub(super) async fn run(arguments: &LoginArguments, context: &Context) -> u8 {
    let mut seen = Observations::default();
    if context.run.depth == Depth::Explained {
        announce(context);
    }
    warn_of_settings(context);
    let result = obtain(context, &mut seen).await;
    let judged = match result {
        Ok((vault, issued)) => {
            tell(context, &seen);
            return finish(arguments, context, &vault, &issued, &seen).await;
        }
        Err(fault) => {
            let sight = Sight {
                seen: &seen,
                admin: &arguments.admin,
                token: None,
                foreign_token: false,
            };
            judge(context, fault, &sight).await
        }
    };
    // A step behind the login may have failed: its token must not live on.
    revoke(context).await;
    tell(context, &seen);
    fail(arguments, context, &seen, judged)
}

async fn obtain(
    context: &Context,
    seen: &mut Observations,
) -> Result<(Arc<VaultClient>, Arc<Issued>), Box<Fault>> {
    let vault = Arc::new(VaultClient::new(&context.run.settings.vault)?);
    let issued = login::login(&context.run, &vault, &[kong_path(context)], seen).await?;
    Ok((vault, issued))
}

fn tell(context: &Context, seen: &Observations) {
    for warning in &seen.warnings {
        context.warn(warning);
    }
}

/// What Kong is to read: the path whose capabilities are shown.
fn kong_path(context: &Context) -> String {
    let kv = &context.run.settings.kv;
    let mount = kv
        .mount
        .as_ref()
        .or(kv.known_mount.as_ref())
        .map_or("kv", String::as_str);
    let prefix = kv.prefix.trim_end_matches('/');
    match kv.version {
        Some(KvVersion::One) => format!("{mount}/{prefix}/"),
        _ => format!("{mount}/data/{prefix}/"),
    }
}

fn announce(context: &Context) {
    let vault = &context.run.settings.vault;
    let name = context.streams.stderr_style.strong("vaultiam login");
    let words = format!(
        "{} at {} (auth/{})",
        vault.auth_role, vault.address, vault.auth_mount
    );
    context
        .streams
        .aside(&format!("{name}  {}\n\n", one_line(&words)));
}

/// Where the token went, and what is to be said of it.
struct Placed {
    stored_in: Option<String>,
    ending: Ending,
    findings: Vec<Finding>,
    exit_code: u8,
}

async fn finish(
    arguments: &LoginArguments,
    context: &Context,
    vault: &VaultClient,
    issued: &Issued,
    seen: &Observations,
) -> u8 {
    let mut placed = place(arguments, context, vault, issued).await;
    let is_printed = arguments.token_only || arguments.show_token;
    let token = TokenDocument {
        accessor: issued.accessor.clone(),
        token_policies: issued.token_policies.clone(),
        identity_policies: issued.identity_policies.clone(),
        ttl_seconds: issued.ttl_seconds,
        renewable: issued.renewable,
        kind: issued.kind.clone(),
        stored_in: placed.stored_in.clone(),
        revoked: revoked_word(&placed.ending),
        client_token: is_printed.then(|| issued.token.expose_secret().to_owned()),
    };
    let recording = Recording {
        token: Some(TokenDocument {
            client_token: None,
            ..token.clone()
        }),
        findings: placed.findings.clone(),
        ..Recording::of("login", placed.exit_code, seen, &[])
    };
    if let Err(finding) = record(context, arguments.record.as_deref(), recording) {
        placed.findings.push(*finding);
        placed.exit_code = USAGE;
    }
    for finding in &placed.findings {
        context.show(finding);
    }
    let text = if context.format == Format::Json {
        let asked_for: &[&str] = if is_printed { &["client_token"] } else { &[] };
        let document = LoginDocument {
            schema: "vaultiam/v1/login",
            outcome: "succeeded",
            exit_code: placed.exit_code,
            steps: mirror(&context.run.trace.steps()),
            token: Some(token),
            fault: None,
            findings: mirror(&placed.findings),
        };
        json::render(&document, &context.run.redactor, asked_for)
    } else if arguments.token_only {
        let line_end = if context.streams.stdout_style.terminal {
            "\n"
        } else {
            ""
        };
        format!("{}{line_end}", issued.token.expose_secret())
    } else {
        let vault = &context.run.settings.vault;
        human::token_table(&token, &vault.auth_role, vault_name(context).as_str())
    };
    hand_over(context, &text, &placed).await
}

fn vault_name(context: &Context) -> String {
    let vault = &context.run.settings.vault;
    format!("{} (auth/{})", vault.address, vault.auth_mount)
}

/// Prints the answer. A token that was to be printed, and is stored nowhere, is
/// the user's only once it is written: else nobody has it and it must end.
async fn hand_over(context: &Context, text: &str, placed: &Placed) -> u8 {
    context.progress.end();
    match context.streams.answer(text) {
        Ok(()) => {
            context.run.cleanup.keep();
            placed.exit_code
        }
        Err(error) => {
            let was_alive = context.run.cleanup.has_token();
            let ending = revoke(context).await;
            let end = match (was_alive, ending) {
                (true, Ending::Revoked | Ending::Gone) => {
                    "; the token that it was to show is revoked"
                }
                _ => "",
            };
            context
                .streams
                .aside(&format!("error: stdout cannot be written: {error}{end}\n"));
            OTHER
        }
    }
}

/// Stores the token, or sees to it that it ends. One that is to be printed is
/// left alive, and forgotten only when it is printed.
async fn place(
    arguments: &LoginArguments,
    context: &Context,
    vault: &VaultClient,
    issued: &Issued,
) -> Placed {
    let mut placed = Placed {
        stored_in: None,
        ending: Ending::Nothing,
        findings: Vec::new(),
        exit_code: DONE,
    };
    if !arguments.no_store && !arguments.token_only {
        let replace = if arguments.force {
            Replace::Any
        } else {
            Replace::OwnOnly
        };
        match store(&context.run, vault, issued, replace).await {
            Ok(Stored::At(place)) => {
                context.run.cleanup.keep();
                placed.findings.extend(shadowed(context, &place));
                placed.stored_in = Some(place);
            }
            Ok(Stored::LeftAlone(place)) => context.warn(&format!(
                "{place} holds a living token that this login did not issue; it was left there, and the new token is revoked unless it is printed (--force replaces the old one)"
            )),
            Err(error) => {
                placed.exit_code = USAGE;
                placed.findings.push(not_stored(&error.to_string()));
            }
        }
    }
    let is_printed = arguments.token_only || arguments.show_token;
    if !is_printed && placed.stored_in.is_none() {
        placed.ending = revoke(context).await;
        if placed.ending == Ending::Revoked && arguments.no_store {
            context.inform("the token was revoked: nothing was to be stored (--token-only prints it and keeps it)");
        }
    }
    placed
}

fn not_stored(why: &str) -> Finding {
    Finding::certain(Code::CFG908)
        .because(format!("The token cannot be stored: {why}"))
        .remedy(
            Where::Here,
            "log in without storing it, or print it",
            Some("vaultiam login --token-only".to_owned()),
            None,
        )
}

/// VAULT_TOKEN beats the stored token in every program.
fn shadowed(context: &Context, place: &str) -> Option<Finding> {
    let (name, _) = context.run.settings.vault.environment_token.as_ref()?;
    Some(
        Finding::certain(Code::VLT721)
            .because(format!(
                "{name} is set and goes before the token that was stored in {place}."
            ))
            .remedy(
                Where::Here,
                "let the stored token be used",
                Some(format!("unset {name}")),
                None,
            ),
    )
}

fn fail(arguments: &LoginArguments, context: &Context, seen: &Observations, judged: Judged) -> u8 {
    let mut findings = judged.findings.clone();
    let recording = Recording::of("login", judged.exit_code, seen, &[&judged]);
    if let Err(finding) = record(context, arguments.record.as_deref(), recording) {
        context.show(&finding);
        findings.push(*finding);
    }
    context.show_fault(&judged.fault, &judged.findings);
    context.progress.end();
    if context.format == Format::Json {
        let document = LoginDocument {
            fault: Some((&*judged.fault).into()),
            findings: mirror(&findings),
            ..unfinished(context, judged.exit_code)
        };
        let text = json::render(&document, &context.run.redactor, &[]);
        return context.answer(&text, judged.exit_code);
    }
    judged.exit_code
}

/// The document of a login that a signal ended.
pub(super) fn interrupted(context: &Context, exit_code: u8) -> String {
    let document = unfinished(context, exit_code);
    json::render(&document, &context.run.redactor, &[])
}

fn unfinished(context: &Context, exit_code: u8) -> LoginDocument {
    LoginDocument {
        schema: "vaultiam/v1/login",
        outcome: "failed",
        exit_code,
        steps: mirror(&context.run.trace.steps()),
        token: None,
        fault: None,
        findings: Vec::new(),
    }
}
