//! STS and IAM at an address of this machine, and as the proxy to their own
//! host names.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};

use super::call::{Call, Handler};
use super::form::Form;
use super::identity::Identity;
use super::refusal::Refusal;
use super::{Aws, iam, reply, signature, sts};
use crate::lab::server::Service;

/// STS and IAM at an address that belongs to one region.
pub struct Endpoint {
    pub(super) aws: Aws,
    pub(super) region: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AwsService {
    Sts,
    Iam,
}

/// A host of AWS, and the region that requests to it must be signed for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) service: AwsService,
    pub(super) region: String,
}

impl AwsService {
    /// As in the scope of a signature, and in its host names.
    pub(super) fn name(self) -> &'static str {
        match self {
            AwsService::Sts => "sts",
            AwsService::Iam => "iam",
        }
    }

    /// The version of its API.
    pub(super) fn version(self) -> &'static str {
        match self {
            AwsService::Sts => "2011-06-15",
            AwsService::Iam => "2010-05-08",
        }
    }
}

impl Service for Endpoint {
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let now = self.aws.now();
        let form = Form::of(&request);
        let host = self.host(&request, &form);
        let result = self.result(request, &form, &host, now).await;
        let action = form.get("Action").unwrap_or_default();
        reply::response(host.service, action, result, now)
    }

    fn stands_for(&self, host: &str) -> bool {
        resolve(host).is_some()
    }
}

impl Endpoint {
    /// What the request was sent to: a host of AWS, through the proxy, or this
    /// endpoint, where the version of the API tells the service.
    fn host(&self, request: &Request<Bytes>, form: &Form) -> Host {
        let named = request.uri().host().and_then(resolve);
        named.unwrap_or_else(|| Host {
            service: match form.get("Version") {
                Some(version) if version == AwsService::Iam.version() => AwsService::Iam,
                _ => AwsService::Sts,
            },
            region: self.region.clone(),
        })
    }

    async fn result(
        &self,
        request: Request<Bytes>,
        form: &Form,
        host: &Host,
        now: SystemTime,
    ) -> Result<String, Refusal> {
        let handler = handler(form, host.service)?;
        self.admit(host)?;
        let owner = signature::verify(request, host, &self.aws, now).await?;
        let state = &mut *self.aws.state();
        let identity = Identity::of(&owner, state).ok_or_else(Refusal::unknown_key)?;
        handler(&mut Call {
            state,
            identity: &identity,
            form,
            region: &host.region,
            now,
        })
    }

    /// Turns requests away before it is looked at who sends them.
    fn admit(&self, host: &Host) -> Result<(), Refusal> {
        let left = &mut self.aws.state().throttled;
        if host.service == AwsService::Sts && *left > 0 {
            *left -= 1;
            return Err(Refusal::throttled());
        }
        Ok(())
    }
}

fn handler(form: &Form, service: AwsService) -> Result<Handler, Refusal> {
    let action = form.get("Action").ok_or_else(|| {
        let words = "The request is missing an action or a required parameter.";
        Refusal::bad("MissingAction", words)
    })?;
    let version = form.get("Version").unwrap_or(service.version());
    let handler = match service {
        _ if version != service.version() => None,
        AwsService::Sts => sts::handler(action),
        AwsService::Iam => iam::handler(action),
    };
    handler.ok_or_else(|| {
        let words = format!("Could not find operation {action} for version {version}");
        Refusal::bad("InvalidAction", words)
    })
}

/// What `host` is; `None` where AWS has no such host. The hosts of all regions
/// belong to us-east-1.
fn resolve(host: &str) -> Option<Host> {
    let host = host.to_ascii_lowercase();
    let (service, region) = match host.as_str() {
        "iam.amazonaws.com" => (AwsService::Iam, "us-east-1"),
        "sts.amazonaws.com" => (AwsService::Sts, "us-east-1"),
        host => {
            let region = host.strip_prefix("sts.")?.split('.').next()?;
            let exists = REGIONS.split_whitespace().any(|known| known == region);
            let is_whole = host == format!("sts.{region}.amazonaws.com");
            (exists && is_whole).then_some((AwsService::Sts, region))?
        }
    };
    Some(Host {
        service,
        region: region.to_owned(),
    })
}

/// The regions of the commercial partition.
///
/// Source: the AWS partitions file that the SDKs ship (`partitions.json`).
const REGIONS: &str = "
    af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1
    ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5
    ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1
    eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1
    mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
";
