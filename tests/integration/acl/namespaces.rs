//! Policies of a namespace speak of paths from that namespace on. (Namespaces are
//! OpenBao's here; Vault has them in its Enterprise edition.)

use serde_json::{Value, json};
use vaultiam::vault::acl::{Asked, Capability, Held, Policy, Verdict, decide};

use crate::servers::{Software, request, servers};

#[test]
fn the_paths_of_a_policy_begin_in_its_namespace() {
    let bao = servers().nothing_on(Software::OpenBao);
    let send = |method: &str, namespace: &str, path: &str, token: &str, body: &Value| {
        let url = format!("{}/v1/{path}", bao.vault_address);
        let headers = [("X-Vault-Token", token), ("X-Vault-Namespace", namespace)];
        request(method, &url, &headers, body)
    };
    let root = bao.vault_token.as_str();
    for (above, name) in [("", "team"), ("team", "apps")] {
        let path = format!("sys/namespaces/{name}");
        assert_eq!(send("POST", above, &path, root, &json!({})).0, 200);
    }
    let kv = json!({ "type": "kv", "options": { "version": "1" } });
    for namespace in ["", "team", "team/apps"] {
        assert_eq!(send("POST", namespace, "sys/mounts/kv", root, &kv).0, 204);
        let secret = json!({ "value": "x" });
        for path in ["kv/a", "kv/b", "kv/c"] {
            assert_eq!(send("POST", namespace, path, root, &secret).0, 204);
        }
    }
    // The policies of "team", and what is asked in each namespace.
    let text = "path \"kv/a\" { capabilities = [\"read\"] }\n\
                path \"apps/kv/b\" { capabilities = [\"read\"] }\n\
                path \"+/kv/c\" { capabilities = [\"read\"] }\n\
                path \"team/kv/b\" { capabilities = [\"read\"] }\n";
    let policy = json!({ "policy": text });
    let written = send("PUT", "team", "sys/policies/acl/mine", root, &policy);
    assert!(written.0 < 300, "{written:?}");
    let token = json!({ "policies": ["mine"], "no_default_policy": true });
    let (_, issued) = send("POST", "team", "auth/token/create", root, &token);
    let token = issued["auth"]["client_token"].as_str().unwrap();
    let held = [Held::Known(Policy::parse("team", "mine", text).unwrap())];
    let mut allowed = 0;
    for namespace in ["", "team", "team/apps"] {
        for path in ["kv/a", "kv/b", "kv/c"] {
            let (status, answer) = send("GET", namespace, path, token, &Value::Null);
            let asked = Asked {
                namespace,
                path,
                capability: Capability::Read,
            };
            let decision = decide(&held, asked);
            let may = decision.verdict == Verdict::Allowed;
            assert_eq!(may, status == 200, "{namespace} {path} {answer}");
            allowed += u8::from(may);
        }
    }
    assert_eq!(allowed, 3);
}
