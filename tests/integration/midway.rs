//! `setup` and `teardown` that do not come to their end by themselves: killed,
//! refused, cut off, made to wait, or disturbed by somebody else. Each time what
//! the program says is what the servers hold, and the next run goes on.

mod cut;
mod identity;
mod killed;
mod others;
mod patience;
mod readback;
mod refused;
mod removal;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::servers::{Nothing, servers};
use crate::vaultiam::{Ended, Vaultiam, ended};

/// A write: the request, as `ACTION NAME` of IAM or `METHOD PATH` of Vault, and
/// the resource that it belongs to.
#[derive(Debug, Clone, Copy)]
struct Point {
    request: &'static str,
    resource: &'static str,
}

const fn point(request: &'static str, resource: &'static str) -> Point {
    Point { request, resource }
}

/// Every write of the article's set-up, in order.
const SETUP: [Point; 13] = [
    point("CreateRole KongRole", "role/KongRole"),
    point("PutRolePolicy KongRole", "role/KongRole#policy/vaultiam"),
    point("CreateRole VaultRole", "role/VaultRole"),
    point("PutRolePolicy VaultRole", "role/VaultRole#policy/vaultiam"),
    point(
        "CreateInstanceProfile KongRole",
        "instance-profile/KongRole",
    ),
    point(
        "AddRoleToInstanceProfile KongRole",
        "instance-profile/KongRole",
    ),
    point(
        "CreateInstanceProfile VaultRole",
        "instance-profile/VaultRole",
    ),
    point(
        "AddRoleToInstanceProfile VaultRole",
        "instance-profile/VaultRole",
    ),
    point("POST sys/auth/aws", "vault:sys/auth/aws"),
    point(
        "POST auth/aws/config/client",
        "vault:auth/aws/config/client",
    ),
    point(
        "POST sys/policies/acl/kong-policy",
        "vault:sys/policies/acl/kong-policy",
    ),
    point("POST sys/mounts/kv", "vault:sys/mounts/kv"),
    point(
        "POST auth/aws/role/kong-role",
        "vault:auth/aws/role/kong-role",
    ),
];

/// One process asks both: a test looks after every write.
const LOOK_AT_IAM: &str = "
import botocore.session, json
iam = botocore.session.get_session().create_client('iam', region_name='us-east-1')
answers = [iam.get_account_authorization_details(Filter=['Role']), iam.list_instance_profiles()]
print(json.dumps(answers, default=str))
";

/// An account and a Vault of its own, with a relay before Vault.
struct Scene {
    nothing: Nothing,
    relay_id: String,
    relay_url: String,
    /// The rules that AWS's front follows for this account.
    rules: RefCell<Vec<String>>,
}

/// A write that the servers were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    /// As in [`Point`].
    request: String,
    /// What the server said; `None` where it was not asked.
    status: Option<u64>,
    answered: bool,
}

impl Asked {
    fn was_carried_out(&self) -> bool {
        self.status.is_some_and(|status| status < 300)
    }
}

impl Scene {
    fn new() -> Self {
        let nothing = servers().nothing();
        let (relay_id, relay_url) = nothing.relay(&json!([]));
        Scene {
            nothing,
            relay_id,
            relay_url,
            rules: RefCell::new(Vec::new()),
        }
    }

    /// The program as the operator runs it, through the relay.
    fn operator(&self) -> Vaultiam {
        self.nothing
            .as_operator()
            .env("VAULT_ADDR", &self.relay_url)
    }

    fn setup(&self) -> Ended {
        self.operator().run(&["setup", "--yes", "-o", "json"])
    }

    /// Sets everything up; nothing may stand in the way.
    fn set_up(&self) -> Value {
        done(&self.setup())
    }

    fn teardown(&self) -> Ended {
        let words = ["teardown", "--yes", "--delete-secrets", "kv", "-o", "json"];
        self.operator().run(&words)
    }

    /// Takes everything down, secrets too.
    fn take_down(&self) -> Value {
        done(&self.teardown())
    }

    /// The next set-up ends well, leaves nothing to plan, and Kong can log in.
    fn converges(&self) {
        self.set_up();
        let plan = self.operator().run(&["setup", "--plan", "-o", "json"]);
        assert_eq!(plan.code, 0, "{}", plan.stdout);
        assert_eq!(plan.json()["changes"], json!([]));
        self.lets_kong_in();
    }

    fn lets_kong_in(&self) {
        let login = self.nothing.on_kongs_instance();
        let login = login.run(&["login", "--no-store"]);
        assert_eq!(login.code, 0, "{}", login.stderr);
    }

    /// The next teardown ends well and leaves nothing to plan.
    fn vanishes(&self) {
        self.take_down();
        let words = ["teardown", "--plan", "--delete-secrets", "kv", "-o", "json"];
        let plan = self.operator().run(&words);
        assert_eq!(plan.code, 0, "{}", plan.stdout);
        assert_eq!(plan.json()["changes"], json!([]));
        assert_eq!(self.held(), BTreeMap::new());
    }

    /// Has the next of these requests treated in a certain way.
    fn once(&self, request: &str, what: &Value) {
        self.rule(request, json!({ "times": 1, "do": what }));
    }

    /// Has these requests treated in a certain way from now on.
    fn always(&self, request: &str, what: &Value) {
        self.rule(request, json!({ "do": what }));
    }

    /// Adds a rule for requests of the program; `rule` lacks the match only.
    fn rule(&self, request: &str, mut rule: Value) {
        let (word, name) = request.split_once(' ').unwrap();
        if word.chars().all(|letter| letter.is_ascii_uppercase()) {
            rule["match"] = json!({ "method": word, "path": format!("/v1/{name}") });
            let path = format!("relays/{}/rules", self.relay_id);
            servers().control("POST", &path, &rule);
        } else {
            let field = if word.contains("InstanceProfile") {
                "profile_name"
            } else {
                "role_name"
            };
            rule["match"] = json!({
                "account": self.nothing.account, "action": word, "user_agent": "aws-sdk-rust.*",
            });
            rule["match"][field] = json!(name);
            self.front_rule(&rule);
        }
    }

    fn front_rule(&self, rule: &Value) {
        let made = servers().control("POST", "rules", rule);
        let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}"));
        self.rules.borrow_mut().push(id.to_owned());
    }

    /// Takes all rules away.
    fn leave_alone(&self) {
        let of_relay = format!("relays/{}/rules", self.relay_id);
        servers().control("DELETE", &of_relay, &Value::Null);
        self.leave_iam_alone();
    }

    /// Takes the rules of AWS's front away.
    fn leave_iam_alone(&self) {
        for id in self.rules.borrow_mut().drain(..) {
            servers().control("DELETE", &format!("rules/{id}"), &Value::Null);
        }
    }

    /// Every write that the program asked for so far, in order.
    fn asked(&self) -> Vec<Asked> {
        let relay_log = format!("relays/{}/log", self.relay_id);
        let of_relay = servers().control("GET", &relay_log, &Value::Null);
        let of_relay = of_relay["entries"].as_array().cloned().unwrap_or_default();
        let of_front = servers().aws_requests(&self.nothing.account);
        let mut all: Vec<(f64, Asked)> = of_relay
            .iter()
            .filter_map(|entry| Some((entry, vault_write(entry)?)))
            .chain(
                of_front
                    .iter()
                    .filter_map(|entry| Some((entry, iam_write(entry)?))),
            )
            .map(|(entry, request)| {
                let asked = Asked {
                    request,
                    status: entry["status"].as_u64(),
                    answered: entry["answered"] == true,
                };
                (entry["time"].as_f64().unwrap(), asked)
            })
            .collect();
        all.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        all.into_iter().map(|(_, asked)| asked).collect()
    }

    /// The requests that were carried out since so many had been asked for.
    fn carried_out_since(&self, count: usize) -> Vec<String> {
        let asked = self.asked().into_iter().skip(count);
        asked
            .filter(Asked::was_carried_out)
            .map(|asked| asked.request)
            .collect()
    }

    /// Runs until the request is met with silence.
    fn run_until_silence(&self, words: &[&str], request: &str, what: &str) -> Child {
        let is_met = || {
            let asked = self.asked().into_iter();
            asked
                .filter(|asked| asked.request == request && !asked.answered)
                .count()
        };
        let before = is_met();
        self.once(request, &json!({ what: true }));
        let mut child = self.operator().spawn(words);
        let begun = Instant::now();
        while is_met() == before {
            if child.try_wait().unwrap().is_some() {
                let ended = ended(child);
                panic!("ended before {request}: {}\n{}", ended.stdout, ended.stderr);
            }
            let is_in_vain = begun.elapsed() > Duration::from_secs(60);
            assert!(!is_in_vain, "waited in vain for {request}");
            thread::sleep(Duration::from_millis(20));
        }
        child
    }

    /// The full name of a resource.
    fn name(&self, resource: &str) -> String {
        if resource.starts_with("vault:") {
            resource.to_owned()
        } else {
            format!("arn:aws:iam::{}:{resource}", self.nothing.account)
        }
    }

    /// The names of what a set-up makes, in order.
    fn resources(&self) -> Vec<String> {
        let mut names: Vec<String> = SETUP
            .iter()
            .map(|point| self.name(point.resource))
            .collect();
        names.dedup();
        names
    }

    /// What IAM and Vault really hold of it, by name.
    fn held(&self) -> BTreeMap<String, Value> {
        let mut held = BTreeMap::new();
        let iam = self.look_at_iam();
        let (roles, profiles) = (&iam[0], &iam[1]);
        for role in roles["RoleDetailList"].as_array().unwrap() {
            let arn = role["Arn"].as_str().unwrap();
            for policy in role["RolePolicyList"].as_array().unwrap() {
                let name = policy["PolicyName"].as_str().unwrap();
                let document = policy["PolicyDocument"].clone();
                held.insert(format!("{arn}#policy/{name}"), document);
            }
            let trust = role["AssumeRolePolicyDocument"].clone();
            held.insert(arn.to_owned(), trust);
        }
        for profile in profiles["InstanceProfiles"].as_array().unwrap() {
            let roles = profile["Roles"].as_array().unwrap().iter();
            let roles: Vec<&Value> = roles.map(|role| &role["RoleName"]).collect();
            held.insert(profile["Arn"].as_str().unwrap().to_owned(), json!(roles));
        }
        for point in SETUP {
            if let Some(path) = point.resource.strip_prefix("vault:") {
                let (status, answer) = self.nothing.vault_api("GET", path, &Value::Null);
                if status == 200 {
                    held.insert(point.resource.to_owned(), answer["data"].clone());
                }
            }
        }
        held
    }

    /// All roles and all instance profiles, as AWS's own library reads them.
    fn look_at_iam(&self) -> Value {
        let mut python = Command::new(servers().get("VAULTIAM_PYTHON"));
        let output = python
            .args(["-c", LOOK_AT_IAM])
            .env_clear()
            .envs(servers().ways_to_aws(&self.nothing.account))
            .env("AWS_CONFIG_FILE", servers().get("AWS_CONFIG_FILE"))
            .env("AWS_ACCESS_KEY_ID", &self.nothing.operator.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.nothing.operator.1)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a set-up from nothing says of its changes is what the servers hold.
    fn assert_true(&self, document: &Value) {
        let held = self.held();
        for name in list(document, "done") {
            let found = held.get(&name);
            assert!(found.is_some(), "{name} is not done: {document}");
            // An instance profile is done when it holds its role.
            assert_ne!(found, Some(&json!([])), "{name} is half done: {document}");
        }
        for name in list(document, "not_done") {
            assert!(!held.contains_key(&name), "{name} is there: {document}");
        }
    }

    /// A set-up ended at `resource`: all before it is done, nothing after it.
    fn assert_ended_at(&self, document: &Value, resource: &str, outcome: &str) {
        let name = self.name(resource);
        let all = self.resources();
        let at = all.iter().position(|other| *other == name).unwrap();
        let done = list(document, "done");
        assert!(all[..at].ends_with(&done), "{resource}: {document}");
        let (not_done, unknown) = match outcome {
            "unknown" => (&all[at + 1..], &all[at..=at]),
            _ => (&all[at..], &[][..]),
        };
        assert_eq!(list(document, "not_done"), not_done, "{resource}");
        assert_eq!(list(document, "unknown"), unknown, "{resource}");
        self.assert_true(document);
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.leave_alone();
            let relay = format!("relays/{}", self.relay_id);
            servers().control("DELETE", &relay, &Value::Null);
        }
    }
}

/// The document of a run that must have ended well.
fn done(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    let document = ended.json();
    assert_eq!(document["schema"], "vaultiam/v1/applied");
    assert_eq!(document["not_done"], json!([]));
    assert_eq!(document["unknown"], json!([]));
    assert_eq!(document["waiting_for"], Value::Null);
    assert_eq!(document["fault"], Value::Null);
    document
}

/// The names in a list of a document.
fn list(document: &Value, name: &str) -> Vec<String> {
    serde_json::from_value(document[name].clone()).unwrap_or_else(|_| panic!("{document}"))
}

/// The code of the first finding that is no note.
fn finding(document: &Value) -> &str {
    let findings = document["findings"].as_array().unwrap();
    let graver = findings.iter().find(|found| found["severity"] != "note");
    graver.map_or("", |found| found["code"].as_str().unwrap())
}

/// The step of a document that bears a name.
fn step<'a>(document: &'a Value, name: &str) -> &'a Value {
    let steps = document["steps"].as_array().unwrap();
    let found = steps.iter().find(|step| step["id"] == name);
    found.unwrap_or_else(|| panic!("no step {name}: {document}"))
}

/// Sends a signal to a run.
fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(sent.success());
}

/// The write of IAM that an entry of the front's log is, if it is one of ours.
fn iam_write(entry: &Value) -> Option<String> {
    let action = entry["action"].as_str()?;
    let is_read = ["Get", "List", "Simulate", "Assume"]
        .iter()
        .any(|verb| action.starts_with(verb));
    let is_ours = entry["user_agent"].as_str()?.starts_with("aws-sdk-rust");
    if is_read || !is_ours {
        return None;
    }
    let name = entry["profile_name"]
        .as_str()
        .or(entry["role_name"].as_str())?;
    Some(format!("{action} {name}"))
}

/// The write of Vault that an entry of the relay's log is, if it is one.
fn vault_write(entry: &Value) -> Option<String> {
    let method = entry["method"].as_str()?;
    let path = entry["path"].as_str()?.strip_prefix("/v1/")?;
    let is_read = method == "GET" || path == "sys/capabilities-self";
    (!is_read).then(|| format!("{method} {path}"))
}
