//! IAM's policy documents: what they say, whether two say the same, and what
//! AWS would refuse in one. Pure: nothing here talks to AWS.

pub mod compare;
pub mod document;
pub mod evaluate;
pub mod lint;
pub mod operator;

#[cfg(test)]
mod properties;

pub use compare::{normalise, same_meaning};
pub use document::{Document, Malformed, Problem, Statement};
pub use lint::{Kind, lint};
