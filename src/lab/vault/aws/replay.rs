//! Sending the client's request on to STS: who signed it?

use std::time::Duration;

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};

use super::config::ClientConfig;
use super::outbound::{Outgoing, send};
use super::regions;
use super::signed::Signed;
use super::xml;
use crate::lab::vault::Vault;
use crate::lab::vault::reply::Refusal;

/// Whom STS names.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) arn: String,
    /// `AROA…` of `AROA…:session`.
    pub(super) unique_id: String,
    pub(super) account: String,
}

/// The first wait before a request is sent again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The STS that is asked.
///
/// # Errors
///
/// It is that of the client's region, and there is none.
pub(super) fn endpoint(config: &ClientConfig, signed: &Signed) -> Result<String, Refusal> {
    if config.use_sts_region_from_client {
        let region = signed.region();
        let region =
            region.ok_or_else(|| Refusal::bad("region missing from Authorization header"))?;
        return regions::sts(&region).ok_or_else(|| {
            Refusal::bad(format!(
                "unable to get regional STS endpoint for region: {region}"
            ))
        });
    }
    Ok(match config.sts_endpoint.as_str() {
        "" => "https://sts.amazonaws.com".to_owned(),
        endpoint => endpoint.to_owned(),
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
    let upstream = |error: &str| Refusal::bad(format!("error making upstream request: {error}"));
    let url = format!("{endpoint}/{}", signed.uri);
    let answer = send_again(vault, &url, retries, signed).await;
    let answer = answer.map_err(|tail| {
        let method = &signed.method;
        upstream(&format!(
            "error making request: {method} {url} giving up after {tail}"
        ))
    })?;
    let kind = answer.headers().get(CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "text/xml") {
        return Err(upstream("body of GetCallerIdentity is invalid"));
    }
    let (status, body) = (answer.status().as_u16(), answer.body());
    if status != 200 {
        return Err(upstream(&format!(
            "received error code {status} from STS: {body}"
        )));
    }
    let arn = xml::text(body, "Arn").ok_or_else(|| upstream("error parsing STS response"))?;
    let user_id = xml::text(body, "UserId").unwrap_or_default();
    let unique_id = user_id.split(':').next().unwrap_or_default();
    Ok(Caller {
        arn,
        unique_id: unique_id.to_owned(),
        account: xml::text(body, "Account").unwrap_or_default(),
    })
}

/// Sends it until somebody answers who is not ill. Otherwise tells how often it was
/// tried, and what kept the last try.
async fn send_again(
    vault: &Vault,
    url: &str,
    retries: u32,
    signed: &Signed,
) -> Result<Response<String>, String> {
    let verb = match signed.method {
        Method::GET => "Get",
        _ => "Post",
    };
    let gave_up =
        |attempts: u32, words: &str| format!("{attempts} attempt(s): {verb} {url:?}: {words}");
    let request = Outgoing {
        method: signed.method.clone(),
        url: url.to_owned(),
        headers: headers(signed).map_err(|words| gave_up(1, &words))?,
        body: signed.body.clone(),
    };
    let mut wait = FIRST_WAIT;
    let mut attempts = 1;
    loop {
        let failed = match send(&vault.outside(), &request).await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                if status != 429 && (status < 500 || status == 501) {
                    return Ok(answer);
                }
                format!("{attempts} attempt(s)")
            }
            Err(unsent) if !unsent.is_worth_another_try => {
                return Err(gave_up(attempts, &unsent.words));
            }
            Err(unsent) => gave_up(attempts, &unsent.words),
        };
        if attempts > retries {
            return Err(failed);
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
        attempts += 1;
    }
}

/// What Go's client sends; it refuses names and values that are none.
fn headers(signed: &Signed) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &signed.headers {
        let sent = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("net/http: invalid header field name {name:?}"))?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("net/http: invalid header field value for {name:?}"))?;
        headers.append(sent, value);
    }
    headers.remove(HOST);
    if let Ok(host) = HeaderValue::from_str(&signed.host) {
        headers.insert(HOST, host);
    }
    Ok(headers)
}
