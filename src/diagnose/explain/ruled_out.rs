//! What was thought of and cannot be: causes of the same words that a fact at
//! hand excludes.

use crate::diagnose::{Code, Finding};

/// Names each cause of the `group` that a fact excludes, unless it is among those
/// that were `found`, and takes it out of what it could also be.
pub(super) fn sifted(
    mut finding: Finding,
    group: &[Code],
    found: &[Code],
    why_not: impl Fn(Code) -> Option<String>,
) -> Finding {
    for code in group.iter().filter(|code| !found.contains(code)) {
        let Some(because) = why_not(*code) else {
            continue;
        };
        finding.alternatives.retain(|left| left != code);
        finding = finding.rules_out(*code, because);
    }
    finding
}
