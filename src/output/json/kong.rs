//! The document of Kong's configuration.

use serde::Serialize;
use serde_json::{Map, Value};

/// `vaultiam/v1/kong`: a file for Kong, and how secrets are named with it.
#[derive(Serialize)]
pub struct KongDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    pub format: &'static str,
    /// The whole file; null when the run was interrupted.
    pub text: Option<String>,
    pub references: Vec<ReferenceDocument>,
    pub notes: Vec<String>,
    /// What it was made from, each value with its origin.
    pub settings: Map<String, Value>,
}

/// A secret, and what Kong calls it.
#[derive(Serialize)]
pub struct ReferenceDocument {
    pub path: String,
    pub field: String,
    pub version: Option<u64>,
    pub reference: String,
}
