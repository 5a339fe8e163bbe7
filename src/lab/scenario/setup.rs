//! Setting up: what stands in the way, and what the operator may not do.

use super::{Break, Cure, Run, Scenario};
use crate::diagnose::Code;
use crate::exit_code::{AWS_REFUSED, FOUND};
use crate::fault::Side;

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "role-of-others",
        title: "KongRole belongs to another stack and differs",
        code: Code::AWS302,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "aws iam tag-role --role-name KongRole --tags Key=managed-by,Value=vaultiam Key=vaultiam:stack,Value=other",
            "aws iam put-role-policy --role-name KongRole --policy-name vaultiam --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}'",
        ]),
        run: Run::operator("setup --yes"),
        cure: Cure::Person("choose another name with --kong-role"),
    },
    Scenario {
        name: "other-account",
        title: "the operator is in another account than the settings say",
        code: Code::AWS310,
        side: Some(Side::Local),
        exit: AWS_REFUSED,
        breaks: Break::Settings(&[("VAULTIAM_ACCOUNT_ID", "999999999999")]),
        run: Run::operator("setup --yes"),
        cure: Cure::Person("use the credentials of the account, or correct account_id"),
    },
    Scenario {
        name: "profile-holds-another",
        title: "the instance profile KongRole holds VaultRole",
        code: Code::AWS311,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "aws iam remove-role-from-instance-profile --instance-profile-name KongRole --role-name KongRole",
            "aws iam add-role-to-instance-profile --instance-profile-name KongRole --role-name VaultRole",
        ]),
        run: Run::operator("setup --yes"),
        cure: Cure::Person("decide which role the instances of this profile shall have"),
    },
    Scenario {
        name: "something-hangs-on-it",
        title: "VaultRole is in an instance profile of others when it is to be deleted",
        code: Code::AWS307,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "aws iam create-instance-profile --instance-profile-name OfOthers",
            "aws iam add-role-to-instance-profile --instance-profile-name OfOthers --role-name VaultRole",
        ]),
        run: Run::operator("teardown --yes"),
        cure: Cure::Person("take the role out of that profile first, if its owners agree"),
    },
    Scenario {
        name: "another-method-in-the-way",
        title: "at aws/ there is a userpass method when setup is to mount aws there",
        code: Code::VLT602,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "vault auth disable aws",
            "vault auth enable -path=aws userpass",
        ]),
        run: Run::operator("setup --yes"),
        cure: Cure::Person("choose another path with --auth-mount"),
    },
    Scenario {
        name: "another-engine-in-the-way",
        title: "at kv/ there is an engine of version 1 when setup wants version 2",
        code: Code::VLT637,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "vault secrets disable kv",
            "vault secrets enable -path=kv -version=1 kv",
        ]),
        run: Run::operator("setup --yes"),
        cure: Cure::Person(
            "set kv.version to 1, or choose another path: an engine is never converted",
        ),
    },
    Scenario {
        name: "policy-of-others",
        title: "a policy kong-policy that setup did not write is in the way",
        code: Code::VLT638,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "echo 'path \"kv/*\" { capabilities = [\"list\"] }' | vault policy write kong-policy -",
        ]),
        run: Run::operator("setup --yes"),
        cure: Cure::Person("choose another name with --policy, or adopt it"),
    },
    Scenario {
        name: "operator-may-not",
        title: "setup is run as Kong's instance, which has no rights in IAM",
        code: Code::AWS301,
        side: Some(Side::Iam),
        exit: AWS_REFUSED,
        breaks: Break::CommandLine,
        run: Run::seen("setup --plan"),
        cure: Cure::Person("run it with an administrator's credentials"),
    },
    Scenario {
        name: "nobody-to-ask",
        title: "setup is to change something, and nobody is there to say yes",
        code: Code::CFG907,
        side: None,
        exit: crate::exit_code::USAGE,
        breaks: Break::Commands(&["vault delete auth/aws/role/kong-role"]),
        run: Run::operator("setup"),
        cure: Cure::Person("vaultiam setup --yes"),
    },
];
