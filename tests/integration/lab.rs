//! The lab, asked by a client of its own.

#[cfg(feature = "real-servers")]
mod alike;
mod assume;
mod hostile;
mod iam;
#[cfg(target_os = "linux")]
mod many;
mod metadata;
mod program;
mod signatures;
mod up;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use tokio::sync::oneshot;
use vaultiam::lab::aws::{Aws, Keys};
use vaultiam::lab::clock::Clock;
use vaultiam::lab::server::Server;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const INSTANCE: &str = "i-0123456789abcdef0";

/// Allows everything.
pub(crate) const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Allows nothing that is asked here.
pub(crate) const LITTLE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

/// An AWS with its operator and an instance.
pub(crate) struct Lab {
    pub(crate) aws: Aws,
    /// The operator's key.
    pub(crate) keys: Keys,
    pub(crate) endpoint: SocketAddr,
    pub(crate) metadata: SocketAddr,
    /// Ends the servers when it is dropped.
    _up: oneshot::Sender<()>,
}

impl Lab {
    pub(crate) fn start() -> Self {
        Lab::of(ACCOUNT)
    }

    pub(crate) fn of(account: &str) -> Self {
        let aws = Aws::new(Clock::new(), account);
        let keys = aws.create_user("operator", ALL).unwrap();
        aws.start_instance(INSTANCE, "us-east-1");
        let (up, down) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let served = aws.clone();
        thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(async {
                let endpoint = Server::start(served.endpoint("us-east-1"), 0).await;
                let metadata = Server::start(served.metadata(INSTANCE), 0).await;
                let (endpoint, metadata) = (endpoint.unwrap(), metadata.unwrap());
                let addresses = [&endpoint, &metadata].map(Server::address);
                tell.send(addresses).unwrap();
                drop(down.await);
            });
        });
        let [endpoint, metadata] = told.recv().unwrap();
        Lab {
            aws,
            keys,
            endpoint,
            metadata,
            _up: up,
        }
    }

    /// A user who may do what `policy` says.
    pub(crate) fn user(&self, name: &str, policy: &str) -> Keys {
        self.aws.create_user(name, policy).unwrap()
    }

    /// A role that trusts `principal`, an element of `Principal`; its ARN.
    pub(crate) fn role(&self, name: &str, principal: &str) -> String {
        let document = trust(principal);
        let made = self.on_role(
            "CreateRole",
            name,
            &[("AssumeRolePolicyDocument", &document)],
        );
        made.fine().element("Arn")
    }

    pub(crate) fn set_trust(&self, role: &str, document: &str) {
        let document = [("PolicyDocument", document)];
        self.on_role("UpdateAssumeRolePolicy", role, &document)
            .fine();
    }

    pub(crate) fn put_policy(&self, role: &str, document: &str) {
        let policy = [("PolicyName", "p"), ("PolicyDocument", document)];
        self.on_role("PutRolePolicy", role, &policy).fine();
    }

    /// The unique id of a role.
    pub(crate) fn unique_id(&self, role: &str) -> String {
        self.on_role("GetRole", role, &[]).fine().element("RoleId")
    }

    /// An action of the operator's on a role.
    pub(crate) fn on_role(&self, action: &str, role: &str, more: &[(&str, &str)]) -> Answer {
        let own = [("Action", action), ("RoleName", role)];
        self.iam(&self.keys, &[&own, more].concat())
    }

    /// An action of the operator's on the instance profile `P`.
    pub(crate) fn on_profile(&self, action: &str, more: &[(&str, &str)]) -> Answer {
        let own = [("Action", action), ("InstanceProfileName", "P")];
        self.iam(&self.keys, &[&own, more].concat())
    }

    pub(crate) fn sts(&self, keys: &Keys, parameters: &[(&str, &str)]) -> Answer {
        let request = Asked::of(keys, "sts", "2011-06-15", parameters);
        self.send(&request)
    }

    pub(crate) fn iam(&self, keys: &Keys, parameters: &[(&str, &str)]) -> Answer {
        let request = Asked::of(keys, "iam", "2010-05-08", parameters);
        self.send(&request)
    }

    /// Assumes a role, and returns the keys of the session.
    pub(crate) fn assume(&self, keys: &Keys, parameters: &[(&str, &str)]) -> Keys {
        let answer = self.assume_role(keys, parameters);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.keys()
    }

    pub(crate) fn assume_role(&self, keys: &Keys, parameters: &[(&str, &str)]) -> Answer {
        let action = [("Action", "AssumeRole"), ("RoleSessionName", "test")];
        let named = parameters
            .iter()
            .any(|(name, _)| *name == "RoleSessionName");
        let action = &action[..if named { 1 } else { 2 }];
        self.sts(keys, &[action, parameters].concat())
    }

    pub(crate) fn send(&self, request: &Asked) -> Answer {
        exchange(self.endpoint, &request.bytes(self.endpoint))
    }
}

/// A trust policy for whom `principal` says: `"AWS": "…"`.
pub(crate) fn trust(principal: &str) -> String {
    trust_if(principal, "{}")
}

pub(crate) fn trust_if(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{{principal}}},"Action":"sts:AssumeRole","Condition":{condition}}}]}}"#
    )
}

/// A request, and how it is signed. The signer is the SDK's, which shares nothing
/// with the lab.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) keys: Keys,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: String,
    pub(crate) region: &'static str,
    pub(crate) service: &'static str,
    pub(crate) time: SystemTime,
    /// The Host header; the server's address when there is none.
    pub(crate) host: Option<&'static str>,
    /// The host of AWS that it is sent to as through a proxy.
    pub(crate) through_proxy: Option<&'static str>,
}

impl Asked {
    pub(crate) fn of(
        keys: &Keys,
        service: &'static str,
        version: &str,
        parameters: &[(&str, &str)],
    ) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", version);
        form.extend_pairs(parameters);
        Asked {
            keys: keys.clone(),
            method: "POST",
            path: "/",
            body: form.finish(),
            region: "us-east-1",
            service,
            time: SystemTime::now(),
            host: None,
            through_proxy: None,
        }
    }

    /// The question who the keys belong to.
    pub(crate) fn who(keys: &Keys) -> Self {
        Asked::of(
            keys,
            "sts",
            "2011-06-15",
            &[("Action", "GetCallerIdentity")],
        )
    }

    /// The headers that the signer adds.
    fn signature(&self, host: &str) -> Vec<(String, String)> {
        let identity = Credentials::new(
            &self.keys.access_key_id,
            &self.keys.secret_access_key,
            self.keys.session_token.clone(),
            None,
            "test",
        )
        .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(self.time)
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let url = format!("https://{host}{}", self.path);
        let headers = [("host", host), ("content-type", FORM)];
        let body = SignableBody::Bytes(self.body.as_bytes());
        let signable = SignableRequest::new(self.method, url, headers.into_iter(), body).unwrap();
        let (signed, _) = sign(signable, &parameters).unwrap().into_parts();
        let (headers, _) = signed.into_parts();
        let added = headers.into_iter();
        added
            .map(|header| (header.name().to_owned(), header.value().to_owned()))
            .collect()
    }

    /// The request as it is sent, with a change of what was signed.
    pub(crate) fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let own = address.to_string();
        let host = self.host.unwrap_or(&own);
        let target = match self.through_proxy {
            Some(proxied) => format!("http://{proxied}{}", self.path),
            None => self.path.to_owned(),
        };
        let mut text = format!(
            "{} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\nConnection: close\r\n",
            self.method,
            self.body.len()
        );
        for (name, value) in self.signature(host) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        format!("{text}\r\n{}", self.body).into_bytes()
    }
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Answer {
            status: status.unwrap_or_default(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// The text of the first element of this name.
    pub(crate) fn element(&self, name: &str) -> String {
        let rest = self.body.split_once(&format!("<{name}>"));
        let text = rest.and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
        let text = text.map_or("", |(text, _)| text);
        quick_xml::escape::unescape(text).unwrap().into_owned()
    }

    /// The first element of this name, as a policy document.
    pub(crate) fn document(&self, name: &str) -> serde_json::Value {
        let text = self.element(name);
        let text = percent_encoding::percent_decode_str(&text);
        serde_json::from_str(&text.decode_utf8().unwrap()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let mut lines = self.head.lines();
        let value = lines.find_map(|line| line.strip_prefix(&format!("{name}: ")));
        value.unwrap_or_default().to_owned()
    }

    /// Status, code and words of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        assert_eq!(self.header("content-type"), "text/xml", "{}", self.body);
        assert_eq!(self.element("RequestId"), self.header("x-amzn-requestid"));
        (self.status, self.element("Code"), self.element("Message"))
    }

    /// Demands that it went well.
    #[track_caller]
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }

    /// The keys of a session.
    pub(crate) fn keys(&self) -> Keys {
        Keys {
            access_key_id: self.element("AccessKeyId"),
            secret_access_key: self.element("SecretAccessKey"),
            session_token: Some(self.element("SessionToken")),
        }
    }
}

/// Sends bytes, and reads to the end of the connection.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let limit = Some(Duration::from_secs(30));
    stream.set_read_timeout(limit).unwrap();
    // A server that refuses need not read to the end.
    drop(stream.write_all(bytes));
    let mut text = Vec::new();
    drop(stream.read_to_end(&mut text));
    Answer::of(&String::from_utf8_lossy(&text))
}
