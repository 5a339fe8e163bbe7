//! From flags, environment and file to the settings of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::file::{FileValue, FileValues, parse};
use super::locate::{find_file, place, read_file};
use super::table::{Id, TABLE};
use super::{
    AssumeTarget, AwsSettings, ConnectionSettings, Environment, EnvironmentProxy, KvSettings,
    KvVersion, Origin, Origins, SessionPolicy, Settings, SettingsError, SettingsProblem, StsMode,
    TokenSource, Topology, VaultSettings, WebIdentityVariables, value,
};
use crate::secret::Secret;

/// The longest session name that STS takes.
const SESSION_NAME_LIMIT: usize = 64;

/// What was typed: the text of each setting's flag.
pub type Flags = BTreeMap<Id, String>;

/// Resolves the settings: flag, else environment, else file, else default.
///
/// # Errors
///
/// CFG901 to CFG905 and SEC011, each with its place.
pub fn resolve(
    flags: &Flags,
    environment: &Environment,
    named_file: Option<&Path>,
) -> Result<Settings, SettingsError> {
    let file = find_file(environment, named_file)?;
    let values = match &file {
        Some(path) => read_file(path)?,
        None => FileValues::new(),
    };
    let mut settings = resolve_values(flags, environment, &values)?;
    settings.file = file;
    settings.place = place(environment, named_file).map(|(path, _)| path);
    settings.hints = hints(environment, named_file);
    settings.file_is_named = named_file.is_some();
    Ok(settings)
}

/// The same without a look at the settings file: for who writes it.
///
/// # Errors
///
/// CFG903 and CFG905, each with its place.
pub fn resolve_without_file(
    flags: &Flags,
    environment: &Environment,
    named_file: Option<&Path>,
) -> Result<Settings, SettingsError> {
    let mut settings = resolve_values(flags, environment, &FileValues::new())?;
    settings.place = place(environment, named_file).map(|(path, _)| path);
    Ok(settings)
}

/// Reads `text` as the settings file at `path`, and checks that it can be used
/// by itself, without a flag and a variable.
///
/// # Errors
///
/// CFG901 to CFG905, each with its place.
pub fn check_file(text: &str, path: &Path) -> Result<FileValues, SettingsError> {
    let values = parse(text, path)?;
    resolve_values(&Flags::new(), &Environment::default(), &values)?;
    Ok(values)
}

fn resolve_values(
    flags: &Flags,
    environment: &Environment,
    values: &FileValues,
) -> Result<Settings, SettingsError> {
    let resolver = Resolver {
        values,
        environment,
        origins: origins(flags, environment, values)?,
    };
    let settings = resolver.settings()?;
    refuse_contradictions(&settings, &resolver)?;
    Ok(settings)
}

/// A settings file in the working directory is not trusted: a repository that
/// was checked out must not be able to send a token elsewhere.
fn hints(environment: &Environment, named: Option<&Path>) -> Vec<String> {
    let here = Path::new("vaultiam.yaml");
    let is_named = named.is_some() || environment.get("VAULTIAM_CONFIG").is_some();
    if !is_named && here.is_file() {
        vec!["vaultiam.yaml in this directory is not read; name it with --config vaultiam.yaml if you trust it".to_owned()]
    } else {
        Vec::new()
    }
}

/// Finds each setting's value and checks the form of flags and variables.
fn origins(
    flags: &Flags,
    environment: &Environment,
    values: &FileValues,
) -> Result<Origins, SettingsError> {
    let mut origins = Origins::new();
    for row in TABLE {
        let by_flag = flags
            .get(&row.id)
            .map(|text| (text.clone(), Origin::Flag(row.flag.unwrap_or_default())));
        let by_variable = || {
            row.environment.iter().find_map(|name| {
                Some((environment.get(name)?.to_owned(), Origin::Environment(name)))
            })
        };
        if let Some((text, origin)) = by_flag.or_else(by_variable) {
            value::check(row.kind, &text).map_err(|words| {
                SettingsError::new(SettingsProblem::WrongValue, origin.to_string(), words)
            })?;
            origins.insert(row.id, (text, origin));
        } else if let Some(found) = values.get(&row.id) {
            origins.insert(row.id, (text_of(found), Origin::File));
        } else if !row.default.is_empty() {
            origins.insert(row.id, (row.default.to_owned(), Origin::Default));
        }
    }
    Ok(origins)
}

fn text_of(value: &FileValue) -> String {
    match value {
        FileValue::Text(text) => text.clone(),
        FileValue::List(items) => items.join(","),
        FileValue::Map(entries) => entries
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(","),
    }
}

pub(super) struct Resolver<'a> {
    pub(super) values: &'a FileValues,
    pub(super) environment: &'a Environment,
    pub(super) origins: Origins,
}

impl Resolver<'_> {
    pub(super) fn text(&self, id: Id) -> Option<String> {
        self.origins.get(&id).map(|(text, _)| text.clone())
    }

    pub(super) fn word(&self, id: Id) -> String {
        self.text(id).unwrap_or_default()
    }

    fn path(&self, id: Id) -> Option<PathBuf> {
        self.text(id).map(PathBuf::from)
    }

    pub(super) fn flag(&self, id: Id) -> bool {
        self.text(id)
            .as_deref()
            .and_then(value::flag)
            .unwrap_or(false)
    }

    fn is_default(&self, id: Id) -> bool {
        matches!(self.origins.get(&id), None | Some((_, Origin::Default)))
    }

    fn is_flag(&self, id: Id) -> bool {
        matches!(self.origins.get(&id), Some((_, Origin::Flag(_))))
    }

    pub(super) fn settings(&self) -> Result<Settings, SettingsError> {
        let topology = match self.word(Id::Topology).as_str() {
            "separate" => Topology::Separate,
            "direct" => Topology::Direct,
            _ => Topology::Article,
        };
        Ok(Settings {
            topology,
            aws: self.aws(topology)?,
            vault: self.vault(),
            kv: self.kv(),
            provision: self.provision(),
            kong: self.kong(),
            origins: self.shown_origins(),
            ambient: self.ambient(),
            file: None,
            file_is_named: false,
            place: None,
            hints: Vec::new(),
        })
    }

    fn aws(&self, topology: Topology) -> Result<AwsSettings, SettingsError> {
        let account_id = self.text(Id::AccountId);
        let region_of_file = match self.values.get(&Id::Region) {
            Some(FileValue::Text(region)) => Some(region.clone()),
            _ => None,
        };
        let key = self.environment.get("AWS_ACCESS_KEY_ID").is_some();
        let secret = self.environment.get("AWS_SECRET_ACCESS_KEY").is_some();
        Ok(AwsSettings {
            region: self.text(Id::Region),
            region_of_file,
            profile: self.text(Id::Profile),
            profile_is_explicit: matches!(
                self.origins.get(&Id::Profile),
                Some((_, Origin::Flag(_) | Origin::File))
            ),
            assume: self.assume_target(topology, account_id.as_deref()),
            account_id,
            kong_role: self.word(Id::KongRole),
            login_role: self.word(Id::LoginRole),
            external_id: self.text(Id::ExternalId),
            session_name: self
                .text(Id::SessionName)
                .unwrap_or_else(|| self.session_name()),
            session_policy: self.session_policy()?,
            ca_bundle: self.environment.get("AWS_CA_BUNDLE").map(PathBuf::from),
            // The SDK's own reading of it.
            metadata_disabled: self
                .environment
                .get("AWS_EC2_METADATA_DISABLED")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
            missing_key_half: match (key, secret) {
                (true, false) => Some("AWS_SECRET_ACCESS_KEY"),
                (false, true) => Some("AWS_ACCESS_KEY_ID"),
                _ => None,
            },
            shared_files: self.environment.aws_files(),
            web_identity: self.web_identity(),
            container_token_file: self
                .environment
                .get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
                .map(PathBuf::from),
        })
    }

    fn web_identity(&self) -> Option<WebIdentityVariables> {
        Some(WebIdentityVariables {
            role_arn: self.environment.get("AWS_ROLE_ARN")?.to_owned(),
            token_file: self.environment.get("AWS_WEB_IDENTITY_TOKEN_FILE")?.into(),
        })
    }

    fn assume_target(&self, topology: Topology, account: Option<&str>) -> AssumeTarget {
        if self.flag(Id::NoAssume) {
            return AssumeTarget::None;
        }
        match self.text(Id::AssumeRoleArn) {
            Some(arn) => AssumeTarget::Arn(arn),
            None if topology == Topology::Direct => AssumeTarget::None,
            None => AssumeTarget::LoginRole {
                account: self
                    .text(Id::LoginAccountId)
                    .or_else(|| account.map(str::to_owned)),
            },
        }
    }

    /// `vaultiam-` and who runs it, in the characters that STS allows.
    fn session_name(&self) -> String {
        let who = ["USER", "LOGNAME", "USERNAME", "HOSTNAME"]
            .iter()
            .find_map(|name| self.environment.get(name))
            .unwrap_or("cli");
        let allowed =
            |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
        format!("vaultiam-{who}")
            .chars()
            .map(|character| if allowed(character) { character } else { '-' })
            .take(SESSION_NAME_LIMIT)
            .collect()
    }

    fn session_policy(&self) -> Result<SessionPolicy, SettingsError> {
        let word = self.word(Id::SessionPolicy);
        match word.as_str() {
            "deny-all" => Ok(SessionPolicy::DenyAll),
            "none" => Ok(SessionPolicy::None),
            path => std::fs::read_to_string(path)
                .map(|text| SessionPolicy::Document {
                    path: PathBuf::from(path),
                    text,
                })
                .map_err(|error| {
                    SettingsError::new(
                        SettingsProblem::WrongValue,
                        "aws.session_policy",
                        format!("must be deny-all, none or a file; {path} cannot be read: {error}"),
                    )
                }),
        }
    }

    fn vault(&self) -> VaultSettings {
        let environment_token = ["VAULT_TOKEN", "BAO_TOKEN"].into_iter().find_map(|name| {
            let token = self.environment.get(name)?.trim();
            (!token.is_empty()).then(|| (name, Secret::from(token.to_owned())))
        });
        let home = self.environment.home();
        VaultSettings {
            address: self.word(Id::Address),
            allow_http: self.flag(Id::AllowHttp),
            namespace: self.text(Id::Namespace),
            auth_mount: auth_mount(&self.word(Id::AuthMount)),
            auth_role: self.word(Id::AuthRole),
            server_id: self.text(Id::ServerId),
            sts: (!self.is_default(Id::Sts)).then(|| match self.word(Id::Sts).as_str() {
                "regional" => StsMode::Regional,
                "global" => StsMode::Global,
                _ => StsMode::Client,
            }),
            sts_region: self.text(Id::StsRegion),
            aws_sts_endpoint: self.text(Id::AwsStsEndpoint),
            token_source: match self.word(Id::TokenSource).as_str() {
                "env" => TokenSource::Environment,
                "stored" => TokenSource::Stored,
                "aws" => TokenSource::Aws,
                _ => TokenSource::Auto,
            },
            connection: self.connection(),
            environment_token,
            token_file: self
                .environment
                .get("BAO_TOKEN_PATH")
                .map(PathBuf::from)
                .or_else(|| Some(home.as_ref()?.join(".vault-token"))),
            helper_file: if self.is_default(Id::ConfigPath) {
                home.map(|home| home.join(".vault"))
            } else {
                self.path(Id::ConfigPath)
            },
        }
    }

    fn connection(&self) -> ConnectionSettings {
        ConnectionSettings {
            ca_cert: self.path(Id::CaCert),
            ca_cert_bytes: self.text(Id::CaCertBytes),
            ca_path: self.path(Id::CaPath),
            client_cert: self.path(Id::ClientCert),
            client_key: self.path(Id::ClientKey),
            tls_server_name: self.text(Id::TlsServerName),
            skip_verify: self.flag(Id::SkipVerify),
            timeout: value::duration(&self.word(Id::Timeout)).filter(|timeout| !timeout.is_zero()),
            max_retries: self.word(Id::MaxRetries).parse().unwrap_or(2),
            proxy: self.text(Id::ProxyAddress),
            environment_proxy: ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                .iter()
                .find_map(|name| {
                    let address = self.environment.get(name)?;
                    Some(EnvironmentProxy {
                        variable: (*name).to_owned(),
                        address: without_password(address),
                    })
                }),
        }
    }

    fn kv(&self) -> KvSettings {
        let mount = (!self.is_default(Id::KvMount)).then(|| trim_slashes(&self.word(Id::KvMount)));
        let by_flag = self.is_flag(Id::KvMount);
        KvSettings {
            mount: mount.clone().filter(|_| by_flag),
            known_mount: mount.filter(|_| !by_flag),
            version: match self.text(Id::KvVersion).as_deref() {
                Some("1") => Some(KvVersion::One),
                Some("2") => Some(KvVersion::Two),
                _ => None,
            },
            namespace: self
                .text(Id::KvNamespace)
                .or_else(|| self.text(Id::Namespace)),
            prefix: self.word(Id::KvPrefix),
        }
    }

    /// What the environment of the `aws` and `vault` commands says against the
    /// file. Our own variables are meant for us.
    fn ambient(&self) -> Vec<SettingsError> {
        let is_others = |name: &str| {
            ["AWS_", "VAULT_", "BAO_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        };
        let shown = self.shown_origins();
        self.origins
            .iter()
            .filter_map(|(id, (text, origin))| {
                let Origin::Environment(name) = origin else {
                    return None;
                };
                let in_file = text_of(self.values.get(id)?);
                let is_other = in_file.trim_end_matches('/') != text.trim_end_matches('/');
                if !is_other || !is_others(name) {
                    return None;
                }
                let row = super::table::setting(*id);
                let decide = match row.flag {
                    Some(flag) => format!("decide with --{flag}, or unset {name}"),
                    None => format!("unset {name}"),
                };
                let said = shown.get(id).map_or("", |(text, _)| text.as_str());
                Some(SettingsError::new(
                    SettingsProblem::Contradiction,
                    *name,
                    format!(
                        "says {said}, and the settings file says {in_file} for {}; {decide}",
                        row.key
                    ),
                ))
            })
            .collect()
    }

    /// The origins without what may be secret: a certificate given as text is
    /// long, a proxy's address may carry a password.
    fn shown_origins(&self) -> Origins {
        let mut shown = self.origins.clone();
        for (id, (text, _)) in &mut shown {
            if matches!(id, Id::CaCertBytes) {
                *text = format!("{} bytes", text.len());
            }
            if matches!(id, Id::ProxyAddress | Id::Address) {
                *text = without_password(text);
            }
        }
        shown
    }
}

/// An address without the password that it may carry. One that cannot be read
/// loses everything that could be one.
fn without_password(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) if url.password().is_some() => match url.set_password(Some("redacted")) {
            Ok(()) => url.to_string(),
            Err(()) => "redacted".to_owned(),
        },
        Ok(_) => address.to_owned(),
        Err(_) => match address.rsplit_once('@') {
            Some((_, host)) => format!("redacted@{host}"),
            None => address.to_owned(),
        },
    }
}

/// `auth/aws/` is `aws`: the path as `vault auth list` shows it, or in full.
fn auth_mount(path: &str) -> String {
    let path = trim_slashes(path);
    path.strip_prefix("auth/").unwrap_or(&path).to_owned()
}

pub(super) fn trim_slashes(path: &str) -> String {
    path.trim_matches('/').to_owned()
}

/// Refuses pairs of settings that cannot both be meant.
pub(super) fn refuse_contradictions(
    settings: &Settings,
    resolver: &Resolver<'_>,
) -> Result<(), SettingsError> {
    let contradiction = |place: &str, message: &str| {
        Err(SettingsError::new(
            SettingsProblem::Contradiction,
            place,
            message,
        ))
    };
    if resolver.flag(Id::NoAssume) && resolver.is_flag(Id::AssumeRoleArn) {
        return contradiction(
            "--no-assume",
            "contradicts --assume-role-arn; give one of them",
        );
    }
    let is_path = |path: &str| path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !is_path(&settings.vault.auth_mount) {
        return Err(SettingsError::new(
            SettingsProblem::WrongValue,
            "vault.auth_mount",
            "must be the path of a mount, such as aws",
        ));
    }
    if settings.vault.connection.client_cert.is_some()
        != settings.vault.connection.client_key.is_some()
    {
        return contradiction(
            "vault.client_cert",
            "a client certificate and its key belong together; set both (VAULT_CLIENT_CERT, VAULT_CLIENT_KEY) or none",
        );
    }
    // A flag or variable of a login by hand is deliberate; a file describes
    // the set-up that Kong uses too.
    let kong_uses_it = resolver.flag(Id::KongEnabled);
    for (id, what) in [
        (Id::ServerId, "a server id"),
        (Id::ExternalId, "an external id"),
    ] {
        if kong_uses_it && resolver.values.contains_key(&id) {
            return contradiction(
                super::table::setting(id).key,
                &format!(
                    "Kong cannot send {what}; remove it, or set kong.enabled: false if Kong does not use this login"
                ),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
