//! The tests of the program as its users run it.
//!
//! What needs real servers stands behind the feature `real-servers`, which
//! `tests/run` switches on; there a server that is missing is a failure.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::panic, reason = "a test that cannot go on has failed")]

mod vaultiam;

#[cfg(feature = "real-servers")]
mod get;
#[cfg(feature = "real-servers")]
mod login;
#[cfg(feature = "real-servers")]
mod servers;
