//! Whether a statement names the caller, and how.
//!
//! Source: "AWS JSON policy elements: Principal" and "… NotPrincipal" in the
//! IAM user guide.

use super::caller::{Account, Caller, CallerKind};
use super::decision::{Doubt, OtherPrincipals, Unclear};
use super::truth::Truth;
use crate::aws::identity::{PrincipalArn, PrincipalKind};
use crate::aws::policy::document::{Effect, PrincipalLists, Principals, Scope};
use crate::settings::value::is_account;

/// How a statement names the caller: that decides which other policies can still
/// refuse within one account.
///
/// Source: "Policy evaluation logic", the table on resource-based policies and
/// implicit denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    /// As the user or the session that makes the request, or as one of all:
    /// nothing but an explicit deny refuses it then.
    pub(super) itself: Truth,
    /// As the role behind the session: boundary and session policies limit it.
    pub(super) role: Truth,
    /// As a member of its account, which has to allow it by its own policies.
    pub(super) account: Truth,
}

#[derive(Debug)]
pub(super) struct Judged {
    pub(super) names: Names,
    pub(super) doubts: Vec<Doubt>,
    pub(super) others: OtherPrincipals,
}

/// What is known of the caller beside its name.
pub(super) struct Frame<'a> {
    pub(super) caller: &'a Caller,
    /// Whether it has a permissions boundary.
    pub(super) has_boundary: Truth,
}

impl Names {
    pub(super) const NOBODY: Names = Names {
        itself: Truth::False,
        role: Truth::False,
        account: Truth::False,
    };

    pub(super) fn itself(itself: Truth) -> Names {
        Names {
            itself,
            ..Names::NOBODY
        }
    }

    pub(super) fn any(self) -> Truth {
        self.itself.or(self.role).or(self.account)
    }

    /// Whether one of the ways is not known.
    pub(super) fn is_open(self) -> bool {
        [self.itself, self.role, self.account].contains(&Truth::Unknown)
    }

    pub(super) fn or(self, other: Names) -> Names {
        Names {
            itself: self.itself.or(other.itself),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }

    pub(super) fn and(self, truth: Truth) -> Names {
        Names {
            itself: self.itself.and(truth),
            role: self.role.and(truth),
            account: self.account.and(truth),
        }
    }
}

/// Judges the `Principal` or `NotPrincipal` of a statement.
pub(super) fn judge(scope: &Scope<Principals>, effect: Effect, frame: &Frame<'_>) -> Judged {
    let listed = list(scope.listed());
    let mut doubts = Vec::new();
    let mut each = Vec::new();
    for principal in &listed {
        let (names, doubt) = match_one(*principal, effect, frame.caller);
        doubts.extend(doubt);
        each.push(names);
    }
    let named = each.iter().copied().fold(Names::NOBODY, Names::or);
    let names = match (scope, effect) {
        (Scope::Only(_), _) => named,
        (Scope::AllBut(_), Effect::Allow) => Names::itself(named.any().negate()),
        (Scope::AllBut(_), Effect::Deny) => {
            doubts.clear();
            Names::itself(spared(named, frame, &mut doubts).negate())
        }
    };
    Judged {
        names,
        doubts,
        others: others(&listed, frame.caller),
    }
}

/// Whether `NotPrincipal` with `Deny` spares the caller.
///
/// "You must also specify the account ARN of the not-denied principal", and of
/// a session the role and the session too. With a boundary nobody is spared: it
/// "will always deny any IAM principal that has a permissions boundary policy
/// attached".
fn spared(named: Names, frame: &Frame<'_>, doubts: &mut Vec<Doubt>) -> Truth {
    let needed: &[Truth] = match frame.caller.kind {
        CallerKind::User { .. } | CallerKind::FederatedUser { .. } => {
            &[named.itself, named.account]
        }
        CallerKind::Role { .. } => &[named.itself, named.role, named.account],
        CallerKind::Root { .. } => &[named.account],
        CallerKind::Service { .. } | CallerKind::Federated { .. } => &[named.itself],
    };
    let (all, any) = (
        Truth::all(needed.iter().copied()),
        Truth::any(needed.iter().copied()),
    );
    let spared = match (all, any) {
        (Truth::True, _) => Truth::True,
        (_, Truth::False) => return Truth::False,
        _ => {
            doubts.push(Doubt::Reading(Unclear::NotPrincipal));
            Truth::Unknown
        }
    };
    if frame.has_boundary == Truth::Unknown {
        doubts.push(Doubt::Boundary);
    }
    spared.and(frame.has_boundary.negate())
}

#[derive(Debug, Clone, Copy)]
enum Listed<'a> {
    Everyone,
    Aws(&'a str),
    Service(&'a str),
    Federated(&'a str),
    /// For S3 only: it never names a caller here.
    CanonicalUser(&'a str),
}

impl<'a> Listed<'a> {
    fn text(self) -> &'a str {
        match self {
            Listed::Everyone => "*",
            Listed::Aws(text)
            | Listed::Service(text)
            | Listed::Federated(text)
            | Listed::CanonicalUser(text) => text,
        }
    }
}

fn list(principals: &Principals) -> Vec<Listed<'_>> {
    let Principals::Listed(lists) = principals else {
        return vec![Listed::Everyone];
    };
    let PrincipalLists {
        aws,
        service,
        federated,
        canonical_user,
    } = lists;
    // "The wildcard in {"AWS": "*"} and "*" are equivalent."
    let aws = aws.iter().map(|text| match text.as_str() {
        "*" => Listed::Everyone,
        text => Listed::Aws(text),
    });
    aws.chain(service.iter().map(|text| Listed::Service(text)))
        .chain(federated.iter().map(|text| Listed::Federated(text)))
        .chain(
            canonical_user
                .iter()
                .map(|text| Listed::CanonicalUser(text)),
        )
        .collect()
}

/// Texts are compared whole: "You cannot use a wildcard to match part of a
/// principal name or ARN."
fn match_one(principal: Listed<'_>, effect: Effect, caller: &Caller) -> (Names, Option<Doubt>) {
    let exactly = |is_named: bool| (Names::itself(is_named.into()), None);
    match (principal, &caller.kind) {
        (Listed::Everyone, CallerKind::Service { .. } | CallerKind::Federated { .. })
            if effect == Effect::Allow =>
        {
            let doubt = Doubt::Reading(Unclear::Everyone);
            (Names::itself(Truth::Unknown), Some(doubt))
        }
        (Listed::Everyone, _) => exactly(true),
        (Listed::Service(named), CallerKind::Service { principal }) => exactly(named == principal),
        (Listed::Federated(named), CallerKind::Federated { provider }) => {
            exactly(named == provider)
        }
        (Listed::Aws(named), _) => match caller.account() {
            Some(account) => match_aws(named, account, caller),
            None => exactly(false),
        },
        (Listed::Service(_) | Listed::Federated(_) | Listed::CanonicalUser(_), _) => exactly(false),
    }
}

fn match_aws(named: &str, account: &Account, caller: &Caller) -> (Names, Option<Doubt>) {
    let of_account = |is_named: bool| Names {
        account: is_named.into(),
        ..Names::NOBODY
    };
    if is_account(named) {
        return (of_account(named == account.id), None);
    }
    let Some(arn) = PrincipalArn::parse(named) else {
        return match_unique_id(named, caller);
    };
    if (arn.partition.as_str(), arn.account.as_str()) != (&account.partition, &account.id) {
        return (Names::NOBODY, None);
    }
    let exactly = |is_named: bool| (Names::itself(is_named.into()), None);
    match (arn.kind, &caller.kind) {
        (PrincipalKind::Root, _) => (of_account(true), None),
        (
            PrincipalKind::User { path, name },
            CallerKind::User {
                path: own_path,
                name: own_name,
                ..
            },
        ) => exactly((&path, &name) == (own_path, own_name)),
        // What stands here is who made the session, and its ARN does not tell.
        (PrincipalKind::User { .. }, CallerKind::FederatedUser { .. }) => {
            let names = Names {
                role: Truth::Unknown,
                ..Names::NOBODY
            };
            (names, Some(Doubt::FederatingUser))
        }
        (
            PrincipalKind::Role { path, name },
            CallerKind::Role {
                path: own_path,
                name: own_name,
                ..
            },
        ) => {
            // Without its path a role is told by its name: "Names are unique
            // within an account", whatever the path.
            let is_path = own_path.as_ref().is_none_or(|own_path| path == *own_path);
            let names = Names {
                role: (name == *own_name && is_path).into(),
                ..Names::NOBODY
            };
            (names, None)
        }
        (
            PrincipalKind::AssumedRole { role, session },
            CallerKind::Role {
                name,
                session: own_session,
                ..
            },
        ) => match own_session {
            _ if role != *name => exactly(false),
            Some(own_session) => exactly(session == *own_session),
            None => (Names::itself(Truth::Unknown), Some(Doubt::SessionName)),
        },
        (PrincipalKind::Other(resource), CallerKind::FederatedUser { name, .. }) => {
            exactly(resource.strip_prefix("federated-user/") == Some(name))
        }
        _ => (Names::NOBODY, None),
    }
}

/// A bare `AROA…` or `AIDA…`: what AWS keeps in place of the ARN, and shows once
/// the principal is gone.
fn match_unique_id(named: &str, caller: &Caller) -> (Names, Option<Doubt>) {
    let is_ones = match caller.kind {
        CallerKind::User { .. } => is_unique_id(named, "AIDA"),
        CallerKind::Role { .. } => is_unique_id(named, "AROA"),
        _ => false,
    };
    if !is_ones {
        return (Names::NOBODY, None);
    }
    let (truth, doubt) = match &caller.unique_id {
        Some(id) => ((id == named).into(), None),
        None => (Truth::Unknown, Some(Doubt::UniqueId)),
    };
    let names = match caller.kind {
        CallerKind::Role { .. } => Names {
            role: truth,
            ..Names::NOBODY
        },
        _ => Names::itself(truth),
    };
    (names, doubt)
}

/// Tells whether a principal is a bare id: IAM shows one in place of a role or user
/// that was deleted.
pub fn is_bare_id(text: &str) -> bool {
    is_unique_id(text, "AROA") || is_unique_id(text, "AIDA")
}

fn is_unique_id(text: &str, prefix: &str) -> bool {
    text.starts_with(prefix)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whom the statement names, for a caller whom it does not name.
fn others(listed: &[Listed<'_>], caller: &Caller) -> OtherPrincipals {
    let mut others = OtherPrincipals::default();
    for principal in listed {
        let text = principal.text();
        others.names.push(text.to_owned());
        let Listed::Aws(_) = principal else { continue };
        if is_bare_id(text) {
            others.deleted.push(text.to_owned());
        } else {
            others.living.push(text.to_owned());
        }
        let session = PrincipalArn::parse(text).filter(|arn| {
            matches!((&arn.kind, &caller.kind),
                (PrincipalKind::AssumedRole { role, .. }, CallerKind::Role { name, .. })
                if role == name)
                && caller.account().is_some_and(|account| {
                    account.partition == arn.partition && account.id == arn.account
                })
        });
        if session.is_some() {
            others.sessions.push(text.to_owned());
        }
    }
    others
}
