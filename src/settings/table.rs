//! The one table of settings: file key, flag, variables, default, help.
//!
//! Flags, help texts, the reader of the settings file and the settings
//! reference (`docs/settings.md`) are all made from it.

/// Which commands take a setting as a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Who we are to AWS and which role is assumed.
    Aws,
    /// Where Vault is, and the login.
    Vault,
    /// TLS, time limits and retries towards Vault.
    Connection,
    /// The KV engine.
    Kv,
    /// What only `setup`, `export` and the like need.
    Provision,
    /// Kong's own configuration.
    Kong,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 6] = [
        Group::Aws,
        Group::Vault,
        Group::Connection,
        Group::Kv,
        Group::Provision,
        Group::Kong,
    ];

    /// The heading over the group's flags in a help text.
    pub fn heading(self) -> &'static str {
        match self {
            Group::Aws => "AWS",
            Group::Vault => "Vault",
            Group::Connection => "Connection to Vault",
            Group::Kv => "KV",
            Group::Provision => "Provisioning",
            Group::Kong => "Kong",
        }
    }
}

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Text,
    /// A text that may have several lines, such as PEM.
    Lines,
    Flag,
    Choice(&'static [&'static str]),
    /// A whole number that is not negative.
    Number,
    /// `30`, `30s`, `5m`, `1h`, `1h30m`: whole seconds without a unit.
    Duration,
    /// A 12-digit AWS account id.
    Account,
    List,
    Map,
}

/// A setting's row.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub id: Id,
    /// `section.key` in the file; empty for what no file can set.
    pub key: &'static str,
    pub flag: Option<&'static str>,
    pub environment: &'static [&'static str],
    pub kind: Kind,
    /// The default as the help text shows it; empty when there is none.
    pub default: &'static str,
    pub group: Group,
    pub help: &'static str,
}

macro_rules! settings {
    ($($id:ident: $key:literal, $flag:expr, $environment:expr, $kind:expr, $default:literal, $group:ident, $help:literal;)*) => {
        /// A setting's identity within the program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id { $($id),* }

        /// Every setting, in the order of the reference.
        pub const TABLE: &[Setting] = &[$(Setting {
            id: Id::$id,
            key: $key,
            flag: $flag,
            environment: &$environment,
            kind: $kind,
            default: $default,
            group: Group::$group,
            help: $help,
        }),*];
    };
}

use Kind::{Account, Choice, Duration, Flag, Lines, List, Map, Number, Text};

settings! {
    Stack: "stack", Some("stack"), ["VAULTIAM_STACK"], Text, "kong", Provision,
        "Name of the set-up; marks what vaultiam owns";
    Topology: "topology", Some("topology"), ["VAULTIAM_TOPOLOGY"], Choice(&["article", "separate", "direct"]), "article", Aws,
        "Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself";

    Region: "aws.region", Some("region"), ["AWS_REGION", "AWS_DEFAULT_REGION"], Text, "", Aws,
        "AWS region; else the profile's, else the instance's";
    Profile: "aws.profile", Some("profile"), ["AWS_PROFILE"], Text, "", Aws,
        "AWS profile to take credentials from";
    AccountId: "aws.account_id", Some("account-id"), ["VAULTIAM_ACCOUNT_ID"], Account, "", Aws,
        "AWS account of the roles; else taken from the role ARN, the credentials or STS";
    KongRole: "aws.kong_role", Some("kong-role"), ["VAULTIAM_KONG_ROLE"], Text, "KongRole", Aws,
        "IAM role that Kong runs with";
    LoginRole: "aws.login_role", Some("login-role"), ["VAULTIAM_LOGIN_ROLE"], Text, "VaultRole", Aws,
        "IAM role that is assumed for the login and that Vault binds";
    LoginAccountId: "aws.login_account_id", Some("login-account-id"), [], Account, "", Aws,
        "AWS account of the login role, when it is another";
    ServerRole: "aws.server_role", Some("server-role"), [], Text, "", Provision,
        "IAM role that Vault's servers run with";
    AssumeRoleArn: "aws.assume_role_arn", Some("assume-role-arn"), ["VAULTIAM_ASSUME_ROLE_ARN"], Text, "", Aws,
        "ARN of the role to assume; else made from account and login role";
    NoAssume: "", Some("no-assume"), [], Flag, "", Aws,
        "Assume no role: log in with the credentials as they are";
    ExternalId: "aws.external_id", Some("external-id"), ["VAULTIAM_EXTERNAL_ID"], Text, "", Aws,
        "External id that the trust policy asks for";
    SessionName: "aws.session_name", Some("session-name"), ["AWS_ROLE_SESSION_NAME"], Text, "", Aws,
        "Name of the assumed session; else vaultiam- and the user";
    SessionPolicy: "aws.session_policy", Some("session-policy"), [], Text, "deny-all", Aws,
        "Policy for the session: deny-all, none, or a file; Vault's login needs no permission";
    Workload: "aws.workload", Some("workload"), [], Choice(&["ec2", "ecs", "eks-pod-identity", "irsa"]), "ec2", Provision,
        "What Kong runs on";
    PermissionsBoundary: "aws.permissions_boundary", None, [], Text, "", Provision,
        "Permissions boundary of every role that is made";
    Tags: "aws.tags", None, [], Map, "", Provision,
        "More tags for what is made in AWS";

    Address: "vault.address", Some("address"), ["VAULT_ADDR", "BAO_ADDR"], Text, "https://127.0.0.1:8200", Vault,
        "Address of Vault";
    AllowHttp: "vault.allow_http", Some("allow-http"), [], Flag, "", Vault,
        "Allow plain http to a host that is not this machine";
    Namespace: "vault.namespace", Some("namespace"), ["VAULT_NAMESPACE", "BAO_NAMESPACE"], Text, "", Vault,
        "Namespace of the auth method";
    AuthMount: "vault.auth_mount", Some("auth-mount"), ["VAULTIAM_AUTH_MOUNT"], Text, "aws", Vault,
        "Path at which the aws auth method is mounted";
    AuthType: "vault.auth_type", Some("auth-type"), [], Text, "aws", Provision,
        "Type of the auth method; OpenBao's plugin has a name of its own";
    AuthRole: "vault.auth_role", Some("auth-role"), ["VAULTIAM_AUTH_ROLE"], Text, "kong-role", Vault,
        "Role of Vault's auth method";
    Policy: "vault.policy", Some("policy"), [], Text, "kong-policy", Provision,
        "Vault policy of the token";
    Ttl: "vault.ttl", Some("ttl"), [], Duration, "1h", Provision,
        "How long a token lives";
    MaxTtl: "vault.max_ttl", Some("max-ttl"), [], Duration, "24h", Provision,
        "How long a token can be renewed";
    BoundCidrs: "vault.bound_cidrs", None, [], List, "", Provision,
        "Networks from which the token may be used";
    TokenType: "vault.token_type", None, [], Choice(&["service", "batch"]), "service", Provision,
        "Type of the token";
    NumUses: "vault.num_uses", None, [], Number, "", Provision,
        "How often the token may be used";
    ServerId: "vault.server_id", Some("server-id"), ["VAULTIAM_SERVER_ID"], Text, "", Vault,
        "Value of the X-Vault-AWS-IAM-Server-ID header, to be signed";
    Sts: "vault.sts", Some("sts"), ["VAULTIAM_STS"], Choice(&["client", "regional", "global"]), "client", Vault,
        "Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional)";
    StsRegion: "vault.sts_region", Some("sts-region"), ["VAULTIAM_STS_REGION"], Text, "", Vault,
        "Region that is signed for Vault";
    AwsStsEndpoint: "vault.aws_sts_endpoint", None, [], Text, "", Vault,
        "STS endpoint that Vault asks, for an interface endpoint without private DNS";
    AwsIamEndpoint: "vault.aws_iam_endpoint", None, [], Text, "", Provision,
        "IAM endpoint that Vault asks";
    ResolveUniqueIds: "vault.resolve_unique_ids", None, [], Flag, "true", Provision,
        "Bind the role's unique id, so that a role made anew is not accepted";
    CaCert: "vault.ca_cert", Some("ca-cert"), ["VAULT_CACERT", "BAO_CACERT"], Text, "", Connection,
        "PEM file with the authorities that Vault's certificate is checked against";
    CaCertBytes: "", None, ["VAULT_CACERT_BYTES", "BAO_CACERT_BYTES"], Lines, "", Connection,
        "The same as text";
    CaPath: "vault.ca_path", Some("ca-path"), ["VAULT_CAPATH", "BAO_CAPATH"], Text, "", Connection,
        "Directory of PEM files with authorities";
    ClientCert: "vault.client_cert", Some("client-cert"), ["VAULT_CLIENT_CERT", "BAO_CLIENT_CERT"], Text, "", Connection,
        "PEM file with the client certificate";
    ClientKey: "vault.client_key", Some("client-key"), ["VAULT_CLIENT_KEY", "BAO_CLIENT_KEY"], Text, "", Connection,
        "PEM file with the client certificate's key";
    TlsServerName: "vault.tls_server_name", Some("tls-server-name"), ["VAULT_TLS_SERVER_NAME", "BAO_TLS_SERVER_NAME"], Text, "", Connection,
        "Name that Vault's certificate must carry";
    SkipVerify: "vault.skip_verify", Some("skip-verify"), ["VAULT_SKIP_VERIFY", "BAO_SKIP_VERIFY"], Flag, "", Connection,
        "Do not check Vault's certificate (a warning is printed)";
    Timeout: "vault.timeout", Some("timeout"), ["VAULT_CLIENT_TIMEOUT", "BAO_CLIENT_TIMEOUT"], Duration, "60s", Connection,
        "Time limit of a request to Vault; Vault itself may wait 90 s for STS";
    MaxRetries: "vault.max_retries", Some("max-retries"), ["VAULT_MAX_RETRIES", "BAO_MAX_RETRIES"], Number, "2", Connection,
        "How often a request to Vault is tried again";
    ProxyAddress: "", None, ["VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY", "BAO_PROXY_ADDR", "BAO_HTTP_PROXY"], Text, "", Connection,
        "Proxy for requests to Vault, before HTTPS_PROXY";
    ConfigPath: "", None, ["VAULT_CONFIG_PATH", "BAO_CONFIG_PATH"], Text, "~/.vault", Connection,
        "The vault command's own file, which may name a token helper";

    TokenSource: "vault.token_source", Some("token-source"), [], Choice(&["auto", "env", "stored", "aws"]), "auto", Kv,
        "Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there";
    KvMount: "kv.mount", Some("kv-mount"), [], Text, "kv", Kv,
        "Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)";
    KvVersion: "kv.version", Some("kv-version"), [], Choice(&["1", "2"]), "", Kv,
        "Version of the KV engine; found when it is not given";
    KvPrefix: "kv.prefix", Some("kv-prefix"), [], Text, "kong/", Provision,
        "What Kong may read below the mount";
    KvNamespace: "kv.namespace", Some("kv-namespace"), [], Text, "", Kv,
        "Namespace of the KV engine, when it is another";

    KongEnabled: "kong.enabled", None, [], Flag, "true", Kong,
        "Kong itself uses this login, so what Kong cannot send is refused";
    KongPrefix: "kong.prefix", Some("kong-prefix"), [], Text, "my-vault", Kong,
        "Prefix of Kong's vault entity";
    KongSessionName: "kong.session_name", None, [], Text, "kong", Kong,
        "Session name that Kong assumes the role with";
}

/// The row of a setting.
pub fn setting(id: Id) -> &'static Setting {
    // The table is generated from the same list as the enum.
    &TABLE[id as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_ids() {
        for row in TABLE {
            assert_eq!(setting(row.id).key, row.key);
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut keys: Vec<_> = TABLE
            .iter()
            .map(|row| row.key)
            .filter(|key| !key.is_empty())
            .collect();
        let mut flags: Vec<_> = TABLE.iter().filter_map(|row| row.flag).collect();
        let mut variables: Vec<_> = TABLE.iter().flat_map(|row| row.environment).collect();
        for names in [&mut keys, &mut flags] {
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count);
        }
        variables.sort_unstable();
        let count = variables.len();
        variables.dedup();
        assert_eq!(variables.len(), count);
    }
}
