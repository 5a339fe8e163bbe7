//! A machine of the world: the environment in which programs run on it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use secrecy::ExposeSecret as _;
use tokio::process::Command;

use super::{REGION, World};
use crate::lab::scenario::Who;

/// What programs on a machine find in their environment.
#[derive(Clone)]
pub struct Machine {
    home: PathBuf,
    variables: BTreeMap<String, String>,
}

pub(super) fn of(world: &World, who: Who) -> io::Result<Machine> {
    let name = match who {
        Who::Kong | Who::KongAndAdmin => "kong",
        Who::Operator => "operator",
    };
    let home = world.programs.home(name)?;
    let mut machine = Machine {
        variables: world.looks.iter().cloned().collect(),
        home: home.clone(),
    };
    machine.set("HOME", home.display().to_string());
    machine.set("USER", name);
    machine.set(
        "PATH",
        format!("{}:/usr/bin:/bin", world.programs.path().display()),
    );
    machine.set("AWS_REGION", REGION);
    machine.set("AWS_ENDPOINT_URL", world.endpoint.url());
    machine.set("VAULT_ADDR", world.vault_server.url());
    let keys = (
        &world.operator.access_key_id,
        &world.operator.secret_access_key,
    );
    match who {
        Who::Kong => {}
        Who::KongAndAdmin => {
            let text = format!(
                "[admin]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                keys.0, keys.1
            );
            let file = world.programs.write("admin-profile", &text)?;
            machine.set("AWS_SHARED_CREDENTIALS_FILE", file.display().to_string());
        }
        Who::Operator => {
            machine.set("AWS_ACCESS_KEY_ID", keys.0);
            machine.set("AWS_SECRET_ACCESS_KEY", keys.1);
            machine.set("AWS_EC2_METADATA_DISABLED", "true");
            machine.set("ACCOUNT", super::ACCOUNT);
        }
    }
    if who != Who::Operator {
        let metadata = world.kongs_metadata.url();
        machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata);
    }
    if who != Who::Kong {
        machine.set("VAULT_TOKEN", world.root_token.expose_secret());
    }
    Ok(machine)
}

impl Machine {
    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// The variables, by name.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// A line for the shell of this machine.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-euc", line])
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.home)
            .kill_on_drop(true);
        command
    }
}
