//! All checks there are, without running one.

use serde::Serialize;

use crate::diagnose::check::{Category, Check, Need};
use crate::output::json::render;
use crate::output::streams::Style;
use crate::secret::Redactor;

/// The list for people: by categories, ids and what each asks.
pub fn list_text(style: Style) -> String {
    let width = Check::ALL.into_iter().map(|check| check.id().len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for category in Category::ALL {
        let name = style.strong(category.name());
        text.push_str(&format!("{name}  {}\n", category.title()));
        let checks = Check::ALL.into_iter();
        for check in checks.filter(|check| check.category() == category) {
            text.push_str(&format!("  {:<width$}  {}\n", check.id(), check.title()));
        }
    }
    text
}

#[derive(Serialize)]
struct ListDocument {
    schema: &'static str,
    exit_code: u8,
    checks: Vec<ListedDocument>,
}

#[derive(Serialize)]
struct ListedDocument {
    id: &'static str,
    category: &'static str,
    title: &'static str,
    needs: Vec<&'static str>,
}

/// The list for scripts: `vaultiam/v1/checks`.
pub fn list_json() -> String {
    let checks = Check::ALL.into_iter().map(|check| ListedDocument {
        id: check.id(),
        category: check.category().name(),
        title: check.title(),
        needs: check
            .needs()
            .iter()
            .map(|need: &Need| need.check().id())
            .collect(),
    });
    let document = ListDocument {
        schema: "vaultiam/v1/checks",
        exit_code: 0,
        checks: checks.collect(),
    };
    render(&document, &Redactor::default(), &[])
}
