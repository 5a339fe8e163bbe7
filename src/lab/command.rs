//! The programs beside `vaultiam` that scenarios and printed remedies name:
//! `vault` and `aws`, as far as these need them.
//!
//! They speak to a lab on this machine and to nothing else. Whoever has the
//! real ones uses those: they work on the lab as well.

pub mod aws;
pub mod vault;
mod words;

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use url::Url;

use crate::http;
use crate::output::Streams;
use crate::settings::Environment;

/// How long a lab on this machine may take to be connected to.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A command that was not carried out: what is said of it, and the exit code.
#[derive(Debug)]
struct Refused {
    words: String,
    code: u8,
}

impl Refused {
    fn new(code: u8, words: impl Into<String>) -> Self {
        let words = words.into();
        Refused { words, code }
    }
}

/// Ends a command: the answer on stdout, a refusal on stderr.
fn end(outcome: Result<String, Refused>, streams: &Streams) -> u8 {
    let unwritten = |error| Refused::new(1, format!("stdout cannot be written: {error}"));
    let outcome = outcome.and_then(|text| streams.answer(&text).map_err(unwritten));
    match outcome {
        Ok(()) => 0,
        Err(refused) => {
            streams.aside(&format!("{}\n", refused.words));
            refused.code
        }
    }
}

/// The address that a variable names, which must be of this machine.
fn address(environment: &Environment, variable: &str) -> Result<Url, Refused> {
    let refused = |why| Refused::new(2, format!("{variable} {why}"));
    let value = environment
        .get(variable)
        .ok_or_else(|| refused("is not set; 'vaultiam-lab up' prints it"))?;
    let url = Url::parse(value).map_err(|_| refused("is no address"))?;
    if url.scheme() != "http" || !http::is_loopback(url.host_str().unwrap_or_default()) {
        let why = "is not of this machine, and this small client speaks to a lab there only";
        return Err(refused(why));
    }
    Ok(url)
}

fn client() -> Result<Client, Refused> {
    http::metadata_client(CONNECT_TIMEOUT).map_err(|error| Refused::new(1, error.to_string()))
}

/// An answer: its status and its body.
struct Reply {
    status: u16,
    body: String,
}

/// Sends a request and reads the answer, whatever it says.
async fn exchange(request: RequestBuilder) -> Result<Reply, Refused> {
    let unanswered = |error| Refused::new(2, format!("the lab does not answer: {error}"));
    let response = request.send().await.map_err(unanswered)?;
    let status = response.status().as_u16();
    let body = response.text().await.map_err(unanswered)?;
    Ok(Reply { status, body })
}

/// Runs the one thing that a command does.
fn block_on<T>(what: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Refused::new(1, format!("the runtime does not start: {error}")))?
        .block_on(what)
}
