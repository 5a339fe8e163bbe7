//! What was decided, by which statement, and why.

use super::context::Value;
use crate::aws::policy::document::Effect;

/// What AWS would decide, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided about. Of a call that needs several actions, the one
    /// that decides.
    pub action: String,
    pub verdict: Verdict,
    /// Why it is denied, each reason sufficient by itself: explicit denies
    /// first. Empty unless it is denied.
    pub refusals: Vec<Refusal>,
    /// What would have to be known: empty unless it is undecided.
    pub missing: Vec<Missing>,
    /// The statements that allow the request.
    pub allowed_by: Vec<Place>,
    /// Every other statement that allows something, and what keeps it from
    /// allowing this request.
    pub near: Vec<Near>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    Denied,
    Undecided,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A statement denies it.
    Denied(Place),
    /// No statement of the layer allows it; of an organisation's policies, at
    /// the level of this name.
    NotAllowed { layer: Layer, level: Option<String> },
    /// No policy matters: STS lets neither root users nor federated users assume
    /// a role.
    Caller,
}

/// The kinds of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The trust policy of a role, or the policy of another resource.
    Trust,
    Identity,
    /// The permissions boundary of the caller.
    Boundary,
    /// The policies with which the caller's own session was made.
    Session,
    /// Service control policies of the caller's organisation.
    ServiceControl,
    /// Resource control policies of the resource's organisation.
    ResourceControl,
    /// The policy of the VPC endpoint that the request goes through.
    Endpoint,
}

/// A statement, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub layer: Layer,
    /// The part of the organisation that has the policy.
    pub level: Option<String>,
    /// The name of the policy.
    pub policy: String,
    /// From zero, as in `Statement[1]`.
    pub index: usize,
    pub sid: Option<String>,
    pub effect: Effect,
}

/// A statement that would allow the request but for what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    pub place: Place,
    pub lacks: Vec<Mismatch>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// It does not name the caller.
    Principal(OtherPrincipals),
    /// It is about other actions.
    Action,
    /// It is about other resources.
    Resource,
    Condition(Condition),
}

/// Whom a statement names in place of the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherPrincipals {
    /// All of them, as written.
    pub names: Vec<String>,
    /// The bare ids among them: IAM shows them in place of principals that were
    /// deleted.
    pub deleted: Vec<String>,
    /// Those of AWS's principals that are not deleted: no services, no identity
    /// providers.
    pub living: Vec<String>,
    /// Other sessions of the caller's own role.
    pub sessions: Vec<String>,
}

/// One line of a condition block, and what the request has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub operator: String,
    pub key: String,
    pub wanted: Vec<String>,
    pub has: Value,
}

/// What would have to be known for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Policies of this kind were not seen, or not all of them.
    Layer(Layer),
    /// Whether a statement applies.
    Fact(Box<Fact>),
}

/// Something that is not known, and the statement for which it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub doubt: Doubt,
    pub at: Place,
    /// Where it stands in a condition.
    pub condition: Option<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The value of a context key.
    Key(String),
    /// The session of the role that makes the request.
    SessionName,
    /// The caller's unique id.
    UniqueId,
    /// The user who made the federated session.
    FederatingUser,
    /// Whether the caller has a permissions boundary.
    Boundary,
    /// AWS's documentation leaves open how it reads this.
    Reading(Unclear),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// An operator that AWS does not have.
    Operator,
    /// A value that is not of the operator's type.
    Operand,
    /// A key that takes several values, under an operator for one.
    SeveralValues,
    /// A policy variable without exactly one value, where not matching would be
    /// to the statement's advantage.
    Variable,
    /// `IfExists` behind `ForAnyValue`, and the key is absent.
    AnyValueIfExists,
    /// `Null` behind a set operator.
    NullOfSet,
    /// A pattern of an ARN with too few parts.
    ShortArn,
    /// A wildcard for AWS principals, and the caller is a service or was vouched
    /// for by a provider.
    Everyone,
    /// Some, but not all, of what has to be named for the caller's exemption.
    NotPrincipal,
}

impl Decision {
    /// The statements of one layer among [`Decision::near`].
    pub fn near_in(&self, layer: Layer) -> impl Iterator<Item = &Near> {
        self.near
            .iter()
            .filter(move |near| near.place.layer == layer)
    }

    /// Tells whether all that was seen allows the request, and only whole layers
    /// were not seen.
    pub fn is_allowed_as_far_as_seen(&self) -> bool {
        let only_layers = |missing: &Missing| matches!(missing, Missing::Layer(_));
        match self.verdict {
            Verdict::Allowed => true,
            Verdict::Denied => false,
            Verdict::Undecided => {
                !self.allowed_by.is_empty() && self.missing.iter().all(only_layers)
            }
        }
    }
}

impl Near {
    /// The conditions that are not met, where they are all that the statement
    /// lacks.
    pub fn only_conditions(&self) -> Option<Vec<&Condition>> {
        let conditions = self.lacks.iter().map(|mismatch| match mismatch {
            Mismatch::Condition(condition) => Some(condition),
            Mismatch::Principal(_) | Mismatch::Action | Mismatch::Resource => None,
        });
        conditions.collect()
    }

    /// Whom the statement names, where it does not name the caller.
    pub fn other_principals(&self) -> Option<&OtherPrincipals> {
        self.lacks.iter().find_map(|mismatch| match mismatch {
            Mismatch::Principal(principals) => Some(principals),
            _ => None,
        })
    }
}
