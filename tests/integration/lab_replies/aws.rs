//! A stand-in for STS, IAM and EC2, which verifies nothing and says what it is
//! told to say.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde::Deserialize;

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// Zero hangs up.
    status: u16,
    kind: String,
    body: String,
}

/// Listens until the test ends.
pub(super) struct StandIn {
    pub(super) address: SocketAddr,
    /// By who answers: `sts` to the client's request, `own` and `assume` to
    /// Vault's own, `iam`, `ec2`.
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
}

impl StandIn {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(BTreeMap::new()));
        let stand_in = StandIn {
            address,
            answers: Arc::clone(&answers),
        };
        std::thread::spawn(move || {
            for client in listener.incoming() {
                answer(client.unwrap(), &answers);
            }
        });
        let vault = "arn:aws:iam::123456789012:user/vault-server";
        stand_in.set("own", Answer::caller(vault));
        stand_in
    }

    pub(super) fn set(&self, who: &str, answer: Answer) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(who.to_owned(), answer);
    }

    /// Whom STS names.
    pub(super) fn set_caller(&self, arn: &str) {
        self.set("sts", Answer::caller(arn));
    }
}

impl Answer {
    fn xml(status: u16, body: String) -> Self {
        Answer {
            status,
            kind: "text/xml".to_owned(),
            body,
        }
    }

    fn caller(arn: &str) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let session = arn.rsplit('/').next().unwrap_or_default();
        Answer::xml(
            200,
            format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>AROAVAULTROLE0000001:{session}</UserId><Account>{account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
            ),
        )
    }

    /// The refusal behind Vault's words.
    pub(super) fn of_words(who: &str, words: &str) -> Self {
        if who == "sts" {
            let (head, body) = words.split_once(" from STS: ").unwrap();
            let status = head.rsplit(' ').next().unwrap().parse().unwrap();
            return Answer::xml(status, body.to_owned());
        }
        let (said, behind) = words.split_once("\n\tstatus code: ").unwrap();
        let (status, request_id) = behind.split_once(", request id: ").unwrap();
        let marks = ["current caller: ", "IAM client: ", "\": "];
        let start = marks
            .iter()
            .filter_map(|mark| Some(said.find(mark)? + mark.len()).filter(|_| said.contains(mark)))
            .max()
            .unwrap();
        // The last of the marks may stand more than once.
        let start = said
            .match_indices("\": ")
            .map(|(at, mark)| at + mark.len())
            .filter(|at| *at > start && said[*at..].contains(": "))
            .max()
            .unwrap_or(start);
        let (code, message) = said[start..].split_once(": ").unwrap();
        let message = message.replace('"', "&quot;");
        let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        let body = if who == "ec2" {
            format!(
                "<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>"
            )
        } else {
            format!("<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>")
        };
        Answer::xml(status.parse().unwrap(), body)
    }
}

fn answer(mut client: TcpStream, answers: &Mutex<BTreeMap<String, Answer>>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or_default() == 0 {
            return;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8_lossy(&body);
    let who = if !head.contains("AKIAVAULTSERVER00001") {
        "sts"
    } else if body.contains("AssumeRole") {
        "assume"
    } else if body.contains("GetCallerIdentity") {
        "own"
    } else if body.contains("DescribeInstances") {
        "ec2"
    } else {
        "iam"
    };
    let found = answers.lock().unwrap().get(who).cloned();
    let answer = found.unwrap_or_else(|| Answer::xml(500, format!("nothing to say as {who}")));
    if answer.status == 0 {
        return;
    }
    let (status, kind, body) = (answer.status, answer.kind, answer.body);
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    client.write_all(text.as_bytes()).unwrap();
}
