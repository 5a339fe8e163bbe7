//! Reading secrets: which mount a path lies in, which version its engine has,
//! and the values themselves.

mod path;
mod read;

pub use path::SecretPath;
pub use read::{ReadFault, ReadSecret, read_all, wanted_paths};
