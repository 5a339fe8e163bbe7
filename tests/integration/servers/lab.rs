//! The lab in the place of the real servers: with `VAULTIAM_TESTS_ON=lab` the same
//! tests ask it, and must come to the same end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use vaultiam::lab::aws::{Aws, Endpoint};
use vaultiam::lab::clock::Clock;
use vaultiam::lab::server::{Server, Service};
use vaultiam::lab::vault::{Outside, Vault};

use super::{Article, Keys, request};
use crate::lab::{Asked, exchange};

const REGION: &str = "us-east-1";
const SECRET: (&str, &str) = ("kong/db-password", "s3cr3t-from-vault");

/// The accounts of the tests, each an AWS of its own, and a Vault that the
/// articles share.
pub(crate) struct Lab {
    accounts: Arc<Mutex<BTreeMap<String, Arc<Account>>>>,
    shared: VaultServer,
    _whole_aws: Server,
    runtime: Handle,
}

struct Account {
    aws: Aws,
    /// Where STS and IAM answer.
    server: Server,
    log: Log,
}

/// What was asked, in its order.
type Log = Arc<Mutex<Vec<Value>>>;

/// A Vault of the lab that listens.
pub(crate) struct VaultServer {
    server: Server,
    pub(crate) token: String,
    log: Log,
}

/// Kong's instance, and Vault's where it has one of its own.
pub(crate) struct Instances {
    pub(crate) kong: Server,
    pub(crate) vault: VaultServer,
    _vaults_metadata: Server,
}

/// Whether the lab is asked in the place of the real servers.
#[expect(clippy::disallowed_methods, reason = "these are settings of the tests")]
pub(super) fn is_wanted() -> bool {
    match std::env::var("VAULTIAM_TESTS_ON") {
        Err(_) => false,
        Ok(name) => {
            assert_eq!(name, "lab", "VAULTIAM_TESTS_ON can be 'lab' or unset");
            true
        }
    }
}

impl Lab {
    pub(super) fn start() -> Self {
        let runtime = in_the_background();
        let accounts = Arc::default();
        let whole_aws = start(&runtime, WholeAws(Arc::clone(&accounts)));
        let outside = Outside {
            aws: Some(whole_aws.address()),
            metadata: None,
        };
        Lab {
            shared: VaultServer::start(&runtime, outside),
            _whole_aws: whole_aws,
            accounts,
            runtime,
        }
    }

    fn account(&self, id: &str) -> Arc<Account> {
        let mut accounts = self.accounts.lock().unwrap();
        let account = accounts.entry(id.to_owned()).or_insert_with(|| {
            let aws = Aws::new(Clock::new(), id);
            let log = Log::default();
            let service = LoggedAws(aws.endpoint(REGION), Arc::clone(&log));
            let server = start(&self.runtime, service);
            Arc::new(Account { aws, server, log })
        });
        Arc::clone(account)
    }

    /// Where STS and IAM answer to an account.
    pub(super) fn aws_url(&self, account: &str) -> String {
        self.account(account).server.url()
    }

    /// What STS and IAM were asked there.
    pub(super) fn aws_requests(&self, account: &str) -> Vec<Value> {
        self.account(account).log.lock().unwrap().clone()
    }

    /// The Vault that the articles share.
    pub(super) fn shared(&self) -> &VaultServer {
        &self.shared
    }

    /// A user with one policy.
    pub(super) fn user(&self, account: &str, name: &str, policy: &Value) -> Keys {
        let aws = &self.account(account).aws;
        let keys = aws.create_user(name, &policy.to_string()).unwrap();
        (keys.access_key_id, keys.secret_access_key)
    }

    /// Kong's instance with the account's profile KongRole, and a Vault of its own
    /// that runs as VaultRole.
    pub(super) fn instances(&self, account: &str) -> Instances {
        let vaults_metadata = self.instance(account, "VaultRole");
        let outside = Outside {
            aws: Some(self.account(account).server.address()),
            metadata: Some(vaults_metadata.url()),
        };
        Instances {
            kong: self.instance(account, "KongRole"),
            vault: VaultServer::start(&self.runtime, outside),
            _vaults_metadata: vaults_metadata,
        }
    }

    fn instance(&self, account: &str, profile: &str) -> Server {
        let id = instance_id(account, profile);
        let aws = &self.account(account).aws;
        aws.start_instance(&id, REGION);
        aws.set_instance_profile(&id, Some(profile));
        start(&self.runtime, aws.metadata(&id))
    }

    /// An instance whose metadata service listens as long as the tests run.
    pub(super) fn endless_instance(&self, account: &str, profile: &str) -> String {
        let server = self.instance(account, profile);
        let url = server.url();
        std::mem::forget(server);
        url
    }

    /// Attaches another instance profile to an instance, or none: it is named by
    /// the one that it had at first.
    pub(super) fn attach(&self, account: &str, instance: &str, profile: Option<&str>) {
        let id = instance_id(account, instance);
        self.account(account).aws.set_instance_profile(&id, profile);
    }

    /// What an account has in IAM.
    pub(super) fn inventory(&self, account: &str) -> Value {
        self.account(account).aws.inventory()
    }

    /// The article's state in an account, as the real servers have it.
    pub(super) fn article(&self, account: &str) -> Article {
        let anything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let operator = self.user(account, "operator", &document(&[anything]));
        let look = json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": "*" });
        let server = self.user(account, "vault-server", &document(&[look]));
        let arn = |role: &str| format!("arn:aws:iam::{account}:role/{role}");
        let (kong, login) = (arn("KongRole"), arn("VaultRole"));
        let ec2 = json!({ "Service": "ec2.amazonaws.com" });
        let of = (account, &operator);
        self.role(of, "KongRole", &[&ec2], ("sts:AssumeRole", &login));
        let trusted = json!({ "AWS": kong });
        self.role(of, "VaultRole", &[&ec2, &trusted], ("iam:GetRole", &login));
        let (auth, kv) = (format!("aws-{account}"), format!("kv-{account}"));
        self.mount(&auth, &kv, &server, &login);
        Article {
            account: account.to_owned(),
            secret_path: format!("{kv}/{}", SECRET.0),
            secret_value: SECRET.1.to_owned(),
            auth_mount: auth,
            kv_mount: kv,
            metadata_id: String::new(),
            kong_role_arn: kong,
            login_role_arn: login,
            operator,
            metadata_endpoint: self.endless_instance(account, "KongRole"),
        }
    }

    fn role(
        &self,
        of: (&str, &Keys),
        name: &str,
        trusted: &[&Value],
        (action, resource): (&str, &str),
    ) {
        let trust: Vec<Value> = trusted
            .iter()
            .map(|principal| {
                json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })
            })
            .collect();
        let trust = document(&trust).to_string();
        let policy = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
        let policy = document(&[policy]).to_string();
        let role = ("RoleName", name);
        let profile = ("InstanceProfileName", name);
        for parameters in [
            &[
                ("Action", "CreateRole"),
                role,
                ("AssumeRolePolicyDocument", &trust),
            ][..],
            &[
                ("Action", "PutRolePolicy"),
                role,
                ("PolicyName", name),
                ("PolicyDocument", &policy),
            ],
            &[("Action", "CreateInstanceProfile"), profile],
            &[("Action", "AddRoleToInstanceProfile"), profile, role],
        ] {
            let (account, (id, secret)) = of;
            let keys = vaultiam::lab::aws::Keys {
                access_key_id: id.clone(),
                secret_access_key: secret.clone(),
                session_token: None,
            };
            let address = self.account(account).server.address();
            let asked = Asked::of(&keys, "iam", "2010-05-08", parameters);
            exchange(address, &asked.bytes(address)).fine();
        }
    }

    fn mount(&self, auth: &str, kv: &str, server: &Keys, login: &str) {
        let policy = format!("path \"{kv}/data/kong/*\" {{ capabilities = [\"read\"] }}\n");
        let name = format!("kong-policy-{}", auth.trim_start_matches("aws-"));
        for (path, body) in [
            (format!("sys/auth/{auth}"), json!({ "type": "aws" })),
            (
                format!("auth/{auth}/config/client"),
                json!({
                    "access_key": server.0, "secret_key": server.1, "sts_endpoint": "",
                    "sts_region": "", "use_sts_region_from_client": true,
                }),
            ),
            (
                format!("sys/policies/acl/{name}"),
                json!({ "policy": policy }),
            ),
            (
                format!("auth/{auth}/role/kong-role"),
                json!({
                    "auth_type": "iam", "bound_iam_principal_arn": login,
                    "token_policies": name, "token_ttl": "1h", "token_max_ttl": "24h",
                }),
            ),
            (
                format!("sys/mounts/{kv}"),
                json!({ "type": "kv", "options": { "version": "2" } }),
            ),
            (
                format!("{kv}/data/{}", SECRET.0),
                json!({ "data": { "value": SECRET.1 } }),
            ),
        ] {
            let url = format!("{}/v1/{path}", self.shared.address());
            let header = [("X-Vault-Token", self.shared.token.as_str())];
            let (status, answer) = request("POST", &url, &header, &body);
            assert!(status < 300, "{path}: {answer}");
        }
    }
}

impl VaultServer {
    fn start(runtime: &Handle, outside: Outside) -> Self {
        let vault = Vault::new(Clock::new(), outside);
        let token = vault.make_root_token().expose_secret().to_owned();
        let log = Log::default();
        let server = start(runtime, LoggedVault(vault, Arc::clone(&log)));
        let device = json!({ "type": "file", "options": { "file_path": "stdout" } });
        let url = format!("{}/v1/sys/audit/file", server.url());
        let (status, answer) = request("POST", &url, &[("X-Vault-Token", &token)], &device);
        assert_eq!(status, 204, "{answer}");
        VaultServer { server, token, log }
    }

    pub(crate) fn address(&self) -> String {
        self.server.url()
    }

    /// What it was asked with a token, as an audit log has it; whether a write
    /// creates something is not told apart.
    pub(super) fn audited(&self, query: &Value) -> (Vec<Value>, u64) {
        let log = self.log.lock().unwrap();
        let since = query["since"].as_u64().unwrap_or_default();
        let prefix = query["path"].as_str().unwrap_or_default();
        let prefix = prefix.trim_end_matches(".*");
        let new = log.iter().skip(usize::try_from(since).unwrap());
        let found = new.filter(|entry| {
            let path = entry["request"]["path"].as_str();
            path.is_some_and(|path| path.starts_with(prefix))
        });
        (found.cloned().collect(), log.len() as u64)
    }
}

/// STS and IAM, and what they were asked.
struct LoggedAws(Endpoint, Log);

impl Service for LoggedAws {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body())
            .into_owned()
            .collect();
        let agent = request.headers().get("user-agent").cloned();
        let is_iam = form.get("Version").is_some_and(|it| it == "2010-05-08");
        let answer = self.0.answer(request).await;
        self.1.lock().unwrap().push(json!({
            "service": if is_iam { "iam" } else { "sts" },
            "action": form.get("Action"),
            "role_arn": form.get("RoleArn"),
            "session_name": form.get("RoleSessionName"),
            "duration": form.get("DurationSeconds"),
            "role_name": form.get("RoleName"),
            "profile_name": form.get("InstanceProfileName"),
            "policy_name": form.get("PolicyName"),
            "policy": form.contains_key("Policy"),
            // Vault sends none; the real one's is Go's.
            "user_agent": agent.as_ref().map_or("Go-http-client", |agent| agent.to_str().unwrap()),
            "status": answer.status().as_u16(),
        }));
        answer
    }

    fn stands_for(&self, host: &str) -> bool {
        self.0.stands_for(host)
    }
}

/// All accounts: the one that knows the key answers.
struct WholeAws(Arc<Mutex<BTreeMap<String, Arc<Account>>>>);

impl Service for WholeAws {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let accounts: Vec<Arc<Account>> = self.0.lock().unwrap().values().cloned().collect();
        let mut last = Response::new(Bytes::new());
        for account in accounts {
            last = account.aws.endpoint(REGION).answer(request.clone()).await;
            let text = String::from_utf8_lossy(last.body());
            if !text.contains("<Code>InvalidClientTokenId</Code>") {
                break;
            }
        }
        last
    }

    fn stands_for(&self, host: &str) -> bool {
        Aws::new(Clock::new(), "000000000000")
            .endpoint(REGION)
            .stands_for(host)
    }
}

/// A Vault, and what it was asked.
struct LoggedVault(Vault, Log);

impl Service for LoggedVault {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let has_token = request.headers().contains_key("x-vault-token");
        let path = request.uri().path().trim_start_matches("/v1/").to_owned();
        let is_list = request.uri().query() == Some("list=true");
        let operation = match request.method().as_str() {
            "GET" if is_list => "list",
            "GET" => "read",
            "LIST" => "list",
            "DELETE" => "delete",
            "PATCH" => "patch",
            _ => "update",
        };
        let asked = json!({ "operation": operation, "path": path });
        let answer = self.0.answer(request).await;
        let error = (!answer.status().is_success()).then_some("refused");
        if has_token && path != "sys/health" {
            let mut log = self.1.lock().unwrap();
            log.push(json!({ "type": "request", "request": asked }));
            log.push(json!({ "type": "response", "request": asked, "error": error }));
        }
        answer
    }
}

fn instance_id(account: &str, profile: &str) -> String {
    format!("i-{profile}-{account}")
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Where the servers run, until the tests are through.
fn in_the_background() -> Handle {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}

fn start(runtime: &Handle, service: impl Service) -> Server {
    let (tell, told) = mpsc::channel();
    runtime.spawn(async move { tell.send(Server::start(service, 0).await).unwrap() });
    told.recv().unwrap().unwrap()
}
