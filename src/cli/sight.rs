//! What a command has at hand for finding out why something failed.

use std::sync::Arc;

use crate::aws::Aws;
use crate::aws::credentials;
use crate::diagnose::Looks;
use crate::diagnose::looks::Rights;
use crate::diagnose::probe::{self, AwsHand, Hands};
use crate::fault::Fault;
use crate::login::{Depth, Observations, token_source};
use crate::secret::Secret;
use crate::settings::{AwsSettings, TokenSource};
use crate::vault::client::VaultClient;

use super::Context;
use super::args::AdminArguments;

/// What is known beside a fault, and whose rights may be used to learn more.
pub(super) struct Sight<'a> {
    pub(super) seen: &'a Observations,
    pub(super) admin: &'a AdminArguments,
    /// The token that the run worked with.
    pub(super) token: Option<&'a Secret>,
    /// That token came from VAULT_TOKEN or the store, not from a login.
    pub(super) foreign_token: bool,
}

impl Sight<'_> {
    /// Looks for what explains the faults, in their order; nothing is asked unless the
    /// run is to be explained.
    pub(super) async fn look(&self, context: &Context, faults: &[&Fault]) -> Vec<Looks> {
        let mut questions = faults.iter().flat_map(|fault| probe::questions(fault));
        if context.run.depth != Depth::Explained || questions.next().is_none() {
            return vec![Looks::default(); faults.len()];
        }
        let hands = hands(context, self.admin, self.seen, self.token).await;
        probe::gather(&hands, faults, self.seen).await
    }
}

/// Everything with which something can be asked.
pub(super) async fn hands(
    context: &Context,
    admin: &AdminArguments,
    seen: &Observations,
    own_token: Option<&Secret>,
) -> Hands {
    let settings = &context.run.settings;
    let region = seen.region.as_deref();
    let own_aws = seen
        .keys
        .base
        .clone()
        .zip(region)
        .map(|(base, region)| AwsHand {
            http: Aws::new(&settings.aws).http,
            region: region.to_owned(),
            profile: settings.aws.profile.clone(),
            credentials: base,
            session: seen.keys.session.clone(),
            rights: Rights::Own,
        });
    let admin_aws = match (&admin.profile, region) {
        (Some(profile), Some(region)) => admin_hand(context, profile, region).await,
        _ => None,
    };
    Hands {
        settings: Arc::clone(settings),
        vault: VaultClient::new(&settings.vault).ok().map(Arc::new),
        own_token: own_token.cloned(),
        admin_token: if admin.token {
            admin_token(context).await
        } else {
            None
        },
        own_aws,
        admin_aws,
    }
}

pub(super) async fn admin_hand(context: &Context, profile: &str, region: &str) -> Option<AwsHand> {
    let run = &context.run;
    let settings = AwsSettings {
        profile: Some(profile.to_owned()),
        profile_is_explicit: true,
        ..run.settings.aws.clone()
    };
    let aws = Aws::new(&settings);
    let chain = credentials::find(&aws, &settings, Some(region), &|profile, program| {
        (run.aside)(&credentials::running(profile, program));
    })
    .await;
    match chain.found {
        Ok(found) => {
            run.redactor
                .learn_text(found.credentials.secret_access_key());
            if let Some(token) = found.credentials.session_token() {
                run.redactor.learn_text(token);
            }
            Some(AwsHand {
                http: aws.http,
                region: region.to_owned(),
                profile: Some(profile.to_owned()),
                credentials: found.credentials,
                session: None,
                rights: Rights::AdminProfile(profile.to_owned()),
            })
        }
        Err(fault) => {
            context.warn(&format!(
                "--admin-profile {profile} gives no credentials, so IAM is asked without it: {}",
                fault.message
            ));
            None
        }
    }
}

pub(super) async fn admin_token(context: &Context) -> Option<Secret> {
    let run = &context.run;
    match token_source::find(&run.settings.vault, TokenSource::Auto).await {
        Ok(Some(ready)) => {
            run.redactor.learn(&ready.token);
            Some(ready.token)
        }
        Ok(None) => {
            context.warn("--admin: there is no token in VAULT_TOKEN and none in the token store, so Vault is asked without one");
            None
        }
        Err(error) => {
            context.warn(&format!(
                "--admin: the stored token cannot be read: {error}"
            ));
            None
        }
    }
}
