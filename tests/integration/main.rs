//! The tests of the program as its users run it.
//!
//! What needs real servers stands behind the feature `real-servers`, which
//! `tests/run` switches on; there a server that is missing is a failure.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::print_stdout,
    reason = "what a test prints is shown when it fails"
)]

mod completions;
#[cfg(feature = "lab")]
mod demo;
mod generated;
mod help;
mod init;
mod json_contract;
mod kong;
#[cfg(feature = "lab")]
mod lab;
#[cfg(feature = "lab")]
mod lab_replies;
#[cfg(feature = "lab")]
mod lab_scene;
mod layers;
mod man;
mod package;
mod page;
mod policy;
mod provoked;
mod record;
mod reference;
#[cfg(unix)]
mod terminal;
#[cfg(feature = "real-servers")]
mod trusts;
mod vaultiam;

#[cfg(feature = "real-servers")]
mod acl;
#[cfg(feature = "real-servers")]
mod admin;
#[cfg(feature = "real-servers")]
mod benchmark;
#[cfg(feature = "real-servers")]
mod check;
#[cfg(feature = "real-servers")]
mod ci;
#[cfg(feature = "real-servers")]
mod credentials;
#[cfg(feature = "real-servers")]
mod denials;
#[cfg(feature = "real-servers")]
mod diagnosis;
#[cfg(feature = "real-servers")]
mod endings;
#[cfg(feature = "real-servers")]
mod get;
#[cfg(feature = "real-servers")]
mod init_detection;
#[cfg(feature = "real-servers")]
mod lab_vault;
#[cfg(feature = "real-servers")]
mod literal;
#[cfg(feature = "real-servers")]
mod login;
#[cfg(feature = "real-servers")]
mod midway;
#[cfg(feature = "real-servers")]
mod openbao;
#[cfg(feature = "real-servers")]
mod operator;
#[cfg(feature = "real-servers")]
mod put;
#[cfg(feature = "real-servers")]
mod question;
#[cfg(feature = "real-servers")]
mod reach;
#[cfg(feature = "real-servers")]
mod reach_tls;
#[cfg(feature = "real-servers")]
mod refusals;
#[cfg(feature = "real-servers")]
mod refusals_credentials;
#[cfg(feature = "real-servers")]
mod refusals_reworded;
#[cfg(feature = "real-servers")]
mod refusals_signature;
#[cfg(feature = "real-servers")]
mod replies;
#[cfg(feature = "real-servers")]
mod requests;
#[cfg(feature = "real-servers")]
mod roles;
#[cfg(feature = "real-servers")]
mod secrecy;
#[cfg(feature = "real-servers")]
mod secrets_page;
#[cfg(feature = "real-servers")]
mod servers;
#[cfg(feature = "real-servers")]
mod setup;
#[cfg(feature = "real-servers")]
mod signing;
#[cfg(feature = "real-servers")]
mod teardown;
