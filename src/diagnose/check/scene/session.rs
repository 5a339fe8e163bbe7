//! The login that whoever runs this can really do. Its token is registered with
//! the run, which revokes it at the end.

use std::sync::Arc;

use aws_credential_types::Credentials;
use serde::{Deserialize, Serialize};

use super::once::Once;
use super::{Names, Scene, Standing};
use crate::aws::identity::PrincipalArn;
use crate::diagnose::Looks;
use crate::diagnose::assume::{Ask, Side, of_trust};
use crate::fault::{Cause, Fault};
use crate::login::{self, Observations, Operator};
use crate::vault::aws_auth::Issued;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cells {
    pub(super) session: Once<OwnSession>,
    login: Once<OwnLogin>,
    /// Whether a login was done already when somebody first asked.
    was_tried: Once<bool>,
    /// What was looked at besides, after STS or Vault refused.
    pub(super) after_session: Once<Looks>,
    pub(super) after_login: Once<Looks>,
}

/// A session of the identity that logs in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose::check) enum OwnSession {
    NotTried {
        because: String,
    },
    Failed {
        fault: Box<Fault>,
        seen: Observations,
    },
    Got {
        /// The keys; not where it was recorded.
        #[serde(skip)]
        identity: Option<Credentials>,
        seen: Observations,
        who: Who,
    },
}

/// Who got the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose::check) enum Who {
    /// KongRole itself: what it got, Kong gets.
    Kong,
    /// Somebody else: it proves Vault's side alone.
    Other,
}

/// A login with that session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose::check) enum OwnLogin {
    NotTried {
        because: String,
    },
    Failed {
        fault: Box<Fault>,
        seen: Box<Observations>,
    },
    Got {
        who: Who,
        token_policies: Vec<String>,
        identity_policies: Vec<String>,
        ttl_seconds: u64,
        uses: Option<u64>,
        /// With the token; not where it was recorded.
        #[serde(skip)]
        issued: Option<Arc<Issued>>,
    },
}

impl Scene {
    /// Tries to become the identity that logs in, where that is KongRole's to do or
    /// the trust policy, as far as it was seen, does not rule it out.
    pub(in crate::diagnose::check) async fn own_session(&self) -> &OwnSession {
        let cell = &self.sights.session.session;
        cell.get_or_init(|| self.try_session()).await
    }

    /// Logs in to Vault with that session.
    pub(in crate::diagnose::check) async fn own_login(&self) -> &OwnLogin {
        let cell = &self.sights.session.login;
        cell.get_or_init(|| self.try_login()).await
    }

    /// The login, if a check wanted it already: nobody logs in for this alone.
    pub(in crate::diagnose::check) async fn own_login_if_tried(&self) -> Option<&OwnLogin> {
        let Cells {
            login, was_tried, ..
        } = &self.sights.session;
        let is_there = was_tried.get_or_init(|| async { login.get().is_some() });
        if *is_there.await { login.get() } else { None }
    }

    /// Who logged in, if a login succeeded: then Vault's method, its configuration
    /// and its role are as they must be.
    pub(in crate::diagnose::check) async fn proved_login(&self) -> Option<Who> {
        match self.own_login().await {
            OwnLogin::Got { who, .. } => Some(*who),
            OwnLogin::NotTried { .. } | OwnLogin::Failed { .. } => None,
        }
    }

    /// Tells whether KongRole got a session of the role to assume.
    pub(in crate::diagnose::check) async fn proved_assume(&self) -> bool {
        let session = self.own_session().await;
        matches!(session, OwnSession::Got { who: Who::Kong, seen, .. } if seen.session.is_some())
    }

    async fn try_session(&self) -> OwnSession {
        let standing = self.standing().await;
        let not_tried = |because: String| OwnSession::NotTried { because };
        let Some(operator) = &standing.operator else {
            return not_tried("there are no AWS credentials that STS takes".to_owned());
        };
        let Ok(names) = self.names().await else {
            return not_tried("the settings do not tell whose session is wanted".to_owned());
        };
        let who = if is_role(&operator.caller.arn, names.kong()) {
            Who::Kong
        } else {
            Who::Other
        };
        if let Some(because) = self.is_ruled_out(operator, names, who).await {
            return not_tried(because);
        }
        self.assumed(standing, operator, who).await
    }

    async fn assumed(&self, standing: &Standing, operator: &Operator, who: Who) -> OwnSession {
        let mut seen = standing.seen.clone();
        match login::assume(&self.run, &self.aws, operator, &mut seen).await {
            Ok(session) => OwnSession::Got {
                identity: Some(session.unwrap_or_else(|| operator.base.credentials.clone())),
                seen,
                who,
            },
            // Nobody said that this caller must be able to.
            Err(fault) if who == Who::Other && fault.cause == Cause::Answered => {
                OwnSession::NotTried {
                    because: format!(
                        "{} is not KongRole, and STS does not let it have the login role: {}",
                        operator.caller.arn, fault.message
                    ),
                }
            }
            Err(fault) => OwnSession::Failed { fault, seen },
        }
    }

    /// Why this caller cannot have the session, as far as that is known.
    async fn is_ruled_out(&self, operator: &Operator, names: &Names, who: Who) -> Option<String> {
        let caller = &operator.caller.arn;
        let Some(login) = names.login() else {
            let words = format!("KongRole logs in itself, and {caller} is not KongRole");
            return (who == Who::Other).then_some(words);
        };
        if who == Who::Kong || is_role(caller, login) {
            return None;
        }
        let (role, with) = self.login_role().await.seen_with()?;
        let ask = Ask::of_caller(caller, &operator.caller.user_id, login, self.settings());
        let is_refused = matches!(of_trust(role.as_ref()?, with, &ask), Side::Refuses(_));
        is_refused.then(|| format!("{caller} is not KongRole, and {login} does not trust it"))
    }

    async fn try_login(&self) -> OwnLogin {
        let not_tried = |because: String| OwnLogin::NotTried { because };
        let (identity, seen, who) = match self.own_session().await {
            OwnSession::NotTried { because } => return not_tried(because.clone()),
            OwnSession::Failed { fault, .. } => {
                return not_tried(format!("STS gives no session: {}", fault.message));
            }
            OwnSession::Got {
                identity,
                seen,
                who,
            } => (identity, seen, *who),
        };
        let Some(identity) = identity else {
            return not_tried("its keys were not recorded".to_owned());
        };
        let Ok(client) = self.client() else {
            return not_tried("Vault cannot be asked".to_owned());
        };
        let health = self.health().await;
        if health.result.is_err() {
            return not_tried("Vault is not ready".to_owned());
        }
        let mut seen = seen.clone();
        seen.vault_version.clone_from(&health.seen.vault_version);
        seen.vault_skew_ms = health.seen.vault_skew_ms;
        seen.vault_answered = true;
        let region = seen.region.clone().unwrap_or_default();
        match login::login_as(&self.run, client, identity, &region, &mut seen).await {
            Ok(issued) => OwnLogin::Got {
                who,
                token_policies: issued.token_policies.clone(),
                identity_policies: issued.identity_policies.clone(),
                ttl_seconds: issued.ttl_seconds,
                uses: issued.uses,
                issued: Some(issued),
            },
            Err(fault) => OwnLogin::Failed {
                fault,
                seen: Box::new(seen),
            },
        }
    }
}

/// Tells whether a caller is a session of this role.
fn is_role(caller: &str, role: &str) -> bool {
    let both = PrincipalArn::parse(caller).zip(PrincipalArn::parse(role));
    both.is_some_and(|(caller, role)| {
        caller.account == role.account
            && caller.role_name().is_some()
            && caller.role_name() == role.role_name()
    })
}
