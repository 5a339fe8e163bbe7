//! An operator: rights, wrong usage, secrecy and streams of what changes
//! something.

mod quiet;
mod rights;
mod streams;
mod usage;
mod without_one;
