//! What AWS would decide about a request, by which statement, and why.
//!
//! It says "allowed" only where everything that could refuse was seen, and
//! "denied" only where nothing that was not seen could change it. Between them
//! it is undecided, and says what is missing.
//!
//! Source of the rules: "Policy evaluation logic" and "Cross-account policy
//! evaluation logic" in the IAM user guide.

mod assume;
mod caller;
mod condition;
mod context;
mod decision;
mod layers;
mod pattern;
mod principal;
mod statement;
mod truth;

pub use assume::{AssumeRole, evaluate_assume_role};
pub use caller::{Account, Caller, CallerKind};
pub use context::{Context, Value};
pub use decision::{
    Condition, Decision, Doubt, Layer, Mismatch, Missing, Near, OtherPrincipals, Place, Refusal,
    Unclear, Verdict,
};

use super::document::{Document, Effect};
use layers::JudgedLayer;
use principal::Names;
use truth::Truth;

/// What is asked of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub caller: Caller,
    /// `sts:AssumeRole`
    pub action: String,
    /// An ARN. Without an account in it, it belongs to the caller's.
    pub resource: String,
    pub context: Context,
}

/// The policies that bear on a request. By default nothing was seen.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// The trust policy of the role, or the policy of another resource. For a
    /// trust policy, a principal is one that IAM could find: this is what
    /// `GetRole` shows, or what IAM would take.
    pub trust: Sight<Policy>,
    /// Of the caller, and of a user's groups.
    pub identity: Sight<Policy>,
    /// The permissions boundary of the caller.
    pub boundary: Sight<Policy>,
    /// The policies with which the caller's own session was made.
    pub session: Sight<Policy>,
    /// Service control policies, from the root of the caller's organisation to
    /// its account. The account that manages an organisation has none.
    pub service_control: Sight<Level>,
    /// Resource control policies of the account that has the resource.
    pub resource_control: Sight<Level>,
    /// Of the VPC endpoint that the request goes through.
    pub endpoint: Sight<Policy>,
}

/// A part of an organisation, and the policies that are attached there.
#[derive(Debug, Clone)]
pub struct Level {
    pub name: String,
    pub policies: Vec<Policy>,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub name: String,
    pub document: Document,
}

/// What was seen of the policies of one kind.
#[derive(Debug, Clone, Default)]
pub enum Sight<T> {
    /// There may be some.
    #[default]
    NotSeen,
    /// These, and there may be more.
    Partly(Vec<T>),
    /// These, and there are no more.
    Seen(Vec<T>),
}

impl Request {
    /// What the request has for a context key.
    fn value(&self, key: &str) -> Value {
        let key = key.to_ascii_lowercase();
        if let Some(value) = self.context.stated(&key) {
            return value.clone();
        }
        if key == "aws:resourceaccount" {
            return match self.resource_account() {
                Some(account) => Value::one(account),
                None => self.context.rest().clone(),
            };
        }
        let of_caller = self.caller.key(&key);
        of_caller.unwrap_or_else(|| self.context.rest().clone())
    }

    fn resource_account(&self) -> Option<&str> {
        let account = self.resource.splitn(6, ':').nth(4)?;
        (!account.is_empty()).then_some(account)
    }

    /// Whether STS is asked for a session of a role: then the policy of the
    /// resource is a trust policy, which "must explicitly allow access for
    /// principals".
    fn is_for_a_session(&self) -> bool {
        let service = self.action.split(':').next().unwrap_or_default();
        let resource = self.resource.splitn(6, ':').nth(5).unwrap_or_default();
        service.eq_ignore_ascii_case("sts") && resource.starts_with("role/")
    }

    fn relation(&self) -> Relation {
        match (self.caller.account(), self.resource_account()) {
            (None, _) => Relation::Outside,
            (Some(_), None) => Relation::SameAccount,
            (Some(own), Some(account)) if own.id == account => Relation::SameAccount,
            _ => Relation::CrossAccount,
        }
    }
}

/// How the caller stands to the account of the resource.
enum Relation {
    SameAccount,
    CrossAccount,
    /// In no account: there is nothing but the policy of the resource.
    Outside,
}

/// Decides about a request.
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    let judged = layers::judge(request, policies);
    let granted = granted(request, &judged);
    let left = Truth::all(judged.iter().filter(is_gate).map(JudgedLayer::leaves));
    let denied = Truth::any(judged.iter().map(JudgedLayer::denies));
    let is_barred = is_barred(request);
    let mut decision = Decision {
        action: request.action.clone(),
        verdict: Verdict::Undecided,
        refusals: Vec::new(),
        missing: Vec::new(),
        allowed_by: of_all(&judged, |layer| layer.places(Effect::Allow)),
        near: of_all(&judged, JudgedLayer::near),
    };
    let is_refused = denied == Truth::True || granted.and(left) == Truth::False;
    if is_barred || is_refused {
        decision.verdict = Verdict::Denied;
        decision.refusals = refusals(request, &judged, granted);
    } else {
        decision.missing = missing(&judged, granted.and(left));
        if granted.and(left).and(denied.negate()) == Truth::True && decision.missing.is_empty() {
            decision.verdict = Verdict::Allowed;
        }
    }
    decision
}

/// Whether those policies that can grant do so, within the limits of the caller.
fn granted(request: &Request, judged: &[JudgedLayer]) -> Truth {
    let trust = trusted(judged);
    let identity = identity(request, judged);
    let limits = Truth::all(judged.iter().filter(is_limit).map(JudgedLayer::leaves));
    match request.relation() {
        Relation::Outside => trust.any(),
        Relation::CrossAccount => trust.any().and(identity).and(limits),
        Relation::SameAccount => {
            let by_role = if request.is_for_a_session() {
                trust.role.or(trust.account.and(identity))
            } else {
                trust.role.or(identity)
            };
            trust.itself.or(by_role.and(limits))
        }
    }
}

/// How the policy of the resource names the caller where it allows the request.
fn trusted(judged: &[JudgedLayer]) -> Names {
    let mut trust = judged.iter().filter(|layer| layer.layer == Layer::Trust);
    trust.next().map_or(Names::NOBODY, JudgedLayer::names)
}

/// Whether the caller's own policies allow it. A root user needs none.
fn identity(request: &Request, judged: &[JudgedLayer]) -> Truth {
    let is_root = matches!(request.caller.kind, CallerKind::Root { .. });
    let mut identity = judged
        .iter()
        .filter(|layer| layer.layer == Layer::Identity)
        .map(JudgedLayer::grants);
    Truth::from(is_root).or(identity.next().unwrap_or(Truth::False))
}

/// What limits the caller's policies, but not all that a resource grants.
fn is_limit(layer: &&JudgedLayer) -> bool {
    matches!(layer.layer, Layer::Boundary | Layer::Session)
}

/// What every request has to pass.
fn is_gate(layer: &&JudgedLayer) -> bool {
    matches!(
        layer.layer,
        Layer::ServiceControl | Layer::ResourceControl | Layer::Endpoint
    )
}

/// "You can't use root user credentials to call AssumeRole", and with those of
/// `GetFederationToken` "you can't call any AWS STS operations except
/// GetCallerIdentity".
fn is_barred(request: &Request) -> bool {
    request.is_for_a_session()
        && matches!(
            request.caller.kind,
            CallerKind::Root { .. } | CallerKind::FederatedUser { .. }
        )
}

/// Each reason that suffices by itself.
fn refusals(request: &Request, judged: &[JudgedLayer], granted: Truth) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if is_barred(request) {
        refusals.push(Refusal::Caller);
    }
    let denials = of_all(judged, |layer| layer.places(Effect::Deny));
    refusals.extend(denials.into_iter().map(Refusal::Denied));
    let mut blame = |layer: &JudgedLayer| {
        refusals.push(Refusal::NotAllowed {
            layer: layer.layer,
            level: layer.level.clone(),
        });
    };
    if granted == Truth::False {
        for layer in judged {
            let is_to_blame = match layer.layer {
                Layer::Trust => is_trust_needed(request) && layer.grants() == Truth::False,
                Layer::Identity => {
                    is_identity_needed(request, judged) && identity(request, judged) == Truth::False
                }
                Layer::Boundary | Layer::Session => {
                    is_limit_needed(request, judged) && layer.leaves() == Truth::False
                }
                _ => false,
            };
            if is_to_blame {
                blame(layer);
            }
        }
    }
    for layer in judged.iter().filter(is_gate) {
        if layer.leaves() == Truth::False {
            blame(layer);
        }
    }
    refusals
}

fn is_trust_needed(request: &Request) -> bool {
    request.is_for_a_session() || !matches!(request.relation(), Relation::SameAccount)
}

/// Whether nothing that the policy of the resource grants makes up for what the
/// caller's own policies do not.
fn is_identity_needed(request: &Request, judged: &[JudgedLayer]) -> bool {
    let names = trusted(judged);
    match request.relation() {
        Relation::Outside => false,
        Relation::CrossAccount => true,
        Relation::SameAccount if request.is_for_a_session() => {
            names.account != Truth::False && names.role == Truth::False
        }
        Relation::SameAccount => names.role == Truth::False,
    }
}

/// Whether the policy of the resource grants nothing that no limit touches, but
/// may grant something that limits do.
fn is_limit_needed(request: &Request, judged: &[JudgedLayer]) -> bool {
    let names = trusted(judged);
    match request.relation() {
        Relation::Outside => false,
        Relation::CrossAccount => true,
        Relation::SameAccount => {
            !request.is_for_a_session() || names.role.or(names.account) != Truth::False
        }
    }
}

/// What could still decide otherwise: what was not seen could deny, and where it
/// is not allowed yet, what could allow it counts too.
fn missing(judged: &[JudgedLayer], allowed: Truth) -> Vec<Missing> {
    let mut missing: Vec<Missing> = Vec::new();
    let mut add = |new: Missing| {
        if !missing.contains(&new) {
            missing.push(new);
        }
    };
    for layer in judged {
        if layer.is_partly_unseen() {
            add(Missing::Layer(layer.layer));
        }
        layer.doubts(Effect::Deny).for_each(&mut add);
        // How a trust policy names the caller matters, so that each of its
        // statements counts; of the others one that allows is enough.
        let is_open = layer.layer == Layer::Trust || layer.places(Effect::Allow).next().is_none();
        if allowed != Truth::True && is_open {
            layer.doubts(Effect::Allow).for_each(&mut add);
        }
    }
    missing
}

fn of_all<'a, T, I>(judged: &'a [JudgedLayer], of_one: impl Fn(&'a JudgedLayer) -> I) -> Vec<T>
where
    I: Iterator<Item = T> + 'a,
{
    judged.iter().flat_map(of_one).collect()
}

#[cfg(test)]
mod properties;
