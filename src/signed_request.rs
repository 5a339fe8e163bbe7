//! A signed `GetCallerIdentity` request, made for Vault to send.
//!
//! Whoever holds it can log in for about a quarter of an hour, so everything
//! that proves the caller stands in [`Secret`]s.

use std::time::SystemTime;

use crate::secret::Secret;

/// The request that Vault forwards to STS.
#[derive(Debug)]
pub struct SignedRequest {
    /// `POST` always: the presigned form is refused by a configured Vault.
    pub method: &'static str,
    /// The URL whose host STS checks against the signature.
    pub url: String,
    pub body: &'static str,
    /// Every header, the signature and the session token among them.
    pub headers: Vec<(String, Secret)>,
    /// The names in the signature's `SignedHeaders`.
    pub signed_headers: Vec<String>,
    /// The region of the credential scope.
    pub region: String,
    /// STS refuses the request from then on.
    pub valid_until: SystemTime,
}
