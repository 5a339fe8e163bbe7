//! The token that `get` and `put` work with, where it is there without a login.

use crate::fault::{Fault, LocalProblem};
use crate::login::token_source::{self, Ready, Source};
use crate::settings::TokenSource;
use crate::trace::StepId;

use super::Context;

/// The token that the settings ask for; says which one is used. `None`: log in.
///
/// # Errors
///
/// The settings ask for a token that is not there, or cannot be read.
pub(super) async fn ready_token(
    context: &Context,
    wanted: TokenSource,
) -> Result<Option<Ready>, Box<Fault>> {
    let run = &context.run;
    let ready = match token_source::find(&run.settings.vault, wanted).await {
        Ok(ready) => ready,
        // The store is only one of the sources.
        Err(error) if wanted == TokenSource::Auto => {
            context.warn(&format!(
                "the stored token cannot be read, logging in through AWS: {error}"
            ));
            None
        }
        Err(error) => return Err(no_token(&error.place, &error.message)),
    };
    if let Some(ready) = ready {
        run.redactor.learn(&ready.token);
        context.inform(&format!("using the token of {}", ready.place));
        return Ok(Some(ready));
    }
    let place = match wanted {
        TokenSource::Environment => "VAULT_TOKEN",
        TokenSource::Stored => "the token store",
        TokenSource::Auto | TokenSource::Aws => return Ok(None),
    };
    let words = format!("--token-source asks for the token of {place}, and there is none");
    Err(no_token(place, &words))
}

/// Whether a login follows when Vault does not take this token: a stored one
/// may be an old one, VAULT_TOKEN was set on purpose.
pub(super) fn falls_through(wanted: TokenSource, ready: &Ready) -> bool {
    wanted == TokenSource::Auto && ready.source == Source::Stored
}

fn no_token(place: &str, words: &str) -> Box<Fault> {
    Box::new(Fault::local(
        StepId::Settings,
        LocalProblem::NoToken,
        place,
        words,
    ))
}
