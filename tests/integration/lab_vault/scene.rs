//! The principals in AWS with whose keys the tables log in.

use aws_credential_types::Credentials;
use serde_json::json;
use vaultiam::lab::vault::Outside;

use super::relay;
use super::sides::Real;
use super::signing::Keys;
use crate::servers::{Nothing, servers};

pub(super) struct Scene<'r> {
    nothing: &'r Nothing,
    account: String,
    metadata: String,
    pub(super) keys: Keys,
}

impl<'r> Scene<'r> {
    /// Makes roles and a user, and takes on the roles.
    pub(super) fn new(real: &'r Real) -> Self {
        let nothing = &real.nothing;
        let account = nothing.account.clone();
        let operator = format!("arn:aws:iam::{account}:user/operator");
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": operator },
                "Action": "sts:AssumeRole",
            }],
        });
        let trust = trust.to_string();
        // The server of the lab's Vault is an instance with the same profile as
        // that of the real one.
        let instance = json!({
            "account": account,
            "profile": "VaultRole",
            "instance_id": "i-0fedcba9876543210",
        });
        let instance = servers().control("POST", "imds", &instance);
        let mut scene = Scene {
            nothing,
            account,
            metadata: instance["endpoint"].as_str().unwrap().to_owned(),
            keys: Keys::new(),
        };
        for (name, path) in [("VaultRole", "/"), ("KongRole", "/"), ("Deep", "/svc/")] {
            let make = ["iam", "create-role", "--role-name", name, "--path", path];
            let document = ["--assume-role-policy-document", trust.as_str()];
            nothing.aws(&[&make[..], &document].concat());
            scene.assume(name, path);
        }
        // A policy must say something.
        let nothing_much = json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*" });
        let (id, secret) = nothing.with_user("bob", &[nothing_much]);
        let bob = Credentials::new(id, secret, None, None, "test");
        let session = scene.keys["VaultRole"].clone();
        let id = session.access_key_id();
        let token = session.session_token().map(str::to_owned);
        let wrong = Credentials::new(id, "wrong", token, None, "test");
        let bare = Credentials::new(id, session.secret_access_key(), None, None, "test");
        let unknown = Credentials::new("AKIAIOSFODNN7EXAMPLE", "x", None, None, "test");
        for (name, made) in [
            ("bob", bob),
            ("wrong secret", wrong),
            ("without session token", bare),
            ("unknown key", unknown),
        ] {
            scene.keys.insert(name.to_owned(), made);
        }
        scene
    }

    /// Takes on a role.
    pub(super) fn assume(&mut self, name: &str, path: &str) {
        let arn = format!("arn:aws:iam::{}:role{path}{name}", self.account);
        let assume = ["sts", "assume-role", "--role-session-name", "kong"];
        let made = self
            .nothing
            .aws(&[&assume[..], &["--role-arn", &arn]].concat());
        let made = &made["Credentials"];
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        let token = Some(word("SessionToken"));
        let (id, secret) = (word("AccessKeyId"), word("SecretAccessKey"));
        let session = Credentials::new(id, secret, token, None, "test");
        self.keys.insert(name.to_owned(), session);
    }

    /// Runs the `aws` command as the operator.
    pub(super) fn aws(&self, arguments: &[String]) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = self.nothing.try_aws(&self.nothing.operator, &arguments);
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
    }

    pub(super) fn outside(&self) -> Outside {
        Outside {
            aws: Some(relay::start()),
            metadata: Some(self.metadata.clone()),
        }
    }

    /// Puts the account and the keys of an IAM user into a table.
    pub(super) fn fill(&self, table: &str) -> String {
        let bob = &self.keys["bob"];
        table
            .replace("{{account}}", &self.account)
            .replace("{{bob key}}", bob.access_key_id())
            .replace("{{bob secret}}", bob.secret_access_key())
    }
}
