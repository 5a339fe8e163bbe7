//! Everything that is printed: tables, traces, findings for people, documents
//! for programs. Renders what it is given; asks and decides nothing.

pub mod check;
pub mod human;
pub mod json;
pub mod page;
pub mod plan;
pub mod progress;
pub mod secret_format;
pub mod streams;
pub mod trace_line;
pub mod unseen;
pub mod wrap;

pub use streams::{Streams, Style};
