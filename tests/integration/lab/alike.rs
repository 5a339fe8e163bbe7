//! The lab beside the other AWS that the tests have, ministack behind a proxy that
//! judges regions: the `aws` command is told the same by both.

use std::process::{Command, Output};

use serde_json::Value;

use super::{ACCOUNT, ALL as EVERYTHING, LITTLE, Lab};
use crate::servers::servers;

const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// Who runs the command.
#[derive(Debug, Clone, Copy)]
enum By {
    Operator,
    /// A user who may do nothing that is asked here.
    Nobody,
    /// The operator's key with another secret.
    Forger,
    /// A key that there is not.
    Stranger,
}

use By::{Forger, Nobody, Operator, Stranger};

/// How much of an answer is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Same {
    All,
    /// The code, and not the words: the other has its own here. The lab has
    /// AWS's, as they are quoted in public issues.
    Code,
    /// All but the tags of a role within a profile, which IAM leaves out.
    ButTags,
}

use Same::{All, ButTags, Code};

/// What both are asked, in this order. `ACCOUNT` is the account's number.
const ASKED: [(By, Same, &str); 31] = [
    (Operator, All, "sts get-caller-identity"),
    (Forger, All, "sts get-caller-identity"),
    (Stranger, All, "sts get-caller-identity"),
    (Operator, Code, "iam get-role --role-name KongRole"),
    (
        Operator,
        All,
        "iam create-role --role-name KongRole --assume-role-policy-document EC2 --tags Key=k,Value=v --description about",
    ),
    (
        Operator,
        All,
        "iam create-role --role-name KongRole --assume-role-policy-document EC2",
    ),
    (Operator, All, "iam get-role --role-name KongRole"),
    (Nobody, Code, "iam get-role --role-name KongRole"),
    (
        Nobody,
        Code,
        "iam create-role --role-name Other --assume-role-policy-document EC2",
    ),
    (
        Operator,
        All,
        "iam put-role-policy --role-name KongRole --policy-name p --policy-document ALL",
    ),
    (
        Operator,
        All,
        "iam get-role-policy --role-name KongRole --policy-name p",
    ),
    (
        Operator,
        All,
        "iam get-role-policy --role-name KongRole --policy-name q",
    ),
    (Operator, All, "iam list-role-policies --role-name KongRole"),
    (
        Operator,
        All,
        "iam list-attached-role-policies --role-name KongRole",
    ),
    (
        Operator,
        All,
        "iam create-role --role-name VaultRole --description x --assume-role-policy-document TRUST",
    ),
    (
        Operator,
        All,
        "iam tag-role --role-name VaultRole --tags Key=a,Value=b",
    ),
    (Operator, All, "iam get-role --role-name VaultRole"),
    (
        Operator,
        Code,
        "iam update-assume-role-policy --role-name Gone --policy-document EC2",
    ),
    (
        Operator,
        All,
        "sts assume-role --role-arn arn:aws:iam::ACCOUNT:role/VaultRole --role-session-name me",
    ),
    (
        Operator,
        All,
        "iam create-instance-profile --instance-profile-name KongRole",
    ),
    (
        Operator,
        Code,
        "iam create-instance-profile --instance-profile-name KongRole",
    ),
    (
        Operator,
        All,
        "iam add-role-to-instance-profile --instance-profile-name KongRole --role-name KongRole",
    ),
    (
        Operator,
        Code,
        "iam add-role-to-instance-profile --instance-profile-name KongRole --role-name VaultRole",
    ),
    (
        Operator,
        ButTags,
        "iam get-instance-profile --instance-profile-name KongRole",
    ),
    (
        Operator,
        ButTags,
        "iam list-instance-profiles-for-role --role-name KongRole",
    ),
    (Operator, Code, "iam delete-role --role-name KongRole"),
    (
        Operator,
        Code,
        "iam delete-instance-profile --instance-profile-name KongRole",
    ),
    (
        Operator,
        All,
        "iam remove-role-from-instance-profile --instance-profile-name KongRole --role-name KongRole",
    ),
    (
        Operator,
        All,
        "iam delete-instance-profile --instance-profile-name KongRole",
    ),
    (
        Operator,
        All,
        "iam delete-role-policy --role-name KongRole --policy-name p",
    ),
    (Operator, All, "iam delete-role --role-name KongRole"),
];

#[test]
fn the_aws_command_is_told_the_same_by_both() {
    let theirs = servers().nothing();
    let lab = Lab::of(&theirs.account);
    let own = theirs.aws(&["sts", "get-caller-identity"]);
    let name = own["Arn"].as_str().unwrap().rsplit('/').next().unwrap();
    let operator = lab.user(name, EVERYTHING);
    let nobody = lab.user("nobody", LITTLE);
    let little: Value = serde_json::from_str(LITTLE).unwrap();
    let statements = little["Statement"].as_array().unwrap();
    let their_nobody = theirs.with_user("nobody", statements);
    let mut wrong = Vec::new();
    for (by, same, line) in ASKED {
        let key = |operator: (&str, &str), nobody: (&str, &str)| {
            let owned = |(id, secret): (&str, &str)| (id.to_owned(), secret.to_owned());
            match by {
                Operator => owned(operator),
                Nobody => owned(nobody),
                Forger => owned((operator.0, &"x".repeat(40))),
                Stranger => owned(("AKIAAAAAAAAAAAAAAAAA", operator.1)),
            }
        };
        let their_key = key(
            (&theirs.operator.0, &theirs.operator.1),
            (&their_nobody.0, &their_nobody.1),
        );
        let our_key = key(
            (&operator.access_key_id, &operator.secret_access_key),
            (&nobody.access_key_id, &nobody.secret_access_key),
        );
        let words = words(line, &theirs.account);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let told = said(&theirs.try_aws(&their_key, &words), same);
        let endpoint = format!("http://{}", lab.endpoint);
        let ours = [&words[..], &["--endpoint-url", &endpoint]].concat();
        let ours = said(&theirs.try_aws(&our_key, &ours), same);
        if told != ours {
            wrong.push(format!("{by:?} {line}\n  theirs {told}\n  ours   {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the lab is asked by the real command and by the lab's own.
const ASKED_OF_SMALL: [&str; 24] = [
    "sts get-caller-identity",
    "sts get-caller-identity --query Arn --output text",
    "iam create-role --role-name KongRole --assume-role-policy-document file://FILE --tags Key=k,Value=v Key=l,Value= --description a&b",
    "iam get-role --role-name KongRole --output json",
    "iam get-role --role-name KongRole --query Role.AssumeRolePolicyDocument",
    "iam get-role --role-name KongRole --query Role.[Arn,AssumeRolePolicyDocument]",
    "iam get-role --role-name KongRole --query Role.Nothing",
    "iam get-role --role-name Gone",
    "iam tag-role --role-name KongRole --tags Key=a,Value=b",
    "iam list-attached-role-policies --role-name KongRole",
    "iam list-role-policies --role-name KongRole",
    "iam put-role-policy --role-name KongRole --policy-name p --policy-document ALL",
    "iam list-role-policies --role-name KongRole",
    "iam get-role-policy --role-name KongRole --policy-name p --query PolicyDocument",
    "iam simulate-principal-policy --policy-source-arn arn:aws:iam::ACCOUNT:role/KongRole --action-names iam:GetRole iam:GetUser --resource-arns * --query EvaluationResults",
    "iam update-assume-role-policy --role-name KongRole --policy-document {}",
    "iam create-instance-profile --instance-profile-name KongRole",
    "iam add-role-to-instance-profile --instance-profile-name KongRole --role-name KongRole",
    "iam list-instance-profiles-for-role --role-name KongRole",
    "iam delete-role --role-name KongRole",
    "iam remove-role-from-instance-profile --instance-profile-name KongRole --role-name KongRole",
    "iam delete-role-policy --role-name KongRole --policy-name p",
    "iam delete-role --role-name KongRole",
    "iam delete-instance-profile --instance-profile-name KongRole",
];

#[test]
fn the_small_aws_prints_what_the_real_one_prints() {
    let theirs = servers().nothing();
    let small = crate::demo::clients::shims(&["aws"]);
    let file = small.path().join("trust.json");
    std::fs::write(&file, EC2).unwrap();
    let (of_real, of_small) = (Lab::start(), Lab::start());
    let endpoint = |lab: &Lab| format!("http://{}", lab.endpoint);
    let mut wrong = Vec::new();
    for line in ASKED_OF_SMALL {
        let line = line.replace("FILE", &file.display().to_string());
        let words = words(&line, ACCOUNT);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let keys = &of_real.keys;
        let keys = (keys.access_key_id.clone(), keys.secret_access_key.clone());
        let address = endpoint(&of_real);
        let real = [&words[..], &["--endpoint-url", &address]].concat();
        let real = theirs.try_aws(&keys, &real);
        let own = Command::new(small.path().join("aws"))
            .args(&words)
            .env_clear()
            .env("AWS_ENDPOINT_URL", endpoint(&of_small))
            .env("AWS_ACCESS_KEY_ID", &of_small.keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &of_small.keys.secret_access_key)
            .output()
            .unwrap();
        let (told, ours) = (said(&real, All), said(&own, All));
        if told != ours || real.status.success() != own.status.success() {
            wrong.push(format!("{line}\n  real {told}\n  ours {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words of a command line, with what stands for something in its place.
fn words(line: &str, account: &str) -> Vec<String> {
    let trust = EC2.replace(
        r#"{"Service":"ec2.amazonaws.com"}"#,
        r#"{"AWS":"arn:aws:iam::ACCOUNT:role/KongRole"}"#,
    );
    let words = line.split(' ').map(|word| match word {
        "EC2" => EC2.to_owned(),
        "ALL" => EVERYTHING.to_owned(),
        "TRUST" => trust.clone(),
        word => word.to_owned(),
    });
    words.map(|word| word.replace("ACCOUNT", account)).collect()
}

/// What the command printed, without what is new each time.
fn said(output: &Output, same: Same) -> String {
    let Ok(mut document) = serde_json::from_slice::<Value>(&output.stdout) else {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim();
        assert_eq!(said.is_empty(), output.status.success(), "{said}");
        return match (same, said.split_once(" operation:")) {
            (Code, Some((code, _))) => code.to_owned(),
            _ => said.to_owned(),
        };
    };
    forget(&mut document, same);
    document.to_string()
}

/// Removes ids, dates and keys.
fn forget(document: &mut Value, same: Same) {
    const NEW: [&str; 9] = [
        "RoleId",
        "UserId",
        "InstanceProfileId",
        "AssumedRoleId",
        "CreateDate",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
    ];
    match document {
        Value::Object(fields) => {
            let is_kept = |name: &str| !NEW.contains(&name) && (name != "Tags" || same != ButTags);
            fields.retain(|name, _| is_kept(name));
            fields.sort_keys();
            fields.values_mut().for_each(|value| forget(value, same));
        }
        Value::Array(members) => members.iter_mut().for_each(|value| forget(value, same)),
        _ => {}
    }
}
