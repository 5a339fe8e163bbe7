//! "Does not belong to the role": whom Vault's role binds, and whom it sees.

use super::{Break, Cure, Run, Scenario, State};
use crate::diagnose::Code;
use crate::exit_code::LOGIN_REFUSED;
use crate::fault::Side;

/// A binding with a star: Vault looks the caller up at each login.
const STARRED: &str = "vault write auth/aws/role/kong-role bound_iam_principal_arn='arn:aws:iam::'$ACCOUNT':role/Vault*'";

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "another-principal",
        title: "Vault's role binds KongRole, and the login is VaultRole's",
        code: Code::VLT605,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault delete auth/aws/role/kong-role",
            "vault write auth/aws/role/kong-role auth_type=iam resolve_aws_unique_ids=false token_policies=kong-policy bound_iam_principal_arn=arn:aws:iam::$ACCOUNT:role/KongRole",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "assume-left-out",
        title: "the login is signed as KongRole: VaultRole was not assumed",
        code: Code::VLT606,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::CommandLine,
        run: Run::seen("login --explain --no-store --admin --admin-profile admin --no-assume"),
        cure: Cure::Instead(0),
    },
    Scenario {
        name: "role-made-anew",
        title: "VaultRole was deleted and made anew; Vault still binds the old one's id",
        code: Code::VLT607,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Both(
            &Break::Commands(&[
                "aws iam get-role --role-name VaultRole --query Role.AssumeRolePolicyDocument >trust.json",
                "aws iam get-role-policy --role-name VaultRole --policy-name vaultiam --query PolicyDocument >policy.json",
                "aws iam remove-role-from-instance-profile --instance-profile-name VaultRole --role-name VaultRole",
                "aws iam delete-role-policy --role-name VaultRole --policy-name vaultiam",
                "aws iam delete-role --role-name VaultRole",
                "aws iam create-role --role-name VaultRole --assume-role-policy-document file://trust.json",
                "aws iam put-role-policy --role-name VaultRole --policy-name vaultiam --policy-document file://policy.json",
                "aws iam add-role-to-instance-profile --instance-profile-name VaultRole --role-name VaultRole",
            ]),
            &Break::State(State::VaultRestarted),
        ),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "path-in-the-binding",
        title: "Vault's role binds an ARN with a path and compares ARNs, which have none at a login",
        code: Code::VLT608,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault delete auth/aws/role/kong-role",
            "vault write auth/aws/role/kong-role auth_type=iam resolve_aws_unique_ids=false token_policies=kong-policy bound_iam_principal_arn=arn:aws:iam::$ACCOUNT:role/team/VaultRole",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "session-bound",
        title: "Vault's role binds the ARN of a session instead of the role's",
        code: Code::VLT609,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault delete auth/aws/role/kong-role",
            "vault write auth/aws/role/kong-role auth_type=iam resolve_aws_unique_ids=false token_policies=kong-policy bound_iam_principal_arn=arn:aws:sts::$ACCOUNT:assumed-role/VaultRole/kong",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "wildcard-misses",
        title: "the star in the binding does not reach the role",
        code: Code::VLT610,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/role/kong-role bound_iam_principal_arn='arn:aws:iam::'$ACCOUNT':role/team/*'",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "another-account",
        title: "Vault's role binds the role of this name in another account",
        code: Code::VLT611,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault delete auth/aws/role/kong-role",
            "vault write auth/aws/role/kong-role auth_type=iam resolve_aws_unique_ids=false token_policies=kong-policy bound_iam_principal_arn=arn:aws:iam::999999999999:role/VaultRole",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "vault-may-not-look",
        title: "the binding has a star, and Vault lost the right to look roles up",
        code: Code::VLT612,
        side: Some(Side::IamViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            STARRED,
            "aws iam delete-role-policy --role-name VaultRole --policy-name vaultiam",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(1),
    },
    Scenario {
        name: "vault-without-identity",
        title: "the binding has a star, and Vault's server lost its instance profile",
        code: Code::VLT614,
        side: Some(Side::IamViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::Both(
            &Break::Commands(&[STARRED]),
            &Break::State(State::VaultWithoutIdentity),
        ),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("attach the instance profile to Vault's server"),
    },
    Scenario {
        name: "endpoint-without-region",
        title: "Vault has an STS endpoint without its region, and a star in the binding",
        code: Code::VLT629,
        side: Some(Side::IamViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            STARRED,
            "vault write auth/aws/config/client sts_endpoint=https://sts.eu-west-1.amazonaws.com sts_region= use_sts_region_from_client=false",
        ]),
        run: Run::seen(
            "login --explain --no-store --admin --admin-profile admin --sts regional --sts-region eu-west-1",
        ),
        cure: Cure::Remedy(0),
    },
];
