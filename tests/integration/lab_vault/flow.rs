//! The program itself with the lab's Vault: from nothing to a secret that Kong
//! reads, and back.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use vaultiam::lab::clock::Clock;
use vaultiam::lab::vault::{Outside, Vault};

use super::relay;
use crate::servers::{Nothing, servers};
use crate::vaultiam::{Ended, Vaultiam};

struct Flow {
    nothing: Nothing,
    vault: Arc<Vault>,
    address: String,
    token: String,
}

impl Flow {
    fn new() -> Self {
        let nothing = servers().nothing();
        let instance = json!({ "account": nothing.account, "profile": "VaultRole" });
        let instance = servers().control("POST", "imds", &instance);
        let outside = Outside {
            aws: Some(relay::start()),
            metadata: Some(instance["endpoint"].as_str().unwrap().to_owned()),
        };
        let vault = Arc::new(Vault::new(Clock::new(), outside));
        Flow {
            address: serve(Arc::clone(&vault)),
            token: vault.make_root_token().expose_secret().to_owned(),
            nothing,
            vault,
        }
    }

    fn operator(&self) -> Vaultiam {
        let run = self.nothing.as_operator();
        run.env("VAULT_ADDR", &self.address)
            .env("VAULT_TOKEN", &self.token)
    }

    fn kong(&self) -> Vaultiam {
        let run = self.nothing.on_kongs_instance();
        run.env("VAULT_ADDR", &self.address)
    }

    /// What Vault answers to the operator.
    fn ask(&self, method: &str, path: &str) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/{path}"))
            .header("X-Vault-Token", &self.token)
            .body(Bytes::new())
            .unwrap();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let answer = runtime.block_on(self.vault.answer(request));
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status().as_u16(), body)
    }
}

/// Serves the Vault on loopback until the process ends.
fn serve(vault: Arc<Vault>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let vault = Arc::clone(&vault);
                tokio::spawn(async move {
                    let answer = service_fn(move |request: Request<Incoming>| {
                        let vault = Arc::clone(&vault);
                        async move {
                            let (head, body) = request.into_parts();
                            let body = body.collect().await?.to_bytes();
                            let answer = vault.answer(Request::from_parts(head, body)).await;
                            Ok::<_, hyper::Error>(answer.map(Full::<Bytes>::new))
                        }
                    });
                    let connection = hyper::server::conn::http1::Builder::new();
                    let _ended = connection
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        });
    });
    address
}

fn assert_ended(ended: &Ended, code: i32) {
    assert_eq!(ended.code, code, "{}\n{}", ended.stdout, ended.stderr);
}

#[test]
fn the_program_works_with_the_labs_vault() {
    let flow = Flow::new();
    assert_ended(&flow.operator().run(&["setup", "--yes"]), 0);
    let again = flow.operator().run(&["setup", "--plan"]);
    assert_ended(&again, 0);
    assert_eq!(again.stdout, "plan: nothing to change, 11 unchanged\n");
    let put = [
        "put",
        "kv/kong/db-password",
        "value=s3cret of Kong",
        "--yes",
    ];
    assert_ended(&flow.operator().run(&put), 0);
    let get = ["get", "kv/kong/db-password", "-f", "value"];
    let read = flow.kong().run(&get);
    assert_ended(&read, 0);
    assert_eq!(read.stdout, "s3cret of Kong");
    let elsewhere = flow.kong().run(&["get", "kv/other/x", "-o", "json"]);
    assert_ended(&elsewhere, 6);
    let (_, alive) = flow.ask("LIST", "auth/token/accessors");
    let alive = alive["data"]["keys"].as_array().unwrap().len();
    assert_eq!(alive, 1, "only the operator's token is left");
    let explained = flow.kong().run(&["login", "--explain", "--no-store"]);
    assert_ended(&explained, 0);
    let checked = flow.operator().run(&["check", "--admin", "-o", "json"]);
    assert!(checked.code == 0 || checked.code == 9, "{}", checked.stderr);

    let removed = ["teardown", "--yes", "--delete-secrets", "kv"];
    assert_ended(&flow.operator().run(&removed), 0);
    for mount in ["sys/auth/aws", "sys/mounts/kv"] {
        assert_eq!(flow.ask("GET", mount).0, 400, "{mount}");
    }
}
