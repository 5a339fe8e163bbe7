//! How the method talks to AWS.

use http::HeaderName;
use serde::Serialize;
use serde_json::{Map, Value};

use super::AwsMethod;
use crate::lab::vault::fields::{Fields, set};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::secret::Secret;

/// `config/client`; the fields have the names that Vault gives them.
#[derive(Clone, Default, Serialize)]
pub(super) struct ClientConfig {
    pub(super) access_key: String,
    #[serde(skip)]
    pub(super) secret_key: Secret,
    endpoint: String,
    pub(super) iam_endpoint: String,
    pub(super) sts_endpoint: String,
    pub(super) sts_region: String,
    pub(super) use_sts_region_from_client: bool,
    pub(super) iam_server_id_header_value: String,
    pub(super) allowed_sts_header_values: Option<Vec<String>>,
    /// Less than zero: as the SDK does.
    max_retries: i64,
    // Nobody here sets these.
    disable_automated_rotation: bool,
    identity_token_audience: String,
    identity_token_ttl: u64,
    role_arn: String,
    rotation_period: u64,
    rotation_schedule: String,
    rotation_window: u64,
}

impl ClientConfig {
    /// What holds until something is written.
    pub(super) fn initial() -> Self {
        ClientConfig {
            max_retries: -1,
            ..ClientConfig::default()
        }
    }

    /// How often a request is tried again.
    pub(super) fn retries(&self) -> u32 {
        u32::try_from(self.max_retries).unwrap_or(3)
    }
}

/// A header's name as Go writes it: `X-Amz-Date`. What is none stays as it is.
pub(super) fn canonical(name: &str) -> String {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return name.to_owned();
    }
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    parts.collect::<Vec<_>>().join("-")
}

/// `config/sts`: the role to look into an account with.
#[derive(Clone, Default, Serialize)]
pub(super) struct StsRole {
    pub(super) sts_role: String,
    pub(super) external_id: String,
}

impl AwsMethod {
    /// A write merges.
    pub(super) fn write_client(&mut self, given: &Map<String, Value>) -> Outcome {
        let fields = Fields::of_existing(given);
        let mut client = self.client.clone().unwrap_or_else(ClientConfig::initial);
        for (name, field) in [
            ("access_key", &mut client.access_key),
            ("endpoint", &mut client.endpoint),
            ("iam_endpoint", &mut client.iam_endpoint),
            ("sts_endpoint", &mut client.sts_endpoint),
            ("sts_region", &mut client.sts_region),
            (
                "iam_server_id_header_value",
                &mut client.iam_server_id_header_value,
            ),
        ] {
            set(field, fields.text(name)?);
        }
        let key = fields.text("secret_key")?;
        set(&mut client.secret_key, key.map(Secret::from));
        let asks = fields.truth("use_sts_region_from_client")?;
        set(&mut client.use_sts_region_from_client, asks);
        set(&mut client.max_retries, fields.int("max_retries")?);
        if let Some(names) = fields.list("allowed_sts_header_values")? {
            let names = names.iter().map(|name| canonical(name));
            client.allowed_sts_header_values = Some(names.collect());
        }
        self.client = Some(client);
        self.forget();
        Ok(Reply::nothing(204))
    }

    pub(super) fn write_sts(&mut self, account: &str, given: &Map<String, Value>) -> Outcome {
        let fields = Fields::of_existing(given);
        let mut role = self.sts.get(account).cloned().unwrap_or_default();
        set(&mut role.sts_role, fields.text("sts_role")?);
        set(&mut role.external_id, fields.text("external_id")?);
        if role.sts_role.is_empty() {
            return Err(Refusal::bad("sts role cannot be empty"));
        }
        self.sts.insert(account.to_owned(), role);
        Ok(Reply::nothing(204))
    }
}
