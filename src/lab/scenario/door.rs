//! Vault's door: the auth method, the role that is asked for, and who may come in.

use super::{Break, Cure, Run, Scenario};
use crate::diagnose::Code;
use crate::exit_code::LOGIN_REFUSED;
use crate::fault::Side;

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "no-auth-method",
        title: "the auth method at aws/ was disabled",
        code: Code::VLT601,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&["vault auth disable aws"]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("vaultiam setup makes it again"),
    },
    Scenario {
        name: "no-auth-method-unseen",
        title: "the auth method at aws/ was disabled, and nobody is there who may look",
        code: Code::VLT631,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&["vault auth disable aws"]),
        run: Run::kong("login"),
        cure: Cure::Person("run it with --explain, or ask an administrator of Vault"),
    },
    Scenario {
        name: "mount-mistyped",
        title: "the auth method is mounted elsewhere",
        code: Code::VLT601,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Settings(&[("VAULTIAM_AUTH_MOUNT", "awss")]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Instead(0),
    },
    Scenario {
        name: "another-method",
        title: "at aws/ there is a userpass method now",
        code: Code::VLT602,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault auth disable aws",
            "vault auth enable -path=aws userpass",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("name the mount of the aws method with --auth-mount"),
    },
    Scenario {
        name: "no-vault-role",
        title: "Vault's role kong-role was deleted",
        code: Code::VLT603,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&["vault delete auth/aws/role/kong-role"]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("vaultiam setup makes it again"),
    },
    Scenario {
        name: "vault-role-mistyped",
        title: "the login asks for a role whose name is mistyped",
        code: Code::VLT603,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Settings(&[("VAULTIAM_AUTH_ROLE", "kong-rolle")]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Instead(0),
    },
    Scenario {
        name: "role-for-instances",
        title: "Vault's role is of type ec2",
        code: Code::VLT604,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Both(
            &Break::Commands(&[
                "vault write auth/aws/role/machines auth_type=ec2 bound_account_id=$ACCOUNT token_policies=kong-policy",
            ]),
            &Break::Settings(&[("VAULTIAM_AUTH_ROLE", "machines")]),
        ),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("make a second role of type iam, with the commands that are shown"),
    },
    Scenario {
        name: "iam-role-for-vaults",
        title: "the IAM role's name stands where Vault's role should",
        code: Code::VLT633,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Settings(&[("VAULTIAM_AUTH_ROLE", "VaultRole")]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Instead(0),
    },
    Scenario {
        name: "instance-wanted",
        title: "Vault's role infers an EC2 instance, and the session is none",
        code: Code::VLT615,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/role/kong-role inferred_entity_type=ec2_instance inferred_aws_region=us-east-1",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "bound-addresses",
        title: "Vault's role takes logins from 10.0.0.0/8 alone",
        code: Code::VLT617,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/role/kong-role token_bound_cidrs=10.0.0.0/8",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(1),
    },
    Scenario {
        name: "root-policy",
        title: "Vault's role hands out the policy root, which no login gets",
        code: Code::VLT632,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/role/kong-role token_policies=root,kong-policy",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
];
