//! The metadata service of an instance.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use vaultiam::lab::aws::{Keys, MetadataState};

use super::{ACCOUNT, Answer, Asked, INSTANCE, Lab, exchange};

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

fn ask(address: SocketAddr, line: &str, header: &str) -> Answer {
    let text =
        format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}\r\n\r\n");
    exchange(address, text.as_bytes())
}

fn token(lab: &Lab) -> String {
    let header = "X-aws-ec2-metadata-token-ttl-seconds: 60";
    let answer = ask(lab.metadata, "PUT /latest/api/token", header).fine();
    assert_eq!(answer.header("x-aws-ec2-metadata-token-ttl-seconds"), "60");
    answer.body
}

fn get(lab: &Lab, path: &str) -> Answer {
    let header = format!("X-aws-ec2-metadata-token: {}", token(lab));
    ask(lab.metadata, &format!("GET {path}"), &header)
}

/// An instance that has the role `Kong`.
fn with_role() -> Lab {
    let lab = Lab::start();
    lab.role("Kong", r#""Service":"ec2.amazonaws.com""#);
    lab.on_profile("CreateInstanceProfile", &[]).fine();
    let role = [("RoleName", "Kong")];
    lab.on_profile("AddRoleToInstanceProfile", &role).fine();
    lab.aws.set_instance_profile(INSTANCE, Some("P"));
    lab
}

fn document(lab: &Lab) -> serde_json::Value {
    let answer = get(lab, &format!("{ROLES}Kong")).fine();
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn without_a_token_nothing_is_told() {
    let lab = with_role();
    let status = |line: &str, header: &str| ask(lab.metadata, line, header).status;
    let roles = format!("GET {ROLES}");
    assert_eq!(status(&roles, "X-Nothing: 1"), 401);
    assert_eq!(status(&roles, "X-aws-ec2-metadata-token: wrong"), 401);
    for seconds in ["0", "21601", "-1", "x", ""] {
        let header = format!("X-aws-ec2-metadata-token-ttl-seconds: {seconds}");
        assert_eq!(status("PUT /latest/api/token", &header), 400, "{seconds}");
    }
    assert_eq!(status("PUT /latest/api/token", "X-Nothing: 1"), 400);
    assert_eq!(status("GET /latest/api/token", "X-Nothing: 1"), 405);
    let held = format!("X-aws-ec2-metadata-token: {}", token(&lab));
    assert_eq!(status(&roles, &held), 200);
    lab.aws.clock().shift(120);
    assert_eq!(status(&roles, &held), 401, "it is over");
}

#[test]
fn an_instance_has_the_keys_of_its_role() {
    let lab = with_role();
    assert_eq!(get(&lab, ROLES).fine().body, "Kong");
    let keys = document(&lab);
    assert_eq!(keys["Code"], "Success");
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    let owned = Keys {
        access_key_id: text("AccessKeyId"),
        secret_access_key: text("SecretAccessKey"),
        session_token: Some(text("Token")),
    };
    let who = lab.send(&Asked::who(&owned)).fine();
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/Kong/{INSTANCE}");
    assert_eq!(who.element("Arn"), arn);
    assert_eq!(document(&lab), keys, "they stay the same");
    assert_eq!(get(&lab, &format!("{ROLES}Other")).status, 404);
    assert_eq!(
        get(&lab, "/latest/meta-data/placement/region").fine().body,
        "us-east-1"
    );
    let identity = get(&lab, "/latest/dynamic/instance-identity/document").fine();
    assert!(identity.body.contains(ACCOUNT), "{}", identity.body);
    assert_eq!(get(&lab, "/latest/user-data").status, 404);
    // A role made anew has other keys.
    let role = [("RoleName", "Kong")];
    lab.on_profile("RemoveRoleFromInstanceProfile", &role)
        .fine();
    lab.on_role("DeleteRole", "Kong", &[]).fine();
    lab.role("Kong", r#""Service":"ec2.amazonaws.com""#);
    lab.on_profile("AddRoleToInstanceProfile", &role).fine();
    assert_ne!(document(&lab)["AccessKeyId"], keys["AccessKeyId"]);
}

#[test]
fn an_instance_may_have_no_role_or_one_that_ec2_may_not_assume() {
    let lab = with_role();
    let nobody = super::trust(&format!(r#""AWS":"{ACCOUNT}""#));
    lab.set_trust("Kong", &nobody);
    assert_eq!(get(&lab, ROLES).fine().body, "Kong");
    let told = document(&lab);
    assert_eq!(told["Code"], "AssumeRoleUnauthorizedAccess");
    assert_eq!(told["AccessKeyId"], serde_json::Value::Null);
    lab.on_profile("RemoveRoleFromInstanceProfile", &[("RoleName", "Kong")])
        .fine();
    assert_eq!(get(&lab, ROLES).status, 404);
    lab.aws.set_instance_profile(INSTANCE, None);
    assert_eq!(get(&lab, ROLES).status, 404);
}

#[test]
fn from_too_far_away_there_is_no_answer_to_the_token_request() {
    let lab = with_role();
    lab.aws.set_metadata(INSTANCE, MetadataState::TooFar);
    let mut stream = TcpStream::connect(lab.metadata).unwrap();
    let limit = Some(Duration::from_millis(500));
    stream.set_read_timeout(limit).unwrap();
    let request = format!(
        "PUT /latest/api/token HTTP/1.1\r\nHost: {}\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n",
        lab.metadata
    );
    stream.write_all(request.as_bytes()).unwrap();
    let read = stream.read(&mut [0; 1]).unwrap_err().kind();
    assert!(
        matches!(read, ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{read}"
    );
    lab.aws.set_metadata(INSTANCE, MetadataState::Enabled);
    assert_eq!(get(&lab, ROLES).fine().body, "Kong");
    lab.aws.set_metadata(INSTANCE, MetadataState::Disabled);
    assert_eq!(
        ask(lab.metadata, "PUT /latest/api/token", "X: 1").status,
        403
    );
    assert_eq!(
        ask(lab.metadata, &format!("GET {ROLES}"), "X: 1").status,
        403
    );
}
