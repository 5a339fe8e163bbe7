//! `vaultiam login`: the IAM login, and where its token goes.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::login::token_store::{StoreError, TokenStore};
use crate::login::{self, Depth, Observations};
use crate::output::human;
use crate::output::json::{self, LoginDocument, RecordedDocument, TokenDocument, mirror};
use crate::settings::KvVersion;
use crate::vault::aws_auth::Issued;
use crate::vault::client::VaultClient;
use crate::vault::token::{TokenState, lookup_self};

use super::args::{Format, LoginArguments};
use super::report::{Judged, judge, revoke, revoked_word};
use super::{Context, DONE, USAGE};

/// Logs in and stores, prints or revokes the token.
pub(super) async fn run(arguments: &LoginArguments, context: &Context) -> u8 {
    let mut seen = Observations::default();
    if context.run.depth == Depth::Explained {
        announce(context);
    }
    super::get::warn_of_settings(context);
    let result = obtain(context, &mut seen).await;
    for warning in &seen.warnings {
        context.warn(warning);
    }
    match result {
        Ok((vault, issued)) => finish(arguments, context, &vault, &issued, &seen).await,
        Err(fault) => fail(arguments, context, judge(context, fault, &seen, false)),
    }
}

async fn obtain(
    context: &Context,
    seen: &mut Observations,
) -> Result<(Arc<VaultClient>, Arc<Issued>), Box<Fault>> {
    let vault = Arc::new(VaultClient::new(&context.run.settings.vault)?);
    let issued = login::login(&context.run, &vault, &[kong_path(context)], seen).await?;
    Ok((vault, issued))
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
    context.streams.aside(&format!(
        "{name}  {} at {} (auth/{})\n\n",
        vault.auth_role, vault.address, vault.auth_mount
    ));
}

/// Where the token went.
struct Placed {
    stored_in: Option<String>,
    ending: login::Ending,
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
    use secrecy::ExposeSecret as _;
    let placed = place(arguments, context, vault, issued).await;
    let shown = arguments.token_only || arguments.show_token;
    let token = TokenDocument {
        accessor: issued.accessor.clone(),
        token_policies: issued.token_policies.clone(),
        identity_policies: issued.identity_policies.clone(),
        ttl_seconds: issued.ttl_seconds,
        renewable: issued.renewable,
        kind: issued.kind.clone(),
        stored_in: placed.stored_in.clone(),
        revoked: revoked_word(&placed.ending),
        client_token: shown.then(|| issued.token.expose_secret().to_owned()),
    };
    let mut exit_code = placed.exit_code;
    let recorded = record(arguments, context, |recorded| LoginDocument {
        schema: "vaultiam/v1/trace",
        outcome: "succeeded",
        exit_code,
        steps: mirror(&context.run.trace.steps()),
        token: Some(TokenDocument {
            client_token: None,
            ..token.clone()
        }),
        fault: None,
        findings: mirror(&placed.findings),
        recorded: Some(recorded),
    });
    if let Err(finding) = recorded {
        context.show(&finding);
        exit_code = USAGE;
    }
    for finding in &placed.findings {
        context.show(finding);
    }
    let _ = seen;
    if context.format == Format::Json {
        let document = LoginDocument {
            schema: "vaultiam/v1/login",
            outcome: "succeeded",
            exit_code,
            steps: mirror(&context.run.trace.steps()),
            token: Some(token),
            fault: None,
            findings: mirror(&placed.findings),
            recorded: None,
        };
        let asked_for: &[&str] = if shown { &["client_token"] } else { &[] };
        return context.answer(
            &json::render(&document, &context.run.redactor, asked_for),
            exit_code,
        );
    }
    if arguments.token_only {
        let line_end = if context.streams.stdout_style.terminal {
            "\n"
        } else {
            ""
        };
        return context.answer(
            &format!("{}{line_end}", issued.token.expose_secret()),
            exit_code,
        );
    }
    context.answer(&human::token_table(&token), exit_code)
}

/// Stores the token, or sees to it that it ends.
async fn place(
    arguments: &LoginArguments,
    context: &Context,
    vault: &VaultClient,
    issued: &Issued,
) -> Placed {
    let mut placed = Placed {
        stored_in: None,
        ending: login::Ending::Nothing,
        findings: Vec::new(),
        exit_code: DONE,
    };
    let printed = arguments.token_only || arguments.show_token;
    if !arguments.no_store && !arguments.token_only {
        match store(arguments, context, vault, issued).await {
            Ok(Some(place)) => {
                placed.findings.extend(shadowed(context, &place));
                placed.stored_in = Some(place);
            }
            Ok(None) => {}
            Err(error) => {
                placed.exit_code = USAGE;
                placed.findings.push(
                    Finding::certain(Code::CFG908)
                        .because(format!("The token cannot be stored: {error}")),
                );
            }
        }
    }
    if printed || placed.stored_in.is_some() {
        context.run.cleanup.keep();
    } else {
        placed.ending = revoke(context).await;
        if placed.ending == login::Ending::Revoked && arguments.no_store {
            context.inform("the token was revoked: nothing was to be stored (--token-only prints it and keeps it)");
        }
    }
    placed
}

/// Stores the token as the `vault` command does, unless a living token of
/// somebody else lies there: a login must not take an admin's token away.
async fn store(
    arguments: &LoginArguments,
    context: &Context,
    vault: &VaultClient,
    issued: &Issued,
) -> Result<Option<String>, StoreError> {
    let Some(store) = TokenStore::of(&context.run.settings.vault) else {
        return Err(StoreError {
            place: "HOME".to_owned(),
            message: "no home directory is known; use --no-store or --token-only".to_owned(),
        });
    };
    if !arguments.force
        && let Some(old) = store.read()?
    {
        context.run.redactor.learn(&old);
        let path = format!("auth/{}/login", context.run.settings.vault.auth_mount);
        let namespace = context.run.settings.vault.namespace.as_deref();
        // Who cannot be asked is taken to be alive: nothing is lost that way.
        let is_others = match lookup_self(vault, namespace, &old).await {
            Ok((TokenState::Invalid, _)) => false,
            Ok((TokenState::Alive(info), _)) => {
                info.path != path || issued.entity_id.as_deref() != Some(info.entity_id.as_str())
            }
            Ok((TokenState::AliveUnseen, _)) | Err(_) => true,
        };
        if is_others {
            context.warn(&format!(
                "{} holds a token that is alive and somebody else's; it was left there and the new token is revoked (--force replaces it)",
                store.name()
            ));
            return Ok(None);
        }
    }
    store.write(&issued.token)?;
    Ok(Some(store.name()))
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

fn fail(arguments: &LoginArguments, context: &Context, judged: Judged) -> u8 {
    let document = |schema, recorded| LoginDocument {
        schema,
        outcome: "failed",
        exit_code: judged.exit_code,
        steps: mirror(&context.run.trace.steps()),
        token: None,
        fault: Some((&*judged.fault).into()),
        findings: mirror(&judged.findings),
        recorded,
    };
    if let Err(finding) = record(arguments, context, |recorded| {
        document("vaultiam/v1/trace", Some(recorded))
    }) {
        context.show(&finding);
    }
    for finding in &judged.findings {
        context.show(finding);
    }
    if context.format == Format::Json {
        let text = json::render(
            &document("vaultiam/v1/login", None),
            &context.run.redactor,
            &[],
        );
        return context.answer(&text, judged.exit_code);
    }
    context.progress.end();
    judged.exit_code
}

/// The document of a login that a signal ended.
pub(super) fn interrupted(context: &Context, exit_code: u8) -> String {
    let document = LoginDocument {
        schema: "vaultiam/v1/login",
        outcome: "failed",
        exit_code,
        steps: mirror(&context.run.trace.steps()),
        token: None,
        fault: None,
        findings: Vec::new(),
        recorded: None,
    };
    json::render(&document, &context.run.redactor, &[])
}

/// Writes the trace to the file that was named, if one was.
fn record(
    arguments: &LoginArguments,
    context: &Context,
    document: impl FnOnce(RecordedDocument) -> LoginDocument,
) -> Result<(), Box<Finding>> {
    let Some(path) = &arguments.record else {
        return Ok(());
    };
    let settings = &context.run.settings;
    let values = settings
        .origins
        .iter()
        .map(|(id, (value, origin))| {
            let key = crate::settings::table::setting(*id).key;
            (
                key.to_owned(),
                json!({ "value": value, "origin": origin.to_string() }),
            )
        })
        .filter(|(key, _)| !key.is_empty())
        .collect();
    let recorded = RecordedDocument {
        program_version: env!("CARGO_PKG_VERSION"),
        recorded_at: json::now(),
        settings: values,
    };
    let text = json::render(&document(recorded), &context.run.redactor, &[]);
    write_private(path, &text).map_err(|error| {
        Box::new(
            Finding::certain(Code::CFG909)
                .because(format!("{} cannot be written: {error}", path.display())),
        )
    })
}

/// Writes a file whole and for its owner alone.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
