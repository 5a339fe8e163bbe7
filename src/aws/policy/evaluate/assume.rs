//! The question that the diagnosis asks: may this caller assume this role?

use std::collections::BTreeMap;

use super::caller::Caller;
use super::context::Context;
use super::decision::{Decision, Verdict};
use super::{Policies, Request, evaluate};

/// A call of `AssumeRole`.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    pub caller: Caller,
    pub role_arn: String,
    pub session_name: String,
    pub external_id: Option<String>,
    /// The one that is sent, or that the calling session hands on.
    pub source_identity: Option<String>,
    /// The session tags that are sent.
    pub tags: BTreeMap<String, String>,
    pub transitive_tag_keys: Vec<String>,
    /// The transitive tags of the calling session: they are handed on, and that
    /// needs `sts:TagSession` too.
    pub inherited_tag_keys: Vec<String>,
    /// Of the STS that is asked.
    pub region: Option<String>,
    /// What else is known: the source address, the caller's tags …
    pub known: Context,
}

impl AssumeRole {
    /// A call without external id, source identity and tags.
    pub fn new(caller: Caller, role_arn: &str, session_name: &str) -> Self {
        AssumeRole {
            caller,
            role_arn: role_arn.to_owned(),
            session_name: session_name.to_owned(),
            external_id: None,
            source_identity: None,
            tags: BTreeMap::new(),
            transitive_tag_keys: Vec::new(),
            inherited_tag_keys: Vec::new(),
            region: None,
            known: Context::open(),
        }
    }

    /// Adds what an access key tells that begins with `AKIA`: such a request has
    /// no key of temporary credentials.
    #[must_use]
    pub fn with_long_term_keys(mut self) -> Self {
        for key in [
            "aws:MultiFactorAuthPresent",
            "aws:MultiFactorAuthAge",
            "aws:TokenIssueTime",
            "aws:SourceIdentity",
        ] {
            self.known = self.known.without(key);
        }
        self
    }

    /// What has to be allowed for it: AWS asks for each action by itself.
    pub fn requests(&self) -> Vec<Request> {
        let mut requests = vec![self.request("sts:AssumeRole")];
        requests.extend(self.further_requests());
        requests
    }

    fn further_requests(&self) -> impl Iterator<Item = Request> {
        let actions = self.further_actions().into_iter();
        actions.map(|action| self.request(action))
    }

    fn further_actions(&self) -> Vec<&'static str> {
        let mut actions = Vec::new();
        if !(self.tags.is_empty() && self.inherited_tag_keys.is_empty()) {
            actions.push("sts:TagSession");
        }
        if self.source_identity.is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        actions
    }

    fn request(&self, action: &str) -> Request {
        Request {
            caller: self.caller.clone(),
            action: action.to_owned(),
            resource: self.role_arn.clone(),
            context: self.context(),
        }
    }

    /// Source: "Actions, resources, and condition keys for AWS Security Token
    /// Service" and "AWS global condition context keys".
    fn context(&self) -> Context {
        let optional = |context: Context, key: &str, value: &Option<String>| match value {
            Some(value) => context.with(key, value),
            None => context.without(key),
        };
        let mut context = self
            .known
            .clone()
            .with("sts:RoleSessionName", &self.session_name)
            .with_all("sts:TransitiveTagKeys", self.transitive_tag_keys.clone())
            .with_all("aws:TagKeys", self.tags.keys().cloned().collect());
        context = optional(context, "sts:ExternalId", &self.external_id);
        context = optional(context, "sts:SourceIdentity", &self.source_identity);
        for (key, value) in &self.tags {
            context = context.with(&format!("aws:RequestTag/{key}"), value);
        }
        // Whether tags that are handed on count as sent is not written.
        for key in &self.inherited_tag_keys {
            context = context.unknown(&format!("aws:RequestTag/{key}"));
        }
        if !self.inherited_tag_keys.is_empty() {
            context = context
                .unknown("aws:TagKeys")
                .unknown("sts:TransitiveTagKeys");
        }
        if let Some(region) = &self.region {
            context = context.with("aws:RequestedRegion", region);
        }
        context.or(&direct_call())
    }
}

/// What holds for every call that a caller makes itself, over TLS.
fn direct_call() -> Context {
    let mut context = Context::open()
        .with("aws:SecureTransport", "true")
        .with("aws:ViaAWSService", "false")
        .without_family("aws:RequestTag/")
        .without_family("sts:RequestContext");
    for key in [
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        // Of requests that a service makes for a resource.
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
    ] {
        context = context.without(key);
    }
    context
}

/// Decides about a call of `AssumeRole`: about the first of its actions that is
/// denied, or else that is undecided.
pub fn evaluate_assume_role(call: &AssumeRole, policies: &Policies) -> Decision {
    let mut decision = evaluate(&call.request("sts:AssumeRole"), policies);
    for request in call.further_requests() {
        decision = worse(decision, evaluate(&request, policies));
    }
    decision
}

fn worse(first: Decision, second: Decision) -> Decision {
    match (first.verdict, second.verdict) {
        (Verdict::Denied, _) | (_, Verdict::Allowed) => first,
        (Verdict::Allowed, _) | (_, Verdict::Denied) => second,
        (Verdict::Undecided, Verdict::Undecided) => {
            let mut decision = first;
            for missing in second.missing {
                if !decision.missing.contains(&missing) {
                    decision.missing.push(missing);
                }
            }
            decision
        }
    }
}
