//! Container credentials: ECS's relative and full addresses, EKS Pod Identity.

use std::process::Command;

use serde_json::{Value, json};

use super::{Person, may_assume};
use crate::servers::servers;

const REFUSED: crate::refusals::Refusal = ("credentials", "metadata", 4, "AWS118");

/// Starts the endpoint of a container that has Kong's role; its id and address.
fn container(person: &Person, kind: &str, token: &str) -> (String, String) {
    let wanted = json!({
        "account": person.article.account, "role": "KongRole", "kind": kind, "token": token,
    });
    let made = servers().control("POST", "containers", &wanted);
    let word = |name: &str| made[name].as_str().unwrap().to_owned();
    (word("id"), word("endpoint"))
}

fn trust_service(person: &Person, service: &str) {
    person.trust(
        "KongRole",
        &json!([may_assume(&json!({ "Service": service }))]),
    );
}

fn facts() -> Value {
    json!({ "provider": "container endpoint" })
}

#[test]
fn a_task_reads_with_the_full_address_and_a_token() {
    let person = Person::new().secret("canary-task-token");
    let (id, endpoint) = container(&person, "ecs", "canary-task-token");
    let person = person
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{endpoint}/creds"),
        )
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-task-token");
    // The task's role is there, and its trust names another service.
    let words = ["answered with status 403", &endpoint];
    person.is_surely_refused(&[], REFUSED, &words);
    trust_service(&person, "ecs-tasks.amazonaws.com");
    let document = person.reads_the_secret(&facts(), "container endpoint, key ASIA");
    let step = super::step(&document, "credentials");
    assert_eq!(step["endpoint"], endpoint.as_str());
    assert_eq!(step["side"], "metadata");
    assert_ne!(step["facts"]["expires_at"], Value::Null);
    let log = servers().control("GET", &format!("containers/{id}/log"), &Value::Null);
    assert_eq!(
        log["entries"].as_array().unwrap().last().unwrap()["path"],
        "/creds"
    );
    servers().control(
        "PATCH",
        &format!("containers/{id}"),
        &json!({ "mode": "broken" }),
    );
    person.is_surely_refused(&[], REFUSED, &[&endpoint]);
    servers().control("DELETE", &format!("containers/{id}"), &Value::Null);
    person.is_surely_refused(&[], REFUSED, &[&endpoint, "refused"]);
}

#[test]
fn a_pod_reads_with_the_token_of_its_file() {
    let person = Person::new().secret("canary-pod-token");
    trust_service(&person, "pods.eks.amazonaws.com");
    let (_, endpoint) = container(&person, "eks", "canary-pod-token");
    let file = person.file("eks-pod-identity-token", "canary-pod-token");
    let name = file.display().to_string();
    let person = person
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{endpoint}/v1/credentials"),
        )
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &name);
    person.reads_the_secret(&facts(), "container endpoint, key ASIA");
    std::fs::write(&file, "canary-pod-token-of-before").unwrap();
    person.is_surely_refused(&[], REFUSED, &["answered with status 401"]);
    std::fs::write(&file, "canary-pod-token\n").unwrap();
    person.is_surely_refused(&[], REFUSED, &["header value"]);
    std::fs::remove_file(&file).unwrap();
    let refusal = ("credentials", "local", 4, "AWS120");
    person.is_surely_refused(&[], refusal, &[&name, "cannot be read"]);
}

#[test]
fn a_profile_can_take_its_source_from_the_container() {
    let person = Person::new();
    trust_service(&person, "ecs-tasks.amazonaws.com");
    let (_, endpoint) = container(&person, "ecs", "");
    let role = person.article.login_role_arn.clone();
    let person = person
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{endpoint}/creds"),
        )
        .env("AWS_PROFILE", "kong")
        .config(&format!(
            "[profile kong]\nrole_arn = {role}\ncredential_source = EcsContainer\n"
        ));
    let facts = json!({ "provider": "profile", "profile_source": "container endpoint" });
    let line = "profile kong (container endpoint, then role VaultRole)";
    person.reads_the_secret(&facts, line);
    let person = person.env(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://127.0.0.1:1/creds",
    );
    person.is_surely_refused(&[], REFUSED, &["http://127.0.0.1:1"]);
}

#[test]
fn an_address_that_no_container_has_is_not_asked() {
    let person = Person::new().env(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://192.0.2.1/creds",
    );
    person.is_surely_refused(&[], REFUSED, &["192.0.2.1", "allowed IP"]);
}

/// ECS's relative address is one of 169.254.170.2, an address of the link, which
/// no test may claim on somebody's machine. A library between the program and the
/// kernel leads connections to it to the endpoint of this test.
#[test]
fn a_task_reads_with_the_relative_address() {
    let person = Person::new();
    trust_service(&person, "ecs-tasks.amazonaws.com");
    let (id, endpoint) = container(&person, "ecs", "");
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/integration/credentials/link_local.c"
    );
    let library = person.home().join("link_local.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .status()
        .unwrap();
    assert!(built.success());
    let port = endpoint.rsplit(':').next().unwrap().to_owned();
    let person = person
        .env(
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "/v2/credentials/canary-id",
        )
        .secret("canary-id")
        .env("LD_PRELOAD", library.display().to_string())
        .env("LINK_LOCAL_PORT", port);
    let document = person.reads_the_secret(&facts(), "container endpoint, key ASIA");
    let step = super::step(&document, "credentials");
    assert_eq!(step["endpoint"], "http://169.254.170.2");
    let log = servers().control("GET", &format!("containers/{id}/log"), &Value::Null);
    assert_eq!(log["entries"][0]["path"], "/v2/credentials/canary-id");
}
