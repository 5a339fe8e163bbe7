//! How tokens of the lab's Vault end, and what is asked of it that nobody should
//! ask.

use bytes::Bytes;
use fastrand::Rng;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use vaultiam::lab::clock::Clock;
use vaultiam::lab::vault::{Outside, Vault};

struct Scene {
    vault: Vault,
    clock: Clock,
    root: String,
    runtime: tokio::runtime::Runtime,
}

impl Scene {
    /// A Vault with an aws method, a role, a policy and a secret.
    fn new() -> Self {
        let clock = Clock::new();
        let vault = Vault::new(clock.clone(), Outside::default());
        let root = vault.make_root_token().expose_secret().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let scene = Scene {
            vault,
            clock,
            root,
            runtime,
        };
        let role = json!({
            "bound_iam_principal_arn": "arn:aws:iam::123456789012:role/VaultRole",
            "resolve_aws_unique_ids": false,
        });
        let policy = json!({ "policy": "path \"kv/data/*\" { capabilities = [\"read\"] }" });
        for (path, body) in [
            ("sys/auth/aws", json!({ "type": "aws" })),
            ("auth/aws/role/kong", role),
            ("sys/mounts/kv", json!({ "type": "kv-v2" })),
            ("kv/data/app", json!({ "data": { "value": "s" } })),
            ("sys/policies/acl/reader", policy),
        ] {
            let (status, answer) = scene.ask("POST", path, &scene.root, &body);
            assert!(status < 300, "{path}: {answer}");
        }
        scene
    }

    fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("/v1/{path}"))
            .header("X-Vault-Token", token)
            .body(body)
            .unwrap();
        let answer = self.runtime.block_on(self.vault.answer(request));
        let status = answer.status().as_u16();
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        (status, body)
    }

    fn get(&self, path: &str, token: &str) -> (u16, Value) {
        self.ask("GET", path, token, &Value::Null)
    }

    fn reader(&self, wanted: &Value) -> String {
        let (_, made) = self.ask("POST", "auth/token/create", &self.root, wanted);
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }
}

#[test]
fn tokens_end_by_time_by_use_and_by_hand() {
    let scene = Scene::new();
    let alive = |token: &str| scene.get("kv/data/app", token).0;
    let token = scene.reader(&json!({ "policies": ["reader"], "ttl": "1h" }));
    assert_eq!(alive(&token), 200);
    scene.clock.shift(3601);
    assert_eq!(alive(&token), 403);
    scene.clock.shift(0);
    let once = scene.reader(&json!({ "policies": ["reader"], "num_uses": 1 }));
    assert_eq!((alive(&once), alive(&once)), (200, 403));
    let revoked = scene.reader(&json!({ "policies": ["reader"] }));
    assert_eq!(alive(&revoked), 200);
    let nothing = Value::Null;
    let (status, _) = scene.ask("POST", "auth/token/revoke-self", &revoked, &nothing);
    assert_eq!((status, alive(&revoked)), (204, 403));
}

/// Pieces that mean something to somebody.
const PIECES: [&str; 34] = [
    "sys/",
    "auth/",
    "aws/",
    "kv/",
    "data/",
    "metadata/",
    "mounts/",
    "policies/acl/",
    "config/",
    "client",
    "role/",
    "login",
    "token/",
    "create",
    "lookup-self",
    "internal/ui/mounts/",
    "..",
    "//",
    "%00",
    "%ff",
    "%2f",
    "+",
    "*",
    "tune",
    "kong",
    "delete/",
    "destroy/",
    "undelete/",
    "capabilities-self",
    "identity/lookup/entity",
    "renew-self",
    "?list=true",
    "?help=1",
    "sts/1",
];

/// Paths that are there.
const PATHS: [&str; 12] = [
    "sys/mounts",
    "sys/auth/aws",
    "sys/mounts/x",
    "sys/policies/acl/x",
    "sys/capabilities-self",
    "auth/token/create",
    "auth/token/lookup",
    "auth/aws/login",
    "auth/aws/role/kong",
    "auth/aws/config/client",
    "kv/data/app",
    "kv/metadata/app",
];

fn value(random: &mut Rng, depth: u8) -> Value {
    match random.u8(0..if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.i64(..)),
        3 => json!(random.f64() * 1e300),
        4 => json!("-9223372036854775808h"),
        5 => json!(
            [
                "",
                "a,b",
                "99999999999999d",
                "arn:aws:iam::1:role/x",
                "\u{0}é"
            ][random.usize(0..5)]
        ),
        6 => Value::Array(
            (0..random.u8(0..3))
                .map(|_| value(random, depth - 1))
                .collect(),
        ),
        _ => fields(random, depth - 1),
    }
}

fn fields(random: &mut Rng, depth: u8) -> Value {
    const NAMES: [&str; 22] = [
        "type",
        "options",
        "config",
        "version",
        "versions",
        "data",
        "cas",
        "policy",
        "policies",
        "ttl",
        "token_ttl",
        "period",
        "token_type",
        "bound_iam_principal_arn",
        "auth_type",
        "iam_request_headers",
        "iam_request_url",
        "iam_request_body",
        "iam_http_request_method",
        "max_versions",
        "delete_version_after",
        "custom_metadata",
    ];
    let entries = (0..random.u8(0..6)).map(|_| {
        let name = NAMES[random.usize(0..NAMES.len())];
        (name.to_owned(), value(random, depth))
    });
    Value::Object(entries.collect())
}

#[test]
fn nothing_that_is_asked_stops_it() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let scene = Scene::new();
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..5_000 {
        let path: String = if random.bool() {
            PATHS[random.usize(0..PATHS.len())].to_owned()
        } else {
            let pieces = (0..random.usize(1..6)).map(|_| PIECES[random.usize(0..PIECES.len())]);
            pieces.collect()
        };
        let method = ["GET", "POST", "PUT", "LIST", "PATCH", "DELETE", "FOO"];
        let method = method[random.usize(0..method.len())];
        let token = if random.u8(0..10) == 0 {
            "none"
        } else {
            &scene.root
        };
        let mut body = fields(&mut random, 3).to_string().into_bytes();
        if random.u8(0..5) == 0 {
            let place = random.usize(0..body.len());
            body[place] = random.u8(..);
        }
        let request = http::Request::builder()
            .method(method)
            .uri(format!("/v1/{path}"))
            .header("X-Vault-Token", token)
            .header("Content-Type", "application/merge-patch+json")
            .body(Bytes::from(body))
            .unwrap();
        let answer = scene.runtime.block_on(scene.vault.answer(request));
        statuses.insert(answer.status().as_u16());
    }
    assert!(
        statuses.is_superset(&[200, 204, 400, 403, 404, 405].into()),
        "{statuses:?}"
    );
    assert_eq!(scene.get("sys/health", "").0, 200);
}
