//! The settings of a run and where each came from.
//!
//! Only this module reads the environment and the settings file; the AWS SDK's
//! own credential chain is the one exception. Flag beats environment beats
//! file beats default.

mod environment;
pub mod file;
mod kong;
mod locate;
mod provision;
mod recorded;
mod resolve;
pub mod sample;
pub mod table;
pub mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

pub use environment::Environment;
pub use kong::KongSettings;
pub use provision::{ProvisionSettings, TokenType, Workload};
pub use recorded::{RecordedSetting, Surroundings, from_recorded};
pub use resolve::{Flags, check_file, resolve, resolve_without_file};
pub use table::{Group, Id, Kind, Setting, TABLE};

/// Which identity logs in to Vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    Article,
    Separate,
    Direct,
}

impl Topology {
    /// The word used in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Topology::Article => "article",
            Topology::Separate => "separate",
            Topology::Direct => "direct",
        }
    }
}

/// Which STS endpoint Vault asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StsMode {
    /// The region that the client signed for (Vault 1.15 and later).
    Client,
    Regional,
    Global,
}

impl StsMode {
    /// The word used in the settings.
    pub fn name(self) -> &'static str {
        match self {
            StsMode::Client => "client",
            StsMode::Regional => "regional",
            StsMode::Global => "global",
        }
    }
}

/// Where the Vault token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSource {
    Auto,
    Environment,
    Stored,
    Aws,
}

/// The KV engine's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvVersion {
    One,
    Two,
}

impl KvVersion {
    /// The number, as the documents write it.
    pub fn number(self) -> u8 {
        match self {
            KvVersion::One => 1,
            KvVersion::Two => 2,
        }
    }
}

/// Which role is assumed before the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssumeTarget {
    /// None: the credentials log in as they are.
    None,
    Arn(String),
    /// The login role, in an account that is still to be found out.
    LoginRole {
        account: Option<String>,
    },
}

/// The inline policy of the assumed session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionPolicy {
    /// Denies every action: the login needs none.
    DenyAll,
    None,
    /// The text of a policy, and the file it came from.
    Document {
        path: PathBuf,
        text: String,
    },
}

impl SessionPolicy {
    /// The word, or file, that the settings name.
    pub fn name(&self) -> String {
        match self {
            SessionPolicy::DenyAll => "deny-all".to_owned(),
            SessionPolicy::None => "none".to_owned(),
            SessionPolicy::Document { path, .. } => path.display().to_string(),
        }
    }
}

/// AWS's side of the settings.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    pub region: Option<String>,
    /// The region of the settings file alone: what `regional` signs for.
    pub region_of_file: Option<String>,
    pub profile: Option<String>,
    /// A flag or the file names the profile: then it alone is asked, as by the
    /// `aws` command. AWS_PROFILE leaves the chain in its order.
    pub profile_is_explicit: bool,
    pub account_id: Option<String>,
    pub kong_role: String,
    pub login_role: String,
    pub assume: AssumeTarget,
    pub external_id: Option<String>,
    pub session_name: String,
    pub session_policy: SessionPolicy,
    /// AWS_CA_BUNDLE.
    pub ca_bundle: Option<PathBuf>,
    /// AWS_EC2_METADATA_DISABLED.
    pub metadata_disabled: bool,
    /// Which half of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is missing.
    pub missing_key_half: Option<&'static str>,
    /// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or where they lie else.
    pub shared_files: Vec<PathBuf>,
    pub web_identity: Option<WebIdentityVariables>,
    /// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.
    pub container_token_file: Option<PathBuf>,
}

/// AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebIdentityVariables {
    pub role_arn: String,
    pub token_file: PathBuf,
}

/// How Vault is reached.
#[derive(Debug, Clone)]
pub struct ConnectionSettings {
    pub ca_cert: Option<PathBuf>,
    pub ca_cert_bytes: Option<String>,
    pub ca_path: Option<PathBuf>,
    pub client_cert: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    pub tls_server_name: Option<String>,
    pub skip_verify: bool,
    /// `None`: no limit (0, as the `vault` command has it).
    pub timeout: Option<Duration>,
    pub max_retries: u32,
    pub proxy: Option<String>,
    /// What HTTPS_PROXY or ALL_PROXY says.
    pub environment_proxy: Option<EnvironmentProxy>,
}

/// A proxy that a variable names which all programs read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentProxy {
    pub variable: String,
    /// Without the password that it may hold.
    pub address: String,
}

/// Vault's side of the settings.
#[derive(Debug, Clone)]
pub struct VaultSettings {
    pub address: String,
    pub allow_http: bool,
    pub namespace: Option<String>,
    pub auth_mount: String,
    pub auth_role: String,
    pub server_id: Option<String>,
    /// `None` when not set: then Vault's version decides.
    pub sts: Option<StsMode>,
    pub sts_region: Option<String>,
    pub aws_sts_endpoint: Option<String>,
    pub token_source: TokenSource,
    pub connection: ConnectionSettings,
    /// VAULT_TOKEN (or BAO_TOKEN) and its name.
    pub environment_token: Option<(&'static str, Secret)>,
    pub token_file: Option<PathBuf>,
    /// The `vault` command's own file, which may name a token helper.
    pub helper_file: Option<PathBuf>,
}

impl VaultSettings {
    /// The API path of the role that logs in.
    pub fn role_path(&self) -> String {
        format!("auth/{}/role/{}", self.auth_mount, self.auth_role)
    }

    /// The API path of the auth method's configuration.
    pub fn config_path(&self) -> String {
        format!("auth/{}/config/client", self.auth_mount)
    }
}

/// The KV engine's side of the settings.
#[derive(Debug, Clone)]
pub struct KvSettings {
    /// Set by a flag: paths are then relative to it.
    pub mount: Option<String>,
    /// Set by the file: a path that begins with it is split there.
    pub known_mount: Option<String>,
    pub version: Option<KvVersion>,
    pub namespace: Option<String>,
    /// What Kong may read below the mount.
    pub prefix: String,
}

/// Everything a command may want to know.
#[derive(Debug, Clone)]
pub struct Settings {
    pub topology: Topology,
    pub aws: AwsSettings,
    pub vault: VaultSettings,
    pub kv: KvSettings,
    pub provision: ProvisionSettings,
    pub kong: KongSettings,
    pub origins: Origins,
    /// Variables of AWS's and Vault's own programs that say something else than
    /// the file: a command that changes something must not guess.
    pub ambient: Vec<SettingsError>,
    /// The settings file that was read.
    pub file: Option<PathBuf>,
    /// The settings file was named by --config.
    pub file_is_named: bool,
    /// Where the settings file belongs, whether it is there or not: the place
    /// that was named, else the user's own.
    pub place: Option<PathBuf>,
    /// Lines for the person, such as a settings file that was not read.
    pub hints: Vec<String>,
}

impl Settings {
    /// Where a person finds the value of a setting: its flag or variable, else
    /// its key in the file.
    pub fn place(&self, id: Id) -> String {
        match self.origins.get(&id) {
            Some((_, origin @ (Origin::Flag(_) | Origin::Environment(_)))) => origin.to_string(),
            _ => table::setting(id).key.to_owned(),
        }
    }

    /// The passwords that addresses carry: nothing that is printed may show them.
    pub fn passwords(&self) -> Vec<Secret> {
        let proxy = self.vault.connection.proxy.as_deref();
        let addresses = std::iter::once(self.vault.address.as_str()).chain(proxy);
        addresses
            .filter_map(|address| {
                let (before, _) = address.rsplit_once('@')?;
                let user = before.split_once("://").map_or(before, |(_, user)| user);
                let (_, password) = user.split_once(':')?;
                Some(Secret::from(password.to_owned()))
            })
            .collect()
    }

    /// Each setting of the file that has a value: what it is and where it came
    /// from, as the documents show it.
    pub fn shown(&self) -> serde_json::Map<String, serde_json::Value> {
        self.origins
            .iter()
            .map(|(id, (value, origin))| {
                let shown = serde_json::json!({ "value": value, "origin": origin.to_string() });
                (table::setting(*id).key.to_owned(), shown)
            })
            .filter(|(key, _)| !key.is_empty())
            .collect()
    }
}

/// Where the value of a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Environment(&'static str),
    File,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(flag) => write!(formatter, "--{flag}"),
            Origin::Environment(variable) => formatter.write_str(variable),
            Origin::File => formatter.write_str("file"),
            Origin::Default => formatter.write_str("default"),
        }
    }
}

/// Each setting that has a value: what it is and where it came from.
pub type Origins = BTreeMap<Id, (String, Origin)>;

/// What is wrong with the settings; the finding codes CFG90x, SEC004, SEC011.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingsProblem {
    UnreadableFile,
    UnknownKey,
    WrongValue,
    Contradiction,
    Usage,
    FileOpenToOthers,
    Missing,
}

/// Settings that cannot be used: the thing, the place, the remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsError {
    pub problem: SettingsProblem,
    /// `vaultiam.yaml:3:5`, `--ttl`, `VAULT_ADDR`.
    pub place: String,
    pub message: String,
}

impl SettingsError {
    /// Names what is wrong at which place.
    pub fn new(
        problem: SettingsProblem,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        SettingsError {
            problem,
            place: place.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for SettingsError {}
