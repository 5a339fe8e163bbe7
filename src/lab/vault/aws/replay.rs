//! Sending the client's request on to STS: who signed it?

use std::time::Duration;

use http::header::CONTENT_TYPE;

use super::config::ClientConfig;
use super::outbound::{Incoming, Outgoing, send};
use super::regions::sts_host;
use super::signed::Signed;
use super::xml;
use crate::lab::vault::Vault;
use crate::lab::vault::go;
use crate::lab::vault::reply::Refusal;

/// Whom STS names.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) arn: String,
    pub(super) user_id: String,
    pub(super) account: String,
}

/// The first wait before a request is sent again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The STS that is asked.
///
/// # Errors
///
/// It is that of the client's region, and there is none.
pub(super) fn endpoint(config: Option<&ClientConfig>, signed: &Signed) -> Result<String, Refusal> {
    let Some(config) = config else {
        return Ok("https://sts.amazonaws.com".to_owned());
    };
    if config.asks_region_of_client {
        let region = signed
            .region()
            .ok_or_else(|| Refusal::bad("region missing from Authorization header"))?;
        let host = sts_host(&region).ok_or_else(|| {
            Refusal::bad(format!(
                "unable to get regional STS endpoint for region: {region}"
            ))
        })?;
        return Ok(format!("https://{host}"));
    }
    Ok(if config.sts_endpoint.is_empty() {
        "https://sts.amazonaws.com".to_owned()
    } else {
        config.sts_endpoint.clone()
    })
}

/// Sends the request and reads whom STS names.
///
/// # Errors
///
/// STS was not reached, refused it, or is not STS.
pub(super) async fn replay(
    vault: &Vault,
    endpoint: &str,
    retries: u32,
    signed: &Signed,
) -> Result<Caller, Refusal> {
    let upstream = |error: String| Refusal::bad(format!("error making upstream request: {error}"));
    let answer = send_again(vault, endpoint, retries, signed)
        .await
        .map_err(upstream)?;
    let kind = answer.headers.get(CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "text/xml") {
        return Err(upstream("body of GetCallerIdentity is invalid".to_owned()));
    }
    if answer.status != 200 {
        let (status, body) = (answer.status, answer.body);
        return Err(upstream(format!(
            "received error code {status} from STS: {body}"
        )));
    }
    if !xml::is_document(&answer.body, "GetCallerIdentityResponse") {
        return Err(upstream("error parsing STS response".to_owned()));
    }
    let text = |name| xml::text(&answer.body, name).unwrap_or_default();
    Ok(Caller {
        arn: text("Arn"),
        user_id: text("UserId"),
        account: text("Account"),
    })
}

async fn send_again(
    vault: &Vault,
    endpoint: &str,
    retries: u32,
    signed: &Signed,
) -> Result<Incoming, String> {
    let url = format!("{endpoint}/{}", signed.uri);
    let values = signed
        .headers
        .iter()
        .flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone())));
    let request = Outgoing {
        method: signed.method.clone(),
        url: url.clone(),
        host: Some(signed.host.clone()).filter(|host| !host.is_empty()),
        headers: values.collect(),
        body: signed.body.clone(),
    };
    let mut wait = FIRST_WAIT;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = send(&vault.outside(), &request).await;
        let is_last = attempts > retries;
        let tail = match answer {
            Ok(answer) => {
                let status = answer.status;
                let is_ill = status == 429 || (status >= 500 && status != 501);
                if !is_ill {
                    return Ok(answer);
                }
                String::new()
            }
            Err(unsent) => {
                let verb = if signed.method == http::Method::GET {
                    "Get"
                } else {
                    "Post"
                };
                let tail = format!(": {verb} {}: {}", go::quote(&url), unsent.words);
                if !unsent.is_worth_another_try {
                    return Err(gave_up(&request, attempts, &tail));
                }
                tail
            }
        };
        if is_last {
            return Err(gave_up(&request, attempts, &tail));
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
}

fn gave_up(request: &Outgoing, attempts: u32, tail: &str) -> String {
    format!(
        "error making request: {} {} giving up after {attempts} attempt(s){tail}",
        request.method, request.url
    )
}
