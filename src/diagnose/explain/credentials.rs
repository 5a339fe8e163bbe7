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
        CredentialProblem::NoSuchProfile => {
            let name = evidence.settings.aws.profile.as_deref().unwrap_or_default();
            Finding::certain(Code::AWS112)
                .because(format!("The profile '{name}' stands in none of the AWS configuration files."))
                .remedy(
                    Where::Here,
                    "see which profiles there are",
                    Some("aws configure list-profiles".to_owned()),
                    None,
                )
        }
        CredentialProblem::Profile => Finding::likely(Code::AWS112, &[Code::AWS111, Code::AWS117]).remedy(
            Where::Here,
            "see what the profile holds",
            Some("aws configure list".to_owned()),
            None,
        ),
        CredentialProblem::WebIdentity => Finding::likely(Code::AWS113, &[Code::AWS116]),
        CredentialProblem::Container => Finding::certain(Code::AWS118),
        CredentialProblem::Other => Finding::likely(Code::AWS101, &[Code::AWS110]),
    };
    if problem != CredentialProblem::NoneFound {
        finding = finding.fact(&fault.target, "said", &fault.message);
    }
    for tried in &evidence.seen.tried {
        if tried.provider.name() != fault.target {
            finding = finding.fact(tried.provider.name(), "said", &tried.said);
        }
    }
    finding
}
