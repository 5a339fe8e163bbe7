//! Vault refused the login. One text can have many causes, and what STS or IAM
//! said to Vault may stand inside it.

use super::{Evidence, reach, signature};
use crate::aws::classify::query_error;
use crate::aws::identity::{PrincipalArn, bare_name};
use crate::diagnose::{Code, Finding, Where};
use crate::fault::{Fault, Side};
use crate::settings::Topology;
use crate::shell;
use crate::vault::namespace;

pub(super) fn explain(fault: &Fault, evidence: &Evidence) -> Finding {
    let finding = if fault.status == Some(200) {
        Finding::certain(Code::VLT618)
    } else if fault.status == Some(403) {
        denied(evidence)
    } else if is_crash(fault) {
        crashed(evidence)
    } else if let Some(state) = reach::server_state(fault) {
        state
    } else {
        match fault.side {
            Side::StsViaVault => through_sts(fault, evidence),
            Side::IamViaVault => through_iam(fault, evidence),
            _ => by_vault(fault, evidence),
        }
    };
    let mut finding = finding.fact("vault", "said", &fault.message);
    if let Some(who) = evidence
        .seen
        .session
        .as_ref()
        .or(evidence.seen.caller.as_ref())
    {
        finding = finding.fact("sts", "logged in as", who);
    }
    finding
}

/// Vault's words for a method that runs as a plugin and ended while it worked on
/// this very login. One that was down before is told otherwise.
fn is_crash(fault: &Fault) -> bool {
    fault.status == Some(500)
        && fault.message.contains("rpc error")
        && fault.message.contains("error reading from server")
}

/// The method falls over where its configuration was never written.
pub(super) fn crashed(evidence: &Evidence) -> Finding {
    let config = format!("auth/{}/config/client", evidence.settings.vault.auth_mount);
    Finding::likely(Code::VLT628, &[Code::VLT519, Code::VLT622])
        .would_decide("read", &config)
        .remedy(
            Where::Vault,
            "see whether it was ever written",
            Some(shell::command(["vault", "read", &config])),
            Some(&format!("read on {config}")),
        )
        .remedy(
            Where::Here,
            "if not, write it",
            Some("vaultiam setup --only vault".to_owned()),
            None,
        )
        .remedy(
            Where::Vault,
            "or by hand",
            Some(shell::command([
                "vault",
                "write",
                &config,
                "use_sts_region_from_client=true",
            ])),
            Some(&format!("create on {config}")),
        )
}

/// STS refused, or could not be reached with, the request that Vault forwarded.
fn through_sts(fault: &Fault, evidence: &Evidence) -> Finding {
    let Some(error) = fault.upstream.as_deref().and_then(query_error) else {
        return upstream_unreachable(fault);
    };
    match error.code.as_str() {
        "SignatureDoesNotMatch" | "RequestExpired" => refused_signature(&error.message, evidence),
        "ExpiredToken" => Finding::certain(Code::AWS105),
        "InvalidClientTokenId" if evidence.seen.keys_accepted => {
            Finding::likely(Code::SIG411, &[Code::AWS106])
        }
        "InvalidClientTokenId" => Finding::likely(Code::AWS106, &[Code::SIG411]),
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => {
            Finding::certain(Code::SIG414)
        }
        _ => Finding::likely(Code::VLT631, &[Code::VLT621]).fact(
            "sts, through vault",
            "code",
            &error.code,
        ),
    }
}

fn refused_signature(message: &str, evidence: &Evidence) -> Finding {
    if let Some(finding) = signature::clock(message, evidence) {
        return finding;
    }
    let region_named = message.contains("scoped to a valid region");
    // STS gave us the very credentials, a moment ago: the secret key is right.
    let finding = if region_named {
        Finding::certain(Code::SIG401)
    } else if evidence.seen.keys_accepted {
        Finding::likely(Code::SIG401, &[Code::SIG402, Code::SIG405])
    } else {
        Finding::likely(Code::SIG406, &[Code::SIG401, Code::SIG402])
    };
    region_facts(finding, evidence)
}

fn region_facts(finding: Finding, evidence: &Evidence) -> Finding {
    let config = format!("auth/{}/config/client", evidence.settings.vault.auth_mount);
    let mut finding = finding.would_decide("read", &config);
    if let Some((region, url)) = &evidence.seen.signed_for {
        finding = finding
            .fact("sign", "region", region)
            .fact("sign", "url", url);
    }
    if let Some(mode) = evidence.seen.sts_mode {
        finding = finding.fact("settings", "vault.sts", mode.name());
    }
    finding
        .remedy(
            Where::Vault,
            "let Vault ask the region that the client signed for (Vault 1.15 and later)",
            Some(shell::command([
                "vault",
                "write",
                &config,
                "use_sts_region_from_client=true",
                "sts_endpoint=",
                "sts_region=",
            ])),
            Some(&format!("update on {config}")),
        )
        .remedy(
            Where::Here,
            "or sign for the region that Vault asks (its sts_region; the global endpoint wants us-east-1)",
            Some("vaultiam login --sts regional --sts-region REGION --explain".to_owned()),
            None,
        )
}

/// Vault reached no STS: what it dialled did not answer as STS does.
fn upstream_unreachable(fault: &Fault) -> Finding {
    let words = &fault.message;
    if words.contains("body of GetCallerIdentity is invalid")
        || words.contains("parsing STS response")
    {
        Finding::certain(Code::VLT621)
    } else if words.contains("unsupported protocol scheme") {
        Finding::certain(Code::VLT622)
    } else {
        Finding::likely(Code::VLT620, &[Code::VLT621, Code::VLT622]).remedy(
            Where::Vault,
            "on Vault's server, see whether STS can be reached",
            Some("curl -sS https://sts.amazonaws.com/".to_owned()),
            Some("a shell on Vault's server"),
        )
    }
}

/// IAM refused Vault's own look-up.
fn through_iam(fault: &Fault, evidence: &Evidence) -> Finding {
    let words = &fault.message;
    if words.contains("STS configuration") || words.contains("unable to fetch client for account") {
        return Finding::certain(Code::VLT613);
    }
    if words.contains("NoCredentialProviders")
        || words.contains("unable to fetch current caller")
        || words.contains("haven't been properly configured")
    {
        return Finding::certain(Code::VLT614);
    }
    let finding = Finding::likely(Code::VLT612, &[Code::VLT613, Code::VLT614]);
    finding.would_decide(
        "read",
        format!(
            "auth/{}/role/{}",
            evidence.settings.vault.auth_mount, evidence.settings.vault.auth_role
        ),
    )
}

/// Vault's own refusals, by the marks in its words that are not prose.
fn by_vault(fault: &Fault, evidence: &Evidence) -> Finding {
    let words = fault.message.as_str();
    let lower = words.to_ascii_lowercase();
    if lower.contains("x-vault-aws-iam-server-id") {
        return server_id(&lower, evidence);
    }
    // Whatever the words: it quotes the id that was sent.
    let quotes_ours = |id: &String| words.contains(&format!("\"{id}\""));
    if evidence
        .settings
        .vault
        .server_id
        .as_ref()
        .is_some_and(quotes_ours)
    {
        return Finding::likely(Code::SIG408, &[Code::VLT631]);
    }
    if words.contains("does not belong to the role") {
        return not_bound(words, evidence);
    }
    if words.starts_with("entry for role") {
        return Finding::certain(Code::VLT603)
            .because(format!(
                "Vault's auth method at auth/{} has no role '{}'.",
                evidence.settings.vault.auth_mount, evidence.settings.vault.auth_role
            ))
            .fact(
                "settings",
                "vault.auth_role",
                &evidence.settings.vault.auth_role,
            )
            .fact(
                "settings",
                "vault.auth_mount",
                &evidence.settings.vault.auth_mount,
            )
            .remedy(
                Where::Vault,
                "see which roles there are",
                Some(shell::command([
                    "vault",
                    "list",
                    &format!("auth/{}/roles", evidence.settings.vault.auth_mount),
                ])),
                Some(&format!(
                    "list on auth/{}/roles",
                    evidence.settings.vault.auth_mount
                )),
            );
    }
    let table: [(&str, Finding); 12] = [
        (
            "auth method iam not allowed",
            Finding::certain(Code::VLT604),
        ),
        (
            "unable to get regional STS endpoint",
            region_facts(Finding::certain(Code::SIG412), evidence),
        ),
        (
            "region missing from Authorization",
            Finding::certain(Code::SIG413),
        ),
        ("invalid request header", Finding::certain(Code::SIG410)),
        (
            "invalid request query param",
            Finding::certain(Code::SIG410),
        ),
        ("as a valid EC2 instance", Finding::certain(Code::VLT615)),
        ("error validating instance", Finding::certain(Code::VLT616)),
        ("the constraint", Finding::certain(Code::VLT616)),
        (
            "unrecognized principal type",
            Finding::certain(Code::VLT630),
        ),
        ("error parsing arn", Finding::certain(Code::VLT630)),
        (
            "auth methods cannot create root tokens",
            Finding::certain(Code::VLT632),
        ),
        ("cannot assign policy", Finding::certain(Code::VLT632)),
    ];
    for (mark, finding) in table {
        if words.contains(mark) {
            return finding;
        }
    }
    let malformed = [
        "iam_request",
        "iam_http_request_method",
        "authentication values",
        "action found",
        "action parameter",
    ];
    if malformed.iter().any(|mark| words.contains(mark)) {
        return Finding::certain(Code::SIG413);
    }
    Finding::likely(
        Code::VLT631,
        &[
            Code::VLT605,
            Code::VLT603,
            Code::VLT604,
            Code::SIG407,
            Code::SIG401,
        ],
    )
}

fn server_id(words: &str, evidence: &Evidence) -> Finding {
    let finding = if words.contains("wasn't signed") {
        Finding::certain(Code::SIG409)
    } else if words.contains("missing authorization") {
        return Finding::certain(Code::SIG413);
    } else if evidence.settings.vault.server_id.is_some() {
        Finding::certain(Code::SIG408)
    } else {
        Finding::certain(Code::SIG407)
    };
    let finding = match &evidence.settings.vault.server_id {
        Some(id) => finding.fact("settings", "vault.server_id", id),
        None => finding,
    };
    finding.remedy(
        Where::Here,
        "send the id that Vault expects; Kong cannot send one",
        Some("vaultiam login --server-id ID --explain".to_owned()),
        None,
    )
}

/// "does not belong to the role": seven causes share these words. Vault quotes
/// the ARN that STS gave it.
fn not_bound(words: &str, evidence: &Evidence) -> Finding {
    let aws = &evidence.settings.aws;
    let role_path = format!(
        "auth/{}/role/{}",
        evidence.settings.vault.auth_mount, evidence.settings.vault.auth_role
    );
    let caller = words
        .split('"')
        .find(|part| part.starts_with("arn:"))
        .or(evidence.seen.session.as_deref())
        .or(evidence.seen.caller.as_deref());
    let as_kong = bare_name(&aws.kong_role) != bare_name(&aws.login_role)
        && caller
            .and_then(PrincipalArn::parse)
            .is_some_and(|arn| arn.role_name() == Some(bare_name(&aws.kong_role)));
    let finding = if as_kong {
        Finding::likely(Code::VLT606, &[Code::VLT605, Code::VLT607]).remedy(
            Where::Here,
            if evidence.settings.topology == Topology::Direct {
                "assume the login role first: set topology to article or separate"
            } else {
                "assume the login role first: leave out --no-assume"
            },
            Some("vaultiam login --explain".to_owned()),
            None,
        )
    } else {
        Finding::likely(
            Code::VLT605,
            &[
                Code::VLT607,
                Code::VLT608,
                Code::VLT609,
                Code::VLT610,
                Code::VLT611,
            ],
        )
    };
    let (finding, compare) = match &evidence.seen.unique_id {
        Some(id) => (
            finding.fact("sts", "unique id", id),
            "compare the unique id above with bound_iam_principal_id, and the ARN with bound_iam_principal_arn",
        ),
        None => (finding, "compare the ARN with bound_iam_principal_arn"),
    };
    finding.would_decide("read", &role_path).remedy(
        Where::Vault,
        compare,
        Some(shell::command(["vault", "read", &role_path])),
        Some(&format!("read on {role_path}")),
    )
}

/// A bare 403: the request did not reach a login, or may not come from here.
fn denied(evidence: &Evidence) -> Finding {
    let mut alternatives = vec![Code::VLT601, Code::VLT617, Code::VLT602, Code::VLT619];
    if evidence.settings.vault.namespace.is_some() {
        alternatives.insert(0, Code::VLT515);
    }
    let vault = &evidence.settings.vault;
    let help = format!(
        "{}/v1/{}auth/{}/login?help=1",
        vault.address,
        namespace::below(None, vault.namespace.as_deref()).unwrap_or_default(),
        vault.auth_mount
    );
    Finding::likely(Code::VLT631, &alternatives)
        .fact("settings", "vault.auth_mount", &evidence.settings.vault.auth_mount)
        .would_decide("GET", &help)
        .remedy(
            Where::Here,
            "see whether an aws auth method is mounted there; no token is needed, and 403 means that none is",
            Some(shell::command(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", &help])),
            None,
        )
}
