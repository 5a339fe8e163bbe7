//! How Vault asks STS, and whether that fits what is signed.
//!
//! `auth.config` fails where Vault hands the login to another STS than it is signed
//! for, or where its endpoint is none; it warns where the endpoint has no region of
//! its own, on which only Vault's own calls hang. `auth.server-id` fails where Vault
//! wants a server id that is not sent: Kong can send none.

use serde_json::{Map, Value};

use super::aws::unseen;
use super::{Scene, Verdict};
use crate::aws::sign::{Scope, scope};
use crate::diagnose::again::Again;
use crate::diagnose::asked::{Asked, follow_client, is_malformed, of_config};
use crate::diagnose::looks::{Look, Rights, ServerId, StsChoice};
use crate::diagnose::{Code, Finding, Severity, Where, auth_mounts};
use crate::settings::{Settings, StsMode, VaultSettings};
use crate::shell;
use crate::vault::sys::sts_mode;

pub(super) async fn config(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let mode = sts_mode(settings.vault.sts, scene.vault_version().await);
    let region = scene.region().await;
    let of_file = settings.aws.region_of_file.as_deref();
    let signed = match scope(mode, &settings.vault, of_file, region.as_deref()) {
        Ok(signed) => signed,
        Err(fault) => {
            return Verdict::of(
                fault.message.clone(),
                scene.explained(&fault, &crate::login::Observations::default()),
            );
        }
    };
    let look = scene.client_config().await;
    let case = Case {
        mode,
        signed: &signed,
        vault: &settings.vault,
    };
    match look.seen_with() {
        Some((config, rights)) => judge(&case, config.as_ref(), rights),
        None if scene.proved_login().await.is_some() => {
            Verdict::passed(format!("a login signed for {} succeeded", signed.region))
        }
        None => by_the_door(scene, &case, look).await,
    }
}

/// What is signed for, and what the settings have Vault do.
struct Case<'a> {
    mode: StsMode,
    signed: &'a Scope,
    vault: &'a VaultSettings,
}

/// Without a token it can be told whether Vault follows the client, but not which
/// STS it asks else.
async fn by_the_door(
    scene: &Scene,
    case: &Case<'_>,
    config: &Look<Option<Map<String, Value>>>,
) -> Verdict {
    let region = &case.signed.region;
    match (scene.sts_choice().await.seen(), case.mode) {
        (Some(StsChoice::OfClient), _) => follows(region),
        (Some(StsChoice::Fixed), StsMode::Client) => {
            let finding = Finding::likely(Code::SIG401, &[])
                .because(format!(
                    "Vault always asks the same STS, and the settings have the login signed for the region in force, {region}."
                ))
                .not_seen(config.missing("read", &case.vault.config_path()));
            Verdict::found(
                "Vault does not follow the client's region",
                remedy(finding, case),
            )
        }
        (Some(StsChoice::Fixed), _) => Verdict::skipped(format!(
            "Vault always asks the same STS, and which one was not seen: {}",
            unseen(config)
        )),
        (None, _) => Verdict::skipped(unseen(config)),
    }
}

fn follows(region: &str) -> Verdict {
    Verdict::passed(format!(
        "Vault asks the STS of the region that is signed for: {region}"
    ))
}

fn judge(case: &Case<'_>, config: Option<&Map<String, Value>>, rights: &Rights) -> Verdict {
    let signed = &case.signed.region;
    let Asked::Endpoint { url, region } = of_config(config) else {
        return follows(signed);
    };
    let text = |name: &str| {
        let text = config.and_then(|config| config.get(name));
        text.and_then(Value::as_str).unwrap_or_default()
    };
    let endpoint = text("sts_endpoint");
    let found = |said: String, finding: Finding| {
        let path = case.vault.config_path();
        let finding = finding
            .fact_with(rights, &path, "sts_endpoint", endpoint)
            .fact_with(rights, &path, "use_sts_region_from_client", "false")
            .fact("sign", "region", signed);
        Verdict::found(said, remedy(finding, case))
    };
    if is_malformed(endpoint) {
        let words = format!(
            "\"{endpoint}\" is no URL of an STS, such as https://sts.us-east-1.amazonaws.com."
        );
        let finding = Finding::certain(Code::VLT622).because(words);
        return found(endpoint.to_owned(), finding);
    }
    let said = if endpoint.is_empty() {
        format!("Vault asks {url}, the global endpoint")
    } else {
        format!("Vault asks {url}")
    };
    if let Some(region) = region.filter(|region| region != signed) {
        let words = format!("{said}, which wants {region}, and the login is signed for {signed}.");
        return found(said, Finding::certain(Code::SIG401).because(words));
    }
    if !endpoint.is_empty() && text("sts_region").is_empty() {
        let mut finding = Finding::certain(Code::VLT629).because(
            "sts_region is empty: Vault signs its own calls, such as for a role that is written, for us-east-1.",
        );
        finding.severity = Severity::Warning;
        return found(said, finding);
    }
    Verdict::passed(said)
}

fn remedy(finding: Finding, case: &Case<'_>) -> Finding {
    let finding = finding.set_up("vault");
    let (endpoint, region) = match case.mode {
        StsMode::Client => return follow_client(finding, case.vault),
        StsMode::Regional => (case.signed.url.trim_end_matches('/'), &*case.signed.region),
        StsMode::Global => ("", ""),
    };
    let path = case.vault.config_path();
    let write = shell::command([
        "vault",
        "write",
        &path,
        &format!("sts_endpoint={endpoint}"),
        &format!("sts_region={region}"),
        "use_sts_region_from_client=false",
    ]);
    finding.remedy(
        Where::Vault,
        "or by hand; this touches all logins of the mount",
        Some(write),
        Some(&format!("update on {path}")),
    )
}

pub(super) async fn server_id(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let sent = settings.vault.server_id.as_deref();
    let look = scene.client_config().await;
    if let Some((config, rights)) = look.seen_with() {
        let wanted = config
            .as_ref()
            .and_then(|config| config.get("iam_server_id_header_value"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        let wanted = (!wanted.is_empty()).then_some(wanted);
        return compare(wanted.map(Some), sent, rights, settings);
    }
    if scene.proved_login().await.is_some() {
        return Verdict::passed("a login succeeded with what is sent");
    }
    match scene.wanted_server_id().await {
        Look::Seen { value, with } => {
            let wanted = match value {
                ServerId::NotWanted => None,
                ServerId::Wanted(id) => Some(id.as_deref()),
            };
            compare(wanted, sent, with, settings)
        }
        Look::Refused(_) | Look::NotMade => Verdict::skipped(unseen(look)),
    }
}

/// `wanted` is what Vault wants: nothing, an id that is not known, or this one.
fn compare(
    wanted: Option<Option<&str>>,
    sent: Option<&str>,
    rights: &Rights,
    settings: &Settings,
) -> Verdict {
    let path = settings.vault.config_path();
    let finding = |code: Code, id: &str, because: String| {
        Finding::certain(code).because(because).fact_with(
            rights,
            &path,
            "iam_server_id_header_value",
            id,
        )
    };
    match (wanted, sent) {
        (None, None) => Verdict::passed("none is wanted and none is sent"),
        (None, Some(id)) => Verdict::passed(format!("none is wanted; {id} is sent all the same")),
        (Some(Some(wanted)), Some(sent)) if wanted == sent => Verdict::passed(wanted),
        (Some(None), Some(sent)) => {
            Verdict::skipped(format!("one is wanted; whether it is {sent} was not seen"))
        }
        (Some(Some(wanted)), Some(sent)) => {
            let because = format!("Vault wants the server id {wanted}, and {sent} is sent.");
            Verdict::found(
                format!("Vault wants {wanted}"),
                finding(Code::SIG408, wanted, because).remedy(
                    Where::Here,
                    "make sure that this is the Vault you mean; then set vault.server_id to what it wants",
                    Some(Again::Check.with(&["--server-id", wanted])),
                    None,
                ),
            )
        }
        (Some(wanted), None) => {
            let id = wanted.unwrap_or("not told");
            let because = "Vault wants a server id, and none is sent.";
            Verdict::found(
                "one is wanted",
                without_id(
                    finding(Code::SIG407, id, because.to_owned()),
                    wanted,
                    settings,
                ),
            )
        }
    }
}

fn without_id(finding: Finding, wanted: Option<&str>, settings: &Settings) -> Finding {
    if !settings.kong.enabled {
        let id = wanted.unwrap_or("$SERVER_ID");
        return finding.remedy(
            Where::Here,
            "make sure that this is the Vault you mean; then set vault.server_id to what it wants",
            Some(Again::Check.with(&["--server-id", id])),
            None,
        );
    }
    let path = settings.vault.config_path();
    let write = shell::command(["vault", "write", &path, "iam_server_id_header_value="]);
    auth_mounts::its_own(
        finding,
        Where::Vault,
        "Kong cannot send one: give its role a mount of its own, which demands none, and name that in the settings (vault.auth_mount)",
        &settings.vault,
    )
    .remedy(
        Where::Vault,
        "or take it out, if all logins of the mount can do without",
        Some(write),
        Some(&format!("update on {path}")),
    )
}
