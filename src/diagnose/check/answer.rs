//! The answer to the question behind all checks: would KongRole be able to log in and
//! read the paths? Pure.

use super::catalogue::Category;
use super::{Check, Checked, Outcome};
use crate::diagnose::Code;
use crate::diagnose::code::Exit;
use crate::exit_code::TRY_AGAIN;

/// What the checks together say about KongRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// These stand in the way.
    No(Vec<Check>),
    /// Nothing that was seen stands in the way, and these were not seen.
    Unknown(Vec<Check>),
}

/// Draws the answer from all checks. A selection of them answers nothing.
pub fn answer(all: &[Checked]) -> Answer {
    let of = |is: &dyn Fn(&Checked) -> bool| -> Vec<Check> {
        let found = all.iter().filter(|checked| is(checked));
        found.map(|checked| checked.check).collect()
    };
    let has_failed = |checked: &Checked| checked.verdict.outcome == Outcome::Failed;
    let is_trusted = all.iter().any(|checked| {
        checked.check == Check::AwsTrust && checked.verdict.outcome == Outcome::Passed
    });
    let says_nothing_of_kong = |checked: &Checked| {
        is_from_here(checked.check) || passes(checked) || (is_trusted && is_of_this_run(checked))
    };
    let is_login = |checked: &Checked| checked.check.category() == Category::Login;
    // Whoever it was that a real login failed for, Vault would refuse Kong too.
    let failed = of(&|checked| {
        has_failed(checked)
            && !says_nothing_of_kong(checked)
            && (is_on_the_way(checked.check) || is_login(checked))
    });
    if !failed.is_empty() {
        return Answer::No(failed);
    }
    let skipped = of(&|checked| {
        let is_in_doubt = has_failed(checked) && says_nothing_of_kong(checked);
        let is_unseen = matches!(checked.verdict.outcome, Outcome::Skipped { .. }) || is_in_doubt;
        is_unseen
            && (is_on_the_way(checked.check) || (is_in_doubt && is_login(checked)))
            // That the policies grant the paths shows that there are policies.
            && checked.check != Check::AuthPolicies
    });
    if skipped.is_empty() {
        Answer::Yes
    } else {
        Answer::Unknown(skipped)
    }
}

/// A failure that another try may not meet: a limit, or what is not spread yet.
fn passes(checked: &Checked) -> bool {
    let mut findings = checked.verdict.findings.iter();
    findings.any(|finding| finding.code.row().exit == Exit::Always(TRY_AGAIN))
}

/// AssumeRole met a condition on what this run sent, its session's name or its external
/// id. Kong sends its own.
fn is_of_this_run(checked: &Checked) -> bool {
    let mut findings = checked.verdict.findings.iter();
    checked.check == Check::LoginAssume
        && findings.any(|finding| matches!(finding.code, Code::AWS203 | Code::AWS204))
}

/// The way from this machine to Vault. Kong's may be another.
fn is_from_here(check: Check) -> bool {
    matches!(check, Check::VaultReachable | Check::VaultTls)
}

/// What KongRole's login and its read hang on. Who runs this, and what is only not
/// safe, do not count.
fn is_on_the_way(check: Check) -> bool {
    let is_of_the_caller = matches!(check, Check::AwsCredentials | Check::AwsCaller);
    // What only the next set-up, or the next instance, hangs on.
    let is_beside = matches!(
        check,
        Check::AwsServer
            | Check::AwsProfile
            | Check::AwsWorkload
            | Check::VaultVersion
            | Check::AuthTokens
    );
    let is_category = matches!(
        check.category(),
        Category::Aws | Category::Vault | Category::Auth | Category::Policy | Category::Kv
    );
    is_category && !is_of_the_caller && !is_beside
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::diagnose::Finding;
    use crate::diagnose::check::Verdict;

    fn all_with(special: &[(Check, Verdict)]) -> Vec<Checked> {
        let of_check = |check: Check| {
            let special = special.iter().find(|(one, _)| *one == check);
            Checked {
                check,
                verdict: special.map_or(Verdict::passed(""), |(_, verdict)| verdict.clone()),
                took: Duration::ZERO,
            }
        };
        Check::ALL.into_iter().map(of_check).collect()
    }

    #[test]
    fn only_what_a_login_hangs_on_counts() {
        let failed = || Verdict::found("", Finding::certain(Code::AWS202));
        let skipped = || Verdict::skipped("no right");
        let cases = [
            (vec![], Answer::Yes),
            (
                vec![(Check::AwsTrust, failed())],
                Answer::No(vec![Check::AwsTrust]),
            ),
            (
                vec![(Check::AwsTrust, failed()), (Check::AuthRole, skipped())],
                Answer::No(vec![Check::AwsTrust]),
            ),
            (
                vec![(Check::AuthPolicies, failed())],
                Answer::No(vec![Check::AuthPolicies]),
            ),
            (
                vec![
                    (Check::AuthBinding, skipped()),
                    (Check::LoginVault, failed()),
                ],
                Answer::No(vec![Check::LoginVault]),
            ),
            (
                vec![(Check::AuthBinding, skipped())],
                Answer::Unknown(vec![Check::AuthBinding]),
            ),
            // It may be over with the next try.
            (
                vec![(
                    Check::LoginAssume,
                    Verdict::found("", Finding::certain(Code::AWS217)),
                )],
                Answer::Unknown(vec![Check::LoginAssume]),
            ),
            // This run's session has another name than Kong's.
            (
                vec![(
                    Check::LoginAssume,
                    Verdict::found("", Finding::certain(Code::AWS204)),
                )],
                Answer::Unknown(vec![Check::LoginAssume]),
            ),
            (
                vec![
                    (
                        Check::LoginAssume,
                        Verdict::found("", Finding::certain(Code::AWS204)),
                    ),
                    (Check::AwsTrust, skipped()),
                ],
                Answer::No(vec![Check::LoginAssume]),
            ),
            // Kong may be where Vault can be reached.
            (
                vec![
                    (Check::VaultReachable, failed()),
                    (Check::AuthMethod, skipped()),
                ],
                Answer::Unknown(vec![Check::VaultReachable, Check::AuthMethod]),
            ),
            (
                vec![
                    (Check::AwsCaller, failed()),
                    (Check::SecHttp, failed()),
                    (Check::LoginAssume, skipped()),
                    (Check::AwsServer, skipped()),
                    (Check::AuthPolicies, skipped()),
                ],
                Answer::Yes,
            ),
        ];
        for (special, expected) in cases {
            assert_eq!(answer(&all_with(&special)), expected);
        }
    }
}
