//! A signed request of the Query API, sent to the lab.

use std::error::Error;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::{Client, RequestBuilder};
use url::Url;
use url::form_urlencoded::Serializer;

use super::{Parameters, answer};
use crate::lab::command::{Refused, address, client, exchange};
use crate::settings::Environment;

const FORM: (&str, &str) = (
    "content-type",
    "application/x-www-form-urlencoded; charset=utf-8",
);

/// Where the lab is, and with whose keys it is asked.
pub(super) struct Lab {
    client: Client,
    endpoint: Url,
    region: String,
    credentials: Credentials,
}

impl Lab {
    pub(super) fn of(environment: &Environment) -> Result<Self, Refused> {
        let variable = |name: &str| environment.get(name).map(str::to_owned);
        let key = |name: &str| {
            variable(name).ok_or_else(|| Refused::new(253, "Unable to locate credentials"))
        };
        Ok(Lab {
            client: client()?,
            endpoint: address(environment, "AWS_ENDPOINT_URL")?,
            region: variable("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            credentials: Credentials::new(
                key("AWS_ACCESS_KEY_ID")?,
                key("AWS_SECRET_ACCESS_KEY")?,
                variable("AWS_SESSION_TOKEN"),
                None,
                "the environment",
            ),
        })
    }

    /// Calls an operation; the answer is XML.
    pub(super) async fn call(
        &self,
        service: &str,
        operation: &str,
        parameters: &Parameters,
    ) -> Result<String, Refused> {
        // IAM has one endpoint, which belongs to us-east-1.
        let (version, region) = match service {
            "iam" => ("2010-05-08", "us-east-1"),
            "sts" => ("2011-06-15", self.region.as_str()),
            _ => {
                let words = format!(
                    "the lab's small client has iam and sts, not 'aws {service}'; the real 'aws' works on the lab too"
                );
                return Err(Refused::new(2, words));
            }
        };
        let body = Serializer::new(String::new())
            .append_pair("Action", operation)
            .append_pair("Version", version)
            .extend_pairs(parameters)
            .finish();
        let request = self
            .signed(service, region, body)
            .map_err(|error| Refused::new(255, format!("the request cannot be signed: {error}")))?;
        let reply = exchange(request).await?;
        if reply.status < 300 {
            return Ok(reply.body);
        }
        let (code, words) = answer::error(&reply.body).ok_or_else(|| {
            let words = format!("the lab answers with {} and no XML of AWS", reply.status);
            Refused::new(255, words)
        })?;
        let words =
            format!("\nAn error occurred ({code}) when calling the {operation} operation: {words}");
        Err(Refused::new(254, words))
    }

    fn signed(
        &self,
        service: &str,
        region: &str,
        body: String,
    ) -> Result<RequestBuilder, Box<dyn Error>> {
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let url = self.endpoint.as_str();
        let signable = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url, [FORM].into_iter(), signable)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = self.client.post(url).header(FORM.0, FORM.1);
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        Ok(request.body(body))
    }
}
