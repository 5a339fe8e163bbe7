//! Running checks: each once, behind those it needs, and all others beside it.

use std::pin::Pin;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesOrdered;
use tokio::sync::OnceCell;

use super::catalogue::{Check, Need};
use super::verdict::{Outcome, Verdict};
use super::{Checked, Selection};

/// A check under way.
type Asking<'a> = Pin<Box<dyn Future<Output = Verdict> + 'a>>;

/// Runs the selected checks. What they need is run too, and not reported. Each is
/// told as soon as it and all before it have ended.
pub(super) async fn run<'a>(
    selection: &Selection,
    ask: impl Fn(Check) -> Asking<'a>,
    tell: &dyn Fn(&Checked),
) -> Vec<Checked> {
    let engine = Engine {
        ask: &ask,
        reported: selection.checks(),
        cells: std::array::from_fn(|_| OnceCell::new()),
    };
    let checks = selection.checks().iter();
    let mut running: FuturesOrdered<_> = checks.map(|check| engine.ran(*check)).collect();
    let mut all = Vec::new();
    while let Some(ran) = running.next().await {
        tell(&ran.checked);
        all.push(ran.checked.clone());
    }
    all
}

struct Engine<'e, 'a> {
    ask: &'e dyn Fn(Check) -> Asking<'a>,
    reported: &'e [Check],
    cells: [OnceCell<Ran>; Check::ALL.len()],
}

/// A check that was run, or was not because of a need.
struct Ran {
    checked: Checked,
    /// The need that was not met, as it is said of all that hang on it.
    unmet: Option<String>,
}

impl Engine<'_, '_> {
    /// A check and its verdict; whoever comes second waits for the first.
    fn ran(&self, check: Check) -> Pin<Box<dyn Future<Output = &Ran> + '_>> {
        Box::pin(async move {
            let cell = &self.cells[check as usize];
            cell.get_or_init(|| self.decide(check)).await
        })
    }

    async fn decide(&self, check: Check) -> Ran {
        let needs = check.needs().iter();
        let needed = join_all(
            needs.map(|need| async move { self.unmet(*need, self.ran(need.check()).await) }),
        )
        .await;
        let begun = Instant::now();
        let unmet = needed.into_iter().flatten().next();
        let verdict = match &unmet {
            Some(because) => Verdict::skipped(because.clone()),
            None => (self.ask)(check).await,
        };
        Ran {
            checked: Checked {
                check,
                verdict,
                took: begun.elapsed(),
            },
            unmet,
        }
    }

    /// Why a need is not met, if it is not: named is what failed or was skipped by
    /// itself, however far away it is.
    fn unmet(&self, need: Need, ran: &Ran) -> Option<String> {
        let verdict = &ran.checked.verdict;
        let (how, why) = match (need, &verdict.outcome) {
            (_, Outcome::Passed | Outcome::Warned)
            | (Need::NotFailed(_), Outcome::Skipped { .. }) => return None,
            (Need::Met(_), Outcome::Skipped { .. }) if ran.unmet.is_some() => {
                return ran.unmet.clone();
            }
            (Need::Met(_), Outcome::Skipped { because }) => ("was skipped", because),
            (_, Outcome::Failed) => ("failed", &verdict.said),
        };
        let check = need.check();
        let words = format!("it needs {}, which {how}", check.id());
        // Where it has a line of its own, that says why.
        if self.reported.contains(&check) || why.is_empty() {
            return Some(words);
        }
        let codes = verdict.findings.iter().map(|finding| finding.code.name());
        let why: Vec<&str> = codes.chain([why.as_str()]).collect();
        Some(format!("{words}: {}", why.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::*;
    use crate::diagnose::{Code, Finding};

    fn all() -> Selection {
        Selection::new(&[], &[]).unwrap_or_else(|_| unreachable!("all checks"))
    }

    fn only(ids: &[&str]) -> Selection {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        Selection::new(&ids, &[]).unwrap_or_else(|_| unreachable!("known ids"))
    }

    fn broken() -> Verdict {
        Verdict::found("", Finding::certain(Code::AWS202))
    }

    /// The outcomes when these checks end differently, and how often each was run.
    async fn outcomes(
        selection: &Selection,
        special: &[(Check, Verdict)],
    ) -> (BTreeMap<&'static str, Outcome>, BTreeMap<Check, usize>) {
        let asked = RefCell::new(BTreeMap::new());
        let checked = run(
            selection,
            |check| {
                *asked.borrow_mut().entry(check).or_insert(0) += 1;
                let special = special.iter().find(|(one, _)| *one == check);
                let verdict = special.map_or(Verdict::passed(""), |(_, verdict)| verdict.clone());
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    verdict
                })
            },
            &|_| (),
        )
        .await;
        let outcomes = checked
            .into_iter()
            .map(|checked| (checked.check.id(), checked.verdict.outcome));
        (outcomes.collect(), asked.into_inner())
    }

    #[tokio::test]
    async fn each_check_is_run_once_though_many_need_it() {
        let (outcomes, asked) = outcomes(&all(), &[]).await;
        assert_eq!(outcomes.len(), Check::ALL.len());
        assert!(outcomes.values().all(|outcome| *outcome == Outcome::Passed));
        assert!(asked.values().all(|times| *times == 1), "{asked:?}");
    }

    #[tokio::test]
    async fn a_failure_skips_its_dependents_and_nothing_else() {
        for check in Check::ALL {
            let (outcomes, _) = outcomes(&all(), &[(check, broken())]).await;
            for other in Check::ALL.into_iter().filter(|other| *other != check) {
                let is_dependent = depends(other, check);
                let is_skipped = outcomes[other.id()].because().is_some();
                assert_eq!(
                    is_skipped,
                    is_dependent,
                    "{} behind {}",
                    other.id(),
                    check.id()
                );
            }
        }
    }

    fn depends(check: Check, on: Check) -> bool {
        check.needs().iter().any(|need| {
            let is_hard = matches!(need, Need::Met(_));
            need.check() == on || (is_hard && depends(need.check(), on))
        })
    }

    #[tokio::test]
    async fn a_check_that_may_be_missing_skips_nobody_who_only_minds_its_failure() {
        let special = [(Check::AwsKongRole, Verdict::skipped("no right"))];
        let (outcomes, _) = outcomes(&all(), &special).await;
        assert_eq!(outcomes["aws.trust"], Outcome::Passed);
        assert_eq!(
            outcomes["aws.assume"].because(),
            Some("it needs aws.kong-role, which was skipped")
        );
    }

    #[tokio::test]
    async fn what_a_selected_check_needs_is_run_and_not_reported() {
        let special = [(Check::VaultTls, broken())];
        let (outcomes, asked) = outcomes(&only(&["auth.role"]), &special).await;
        assert_eq!(outcomes.len(), 1);
        assert_eq!(
            outcomes["auth.role"].because(),
            Some("it needs vault.tls, which failed")
        );
        assert!(asked.contains_key(&Check::VaultReachable));
        assert!(!asked.contains_key(&Check::AwsTrust));
    }

    #[tokio::test]
    async fn independent_checks_run_side_by_side() {
        let (begun, most) = (RefCell::new(0), RefCell::new(0));
        let selection = only(&[
            "sec.identity",
            "sec.files",
            "settings.ambient",
            "clock.skew",
        ]);
        run(
            &selection,
            |_| {
                Box::pin(async {
                    *begun.borrow_mut() += 1;
                    tokio::task::yield_now().await;
                    let at_once = *begun.borrow();
                    most.replace_with(|most| at_once.max(*most));
                    *begun.borrow_mut() -= 1;
                    Verdict::passed("")
                })
            },
            &|_| (),
        )
        .await;
        assert_eq!(most.into_inner(), 4);
    }

    #[tokio::test]
    async fn a_check_is_told_when_it_and_all_before_it_have_ended() {
        let selection = only(&["settings.ambient", "sec.identity", "sec.files"]);
        let told = RefCell::new(Vec::new());
        let told_at_last = Cell::new(None);
        let ask = |check| -> Asking<'_> {
            let (told, told_at_last) = (&told, &told_at_last);
            Box::pin(async move {
                // The last one waits until the first one is told.
                if check == Check::SecFiles {
                    while told.borrow().is_empty() {
                        tokio::task::yield_now().await;
                    }
                    told_at_last.set(Some(told.borrow().len()));
                }
                Verdict::passed("")
            })
        };
        let tell = |checked: &Checked| told.borrow_mut().push(checked.check);
        run(&selection, ask, &tell).await;
        assert!(told_at_last.get().is_some_and(|count| count > 0));
        assert_eq!(
            *told.borrow(),
            [Check::SettingsAmbient, Check::SecIdentity, Check::SecFiles]
        );
    }
}
