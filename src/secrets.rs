//! Reading and writing secrets: which mount a path lies in, which version its
//! engine has, and the values themselves.

mod locate;
mod path;
mod read;
mod write;

pub use locate::guess;
pub use path::SecretPath;
pub use read::{ReadFault, ReadSecret, read_all, wanted_paths};
pub use write::{Before, Present, Wish, look, wanted_path, write};
