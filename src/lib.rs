//! vaultiam: Kong Gateway and HashiCorp Vault on AWS without a static secret.

pub mod aws;
pub mod cli;
pub mod diagnose;
pub mod exit_code;
pub mod fault;
pub mod http;
pub mod kong;
#[cfg(feature = "lab")]
pub mod lab;
pub mod login;
pub mod output;
pub mod private_file;
pub mod secret;
pub mod secrets;
pub mod settings;
pub mod setup;
pub mod shell;
pub mod signed_request;
pub mod trace;
pub mod vault;
