use std::sync::Arc;

use super::*;
use crate::diagnose::{Confidence, Looks};
use crate::fault::Cause;
use crate::login::Observations;
use crate::trace::StepId;

fn evidence() -> Evidence {
    let settings = crate::settings::resolve(&Default::default(), &Default::default(), None);
    Evidence {
        settings: Arc::new(settings.expect("the defaults are valid")),
        seen: Observations::default(),
        looks: Looks::default(),
        foreign_token: true,
    }
}

/// A role of Vault that was not written, with what AWS told Vault.
fn role_write(side: Side, code: Option<&str>, words: &str) -> Fault {
    let mut fault = Fault::new(
        StepId::Change,
        side,
        "auth/aws/role/kong-role",
        "vault:auth/aws/role/kong-role",
        Cause::Answered,
        words,
    );
    fault.status = Some(400);
    fault.code = code.map(str::to_owned);
    fault.upstream = code.map(|_| words.to_owned());
    fault
}

#[test]
fn what_keeps_vault_from_writing_a_role_is_told_apart() {
    use Confidence::{Certain, Likely};
    let caller = "unable to fetch current caller";
    let cases = [
        (
            Side::IamViaVault,
            Some("AccessDenied"),
            "AccessDenied: User: x is not authorized to perform: iam:GetRole",
            Code::VLT623,
            Certain,
        ),
        (
            Side::IamViaVault,
            Some("NoSuchEntity"),
            "NoSuchEntity: The role with name VaultRole cannot be found.",
            Code::VLT624,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("AccessDenied"),
            "AccessDenied: User: x is not authorized to perform: sts:AssumeRole",
            Code::VLT641,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("RegionDisabledException"),
            "RegionDisabledException: STS is not activated in this region for account:111122223333.",
            Code::AWS218,
            Certain,
        ),
        (
            Side::IamViaVault,
            Some("RequestError"),
            "RequestError: send request failed\ncaused by: Post \"https://iam.amazonaws.com/\": dial tcp 1.2.3.4:443: i/o timeout",
            Code::VLT620,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "no STS configuration found for account ID \"111122223333\"",
            Code::VLT625,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("InvalidClientTokenId"),
            caller,
            Code::VLT614,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("SignatureDoesNotMatch"),
            "SignatureDoesNotMatch: The request signature we calculated does not match",
            Code::VLT614,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("SignatureDoesNotMatch"),
            "SignatureDoesNotMatch: Credential should be scoped to a valid region, not 'us-east-1'.",
            Code::VLT629,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("SignatureDoesNotMatch"),
            "SignatureDoesNotMatch: Signature expired: a is now earlier than b",
            Code::SIG403,
            Certain,
        ),
        (
            Side::StsViaVault,
            Some("SignatureDoesNotMatch"),
            "SignatureDoesNotMatch: Signature not yet current: a is still later than b",
            Code::SIG404,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "static AWS client credentials haven't been properly configured (the access key or secret key were provided but not both)",
            Code::VLT614,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "changing auth_type on a role is not allowed",
            Code::VLT626,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "unable to resolve ARN \"arn:aws:sts::1:assumed-role/V/k\" to internal ID: unrecognized error type \"assumed-role\"",
            Code::VLT630,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "unable to resolve ARN \"arn:aws-xx:iam::1:role/x\" to internal ID: unable to resolve partition \"aws-xx\" to a region",
            Code::VLT630,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "unrecognized auth_type: foo",
            Code::VLT723,
            Certain,
        ),
        (
            Side::Vault,
            None,
            "specified bound_vpc_id but not specifying ec2 auth_type or inferring ec2_instance",
            Code::VLT626,
            Certain,
        ),
        (
            Side::IamViaVault,
            Some("Throttling"),
            "Throttling: Rate exceeded",
            Code::SIG414,
            Certain,
        ),
        (
            Side::IamViaVault,
            Some("SomethingNew"),
            "SomethingNew: nobody knows it",
            Code::VLT614,
            Likely,
        ),
    ];
    for (side, code, words, expected, confidence) in cases {
        let finding = answered(&role_write(side, code, words), &evidence());
        assert_eq!(
            (finding.code, finding.confidence),
            (expected, confidence),
            "{words}"
        );
    }
}

#[test]
fn the_account_that_vault_may_not_look_into_stands_in_the_command() {
    let words = "no STS configuration found for account ID \"111122223333\"";
    let finding = answered(&role_write(Side::Vault, None, words), &evidence());
    let command = finding
        .remedies
        .first()
        .and_then(|remedy| remedy.command.as_deref());
    assert_eq!(
        command,
        Some("vault write auth/aws/config/sts/111122223333 sts_role=$ROLE_ARN")
    );
}

/// What is to be done about a role that AWS keeps Vault from writing.
fn cures(side: Side, code: &str, words: &str) -> String {
    let finding = answered(&role_write(side, Some(code), words), &evidence());
    let remedies = finding.remedies.iter();
    let commands: Vec<&str> = remedies
        .filter_map(|remedy| remedy.command.as_deref())
        .collect();
    commands.join("\n")
}

#[test]
fn what_is_to_be_done_is_about_what_aws_refused() {
    let refused = "AccessDenied: User: arn:aws:sts::111122223333:assumed-role/Vault/i-0 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/VaultLookup";
    let cures_of_role = cures(Side::StsViaVault, "AccessDenied", refused);
    assert!(
        cures_of_role.contains("get-role --role-name VaultLookup"),
        "{cures_of_role}"
    );
    assert!(
        cures_of_role.contains("vault read auth/aws/config/sts/444455556666"),
        "{cures_of_role}"
    );
    assert!(!cures_of_role.contains("vault write"), "{cures_of_role}");

    let far =
        "RequestError: send request failed\ncaused by: Post \"https://iam.amazonaws.com/\": EOF";
    let cures_of_way = cures(Side::IamViaVault, "RequestError", far);
    assert!(
        cures_of_way.ends_with("https://iam.amazonaws.com/"),
        "{cures_of_way}"
    );

    let wrong = "SignatureDoesNotMatch: The request signature we calculated does not match";
    let cures_of_keys = cures(Side::StsViaVault, "SignatureDoesNotMatch", wrong);
    assert_eq!(
        cures_of_keys,
        "vault read auth/aws/config/client\nvault write auth/aws/config/client access_key= secret_key="
    );
}

#[test]
fn a_token_without_its_namespace_is_of_another_vault() {
    let problem = KvProblem::TokenUnplaced;
    let mut fault = role_write(Side::Vault, None, "no namespace");
    fault.cause = Cause::Kv(problem.clone());
    let finding = token(&problem, &fault);
    assert_eq!(
        (finding.code, finding.alternatives.as_slice()),
        (Code::VLT701, &[Code::VLT522][..])
    );
}

#[test]
fn a_role_that_may_not_be_made_may_lack_its_boundary() {
    use Confidence::{Certain, Likely};
    let implicit = " because no identity-based policy allows the iam:CreateRole action";
    let explicit = " with an explicit deny in an identity-based policy";
    let cases = [
        ("iam:CreateRole", "", Code::AWS301, Likely),
        ("iam:CreateRole", implicit, Code::AWS301, Likely),
        ("iam:CreateRole", explicit, Code::AWS207, Likely),
        ("iam:TagRole", "", Code::AWS301, Certain),
        ("iam:TagRole", explicit, Code::AWS207, Certain),
    ];
    for (action, because, code, confidence) in cases {
        let words = format!(
            "User: arn:aws:iam::1:user/o is not authorized to perform: {action} on resource: r{because}"
        );
        let (step, role) = (StepId::Change, "arn:aws:iam::1:role/KongRole");
        let mut fault = Fault::new(step, Side::Iam, action, role, Cause::Answered, words);
        fault.status = Some(403);
        fault.code = Some("AccessDenied".to_owned());
        let finding = answered(&fault, &evidence());
        assert_eq!(
            (finding.code, finding.confidence),
            (code, confidence),
            "{action}{because}"
        );
        let is_open = finding.alternatives == [Code::AWS309];
        assert_eq!(is_open, confidence == Likely, "{action}{because}");
    }
}
