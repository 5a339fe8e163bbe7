//! The signature, compared with botocore's on random inputs.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use vaultiam::aws::identity::Partition;
use vaultiam::aws::sign::{BODY, Scope, sign_for_vault};

use crate::servers::servers;

const CASES: usize = 64;

/// Regions of every partition that has a public STS.
const REGIONS: [&str; 7] = [
    "us-east-1",
    "eu-west-1",
    "ap-southeast-2",
    "cn-north-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    "us-iso-east-1",
];

fn text(random: &mut fastrand::Rng, alphabet: &str, length: usize) -> String {
    let characters: Vec<char> = alphabet.chars().collect();
    (0..length)
        .map(|_| characters[random.usize(..characters.len())])
        .collect()
}

/// One random case: the header that we compute, and what botocore is to sign.
fn case(random: &mut fastrand::Rng) -> (String, Value) {
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let key = format!("ASIA{}", text(random, UPPER, 16));
    let secret = text(random, BASE64, 40);
    let length = random.usize(100..900);
    let token = random.bool().then(|| text(random, BASE64, length) + "==");
    let server_id = random.bool().then(|| {
        text(random, "abcdefghij.-:0123456789 A", 12)
            .trim()
            .to_owned()
    });
    let region = REGIONS[random.usize(..REGIONS.len())].to_owned();
    let host = match random.u8(..3) {
        0 => "sts.amazonaws.com".to_owned(),
        1 => format!("vpce-0abc.sts.{region}.vpce.amazonaws.com:8443"),
        _ => Partition::of_region(&region).sts_host(&region),
    };
    let url = format!("https://{host}/");
    let seconds = random.u64(1_500_000_000..2_000_000_000);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let credentials = Credentials::new(&key, &secret, token.clone(), None, "test");
    let scope = Scope {
        region: region.clone(),
        url: url.clone(),
    };
    let signed = sign_for_vault(&scope, &credentials, server_id.as_deref(), time).unwrap();
    let mut ours = String::new();
    let mut headers = serde_json::Map::new();
    for (name, value) in &signed.headers {
        match name.as_str() {
            "Authorization" => ours = value.expose_secret().to_owned(),
            // botocore adds these itself.
            "X-Amz-Date" | "X-Amz-Security-Token" | "Host" => {}
            _ => {
                headers.insert(name.clone(), json!(value.expose_secret()));
            }
        }
    }
    let asked = json!({
        "url": url, "region": region, "time": seconds, "key": key, "secret": secret, "token": token,
        "headers": headers, "body": BODY,
    });
    (ours, asked)
}

#[test]
fn the_signature_equals_botocores() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (ours, asked): (Vec<String>, Vec<Value>) = (0..CASES).map(|_| case(&mut random)).unzip();
    let mut child = Command::new(servers().get("VAULTIAM_PYTHON"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/integration/botocore_sign.py"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(Value::from(asked.clone()).to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let theirs: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(theirs.len(), CASES);
    for ((ours, theirs), asked) in ours.iter().zip(&theirs).zip(&asked) {
        assert!(!ours.is_empty());
        assert_eq!(ours, theirs, "seed {seed}: {asked}");
    }
}
