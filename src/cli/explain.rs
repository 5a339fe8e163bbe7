//! `vaultiam explain CODE`: what a finding code means, without a network.

use crate::diagnose::Code;
use crate::output::{Streams, human};
use crate::settings::{SettingsError, SettingsProblem};

use super::args::ExplainArguments;

/// Prints the page of a code, or the list of all codes.
pub(super) fn run(arguments: &ExplainArguments, streams: &Streams) -> Result<u8, SettingsError> {
    let Some(name) = &arguments.code else {
        let mut text = String::new();
        for code in Code::ALL {
            text.push_str(&format!("{code}  {}\n", code.title()));
        }
        return Ok(super::answer(streams, &text, super::DONE));
    };
    let code = Code::parse(name).ok_or_else(|| {
        SettingsError::new(
            SettingsProblem::Usage,
            "explain",
            format!("'{name}' is no finding code; vaultiam explain --list shows them all"),
        )
    })?;
    Ok(super::answer(
        streams,
        &human::page(code, streams.stdout_style),
        super::DONE,
    ))
}
