//! Why something failed, as the program tells it: without any right, with an
//! administrator's, and whether the printed remedy cures it.

pub(crate) mod case;
mod login_binding;
mod login_door;
mod login_lookup;
mod login_region;
mod login_role;
