//! What the argument parser refuses, in our words: the parser's own are made
//! for its authors.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::wrong;
use crate::settings::SettingsError;

/// The parser's error in one sentence: the command, what is wrong with it, and
/// what was probably meant.
pub(super) fn usage(error: &clap::Error) -> SettingsError {
    let words = |kind| -> Vec<String> {
        match error.get(kind) {
            Some(ContextValue::String(word)) => vec![word.clone()],
            Some(ContextValue::Strings(words)) => words.clone(),
            _ => Vec::new(),
        }
    };
    let word = |kind| words(kind).join(", ");
    let command = command_of(error);
    let argument = word(ContextKind::InvalidArg);
    let suggested = words(match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::SuggestedSubcommand,
        ErrorKind::UnknownArgument => ContextKind::SuggestedArg,
        _ => ContextKind::SuggestedValue,
    });
    // The parser names the likeliest last.
    let hint = match suggested.last() {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("see {command} --help"),
    };
    let message = match error.kind() {
        ErrorKind::MissingSubcommand => format!("names no command; {hint}"),
        ErrorKind::InvalidSubcommand => {
            format!(
                "has no command '{}'; {hint}",
                word(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::UnknownArgument => format!("does not take '{argument}'; {hint}"),
        ErrorKind::MissingRequiredArgument => format!("needs {argument}; {hint}"),
        ErrorKind::ArgumentConflict => match word(ContextKind::PriorArg) {
            prior if prior == argument => format!("takes {argument} only once"),
            prior => format!("takes {argument} or {prior}, not both"),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let place = argument.split(' ').next().unwrap_or(&argument);
            let place = place.trim_matches(['<', '>', '[', ']']);
            return wrong(
                place,
                value_words(
                    place,
                    &words(ContextKind::ValidValue),
                    &word(ContextKind::InvalidValue),
                ),
            );
        }
        _ => first_paragraph(error),
    };
    wrong(&command, message)
}

fn value_words(place: &str, valid: &[String], value: &str) -> String {
    match valid {
        _ if value.is_empty() => "needs a value".to_owned(),
        [] => {
            let least = u8::from(place != "--cas");
            format!("must be a whole number from {least} on, not '{value}'")
        }
        valid => format!("must be one of {}, not '{value}'", valid.join(", ")),
    }
}

/// `vaultiam login`: the words before the first option of the usage line.
pub(super) fn command_of(error: &clap::Error) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let words: Vec<&str> = usage
        .split_whitespace()
        .skip(1)
        .take_while(|word| !word.starts_with(['[', '<', '-']))
        .collect();
    if words.is_empty() {
        "vaultiam".to_owned()
    } else {
        words.join(" ")
    }
}

fn first_paragraph(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let text = text.trim_start_matches("error: ");
    let paragraph = text.split("\n\n").next().unwrap_or(text);
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
