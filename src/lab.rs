//! The embedded lab: the services that the login chain needs, in memory and on
//! loopback, for trying everything without AWS and without a Vault.
//!
//! What it answers is what the real services answer; where it does not, a page
//! says so. Nothing of it is in the product's binary.

pub mod clock;
pub mod vault;
