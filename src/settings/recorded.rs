//! The settings of a run as a recorded trace keeps them, and the way back. They
//! are resolved again by the ordinary rules from the values and origins that
//! were in force; what came from elsewhere is kept beside them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::file::{FileValue, FileValues};
use super::resolve::{Resolver, refuse_contradictions};
use super::table::{Id, Kind, Setting, TABLE, setting};
use super::{
    Environment, EnvironmentProxy, Origin, Origins, SessionPolicy, Settings, SettingsError,
    SettingsProblem, WebIdentityVariables, value,
};
use crate::secret::{MASK, Secret};

/// A value, and where it came from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedSetting {
    pub value: String,
    pub origin: String,
}

/// What a run went by beside the settings of the table: names, paths and truth
/// values, and nothing secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surroundings {
    pub settings_file: Option<PathBuf>,
    /// It was named on the command line.
    pub settings_file_is_named: bool,
    pub session_name: Option<String>,
    /// The text of a session policy that lay in a file.
    pub session_policy: Option<String>,
    pub ca_bundle: Option<PathBuf>,
    pub metadata_disabled: bool,
    pub missing_key_half: Option<String>,
    pub shared_files: Vec<PathBuf>,
    pub web_identity: Option<WebIdentityVariables>,
    pub container_token_file: Option<PathBuf>,
    pub environment_proxy: Option<EnvironmentProxy>,
    /// The name of the variable that holds a token, never the token.
    pub token_variable: Option<String>,
    pub token_file: Option<PathBuf>,
    pub helper_file: Option<PathBuf>,
    /// Variables of other programs that said something else than the file.
    pub ambient: Vec<SettingsError>,
}

impl Settings {
    /// Each setting that has a value, as a recorded trace keeps it.
    pub fn recorded(&self) -> Map<String, Value> {
        self.origins
            .iter()
            .map(|(id, (value, origin))| {
                let kept = serde_json::json!({ "value": value, "origin": origin.to_string() });
                (name_of(setting(*id)), kept)
            })
            .collect()
    }

    /// What the run went by beside them.
    pub fn surroundings(&self) -> Surroundings {
        let Settings { aws, vault, .. } = self;
        Surroundings {
            settings_file: self.file.clone(),
            settings_file_is_named: self.file_is_named,
            session_name: Some(aws.session_name.clone()),
            session_policy: match &aws.session_policy {
                SessionPolicy::Document { text, .. } => Some(text.clone()),
                SessionPolicy::DenyAll | SessionPolicy::None => None,
            },
            ca_bundle: aws.ca_bundle.clone(),
            metadata_disabled: aws.metadata_disabled,
            missing_key_half: aws.missing_key_half.map(str::to_owned),
            shared_files: aws.shared_files.clone(),
            web_identity: aws.web_identity.clone(),
            container_token_file: aws.container_token_file.clone(),
            environment_proxy: vault.connection.environment_proxy.clone(),
            token_variable: vault
                .environment_token
                .as_ref()
                .map(|(name, _)| (*name).to_owned()),
            token_file: vault.token_file.clone(),
            helper_file: vault.helper_file.clone(),
            ambient: self.ambient.clone(),
        }
    }
}

/// Makes the settings of a recorded run again. No file and no variable is read.
/// Settings that this version does not know are left out.
///
/// # Errors
///
/// CFG903 and CFG905: a value or an origin that no run could have had.
pub fn from_recorded(
    recorded: &BTreeMap<String, RecordedSetting>,
    surroundings: Surroundings,
) -> Result<Settings, SettingsError> {
    let mut origins = Origins::new();
    for row in TABLE {
        let name = name_of(row);
        let Some(RecordedSetting { value, origin }) = recorded.get(&name) else {
            // It was made up since the run was recorded.
            if !row.default.is_empty() {
                origins.insert(row.id, (row.default.to_owned(), Origin::Default));
            }
            continue;
        };
        let refuse = |words: String| {
            let place = format!("settings.{name}");
            SettingsError::new(SettingsProblem::WrongValue, place, words)
        };
        let origin = origin_of(row, origin)
            .ok_or_else(|| refuse(format!("has an origin that it cannot have: '{origin}'")))?;
        // What stands in a file may be a list, which is kept as one text.
        value::check(row.kind, value).map_err(refuse)?;
        origins.insert(row.id, (value.clone(), origin));
    }
    resolve_again(origins, surroundings)
}

/// How a setting is called where it has no key: by its flag, or a variable.
fn name_of(row: &Setting) -> String {
    match (row.key, row.flag) {
        ("", Some(flag)) => format!("--{flag}"),
        ("", None) => row.environment.first().copied().unwrap_or("").to_owned(),
        (key, _) => key.to_owned(),
    }
}

fn origin_of(row: &Setting, text: &str) -> Option<Origin> {
    match text {
        "file" => Some(Origin::File),
        "default" => Some(Origin::Default),
        _ => match row.flag {
            Some(flag) if text.strip_prefix("--") == Some(flag) => Some(Origin::Flag(flag)),
            _ => {
                let variables = row.environment.iter().copied();
                variables
                    .filter(|name| *name == text)
                    .map(Origin::Environment)
                    .next()
            }
        },
    }
}

fn resolve_again(
    mut origins: Origins,
    surroundings: Surroundings,
) -> Result<Settings, SettingsError> {
    // The file lies on the machine that was recorded; its text came along.
    let policy = origins.get(&Id::SessionPolicy).cloned();
    let of_file = policy
        .clone()
        .filter(|(word, _)| !matches!(word.as_str(), "deny-all" | "none"));
    if of_file.is_some() {
        origins.remove(&Id::SessionPolicy);
        origins.insert(Id::SessionPolicy, ("none".to_owned(), Origin::Default));
    }
    let resolver = Resolver {
        values: &file_values(&origins),
        environment: &Environment::default(),
        origins,
    };
    let mut settings = resolver.settings()?;
    refuse_contradictions(&settings, &resolver)?;
    if let (Some((path, _)), Some(kept)) = (&of_file, policy) {
        settings.aws.session_policy = SessionPolicy::Document {
            path: path.into(),
            text: surroundings.session_policy.clone().unwrap_or_default(),
        };
        settings.origins.insert(Id::SessionPolicy, kept);
    }
    Ok(surround(settings, surroundings))
}

fn surround(mut settings: Settings, surroundings: Surroundings) -> Settings {
    let Surroundings {
        settings_file,
        settings_file_is_named,
        session_name,
        session_policy: _,
        ca_bundle,
        metadata_disabled,
        missing_key_half,
        shared_files,
        web_identity,
        container_token_file,
        environment_proxy,
        token_variable,
        token_file,
        helper_file,
        ambient,
    } = surroundings;
    let known = |name: &Option<String>, names: [&'static str; 2]| {
        names
            .into_iter()
            .find(|known| name.as_deref() == Some(known))
    };
    settings.file = settings_file;
    settings.file_is_named = settings_file_is_named;
    settings.ambient = ambient;
    let aws = &mut settings.aws;
    if let Some(name) = session_name {
        aws.session_name = name;
    }
    aws.ca_bundle = ca_bundle;
    aws.metadata_disabled = metadata_disabled;
    aws.missing_key_half = known(
        &missing_key_half,
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    );
    aws.shared_files = shared_files;
    aws.web_identity = web_identity;
    aws.container_token_file = container_token_file;
    let vault = &mut settings.vault;
    vault.connection.environment_proxy = environment_proxy;
    // Whoever explains asks whether there was one, not what it was.
    vault.environment_token =
        known(&token_variable, ["VAULT_TOKEN", "BAO_TOKEN"]).map(|name| (name, Secret::from(MASK)));
    vault.token_file = token_file;
    vault.helper_file = helper_file;
    settings
}

/// The part of the settings that stood in the file.
fn file_values(origins: &Origins) -> FileValues {
    let of_file = origins
        .iter()
        .filter(|(_, (_, origin))| *origin == Origin::File);
    of_file
        .map(|(id, (text, _))| {
            let items = text.split(',').filter(|item| !item.is_empty());
            let value = match setting(*id).kind {
                Kind::List => FileValue::List(items.map(str::to_owned).collect()),
                Kind::Map => FileValue::Map(
                    items
                        .filter_map(|item| item.split_once('='))
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                        .collect(),
                ),
                _ => FileValue::Text(text.clone()),
            };
            (*id, value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Flags, resolve};

    type Variables = [(&'static str, &'static str)];
    type Typed = [(Id, &'static str)];

    /// What a run with these variables and this file would go by, and the same
    /// out of its record.
    fn both(variables: &[(&str, &str)], flags: &Flags, file: &str) -> (Settings, Settings) {
        let directory = tempfile::tempdir().expect("there is a place for it");
        let path = directory.path().join("settings.yaml");
        std::fs::write(&path, file).expect("the directory was just made");
        let environment: Environment = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let live = resolve(flags, &environment, Some(&path)).expect("the settings are good");
        let text = serde_json::to_string(&(live.recorded(), live.surroundings()))
            .expect("it is made of texts");
        let (recorded, surroundings) =
            serde_json::from_str(&text).expect("it was written a moment ago");
        let again = from_recorded(&recorded, surroundings).expect("a run had them");
        (live, again)
    }

    /// Everything that is compared, in one text; what no explanation asks for is
    /// left out.
    fn shown(settings: &Settings) -> String {
        let mut settings = settings.clone();
        settings.place = None;
        settings.hints.clear();
        settings.ambient.clear();
        format!("{settings:#?}")
    }

    #[test]
    fn the_settings_of_a_recorded_run_are_those_of_the_run() {
        let cases: [(&Variables, &Typed, &str); 6] = [
            (&[], &[], ""),
            (
                &[
                    ("HOME", "/home/kong"),
                    ("USER", "kong"),
                    ("AWS_REGION", "eu-central-1"),
                    ("AWS_PROFILE", "kong"),
                    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                    ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Pod"),
                    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"),
                    ("AWS_CA_BUNDLE", "/etc/ca.pem"),
                    ("AWS_EC2_METADATA_DISABLED", "TRUE"),
                    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
                    ("HTTPS_PROXY", "http://proxy:3128"),
                    ("VAULT_ADDR", "https://vault:8200"),
                    ("BAO_TOKEN_PATH", "/token"),
                ],
                &[],
                "",
            ),
            (
                &[("AWS_SECRET_ACCESS_KEY", "x"), ("HOME", "/h")],
                &[(Id::NoAssume, "true"), (Id::KvMount, "kv/")],
                "",
            ),
            (
                &[],
                &[(Id::Profile, "kong"), (Id::SessionName, "me")],
                "aws: { region: us-east-1, profile: other, tags: { team: edge, stage: prod } }\n\
                 vault: { auth_mount: auth/aws/, bound_cidrs: [10.0.0.0/8, 10.1.0.0/16], sts: regional }\n\
                 kv: { mount: secret, version: 2, namespace: team }\n",
            ),
            (
                &[],
                &[],
                "topology: direct\naws: { profile: kong, external_id: x }\nkong: { enabled: false }\n",
            ),
            (
                &[("VAULT_CONFIG_PATH", "/etc/vault.hcl")],
                &[(Id::LoginAccountId, "210987654321")],
                "vault: { timeout: 0s, client_cert: /c, client_key: /k }\n",
            ),
        ];
        for (variables, flags, file) in cases {
            let flags: Flags = flags
                .iter()
                .map(|(id, text)| (*id, (*text).to_owned()))
                .collect();
            let (live, again) = both(variables, &flags, file);
            assert_eq!(shown(&live), shown(&again), "{variables:?} {file}");
        }
    }

    #[test]
    fn no_file_is_read_for_a_session_policy() {
        let directory = tempfile::tempdir().expect("there is a place for it");
        let path = directory.path().join("policy.json");
        std::fs::write(&path, "{}").expect("the directory was just made");
        let path = path.display().to_string();
        let flags = Flags::from([(Id::SessionPolicy, path)]);
        let (live, again) = both(&[], &flags, "");
        assert_eq!(shown(&live), shown(&again));
        drop(directory);
        let surroundings = live.surroundings();
        let text = serde_json::to_string(&live.recorded()).expect("it is made of texts");
        let recorded = serde_json::from_str(&text).expect("it was just written");
        let again = from_recorded(&recorded, surroundings).expect("a run had them");
        assert_eq!(live.aws.session_policy, again.aws.session_policy);
    }

    #[test]
    fn no_token_and_no_key_comes_along() {
        let secrets = [
            ("VAULT_TOKEN", "hvs.canary-of-the-token"),
            ("AWS_SECRET_ACCESS_KEY", "canary-of-the-key"),
            ("VAULT_PROXY_ADDR", "http://me:canary-of-the-proxy@proxy:1"),
            ("VAULT_CACERT_BYTES", "-----BEGIN canary"),
        ];
        let (live, again) = both(&secrets, &Flags::new(), "");
        let text = serde_json::json!([live.recorded(), live.surroundings()]).to_string();
        assert!(!text.contains("canary"), "{text}");
        let token = again.vault.environment_token.map(|(name, _)| name);
        assert_eq!(token, Some("VAULT_TOKEN"));
    }

    #[test]
    fn what_no_run_could_have_had_is_refused_and_the_unknown_left_out() {
        let recorded = |name: &str, value: &str, origin: &str| {
            let setting = RecordedSetting {
                value: value.to_owned(),
                origin: origin.to_owned(),
            };
            from_recorded(
                &BTreeMap::from([(name.to_owned(), setting)]),
                Surroundings::default(),
            )
            .map(|_| ())
            .map_err(|error| error.to_string())
        };
        insta::assert_snapshot!(
            [
                recorded("aws.region", "us-east-1", "VAULT_ADDR"),
                recorded("aws.region", "us\u{1b}[31m", "file"),
                recorded("topology", "both", "file"),
                recorded("vault.auth_mount", "a/../b", "file"),
                recorded("aws.of_the_future", "x", "--future"),
            ]
            .map(|result| format!("{result:?}"))
            .join("\n")
        );
    }
}
