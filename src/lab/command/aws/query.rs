//! `--query`: a path of names, as far as remedies use it.

use serde_json::Value;

use crate::lab::command::Refused;

/// What lies at `Role.RoleId`; nothing is `null`.
pub(super) fn find(answer: &Value, path: &str) -> Result<Value, Refused> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|character| character.is_ascii_alphanumeric())
    };
    let mut found = answer;
    for part in path.split('.') {
        let (name, index) = match part.split_once('[') {
            None => (part, None),
            Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
        };
        if !is_name(name) {
            return Err(Refused::new(
                252,
                format!("the lab's small client takes a path of names as --query, not {path}"),
            ));
        }
        found = &found[name];
        if let Some(index) = index {
            let index: usize = index
                .parse()
                .map_err(|_| Refused::new(252, format!("--query: {part} has no number")))?;
            found = found.get(index).unwrap_or(&Value::Null);
        }
    }
    Ok(found.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_into_the_answer() {
        let answer = json!({ "Role": { "RoleId": "AROA", "Tags": [{ "Key": "a" }] } });
        let found = |path| find(&answer, path).ok();
        assert_eq!(found("Role.RoleId"), Some(json!("AROA")));
        assert_eq!(found("Role.Tags[0].Key"), Some(json!("a")));
        assert_eq!(found("Role.Nothing.Below"), Some(Value::Null));
        assert_eq!(found("Roles[?a=='b']"), None);
    }
}
