//! What refuses in spite of a capability, and templated paths.

use serde_json::{Value, json};
use vaultiam::vault::acl::{Capability, Doubt, Verdict};

use super::Granted;
use crate::servers::servers;

/// Asks for what an attribute does to a read, a list, a write and a delete:
/// whether Vault can refuse them, and whether it is said.
#[test]
fn what_can_still_refuse_is_named() {
    let wanted = json!({ "type": "kv", "options": { "version": "1" } });
    assert_eq!(
        servers().vault("POST", "sys/mounts/acllimits", &wanted).0,
        204
    );
    let all = "capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\"]";
    // For each the requests that Vault refuses: a plain read, list, write with
    // another parameter, and delete.
    let cases = [
        ("required_parameters = [\"x\"]", [true, false, true, false]),
        (
            "allowed_parameters = { \"x\" = [] }",
            [false, false, true, false],
        ),
        (
            "denied_parameters = { \"y\" = [] }",
            [false, false, true, false],
        ),
        (
            "denied_parameters = { \"*\" = [] }",
            [false, false, true, false],
        ),
        ("min_wrapping_ttl = \"5m\"", [true, true, true, true]),
        ("max_wrapping_ttl = 300", [true, true, true, true]),
        ("min_wrapping_ttl = \"-5m\"", [false, false, false, false]),
        ("comment = \"none\"", [false, false, false, false]),
    ];
    for (attribute, refused) in cases {
        // Another stanza for the same path does not lift it.
        let plain = format!("path \"acllimits/*\" {{ {all} }}");
        let text = format!("path \"acllimits/*\" {{ {attribute} }}");
        let granted = Granted::new(&[text, plain]);
        let requests = [
            ("GET", "acllimits/a", Value::Null, Capability::Read),
            ("LIST", "acllimits/", Value::Null, Capability::List),
            (
                "PUT",
                "acllimits/a",
                json!({ "y": "1" }),
                Capability::Update,
            ),
            ("DELETE", "acllimits/a", Value::Null, Capability::Delete),
        ];
        for ((method, path, body, capability), refused) in requests.into_iter().zip(refused) {
            let is_there = json!({ "x": "1" });
            servers().vault("PUT", "acllimits/a", &is_there);
            let status = granted.send(method, path, &body);
            assert_eq!(status == 403, refused, "{attribute} {method} {status}");
            let decision = granted.decide(path, capability);
            let verdict = if refused {
                Verdict::Undecided
            } else {
                Verdict::Allowed
            };
            assert_eq!(decision.verdict, verdict, "{attribute} {method}");
            assert_eq!(decision.visible, Verdict::Allowed);
            let named = decision
                .doubts
                .iter()
                .any(|doubt| matches!(doubt, Doubt::Limited { .. }));
            assert_eq!(named, refused, "{attribute} {method}");
        }
    }
}

/// A token without an entity: Vault passes over the templated stanzas.
#[test]
fn a_templated_path_is_open_and_a_literal_one_beside_it_is_not() {
    let text = "path \"acltemplate/{{identity.entity.id}}/*\" { capabilities = [\"read\"] }\n\
                path \"acltemplate/plain\" { capabilities = [\"read\"] }\n";
    let granted = Granted::new(&[text.to_owned()]);
    let paths = ["acltemplate/x/y".to_owned(), "acltemplate/plain".to_owned()];
    let told = granted.capabilities(&paths);
    assert!(
        told[0].contains("deny") && told[1].contains("read"),
        "{told:?}"
    );
    let open = granted.decide("acltemplate/x/y", Capability::Read);
    assert_eq!(
        (open.verdict, open.visible),
        (Verdict::Undecided, Verdict::Denied)
    );
    let sure = granted.decide("acltemplate/plain", Capability::Read);
    assert_eq!(sure.verdict, Verdict::Allowed);
}
