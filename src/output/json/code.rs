//! The documents of the catalogue.

use serde::Serialize;

use crate::diagnose::Code;

/// `vaultiam/v1/codes`: every code.
#[derive(Serialize)]
pub struct CodesDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    pub codes: Vec<CodeRowDocument>,
}

/// `vaultiam/v1/code`: one code with its page.
#[derive(Serialize)]
pub struct CodeDocument {
    pub schema: &'static str,
    pub exit_code: u8,
    #[serde(flatten)]
    pub row: CodeRowDocument,
    pub cause: String,
    /// The page, in Markdown.
    pub page: &'static str,
}

#[derive(Serialize)]
pub struct CodeRowDocument {
    code: &'static str,
    family: &'static str,
    severity: &'static str,
    sides: Vec<&'static str>,
    /// How a run can end that ends with this finding.
    exit_codes: Vec<u8>,
    title: &'static str,
    docs: String,
}

impl From<&Code> for CodeRowDocument {
    fn from(code: &Code) -> Self {
        let row = code.row();
        CodeRowDocument {
            code: code.name(),
            family: code.family().0,
            severity: row.severity.name(),
            sides: row.sides.iter().map(|side| side.name()).collect(),
            exit_codes: row.exit.codes(),
            title: code.title(),
            docs: code.docs(),
        }
    }
}
