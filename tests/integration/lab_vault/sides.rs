//! The two that are asked.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use bytes::Bytes;
use secrecy::ExposeSecret as _;
use vaultiam::lab::clock::Clock;
use vaultiam::lab::vault::{Outside, Vault};

use crate::servers::{Nothing, servers};

/// A request as it goes out.
pub(super) struct Sent {
    pub(super) method: String,
    /// Whole, with `/v1/`.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) kind: String,
    pub(super) body: String,
}

pub(super) trait Side {
    fn ask(&self, sent: &Sent) -> Heard;
    fn root_token(&self) -> &str;
}

/// A HashiCorp Vault of its own, new.
pub(super) struct Real {
    pub(super) nothing: Nothing,
}

impl Real {
    pub(super) fn start() -> Self {
        Real {
            nothing: servers().nothing(),
        }
    }
}

impl Side for Real {
    fn ask(&self, sent: &Sent) -> Heard {
        Server::at(&self.nothing.vault_address).ask(sent)
    }

    fn root_token(&self) -> &str {
        &self.nothing.vault_token
    }
}

/// A server that is asked as it is, with nothing added to the request.
pub(super) struct Server {
    address: String,
}

impl Server {
    pub(super) fn at(url: &str) -> Self {
        Server {
            address: url.strip_prefix("http://").unwrap().to_owned(),
        }
    }
}

impl Side for Server {
    fn ask(&self, sent: &Sent) -> Heard {
        let address = &self.address;
        let mut stream = TcpStream::connect(address).unwrap();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
            sent.method,
            sent.target,
            sent.body.len()
        );
        for (name, value) in &sent.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(&sent.body).unwrap();
        let mut answer = Vec::new();
        // A server that does not read the whole body resets the connection at
        // the end of its answer.
        let _reset = stream.read_to_end(&mut answer);
        heard(&answer)
    }

    fn root_token(&self) -> &str {
        "none"
    }
}

/// Reads an answer that ends with its connection.
fn heard(answer: &[u8]) -> Heard {
    let mut headers = Vec::new();
    let text = String::from_utf8_lossy(answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| {
        let mut all = headers.iter();
        let found = all.find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    Heard {
        status: status.parse().unwrap(),
        kind: header("content-type"),
        body: if header("transfer-encoding") == "chunked" {
            dechunked(body)
        } else {
            body.to_owned()
        },
    }
}

fn dechunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap();
        if length == 0 {
            break;
        }
        let (piece, rest) = rest.split_at(length);
        whole.push_str(piece);
        body = rest.trim_start_matches("\r\n");
    }
    whole
}

/// The lab's Vault, new.
pub(super) struct Lab {
    pub(super) vault: Vault,
    root_token: String,
    runtime: tokio::runtime::Runtime,
}

impl Lab {
    pub(super) fn new() -> Self {
        Self::with(Outside::default())
    }

    pub(super) fn with(outside: Outside) -> Self {
        let vault = Vault::new(Clock::new(), outside);
        let root_token = vault.make_root_token().expose_secret().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Lab {
            vault,
            root_token,
            runtime,
        }
    }
}

impl Side for Lab {
    fn ask(&self, sent: &Sent) -> Heard {
        let mut request = http::Request::builder()
            .method(sent.method.as_str())
            .uri(&sent.target);
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from(sent.body.clone())).unwrap();
        let response = self.runtime.block_on(self.vault.answer(request));
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        Heard {
            status: response.status().as_u16(),
            kind: header("content-type"),
            body: String::from_utf8_lossy(response.body()).into_owned(),
        }
    }

    fn root_token(&self) -> &str {
        &self.root_token
    }
}
