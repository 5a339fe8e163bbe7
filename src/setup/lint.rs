//! What AWS or Vault would refuse of what is wanted, found before it is sent.

use serde_json::Value;

use super::desired::{Desired, DesiredRole, DesiredVault, STACK_TAG};
use crate::aws::policy::document::Problem;
use crate::aws::policy::lint::{
    Kind, check_instance_profile_name, check_path, check_policy_name, check_role_name, lint,
};

/// Policies that Vault has itself and that nobody may write.
const VAULTS_OWN: [&str; 2] = ["root", "default"];

/// A fault in what the settings make: its place there or in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The resource, and the place in it.
    pub place: String,
    pub what: String,
    pub remedy: String,
    pub origin: RefusedIn,
}

/// Whether a policy document is wrong or what a setting names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedIn {
    Document,
    Setting,
}

/// Everything that would be refused. Empty: it can be sent.
pub fn check(desired: &Desired) -> Vec<Refused> {
    let mut refused: Vec<Refused> = desired.roles.iter().flat_map(role).collect();
    refused.extend(desired.profiles.iter().flat_map(|profile| {
        let problems = [
            check_instance_profile_name(&profile.name),
            check_path(&profile.path),
        ];
        in_setting(&profile.arn, problems.into_iter().flatten())
    }));
    refused.extend(vault(&desired.vault));
    if VAULTS_OWN.contains(&desired.vault.policy_name.as_str()) {
        refused.push(Refused {
            place: "vault.policy".to_owned(),
            what: format!("'{}' is a policy of Vault's own", desired.vault.policy_name),
            remedy: "name another policy".to_owned(),
            origin: RefusedIn::Setting,
        });
    }
    refused
}

/// What Vault would refuse, or take for something else than was meant.
fn vault(wanted: &DesiredVault) -> Vec<Refused> {
    let number = |name: &str| {
        wanted
            .role
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let mut refused = Vec::new();
    let mut refuse = |place: &str, what: String, remedy: &str| {
        refused.push(Refused {
            place: place.to_owned(),
            what,
            remedy: remedy.to_owned(),
            origin: RefusedIn::Setting,
        });
    };
    let (ttl, max_ttl) = (number("token_ttl"), number("token_max_ttl"));
    if max_ttl > 0 && ttl > max_ttl {
        refuse(
            "vault.ttl",
            format!("{ttl} s is more than vault.max_ttl, {max_ttl} s"),
            "make max_ttl at least as long as ttl",
        );
    }
    let is_batch = wanted.role.get("token_type").and_then(Value::as_str) == Some("batch");
    if is_batch && number("token_num_uses") > 0 {
        refuse(
            "vault.num_uses",
            "a batch token has no limited number of uses".to_owned(),
            "leave num_uses out, or use service tokens",
        );
    }
    let names = [
        ("vault.auth_mount", &wanted.auth_mount),
        ("vault.auth_role", &wanted.role_name),
        ("vault.policy", &wanted.policy_name),
        ("kv.mount", &wanted.kv_mount),
        ("kv.prefix", &wanted.kv_prefix),
    ];
    for (place, name) in names {
        let is_empty = name.is_empty() && place != "kv.prefix";
        let is_plain = name.split('/').all(|part| !matches!(part, "." | ".."))
            && name
                .chars()
                .all(|character| character.is_alphanumeric() || "-_./@:= ".contains(character));
        if is_empty || !is_plain {
            refuse(
                place,
                format!("'{name}' is no plain name or path"),
                "use letters, digits and -_./; no wildcard: the policy adds its own",
            );
        }
    }
    refused
}

/// The name of a stack goes into tags, descriptions, a comment and names.
fn stack(role: &DesiredRole) -> Option<Problem> {
    let stack = role.tags.get(STACK_TAG).map_or("", String::as_str);
    let is_plain = stack
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
    (stack.is_empty() || stack.len() > 64 || !is_plain).then(|| {
        Problem::new(
            "stack",
            format!("'{stack}' is no name for a stack"),
            "use 1 to 64 letters, digits and -_.",
        )
    })
}

fn role(role: &DesiredRole) -> Vec<Refused> {
    let names = [
        check_role_name(&role.name),
        check_path(&role.path),
        check_policy_name(&role.own.policy),
        stack(role),
    ];
    let boundary = role.permissions_boundary.as_deref().and_then(boundary);
    let mut refused = in_setting(&role.arn, names.into_iter().flatten().chain(boundary));
    refused.extend(in_setting(&role.arn, role.tags.iter().filter_map(tag)));
    refused.extend(in_document(
        &format!("{} trust policy", role.arn),
        lint(&role.trust.to_string(), Kind::Trust),
    ));
    if let Some(policy) = &role.policy {
        refused.extend(in_document(
            &format!("{} policy {}", role.arn, role.own.policy),
            lint(&policy.to_string(), Kind::Identity),
        ));
    }
    refused
}

/// A permissions boundary is a managed policy, named by its ARN.
fn boundary(arn: &str) -> Option<Problem> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_policy = matches!(
        parts.as_slice(),
        ["arn", _, "iam", "", _, name] if name.strip_prefix("policy/").is_some_and(|name| !name.is_empty())
    );
    (!is_policy).then(|| {
        Problem::new(
            "aws.permissions_boundary",
            format!("'{arn}' is not the ARN of a managed policy"),
            "give it as arn:aws:iam::123456789012:policy/NAME",
        )
    })
}

/// Source: "Rules for tagging in IAM and AWS STS" in the IAM user guide.
fn tag((name, value): (&String, &String)) -> Option<Problem> {
    let is_allowed = |text: &str| {
        text.chars()
            .all(|character| character.is_alphanumeric() || " _.:/=+-@".contains(character))
    };
    let what = if name.is_empty() || name.chars().count() > 128 {
        "a tag's key has 1 to 128 characters"
    } else if value.chars().count() > 256 {
        "a tag's value has up to 256 characters"
    } else if name.to_ascii_lowercase().starts_with("aws:") {
        "a tag's key must not begin with aws:"
    } else if !is_allowed(name) || !is_allowed(value) {
        "a tag holds letters, digits, blanks and _.:/=+-@"
    } else {
        return None;
    };
    Some(Problem::new(
        format!("aws.tags {name}"),
        what,
        "correct it in the settings file",
    ))
}

fn in_setting(resource: &str, problems: impl Iterator<Item = Problem>) -> Vec<Refused> {
    refused(resource, problems, RefusedIn::Setting)
}

fn in_document(resource: &str, problems: Vec<Problem>) -> Vec<Refused> {
    refused(resource, problems.into_iter(), RefusedIn::Document)
}

fn refused(
    resource: &str,
    problems: impl Iterator<Item = Problem>,
    origin: RefusedIn,
) -> Vec<Refused> {
    problems
        .map(|problem| Refused {
            place: format!("{resource}: {}", problem.place),
            what: problem.what,
            remedy: problem.remedy,
            origin,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::desired::tests::wanted;

    fn refused_of(file: &str) -> Vec<String> {
        let desired = wanted(file, "us-east-1").expect("it can be set up");
        check(&desired)
            .into_iter()
            .map(|refused| format!("{}: {}", refused.place, refused.what))
            .collect()
    }

    #[test]
    fn the_defaults_are_never_refused() {
        for topology in ["article", "separate", "direct"] {
            assert_eq!(refused_of(&format!("topology: {topology}\n")), [""; 0]);
        }
    }

    #[test]
    fn what_the_settings_spoil_is_found() {
        let long = "r".repeat(65);
        let cases = [
            (
                "aws: { kong_role: \"Kong Role\" }\n".to_owned(),
                "Kong Role",
            ),
            (format!("aws: {{ login_role: {long} }}\n"), "65 characters"),
            ("aws: { tags: { \"a&b\": x } }\n".to_owned(), "a&b"),
            ("aws: { tags: { \"aws:x\": x } }\n".to_owned(), "aws:"),
            (
                "aws: { permissions_boundary: nonsense }\n".to_owned(),
                "'nonsense' is not the ARN",
            ),
            (
                "vault: { ttl: 2h, max_ttl: 1h }\n".to_owned(),
                "7200 s is more",
            ),
            (
                "vault: { token_type: batch, num_uses: 3 }\n".to_owned(),
                "a batch token",
            ),
            ("kv: { prefix: \"+/*\" }\n".to_owned(), "'+/*' is no plain"),
            ("kv: { prefix: 'a\" {}' }\n".to_owned(), "is no plain"),
            ("stack: \"a b\"\n".to_owned(), "is no name for a stack"),
            ("vault: { policy: root }\n".to_owned(), "Vault's own"),
            (
                "kong: { enabled: false }\naws: { external_id: \"ü€\" }\n".to_owned(),
                "holds '€'",
            ),
        ];
        for (file, words) in cases {
            let refused = refused_of(&file).join("\n");
            assert!(refused.contains(words), "{file}: {refused}");
        }
    }
}
