//! Setting up both sides: what is wanted, what is there, the difference.
//!
//! The middle is pure; reading and writing stand at its ends.

pub mod apply;
pub mod confirm;
pub mod desired;
pub mod diff;
pub mod ledger;
pub mod lint;
pub mod observe;
pub mod observed;
pub mod plan;
pub mod rights;
pub mod teardown;
pub mod verify;
