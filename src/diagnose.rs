//! One voice for every failure: what a fault means, how sure that is, and what
//! to do.

mod again;
pub mod asked;
pub mod assume;
mod auth_mounts;
pub mod binding;
pub mod check;
pub mod code;
mod explain;
pub mod finding;
mod flags;
pub mod grant;
mod kept_list;
pub mod looks;
pub mod probe;
pub mod record;
mod vault_role;

pub use code::Code;
pub use explain::{Evidence, explain, explain_conflict, explain_missing_rights, explain_settings};
pub use finding::{Confidence, Finding, Severity, Where};
pub use looks::Looks;
