//! 403 with a good token: is it the path, the policy, or the mount?

use std::collections::BTreeMap;

mod cure;

use super::mounts::Mounts;
use crate::diagnose::explain::Evidence;
use crate::diagnose::grant::{Grant, Policies, Refusal, grant};
use crate::diagnose::looks::Rights;
use crate::diagnose::{Code, Confidence, Finding, Where};
use crate::fault::Fault;
use crate::shell;
use crate::trace::StepId;
use crate::vault::acl;
use crate::vault::namespace::with_variable;

/// What is known of the mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MountKnown {
    /// The look-up of `vault kv` found it.
    Yes,
    No,
}

/// Vault refused a read or a write of a secret.
pub(super) fn explain(fault: &Fault, mount: MountKnown, evidence: &Evidence) -> Finding {
    let asked = Asked::of(fault, mount, evidence);
    let finding = asked.elsewhere().unwrap_or_else(|| asked.by_policies());
    asked.with_facts(asked.by_an_operator(finding))
}

/// A request that was refused, and what was seen of the reasons.
pub(super) struct Asked<'a> {
    fault: &'a Fault,
    evidence: &'a Evidence,
    mount: MountKnown,
    mounts: Option<Mounts<'a>>,
    capabilities: Option<(&'a BTreeMap<String, Vec<String>>, &'a Rights)>,
    policies: Option<&'a [String]>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(fault: &'a Fault, mount: MountKnown, evidence: &'a Evidence) -> Self {
        let looks = &evidence.looks.vault;
        let of_login = &evidence.seen.capabilities;
        Asked {
            fault,
            evidence,
            mount,
            mounts: Mounts::seen(evidence),
            capabilities: looks
                .capabilities
                .seen_with()
                .or((!of_login.is_empty()).then_some((of_login, &Rights::Own))),
            policies: looks
                .token_policies
                .seen()
                .or(evidence.seen.token_policies.as_ref())
                .map(Vec::as_slice),
        }
    }

    /// The API path.
    pub(super) fn api(&self) -> &'a str {
        &self.fault.operation
    }

    /// The API path as it would be without `data/`, if it has that.
    pub(super) fn without_data(&self) -> Option<String> {
        let (mount, rest) = self.api().split_once("/data/")?;
        Some(format!("{mount}/{rest}"))
    }

    /// The policies of the token beside `default`, where they were seen.
    pub(super) fn own_names(&self) -> Option<Vec<&'a str>> {
        let names = self.policies?.iter().map(String::as_str);
        Some(names.filter(|name| *name != "default").collect())
    }

    /// Tells whether a policy was looked up, and is there.
    pub(super) fn is_there(&self, policy: &str) -> bool {
        let look = self.evidence.looks.vault.policies.get(policy);
        look.is_some_and(|look| look.present().is_some())
    }

    /// The capability that the request takes, in a person's words.
    fn needs(&self) -> &'static str {
        match self.fault.step {
            StepId::Write => "create and update",
            _ => "read",
        }
    }

    pub(super) fn capability(&self) -> &'static str {
        match self.fault.step {
            StepId::Write => "update",
            _ => "read",
        }
    }

    /// What the token may do on a path: `None` where it was not seen.
    pub(super) fn may(&self, path: &str) -> Option<bool> {
        let rights = self.rights_on(path)?;
        let wanted = [self.capability(), "root"];
        Some(rights.iter().any(|right| wanted.contains(&right.as_str())))
    }

    /// The capabilities of the token on a path, where they were seen.
    pub(super) fn rights_on(&self, path: &str) -> Option<&'a [String]> {
        self.capabilities?.0.get(path).map(Vec::as_slice)
    }

    /// The engine is not there, or another than the path says.
    fn elsewhere(&self) -> Option<Finding> {
        let mounts = self.mounts.as_ref()?;
        let Some(mount) = mounts.of(self.api()) else {
            return Some(self.no_engine(mounts));
        };
        let below = self.api().get(mount.path.len() + 1..).unwrap_or_default();
        let finding = match (mount.kind, below.strip_prefix("data/")) {
            ("kv1", Some(rest)) => {
                let right = format!("{}/{rest}", mount.path);
                Finding::certain(Code::VLT714)
                    .because(format!(
                        "The engine at {}/ keeps no versions (KV v1), and it was asked in the form of version 2.",
                        mount.path
                    ))
                    .remedy(
                        Where::Here,
                        "name its version",
                        Some(self.again(&right, &["--kv-version", "1"])),
                        Some(&format!("{} on {right}", self.needs())),
                    )
            }
            ("kv2", None) => Finding::certain(Code::VLT713)
                .because(format!(
                    "The engine at {}/ keeps versions (KV v2), and it was asked in the form of version 1.",
                    mount.path
                ))
                .remedy(
                    Where::Here,
                    "name its version",
                    Some(self.again(&self.fault.target, &["--kv-version", "2"])),
                    Some(&format!("{} on {}/data/{below}", self.needs(), mount.path)),
                ),
            ("kv1" | "kv2", _) => return None,
            (kind, _) => Finding::certain(Code::VLT718).because(format!(
                "At {}/ an engine of type {kind} is mounted, which holds no secrets of this kind.",
                mount.path
            )),
        };
        Some(finding.fact_with(mounts.with, "sys/mounts", mount.path, mount.kind))
    }

    fn no_engine(&self, mounts: &Mounts<'_>) -> Finding {
        let finding = Finding::certain(Code::VLT712)
            .because(format!(
                "No secrets engine is mounted where {} lies.",
                self.fault.target
            ))
            .fact_with(mounts.with, "sys/mounts", "KV engines", mounts.engines());
        let Some(name) = mounts.nearest(&self.fault.target) else {
            return finding;
        };
        let rest = self
            .fault
            .target
            .split_once('/')
            .map_or("", |(_, rest)| rest);
        finding.remedy(
            Where::Here,
            "was another engine meant?",
            Some(self.again(&format!("{name}/{rest}"), &[])),
            None,
        )
    }

    /// The engine is there, or it is not known whether it is.
    fn by_policies(&self) -> Finding {
        if self.may(self.api()) == Some(true) {
            return self.beyond_policies();
        }
        let granted = self.granted();
        match &granted {
            Some(Grant::Granted(_)) => return self.beyond_policies(),
            Some(Grant::Refused(refusal)) => return self.by_texts(refusal),
            Some(Grant::Open { .. }) | None => {}
        }
        if let Some(path) = &self.without_data()
            && self.may(self.api()) == Some(false)
            && self.may(path) == Some(true)
        {
            return self.lacks_data(path);
        }
        let only_default = self
            .policies
            .is_some_and(|policies| policies.iter().all(|policy| policy == "default"));
        if only_default {
            return self.give_policy(Finding::certain(Code::VLT705));
        }
        match granted {
            // Some of the policies were seen: what they say is likely.
            Some(Grant::Open {
                because,
                visible: Some(refusal),
            }) if !self
                .evidence
                .looks
                .vault
                .policies
                .values()
                .all(|look| look.seen().is_none()) =>
            {
                let finding = self.by_texts(&refusal);
                let others = [Code::VLT702, Code::VLT706, Code::VLT703, Code::VLT704];
                let others: Vec<Code> = others
                    .into_iter()
                    .filter(|code| *code != finding.code)
                    .collect();
                Finding {
                    confidence: Confidence::Likely,
                    alternatives: others,
                    ..finding
                }
                .fact("policies", "not seen", because)
            }
            _ => self.not_granted(),
        }
    }

    /// What the texts of the token's policies say, as far as they were seen.
    pub(super) fn granted(&self) -> Option<Grant> {
        let names = self.policies?;
        let texts = &self.evidence.looks.vault.policies;
        if texts.is_empty() {
            return None;
        }
        let settings = &self.evidence.settings;
        let policies = Policies {
            names,
            texts,
            namespace: settings.vault.namespace.as_deref().unwrap_or_default(),
        };
        let asked = acl::Asked {
            namespace: settings.kv.namespace.as_deref().unwrap_or_default(),
            path: self.api(),
            capability: match self.fault.step {
                StepId::Write => acl::Capability::Update,
                _ => acl::Capability::Read,
            },
        };
        Some(grant(&policies, asked))
    }

    /// The verdict of the policies' texts, with the rule that decides.
    fn by_texts(&self, refusal: &Refusal) -> Finding {
        let rights = self.rights_of_texts();
        let is_there = self.mount == MountKnown::Yes || self.mounts.is_some();
        let finding = if refusal.code == Code::VLT703 && !is_there {
            let mounts = &self.evidence.looks.vault.secrets_mounts;
            Finding::likely(Code::VLT703, &[Code::VLT712, Code::VLT714])
                .not_seen(mounts.missing("read", "sys/mounts"))
        } else {
            Finding::certain(refusal.code)
        };
        let finding = finding.because(refusal.cause.clone());
        let finding = refusal
            .facts
            .iter()
            .fold(finding, |finding, (place, says)| {
                finding.fact_with(&rights, "policy", place, says)
            });
        match (&refusal.cure, refusal.code) {
            (Some(cure), _) => finding.remedy(
                Where::Vault,
                cure.text.clone(),
                Some(cure.command.clone()),
                Some(&cure.needs),
            ),
            (None, Code::VLT704) => self.make_policy(finding),
            (None, Code::VLT705) => self.give_policy(finding),
            (None, _) => finding,
        }
    }

    fn rights_of_texts(&self) -> Rights {
        let looks = self.evidence.looks.vault.policies.values();
        let mut rights = looks
            .filter_map(|look| look.seen_with())
            .map(|(_, rights)| rights);
        rights.next().cloned().unwrap_or(Rights::Own)
    }

    /// The policies allow it and Vault refuses: what is left lies beside them.
    fn beyond_policies(&self) -> Finding {
        Finding::likely(Code::VLT725, &[Code::VLT702])
            .because("The token's policies grant this path, and Vault refuses all the same: a control group, a Sentinel policy or a parameter that the policy wants stands in the way.")
            .remedy(
                Where::Vault,
                "see whether the rule of this path has required_parameters, min_wrapping_ttl or a control group",
                self.policies
                    .and_then(|names| names.iter().find(|name| *name != "default"))
                    .map(|name| self.in_namespace(&["vault", "policy", "read", name])),
                Some("read on sys/policies/acl"),
            )
    }

    fn lacks_data(&self, path: &str) -> Finding {
        let named = self.own_policies();
        // Where the engine was not seen, the same right may stand for one that is gone.
        let is_there = self.mount == MountKnown::Yes || self.mounts.is_some();
        let finding = if is_there {
            Finding::certain(Code::VLT703)
        } else {
            let mounts = &self.evidence.looks.vault.secrets_mounts;
            Finding::likely(Code::VLT703, &[Code::VLT712, Code::VLT714])
                .not_seen(mounts.missing("read", "sys/mounts"))
        };
        finding
            .because(format!(
                "The policy grants {path}, which is how people write it; the engine keeps its secrets at {}, and that is not granted.",
                self.api()
            ))
            .remedy(
                Where::Vault,
                format!("put data/ behind the mount in the policy {named}, and keep its other rules"),
                self.edit(),
                Some("read and update on sys/policies/acl"),
            )
            .remedy(
                Where::Here,
                "or let setup write the policy, if it is the one of these settings",
                Some("vaultiam setup --only vault".to_owned()),
                None,
            )
    }

    /// Nothing grants it; which of the reasons it is, the policies tell.
    fn not_granted(&self) -> Finding {
        let absent: Vec<&str> = self.absent_policies();
        if let (false, Some(names)) = (absent.is_empty(), self.policies) {
            let is_all = names
                .iter()
                .all(|name| name == "default" || absent.contains(&name.as_str()));
            let finding = if is_all {
                Finding::certain(Code::VLT704)
            } else {
                Finding::likely(Code::VLT704, &[Code::VLT702, Code::VLT706])
            };
            return self.make_policy(finding.because(format!(
                "The token names {}, and no policy of that name exists.",
                absent.join(", ")
            )));
        }
        if self.mount == MountKnown::No && self.mounts.is_none() {
            return self.mount_unseen();
        }
        // Capabilities on both forms exclude a policy without data/.
        let alternatives: &[Code] = match self.may(self.api()) {
            Some(_) => &[Code::VLT706, Code::VLT704],
            None => &[Code::VLT703, Code::VLT706, Code::VLT704],
        };
        let finding = Finding::likely(Code::VLT702, alternatives);
        let finding = match self.may(self.api()) {
            Some(_) => finding,
            None => finding.would_decide("sys/capabilities-self", self.api()),
        };
        self.see_policies(finding)
    }

    /// Neither the mount nor a right on it was seen: the two look the same.
    fn mount_unseen(&self) -> Finding {
        let mounts = &self.evidence.looks.vault.secrets_mounts;
        let others = [
            Code::VLT702,
            Code::VLT712,
            Code::VLT703,
            Code::VLT704,
            Code::VLT706,
        ];
        Finding::likely(Code::VLT722, &others)
            .not_seen(mounts.missing("read", "sys/mounts"))
            .remedy(
                Where::Vault,
                "with a token that may: see whether the mount is there",
                Some(self.in_namespace(&["vault", "secrets", "list"])),
                Some("read on sys/mounts"),
            )
    }

    /// The policies that the token names and that do not exist.
    fn absent_policies(&self) -> Vec<&'a str> {
        let looks = &self.evidence.looks.vault.policies;
        looks
            .iter()
            .filter(|(_, look)| look.is_absent())
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The same command on another path, or with more flags.
    fn again(&self, path: &str, flags: &[&str]) -> String {
        let mut words = match self.fault.step {
            StepId::Write => vec!["vaultiam", "put", path, "FIELD=@FILE"],
            _ => vec!["vaultiam", "get", path],
        };
        words.extend(flags);
        shell::command(words)
    }

    fn in_namespace(&self, words: &[&str]) -> String {
        let namespace = self.evidence.settings.kv.namespace.as_deref();
        with_variable(namespace, shell::command(words.iter().copied()))
    }

    fn with_facts(&self, finding: Finding) -> Finding {
        let finding = match self.policies {
            Some(policies) => finding.fact("vault", "token_policies", policies.join(" ")),
            None => finding,
        };
        let Some((capabilities, with)) = self.capabilities else {
            return finding;
        };
        // The login has asked about the other paths of the run, too.
        let own = [Some(self.api().to_owned()), self.without_data()];
        let own = own.into_iter().flatten();
        let seen = own.filter_map(|path| Some((capabilities.get(&path)?.join(" "), path)));
        seen.fold(finding, |finding, (rights, path)| {
            finding.fact_with(with, "sys/capabilities-self", &path, rights)
        })
    }
}
