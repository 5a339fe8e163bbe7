//! The flags of the settings, made from the one table.

use clap::{Arg, ArgAction, Command as ClapCommand, ValueHint};

use super::settings_of;
use crate::settings::{Id, Kind, Setting};

/// Adds the settings that mean something to a command.
pub(super) fn with_settings(command: ClapCommand, name: &str) -> ClapCommand {
    let settings = settings_of(name).filter_map(|setting| setting_argument(setting, name));
    command.args(settings).disable_version_flag(true)
}

/// The flag of a setting; its help names variables and default.
fn setting_argument(setting: &'static Setting, command: &str) -> Option<Arg> {
    let name = setting.flag?;
    let mut help = setting.help.to_owned();
    if !setting.environment.is_empty() {
        help.push_str(&format!(" [env: {}]", setting.environment.join(", ")));
    }
    if !setting.default.is_empty() && !help.contains("(default:") {
        help.push_str(&format!(" [default: {}]", setting.default));
    }
    let argument = Arg::new(name)
        .long(name)
        .help(help)
        .help_heading(setting.group.heading());
    let argument = if name == "auth-role" && command == "login" {
        argument.visible_alias("role")
    } else {
        argument
    };
    if setting.kind == Kind::Flag {
        return Some(argument.action(ArgAction::SetTrue));
    }
    let argument = argument.value_hint(hint_of(setting));
    Some(match setting.kind {
        Kind::Choice(choices) => argument.value_name(choices.join("|")),
        Kind::Duration => argument.value_name("DURATION"),
        Kind::Number => argument.value_name("N").allow_negative_numbers(true),
        Kind::Text if matches!(name, "ca-cert" | "client-cert" | "client-key") => {
            argument.value_name("FILE")
        }
        _ => argument.value_name(name.rsplit('-').next().unwrap_or(name).to_uppercase()),
    })
}

/// What a completer offers for a setting's value.
fn hint_of(setting: &Setting) -> ValueHint {
    match setting.id {
        Id::CaCert | Id::ClientCert | Id::ClientKey | Id::SessionPolicy => ValueHint::FilePath,
        Id::CaPath => ValueHint::DirPath,
        _ => ValueHint::Other,
    }
}
