//! The lab as people use it: its small clients, its scenarios, and what it shows.

#[cfg(feature = "real-servers")]
pub(crate) mod clients;
mod masked;
mod pages;
#[cfg(feature = "real-servers")]
mod real;
mod scenarios;
mod shown;
mod told;
