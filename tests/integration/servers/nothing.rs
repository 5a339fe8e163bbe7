//! A state from nothing: an account with an operator and an instance, and a
//! Vault or OpenBao of its own. What is there, the test has made.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::lab::Instances;
use super::{Servers, new_account, request, servers};
use crate::vaultiam::Vaultiam;

/// Key id and secret key of an IAM user.
pub(crate) type Keys = (String, String);

/// What answers at `vault_address`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Software {
    Vault,
    OpenBao,
}

impl Software {
    /// The name of the control API.
    fn name(self) -> &'static str {
        match self {
            Software::Vault => "vault",
            Software::OpenBao => "openbao",
        }
    }

    /// The variable that names the software's own command.
    fn command(self) -> &'static str {
        match self {
            Software::Vault => "VAULTIAM_VAULT_CLI",
            Software::OpenBao => "VAULTIAM_BAO_CLI",
        }
    }

    /// A variable of that command: `ADDR` is VAULT_ADDR or BAO_ADDR.
    fn variable(self, name: &str) -> String {
        match self {
            Software::Vault => format!("VAULT_{name}"),
            Software::OpenBao => format!("BAO_{name}"),
        }
    }
}

/// An account and a Vault in which nothing is set up.
///
/// Vault's server runs as the account's `VaultRole`, Kong's instance has the
/// account's instance profile `KongRole`; each from the moment on that IAM has
/// a profile with that role.
pub(crate) struct Nothing {
    pub(crate) account: String,
    pub(crate) vault_id: String,
    pub(crate) vault_address: String,
    pub(crate) vault_token: String,
    /// Keys of a user who may do anything.
    pub(crate) operator: Keys,
    pub(crate) metadata_id: String,
    metadata_endpoint: String,
    home: TempDir,
    software: Software,
    /// The servers of the lab, where it stands in the place of the real ones.
    in_the_lab: Option<Instances>,
}

impl Servers {
    /// Starts a Vault for an account that no other test uses.
    pub(crate) fn nothing(&self) -> Nothing {
        self.nothing_on(Software::Vault)
    }

    /// The same with the software named.
    pub(crate) fn nothing_on(&self, software: Software) -> Nothing {
        let account = new_account();
        let anything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let operator = make_user(self, &account, "operator", &[anything]);
        let home = tempfile::tempdir().unwrap();
        if let Some(lab) = &self.lab {
            assert_eq!(software, Software::Vault, "the lab plays no OpenBao");
            let instances = lab.instances(&account);
            return Nothing {
                vault_id: String::new(),
                vault_address: instances.vault.address(),
                vault_token: instances.vault.token.clone(),
                operator,
                metadata_id: String::new(),
                metadata_endpoint: instances.kong.url(),
                home,
                account,
                software,
                in_the_lab: Some(instances),
            };
        }
        let instance = json!({ "account": account, "profile": "KongRole" });
        let instance = self.control("POST", "imds", &instance);
        let wanted = json!({
            "software": software.name(), "state": "open", "account": account, "role": "VaultRole",
        });
        let vault = self.control("POST", "vaults", &wanted);
        Nothing {
            vault_id: word(&vault, "id"),
            vault_address: word(&vault, "address"),
            vault_token: word(&vault, "token"),
            operator,
            metadata_id: word(&instance, "id"),
            metadata_endpoint: word(&instance, "endpoint"),
            home,
            account,
            software,
            in_the_lab: None,
        }
    }
}

impl Nothing {
    /// The program with the operator's keys and Vault's root token.
    pub(crate) fn as_operator(&self) -> Vaultiam {
        self.as_user(&self.operator)
    }

    /// The program with a user's keys and Vault's root token.
    pub(crate) fn as_user(&self, keys: &Keys) -> Vaultiam {
        self.surroundings()
            .env("AWS_ACCESS_KEY_ID", &keys.0)
            .env("AWS_SECRET_ACCESS_KEY", &keys.1)
            .env(&self.software.variable("TOKEN"), &self.vault_token)
    }

    /// The program on Kong's instance: no key, no token, the instance profile.
    pub(crate) fn on_kongs_instance(&self) -> Vaultiam {
        self.surroundings()
            .without("AWS_EC2_METADATA_DISABLED")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &self.metadata_endpoint)
    }

    /// Where Kong's instance asks for its credentials.
    pub(crate) fn metadata_endpoint(&self) -> &str {
        &self.metadata_endpoint
    }

    fn surroundings(&self) -> Vaultiam {
        let mut run = Vaultiam::bare();
        for (name, value) in servers().ways_to_aws(&self.account) {
            run = run.env(name, value);
        }
        run.env("AWS_REGION", "us-east-1")
            .env(&self.software.variable("ADDR"), &self.vault_address)
    }

    /// Runs the `aws` command as the operator and reads what it prints.
    pub(crate) fn aws(&self, arguments: &[&str]) -> Value {
        printed(&self.try_aws(&self.operator, arguments))
    }

    /// Runs the `aws` command as a user, whatever comes of it.
    pub(crate) fn try_aws(&self, keys: &Keys, arguments: &[&str]) -> Output {
        let mut command = self.command("VAULTIAM_AWS_CLI", arguments);
        for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
            command.env(name, servers().get(name));
        }
        command
            .envs(servers().ways_to_aws(&self.account))
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", &keys.0)
            .env("AWS_SECRET_ACCESS_KEY", &keys.1)
            .output()
            .unwrap()
    }

    /// The roles and the managed policies of the account, with all that they have.
    pub(crate) fn details_of_iam(&self) -> Value {
        if let Some(lab) = &servers().lab {
            return lab.inventory(&self.account);
        }
        let words = ["iam", "get-account-authorization-details", "--filter"];
        self.aws(&[&words[..], &["Role", "LocalManagedPolicy"]].concat())
    }

    /// The instance profiles of the account, with their tags.
    pub(crate) fn instance_profiles(&self) -> Vec<Value> {
        if let Some(lab) = &servers().lab {
            let mut inventory = lab.inventory(&self.account);
            return serde_json::from_value(inventory["InstanceProfiles"].take()).unwrap();
        }
        let mut listed = self.aws(&["iam", "list-instance-profiles"]);
        let mut profiles: Vec<Value> =
            serde_json::from_value(listed["InstanceProfiles"].take()).unwrap();
        for profile in &mut profiles {
            let name = profile["InstanceProfileName"].as_str().unwrap();
            let words = [
                "iam",
                "list-instance-profile-tags",
                "--instance-profile-name",
                name,
            ];
            profile["Tags"] = self.aws(&words)["Tags"].clone();
        }
        profiles
    }

    /// Runs the `vault` command, for an OpenBao `bao`, as root and reads what it
    /// prints.
    pub(crate) fn vault(&self, arguments: &[&str]) -> Value {
        printed(&self.try_vault(arguments))
    }

    /// Runs the same, whatever comes of it.
    pub(crate) fn try_vault(&self, arguments: &[&str]) -> Output {
        let software = self.software;
        self.command(software.command(), arguments)
            .env(software.variable("ADDR"), &self.vault_address)
            .env(software.variable("TOKEN"), &self.vault_token)
            .env(software.variable("FORMAT"), "json")
            .output()
            .unwrap()
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(servers().get(program));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// A shell that finds the `aws` and `vault` commands, the operator's keys
    /// and Vault's root token; its directory is `directory`.
    pub(crate) fn operators_shell(&self, directory: &Path, script: &str) -> Command {
        for (name, program) in [("aws", "VAULTIAM_AWS_CLI"), ("vault", "VAULTIAM_VAULT_CLI")] {
            std::os::unix::fs::symlink(servers().get(program), directory.join(name)).unwrap();
        }
        let mut shell = Command::new("sh");
        shell
            .envs(servers().ways_to_aws(&self.account))
            .env("AWS_CONFIG_FILE", servers().get("AWS_CONFIG_FILE"))
            .args(["-euc", script])
            .env("PATH", format!("{}:/usr/bin:/bin", directory.display()))
            .env("HOME", directory)
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", &self.operator.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.operator.1)
            .env("VAULT_ADDR", &self.vault_address)
            .env("VAULT_TOKEN", &self.vault_token)
            .current_dir(directory);
        shell
    }

    /// Calls Vault as root.
    ///
    /// What lies in a namespace has it in front of its path.
    pub(crate) fn vault_api(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/v1/{path}", self.vault_address);
        request(method, &url, &[("X-Vault-Token", &self.vault_token)], body)
    }

    /// What Vault's audit log has of paths (a regular expression).
    pub(crate) fn audited(&self, paths: &str) -> Vec<Value> {
        self.audit_log(&json!({ "path": paths })).0
    }

    /// What Vault's audit log has from a place on.
    pub(crate) fn audited_since(&self, place: u64) -> Vec<Value> {
        self.audit_log(&json!({ "since": place })).0
    }

    /// Where Vault's audit log ends.
    pub(crate) fn end_of_audit_log(&self) -> u64 {
        self.audit_log(&json!({ "path": "nothing" })).1
    }

    fn audit_log(&self, query: &Value) -> (Vec<Value>, u64) {
        if let Some(instances) = &self.in_the_lab {
            return instances.vault.audited(query);
        }
        let path = format!("vaults/{}/log", self.vault_id);
        let mut log = servers().control("GET", &path, query);
        let entries = serde_json::from_value(log["entries"].take()).unwrap_or_default();
        (entries, log["next"].as_u64().unwrap())
    }

    /// Says whether somebody attached the instance profile to Vault's server.
    pub(crate) fn set_identity_attached(&self, attached: bool) {
        if let Some(lab) = &servers().lab {
            let profile = attached.then_some("VaultRole");
            return lab.attach(&self.account, "VaultRole", profile);
        }
        self.change_identity(&json!({ "attached": attached }));
    }

    /// Gives Vault's server another instance role, by the instance profile that
    /// holds it or that will be made for it under its name.
    pub(crate) fn set_vaults_role(&self, role: &str) {
        if let Some(lab) = &servers().lab {
            let profiles = self.instance_profiles();
            let holding = profiles
                .iter()
                .find(|profile| profile["Roles"][0]["RoleName"] == role);
            let name = holding.and_then(|profile| profile["InstanceProfileName"].as_str());
            return lab.attach(&self.account, "VaultRole", Some(name.unwrap_or(role)));
        }
        self.change_identity(&json!({ "role": role }));
    }

    fn change_identity(&self, to: &Value) {
        let path = format!("vaults/{}/identity", self.vault_id);
        let changed = servers().control("PATCH", &path, to);
        for (name, value) in to.as_object().unwrap() {
            assert_eq!(changed[name], *value, "{changed}");
        }
    }

    /// Another instance of the account, and where it asks for its credentials.
    pub(crate) fn start_instance(&self, profile: &str) -> String {
        if let Some(lab) = &servers().lab {
            return lab.endless_instance(&self.account, profile);
        }
        let wanted = json!({ "account": self.account, "profile": profile });
        word(&servers().control("POST", "imds", &wanted), "endpoint")
    }

    /// Attaches another instance profile to Kong's instance.
    pub(crate) fn set_kongs_profile(&self, profile: &str) {
        if let Some(lab) = &servers().lab {
            return lab.attach(&self.account, "KongRole", Some(profile));
        }
        let path = format!("imds/{}", self.metadata_id);
        servers().control("PATCH", &path, &json!({ "profile": profile }));
    }

    /// Makes a user who may do what the statements say, and returns the keys.
    pub(crate) fn with_user(&self, name: &str, statements: &[Value]) -> Keys {
        make_user(servers(), &self.account, name, statements)
    }

    /// Has AWS's front treat so many of this account's calls of an action in a certain way.
    pub(crate) fn tell_aws(&self, action: &str, times: u32, what: &Value) {
        let calls = json!({ "account": self.account, "action": action });
        let rule = json!({ "match": calls, "times": times, "do": what });
        let made = servers().control("POST", "rules", &rule);
        assert!(made["id"].is_string(), "{made}");
    }

    /// A relay in front of Vault that follows rules: its id and its address.
    pub(crate) fn relay(&self, rules: &Value) -> (String, String) {
        let wanted = json!({ "target": self.vault_address, "rules": rules });
        let made = servers().control("POST", "relays", &wanted);
        (word(&made, "id"), word(&made, "url"))
    }

    /// The ARN of the operator's user.
    pub(crate) fn operator_arn(&self) -> String {
        format!("arn:aws:iam::{}:user/operator", self.account)
    }

    /// The ARN of a role of the account.
    pub(crate) fn role_arn(&self, role: &str) -> String {
        format!("arn:aws:iam::{}:role/{role}", self.account)
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        // What a failed test leaves ends with the servers: a second panic here
        // would take the reason of the first one away.
        if self.in_the_lab.is_none() && !std::thread::panicking() {
            for path in [
                format!("vaults/{}", self.vault_id),
                format!("imds/{}", self.metadata_id),
            ] {
                servers().control("DELETE", &path, &Value::Null);
            }
        }
    }
}

fn make_user(servers: &Servers, account: &str, name: &str, statements: &[Value]) -> Keys {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    if let Some(lab) = &servers.lab {
        return lab.user(account, name, &policy);
    }
    let wanted = json!({ "account": account, "name": name, "policy": policy });
    let made = servers.control("POST", "users", &wanted);
    (
        word(&made, "access_key_id"),
        word(&made, "secret_access_key"),
    )
}

fn word(made: &Value, name: &str) -> String {
    made[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name}: {made}"))
        .to_owned()
}

/// What a command that must succeed printed; text where it is no JSON.
fn printed(output: &Output) -> Value {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}{stderr}");
    if stdout.trim().is_empty() {
        return Value::Null;
    }
    serde_json::from_str(&stdout).unwrap_or_else(|_| Value::String(stdout.into_owned()))
}

fn stderr(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_real_commands_set_up_what_kong_logs_in_with() {
    let nothing = servers().nothing();
    let (kong, login) = (nothing.role_arn("KongRole"), nothing.role_arn("VaultRole"));
    let service = json!({ "Service": "ec2.amazonaws.com" });
    let before = nothing.on_kongs_instance().run(&["login", "--no-store"]);
    assert_eq!(before.code, 4, "{}", before.stderr);

    let may_assume = allow("sts:AssumeRole", &login);
    put_role(&nothing, "KongRole", &trust(&[&service]), &may_assume);
    nothing.set_identity_attached(false);
    let both = trust(&[&service, &json!({ "AWS": kong })]);
    put_role(&nothing, "VaultRole", &both, &allow("iam:GetRole", &login));

    nothing.vault(&["auth", "enable", "aws"]);
    let regions = json!({ "use_sts_region_from_client": true });
    let written = nothing.vault_api("POST", "auth/aws/config/client", &regions);
    assert_eq!(written.0, 204, "{}", written.1);
    let bound = format!("bound_iam_principal_arn={login}");
    let write_role = ["write", "auth/aws/role/kong-role", "auth_type=iam", &bound];
    let refused = stderr(&nothing.try_vault(&write_role));
    assert!(refused.contains("NoCredentialProviders"), "{refused}");
    nothing.set_identity_attached(true);
    nothing.vault(&write_role);
    let role = nothing.vault(&["read", "auth/aws/role/kong-role"]);
    assert_eq!(role["data"]["bound_iam_principal_arn"], json!([login]));
    assert_eq!(nothing.audited("auth/aws/role/kong-role").len(), 6);

    let after = nothing.on_kongs_instance().run(&["login", "--no-store"]);
    assert_eq!(after.code, 0, "{}", after.stderr);
    let as_operator = nothing.as_operator().run(&["login", "--no-store"]);
    assert_eq!(as_operator.code, 4, "{}", as_operator.stderr);
}

#[test]
fn a_user_may_do_what_the_policy_says_and_answers_get_lost() {
    let nothing = servers().nothing();
    let may_create = json!({
        "Effect": "Allow", "Action": "iam:CreateRole", "Resource": nothing.role_arn("Mine"),
    });
    let keys = nothing.with_user("restricted", &[may_create]);
    let document = trust(&[&json!({ "Service": "ec2.amazonaws.com" })]);
    let create = |name| {
        let words = ["iam", "create-role", "--role-name", name];
        [&words[..], &["--assume-role-policy-document", &document]].concat()
    };
    let refused = stderr(&nothing.try_aws(&keys, &create("Other")));
    assert!(refused.contains("(AccessDenied)"), "{refused}");
    nothing.tell_aws("CreateRole", 1, &json!({ "drop_answer": true }));
    // The command asks again by itself, and finds what the lost answer had made.
    let lost = stderr(&nothing.try_aws(&keys, &create("Mine")));
    assert!(lost.contains("(EntityAlreadyExists)"), "{lost}");
    let as_user = nothing.as_user(&keys).run(&["login", "--no-store"]);
    assert_eq!(as_user.code, 4, "{}", as_user.stderr);

    let rules = json!([{ "match": { "path": "/v1/sys/health" }, "do": { "drop": true } }]);
    let (id, url) = nothing.relay(&rules);
    let through = nothing.on_kongs_instance().env("VAULT_ADDR", url);
    assert_ne!(through.run(&["login", "--no-store"]).code, 0);
    servers().control("DELETE", &format!("relays/{id}"), &Value::Null);
}

/// Makes a role with one permission and an instance profile of its name.
fn put_role(nothing: &Nothing, name: &str, trust: &str, policy: &str) {
    let role = ["--role-name", name];
    let profile = ["--instance-profile-name", name];
    let document = ["--assume-role-policy-document", trust];
    let inline = ["--policy-name", name, "--policy-document", policy];
    let create = [&["iam", "create-role"][..], &role, &document].concat();
    let made = nothing.aws(&create);
    assert_eq!(made["Role"]["Arn"], nothing.role_arn(name));
    nothing.aws(&[&["iam", "put-role-policy"][..], &role, &inline].concat());
    nothing.aws(&[&["iam", "create-instance-profile"][..], &profile].concat());
    let add = ["iam", "add-role-to-instance-profile"];
    nothing.aws(&[&add[..], &profile, &role].concat());
}

fn trust(principals: &[&Value]) -> String {
    let statements: Vec<Value> = principals
        .iter()
        .map(|who| json!({ "Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole" }))
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn allow(action: &str, resource: &str) -> String {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}
