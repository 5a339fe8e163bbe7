//! AWS denied AssumeRole. It names the layer of policies that refused, or
//! nothing at all; what IAM shows of both roles tells the rest.

use crate::aws::classify::{Denial, Layer, denial, denied_action, denied_caller};
use crate::aws::identity::{PrincipalArn, PrincipalKind, bare_name, role_arn};
use crate::diagnose::assume::{Call, EXCLUDABLE, Judgement, Reason, judge, why_not};
use crate::diagnose::explain::ruled_out::sifted;
use crate::diagnose::explain::{Evidence, credentials, identity};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::Fault;
use crate::settings::table::setting;
use crate::settings::{Id, Origin};
use crate::shell;
use crate::trace::StepId;

/// A role that is younger than this may not be known everywhere.
const YOUNG_SECONDS: u64 = 120;

/// What AWS's short words can mean, the likeliest first.
const CANDIDATES: [Code; 8] = [
    Code::AWS202,
    Code::AWS201,
    Code::AWS203,
    Code::AWS206,
    Code::AWS204,
    Code::AWS221,
    Code::AWS205,
    Code::AWS209,
];

pub(super) fn explain(fault: &Fault, evidence: &Evidence) -> Vec<Finding> {
    let denied = Denied::of(fault, evidence);
    denied.with_ruled_out(causes(fault, &denied))
}

fn causes(fault: &Fault, denied: &Denied<'_>) -> Vec<Finding> {
    if let Some(finding) = denied.by_caller() {
        return vec![finding];
    }
    if is_about_mfa(&fault.message) {
        return vec![Finding::certain(Code::AWS204).because(
            "AWS wanted a second factor (MFA) with this call and got none, or a wrong code. This program asks for no code and sends none.",
        ).remedy(
            Where::Aws,
            "take the condition on MFA out of the trust policy for the workload's role: no workload has a second factor",
            None,
            Some("iam:UpdateAssumeRolePolicy on the role"),
        )];
    }
    let of_tags = denied_action(&fault.message) == Some("sts:TagSession");
    match denial(&fault.message) {
        Denial::NotAllowedBy(Layer::Identity | Layer::Session | Layer::Resource)
        | Denial::Unexplained
            if of_tags =>
        {
            vec![denied.tags()]
        }
        Denial::NotAllowedBy(Layer::Identity | Layer::Session) => {
            // A right on a role that is not there would help nobody.
            let first = denied.by_documents(&[Code::AWS201, Code::AWS221]);
            let first = first.unwrap_or_default();
            let right = denied.no_right(&first);
            [first, vec![right]].concat()
        }
        Denial::NotAllowedBy(Layer::Boundary) => vec![denied.boundary()],
        Denial::NotAllowedBy(Layer::ServiceControl) | Denial::DeniedBy(Layer::ServiceControl) => {
            vec![of_others(
                Code::AWS209,
                "the administrators of the organisation",
            )]
        }
        Denial::NotAllowedBy(Layer::ResourceControl) | Denial::DeniedBy(Layer::ResourceControl) => {
            vec![of_others(
                Code::AWS223,
                "the administrators of the organisation that the role belongs to",
            )]
        }
        Denial::NotAllowedBy(Layer::VpcEndpoint) | Denial::DeniedBy(Layer::VpcEndpoint) => {
            vec![of_others(Code::AWS224, "whoever keeps the VPC endpoint")]
        }
        Denial::DeniedBy(_) => denied
            .by_documents(&[Code::AWS207])
            .unwrap_or_else(|| vec![Finding::certain(Code::AWS207)]),
        Denial::NotAllowedBy(Layer::Resource) => denied.by_documents(&[]).unwrap_or_else(|| {
            let others = [Code::AWS203, Code::AWS204, Code::AWS205];
            vec![denied.show_trust(Finding::likely(Code::AWS202, &others))]
        }),
        Denial::Unexplained => denied
            .by_documents(&[])
            .unwrap_or_else(|| vec![denied.show_trust(Finding::likely(Code::AWS219, &CANDIDATES))]),
    }
}

struct Denied<'a> {
    fault: &'a Fault,
    evidence: &'a Evidence,
    caller: Option<String>,
    parsed: Option<PrincipalArn>,
}

impl<'a> Denied<'a> {
    fn of(fault: &'a Fault, evidence: &'a Evidence) -> Self {
        let caller = denied_caller(&fault.message)
            .or(evidence.seen.caller.as_deref())
            .map(str::to_owned);
        Denied {
            fault,
            evidence,
            parsed: caller.as_deref().and_then(PrincipalArn::parse),
            caller,
        }
    }

    fn role(&self) -> &'a str {
        &self.fault.target
    }

    /// Names what the looks exclude beside what was found.
    fn with_ruled_out(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let found: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        // No policy matters there.
        let is_root = found.contains(&Code::AWS115);
        let Some(caller) = self.caller.clone().filter(|_| !is_root) else {
            return findings;
        };
        let call = self.call(caller, self.evidence.seen.unique_id.clone());
        let why_not = |code| why_not(code, &call, &self.evidence.looks.aws);
        findings
            .into_iter()
            .map(|finding| sifted(finding, &EXCLUDABLE, &found, why_not))
            .collect()
    }

    /// Who the caller is tells enough.
    fn by_caller(&self) -> Option<Finding> {
        let is_root = |arn: &PrincipalArn| arn.kind == PrincipalKind::Root;
        if self.parsed.as_ref().is_some_and(is_root) {
            return Some(Finding::certain(Code::AWS115));
        }
        let profile = self.evidence.seen.profile.as_ref();
        if self.fault.step == StepId::Credentials
            && let Some(device) = profile.and_then(|profile| profile.mfa_serial.as_ref())
        {
            return Some(without_code(device, self.evidence));
        }
        self.is_itself().then(|| {
            let login_role = self.evidence.looks.aws.login_role.present();
            let ids = login_role.zip(self.evidence.seen.unique_id.as_ref());
            let is_same = ids.is_some_and(|(role, id)| role.unique_id == *id);
            let finding = if is_same {
                Finding::certain(Code::AWS211)
            } else {
                let others = [Code::AWS206, Code::AWS202, Code::AWS219];
                Finding::likely(Code::AWS211, &others)
            };
            finding.remedy(
                Where::Here,
                "the caller already is that role: log in without assuming it",
                Some("vaultiam login --no-assume --explain".to_owned()),
                None,
            )
        })
    }

    /// Tells whether the caller is a session of the very role it wants to assume.
    fn is_itself(&self) -> bool {
        let (Some(caller), Some(role)) = (&self.parsed, PrincipalArn::parse(self.role())) else {
            return false;
        };
        caller.role_name().is_some()
            && caller.role_name() == role.role_name()
            && caller.account == role.account
    }

    fn call(&self, caller_arn: String, unique_id: Option<String>) -> Call {
        let settings = &self.evidence.settings.aws;
        Call {
            caller_arn,
            unique_id,
            role_arn: self.role().to_owned(),
            session_name: settings.session_name.clone(),
            external_id: settings.external_id.clone(),
            region: self.evidence.seen.region.clone(),
            has_long_term_keys: self.evidence.seen.has_long_term_keys,
        }
    }

    /// What IAM showed of the roles decides, or narrows it down. `allowed` are the
    /// codes that AWS's own words leave; empty for all.
    fn by_documents(&self, allowed: &[Code]) -> Option<Vec<Finding>> {
        let call = self.call(self.caller.clone()?, self.evidence.seen.unique_id.clone());
        let findings = match judge(&call, &self.evidence.looks.aws)? {
            Judgement::Refused(reasons) => {
                let reasons: Vec<Reason> = reasons
                    .into_iter()
                    .filter(|reason| allowed.is_empty() || allowed.contains(&reason.code))
                    .collect();
                self.certain(&call, reasons)
            }
            // AWS's own words say more than what was not seen.
            _ if !allowed.is_empty() => return None,
            Judgement::Open(reasons) => self.open(reasons),
            Judgement::Allowed { unseen } => vec![self.beyond_sight(&unseen)],
        };
        (!findings.is_empty()).then_some(findings)
    }

    fn certain(&self, call: &Call, reasons: Vec<Reason>) -> Vec<Finding> {
        if let [reason] = reasons.as_slice()
            && reason.code == Code::AWS202
            && let Some(finding) = self.other_identity(call, reason)
        {
            return vec![finding];
        }
        reasons
            .into_iter()
            .map(|reason| from_reason(Finding::certain(reason.code), reason))
            .collect()
    }

    /// The role that the settings mean is trusted, and the caller is another: it
    /// is the credentials that are wrong, not the policy.
    fn other_identity(&self, call: &Call, reason: &Reason) -> Option<Finding> {
        let settings = &self.evidence.settings;
        let caller = self.parsed.as_ref()?;
        let meant = settings
            .aws
            .web_identity
            .as_ref()
            .map(|variables| variables.role_arn.clone());
        let meant = meant.unwrap_or_else(|| {
            role_arn(&caller.partition, &caller.account, &settings.aws.kong_role)
        });
        let meant_name = bare_name(&meant);
        if caller.role_name() == Some(meant_name) {
            return None;
        }
        let would_be = Call {
            caller_arn: meant.clone(),
            unique_id: None,
            ..call.clone()
        };
        match judge(&would_be, &self.evidence.looks.aws)? {
            Judgement::Allowed { .. } => {}
            Judgement::Refused(_) | Judgement::Open(_) => return None,
        }
        let role = bare_name(self.role());
        let is_default = matches!(
            settings.origins.get(&Id::KongRole),
            None | Some((_, Origin::Default))
        ) && settings.aws.web_identity.is_none();
        let mut finding = if is_default {
            Finding::likely(Code::AWS114, &[reason.code]).because(format!(
                "The trust policy of {role} trusts {meant_name}, and the credentials in use belong to another identity."
            ))
        } else {
            Finding::certain(Code::AWS114).because(format!(
                "The trust policy of {role} trusts {meant_name}, which the settings name, and the credentials in use belong to another identity."
            ))
        };
        finding.evidence.clone_from(&reason.facts);
        let mut finding = identity::run_as(finding, meant_name, self.evidence);
        if is_default {
            finding.remedies.extend(reason.remedies.iter().cloned());
        }
        Some(finding)
    }

    fn open(&self, reasons: Vec<Reason>) -> Vec<Finding> {
        let looks = &self.evidence.looks.aws;
        if reasons.is_empty() {
            let finding = self.show_trust(Finding::likely(Code::AWS219, &CANDIDATES));
            return vec![finding];
        }
        reasons
            .into_iter()
            .map(|reason| {
                let others = [Code::AWS206, Code::AWS209, Code::AWS219];
                let others: Vec<Code> = others
                    .into_iter()
                    .filter(|code| *code != reason.code)
                    .collect();
                from_reason(Finding::likely(reason.code, &others), reason).not_seen(
                    looks
                        .caller_role
                        .missing("iam:GetRole", "the caller's role"),
                )
            })
            .collect()
    }

    /// Everything that was seen allows it, and AWS refuses all the same.
    fn beyond_sight(&self, unseen: &[String]) -> Finding {
        let looks = &self.evidence.looks.aws;
        let age = looks.login_role.present().and_then(|role| role.age_seconds);
        let own = looks
            .caller_role
            .present()
            .and_then(|role| role.policies.seen());
        let finding = if age.is_some_and(|age| age < YOUNG_SECONDS) {
            Finding::likely(Code::AWS216, &[Code::AWS209, Code::AWS206, Code::AWS223])
                .fact(
                    "iam:GetRole",
                    "age",
                    format!("{} s", age.unwrap_or_default()),
                )
                .remedy(
                    Where::Here,
                    "wait a minute, then try again",
                    Some("vaultiam login --explain".to_owned()),
                    None,
                )
        } else if own.is_none() {
            self.allow_assume(Finding::likely(
                Code::AWS206,
                &[Code::AWS208, Code::AWS209, Code::AWS207, Code::AWS223],
            ))
            .not_seen(
                looks
                    .caller_role
                    .missing("iam:GetRole", "the caller's role"),
            )
        } else {
            Finding::likely(
                Code::AWS209,
                &[Code::AWS223, Code::AWS224, Code::AWS207, Code::AWS216],
            )
            .would_decide(
                "organizations:DescribePolicy",
                "the account's service control policies",
            )
        };
        finding
            .because(format!(
                "Both roles' policies allow it, as far as they were seen. What was not seen: {}.",
                unseen.join(", ")
            ))
            .fact("policies", "trust and caller", "allow it")
    }

    /// The session has tags that are handed on, which is an action of its own.
    fn tags(&self) -> Finding {
        let finding = Finding::certain(Code::AWS222);
        let finding = match denial(&self.fault.message) {
            Denial::NotAllowedBy(Layer::Resource) => finding.because(format!(
                "The session hands on its tags, and the trust policy of {} does not allow sts:TagSession.",
                bare_name(self.role())
            )),
            Denial::NotAllowedBy(_) => finding.because(
                "The session hands on its tags, and the caller's own policies do not allow sts:TagSession.",
            ),
            _ => finding,
        };
        finding.remedy(
            Where::Here,
            "let setup allow it in both trust policies and in KongRole's own, if these are the roles of the settings",
            Some("vaultiam setup --only aws --workload eks-pod-identity".to_owned()),
            None,
        )
        .remedy(
            Where::Aws,
            "or add sts:TagSession beside sts:AssumeRole by hand: in the trust policy of each role, and in the caller's own policy",
            None,
            Some("iam:UpdateAssumeRolePolicy and iam:PutRolePolicy"),
        )
    }

    fn boundary(&self) -> Finding {
        let finding = Finding::certain(Code::AWS208);
        let role = self.evidence.looks.aws.caller_role.seen_with();
        match role {
            Some((Some(role), with)) => match &role.boundary {
                Some(arn) => finding.fact_with(with, "iam:GetRole", "permissions boundary", arn),
                None => finding,
            },
            _ => finding,
        }
    }

    /// AWS says that the caller's policies do not allow it. It looks at them before
    /// it knows whether there is such a role, so the name may be what is wrong.
    fn no_right(&self, of_the_role: &[Finding]) -> Finding {
        let look = &self.evidence.looks.aws.login_role;
        let finding = if !of_the_role.is_empty() || look.present().is_some() {
            Finding::certain(Code::AWS206)
        } else {
            Finding::likely(Code::AWS206, &[Code::AWS201])
                .not_seen(look.missing("iam:GetRole", self.role()))
        };
        let finding = self.as_set(finding).remedy(
            Where::Here,
            "let setup write the permission, if these are the roles of the settings and this is the one that is meant",
            Some("vaultiam setup --only aws".to_owned()),
            Some("the operator's rights in IAM"),
        );
        self.allow_assume(finding)
    }

    /// Where the role's name and account come from.
    fn as_set(&self, finding: Finding) -> Finding {
        let ids = [
            Id::AssumeRoleArn,
            Id::LoginRole,
            Id::LoginAccountId,
            Id::AccountId,
        ];
        let origins = &self.evidence.settings.origins;
        let set = ids.iter().filter_map(|id| {
            let (value, origin) = origins.get(id)?;
            Some((setting(*id).key, format!("{value} ({origin})")))
        });
        set.fold(finding, |finding, (key, value)| {
            finding.fact("settings", key, value)
        })
    }

    fn allow_assume(&self, finding: Finding) -> Finding {
        let Some(caller) = &self.caller else {
            return finding;
        };
        let call = self.call(caller.clone(), None);
        let role = self.evidence.looks.aws.caller_role.present();
        match crate::diagnose::assume::allow_assume(&call, role) {
            Some(remedy) => Finding {
                remedies: [finding.remedies, vec![remedy]].concat(),
                ..finding
            },
            None => finding.remedy(
                Where::Aws,
                "allow the caller to assume this role",
                None,
                Some("iam:PutUserPolicy or iam:PutRolePolicy on the caller"),
            ),
        }
    }

    fn show_trust(&self, finding: Finding) -> Finding {
        super::show_trust(finding, self.role(), &self.evidence.looks)
    }
}

/// A policy that is not in the hands of whoever keeps the roles.
fn of_others(code: Code, who: &str) -> Finding {
    Finding::certain(code).remedy(
        Where::Aws,
        format!("give {who} AWS's message, with the request id and the time, and ask for sts:AssumeRole on this role to be let through"),
        None,
        None,
    )
}

/// AWS has words of its own for a second factor that was not given, or was wrong.
fn is_about_mfa(message: &str) -> bool {
    message.contains("MultiFactorAuthentication")
}

fn from_reason(finding: Finding, reason: Reason) -> Finding {
    Finding {
        cause: reason.cause,
        evidence: reason.facts,
        remedies: reason.remedies,
        ..finding
    }
}

/// The profile's role was refused, and the profile names an MFA device.
fn without_code(device: &str, evidence: &Evidence) -> Finding {
    let name = credentials::profile(evidence);
    let export = ["aws", "configure", "export-credentials", "--profile", name];
    let export = shell::command([&export[..], &["--format", "env"]].concat());
    Finding::likely(Code::AWS204, &[Code::AWS202, Code::AWS206, Code::AWS219])
        .because(format!(
            "The profile '{name}' names an MFA device (mfa_serial). This program asks for no code and sends none, so a role that wants one refuses."
        ))
        .fact("profile", "mfa_serial", device)
        .remedy(
            Where::Here,
            "have the aws command ask for the code, and use what it gives instead of the profile",
            Some(format!("eval \"$({export})\" && unset AWS_PROFILE")),
            None,
        )
}
