//! Kong's own configuration for these settings: its vault of type `hcv`, and the
//! references by which Kong names a secret. Pure: settings in, text out.
//!
//! The fields are those of Kong Gateway 3.14, the first with `aws_iam`. Source:
//! "HashiCorp Vault" and the `kong.conf` reference in Kong's documentation.

mod aws_side;
pub mod entity;
mod names;
mod notes;
pub mod reference;
pub mod render;
mod vault_side;

pub use entity::{Entity, Field, Value, entity};
pub use reference::SecretName;
pub use render::{Format, Rendered, render, test_command};
