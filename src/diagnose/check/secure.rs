//! Whether the set-up is safe: what works, and should not be so. Each check warns of
//! one thing; what a person may well have chosen is a note, which fails nothing.

mod aws;
mod local;
mod vault;

pub(super) use aws::{identity, trust};
pub(super) use local::{files, http, tls};
pub(super) use vault::{audit, keys, lifetime, policy, root, server_id};
