//! Roles that infer an EC2 instance from the session's name.

use serde_json::json;

use super::*;

fn verify(id: &str, said: &str) -> Fault {
    let words =
        format!("failed to verify {id} as a valid EC2 instance in region us-east-1: {said}");
    refused(400, Side::Vault, &words)
}

/// A role that infers an instance, of a VPC.
fn inferring() -> Evidence {
    with_role(json!({
        "inferred_entity_type": "ec2_instance",
        "inferred_aws_region": "us-east-1",
        "bound_vpc_id": ["vpc-1"],
    }))
}

const STOP: &str =
    "vault write auth/aws/role/kong-role inferred_entity_type= inferred_aws_region= bound_vpc_id=";

/// What EC2 says of a look at an instance, in Vault's words around it.
fn of_ec2(id: &str, error: &str) -> String {
    format!(
        "error fetching description for instance ID \"{id}\": {error}\n\tstatus code: 400, request id: r"
    )
}

#[test]
fn a_session_that_is_no_instance_is_told_from_one_that_is_not_found() {
    let said = of_ec2(
        "vaultiam",
        "InvalidInstanceID.Malformed: Invalid id: \"vaultiam\"",
    );
    let finding = certain(&verify("vaultiam", &said), &inferring(), Code::VLT615);
    assert_eq!(commands(&finding), [STOP]);
    // A user has no session.
    let user = "expected instance ID not matching the instance ID in the instance description";
    certain(&verify("", user), &inferring(), Code::VLT615);
    for said in [
        of_ec2(
            "i-0abc",
            "InvalidInstanceID.NotFound: The instance ID 'i-0abc' does not exist",
        ),
        "no reservations found in instance description".to_owned(),
        of_ec2("i-0abc", "SomethingNew: nobody knows it"),
    ] {
        // Whose session it is does not count: Vault tells what it looked for.
        let mut unknown = inferring();
        unknown.seen.session = None;
        unknown.seen.caller = None;
        likely(&verify("i-0abc", &said), &unknown, Code::VLT615);
    }
    let stopped = verify("i-0abc", "instance is not in 'running' state");
    certain(&stopped, &inferring(), Code::VLT616);
    let nil = "IAM instance profile in the instance description is nil";
    certain(&refused(500, Side::Vault, nil), &inferring(), Code::VLT616);
}

#[test]
fn a_vault_that_may_not_look_at_instances_is_told_with_the_right_that_it_lacks() {
    let denied = |action: &str| {
        format!(
            "UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/VaultServer/i-1 is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        )
    };
    let look = |action: &str| {
        format!(
            "aws iam put-role-policy --role-name VaultServer --policy-name vault-instances --policy-document '{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"{action}\",\"Resource\":\"*\"}}]}}'"
        )
    };
    let action = "ec2:DescribeInstances";
    let fault = verify("i-0abc", &of_ec2("i-0abc", &denied(action)));
    let finding = certain(&fault, &inferring(), Code::VLT640);
    assert_eq!(commands(&finding), [look(action).as_str(), STOP]);
    assert!(finding.cause.contains(action), "{}", finding.cause);
    // The older words name neither the action nor who asked.
    let old = "UnauthorizedOperation: You are not authorized to perform this operation.";
    let finding = certain(
        &verify("i-0abc", &of_ec2("i-0abc", old)),
        &inferring(),
        Code::VLT640,
    );
    assert!(finding.cause.contains(action), "{}", finding.cause);
    // A role that binds the role of the instance has Vault ask IAM, too.
    let action = "iam:GetInstanceProfile";
    let profile = denied(action).replace("UnauthorizedOperation", "AccessDenied");
    let words = format!("error validating instance: error fetching profile: {profile}");
    let fault = refused(400, Side::Vault, &words);
    let finding = certain(&fault, &inferring(), Code::VLT640);
    assert_eq!(commands(&finding), [look(action).as_str(), STOP]);
    // The right helps nobody whose session is no instance.
    certain(
        &verify("vaultiam", &of_ec2("vaultiam", old)),
        &inferring(),
        Code::VLT615,
    );
}

#[test]
fn what_else_keeps_vault_from_ec2_has_its_own_code() {
    let cases = [
        (
            "RequestLimitExceeded: Request limit exceeded.",
            Code::SIG414,
        ),
        (
            "AuthFailure: AWS was not able to validate the provided access credentials",
            Code::VLT614,
        ),
        (
            "RequestError: send request failed\ncaused by: Post \"https://ec2\": EOF",
            Code::VLT620,
        ),
    ];
    for (error, code) in cases {
        certain(
            &verify("i-0abc", &of_ec2("i-0abc", error)),
            &inferring(),
            code,
        );
    }
    let caller = "unable to fetch current caller: NoCredentialProviders: no valid providers in chain. Deprecated.";
    certain(&verify("i-0abc", caller), &inferring(), Code::VLT614);
}

#[test]
fn where_an_instance_is_looked_for_is_told_with_it() {
    let said = of_ec2("i-0abc", "InvalidInstanceID.NotFound: x");
    let finding = likely(&verify("i-0abc", &said), &inferring(), Code::VLT615);
    assert_eq!(finding.alternatives, [Code::VLT613]);
    assert!(finding.cause.contains("eu-west-1"), "{}", finding.cause);
    assert_eq!(
        commands(&finding),
        [
            "aws ec2 describe-instances --instance-ids i-0abc --region us-east-1",
            "vault write auth/aws/role/kong-role inferred_aws_region=eu-west-1",
            STOP,
        ]
    );
    // The login is made in the region in which Vault asks.
    let mut here = inferring();
    here.seen.region = Some("us-east-1".into());
    let finding = likely(&verify("i-0abc", &said), &here, Code::VLT615);
    assert_eq!(commands(&finding).len(), 2);
}

#[test]
fn another_account_and_a_denial_from_above_are_told_apart() {
    let account = "unable to fetch client for account ID \"999999999999\" -- default client is for account \"123456789012\"";
    certain(&verify("i-0abc", account), &inferring(), Code::VLT613);
    let denied = "UnauthorizedOperation: User: arn:aws:sts::123456789012:assumed-role/VaultServer/i-1 is not authorized to perform: ec2:DescribeInstances with an explicit deny in a service control policy";
    let fault = verify("i-0abc", &of_ec2("i-0abc", denied));
    let finding = certain(&fault, &inferring(), Code::VLT640);
    // No further right helps against that.
    assert_eq!(commands(&finding), [STOP]);
    assert!(finding.cause.contains("organisation"), "{}", finding.cause);
}
