//! The world of the lab: AWS, two instances with their metadata services, and a
//! Vault, all in this process and on loopback; and the programs to use it with.

mod breaks;
mod machine;
mod programs;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::aws::{Aws, Keys};
use super::clock::Clock;
use super::scenario::Who;
use super::server::{Server, Service};
use super::vault::{Outside, Vault};
use crate::secret::Secret;
use crate::settings::Environment;

pub use breaks::BreakError;
pub use machine::Machine;
pub use programs::Programs;

/// The account, as AWS's own documents write one.
pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "us-east-1";

const KONGS_INSTANCE: &str = "i-0123456789abcdef0";
const VAULTS_INSTANCE: &str = "i-0fedcba9876543210";

/// May do everything in the account.
const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// AWS and Vault with nothing set up: an account with an operator, and an
/// instance each for Kong and for Vault, to which the instance profiles are
/// attached that `setup` will make.
pub struct World {
    aws: Aws,
    operator: Keys,
    vault: Arc<Vault>,
    root_token: Secret,
    /// How the terminal looks: the same on every machine.
    looks: Vec<(String, String)>,
    programs: Programs,
    endpoint: Server,
    kongs_metadata: Server,
    /// Vault's own server asks it.
    vaults_metadata: Server,
    vault_server: Server,
}

/// Why there is no world.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    #[error("the lab cannot listen on this machine: {0}")]
    Listen(io::Error),
    #[error("the lab's directory cannot be made: {0}")]
    Directory(io::Error),
    #[error("the lab's operator cannot be made: {0}")]
    Operator(String),
}

impl World {
    /// Starts it. `program` is the lab's own, which plays the others too; of the
    /// environment only what says how a terminal looks comes in.
    ///
    /// # Errors
    ///
    /// When no port can be opened, or no directory made.
    pub async fn start(program: &Path, environment: &Environment) -> Result<Self, WorldError> {
        let aws = Aws::new(Clock::new(), ACCOUNT);
        let operator = aws
            .create_user("operator", ADMINISTRATOR)
            .map_err(|refusal| WorldError::Operator(refusal.message))?;
        for (instance, profile) in [(KONGS_INSTANCE, "KongRole"), (VAULTS_INSTANCE, "VaultRole")] {
            aws.start_instance(instance, REGION);
            aws.set_instance_profile(instance, Some(profile));
        }
        let listen = WorldError::Listen;
        let endpoint = Server::start(aws.endpoint(REGION), 0)
            .await
            .map_err(listen)?;
        let kongs_metadata = Server::start(aws.metadata(KONGS_INSTANCE), 0)
            .await
            .map_err(listen)?;
        let vaults_metadata = Server::start(aws.metadata(VAULTS_INSTANCE), 0)
            .await
            .map_err(listen)?;
        let outside = Outside {
            aws: Some(endpoint.address()),
            metadata: Some(vaults_metadata.url()),
        };
        let vault = Arc::new(Vault::new(Clock::new(), outside));
        let vault_server = Server::start(OfVault(Arc::clone(&vault)), 0)
            .await
            .map_err(listen)?;
        Ok(World {
            root_token: vault.make_root_token(),
            looks: looks(environment),
            programs: Programs::make(program).map_err(WorldError::Directory)?,
            aws,
            operator,
            vault,
            endpoint,
            kongs_metadata,
            vaults_metadata,
            vault_server,
        })
    }

    /// One of the machines of this world.
    ///
    /// # Errors
    ///
    /// When its home directory cannot be made.
    pub fn machine(&self, who: Who) -> Result<Machine, WorldError> {
        machine::of(self, who).map_err(WorldError::Directory)
    }

    /// Sets how long a new role is not known everywhere. At first it is at once.
    pub fn set_settling(&self, time: Duration) {
        self.aws.set_settling(time);
    }

    /// The programs `vaultiam`, `vault` and `aws`, and what lies beside them.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// A text with the world's values in the place of its variables.
    pub fn filled(&self, text: &str) -> String {
        self.variables()
            .into_iter()
            .fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("${name}"), &value)
            })
    }

    /// What commands and settings of scenarios may name.
    fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("ACCOUNT", ACCOUNT.to_owned()),
            ("OPERATOR_KEY_ID", self.operator.access_key_id.clone()),
            (
                "OPERATOR_SECRET_KEY",
                self.operator.secret_access_key.clone(),
            ),
            ("VAULT_HOST", self.vault_server.address().to_string()),
            ("METADATA", self.kongs_metadata.url()),
        ]
    }
}

/// The variables by which a person says how output is to look.
fn looks(environment: &Environment) -> Vec<(String, String)> {
    [
        "TERM",
        "COLORTERM",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "CI",
    ]
    .into_iter()
    .filter_map(|name| Some((name.to_owned(), environment.get(name)?.to_owned())))
    .collect()
}

/// Vault as a service of the lab's server.
struct OfVault(Arc<Vault>);

impl Service for OfVault {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.0.answer(request).await
    }
}
