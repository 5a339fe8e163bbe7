//! Breaking the world as a scenario says.

use std::process::{Output, Stdio};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{KONGS_INSTANCE, Machine, VAULTS_INSTANCE, World};
use crate::lab::aws::MetadataState;
use crate::lab::scenario::{Break, State, Who};
use crate::lab::server::Service as _;
use crate::lab::vault::Outside;

/// Where `setup` mounts the auth method.
const AUTH_MOUNT: &str = "aws";

/// Why something could not be broken.
#[derive(Debug, thiserror::Error)]
pub enum BreakError {
    #[error(transparent)]
    World(#[from] super::WorldError),
    #[error("{line}: {words}")]
    Command { line: String, words: String },
    #[error("there is no shell here: {0}")]
    Shell(std::io::Error),
    #[error("AWS refuses it: {0}")]
    Refused(String),
}

impl World {
    /// Breaks what is to be broken; settings change the machine of the run.
    ///
    /// # Errors
    ///
    /// When a command fails.
    pub async fn break_it(&self, breaks: &Break, run: &mut Machine) -> Result<(), BreakError> {
        match breaks {
            Break::CommandLine => {}
            Break::Commands(lines) => {
                let operator = self.machine(Who::Operator)?;
                for line in *lines {
                    self.type_in(&operator, line).await?;
                }
            }
            Break::Settings(settings) => {
                for (name, value) in *settings {
                    run.set(name, self.filled(value));
                }
            }
            Break::State(state) => self.enter(state, run).await?,
            Break::Both(first, second) => {
                Box::pin(self.break_it(first, run)).await?;
                Box::pin(self.break_it(second, run)).await?;
            }
        }
        Ok(())
    }

    /// Runs a line that must succeed, and returns what it printed.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub async fn type_in(&self, machine: &Machine, line: &str) -> Result<Output, BreakError> {
        let mut command = machine.shell(line);
        let output = command
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(BreakError::Shell)?;
        if output.status.success() {
            return Ok(output);
        }
        Err(BreakError::Command {
            line: line.to_owned(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    async fn enter(&self, state: &State, run: &mut Machine) -> Result<(), BreakError> {
        let refused = |refusal: crate::lab::aws::Refusal| BreakError::Refused(refusal.message);
        match *state {
            State::AwsClock { seconds } => self.aws.clock().shift(seconds),
            State::StsThrottled { requests } => self.aws.throttle_sts(requests),
            State::VaultWithoutAws => self.vault.set_outside(Outside {
                aws: None,
                metadata: Some(self.vaults_metadata.url()),
            }),
            State::CopiedKeysEnded => {
                let keys = self.keys_of_instance().await;
                let variables = [
                    ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
                    ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
                    ("AWS_SESSION_TOKEN", "Token"),
                ];
                for (variable, name) in variables {
                    run.set(variable, keys[name].as_str().unwrap_or_default());
                }
                self.aws.end_sessions();
            }
            State::HopLimit => self.aws.set_metadata(KONGS_INSTANCE, MetadataState::TooFar),
            State::MetadataOff => self
                .aws
                .set_metadata(KONGS_INSTANCE, MetadataState::Disabled),
            State::ServiceControlPolicy { denies } => {
                let text = policy(&[("Allow", "*"), ("Deny", denies)]);
                self.aws.set_service_control(&text).map_err(refused)?;
            }
            State::Boundary { role, allows } => {
                let text = policy(&[("Allow", allows)]);
                let arn = self.aws.create_policy("boundary", &text).map_err(refused)?;
                self.aws.set_boundary(role, &arn).map_err(refused)?;
            }
            State::VaultWithoutIdentity => {
                self.aws.set_instance_profile(VAULTS_INSTANCE, None);
                self.vault.forget_aws(AUTH_MOUNT);
            }
            State::VaultRestarted => self.vault.forget_aws(AUTH_MOUNT),
        }
        Ok(())
    }
}

impl World {
    /// What the metadata service gives whoever asks on Kong's instance.
    async fn keys_of_instance(&self) -> Value {
        let metadata = self.aws.metadata(KONGS_INSTANCE);
        let ask = async |method: &str, path: &str, header: (&str, &str)| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header.0, header.1)
                .body(Bytes::new())
                .unwrap_or_default();
            metadata.answer(request).await.into_body()
        };
        let seconds = ("x-aws-ec2-metadata-token-ttl-seconds", "60");
        let token = ask("PUT", "/latest/api/token", seconds).await;
        let token = String::from_utf8_lossy(&token);
        let path = "/latest/meta-data/iam/security-credentials/KongRole";
        let keys = ask("GET", path, ("x-aws-ec2-metadata-token", &token)).await;
        serde_json::from_slice(&keys).unwrap_or_default()
    }
}

/// A policy on everything, from effects and actions.
fn policy(statements: &[(&str, &str)]) -> String {
    let statements: Vec<Value> = statements
        .iter()
        .map(|(effect, action)| json!({ "Effect": effect, "Action": action, "Resource": "*" }))
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}
