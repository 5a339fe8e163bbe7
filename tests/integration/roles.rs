//! Reading and writing IAM roles, against the double's IAM.
//!
//! The SDK and the HTTP stack take endpoints and proxy from the environment of
//! the process, so each test runs itself once more, in a process of its own.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use serde_json::{Value, json};
use vaultiam::aws::classify::{denied_caller, is_concurrent, is_throttled, is_unknown_principal};
use vaultiam::aws::policy::compare::same_meaning;
use vaultiam::aws::policy::document::Document;
use vaultiam::aws::roles::{Access, Iam, IamReader, IamWriter, NewRole};
use vaultiam::fault::{Cause, Side, Transport};
use vaultiam::http::sdk::SdkHttp;

use crate::servers::{Article, servers};

/// Set in the process that `apart` starts.
const APART: &str = "VAULTIAM_TEST_APART";

/// Whose keys a test has.
#[derive(Clone, Copy)]
enum Who {
    Operator,
    Kong,
}

/// Runs `body` with a client of IAM in a process that has the environment for
/// it, under `rules` of AWS's front; returns the account to look at afterwards,
/// and nothing in the process itself.
fn apart(test: &str, who: Who, rules: &[Value], body: impl AsyncFnOnce(Iam)) -> Option<Article> {
    if variable(APART).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { body(client().await).await });
        return None;
    }
    let article = servers().article();
    for rule in rules {
        let mut rule = rule.clone();
        rule["match"]["account"] = json!(article.account);
        servers().control("POST", "rules", &rule);
    }
    let mut run = article.as_operator();
    if matches!(who, Who::Kong) {
        let keys = article.kong_keys();
        run = run
            .env("AWS_ACCESS_KEY_ID", keys.0)
            .env("AWS_SECRET_ACCESS_KEY", keys.1)
            .env("AWS_SESSION_TOKEN", keys.2);
    }
    let program = run.command(&[]);
    let variables = program
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("roles::{test}"), "--nocapture"])
        .env_clear()
        .envs(variables)
        .env(APART, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(article)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the process that runs one test is told what it needs"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A client with the keys of the environment, for a region that has no IAM.
async fn client() -> Iam {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID").unwrap(),
        variable("AWS_SECRET_ACCESS_KEY").unwrap(),
        variable("AWS_SESSION_TOKEN"),
        None,
        "test",
    );
    Iam::new(&Access {
        http: &SdkHttp::new(variable("AWS_CA_BUNDLE").map(Into::into)),
        profile: None,
        region: "eu-west-1",
        credentials: &credentials,
    })
    .await
}

/// What the front saw of one action: status and code.
fn answers(article: &Article, action: &str) -> Vec<(Value, Value)> {
    servers()
        .aws_requests(&article.account)
        .iter()
        .filter(|request| request["action"] == action)
        .map(|request| (request["status"].clone(), request["code"].clone()))
        .collect()
}

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn trust(services: Value) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "VaultiamAssume",
            "Effect": "Allow",
            "Principal": { "Service": services },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": "a+b/c d%20é" } },
        }],
    })
}

fn permission(resource: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": resource },
    })
}

fn new_role(name: &str) -> NewRole {
    NewRole {
        name: name.to_owned(),
        path: "/kong/prod/".to_owned(),
        trust: trust(json!("ec2.amazonaws.com")),
        tags: tags(&[("managed-by", "vaultiam"), ("vaultiam:stack", "kong-prod")]),
        permissions_boundary: None,
        description: Some("managed by vaultiam (stack kong-prod)".to_owned()),
    }
}

fn assert_same(seen: &Value, sent: &Value) {
    let document = |value| Document::from_value(value).unwrap();
    assert!(
        same_meaning(&document(seen), &document(sent)),
        "{seen}\n{sent}"
    );
}

#[test]
fn a_role_is_created_read_changed_and_deleted() {
    let test = "a_role_is_created_read_changed_and_deleted";
    let article = apart(test, Who::Operator, &[], async |iam| {
        let (reader, writer) = (IamReader::new(&iam), IamWriter::new(&iam));
        let new = new_role("Made");
        let created = writer.create_role(&new).await.unwrap();
        let seen = reader.get_role("Made").await.unwrap().unwrap();
        assert_eq!(
            (&seen.arn, &seen.unique_id),
            (&created.arn, &created.unique_id)
        );
        assert!(seen.arn.ends_with(":role/kong/prod/Made"), "{}", seen.arn);
        assert!(seen.unique_id.starts_with("AROA"), "{}", seen.unique_id);
        assert_eq!((&seen.name, &seen.path), (&new.name, &new.path));
        assert_eq!(seen.tags, new.tags);
        assert_eq!(seen.description, new.description);
        assert_eq!(seen.permissions_boundary, None);
        assert_eq!(seen.max_session, Duration::from_secs(3600));
        assert!(seen.inline.is_empty() && seen.attached.is_empty());
        let age = SystemTime::now()
            .duration_since(seen.created)
            .unwrap_or_default();
        assert!(age < Duration::from_secs(60), "{age:?}");
        assert_same(&seen.trust, &new.trust);

        let other_trust = trust(json!(["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]));
        writer.update_trust("Made", &other_trust).await.unwrap();
        let (first, second) = (
            permission("*"),
            permission("arn:aws:iam::123456789012:role/V"),
        );
        writer
            .put_inline_policy("Made", "vaultiam", &first)
            .await
            .unwrap();
        writer
            .put_inline_policy("Made", "vaultiam", &second)
            .await
            .unwrap();
        writer
            .put_inline_policy("Made", "other", &first)
            .await
            .unwrap();
        let more = tags(&[("vaultiam:stack", "other"), ("team", "é b/c=+@")]);
        writer.tag_role("Made", &more).await.unwrap();
        let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        writer
            .put_permissions_boundary("Made", boundary)
            .await
            .unwrap();
        let seen = reader.get_role("Made").await.unwrap().unwrap();
        assert_same(&seen.trust, &other_trust);
        let names: Vec<&String> = seen.inline.keys().collect();
        assert_eq!(names, ["other", "vaultiam"]);
        assert_same(&seen.inline["vaultiam"], &second);
        assert_same(&seen.inline["other"], &first);
        for (name, value) in &more {
            assert_eq!(seen.tags.get(name), Some(value));
        }
        assert_eq!(seen.permissions_boundary.as_deref(), Some(boundary));
        assert_eq!(seen.unique_id, created.unique_id);

        let conflict = writer.delete_role("Made").await.unwrap_err();
        assert_eq!(conflict.code.as_deref(), Some("DeleteConflict"));
        for _ in 0..2 {
            writer
                .delete_inline_policy("Made", "vaultiam")
                .await
                .unwrap();
            writer.delete_inline_policy("Made", "other").await.unwrap();
        }
        for _ in 0..2 {
            writer.delete_role("Made").await.unwrap();
        }
        assert_eq!(reader.get_role("Made").await.unwrap(), None);
    });
    if let Some(article) = article {
        let requests = servers().aws_requests(&article.account);
        let made = requests
            .iter()
            .filter(|request| request["service"] == "iam");
        for request in made {
            assert_eq!(request["host"], "iam.amazonaws.com");
            assert_eq!(request["region"], "us-east-1");
        }
        assert_eq!(answers(&article, "CreateRole"), [(json!(200), Value::Null)]);
    }
}

#[test]
fn an_instance_profile_is_created_filled_and_deleted() {
    let test = "an_instance_profile_is_created_filled_and_deleted";
    apart(test, Who::Operator, &[], async |iam| {
        let (reader, writer) = (IamReader::new(&iam), IamWriter::new(&iam));
        writer.create_role(&new_role("Made")).await.unwrap();
        let none = reader
            .list_instance_profiles_for_role("Made")
            .await
            .unwrap();
        assert_eq!(none, []);
        let mark = tags(&[("managed-by", "vaultiam")]);
        writer
            .create_instance_profile("Profile", "/kong/", &mark)
            .await
            .unwrap();
        let empty = reader
            .get_instance_profile("Profile")
            .await
            .unwrap()
            .unwrap();
        assert!(
            empty.arn.ends_with(":instance-profile/kong/Profile"),
            "{}",
            empty.arn
        );
        assert_eq!(
            (empty.name.as_str(), empty.path.as_str()),
            ("Profile", "/kong/")
        );
        assert_eq!((empty.roles.len(), &empty.tags), (0, &mark));
        writer
            .add_role_to_instance_profile("Profile", "Made")
            .await
            .unwrap();
        let twice = writer.add_role_to_instance_profile("Profile", "Made").await;
        assert_eq!(twice.unwrap_err().code.as_deref(), Some("LimitExceeded"));
        let full = reader
            .get_instance_profile("Profile")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(full.roles, ["Made"]);
        let listed = reader
            .list_instance_profiles_for_role("Made")
            .await
            .unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0].arn, &listed[0].roles), (&full.arn, &full.roles));
        for _ in 0..2 {
            let removed = writer
                .remove_role_from_instance_profile("Profile", "Made")
                .await;
            removed.unwrap();
        }
        for _ in 0..2 {
            writer.delete_instance_profile("Profile").await.unwrap();
        }
        assert_eq!(reader.get_instance_profile("Profile").await.unwrap(), None);
    });
}

#[test]
fn what_is_absent_is_none_for_readers_and_a_fault_for_writers() {
    let test = "what_is_absent_is_none_for_readers_and_a_fault_for_writers";
    apart(test, Who::Operator, &[], async |iam| {
        let (reader, writer) = (IamReader::new(&iam), IamWriter::new(&iam));
        assert_eq!(reader.get_role("Absent").await.unwrap(), None);
        assert_eq!(reader.get_instance_profile("Absent").await.unwrap(), None);
        let profiles = reader
            .list_instance_profiles_for_role("Absent")
            .await
            .unwrap();
        assert_eq!(profiles, []);
        let tag = tags(&[("team", "edge")]);
        let fault = writer.tag_role("Absent", &tag).await.unwrap_err();
        assert_eq!((fault.side, fault.status), (Side::Iam, Some(404)));
        assert_eq!(fault.code.as_deref(), Some("NoSuchEntity"));
        assert_eq!(
            (fault.operation.as_str(), fault.target.as_str()),
            ("iam:TagRole", "Absent")
        );
        assert!(fault.request_id.is_some());
    });
}

#[test]
fn a_refusal_names_side_code_and_caller() {
    let test = "a_refusal_names_side_code_and_caller";
    let article = apart(test, Who::Kong, &[], async |iam| {
        let refused = IamReader::new(&iam)
            .get_role("VaultRole")
            .await
            .unwrap_err();
        assert_eq!((refused.side, refused.status), (Side::Iam, Some(403)));
        assert_eq!(refused.cause, Cause::Answered);
        assert_eq!(refused.operation, "iam:GetRole");
        assert_eq!(refused.target, "VaultRole");
        assert_eq!(refused.code.as_deref(), Some("AccessDenied"));
        let caller = denied_caller(&refused.message).unwrap_or_default();
        assert!(
            caller.contains(":assumed-role/KongRole/"),
            "{}",
            refused.message
        );
        assert!(refused.request_id.is_some());
        let refused = IamWriter::new(&iam).create_role(&new_role("Made")).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.operation, "iam:CreateRole");
        assert_eq!(refused.code.as_deref(), Some("AccessDenied"));
    });
    if let Some(article) = article {
        let denied = json!("AccessDenied");
        assert_eq!(answers(&article, "CreateRole"), [(json!(403), denied)]);
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_a_fault_of_its_own_request() {
    let test = "a_policy_that_cannot_be_read_is_a_fault_of_its_own_request";
    let body = "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>\
                <Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let headers = json!({ "Content-Type": "text/xml", "x-amzn-RequestId": "of-the-policy" });
    let reply = json!({ "status": 403, "headers": headers, "body": body });
    let refuse = json!({ "match": { "action": "GetRolePolicy" }, "do": { "reply": reply } });
    apart(test, Who::Operator, &[refuse], async |iam| {
        let refused = IamReader::new(&iam).get_role("KongRole").await.unwrap_err();
        assert_eq!(refused.operation, "iam:GetRolePolicy");
        assert_eq!(refused.code.as_deref(), Some("AccessDenied"));
        assert_eq!(refused.request_id.as_deref(), Some("of-the-policy"));
    });
}

#[test]
fn throttling_is_tried_again_and_named_when_it_lasts() {
    let test = "throttling_is_tried_again_and_named_when_it_lasts";
    let once = json!({
        "match": { "action": "GetRole" }, "times": 1, "do": { "answer": "throttling" },
    });
    let always = json!({
        "match": { "action": "UpdateAssumeRolePolicy" }, "do": { "answer": "throttling" },
    });
    let article = apart(test, Who::Operator, &[once, always], async |iam| {
        let seen = IamReader::new(&iam).get_role("VaultRole").await.unwrap();
        assert!(seen.is_some());
        let writer = IamWriter::new(&iam);
        let trust = trust(json!("ec2.amazonaws.com"));
        let throttled = writer.update_trust("VaultRole", &trust).await.unwrap_err();
        assert!(is_throttled(&throttled), "{throttled}");
        assert!(!is_unknown_principal(&throttled) && !is_concurrent(&throttled));
    });
    if let Some(article) = article {
        let throttled = (json!(400), json!("Throttling"));
        let read = answers(&article, "GetRole");
        assert!(read.contains(&throttled), "{read:?}");
        assert!(read.contains(&(json!(200), Value::Null)), "{read:?}");
        let written = answers(&article, "UpdateAssumeRolePolicy");
        assert_eq!(written, [throttled.clone(), throttled.clone(), throttled]);
    }
}

#[test]
fn a_principal_that_iam_does_not_know_yet_is_told_from_other_faults() {
    let test = "a_principal_that_iam_does_not_know_yet_is_told_from_other_faults";
    let unknown = json!({
        "match": { "action": "CreateRole" }, "times": 1, "do": { "answer": "invalid_principal" },
    });
    let malformed = json!({ "error": {
        "status": 400, "code": "MalformedPolicyDocument", "message": "Syntax errors in policy.",
    } });
    let malformed = json!({
        "match": { "action": "PutRolePolicy" }, "times": 1, "do": malformed,
    });
    let concurrent = json!({ "error": {
        "status": 409, "code": "ConcurrentModification", "message": "Try again.",
    } });
    let concurrent = json!({
        "match": { "action": "TagRole" }, "times": 1, "do": concurrent,
    });
    let rules = [unknown, malformed, concurrent];
    let article = apart(test, Who::Operator, &rules, async |iam| {
        let writer = IamWriter::new(&iam);
        let fault = writer.create_role(&new_role("Made")).await.unwrap_err();
        assert!(is_unknown_principal(&fault), "{fault}");
        assert_eq!(fault.code.as_deref(), Some("MalformedPolicyDocument"));
        writer.create_role(&new_role("Made")).await.unwrap();
        let fault = writer
            .put_inline_policy("Made", "vaultiam", &permission("*"))
            .await;
        let fault = fault.unwrap_err();
        assert!(
            !is_unknown_principal(&fault) && !is_throttled(&fault),
            "{fault}"
        );
        let fault = writer
            .tag_role("Made", &tags(&[("a", "b")]))
            .await
            .unwrap_err();
        assert!(is_concurrent(&fault), "{fault}");
    });
    if let Some(article) = article {
        assert_eq!(answers(&article, "CreateRole").len(), 2);
    }
}

#[test]
fn a_list_is_read_to_its_last_page() {
    let test = "a_list_is_read_to_its_last_page";
    // The double has one page for everything: the first page is put before it.
    let page = |action: &str, content: &str| {
        let body = format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{action}Result>{content}\
             <IsTruncated>true</IsTruncated><Marker>next</Marker></{action}Result>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        );
        let reply =
            json!({ "status": 200, "headers": { "Content-Type": "text/xml" }, "body": body });
        json!({ "match": { "action": action }, "times": 1, "do": { "reply": reply } })
    };
    let rules = [
        page(
            "ListRolePolicies",
            "<PolicyNames><member>gone</member></PolicyNames>",
        ),
        page(
            "ListAttachedRolePolicies",
            "<AttachedPolicies><member><PolicyName>A</PolicyName>\
             <PolicyArn>arn:aws:iam::aws:policy/A</PolicyArn></member></AttachedPolicies>",
        ),
    ];
    let article = apart(test, Who::Operator, &rules, async |iam| {
        let seen = IamReader::new(&iam)
            .get_role("KongRole")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(seen.attached, ["arn:aws:iam::aws:policy/A"]);
        // A policy that was listed and is no longer there is left out.
        assert!(!seen.inline.is_empty() && !seen.inline.contains_key("gone"));
    });
    if let Some(article) = article {
        assert_eq!(answers(&article, "ListRolePolicies").len(), 2);
        assert_eq!(answers(&article, "ListAttachedRolePolicies").len(), 2);
    }
}

#[test]
fn a_cut_connection_is_a_fault_of_the_network() {
    let test = "a_cut_connection_is_a_fault_of_the_network";
    let drop = json!({ "match": { "action": "GetRole" }, "do": { "drop": true } });
    apart(test, Who::Operator, &[drop], async |iam| {
        let fault = IamReader::new(&iam)
            .get_role("VaultRole")
            .await
            .unwrap_err();
        assert_eq!(fault.side, Side::Network);
        assert_eq!(fault.cause, Cause::Transport(Transport::Reset));
        assert_eq!((fault.status, fault.code), (None, None));
    });
}
