//! `vaultiam kong render`: Kong's configuration for these settings. Asks nobody.

use serde_json::{Map, Value};

use crate::diagnose::{Code, Finding, Where, explain_settings};
use crate::http::is_loopback;
use crate::kong::{Rendered, SecretName, entity, render, test_command};
use crate::output::json::{self, KongDocument, ReferenceDocument};
use crate::settings::{Id, Origin, Settings, SettingsError, SettingsProblem};
use crate::vault::client::parse_address;

use super::args::{Format, RENDER, RenderArguments, settings_of, wrong};
use super::{Context, DONE};

/// What is shown.
struct Configuration {
    rendered: Rendered,
    secrets: Vec<SecretName>,
    notes: Vec<String>,
}

/// Prints the file, and beside it what to do with it.
pub(super) fn run(arguments: &RenderArguments, context: &Context) -> u8 {
    let configuration = match configuration(arguments, &context.run.settings) {
        Ok(configuration) => configuration,
        Err(finding) => {
            let as_json = context.format == Format::Json;
            return super::refuse_with(&context.streams, &finding, as_json, context.verbosity);
        }
    };
    if context.format == Format::Json {
        return context.answer(&document(arguments, context, &configuration), DONE);
    }
    let code = context.answer(&configuration.rendered.text, DONE);
    context.inform(&format!("made from {}", sources(&context.run.settings)));
    for note in &configuration.notes {
        context.warn(note);
    }
    for line in next_steps(arguments, &configuration.rendered) {
        context.inform(&line);
    }
    code
}

fn configuration(
    arguments: &RenderArguments,
    settings: &Settings,
) -> Result<Configuration, Box<Finding>> {
    let as_finding = |error: SettingsError| Box::new(explain_settings(&error));
    let address = parse_address(&settings.vault.address).map_err(|fault| {
        let words = format!("is no address of a Vault: {}", fault.message);
        let place = settings.place(Id::Address);
        as_finding(SettingsError::new(
            SettingsProblem::WrongValue,
            place,
            words,
        ))
    })?;
    let is_open = address.scheme() == "http" && !settings.vault.allow_http;
    if is_open && !is_loopback(address.host_str().unwrap_or_default()) {
        return Err(Box::new(plain_http(settings)));
    }
    let mut vault = entity(settings, &address).map_err(as_finding)?;
    let secrets = secrets(arguments, settings).map_err(as_finding)?;
    for secret in secrets
        .iter()
        .filter(|secret| !secret.is_below_prefix(settings))
    {
        vault.notes.push(format!(
            "The policy that setup makes lets Kong read below {}/{} only; {} lies elsewhere.",
            settings.provision.kv_mount,
            settings.kv.prefix.trim_matches('/'),
            secret.full_path
        ));
    }
    vault.notes.extend(contradicted(settings));
    let rendered = render(&vault, arguments.format, &secrets).map_err(as_finding)?;
    Ok(Configuration {
        rendered,
        secrets,
        notes: vault.notes,
    })
}

fn plain_http(settings: &Settings) -> Finding {
    let words = format!(
        "{} is plain http: Kong would send its logins and receive its secrets where everybody on the way can read them.",
        settings.vault.address
    );
    Finding::certain(Code::SEC004)
        .because(words)
        .fact("settings", "place", settings.place(Id::Address))
        .remedy(
            Where::Here,
            "give Vault a certificate and name its https address; or, where nobody can listen, say so: --allow-http",
            None,
            None,
        )
}

/// Variables of other programs that say something else than the file, and that
/// went before it.
fn contradicted(settings: &Settings) -> impl Iterator<Item = String> + '_ {
    let is_used =
        |variable: &str| settings_of(RENDER).any(|setting| setting.environment.contains(&variable));
    let all = settings.ambient.iter();
    all.filter(move |error| is_used(&error.place))
        .map(|error| format!("{error}."))
}

/// What the values came from: the file, flags and variables.
fn sources(settings: &Settings) -> String {
    let file = settings.file.iter().map(|file| file.display().to_string());
    let given = settings_of(RENDER).filter_map(|setting| {
        let (value, origin) = settings.origins.get(&setting.id)?;
        let is_given = matches!(origin, Origin::Flag(_) | Origin::Environment(_));
        is_given.then(|| format!("{origin}={value}"))
    });
    let sources: Vec<String> = file.chain(given).collect();
    if sources.is_empty() {
        "defaults".to_owned()
    } else {
        sources.join(", ")
    }
}

/// The secrets that were asked for, else an example.
fn secrets(
    arguments: &RenderArguments,
    settings: &Settings,
) -> Result<Vec<SecretName>, SettingsError> {
    if arguments.secrets.is_empty() {
        return Ok(vec![SecretName::example(settings)]);
    }
    let named = arguments.secrets.iter().map(|typed| {
        SecretName::of(
            settings,
            typed.absolute(),
            typed.field.as_deref(),
            typed.version,
        )
        .map_err(|words| wrong(&typed.to_string(), words))
    });
    named.collect()
}

fn next_steps(arguments: &RenderArguments, rendered: &Rendered) -> Vec<String> {
    use crate::kong::Format;
    let place = match arguments.format {
        Format::Deck => "deck gateway apply FILE (not sync: that deletes what the file lacks)",
        Format::KongConf => "add the lines to kong.conf of every data plane, then: kong restart",
        Format::Env => {
            "give the file to every data plane (docker run --env-file FILE), and start Kong anew"
        }
    };
    let mut lines = vec![format!("next: {place}")];
    lines.extend(
        rendered
            .references
            .first()
            .map(|reference| format!("next, on a data plane: {}", test_command(reference))),
    );
    lines
}

fn document(
    arguments: &RenderArguments,
    context: &Context,
    configuration: &Configuration,
) -> String {
    let named = configuration
        .secrets
        .iter()
        .zip(&configuration.rendered.references);
    let document = KongDocument {
        schema: "vaultiam/v1/kong",
        exit_code: DONE,
        format: arguments.format.name(),
        text: Some(configuration.rendered.text.clone()),
        references: named
            .map(|(secret, reference)| ReferenceDocument {
                path: secret.full_path.clone(),
                field: secret.field.clone(),
                version: secret.version,
                reference: reference.clone(),
            })
            .collect(),
        notes: configuration.notes.clone(),
        settings: used(&context.run.settings),
    };
    // The answer that was asked for is left as it is.
    json::render(&document, &context.run.redactor, &["text", "references"])
}

/// The settings that mean something here, each with its origin.
fn used(settings: &Settings) -> Map<String, Value> {
    let mut shown = settings.shown();
    shown.retain(|key, _| settings_of(RENDER).any(|setting| setting.key == key));
    shown
}

/// The document of a run that a signal ended.
pub(super) fn interrupted(arguments: &RenderArguments, context: &Context, exit_code: u8) -> String {
    let document = KongDocument {
        schema: "vaultiam/v1/kong",
        exit_code,
        format: arguments.format.name(),
        text: None,
        references: Vec::new(),
        notes: Vec::new(),
        settings: Map::new(),
    };
    json::render(&document, &context.run.redactor, &[])
}
