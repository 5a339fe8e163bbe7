//! The steps of a login, one function each, by whom they ask.

mod assume;
mod identity;
mod sign;
mod vault;

pub(super) use assume::{assume, note_assumed, role_to_assume};
pub(super) use identity::{caller, credentials, region};
pub(super) use sign::sign;
pub(super) use vault::{login, note_health, token, vault};

use crate::fault::Fault;

type Refused<T> = Result<T, Box<Fault>>;
