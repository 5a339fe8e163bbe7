//! Which questions a failure raises. Whatever could not change the verdict is
//! not asked.

use crate::aws::classify::{is_access_denied, is_unknown_key};
use crate::fault::{Cause, Fault, KvProblem, Side};
use crate::trace::StepId;
use crate::vault::login_refusal::unrouted;

/// Something that the probes can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Does the STS of another region take the keys?
    KeysElsewhere,
    /// Who signed for Vault?
    Signer,
    /// What is the role to assume, and whom does it trust?
    LoginRole,
    /// What may the caller's own role do?
    CallerRole,
    /// May the caller assume the role, as IAM's simulator sees it?
    MayAssume,
    /// What answers at the login's path?
    LoginKind,
    /// Does Vault want a server id?
    ServerId,
    /// Which STS does Vault ask?
    Sts,
    /// From which address is Vault spoken to?
    OwnAddress,
    AuthMounts,
    AuthRole,
    /// Whom does Vault take this login for?
    Entity,
    /// Which namespaces lie below?
    Namespaces,
    ClientConfig,
    StsAccounts,
    SecretsMounts,
    /// Which versions of the secret can be read?
    Versions,
    /// Which policies has the token, and what do they say?
    Policies,
    Capabilities,
}

/// What to ask after this fault.
pub fn questions(fault: &Fault) -> Vec<Question> {
    use Question::*;
    let is_denied_by_aws =
        matches!(fault.side, Side::Sts | Side::Iam) && fault.cause == Cause::Answered;
    match (fault.step, &fault.cause) {
        (StepId::Assume, Cause::Answered) if is_denied_by_aws && is_access_denied(fault) => {
            vec![LoginRole, CallerRole, MayAssume]
        }
        (StepId::Caller | StepId::Assume, Cause::Answered) if is_unknown_key(fault) => {
            vec![KeysElsewhere]
        }
        (StepId::Login, Cause::Answered) if fault.status == Some(403) => {
            vec![
                LoginKind, OwnAddress, AuthMounts, AuthRole, Entity, Namespaces,
            ]
        }
        // Before 1.10 that is told with 400, and with a token that is added with 404.
        (StepId::Login, Cause::Answered) if unrouted(&fault.message).is_some() => {
            vec![LoginKind, AuthMounts, Namespaces]
        }
        // Other methods have statuses of their own for a login that is none of theirs.
        (StepId::Login, Cause::Answered) if matches!(fault.status, Some(404 | 405 | 500)) => {
            vec![LoginKind, AuthMounts, AuthRole, ClientConfig, Namespaces]
        }
        (StepId::Login, Cause::Answered) if fault.status == Some(400) => match fault.side {
            Side::StsViaVault => vec![Signer, Sts, ClientConfig],
            Side::IamViaVault => vec![
                Signer,
                LoginRole,
                CallerRole,
                AuthRole,
                ClientConfig,
                StsAccounts,
            ],
            _ => vec![
                Signer,
                LoginRole,
                CallerRole,
                LoginKind,
                ServerId,
                AuthMounts,
                AuthRole,
                ClientConfig,
            ],
        },
        // How the server is, or that it wants a second factor, is said outright.
        (StepId::Login, Cause::Answered) => Vec::new(),
        (StepId::Login, _) => vec![LoginKind, ClientConfig],
        (StepId::Read | StepId::Write, Cause::Kv(problem)) => of_secret(problem),
        _ => Vec::new(),
    }
}

fn of_secret(problem: &KvProblem) -> Vec<Question> {
    use Question::*;
    match problem {
        KvProblem::Denied { .. } | KvProblem::DeniedOrNoMount => {
            vec![SecretsMounts, Policies, Capabilities]
        }
        KvProblem::NoSecret { asked: Some(_), .. } => vec![SecretsMounts, Versions],
        KvProblem::Deleted { .. } | KvProblem::Destroyed => vec![Versions],
        KvProblem::NoSecret { .. }
        | KvProblem::DoubledPrefix { .. }
        | KvProblem::NoEngine
        | KvProblem::VersionUnseen
        | KvProblem::V1PathOnV2
        | KvProblem::V2PathOnV1 { .. }
        | KvProblem::OtherVersion { .. }
        | KvProblem::NotKv { .. } => vec![SecretsMounts],
        KvProblem::TokenInvalid | KvProblem::TokenRefused => vec![AuthRole],
        KvProblem::Wrapped => vec![Policies],
        KvProblem::Upgrading
        | KvProblem::NoField { .. }
        | KvProblem::TokenUnplaced
        | KvProblem::SentinelDenied(_)
        | KvProblem::NoName
        | KvProblem::NeedsVersionTwo
        | KvProblem::BodyRefused
        | KvProblem::CheckAndSet { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_login_raises_the_questions_of_its_status_and_side() {
        let asked = |status: u16, side: Side| {
            let mut fault = Fault::new(StepId::Login, side, "", "", Cause::Answered, "");
            fault.status = Some(status);
            questions(&fault)
        };
        for status in [200, 412, 429, 472, 501, 503] {
            assert_eq!(asked(status, Side::Vault), [], "{status}");
        }
        assert!(asked(403, Side::Vault).contains(&Question::Entity));
        assert!(!asked(400, Side::Vault).contains(&Question::Entity));
        assert!(asked(400, Side::Vault).contains(&Question::ServerId));
        assert!(!asked(400, Side::StsViaVault).contains(&Question::AuthRole));
        assert!(asked(400, Side::IamViaVault).contains(&Question::StsAccounts));
        let words = "missing client token";
        let mut old = Fault::new(StepId::Login, Side::Vault, "", "", Cause::Answered, words);
        old.status = Some(400);
        assert!(questions(&old).contains(&Question::Namespaces));
        assert!(!asked(400, Side::Vault).contains(&Question::Namespaces));
    }
}
