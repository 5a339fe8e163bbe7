//! How the method talks to AWS, and by what it knows a caller again.

use serde_json::{Map, Value, json};

use super::AwsMethod;
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::go;
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::secret::Secret;

/// `config/client`.
#[derive(Clone)]
pub(super) struct ClientConfig {
    pub(super) access_key: String,
    pub(super) secret_key: Secret,
    endpoint: String,
    pub(super) iam_endpoint: String,
    pub(super) sts_endpoint: String,
    pub(super) sts_region: String,
    pub(super) asks_region_of_client: bool,
    pub(super) server_id: String,
    pub(super) allowed_headers: Option<Vec<String>>,
    /// Less than zero: as the SDK does.
    pub(super) max_retries: i64,
    role_arn: String,
    identity_token_ttl: u64,
    disable_automated_rotation: bool,
}

impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig {
            access_key: String::new(),
            secret_key: Secret::from(String::new()),
            endpoint: String::new(),
            iam_endpoint: String::new(),
            sts_endpoint: String::new(),
            sts_region: String::new(),
            asks_region_of_client: false,
            server_id: String::new(),
            allowed_headers: None,
            max_retries: -1,
            role_arn: String::new(),
            identity_token_ttl: 0,
            disable_automated_rotation: false,
        }
    }
}

impl ClientConfig {
    pub(super) fn shown(&self) -> Value {
        json!({
            "access_key": self.access_key,
            "allowed_sts_header_values": self.allowed_headers,
            "disable_automated_rotation": self.disable_automated_rotation,
            "endpoint": self.endpoint,
            "iam_endpoint": self.iam_endpoint,
            "iam_server_id_header_value": self.server_id,
            "identity_token_audience": "",
            "identity_token_ttl": self.identity_token_ttl,
            "max_retries": self.max_retries,
            "role_arn": self.role_arn,
            "rotation_period": 0,
            "rotation_schedule": "",
            "rotation_window": 0,
            "sts_endpoint": self.sts_endpoint,
            "sts_region": self.sts_region,
            "use_sts_region_from_client": self.asks_region_of_client,
        })
    }

    /// How often a request is tried again.
    pub(super) fn retries(&self) -> u32 {
        u32::try_from(self.max_retries).unwrap_or(3)
    }
}

/// What a write of `config/client` says.
#[derive(Default)]
pub(super) struct ClientWanted {
    access_key: Option<String>,
    secret_key: Option<String>,
    endpoint: Option<String>,
    iam_endpoint: Option<String>,
    sts_endpoint: Option<String>,
    sts_region: Option<String>,
    asks_region_of_client: Option<bool>,
    server_id: Option<String>,
    allowed_headers: Option<Vec<String>>,
    max_retries: Option<i64>,
    role_arn: Option<String>,
    audience: Option<String>,
    identity_token_ttl: Option<u64>,
    disable_automated_rotation: Option<bool>,
    rotation_schedule: Option<String>,
    rotation_period: Option<u64>,
    rotation_window: Option<u64>,
}

pub(super) fn read_client(given: &Map<String, Value>) -> Result<ClientWanted, Refusal> {
    let fields = Fields::new(given, Validation::WithExistence);
    let headers = fields.list("allowed_sts_header_values")?;
    Ok(ClientWanted {
        access_key: fields.text("access_key")?,
        secret_key: fields.text("secret_key")?,
        endpoint: fields.text("endpoint")?,
        iam_endpoint: fields.text("iam_endpoint")?,
        sts_endpoint: fields.text("sts_endpoint")?,
        sts_region: fields.text("sts_region")?,
        asks_region_of_client: fields.bool("use_sts_region_from_client")?,
        server_id: fields.text("iam_server_id_header_value")?,
        allowed_headers: headers.map(|names| names.iter().map(|name| canonical(name)).collect()),
        max_retries: fields.int("max_retries")?,
        role_arn: fields.text("role_arn")?,
        audience: fields.text("identity_token_audience")?,
        identity_token_ttl: fields.seconds("identity_token_ttl")?,
        disable_automated_rotation: fields.bool("disable_automated_rotation")?,
        rotation_schedule: fields.text("rotation_schedule")?,
        rotation_period: fields.seconds("rotation_period")?,
        rotation_window: fields.seconds("rotation_window")?,
    })
}

/// A header's name as Go writes it: `X-Amz-Date`.
pub(super) fn canonical(name: &str) -> String {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_part) {
        return name.to_owned();
    }
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    parts.collect::<Vec<_>>().join("-")
}

/// `config/sts`: the role to look into an account with.
#[derive(Clone)]
pub(super) struct StsRole {
    pub(super) role: String,
    pub(super) external_id: String,
}

impl StsRole {
    pub(super) fn shown(&self) -> Value {
        json!({ "external_id": self.external_id, "sts_role": self.role })
    }
}

pub(super) fn read_sts(
    given: &Map<String, Value>,
) -> Result<(Option<String>, Option<String>), Refusal> {
    let fields = Fields::new(given, Validation::WithExistence);
    Ok((fields.text("sts_role")?, fields.text("external_id")?))
}

/// `config/identity`.
#[derive(Debug, Clone)]
pub(super) struct AliasConfig {
    pub(super) iam_alias: String,
    ec2_alias: String,
    pub(super) iam_metadata: Vec<String>,
    ec2_metadata: Vec<String>,
}

const DEFAULT_METADATA: [&str; 2] = ["account_id", "auth_type"];
const IAM_METADATA: [&str; 9] = [
    "account_id",
    "auth_type",
    "canonical_arn",
    "client_arn",
    "client_user_id",
    "inferred_aws_region",
    "inferred_entity_id",
    "inferred_entity_type",
    "inferred_hostname",
];
const EC2_METADATA: [&str; 6] = [
    "account_id",
    "ami_id",
    "auth_type",
    "instance_id",
    "region",
    "role_tag",
];

impl Default for AliasConfig {
    fn default() -> Self {
        let metadata = DEFAULT_METADATA.map(str::to_owned).to_vec();
        AliasConfig {
            iam_alias: "role_id".to_owned(),
            ec2_alias: "role_id".to_owned(),
            iam_metadata: metadata.clone(),
            ec2_metadata: metadata,
        }
    }
}

impl AliasConfig {
    pub(super) fn shown(&self) -> Value {
        json!({
            "ec2_alias": self.ec2_alias,
            "ec2_metadata": self.ec2_metadata,
            "iam_alias": self.iam_alias,
            "iam_metadata": self.iam_metadata,
        })
    }
}

impl AwsMethod {
    /// A write merges; what is said of rotation alone is not kept.
    pub(super) fn write_client(&mut self, given: &Map<String, Value>) -> Outcome {
        let wanted = read_client(given)?;
        let mut client = self.client.clone().unwrap_or_default();
        let before = client.shown();
        let secret_before = client.secret_key.clone();
        for (field, wanted) in [
            (&mut client.access_key, &wanted.access_key),
            (&mut client.endpoint, &wanted.endpoint),
            (&mut client.iam_endpoint, &wanted.iam_endpoint),
            (&mut client.sts_endpoint, &wanted.sts_endpoint),
            (&mut client.sts_region, &wanted.sts_region),
            (&mut client.role_arn, &wanted.role_arn),
        ] {
            if let Some(wanted) = wanted {
                field.clone_from(wanted);
            }
        }
        if let Some(key) = &wanted.secret_key {
            client.secret_key = Secret::from(key.clone());
        }
        if let Some(asks) = wanted.asks_region_of_client {
            client.asks_region_of_client = asks;
        }
        let is_same_secret = same(&secret_before, &client.secret_key);
        let is_other_client = client.shown() != before || !is_same_secret;
        if let Some(server_id) = &wanted.server_id {
            client.server_id.clone_from(server_id);
        }
        if wanted.allowed_headers.is_some() {
            client.allowed_headers.clone_from(&wanted.allowed_headers);
        }
        if let Some(max_retries) = wanted.max_retries {
            client.max_retries = max_retries;
        }
        let is_kept = self.client.is_none() || client.shown() != before || !is_same_secret;
        check_identity_token(&client, &wanted)?;
        check_rotation(&wanted)?;
        if let Some(ttl) = wanted.identity_token_ttl {
            client.identity_token_ttl = ttl;
        }
        if let Some(disable) = wanted.disable_automated_rotation {
            client.disable_automated_rotation = disable;
        }
        if is_kept {
            self.client = Some(client);
        }
        if is_other_client {
            self.caches.forget_clients();
        }
        Ok(Reply::nothing())
    }

    pub(super) fn write_sts(&mut self, account: &str, given: &Map<String, Value>) -> Outcome {
        let (role, external_id) = read_sts(given)?;
        let known = self.sts.get(account);
        if known.is_none() && role.is_none() {
            return Err(Refusal::bad("missing sts role"));
        }
        if role.as_deref() == Some("") {
            return Err(Refusal::bad("sts role cannot be empty"));
        }
        let (known_role, known_id) = known
            .map(|known| (known.role.clone(), known.external_id.clone()))
            .unwrap_or_default();
        let role = StsRole {
            role: role.unwrap_or(known_role),
            external_id: external_id.unwrap_or(known_id),
        };
        self.sts.insert(account.to_owned(), role);
        Ok(Reply::nothing())
    }

    pub(super) fn write_alias(&mut self, given: &Map<String, Value>) -> Outcome {
        const IAM: [&str; 4] = ["role_id", "unique_id", "full_arn", "canonical_arn"];
        const EC2: [&str; 3] = ["role_id", "instance_id", "image_id"];
        let fields = Fields::new(given, Validation::First);
        let mut alias = self.alias.clone();
        if let Some(kind) = fields.text("iam_alias")? {
            check_alias("iam_alias", &kind, &IAM)?;
            alias.iam_alias = kind;
        }
        if let Some(kind) = fields.text("ec2_alias")? {
            check_alias("ec2_alias", &kind, &EC2)?;
            alias.ec2_alias = kind;
        }
        if let Some(names) = fields.list("iam_metadata")? {
            alias.iam_metadata = metadata(names, &IAM_METADATA)?;
        }
        if let Some(names) = fields.list("ec2_metadata")? {
            alias.ec2_metadata = metadata(names, &EC2_METADATA)?;
        }
        self.alias = alias;
        Ok(Reply::nothing())
    }
}

fn same(one: &Secret, other: &Secret) -> bool {
    use secrecy::ExposeSecret as _;
    one.expose_secret() == other.expose_secret()
}

fn check_identity_token(client: &ClientConfig, wanted: &ClientWanted) -> Result<(), Refusal> {
    let audience = wanted.audience.as_deref().unwrap_or_default();
    if audience.is_empty() {
        return Ok(());
    }
    Err(Refusal::bad(if !client.access_key.is_empty() {
        "only one of 'access_key' or 'identity_token_audience' can be set"
    } else if client.role_arn.is_empty() {
        "role_arn must be set when identity_token_audience is set"
    } else {
        "failed to generate plugin identity token: plugin workload identity not supported in Vault community edition"
    }))
}

fn check_rotation(wanted: &ClientWanted) -> Result<(), Refusal> {
    let schedule = wanted.rotation_schedule.as_deref().unwrap_or_default();
    let has_period = wanted.rotation_period.is_some_and(|period| period > 0);
    let has_window = wanted.rotation_window.is_some_and(|window| window > 0);
    let words = match (schedule.is_empty(), has_period, has_window) {
        (false, true, _) => {
            "mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided".to_owned()
        }
        (true, true, true) => "rotation_window does not apply to period".to_owned(),
        (true, false, true) => "cannot use rotation_window without rotation_schedule".to_owned(),
        (true, false, false) => return Ok(()),
        (is_no_schedule, ..) => {
            let parts: Vec<&str> = schedule.split_whitespace().collect();
            if is_no_schedule || parts.len() == 5 {
                "error registering rotation job: error registering rotation job: rotation manager capabilities not supported in Vault community edition".to_owned()
            } else {
                format!(
                    "failed to parse provided rotation_schedule: expected exactly 5 fields, found {}: [{}]",
                    parts.len(),
                    parts.join(" ")
                )
            }
        }
    };
    Err(Refusal::bad(words))
}

fn check_alias(field: &str, kind: &str, allowed: &[&str]) -> Result<(), Refusal> {
    if allowed.contains(&kind) {
        return Ok(());
    }
    Err(Refusal::bad(format!(
        "{field} of {} not in set of allowed values: [{}]",
        go::quote(kind),
        allowed.join(" ")
    )))
}

fn metadata(mut names: Vec<String>, allowed: &[&str]) -> Result<Vec<String>, Refusal> {
    names.sort();
    names.dedup();
    if names == ["default"] {
        return Ok(DEFAULT_METADATA.map(str::to_owned).to_vec());
    }
    if names.iter().any(|name| name == "default") {
        let quoted: Vec<String> = names.iter().map(|name| go::quote(name)).collect();
        return Err(Refusal::bad(format!(
            "[{}] contains default - default can't be used in combination with other fields",
            quoted.join(" ")
        )));
    }
    match names.iter().find(|name| !allowed.contains(&name.as_str())) {
        Some(unknown) => Err(Refusal::bad(format!(
            "{} contains an unavailable field, please select from {}",
            go::quote(unknown),
            go::quote(&allowed.join(", "))
        ))),
        None => Ok(names),
    }
}
