//! AssumeRole: the trust policy of VaultRole, and what KongRole may do.

use super::{Break, Cure, Run, Scenario, State};
use crate::diagnose::Code;
use crate::exit_code::{AWS_REFUSED, TRY_AGAIN};
use crate::fault::Side;

/// What anybody may do with VaultRole is left to the policies of the account.
const TRUST_OF_THE_ACCOUNT: &str = "aws iam update-assume-role-policy --role-name VaultRole --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::'$ACCOUNT':root\"},\"Action\":\"sts:AssumeRole\"}]}'";

const TRUST_OF_KONG_ALONE: &str = "aws iam update-assume-role-policy --role-name VaultRole --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::'$ACCOUNT':role/KongRole\"},\"Action\":\"sts:AssumeRole\"}]}'";

const TRUST_OF_ANOTHER: &str = "aws iam update-assume-role-policy --role-name VaultRole --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::'$ACCOUNT':role/OtherRole\"},\"Action\":\"sts:AssumeRole\"}]}'";

const OTHER_ROLE: &str = "aws iam create-role --role-name OtherRole --assume-role-policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}'";

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "trust-of-another",
        title: "the trust policy of VaultRole names another role",
        code: Code::AWS202,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[OTHER_ROLE, TRUST_OF_ANOTHER]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "trust-unseen",
        title: "the trust policy of VaultRole names another role, and nobody is there who may read it",
        code: Code::AWS219,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[OTHER_ROLE, TRUST_OF_ANOTHER]),
        run: Run::LOGIN,
        cure: Cure::Person(
            "ask somebody who may read the trust policy to run the command that is shown",
        ),
    },
    Scenario {
        name: "trust-external-id",
        title: "the trust policy of VaultRole wants an external id, which Kong cannot send",
        code: Code::AWS203,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            "aws iam update-assume-role-policy --role-name VaultRole --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::'$ACCOUNT':role/KongRole\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"StringEquals\":{\"sts:ExternalId\":\"of-kong\"}}}]}'",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(1),
    },
    Scenario {
        name: "trust-condition",
        title: "the trust policy of VaultRole wants another session name",
        code: Code::AWS204,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            "aws iam update-assume-role-policy --role-name VaultRole --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::'$ACCOUNT':role/KongRole\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"StringEquals\":{\"sts:RoleSessionName\":\"gateway\"}}}]}'",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("log in with --session-name gateway, or change the condition"),
    },
    Scenario {
        name: "trust-of-the-deleted",
        title: "KongRole was deleted and made anew; the trust policy of VaultRole still holds the old one",
        code: Code::AWS205,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            TRUST_OF_KONG_ALONE,
            "aws iam remove-role-from-instance-profile --instance-profile-name KongRole --role-name KongRole",
            "aws iam get-role-policy --role-name KongRole --policy-name vaultiam --query PolicyDocument >policy.json",
            "aws iam get-role --role-name KongRole --query Role.AssumeRolePolicyDocument >trust.json",
            "aws iam delete-role-policy --role-name KongRole --policy-name vaultiam",
            "aws iam delete-role --role-name KongRole",
            "aws iam create-role --role-name KongRole --assume-role-policy-document file://trust.json",
            "aws iam put-role-policy --role-name KongRole --policy-name vaultiam --policy-document file://policy.json",
            "aws iam add-role-to-instance-profile --instance-profile-name KongRole --role-name KongRole",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "no-right-to-assume",
        title: "KongRole lost its permission, and the trust policy leaves it to the account",
        code: Code::AWS206,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            TRUST_OF_THE_ACCOUNT,
            "aws iam delete-role-policy --role-name KongRole --policy-name vaultiam",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(1),
    },
    Scenario {
        name: "explicit-deny",
        title: "a second policy of KongRole denies what the first one allows",
        code: Code::AWS207,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            "aws iam put-role-policy --role-name KongRole --policy-name guard --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"NoRoles\",\"Effect\":\"Deny\",\"Action\":\"sts:AssumeRole\",\"Resource\":\"*\"}]}'",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("decide whether the deny is meant: an allow never overrides it"),
    },
    Scenario {
        name: "boundary",
        title: "KongRole got a permissions boundary that does not hold sts:AssumeRole",
        code: Code::AWS208,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Both(
            &Break::Commands(&[TRUST_OF_THE_ACCOUNT]),
            &Break::State(State::Boundary {
                role: "KongRole",
                allows: "s3:GetObject",
            }),
        ),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("ask for a boundary that holds sts:AssumeRole on VaultRole"),
    },
    Scenario {
        name: "organisation-denies",
        title: "a service control policy denies sts:AssumeRole in the whole account",
        code: Code::AWS209,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::State(State::ServiceControlPolicy {
            denies: "sts:AssumeRole",
        }),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("ask whoever keeps the organisation's policies"),
    },
    Scenario {
        name: "role-gone",
        title: "VaultRole was deleted",
        code: Code::AWS201,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            "aws iam remove-role-from-instance-profile --instance-profile-name VaultRole --role-name VaultRole",
            "aws iam delete-role-policy --role-name VaultRole --policy-name vaultiam",
            "aws iam delete-role --role-name VaultRole",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person("vaultiam setup makes it again"),
    },
    Scenario {
        name: "role-elsewhere",
        title: "VaultRole was made anew under the path /team/",
        code: Code::AWS221,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Commands(&[
            "aws iam get-role --role-name VaultRole --query Role.AssumeRolePolicyDocument >trust.json",
            "aws iam remove-role-from-instance-profile --instance-profile-name VaultRole --role-name VaultRole",
            "aws iam delete-role-policy --role-name VaultRole --policy-name vaultiam",
            "aws iam delete-role --role-name VaultRole",
            "aws iam create-role --role-name VaultRole --path /team/ --assume-role-policy-document file://trust.json",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person(
            "decide for one of the two paths; vaultiam setup --login-role team/VaultRole takes the new one",
        ),
    },
    Scenario {
        name: "role-assumes-itself",
        title: "the role to assume is the one that Kong has already",
        code: Code::AWS211,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::Settings(&[(
            "VAULTIAM_ASSUME_ROLE_ARN",
            "arn:aws:iam::$ACCOUNT:role/KongRole",
        )]),
        run: Run::kong("login"),
        cure: Cure::Person("unset VAULTIAM_ASSUME_ROLE_ARN"),
    },
    Scenario {
        name: "malformed-role",
        title: "the ARN of the role to assume lacks a part",
        code: Code::AWS210,
        side: Some(Side::Local),
        exit: AWS_REFUSED,
        breaks: Break::Settings(&[(
            "VAULTIAM_ASSUME_ROLE_ARN",
            "arn:aws:iam::$ACCOUNT:VaultRole",
        )]),
        run: Run::LOGIN,
        cure: Cure::Person("write role/ before the name"),
    },
    Scenario {
        name: "session-name",
        title: "the session name has a blank",
        code: Code::AWS214,
        side: Some(Side::Local),
        exit: AWS_REFUSED,
        breaks: Break::Settings(&[("AWS_ROLE_SESSION_NAME", "kong gateway")]),
        run: Run::LOGIN,
        cure: Cure::Person("leave the blank out"),
    },
    Scenario {
        name: "sts-throttles",
        title: "STS is asked too much and throttles",
        code: Code::AWS217,
        side: Some(Side::Sts),
        exit: TRY_AGAIN,
        breaks: Break::State(State::StsThrottled { requests: 1000 }),
        run: Run::LOGIN,
        cure: Cure::Person("run it again a little later"),
    },
    Scenario {
        name: "no-way-to-aws",
        title: "nothing answers where AWS should be",
        code: Code::AWS215,
        side: Some(Side::Network),
        exit: crate::exit_code::UNREACHABLE,
        breaks: Break::Settings(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")]),
        run: Run::LOGIN,
        cure: Cure::Person("open the way to STS"),
    },
];
