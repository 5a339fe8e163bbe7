//! Every refusal of a login that a real Vault was heard to give: the lab's Vault
//! gives it too, in the state that stands beside it, or a reason does.

mod aws;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use vaultiam::lab::clock::Clock;
use vaultiam::lab::vault::{Outside, Vault};

use aws::{Answer, StandIn};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    gives: BTreeMap<String, State>,
    never: Vec<Never>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Never {
    ids: Vec<String>,
    because: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct State {
    config: Option<Map<String, Value>>,
    role: Map<String, Value>,
    sts_role: Option<String>,
    set: Map<String, Value>,
    headers: Map<String, Value>,
    query: Option<String>,
    region: Option<String>,
    arn: Option<String>,
    sts: Option<Answer>,
    iam: Option<Answer>,
    refuses: Option<String>,
    path: Option<String>,
    times: Option<u32>,
    empty: bool,
    sealed: bool,
}

#[derive(Deserialize)]
struct Heard {
    id: String,
    status: u16,
    error: String,
}

#[test]
fn the_labs_vault_refuses_in_the_words_of_a_real_one() {
    let value: serde_yaml::Value =
        serde_yaml::from_str(include_str!("../lab/vault/replies.yaml")).unwrap();
    let mut value = value;
    value.apply_merge().unwrap();
    let file: File = serde_yaml::from_value(value).unwrap();
    let heard: Vec<Heard> = serde_json::from_str(include_str!("replies/login.json")).unwrap();
    let known: BTreeSet<&String> = heard.iter().map(|heard| &heard.id).collect();
    let never = file.never.iter().flat_map(|never| &never.ids);
    let listed: BTreeSet<&String> = file.gives.keys().chain(never).collect();
    assert_eq!(known, listed);
    assert!(file.never.iter().all(|never| never.because.len() > 20));
    let mut wrong = Vec::new();
    for heard in &heard {
        let Some(state) = file.gives.get(&heard.id) else {
            continue;
        };
        let (expected, (status, said)) = said(heard, state);
        if (status, &said) != (heard.status, &expected) {
            let id = &heard.id;
            wrong.push(format!("{id}: {status} {said}\n  and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!(
        "{} given, {} never",
        file.gives.len(),
        known.len() - file.gives.len()
    );
}

/// What is expected here, and what the lab's Vault says.
fn said(heard: &Heard, state: &State) -> (String, (u16, String)) {
    let stand_in = StandIn::start();
    let here = stand_in.address.to_string();
    // Where nobody listens, and nobody begins to.
    let nobody = "127.0.0.1:1";
    let expected = heard
        .error
        .replace("127.0.0.1:21200", &here)
        .replace("127.0.0.1:21299", nobody);
    let arn = state.arn.clone();
    let arn = arn.unwrap_or("arn:aws:sts::123456789012:assumed-role/VaultRole/kong".to_owned());
    stand_in.set_caller(&arn);
    if let Some(answer) = &state.sts {
        stand_in.set("sts", answer.clone());
    }
    if let Some(answer) = &state.iam {
        stand_in.set("iam", answer.clone());
    }
    if let Some(who) = &state.refuses {
        stand_in.set(who, Answer::of_words(who, &expected));
    }
    let vault = Vault::new(
        Clock::new(),
        Outside {
            aws: Some(stand_in.address),
            metadata: None,
        },
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let root = vault.make_root_token().expose_secret().to_owned();
    let ask = |path: &str, token: &str, body: &Value| -> (u16, Value) {
        let request = http::Request::builder()
            .method("POST")
            .uri(format!("/v1/{path}"))
            .header("X-Vault-Token", token)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = runtime.block_on(vault.answer(request));
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_slice(answer.body()).unwrap_or_default(),
        )
    };
    let write = |path: &str, body: &Value| {
        let (status, answer) = ask(path, &root, body);
        assert!(status < 300, "{}: {path}: {answer}", heard.id);
    };
    write("sys/auth/aws", &json!({ "type": "aws" }));
    if let Some(config) = &state.config {
        let config = Value::Object(config.clone()).to_string();
        let config = config
            .replace("//here", &format!("//{here}"))
            .replace("//closed", &format!("//{nobody}"));
        write(
            "auth/aws/config/client",
            &serde_json::from_str(&config).unwrap(),
        );
    }
    if let Some(role) = &state.sts_role {
        let account = role.split(':').nth(4).unwrap();
        let body = json!({ "sts_role": role, "external_id": "wrong" });
        write(&format!("auth/aws/config/sts/{account}"), &body);
    }
    write_role(&write, &state.role);
    if state.sealed {
        write("sys/seal", &json!({}));
    }
    let body = if state.empty { json!({}) } else { login(state) };
    let path = state.path.as_deref().unwrap_or("auth/aws/login");
    for _ in 1..state.times.unwrap_or(1) {
        ask(path, "", &body);
    }
    let (status, answer) = ask(path, "", &body);
    let said = answer["errors"][0].as_str().unwrap_or_default().to_owned();
    (expected, (status, said))
}

fn write_role(write: &dyn Fn(&str, &Value), wanted: &Map<String, Value>) {
    let mut role = wanted.clone();
    let name = role.remove("name");
    let name = name.as_ref().and_then(Value::as_str).unwrap_or("kong");
    if role.get("auth_type").is_none() {
        role.insert("resolve_aws_unique_ids".to_owned(), json!(false));
        let bound = "arn:aws:iam::123456789012:role/VaultRole";
        role.entry("bound_iam_principal_arn")
            .or_insert(json!(bound));
    }
    write(&format!("auth/aws/role/{name}"), &Value::Object(role));
}

fn login(state: &State) -> Value {
    let region = state.region.as_deref().unwrap_or("us-east-1");
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=ASIACLIENT/20260101/{region}/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
    );
    let mut headers = Map::from_iter([("Authorization".to_owned(), json!(authorization))]);
    change(&mut headers, &state.headers);
    let query = state.query.as_ref();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("https://sts.amazonaws.com/{query}");
    let mut body = Map::from_iter([
        ("role".to_owned(), json!("kong")),
        ("iam_http_request_method".to_owned(), json!("POST")),
        ("iam_request_url".to_owned(), json!(STANDARD.encode(url))),
        (
            "iam_request_body".to_owned(),
            json!(STANDARD.encode("Action=GetCallerIdentity&Version=2011-06-15")),
        ),
        ("iam_request_headers".to_owned(), Value::Object(headers)),
    ]);
    change(&mut body, &state.set);
    Value::Object(body)
}

fn change(entries: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, value) in changes {
        match value {
            Value::Null => entries.remove(name),
            value => entries.insert(name.clone(), value.clone()),
        };
    }
}
