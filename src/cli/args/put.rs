//! The arguments of `vaultiam put`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command as ClapCommand, ValueHint};

use super::admin::{self, admin};
use super::{flag, record, switch, with_settings, wrong};
use crate::cli::put::{Consent, Given, PutArguments, Source};
use crate::secret::Secret;
use crate::secrets::SecretPath;
use crate::settings::SettingsError;
use crate::vault::kv::write::Manner;

pub(super) fn arguments(matches: &ArgMatches) -> Result<PutArguments, SettingsError> {
    let typed = matches.get_one::<String>("path").map_or("", String::as_str);
    let place = if typed.is_empty() { "PATH" } else { typed };
    let path = SecretPath::parse(typed).map_err(|words| wrong(place, words))?;
    if path.version.is_some() || path.field.is_some() {
        let words = "names a version or a field; put writes the whole secret, as PATH FIELD=…";
        return Err(wrong(place, words));
    }
    let mut given = Vec::new();
    for word in matches.get_many::<String>("field").into_iter().flatten() {
        given.push(understood(word)?);
    }
    refuse_twice(&given)?;
    Ok(PutArguments {
        explain: flag(matches, "explain"),
        admin: admin(matches),
        path,
        given,
        record: record::path(matches),
        manner: if flag(matches, "patch") {
            Manner::Merge
        } else {
            Manner::Replace
        },
        cas: matches.get_one::<u64>("cas").copied(),
        consent: if flag(matches, "yes") {
            Consent::Given
        } else {
            Consent::Asked
        },
    })
}

/// One word behind the path.
fn understood(word: &str) -> Result<Given, SettingsError> {
    if word == "-" {
        return Ok(Given::Document(Source::Stdin));
    }
    if let Some(file) = word.strip_prefix('@') {
        return Ok(Given::Document(Source::File(file_of(file, word)?)));
    }
    let Some((name, value)) = word.split_once('=') else {
        // A word that is not a name would be asked for, and seen by nobody.
        return if word.is_empty() {
            Err(wrong("FIELD", "is empty"))
        } else {
            Ok(Given::Field(word.to_owned(), Source::Question))
        };
    };
    if name.is_empty() {
        return Err(wrong("FIELD", "has no name before its '='"));
    }
    let source = match value {
        "-" => Source::Stdin,
        _ => match (value.strip_prefix('@'), value.strip_prefix('\\')) {
            (Some(file), _) => Source::File(file_of(file, &format!("{name}=@"))?),
            // As the vault command has it: \@ begins a value with an @.
            (_, Some(rest)) if rest.starts_with('@') || rest == "-" => {
                Source::Typed(Secret::from(rest.to_owned()))
            }
            _ => Source::Typed(Secret::from(value.to_owned())),
        },
    };
    Ok(Given::Field(name.to_owned(), source))
}

fn file_of(name: &str, place: &str) -> Result<PathBuf, SettingsError> {
    if name.is_empty() {
        return Err(wrong(place, "names no file behind its '@'"));
    }
    Ok(PathBuf::from(name))
}

/// A field has one value, and stdin can be read once.
fn refuse_twice(given: &[Given]) -> Result<(), SettingsError> {
    let mut names = BTreeSet::new();
    let mut from_stdin = 0;
    for item in given {
        let source = match item {
            Given::Field(name, source) => {
                if !names.insert(name) {
                    return Err(wrong(name, "is given twice"));
                }
                source
            }
            Given::Document(source) => source,
        };
        from_stdin += usize::from(matches!(source, Source::Stdin));
    }
    if from_stdin > 1 {
        return Err(wrong("-", "is given twice; stdin can be read only once"));
    }
    Ok(())
}

pub(super) fn command() -> ClapCommand {
    let own = [
        Arg::new("path")
            .value_name("PATH")
            .required(true)
            .value_hint(ValueHint::Other)
            .help("Path as 'vault kv put' takes it"),
        Arg::new("field")
            .value_name("FIELD[=VALUE]")
            .required(true)
            .num_args(1..)
            .value_hint(ValueHint::Other)
            .help(
                "FIELD=@FILE takes the value from a file, FIELD=- from stdin, FIELD alone asks for it unseen; \
                 @FILE or - alone is a JSON object of fields. FIELD=VALUE works too, and is seen in the shell's history",
            ),
        Arg::new("cas")
            .long("cas")
            .value_name("N")
            .value_parser(clap::value_parser!(u64))
            .allow_negative_numbers(true)
            .value_hint(ValueHint::Other)
            .help("Write only if N is the current version; 0: only if there is none (KV version 2)"),
        switch("patch").help("Keep the fields that are not given (KV version 2)"),
        switch("yes")
            .short('y')
            .help("Replace without asking, even if fields vanish"),
        switch("explain").help("Show each step as it happens"),
        record::argument(),
    ];
    with_settings(
        ClapCommand::new("put")
            .about("Write a secret to the KV engine")
            .after_help("Examples:\n  vaultiam put kv/kong/db-password value\n  vaultiam put kv/kong/db-password value=@password.txt\n  vaultiam put kv/kong/tls cert=@tls.crt key=@tls.key --cas 0\n  vaultiam put kv/kong/db-password user=kong --patch"),
        "put",
    )
    .args(own)
    .args(admin::arguments().map(|argument| argument.requires("explain")))
}
