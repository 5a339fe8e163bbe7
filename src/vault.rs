//! Vault's side: requests and answers of its API. Knows nothing of AWS beyond
//! the signed request that it hands over.

pub mod acl;
pub mod admin;
pub mod aws_auth;
pub mod client;
pub mod door;
pub mod kv;
pub mod login_refusal;
pub mod namespace;
pub mod standing;
pub mod sys;
pub mod token;
