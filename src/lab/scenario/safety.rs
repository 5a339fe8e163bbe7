//! What works and is not safe: found by `vaultiam check`.

use super::{Break, Cure, Run, Scenario};
use crate::diagnose::Code;
use crate::exit_code::FOUND;

const CHECK: Run = Run::operator("check --admin");

pub(super) const ALL: &[Scenario] = &[
    Scenario {
        name: "trust-of-everybody",
        title: "anybody in AWS may assume VaultRole",
        code: Code::SEC001,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "aws iam update-assume-role-policy --role-name VaultRole --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}'",
        ]),
        run: CHECK,
        cure: Cure::Person("vaultiam setup names KongRole alone again"),
    },
    Scenario {
        name: "policy-too-wide",
        title: "kong-policy also lets Kong write, everywhere",
        code: Code::SEC003,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "echo 'path \"kv/*\" { capabilities = [\"read\", \"update\"] }' | vault policy write kong-policy -",
        ]),
        run: CHECK,
        cure: Cure::Person("vaultiam setup writes the narrow policy again"),
    },
    Scenario {
        name: "static-keys",
        title: "Vault's auth method holds static keys of AWS",
        code: Code::SEC006,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&[
            "vault write auth/aws/config/client access_key=AKIAEXAMPLEEXAMPLE22 secret_key=notARealSecretKey",
        ]),
        run: CHECK,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "no-audit-log",
        title: "Vault writes no audit log, so that nobody will know who read what",
        code: Code::SEC010,
        side: None,
        exit: FOUND,
        breaks: Break::CommandLine,
        run: CHECK,
        cure: Cure::Remedy(0),
    },
    Scenario {
        name: "tokens-live-long",
        title: "Kong's tokens live for 33 days",
        code: Code::SEC008,
        side: None,
        exit: FOUND,
        breaks: Break::Commands(&["vault write auth/aws/role/kong-role token_max_ttl=800h"]),
        run: CHECK,
        cure: Cure::Person("vaultiam setup gives them their time again"),
    },
];
