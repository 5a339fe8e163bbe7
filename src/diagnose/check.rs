//! The whole chain from both sides as named checks, each with an outcome.
//!
//! A check changes nothing and reads no secret. What was not seen is skipped and
//! says why; it never passes. What several checks want to see is looked at once,
//! by the [`Scene`]; a check that failed keeps only those from running that need
//! it.

mod answer;
mod aws;
mod catalogue;
mod clock;
mod config;
mod engine;
mod identity;
mod kv;
mod login;
mod method;
mod pasted;
mod policy;
mod reach;
mod role;
mod scene;
mod secure;
mod selection;
mod settings;
mod tokens;
mod trusted;
mod verdict;

use std::time::Duration;

use pasted::as_pasted;

pub use answer::{Answer, answer};
pub use catalogue::{Category, Check, Need};
pub use scene::{Admin, Scene, Sights, shown_paths};
pub use selection::{Selection, Unknown};
pub use verdict::{Outcome, Verdict};

/// A check that was run.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    pub check: Check,
    pub verdict: Verdict,
    pub took: Duration,
}

/// Runs the selected checks, side by side as far as they do not need each other.
/// They are told, and come back, in the order of the catalogue.
pub async fn run(scene: &Scene, selection: &Selection, tell: &dyn Fn(&Checked)) -> Vec<Checked> {
    let verdict = |check| async move { as_pasted(ask(check, scene).await, scene) };
    engine::run(selection, |check| Box::pin(verdict(check)), tell).await
}

async fn ask(check: Check, scene: &Scene) -> Verdict {
    match check {
        Check::SettingsRegion => settings::region(scene).await,
        Check::SettingsComplete => settings::complete(scene).await,
        Check::SettingsAmbient => settings::ambient(scene),
        Check::ClockSkew => clock::skew(scene).await,
        Check::AwsCredentials => identity::credentials(scene).await,
        Check::AwsCaller => identity::caller(scene).await,
        Check::AwsKongRole => aws::kong_role(scene).await,
        Check::AwsWorkload => aws::workload(scene).await,
        Check::AwsProfile => aws::profile(scene).await,
        Check::AwsAssume => trusted::may_assume(scene).await,
        Check::AwsLoginRole => aws::login_role(scene).await,
        Check::AwsTrust => trusted::trust(scene).await,
        Check::AwsServer => aws::server(scene).await,
        Check::VaultReachable => reach::reachable(scene).await,
        Check::VaultTls => reach::tls(scene).await,
        Check::VaultReady => reach::ready(scene).await,
        Check::VaultVersion => reach::version(scene).await,
        Check::AuthMethod => method::method(scene).await,
        Check::AuthConfig => config::config(scene).await,
        Check::AuthServerId => config::server_id(scene).await,
        Check::AuthRole => role::role(scene).await,
        Check::AuthBinding => role::binding_of(scene).await,
        Check::AuthPolicies => tokens::policies(scene).await,
        Check::AuthTokens => tokens::tokens(scene).await,
        Check::PolicyRead => policy::read(scene).await,
        Check::KvEngine => kv::engine(scene).await,
        Check::KvVersion => kv::version(scene).await,
        Check::LoginAssume => login::assume(scene).await,
        Check::LoginVault => login::vault(scene).await,
        Check::LoginRead => login::read(scene).await,
        Check::SecTrust => secure::trust(scene).await,
        Check::SecIdentity => secure::identity(scene),
        Check::SecPolicy => secure::policy(scene).await,
        Check::SecHttp => secure::http(scene),
        Check::SecTls => secure::tls(scene),
        Check::SecKeys => secure::keys(scene).await,
        Check::SecServerId => secure::server_id(scene).await,
        Check::SecLifetime => secure::lifetime(scene).await,
        Check::SecRoot => secure::root(scene).await,
        Check::SecAudit => secure::audit(scene).await,
        Check::SecFiles => secure::files(scene).await,
    }
}
