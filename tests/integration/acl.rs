//! What the evaluator of policies says, beside what a real Vault says and does.

mod generate;
mod limits;
mod namespaces;
mod requests;
mod texts;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use fastrand::Rng;
use serde_json::{Value, json};
use vaultiam::vault::acl::{
    Asked, Capability, Decision, Held, Policy, Rights, Verdict, capabilities, decide,
};

use crate::servers::{request, servers};
use generate::{path, policies};

/// How many sets of policies, and paths for each.
const SETS: usize = 100;
const PATHS: usize = 12;

/// Policies as Vault has them and as we read them, and a token that has them.
struct Granted {
    token: String,
    held: Vec<Held>,
}

impl Granted {
    /// Writes policies and issues a token that has no other.
    fn new(texts: &[String]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let mut names = Vec::new();
        let mut held = Vec::new();
        for text in texts {
            let name = format!("acl-{}", NEXT.fetch_add(1, Ordering::Relaxed));
            let (status, answer) = write(&name, text);
            assert_eq!(status, 204, "{text}\n{answer}");
            held.push(Held::Known(Policy::parse("", &name, text).unwrap()));
            names.push(name);
        }
        let wanted = json!({ "policies": names, "no_default_policy": true, "ttl": "10m" });
        let (status, answer) = servers().vault("POST", "auth/token/create", &wanted);
        assert_eq!(status, 200, "{answer}");
        let token = answer["auth"]["client_token"].as_str().unwrap().to_owned();
        Granted { token, held }
    }

    /// Sends a request with the token.
    fn send(&self, method: &str, path: &str, body: &Value) -> u16 {
        self.send_with(method, path, body, &[])
    }

    fn send_with(&self, method: &str, path: &str, body: &Value, more: &[(&str, &str)]) -> u16 {
        let url = format!("{}/v1/{path}", servers().get("VAULT_ADDR"));
        let token = [("X-Vault-Token", self.token.as_str())];
        request(method, &url, &[&token, more].concat(), body).0
    }

    fn decide(&self, path: &str, capability: Capability) -> Decision {
        let asked = Asked {
            namespace: "",
            path,
            capability,
        };
        decide(&self.held, asked)
    }

    /// What Vault says that the token may do at each path.
    fn capabilities(&self, paths: &[String]) -> Vec<BTreeSet<String>> {
        let wanted = json!({ "token": self.token, "paths": paths });
        let (status, answer) = servers().vault("POST", "sys/capabilities", &wanted);
        assert_eq!(status, 200, "{answer}");
        let told = paths.iter().map(|path| &answer["data"][path]);
        told.map(|words| serde_json::from_value(words.clone()).unwrap())
            .collect()
    }
}

/// Has Vault take a policy, or refuse it.
fn write(name: &str, text: &str) -> (u16, Value) {
    let path = format!("sys/policies/acl/{name}");
    servers().vault("PUT", &path, &json!({ "policy": text }))
}

fn words(rights: &Rights) -> BTreeSet<String> {
    match rights {
        Rights::Denied => ["deny".to_owned()].into(),
        Rights::Granted(granted) => granted.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_evaluator_says_what_sys_capabilities_says() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let (mut allowed, mut denied) = (0, 0);
    for _ in 0..SETS {
        let paths: Vec<String> = (0..PATHS).map(|_| path(&mut random)).collect();
        let texts = policies(&mut random, &paths);
        let granted = Granted::new(&texts);
        for (path, told) in paths.iter().zip(granted.capabilities(&paths)) {
            let ours = words(&capabilities(&granted.held, "", path));
            let case = format!("seed {seed}: {path}\n{}", texts.join("\n"));
            assert_eq!(ours, told, "{case}");
            for capability in Capability::ALL {
                let may = told.contains(capability.as_str());
                match may {
                    true => allowed += 1,
                    false => denied += 1,
                }
                // With a slash at the end Vault answers for a request that lists.
                if !path.ends_with('/') && capability != Capability::List {
                    let decision = granted.decide(path, capability);
                    assert_eq!(
                        decision.verdict == Verdict::Allowed,
                        may,
                        "{capability} {case}"
                    );
                    assert_eq!(decision.verdict, decision.visible);
                }
            }
        }
    }
    println!("{} pairs, {allowed} allowed, {denied} denied", SETS * PATHS);
    let least = (allowed + denied) * 3 / 10;
    assert!(allowed >= least && denied >= least, "{allowed} {denied}");
}

#[test]
fn the_policy_that_every_token_has_is_read() {
    let (_, answer) = servers().vault("GET", "sys/policies/acl/default", &Value::Null);
    let text = answer["data"]["policy"].as_str().unwrap();
    let default = [Held::Known(Policy::parse("", "default", text).unwrap())];
    let asked = |path, capability| {
        let asked = Asked {
            namespace: "",
            path,
            capability,
        };
        decide(&default, asked).verdict
    };
    assert_eq!(
        asked("auth/token/lookup-self", Capability::Read),
        Verdict::Allowed
    );
    assert_eq!(asked("cubbyhole/a/b", Capability::List), Verdict::Allowed);
    assert_eq!(asked("kv/data/kong/a", Capability::Read), Verdict::Denied);
    assert_eq!(
        asked("identity/entity/id/1", Capability::Read),
        Verdict::Undecided
    );
}
