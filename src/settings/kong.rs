//! What Kong's own configuration wants to know.

use super::resolve::Resolver;
use super::table::Id;

/// Kong's side of the settings.
#[derive(Debug, Clone)]
pub struct KongSettings {
    /// Kong itself uses this login.
    pub enabled: bool,
    /// The name of Kong's vault entity in a reference.
    pub prefix: String,
    /// The session name that Kong assumes the login role with.
    pub session_name: String,
}

impl Resolver<'_> {
    /// Kong's side of the settings.
    pub(super) fn kong(&self) -> KongSettings {
        KongSettings {
            enabled: self.flag(Id::KongEnabled),
            prefix: self.word(Id::KongPrefix),
            session_name: self.word(Id::KongSessionName),
        }
    }
}
