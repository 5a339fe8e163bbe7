//! What stands for AWS's hosts on the lab's side until it reaches the servers of
//! the tests: a plain http proxy that passes each request on over TLS, as it is.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::servers::servers;

/// Starts the proxy, which ends with this process.
pub(super) fn start() -> SocketAddr {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(servers().get("AWS_CA_BUNDLE")).unwrap();
    for certificate in certificates {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || pass_on(client.unwrap(), config));
        }
    });
    address
}

fn pass_on(client: TcpStream, config: Arc<ClientConfig>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let [method, url, _] = line.split_whitespace().collect::<Vec<_>>()[..] else {
        return;
    };
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut head = format!("{method} /{path} HTTP/1.1\r\nConnection: close\r\n");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut front = connect(host);
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let connection = ClientConnection::new(config, name).unwrap();
    front.set_nodelay(true).unwrap();
    let mut tls = StreamOwned::new(connection, &mut front);
    tls.write_all(head.as_bytes()).unwrap();
    tls.write_all(&body).unwrap();
    let mut answer = Vec::new();
    // The end of the connection is the end of the answer.
    let _closed = tls.read_to_end(&mut answer);
    let mut client = client;
    client.write_all(&answer).unwrap();
}

/// A tunnel to a host of AWS's, through the front.
fn connect(host: &str) -> TcpStream {
    let front = servers().get("HTTPS_PROXY");
    let front = front.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(front).unwrap();
    let ask = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            break;
        }
        head.extend(byte);
    }
    stream
}
