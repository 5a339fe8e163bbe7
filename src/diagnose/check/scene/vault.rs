//! Looks at Vault.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Scene;
use super::once::Once;
use super::session::OwnLogin;
use crate::diagnose::looks::{
    AuthRole, LoginKind, Look, Refused, Rights, ServerId, StsChoice, VaultLooks,
};
use crate::diagnose::probe::{
    Asking, Question, look_at_policies, with_token, within, without_token,
};
use crate::fault::Fault;
use crate::login::{self, Observations};
use crate::vault::token::{self, TokenState};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cells {
    health: Once<Health>,
    auth_mounts: Once<VaultLooks>,
    auth_role: Once<VaultLooks>,
    client_config: Once<VaultLooks>,
    secrets_mounts: Once<VaultLooks>,
    login_kind: Once<VaultLooks>,
    server_id: Once<VaultLooks>,
    sts: Once<VaultLooks>,
    policies: Once<BTreeMap<String, Look<Option<String>>>>,
    token: Once<Look<Option<Vec<String>>>>,
    audit: Once<Look<BTreeMap<String, String>>>,
}

/// Vault's health.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::diagnose::check) struct Health {
    pub(in crate::diagnose::check) result: Result<(), Box<Fault>>,
    pub(in crate::diagnose::check) seen: Observations,
}

impl Scene {
    /// Vault's health; the fault says what keeps this Vault from any login.
    pub(in crate::diagnose::check) async fn health(&self) -> &Health {
        let look = || async {
            let mut seen = Observations::default();
            let result = match self.client() {
                Ok(client) => login::check_vault(&self.run, client, &mut seen).await,
                Err(fault) => Err(Box::new(fault.clone())),
            };
            Health { result, seen }
        };
        self.sights.vault.health.get_or_init(look).await
    }

    pub(in crate::diagnose::check) async fn vault_version(&self) -> Option<&str> {
        self.health().await.seen.vault_version.as_deref()
    }

    /// With what Vault's documents are read, or why they are not.
    pub(super) async fn asking(&self) -> Result<Asking<'_>, String> {
        let Ok(client) = self.client() else {
            return Err("Vault cannot be asked".to_owned());
        };
        if let Some(token) = &self.admin.token {
            return Ok(Asking {
                client,
                token,
                rights: Rights::AdminToken,
            });
        }
        match self.own_login().await {
            OwnLogin::Got {
                uses: Some(uses), ..
            } => Err(format!(
                "looking with the login's token would take of its {uses} uses; {WITH_ADMIN}"
            )),
            OwnLogin::Got { issued, .. } => match issued {
                Some(issued) => Ok(Asking {
                    client,
                    token: &issued.token,
                    rights: Rights::Own,
                }),
                None => Err("the token of the login was not recorded".to_owned()),
            },
            OwnLogin::NotTried { because } => Err(format!(
                "there is no token to look with: {because}; {WITH_ADMIN}"
            )),
            OwnLogin::Failed { .. } => Err(format!(
                "there is no token to look with, because the login failed; {WITH_ADMIN}"
            )),
        }
    }

    /// Asks one question with the token.
    async fn documents(&self, question: Question) -> VaultLooks {
        match self.asking().await {
            Ok(asking) => {
                with_token(
                    &asking,
                    self.settings(),
                    &[question],
                    &Observations::default(),
                )
                .await
            }
            Err(because) => self.without_documents(question, &because),
        }
    }

    /// The question, not asked.
    fn without_documents(&self, question: Question, because: &str) -> VaultLooks {
        let mut looks = VaultLooks::default();
        let mount = &self.settings().vault.auth_mount;
        match question {
            Question::AuthMounts => looks.auth_mounts = not_asked("sys/auth", because),
            Question::AuthRole => {
                let role = &self.settings().vault.auth_role;
                looks.auth_role = not_asked(&format!("auth/{mount}/role/{role}"), because);
            }
            Question::ClientConfig => {
                looks.client_config = not_asked(&format!("auth/{mount}/config/client"), because);
            }
            _ => looks.secrets_mounts = not_asked("sys/mounts", because),
        }
        looks
    }

    /// The auth methods: path and type.
    pub(in crate::diagnose::check) async fn auth_mounts(&self) -> &Look<BTreeMap<String, String>> {
        let look = || self.documents(Question::AuthMounts);
        &self
            .sights
            .vault
            .auth_mounts
            .get_or_init(look)
            .await
            .auth_mounts
    }

    pub(in crate::diagnose::check) async fn auth_role(&self) -> &Look<Option<AuthRole>> {
        &self.auth_role_looks().await.auth_role
    }

    /// The names of all roles of the method.
    pub(in crate::diagnose::check) async fn auth_roles(&self) -> &Look<Vec<String>> {
        &self.auth_role_looks().await.auth_roles
    }

    async fn auth_role_looks(&self) -> &VaultLooks {
        let look = || self.documents(Question::AuthRole);
        self.sights.vault.auth_role.get_or_init(look).await
    }

    /// `config/client`, with its keys masked.
    pub(in crate::diagnose::check) async fn client_config(
        &self,
    ) -> &Look<Option<serde_json::Map<String, serde_json::Value>>> {
        let look = || self.documents(Question::ClientConfig);
        let looks = self.sights.vault.client_config.get_or_init(look).await;
        &looks.client_config
    }

    pub(in crate::diagnose::check) async fn secrets_mounts(
        &self,
    ) -> &Look<BTreeMap<String, String>> {
        let look = || self.documents(Question::SecretsMounts);
        let looks = self.sights.vault.secrets_mounts.get_or_init(look).await;
        &looks.secrets_mounts
    }

    async fn anybody(&self, question: Question) -> VaultLooks {
        match self.client() {
            Ok(client) => without_token(client, self.settings(), &[question]).await,
            Err(_) => VaultLooks::default(),
        }
    }

    /// What answers at the login's path; takes no token.
    pub(in crate::diagnose::check) async fn login_kind(&self) -> &Look<LoginKind> {
        let look = || self.anybody(Question::LoginKind);
        &self
            .sights
            .vault
            .login_kind
            .get_or_init(look)
            .await
            .login_kind
    }

    /// Whether Vault wants a server id; takes no token.
    pub(in crate::diagnose::check) async fn wanted_server_id(&self) -> &Look<ServerId> {
        let look = || self.anybody(Question::ServerId);
        &self
            .sights
            .vault
            .server_id
            .get_or_init(look)
            .await
            .server_id
    }

    /// Which STS Vault asks; takes no token.
    pub(in crate::diagnose::check) async fn sts_choice(&self) -> &Look<StsChoice> {
        let look = || self.anybody(Question::Sts);
        &self.sights.vault.sts.get_or_init(look).await.sts
    }

    /// The names of the policies that the role hands out, as far as they are known.
    pub(in crate::diagnose::check) async fn policy_names(&self) -> Vec<String> {
        if let Some(role) = self.auth_role().await.present() {
            return role
                .token_policies()
                .into_iter()
                .map(str::to_owned)
                .collect();
        }
        match self.own_login().await {
            OwnLogin::Got { token_policies, .. } => {
                let names = token_policies.iter();
                names.filter(|name| *name != "default").cloned().collect()
            }
            OwnLogin::NotTried { .. } | OwnLogin::Failed { .. } => Vec::new(),
        }
    }

    /// The texts of the role's policies, and of `default`, which every token has.
    pub(in crate::diagnose::check) async fn policies(
        &self,
    ) -> &BTreeMap<String, Look<Option<String>>> {
        let look = || async {
            let mut names = self.policy_names().await;
            if !names.iter().any(|name| name == "default") {
                names.push("default".to_owned());
            }
            match self.asking().await {
                Ok(asking) => look_at_policies(&asking, self.settings(), &names).await,
                Err(because) => names
                    .into_iter()
                    .map(|name| {
                        let look = not_asked(&format!("sys/policies/acl/{name}"), &because);
                        (name, look)
                    })
                    .collect(),
            }
        };
        self.sights.vault.policies.get_or_init(look).await
    }

    /// The policies of the token with which Vault's documents are read; `None` where
    /// it may not look at itself.
    pub(in crate::diagnose::check) async fn token(&self) -> &Look<Option<Vec<String>>> {
        let look = || async {
            let path = "auth/token/lookup-self";
            let asking = match self.asking().await {
                Ok(asking) => asking,
                Err(because) => return not_asked(path, &because),
            };
            let namespace = self.settings().vault.namespace.as_deref();
            let ask = async {
                let asked = token::lookup_self(asking.client, namespace, asking.token).await;
                Ok(asked?.0)
            };
            match within(&asking.rights, "read", path, ask).await {
                Look::Seen { value, with } => policies_of(value, path, with),
                Look::Refused(refused) => Look::Refused(refused),
                Look::NotMade => Look::NotMade,
            }
        };
        self.sights.vault.token.get_or_init(look).await
    }

    /// Tells whether Vault said that the administrator's token is none.
    pub fn is_admin_token_dead(&self) -> bool {
        let looked = self.sights.vault.token.get();
        matches!(looked, Some(Look::Refused(refused)) if refused.with == Rights::AdminToken && refused.because == DEAD)
    }

    /// The audit devices: path and type.
    pub(in crate::diagnose::check) async fn audit(&self) -> &Look<BTreeMap<String, String>> {
        let look = || async {
            match self.asking().await {
                Ok(asking) => {
                    // There is one list for all namespaces.
                    let reader = asking.reader(None);
                    let ask = reader.list_audit_devices();
                    within(&asking.rights, "read", "sys/audit", ask).await
                }
                Err(because) => not_asked("sys/audit", &because),
            }
        };
        self.sights.vault.audit.get_or_init(look).await
    }
}

/// What a token's look at itself shows.
fn policies_of(state: TokenState, path: &str, with: Rights) -> Look<Option<Vec<String>>> {
    match state {
        TokenState::Alive(info) => Look::Seen {
            value: Some(info.policies),
            with,
        },
        TokenState::Invalid => Look::Refused(Refused {
            action: "read".to_owned(),
            target: path.to_owned(),
            by: "vault".to_owned(),
            because: DEAD.to_owned(),
            with,
        }),
        TokenState::AliveUnseen | TokenState::Refused | TokenState::Unknown => {
            Look::Seen { value: None, with }
        }
    }
}

/// What Vault says of a token that is no good.
const DEAD: &str = "the token is invalid, expired or revoked";

/// What else may be done where there is no token.
const WITH_ADMIN: &str = "--admin uses the token of VAULT_TOKEN or the token store";

/// A look for which there is no token.
pub(super) fn not_asked<T>(target: &str, because: &str) -> Look<T> {
    Look::Refused(Refused {
        action: "read".to_owned(),
        target: target.to_owned(),
        by: "local".to_owned(),
        because: because.to_owned(),
        with: Rights::Own,
    })
}
