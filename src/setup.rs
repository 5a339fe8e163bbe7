//! Setting up both sides: what is wanted, what is there, the difference.
//!
//! The middle is pure; reading and writing stand at its ends.

pub mod desired;
pub mod diff;
pub mod observe;
pub mod observed;
pub mod plan;
