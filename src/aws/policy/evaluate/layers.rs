//! The policies of each kind, judged, and what they say together.

use super::caller::{Caller, CallerKind};
use super::decision::{Fact, Layer, Missing, Near, Place};
use super::principal::{Frame, Names};
use super::statement::{self, Judged};
use super::truth::Truth;
use super::{Level, Policies, Policy, Request, Sight};
use crate::aws::policy::document::Effect;

/// The judged policies of one kind; of an organisation's, of one level.
#[derive(Debug)]
pub(super) struct JudgedLayer {
    pub(super) layer: Layer,
    pub(super) level: Option<String>,
    sight: Sighted,
    statements: Vec<Judged>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sighted {
    /// All of them, and there are some.
    All,
    /// There are none, or they do not apply to this caller.
    None,
    /// Not all of them.
    Partly,
}

/// All policies that can bear on a request, judged.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) trust: JudgedLayer,
    pub(super) identity: JudgedLayer,
    pub(super) boundary: JudgedLayer,
    pub(super) session: JudgedLayer,
    endpoint: JudgedLayer,
    /// Each level of the caller's and of the resource's organisation.
    organisations: Vec<JudgedLayer>,
}

impl Layers {
    pub(super) fn judge(request: &Request, policies: &Policies) -> Self {
        let frame = Frame {
            caller: &request.caller,
            has_boundary: has_boundary(request, policies),
        };
        let layer = |layer, sight| judge_layer(layer, sight, request, &frame);
        let levels = |layer, sight| judge_levels(layer, sight, request, &frame);
        let mut organisations = levels(Layer::ServiceControl, &policies.service_control);
        organisations.extend(levels(Layer::ResourceControl, &policies.resource_control));
        Layers {
            trust: layer(Layer::Trust, &policies.trust),
            identity: layer(Layer::Identity, &policies.identity),
            boundary: layer(Layer::Boundary, &policies.boundary),
            session: layer(Layer::Session, &policies.session),
            endpoint: layer(Layer::Endpoint, &policies.endpoint),
            organisations,
        }
    }

    /// What every request has to pass, whatever grants it.
    pub(super) fn gates(&self) -> impl Iterator<Item = &JudgedLayer> {
        std::iter::once(&self.endpoint).chain(&self.organisations)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &JudgedLayer> {
        [&self.trust, &self.identity, &self.boundary, &self.session]
            .into_iter()
            .chain(self.gates())
    }
}

fn has_boundary(request: &Request, policies: &Policies) -> Truth {
    if !applies(Layer::Boundary, &request.caller) {
        return Truth::False;
    }
    match &policies.boundary {
        Sight::NotSeen => Truth::Unknown,
        Sight::Partly(_) => Truth::True,
        Sight::Seen(boundary) => (!boundary.is_empty()).into(),
    }
}

/// Whether policies of this kind exist for such a caller.
fn applies(layer: Layer, caller: &Caller) -> bool {
    let kind = &caller.kind;
    match layer {
        Layer::Trust | Layer::Endpoint => true,
        Layer::Identity | Layer::Boundary => matches!(
            kind,
            CallerKind::User { .. } | CallerKind::Role { .. } | CallerKind::FederatedUser { .. }
        ),
        Layer::Session => matches!(
            kind,
            CallerKind::Role { .. } | CallerKind::FederatedUser { .. }
        ),
        // "SCPs do not affect any service-linked role", and they bear on members
        // of the organisation's accounts only.
        Layer::ServiceControl => caller.account().is_some() && !caller.is_service_linked(),
        // "RCPs don't apply to … service-linked roles."
        Layer::ResourceControl => !caller.is_service_linked(),
    }
}

fn judge_layer(
    layer: Layer,
    sight: &Sight<Policy>,
    request: &Request,
    frame: &Frame<'_>,
) -> JudgedLayer {
    let (sight, policies) = if applies(layer, frame.caller) {
        sighted(sight)
    } else {
        (Sighted::None, [].as_slice())
    };
    JudgedLayer {
        layer,
        level: None,
        sight,
        statements: judge_policies(layer, None, policies, request, frame),
    }
}

fn judge_levels(
    layer: Layer,
    sight: &Sight<Level>,
    request: &Request,
    frame: &Frame<'_>,
) -> Vec<JudgedLayer> {
    if !applies(layer, frame.caller) {
        return Vec::new();
    }
    let (sight, levels) = sighted(sight);
    let judged = levels.iter().map(|level| JudgedLayer {
        layer,
        level: Some(level.name.clone()),
        // A level without policies allows nothing: it is not one without limits.
        sight,
        statements: judge_policies(layer, Some(&level.name), &level.policies, request, frame),
    });
    let mut judged: Vec<JudgedLayer> = judged.collect();
    if sight == Sighted::Partly {
        judged.push(JudgedLayer {
            layer,
            level: None,
            sight,
            statements: Vec::new(),
        });
    }
    judged
}

fn sighted<T>(sight: &Sight<T>) -> (Sighted, &[T]) {
    match sight {
        Sight::NotSeen => (Sighted::Partly, &[]),
        Sight::Partly(seen) => (Sighted::Partly, seen),
        Sight::Seen(seen) if seen.is_empty() => (Sighted::None, &[]),
        Sight::Seen(seen) => (Sighted::All, seen),
    }
}

fn judge_policies(
    layer: Layer,
    level: Option<&str>,
    policies: &[Policy],
    request: &Request,
    frame: &Frame<'_>,
) -> Vec<Judged> {
    let mut judged = Vec::new();
    for Policy { name, document } in policies {
        for (index, statement) in document.statements.iter().enumerate() {
            let place = Place {
                layer,
                level: level.map(str::to_owned),
                policy: name.clone(),
                index,
                sid: statement.sid.clone(),
                effect: statement.effect,
            };
            let language = document.language();
            judged.push(statement::judge(place, statement, language, request, frame));
        }
    }
    judged
}

impl JudgedLayer {
    fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &Judged> {
        self.statements
            .iter()
            .filter(move |judged| judged.place.effect == effect)
    }

    /// How the statements that allow the request name the caller.
    pub(super) fn names(&self) -> Names {
        let mut names = self
            .with_effect(Effect::Allow)
            .map(|judged| judged.applies)
            .fold(Names::NOBODY, Names::or);
        if self.sight == Sighted::Partly {
            // What was not seen may name the caller in any way.
            names = names.or(Names {
                itself: Truth::Unknown,
                role: Truth::Unknown,
                account: Truth::Unknown,
            });
        }
        names
    }

    /// Whether a layer that grants does so: without policies it does not.
    pub(super) fn grants(&self) -> Truth {
        self.names().any()
    }

    /// Whether a layer that limits leaves it allowed: without policies it does.
    pub(super) fn leaves(&self) -> Truth {
        match (self.layer, self.sight) {
            (_, Sighted::None) => Truth::True,
            // "RCPFullAWSAccess … is automatically attached … You can't detach
            // this policy", and other RCPs cannot allow.
            (Layer::ResourceControl, Sighted::All) => Truth::True,
            // Not seen are other levels, each of which has to allow.
            (Layer::ServiceControl | Layer::ResourceControl, Sighted::Partly) => Truth::Unknown,
            _ => self.grants(),
        }
    }

    /// Whether a statement denies it.
    pub(super) fn denies(&self) -> Truth {
        Truth::any(self.with_effect(Effect::Deny).map(Judged::truth))
    }

    /// The statements of this effect that apply.
    pub(super) fn places(&self, effect: Effect) -> impl Iterator<Item = Place> {
        self.with_effect(effect)
            .filter(|judged| judged.truth() == Truth::True)
            .map(|judged| judged.place.clone())
    }

    /// The statements that allow something, but not this.
    pub(super) fn near(&self) -> impl Iterator<Item = Near> {
        self.with_effect(Effect::Allow)
            .filter(|judged| judged.truth() == Truth::False)
            .map(|judged| Near {
                place: judged.place.clone(),
                lacks: judged.lacks.clone(),
            })
    }

    pub(super) fn is_partly_unseen(&self) -> bool {
        self.sight == Sighted::Partly
    }

    /// What is not known of the statements of this effect.
    pub(super) fn doubts(&self, effect: Effect) -> impl Iterator<Item = Missing> {
        self.with_effect(effect)
            // One that applies may still name the caller in a way that is not known.
            .filter(|judged| judged.applies.is_open())
            .flat_map(|judged| {
                judged.doubts.iter().map(|(doubt, condition)| {
                    Missing::Fact(Box::new(Fact {
                        doubt: doubt.clone(),
                        at: judged.place.clone(),
                        condition: condition.clone(),
                    }))
                })
            })
    }
}
