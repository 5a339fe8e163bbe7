//! Whether there is colour.

use crate::output::Streams;
use crate::settings::Environment;

/// Decides about colour for each stream: the flag, then NO_COLOR, then
/// CLICOLOR_FORCE, then whether it is a terminal that can show it, to a person.
pub(super) fn coloured(streams: Streams, environment: &Environment, flag: Option<&str>) -> Streams {
    let decide = |terminal: bool| match flag {
        Some("always") => true,
        Some("never") => false,
        _ if environment.get("NO_COLOR").is_some()
            || environment.get("VAULT_CLI_NO_COLOR").is_some() =>
        {
            false
        }
        _ if environment
            .get("CLICOLOR_FORCE")
            .is_some_and(|value| value != "0") =>
        {
            true
        }
        _ if environment.get("CLICOLOR") == Some("0")
            || environment.get("TERM") == Some("dumb")
            || environment.is_ci() =>
        {
            false
        }
        _ => terminal,
    };
    let (stdout, stderr) = (
        decide(streams.stdout_style.terminal),
        decide(streams.stderr_style.terminal),
    );
    streams.styled(stdout, stderr)
}
