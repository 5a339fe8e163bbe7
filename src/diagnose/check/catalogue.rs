//! The checks: what each is called, what it asks and what it needs. The ids are a
//! promise to scripts.

use Check::*;
use Need::{Met, NotFailed};

/// A check. The order is that of the report: along the way that a login takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    SettingsRegion,
    SettingsComplete,
    SettingsAmbient,
    ClockSkew,
    AwsCredentials,
    AwsCaller,
    AwsKongRole,
    AwsWorkload,
    AwsProfile,
    AwsAssume,
    AwsLoginRole,
    AwsTrust,
    AwsServer,
    VaultReachable,
    VaultTls,
    VaultReady,
    VaultVersion,
    AuthMethod,
    AuthConfig,
    AuthServerId,
    AuthRole,
    AuthBinding,
    AuthPolicies,
    AuthTokens,
    PolicyRead,
    KvEngine,
    KvVersion,
    LoginAssume,
    LoginVault,
    LoginRead,
    SecTrust,
    SecIdentity,
    SecPolicy,
    SecHttp,
    SecTls,
    SecKeys,
    SecServerId,
    SecLifetime,
    SecRoot,
    SecAudit,
    SecFiles,
}

/// What checks are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    Settings,
    Clock,
    Aws,
    Vault,
    Auth,
    Policy,
    Kv,
    Login,
    Sec,
}

/// What must be known before a check can tell anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// This check must pass, or only warn.
    Met(Check),
    /// This check may have been skipped, but where it failed there is nothing
    /// left to look at.
    NotFailed(Check),
}

impl Need {
    pub fn check(self) -> Check {
        match self {
            Met(check) | NotFailed(check) => check,
        }
    }
}

impl Category {
    pub const ALL: [Category; 9] = [
        Category::Settings,
        Category::Clock,
        Category::Aws,
        Category::Vault,
        Category::Auth,
        Category::Policy,
        Category::Kv,
        Category::Login,
        Category::Sec,
    ];

    /// The first part of its checks' ids.
    pub fn name(self) -> &'static str {
        match self {
            Category::Settings => "settings",
            Category::Clock => "clock",
            Category::Aws => "aws",
            Category::Vault => "vault",
            Category::Auth => "auth",
            Category::Policy => "policy",
            Category::Kv => "kv",
            Category::Login => "login",
            Category::Sec => "sec",
        }
    }

    /// What its checks are about, for a heading.
    pub fn title(self) -> &'static str {
        match self {
            Category::Settings => "the settings",
            Category::Clock => "the clock",
            Category::Aws => "AWS: who asks, KongRole, VaultRole",
            Category::Vault => "Vault: the way to it",
            Category::Auth => "Vault's auth method and its role",
            Category::Policy => "Vault's policies",
            Category::Kv => "the KV engine",
            Category::Login => "a real login, as whoever runs this",
            Category::Sec => "the security of the set-up",
        }
    }
}

impl Check {
    pub const ALL: [Check; 41] = [
        SettingsRegion,
        SettingsComplete,
        SettingsAmbient,
        ClockSkew,
        AwsCredentials,
        AwsCaller,
        AwsKongRole,
        AwsWorkload,
        AwsProfile,
        AwsAssume,
        AwsLoginRole,
        AwsTrust,
        AwsServer,
        VaultReachable,
        VaultTls,
        VaultReady,
        VaultVersion,
        AuthMethod,
        AuthConfig,
        AuthServerId,
        AuthRole,
        AuthBinding,
        AuthPolicies,
        AuthTokens,
        PolicyRead,
        KvEngine,
        KvVersion,
        LoginAssume,
        LoginVault,
        LoginRead,
        SecTrust,
        SecIdentity,
        SecPolicy,
        SecHttp,
        SecTls,
        SecKeys,
        SecServerId,
        SecLifetime,
        SecRoot,
        SecAudit,
        SecFiles,
    ];

    /// The name that scripts use.
    pub fn id(self) -> &'static str {
        self.entry().0
    }

    /// What holds where the check passes.
    pub fn title(self) -> &'static str {
        self.entry().1
    }

    /// What it needs.
    pub fn needs(self) -> &'static [Need] {
        self.entry().2
    }

    pub fn category(self) -> Category {
        let (prefix, _) = self.id().split_once('.').unwrap_or_default();
        Category::ALL
            .into_iter()
            .find(|category| category.name() == prefix)
            .unwrap_or(Category::Settings)
    }

    fn entry(self) -> (&'static str, &'static str, &'static [Need]) {
        match self {
            SettingsRegion => ("settings.region", "a region is known", &[]),
            SettingsComplete => (
                "settings.complete",
                "the settings describe a set-up without contradiction",
                &[Met(SettingsRegion)],
            ),
            SettingsAmbient => (
                "settings.ambient",
                "no variable of another program says something else than the file",
                &[],
            ),
            ClockSkew => ("clock.skew", "this machine's clock agrees with AWS's", &[]),
            AwsCredentials => (
                "aws.credentials",
                "AWS credentials are found",
                &[Met(SettingsRegion)],
            ),
            AwsCaller => (
                "aws.caller",
                "STS takes the credentials and says whose they are",
                &[Met(AwsCredentials)],
            ),
            AwsKongRole => ("aws.kong-role", "KongRole exists", &[Met(SettingsComplete)]),
            AwsWorkload => (
                "aws.workload",
                "KongRole trusts the service that Kong runs on",
                &[Met(AwsKongRole)],
            ),
            AwsProfile => (
                "aws.profile",
                "an instance profile holds KongRole",
                &[Met(AwsKongRole)],
            ),
            AwsAssume => (
                "aws.assume",
                "KongRole's policies let it assume VaultRole",
                &[Met(AwsKongRole)],
            ),
            AwsLoginRole => (
                "aws.login-role",
                "VaultRole exists",
                &[Met(SettingsComplete)],
            ),
            AwsTrust => (
                "aws.trust",
                "VaultRole trusts KongRole",
                &[Met(AwsLoginRole), NotFailed(AwsKongRole)],
            ),
            AwsServer => (
                "aws.server",
                "the role of Vault's servers may look up the role that is bound",
                &[Met(SettingsComplete)],
            ),
            VaultReachable => (
                "vault.reachable",
                "Vault answers at its address",
                &[NotFailed(SecHttp)],
            ),
            VaultTls => (
                "vault.tls",
                "Vault's certificate is one to be trusted",
                &[Met(VaultReachable)],
            ),
            VaultReady => (
                "vault.ready",
                "Vault is initialised, unsealed and has an active node",
                &[Met(VaultTls)],
            ),
            VaultVersion => (
                "vault.version",
                "Vault is new enough for the settings",
                &[Met(VaultTls), NotFailed(VaultReady)],
            ),
            AuthMethod => (
                "auth.method",
                "an aws auth method is mounted at the path",
                &[Met(VaultTls), NotFailed(VaultReady)],
            ),
            AuthConfig => (
                "auth.config",
                "Vault asks the STS that the login is signed for",
                &[Met(AuthMethod), Met(SettingsComplete)],
            ),
            AuthServerId => (
                "auth.server-id",
                "Vault wants the server id that is sent, or none",
                &[Met(AuthMethod)],
            ),
            AuthRole => (
                "auth.role",
                "the role exists and takes signed requests (type iam)",
                &[Met(AuthMethod)],
            ),
            AuthBinding => (
                "auth.binding",
                "the role binds the identity that logs in",
                &[
                    Met(AuthRole),
                    Met(SettingsComplete),
                    NotFailed(AwsLoginRole),
                ],
            ),
            AuthPolicies => (
                "auth.policies",
                "the policies that the role hands out exist",
                &[Met(AuthRole)],
            ),
            AuthTokens => (
                "auth.tokens",
                "the role's tokens can be used as often as Kong needs",
                &[Met(AuthRole)],
            ),
            PolicyRead => (
                "policy.read",
                "the policies grant reading the paths",
                &[Met(AuthRole), NotFailed(AuthPolicies), NotFailed(KvVersion)],
            ),
            KvEngine => (
                "kv.engine",
                "a KV engine is mounted where the paths lie",
                &[Met(VaultTls), NotFailed(VaultReady)],
            ),
            KvVersion => (
                "kv.version",
                "the KV engine has the version of the settings",
                &[Met(KvEngine)],
            ),
            LoginAssume => (
                "login.assume",
                "the credentials at hand get a session of VaultRole",
                &[
                    Met(AwsCaller),
                    Met(SettingsComplete),
                    NotFailed(AwsTrust),
                    NotFailed(AwsAssume),
                    NotFailed(AwsLoginRole),
                ],
            ),
            LoginVault => (
                "login.vault",
                "a real login gets a token",
                &[
                    Met(LoginAssume),
                    Met(VaultTls),
                    NotFailed(VaultReady),
                    NotFailed(AuthMethod),
                    NotFailed(AuthConfig),
                    NotFailed(AuthServerId),
                    NotFailed(AuthRole),
                    NotFailed(AuthBinding),
                ],
            ),
            LoginRead => (
                "login.read",
                "its token may read the paths",
                &[
                    Met(LoginVault),
                    NotFailed(AuthPolicies),
                    NotFailed(PolicyRead),
                    NotFailed(KvEngine),
                ],
            ),
            SecTrust => (
                "sec.trust",
                "nobody but those who need them may have the roles",
                &[Met(SettingsComplete)],
            ),
            SecIdentity => (
                "sec.identity",
                "Kong has another identity than Vault's servers",
                &[],
            ),
            SecPolicy => (
                "sec.policy",
                "the policies grant reading the prefix and nothing else",
                &[Met(AuthRole), NotFailed(AuthPolicies), NotFailed(KvVersion)],
            ),
            SecHttp => ("sec.http", "the way to Vault is encrypted", &[]),
            SecTls => ("sec.tls", "Vault's certificate is checked", &[]),
            SecKeys => (
                "sec.keys",
                "no static AWS key lies in config/client",
                &[Met(AuthMethod)],
            ),
            SecServerId => (
                "sec.server-id",
                "a captured login works on this Vault alone",
                &[Met(AuthMethod)],
            ),
            SecLifetime => (
                "sec.lifetime",
                "tokens live no longer than a day",
                &[Met(AuthRole)],
            ),
            SecRoot => (
                "sec.root",
                "no root token is in use",
                &[Met(VaultTls), NotFailed(VaultReady)],
            ),
            SecAudit => (
                "sec.audit",
                "Vault writes an audit log",
                &[Met(VaultTls), NotFailed(VaultReady)],
            ),
            SecFiles => (
                "sec.files",
                "the token file is readable by its owner alone",
                &[],
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_checks_are_a_contract() {
        let lines: Vec<String> = Check::ALL
            .into_iter()
            .map(|check| {
                let needs: Vec<&str> = check.needs().iter().map(|need| need.check().id()).collect();
                format!("{}: {} [{}]", check.id(), check.title(), needs.join(" "))
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn every_id_is_unique_and_begins_with_its_category() {
        let ids: BTreeSet<&str> = Check::ALL.into_iter().map(Check::id).collect();
        assert_eq!(ids.len(), Check::ALL.len());
        for check in Check::ALL {
            let prefix = format!("{}.", check.category().name());
            assert!(check.id().starts_with(&prefix), "{}", check.id());
        }
        for category in Category::ALL {
            assert!(
                Check::ALL
                    .into_iter()
                    .any(|check| check.category() == category)
            );
        }
    }

    #[test]
    fn all_stands_in_the_order_of_the_report() {
        assert!(Check::ALL.is_sorted());
        let categories: Vec<Category> = Check::ALL.into_iter().map(Check::category).collect();
        assert!(categories.is_sorted());
    }

    #[test]
    fn no_check_needs_itself() {
        fn reaches(from: Check, wanted: Check) -> bool {
            let mut needs = from.needs().iter().map(|need| need.check());
            needs.any(|need| need == wanted || reaches(need, wanted))
        }
        for check in Check::ALL {
            assert!(!reaches(check, check), "{}", check.id());
        }
    }
}
