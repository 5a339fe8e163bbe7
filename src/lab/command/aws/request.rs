//! A signed request of the Query API, sent to the lab.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::Client;
use url::Url;
use url::form_urlencoded::Serializer;

use super::answer;
use crate::lab::command::{Refused, address, client, exchange};
use crate::settings::Environment;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A service whose calls are known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Iam,
    Sts,
    Ec2,
}

impl Service {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "iam" => Some(Service::Iam),
            "sts" => Some(Service::Sts),
            "ec2" => Some(Service::Ec2),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Ec2 => "ec2",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Service::Iam => "2010-05-08",
            Service::Sts => "2011-06-15",
            Service::Ec2 => "2016-11-15",
        }
    }
}

/// Where the lab is, and with whose keys it is asked.
pub(super) struct Lab {
    client: Client,
    endpoint: Url,
    region: String,
    credentials: Credentials,
}

impl Lab {
    pub(super) fn of(environment: &Environment) -> Result<Self, Refused> {
        let key = |name: &str| environment.get(name).map(str::to_owned);
        let (Some(key_id), Some(secret_key)) =
            (key("AWS_ACCESS_KEY_ID"), key("AWS_SECRET_ACCESS_KEY"))
        else {
            return Err(Refused::new(253, "Unable to locate credentials"));
        };
        let region = key("AWS_REGION")
            .or_else(|| key("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| "us-east-1".to_owned());
        Ok(Lab {
            client: client()?,
            endpoint: address(environment, "AWS_ENDPOINT_URL")?,
            region,
            credentials: Credentials::new(
                key_id,
                secret_key,
                key("AWS_SESSION_TOKEN"),
                None,
                "the environment",
            ),
        })
    }

    /// Calls an operation; the answer is XML.
    pub(super) async fn call(
        &self,
        service: Service,
        operation: &str,
        parameters: &[(String, String)],
    ) -> Result<String, Refused> {
        let body = Serializer::new(String::new())
            .append_pair("Action", operation)
            .append_pair("Version", service.version())
            .extend_pairs(parameters)
            .finish();
        let mut request = self
            .client
            .post(self.endpoint.clone())
            .header("content-type", FORM);
        for (name, value) in self.signature(service, &body)? {
            request = request.header(name, value);
        }
        let reply = exchange(request.body(body)).await?;
        if reply.status < 300 {
            return Ok(reply.body);
        }
        let (code, message) = answer::error(&reply.body).unwrap_or_else(|| {
            (
                reply.status.to_string(),
                "the answer is no XML of AWS".to_owned(),
            )
        });
        Err(Refused::new(
            254,
            format!(
                "\nAn error occurred ({code}) when calling the {operation} operation: {message}"
            ),
        ))
    }

    /// The headers that sign a body.
    fn signature(&self, service: Service, body: &str) -> Result<Vec<(String, String)>, Refused> {
        let refused = |error: &dyn std::fmt::Display| {
            Refused::new(255, format!("the request cannot be signed: {error}"))
        };
        let identity = self.credentials.clone().into();
        // IAM has one endpoint, which belongs to us-east-1.
        let region = match service {
            Service::Iam => "us-east-1",
            Service::Sts | Service::Ec2 => &self.region,
        };
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service.name())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| refused(&error))?
            .into();
        let headers = [("content-type", FORM)];
        let signable = SignableRequest::new(
            "POST",
            self.endpoint.as_str(),
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        )
        .map_err(|error| refused(&error))?;
        let (instructions, _) = sign(signable, &parameters)
            .map_err(|error| refused(&error))?
            .into_parts();
        let headers = instructions.headers();
        Ok(headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}
