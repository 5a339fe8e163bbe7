//! Does a role of Vault's aws auth method let this principal in, and if not, why?
//! Pure; the role is judged as Vault shows it.
//!
//! Vault compares in this order, and the first that fits lets in: the unique id
//! with `bound_iam_principal_id`; where ids are not resolved, the ARN without its
//! path with the bound ARNs; the ARN with its path with the bound ARNs that end
//! in a star. Source: observed on Vault 1.21.

mod entry;
pub mod words;

use super::Code;
use super::looks::{AuthRole, Who};
use crate::aws::identity::{PrincipalArn, PrincipalKind};

use entry::Verdict;

/// Whoever logs in or would log in: a role, a session of one, or a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub arn: PrincipalArn,
    /// `AROA…` or `AIDA…`, if it was seen.
    pub unique_id: Option<String>,
    /// The IAM ARN with its path. A session's ARN does not tell the path.
    pub full_arn: Option<String>,
}

impl Principal {
    /// A caller, as STS names it; `None` where Vault could not bind its kind.
    pub fn of_caller(who: &Who) -> Option<Self> {
        Principal::of_arn(&who.arn, Some(&who.unique_id))
    }

    /// The principal of an ARN; `None` where Vault could not bind its kind.
    pub fn of_arn(arn: &str, unique_id: Option<&str>) -> Option<Self> {
        let parsed = PrincipalArn::parse(arn)?;
        let full_arn = match parsed.kind {
            PrincipalKind::Role { .. } | PrincipalKind::User { .. } => Some(arn.to_owned()),
            PrincipalKind::AssumedRole { .. } => None,
            PrincipalKind::Root | PrincipalKind::Other(_) => return None,
        };
        Some(Principal {
            arn: parsed,
            unique_id: unique_id.filter(|id| !id.is_empty()).map(str::to_owned),
            full_arn,
        })
    }

    /// The same with the ARN that IAM shows, path and all.
    pub fn with_full_arn(mut self, arn: &str) -> Self {
        self.full_arn = Some(arn.to_owned());
        self
    }

    /// The ARN that Vault compares and that is best bound: of the role or user,
    /// without a path.
    pub fn bindable_arn(&self) -> String {
        let (kind, name) = self.name();
        format!(
            "arn:{}:iam::{}:{kind}/{name}",
            self.arn.partition, self.arn.account
        )
    }

    /// `role` or `user`, and the bare name.
    fn name(&self) -> (&'static str, &str) {
        match &self.arn.kind {
            PrincipalKind::Role { name, .. } => ("role", name),
            PrincipalKind::AssumedRole { role, .. } => ("role", role),
            PrincipalKind::User { name, .. } => ("user", name),
            PrincipalKind::Root | PrincipalKind::Other(_) => ("", ""),
        }
    }

    /// Tells whether it is an IAM user.
    pub fn is_user(&self) -> bool {
        matches!(self.arn.kind, PrincipalKind::User { .. })
    }

    /// The session's name, for a session.
    pub fn session(&self) -> Option<&str> {
        match &self.arn.kind {
            PrincipalKind::AssumedRole { session, .. } => Some(session),
            _ => None,
        }
    }
}

/// What a role says to a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// It lets the principal in.
    Bound(By),
    /// It does not.
    Refused(Mismatch),
    /// What is known of the principal does not decide it.
    Undecided(Missing),
}

/// By what a principal is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// This unique id is bound.
    Id(String),
    /// This ARN is bound, and unique ids are off.
    Arn(String),
    /// This ARN with a star is bound.
    Wildcard(String),
    /// No principal is bound: only the role's other conditions keep anybody out.
    Nobody,
}

/// Why a principal is not let in: the entry that comes closest to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The bound ARN that this is about; `None` where it is about all of them.
    pub entry: Option<String>,
    pub reason: Reason,
}

/// What keeps a principal out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The role takes instance documents, not signed requests.
    TypeEc2,
    /// The ARN is bound, and Vault holds another unique id for it: this one, if
    /// it can be told which of the bound ids belongs to the entry.
    OtherId(Option<String>),
    /// The bound ARN has a path, and ARNs are compared, which lost theirs.
    PathWithoutIds,
    /// The bound ARN is that of a session of this very role.
    SessionArn,
    /// The bound ARN has the same name in another account.
    OtherAccount,
    /// The bound ARN has the same name in another partition.
    OtherPartition,
    /// The bound ARN has a star, and does not match.
    Wildcard(WildcardProblem),
    /// The bound ARN differs in capitals only.
    Capitals,
    /// The bound ARN is that of a user of this name, or of a role where the
    /// principal is a user.
    OtherKind,
    /// The principals that are bound are others.
    OtherPrincipal,
    /// An EC2 instance is inferred from the session's name, which is none.
    NoInstance,
}

/// Why an ARN with a star does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WildcardProblem {
    /// A star alone stands for itself.
    StarAlone,
    /// A star that is not the last character stands for itself.
    StarInside,
    Capitals,
    /// It would match but for the principal's path.
    Path,
    OtherAccount,
    OtherPartition,
    /// What stands before the star is not how the ARN begins.
    OtherText,
}

/// What would decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The unique id of the principal: this entry names it, and this id is bound
    /// for it.
    UniqueId {
        entry: String,
        bound_id: Option<String>,
    },
    /// The principal's path: this entry with a star may match.
    Path { entry: String },
    /// The name of the session, from which an EC2 instance is inferred.
    Session,
}

impl Reason {
    /// Tells whether what is bound has nothing to do with the principal.
    pub fn is_about_others(&self) -> bool {
        Closeness::of(self) == Closeness::Far
    }

    /// The finding that stands for it.
    pub fn code(&self) -> Code {
        match self {
            Reason::TypeEc2 => Code::VLT604,
            Reason::OtherId(_) => Code::VLT607,
            Reason::PathWithoutIds => Code::VLT608,
            Reason::SessionArn => Code::VLT609,
            Reason::Wildcard(_) => Code::VLT610,
            Reason::OtherAccount | Reason::OtherPartition => Code::VLT611,
            Reason::Capitals | Reason::OtherKind | Reason::OtherPrincipal => Code::VLT605,
            Reason::NoInstance => Code::VLT615,
        }
    }
}

/// Judges whether the role lets this principal in. Addresses are not judged
/// (`token_bound_cidrs`), nor what EC2 knows of an inferred instance.
pub fn binding(role: &AuthRole, who: &Principal) -> Binding {
    if role.auth_type() == "ec2" {
        return Binding::Refused(Mismatch {
            entry: None,
            reason: Reason::TypeEc2,
        });
    }
    match (of_principal(role, who), role.inferred_entity()) {
        (Binding::Bound(by), "ec2_instance") => match who.session() {
            Some(session) if session.starts_with("i-") => Binding::Bound(by),
            None if matches!(who.arn.kind, PrincipalKind::Role { .. }) => {
                Binding::Undecided(Missing::Session)
            }
            _ => Binding::Refused(Mismatch {
                entry: None,
                reason: Reason::NoInstance,
            }),
        },
        (binding, _) => binding,
    }
}

/// The same, where Vault said already that the principal is not bound: what could
/// not be decided is decided by that. `None` where the role binds it now.
pub fn why_not_bound(role: &AuthRole, who: &Principal) -> Option<Mismatch> {
    match of_principal(role, who) {
        Binding::Bound(_) => None,
        Binding::Refused(mismatch) => Some(mismatch),
        Binding::Undecided(Missing::UniqueId { entry, bound_id }) => Some(Mismatch {
            entry: Some(entry),
            reason: Reason::OtherId(bound_id),
        }),
        Binding::Undecided(Missing::Path { entry }) => Some(Mismatch {
            reason: Reason::Wildcard(entry::problem(&entry, who)),
            entry: Some(entry),
        }),
        Binding::Undecided(Missing::Session) => None,
    }
}

/// The entry that names this principal, whatever its unique id is: an ARN of the
/// same role, or one with a star that matches it, wherever its path is.
pub fn entry_naming<'a>(role: &'a AuthRole, who: &Principal) -> Option<&'a str> {
    role.bound_arns()
        .into_iter()
        .find(|entry| entry::names(entry, who))
}

/// The binding, by principals alone.
fn of_principal(role: &AuthRole, who: &Principal) -> Binding {
    let entries = role.bound_arns();
    if entries.is_empty() {
        return Binding::Bound(By::Nobody);
    }
    if let Some(id) = &who.unique_id
        && role.bound_ids().contains(&id.as_str())
    {
        return Binding::Bound(By::Id(id.clone()));
    }
    let mut closest: Option<(Closeness, Mismatch)> = None;
    let mut missing = None;
    for (entry, id) in with_ids(role, &entries) {
        let reason = match entry::judge(entry, id, role.resolves_ids(), who) {
            Verdict::Bound(by) => return Binding::Bound(by),
            Verdict::Missing(what) => {
                missing = missing.or(Some(what));
                continue;
            }
            Verdict::Refused(reason) => reason,
        };
        let closeness = Closeness::of(&reason);
        if closest.as_ref().is_none_or(|(best, _)| closeness < *best) {
            let mismatch = Mismatch {
                entry: Some(entry.to_owned()),
                reason,
            };
            closest = Some((closeness, mismatch));
        }
    }
    match (missing, closest) {
        (Some(missing), _) => Binding::Undecided(missing),
        (None, Some((_, mismatch))) => Binding::Refused(of_all(mismatch, &entries)),
        (None, None) => Binding::Bound(By::Nobody),
    }
}

/// An entry that has nothing to do with the principal is no better than the
/// others.
fn of_all(mismatch: Mismatch, entries: &[&str]) -> Mismatch {
    if !mismatch.reason.is_about_others() || entries.len() == 1 {
        return mismatch;
    }
    let all_have_stars = entries.iter().all(|entry| entry.contains('*'));
    Mismatch {
        entry: None,
        reason: if all_have_stars {
            Reason::Wildcard(WildcardProblem::OtherText)
        } else {
            Reason::OtherPrincipal
        },
    }
}

/// The entries, each with the unique id that Vault holds for it. Vault lists the
/// ids of the ARNs without a star, in their order.
fn with_ids<'a>(
    role: &'a AuthRole,
    entries: &'a [&'a str],
) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
    let ids = role.bound_ids();
    let exact = entries.iter().filter(|entry| !entry.ends_with('*')).count();
    let mut ids = if ids.len() == exact { ids } else { Vec::new() }.into_iter();
    entries.iter().map(move |entry| {
        let id = if entry.ends_with('*') {
            None
        } else {
            ids.next()
        };
        (*entry, id)
    })
}

/// How near an entry comes to a principal; the nearest is first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    /// It is meant for this very principal.
    Meant,
    /// It has the principal's name.
    Name,
    /// It would match if stars were what they look like.
    Pattern,
    Far,
}

impl Closeness {
    fn of(reason: &Reason) -> Self {
        use WildcardProblem::*;
        match reason {
            Reason::TypeEc2
            | Reason::OtherId(_)
            | Reason::PathWithoutIds
            | Reason::SessionArn
            | Reason::NoInstance => Closeness::Meant,
            Reason::OtherAccount
            | Reason::OtherPartition
            | Reason::Capitals
            | Reason::OtherKind => Closeness::Name,
            Reason::Wildcard(
                StarAlone | StarInside | Capitals | Path | OtherAccount | OtherPartition,
            ) => Closeness::Pattern,
            Reason::Wildcard(OtherText) | Reason::OtherPrincipal => Closeness::Far,
        }
    }
}

#[cfg(test)]
mod tests;
