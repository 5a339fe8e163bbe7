//! From the judged policies to the verdict and its reasons.

use super::caller::CallerKind;
use super::decision::{Decision, Layer, Missing, Refusal, Verdict};
use super::layers::{JudgedLayer, Layers};
use super::truth::Truth;
use super::{Relation, Request};
use crate::aws::policy::document::Effect;

pub(super) fn decide(request: &Request, layers: &Layers) -> Decision {
    let granted = granted(request, layers);
    let left = Truth::all(layers.gates().map(JudgedLayer::leaves));
    let allowed = granted.and(left);
    let denied = Truth::any(layers.all().map(JudgedLayer::denies));
    let mut decision = Decision {
        action: request.action.clone(),
        verdict: Verdict::Undecided,
        refusals: Vec::new(),
        missing: Vec::new(),
        allowed_by: layers
            .all()
            .flat_map(|layer| layer.places(Effect::Allow))
            .collect(),
        near: layers.all().flat_map(JudgedLayer::near).collect(),
    };
    if is_barred(request) || denied == Truth::True || allowed == Truth::False {
        decision.verdict = Verdict::Denied;
        decision.refusals = refusals(request, layers, granted);
        return decision;
    }
    decision.missing = missing(layers, allowed);
    if allowed == Truth::True && decision.missing.is_empty() {
        decision.verdict = Verdict::Allowed;
    }
    decision
}

/// Whether those policies that can grant do so, within the limits of the caller.
fn granted(request: &Request, layers: &Layers) -> Truth {
    let trust = layers.trust.names();
    let identity = identity(request, layers);
    let limits = layers.boundary.leaves().and(layers.session.leaves());
    match request.relation() {
        Relation::Outside => trust.any(),
        Relation::CrossAccount => trust.any().and(identity).and(limits),
        Relation::SameAccount => {
            let within_limits = if request.is_for_a_session() {
                trust.role.or(trust.account.and(identity))
            } else {
                trust.role.or(identity)
            };
            trust.itself.or(within_limits.and(limits))
        }
    }
}

/// Whether the caller's own policies allow it. A root user needs none.
fn identity(request: &Request, layers: &Layers) -> Truth {
    let is_root = matches!(request.caller.kind, CallerKind::Root { .. });
    Truth::from(is_root).or(layers.identity.grants())
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
fn refusals(request: &Request, layers: &Layers, granted: Truth) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if is_barred(request) {
        refusals.push(Refusal::Caller);
    }
    let denials = layers.all().flat_map(|layer| layer.places(Effect::Deny));
    refusals.extend(denials.map(Refusal::Denied));
    let mut to_blame: Vec<&JudgedLayer> = Vec::new();
    if granted == Truth::False {
        if is_trust_needed(request) && layers.trust.grants() == Truth::False {
            to_blame.push(&layers.trust);
        }
        if is_identity_needed(request, layers) && identity(request, layers) == Truth::False {
            to_blame.push(&layers.identity);
        }
        if is_limit_needed(request, layers) {
            let limits = [&layers.boundary, &layers.session].into_iter();
            to_blame.extend(limits.filter(|limit| limit.leaves() == Truth::False));
        }
    }
    to_blame.extend(layers.gates().filter(|gate| gate.leaves() == Truth::False));
    refusals.extend(to_blame.into_iter().map(|layer| Refusal::NotAllowed {
        layer: layer.layer,
        level: layer.level.clone(),
    }));
    refusals
}

/// Whether nothing makes up for what the policy of the resource does not allow.
fn is_trust_needed(request: &Request) -> bool {
    match request.relation() {
        Relation::SameAccount => request.is_for_a_session(),
        Relation::CrossAccount | Relation::Outside => true,
    }
}

/// Whether nothing that the policy of the resource grants makes up for what the
/// caller's own policies do not.
fn is_identity_needed(request: &Request, layers: &Layers) -> bool {
    let trust = layers.trust.names();
    match request.relation() {
        Relation::Outside => false,
        Relation::CrossAccount => true,
        Relation::SameAccount if request.is_for_a_session() => {
            trust.account != Truth::False && trust.role == Truth::False
        }
        Relation::SameAccount => trust.role == Truth::False,
    }
}

/// Whether something is granted that the limits of the caller touch.
fn is_limit_needed(request: &Request, layers: &Layers) -> bool {
    let trust = layers.trust.names();
    match request.relation() {
        Relation::Outside => false,
        Relation::CrossAccount => true,
        Relation::SameAccount => {
            !request.is_for_a_session() || trust.role.or(trust.account) != Truth::False
        }
    }
}

/// What could still decide otherwise: what was not seen could deny, and where it
/// is not allowed yet, what could allow it counts too.
fn missing(layers: &Layers, allowed: Truth) -> Vec<Missing> {
    let mut missing: Vec<Missing> = Vec::new();
    let mut add = |new: Missing| {
        if !missing.contains(&new) {
            missing.push(new);
        }
    };
    for layer in layers.all() {
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
