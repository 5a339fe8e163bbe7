//! Requests that a real Vault lets through or refuses.

use fastrand::Rng;
use serde_json::{Value, json};
use vaultiam::vault::acl::{Capability, Verdict};

use super::Granted;
use super::generate::{pick, policies};
use crate::servers::servers;

const SETS: usize = 40;

/// The secrets that are there, on both engines.
const THERE: [&str; 5] = ["a", "kong/a", "kong/b", "kong/deep/a", "data/a"];
const NOT_THERE: [&str; 4] = ["b", "kong/new", "kong/deep/new", "data/new"];

/// Makes an engine with those secrets. The name is made of the words of the
/// generated policies.
fn mount(name: &str, version: &str) {
    let wanted = json!({ "type": "kv", "options": { "version": version } });
    let (status, answer) = servers().vault("POST", &format!("sys/mounts/{name}"), &wanted);
    assert_eq!(status, 204, "{answer}");
    for secret in THERE {
        let (path, body) = match version {
            "1" => (format!("{name}/{secret}"), json!({ "value": "x" })),
            _ => (
                format!("{name}/data/{secret}"),
                json!({ "data": { "value": "x" } }),
            ),
        };
        // A new engine of version 2 is made ready first.
        let written = (0..100).find(|_| {
            let (status, _) = servers().vault("POST", &path, &body);
            if status >= 300 {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            status < 300
        });
        assert!(written.is_some(), "{path}");
    }
}

/// A request that changes nothing of what the next one meets, and what it needs.
fn request(random: &mut Rng) -> (&'static str, String, Value, Capability) {
    let there = pick(random, &THERE);
    let not_there = pick(random, &NOT_THERE);
    let folder = pick(random, &["", "kong", "kong/deep", "kong/", "kong/deep/"]);
    let data = json!({ "data": { "value": "y" } });
    let own = json!({ "value": "y" });
    match random.u8(0..10) {
        0 => (
            "GET",
            format!("aclone/{there}"),
            Value::Null,
            Capability::Read,
        ),
        1 => (
            "GET",
            format!("acltwo/data/{there}"),
            Value::Null,
            Capability::Read,
        ),
        2 => (
            "GET",
            format!("acltwo/metadata/{there}"),
            Value::Null,
            Capability::Read,
        ),
        3 => (
            "GET",
            format!("aclone/{there}/"),
            Value::Null,
            Capability::Read,
        ),
        4 => (
            "LIST",
            format!("aclone/{folder}"),
            Value::Null,
            Capability::List,
        ),
        5 => (
            "LIST",
            format!("acltwo/metadata/{folder}"),
            Value::Null,
            Capability::List,
        ),
        6 => (
            "GET",
            format!("acltwo/metadata/{folder}?list=true"),
            Value::Null,
            Capability::List,
        ),
        7 => ("PUT", format!("aclone/{there}"), own, Capability::Update),
        8 => (
            "POST",
            format!("acltwo/data/{there}"),
            data,
            Capability::Update,
        ),
        _ => (
            "POST",
            format!("acltwo/data/{not_there}"),
            data,
            Capability::Create,
        ),
    }
}

#[test]
fn the_evaluator_says_what_vault_does() {
    mount("aclone", "1");
    mount("acltwo", "2");
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let (mut allowed, mut denied) = (0, 0);
    for _ in 0..SETS {
        let requests: Vec<_> = (0..10).map(|_| request(&mut random)).collect();
        let paths: Vec<String> = requests
            .iter()
            .map(|(_, path, _, _)| path.split('?').next().unwrap().to_owned())
            .collect();
        let texts = policies(&mut random, &paths);
        let granted = Granted::new(&texts);
        for ((method, sent, body, capability), path) in requests.iter().zip(&paths) {
            let status = granted.send(method, sent, body);
            let decision = granted.decide(path, *capability);
            let case = format!(
                "seed {seed}: {method} {sent} {status}\n{}",
                texts.join("\n")
            );
            assert_ne!(decision.verdict, Verdict::Undecided, "{case}");
            assert_eq!(
                decision.verdict == Verdict::Allowed,
                status != 403,
                "{case}"
            );
            match status {
                403 => denied += 1,
                _ => allowed += 1,
            }
            if *capability == Capability::Create && status != 403 {
                let metadata = path.replacen("/data/", "/metadata/", 1);
                assert_eq!(servers().vault("DELETE", &metadata, &Value::Null).0, 204);
            }
        }
    }
    println!("{} requests, {allowed} allowed, {denied} denied", SETS * 10);
    let least = (allowed + denied) * 3 / 10;
    assert!(allowed >= least && denied >= least, "{allowed} {denied}");
}

#[test]
fn patch_and_delete_want_their_own_capability() {
    mount("aclpatch", "2");
    let stanza = |word: &str| format!("path \"aclpatch/data/a\" {{ capabilities = [\"{word}\"] }}");
    let body = json!({ "data": { "value": "z" } });
    for (method, capability) in [("PATCH", Capability::Patch), ("DELETE", Capability::Delete)] {
        for word in ["patch", "delete", "update", "create", "read"] {
            let granted = Granted::new(&[stanza(word)]);
            let body = if method == "PATCH" {
                &body
            } else {
                &Value::Null
            };
            let merge = [("content-type", "application/merge-patch+json")];
            let status = granted.send_with(method, "aclpatch/data/a", body, &merge);
            let verdict = granted.decide("aclpatch/data/a", capability).verdict;
            assert_eq!(
                verdict == Verdict::Allowed,
                status != 403,
                "{method} {word} {status}"
            );
        }
    }
}
