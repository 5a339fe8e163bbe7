//! What is signed for Vault: region, clock, server id, and Vault's way to STS.

use super::{Break, Cure, Run, Scenario, State};
use crate::diagnose::Code;
use crate::exit_code::{AWS_REFUSED, LOGIN_REFUSED, TRY_AGAIN};
use crate::fault::Side;

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "global-sts",
        title: "Vault asks the global STS endpoint, and Kong signs for eu-west-1",
        code: Code::SIG401,
        side: Some(Side::StsViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::Both(
            &Break::Commands(&[
                "vault write auth/aws/config/client sts_endpoint= sts_region= use_sts_region_from_client=false",
            ]),
            &Break::Settings(&[("VAULTIAM_STS_REGION", "eu-west-1")]),
        ),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(1),
    },
    Scenario {
        name: "regional-sts",
        title: "Vault asks STS in eu-west-1, and Kong signs for us-east-1",
        code: Code::SIG401,
        side: Some(Side::StsViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/config/client sts_endpoint=https://sts.eu-west-1.amazonaws.com sts_region=eu-west-1 use_sts_region_from_client=false",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(1),
    },
    Scenario {
        name: "endpoint-without-scheme",
        title: "the STS endpoint in Vault's configuration has no https:// in front",
        code: Code::VLT622,
        side: Some(Side::StsViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/config/client sts_endpoint=sts.us-east-1.amazonaws.com use_sts_region_from_client=false",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "unknown-sts-region",
        title: "the login is signed for a region that Vault's library does not know",
        code: Code::SIG412,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Settings(&[("VAULTIAM_STS_REGION", "mx-central-1")]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Instead(0),
    },
    Scenario {
        name: "clock-behind",
        title: "the clock of Kong's machine is 20 minutes behind",
        code: Code::SIG403,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::State(State::AwsClock { seconds: 20 * 60 }),
        run: Run::LOGIN,
        cure: Cure::Person("set the clock"),
    },
    Scenario {
        name: "clock-ahead",
        title: "the clock of Kong's machine is 20 minutes ahead",
        code: Code::SIG404,
        side: Some(Side::Sts),
        exit: AWS_REFUSED,
        breaks: Break::State(State::AwsClock { seconds: -20 * 60 }),
        run: Run::LOGIN,
        cure: Cure::Person("set the clock"),
    },
    Scenario {
        name: "server-id-wanted",
        title: "Vault wants a server id, which Kong cannot send",
        code: Code::SIG407,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/config/client iam_server_id_header_value=vault.example.com",
        ]),
        run: Run::LOGIN_SEEN,
        cure: Cure::Person(
            "vaultiam comes through with --server-id; Kong needs an auth method of its own, with the command that is shown",
        ),
    },
    Scenario {
        name: "server-id-of-another",
        title: "the login is signed for another Vault's server id",
        code: Code::SIG408,
        side: Some(Side::Vault),
        exit: LOGIN_REFUSED,
        breaks: Break::Commands(&[
            "vault write auth/aws/config/client iam_server_id_header_value=vault.example.com",
        ]),
        run: Run::seen(
            "login --explain --no-store --admin --admin-profile admin --server-id old.example.com",
        ),
        cure: Cure::Instead(0),
    },
    Scenario {
        name: "sts-throttles-vault",
        title: "STS throttles Vault, which asks it at every login",
        code: Code::SIG414,
        side: Some(Side::StsViaVault),
        exit: TRY_AGAIN,
        breaks: Break::State(State::StsThrottled { requests: 1000 }),
        run: Run::kong("login --no-assume"),
        cure: Cure::Person("run it again a little later"),
    },
    Scenario {
        name: "vault-without-sts",
        title: "Vault has no way to STS",
        code: Code::VLT620,
        side: Some(Side::StsViaVault),
        exit: LOGIN_REFUSED,
        breaks: Break::State(State::VaultWithoutAws),
        run: Run::kong("login --no-assume"),
        cure: Cure::Person("open the way from Vault's server to STS"),
    },
];
