//! No credentials: which provider said what.

use super::Evidence;
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{CredentialProblem, Fault};
use crate::shell;

pub(super) fn explain(problem: CredentialProblem, fault: &Fault, evidence: &Evidence) -> Finding {
    let mut finding = match problem {
        CredentialProblem::NoneFound => Finding::certain(Code::AWS101).remedy(
            Where::Here,
            "on Kong's instance attach the instance profile; elsewhere choose a profile or set keys",
            Some("export AWS_PROFILE=NAME".to_owned()),
            None,
        ),
        CredentialProblem::HopLimit => Finding::likely(Code::AWS102, &[Code::AWS104]).remedy(
            Where::Aws,
            "let the answer pass one more hop, as from inside a container",
            Some(
                "aws ec2 modify-instance-metadata-options --instance-id $INSTANCE_ID --http-put-response-hop-limit 2"
                    .to_owned(),
            ),
            Some("ec2:ModifyInstanceMetadataOptions"),
        ),
        CredentialProblem::NoInstanceProfile => Finding::certain(Code::AWS103).remedy(
            Where::Aws,
            "attach the instance profile of Kong's role",
            Some(format!(
                "aws ec2 associate-iam-instance-profile --instance-id $INSTANCE_ID --iam-instance-profile {}",
                shell::quote(&format!("Name={}", crate::aws::identity::bare_name(&evidence.settings.aws.kong_role)))
            )),
            Some("ec2:AssociateIamInstanceProfile, iam:PassRole"),
        ),
        CredentialProblem::MetadataUnreachable => Finding::likely(Code::AWS104, &[Code::AWS102]),
        CredentialProblem::RoleNotTrustingEc2 => Finding::certain(Code::AWS119).remedy(
            Where::Aws,
            "let EC2 assume the role: its trust policy needs sts:AssumeRole for the service ec2.amazonaws.com",
            Some(shell::command([
                "aws",
                "iam",
                "get-role",
                "--role-name",
                crate::aws::identity::bare_name(&evidence.settings.aws.kong_role),
                "--query",
                "Role.AssumeRolePolicyDocument",
            ])),
            Some("iam:GetRole, iam:UpdateAssumeRolePolicy"),
        ),
        CredentialProblem::HalfKeyPair => Finding::certain(Code::AWS110).remedy(
            Where::Here,
            "set both variables, or neither",
            Some("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN".to_owned()),
            None,
        ),
        CredentialProblem::NoSuchProfile => Finding::certain(Code::AWS112)
            .because(&fault.message)
            .remedy(
                Where::Here,
                "see which profiles there are",
                Some("aws configure list-profiles".to_owned()),
                None,
            ),
        CredentialProblem::Profile => Finding::certain(Code::AWS112)
            .because(&fault.message)
            .remedy(
                Where::Here,
                "complete the profile; this shows what it holds, keys masked",
                Some(aws(evidence, &["configure", "list"])),
                None,
            ),
        CredentialProblem::Process => Finding::certain(Code::AWS117)
            .because(format!(
                "{}; what it printed is not shown, because it may hold keys",
                fault.message
            ))
            .remedy(
                Where::Here,
                "run the same program with its output thrown away, and see what it complains of",
                Some(format!(
                    "{} > /dev/null",
                    aws(evidence, &["configure", "export-credentials"])
                )),
                None,
            ),
        CredentialProblem::Sso => no_login(
            match fault.status {
                None => Finding::certain(Code::AWS111),
                // The portal of another region does not know the token either.
                Some(_) => Finding::likely(Code::AWS111, &[Code::AWS112]),
            },
            evidence,
            &["sso", "login"],
        ),
        CredentialProblem::ConsoleLogin => {
            no_login(Finding::certain(Code::AWS111), evidence, &["login"])
        }
        CredentialProblem::SsoRole => Finding::certain(Code::AWS121).remedy(
            Where::Here,
            "choose among the accounts and roles that the login gives",
            Some(aws(evidence, &["configure", "sso"])),
            None,
        ),
        CredentialProblem::WebIdentity => Finding::likely(Code::AWS113, &[Code::AWS120]),
        CredentialProblem::TokenFile => Finding::certain(Code::AWS120)
            .because(&fault.message)
            .remedy(
                Where::Here,
                "correct the path, or have the file written again: a pod gets it at its start",
                Some(shell::command(["ls", "-lL", &fault.target])),
                None,
            ),
        CredentialProblem::Container => Finding::certain(Code::AWS118)
            .because(&fault.message)
            .remedy(
                Where::Aws,
                "give the task definition a task role (ECS), or the service account an association (EKS), and start it anew",
                None,
                None,
            )
            .remedy(
                Where::Here,
                "where no container is meant: see what names the endpoint",
                Some("env | grep -o '^AWS_CONTAINER[A-Z_]*'".to_owned()),
                None,
            ),
        CredentialProblem::Other => Finding::likely(Code::AWS101, &[Code::AWS110]),
    };
    if problem != CredentialProblem::NoneFound && !finding.cause.starts_with(&fault.message) {
        finding = finding.fact(&fault.target, "said", &fault.message);
    }
    for tried in &evidence.seen.tried {
        if tried.provider.name() != fault.target && tried.said != fault.message {
            finding = finding.fact(tried.provider.name(), "said", &tried.said);
        }
    }
    finding
}

/// There is no login that still holds: the person has to log in.
fn no_login(finding: Finding, evidence: &Evidence, login: &[&str]) -> Finding {
    let profile = profile(evidence);
    let login_words = ["aws"].iter().chain(login).copied().collect::<Vec<_>>();
    let what = login_words.join(" ");
    finding
        .because(format!(
            "The profile '{profile}' takes its credentials from a login with '{what}', and there is none that still holds."
        ))
        .remedy(
            Where::Here,
            "log in, in a browser",
            Some(aws(evidence, login)),
            None,
        )
}

/// A command of AWS's for the profile in force.
fn aws(evidence: &Evidence, words: &[&str]) -> String {
    let profile = profile(evidence);
    let words = [&["aws"][..], words, &["--profile", profile]].concat();
    shell::command(words)
}

/// The name of the profile in force.
pub(super) fn profile(evidence: &Evidence) -> &str {
    let seen = evidence.seen.profile.as_ref();
    seen.map(|profile| profile.name.as_str())
        .or(evidence.settings.aws.profile.as_deref())
        .unwrap_or("default")
}
