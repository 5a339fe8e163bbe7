//! The text of a policy as a tree, with the place of everything in it.
//!
//! Vault reads policies with version 1 of HCL, or with that library's own JSON
//! if the first character is a brace. No crate reads either. Those for HCL read
//! version 2: hcl-edit 0.10, which was tried, refuses stanzas with two attributes
//! in one line, a comma behind an attribute and a name in quotation marks, and
//! takes `${` for a template. JSON readers are stricter than Vault's, which for
//! instance does not miss the last brace. A text that Vault took must be read as
//! Vault read it, so the grammar is repeated here, and a test compares it with
//! Vault's.

mod json;
mod scan;
mod tree;

use std::fmt;

use scan::Scanner;
pub(super) use tree::{Item, Node, Value, Word};

/// A place in a policy's text, counted from one, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// Why a text is no policy, and where it stops being one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub place: Place,
    /// Goes on where the place ends: "names 'raed', which is no capability".
    pub what: String,
}

/// Reads a text as Vault does: JSON if it begins with a brace, else HCL.
pub(super) fn parse(text: &str) -> Result<Vec<Item>, Malformed> {
    if text.trim_start().starts_with('{') {
        json::parse(&mut Scanner::json(text))
    } else {
        tree::parse(&mut Scanner::hcl(text))
    }
}

impl Malformed {
    pub(super) fn new(place: Place, what: impl Into<String>) -> Self {
        Malformed {
            place,
            what: what.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.place, self.what)
    }
}

impl std::error::Error for Malformed {}
