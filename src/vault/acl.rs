//! Vault's ACL policies, read and evaluated as Vault does it. Pure: the caller
//! brings the texts.
//!
//! `decide` says whether a token with these policies may do a thing at a path,
//! which stanza decides it, and which stanzas nearly would; `grants_below` and
//! `excess` say what policies grant below a path, and beyond what is needed.
//!
//! The rules were taken from Vault's documentation ("Policies" and "Templated
//! policies") and, where that is silent or says less, from what Vault 1.21.2
//! answers; a test compares the two. What is nowhere documented is said where it
//! is done.

mod capability;
mod decide;
mod duration;
mod grants;
mod near;
mod pattern;
mod policy;
mod rules;
mod syntax;

#[cfg(test)]
mod tests;

pub use capability::{Capability, Rights};
pub use decide::{Asked, Decider, Decision, Doubt, Held, Verdict, capabilities, decide};
pub use grants::{Excess, ExcessKind, Grant, Need, Reach, excess, grants_below};
pub use near::{Near, NearMiss};
pub use policy::{Limit, Policy, Stanza};
pub use rules::{Rule, Source};
pub use syntax::{Malformed, Place};
