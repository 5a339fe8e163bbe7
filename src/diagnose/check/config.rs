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
use crate::diagnose::looks::{Look, Rights, ServerId, StsChoice};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::settings::{Settings, StsMode};
use crate::shell;
use crate::vault::namespace::with_variable;
use crate::vault::sys::sts_mode;

/// The endpoint that Vault asks where it is told nothing, and what it wants.
const GLOBAL_REGION: &str = "us-east-1";

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
    match look.seen_with() {
        Some((config, rights)) => judge(config.as_ref(), &signed, settings, rights),
        None if scene.proved_login().await.is_some() => {
            Verdict::passed(format!("a login signed for {} succeeded", signed.region))
        }
        None => by_the_door(scene, mode, &signed, look).await,
    }
}

/// Without a token it can be told whether Vault follows the client, but not which
/// STS it asks else.
async fn by_the_door(
    scene: &Scene,
    mode: StsMode,
    signed: &Scope,
    config: &Look<Option<Map<String, Value>>>,
) -> Verdict {
    match (scene.sts_choice().await.seen(), mode) {
        (Some(StsChoice::OfClient), _) => Verdict::passed(format!(
            "Vault asks the STS of the region that is signed for: {}",
            signed.region
        )),
        (Some(StsChoice::Fixed), StsMode::Client) => {
            let path = path(scene.settings());
            let finding = Finding::likely(Code::SIG401, &[])
                .because(format!(
                    "Vault always asks the same STS, and the settings have the login signed for the region in force, {}.",
                    signed.region
                ))
                .not_seen(config.missing("read", &path));
            let finding = remedy(finding, scene.settings(), signed);
            Verdict::found("Vault does not follow the client's region", finding)
        }
        (Some(StsChoice::Fixed), _) => Verdict::skipped(format!(
            "Vault always asks the same STS, and which one was not seen: {}",
            unseen(config)
        )),
        (None, _) => Verdict::skipped(unseen(config)),
    }
}

fn judge(
    config: Option<&Map<String, Value>>,
    signed: &Scope,
    settings: &Settings,
    rights: &Rights,
) -> Verdict {
    let empty = Map::new();
    let config = config.unwrap_or(&empty);
    let text = |name: &str| config.get(name).and_then(Value::as_str).unwrap_or_default();
    let follows = config.get("use_sts_region_from_client") == Some(&Value::Bool(true));
    let endpoint = text("sts_endpoint");
    let path = path(settings);
    let fact = |finding: Finding| {
        finding
            .fact_with(rights, &path, "sts_endpoint", endpoint)
            .fact_with(
                rights,
                &path,
                "use_sts_region_from_client",
                follows.to_string(),
            )
            .fact("sign", "region", &signed.region)
    };
    if follows {
        return Verdict::passed(format!(
            "Vault asks the STS of the region that is signed for: {}",
            signed.region
        ));
    }
    if endpoint.is_empty() {
        let said = format!("Vault asks the global endpoint, which wants {GLOBAL_REGION}");
        if signed.region == GLOBAL_REGION {
            return Verdict::passed(said);
        }
        let finding = fact(Finding::certain(Code::SIG401)).because(format!(
            "Vault asks the global endpoint of STS, which wants {GLOBAL_REGION}, and the login is signed for {}.",
            signed.region
        ));
        return Verdict::found(said, remedy(finding, settings, signed));
    }
    let Some(asked) = host(endpoint) else {
        let finding = fact(Finding::certain(Code::VLT622)).because(format!(
            "\"{endpoint}\" is no URL of an STS, such as https://sts.us-east-1.amazonaws.com."
        ));
        return Verdict::found(endpoint, remedy(finding, settings, signed));
    };
    let said = format!("Vault asks {asked}");
    match region_of(&asked) {
        Some(region) if region != signed.region => {
            let finding = fact(Finding::certain(Code::SIG401)).because(format!(
                "Vault asks {asked}, which wants {region}, and the login is signed for {}.",
                signed.region
            ));
            Verdict::found(said, remedy(finding, settings, signed))
        }
        _ if text("sts_region").is_empty() => {
            let mut finding = fact(Finding::certain(Code::VLT629)).because(
                "sts_region is empty: Vault signs its own calls, such as for a role that is written, for us-east-1.",
            );
            finding.severity = Severity::Warning;
            Verdict::found(said, remedy(finding, settings, signed))
        }
        _ => Verdict::passed(said),
    }
}

fn path(settings: &Settings) -> String {
    format!("auth/{}/config/client", settings.vault.auth_mount)
}

/// The host of a URL; `None` for what the method takes and falls over.
fn host(endpoint: &str) -> Option<String> {
    let url = url::Url::parse(endpoint).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https");
    let has_blank = endpoint.chars().any(char::is_whitespace);
    (is_http && !has_blank).then(|| url.host_str().map(str::to_owned))?
}

/// The region of an STS host. The global endpoint belongs to us-east-1; a host of
/// another form, such as an interface endpoint's, tells none.
fn region_of(host: &str) -> Option<&str> {
    let rest = host
        .strip_prefix("sts.")
        .or_else(|| host.strip_prefix("sts-fips."))?;
    if rest == "amazonaws.com" {
        return Some(GLOBAL_REGION);
    }
    let region = rest.split('.').next()?;
    crate::aws::identity::is_region(region).then_some(region)
}

fn remedy(finding: Finding, settings: &Settings, signed: &Scope) -> Finding {
    let path = path(settings);
    let by_hand = if settings.vault.sts == Some(StsMode::Regional) {
        let endpoint = format!("sts_endpoint={}", signed.url.trim_end_matches('/'));
        let region = format!("sts_region={}", signed.region);
        shell::command([
            "vault",
            "write",
            &path,
            &endpoint,
            &region,
            "use_sts_region_from_client=false",
        ])
    } else {
        shell::command([
            "vault",
            "write",
            &path,
            "sts_endpoint=",
            "sts_region=",
            "use_sts_region_from_client=true",
        ])
    };
    finding.set_up("vault").remedy(
        Where::Vault,
        "or by hand; it touches every login of this method",
        Some(with_variable(settings.vault.namespace.as_deref(), by_hand)),
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
    let path = path(settings);
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
                    format!("set vault.server_id to {wanted}"),
                    None,
                    None,
                ),
            )
        }
        (Some(wanted), None) => {
            let id = wanted.unwrap_or("not told");
            let because = "Vault wants a server id, and none is sent; Kong cannot send one.";
            Verdict::found(
                "one is wanted",
                without_id(finding(Code::SIG407, id, because.to_owned()), settings),
            )
        }
    }
}

fn without_id(finding: Finding, settings: &Settings) -> Finding {
    let path = path(settings);
    let write = shell::command(["vault", "write", &path, "iam_server_id_header_value="]);
    finding
        .remedy(
            Where::Vault,
            "take it out, so that Kong gets in; it touches every login of this method",
            Some(with_variable(settings.vault.namespace.as_deref(), write)),
            Some(&format!("update on {path}")),
        )
        .remedy(
            Where::Here,
            "where Kong does not use this login: kong.enabled false, and vault.server_id",
            None,
            None,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_tells_the_region_where_it_is_awss_own() {
        let cases = [
            ("https://sts.amazonaws.com", Some("us-east-1")),
            ("https://sts.eu-west-1.amazonaws.com", Some("eu-west-1")),
            (
                "https://sts.cn-north-1.amazonaws.com.cn/",
                Some("cn-north-1"),
            ),
            (
                "https://sts-fips.us-gov-west-1.amazonaws.com",
                Some("us-gov-west-1"),
            ),
            ("https://vpce-1.sts.eu-west-1.vpce.amazonaws.com", None),
        ];
        for (endpoint, region) in cases {
            let host = host(endpoint).unwrap_or_default();
            assert_eq!(region_of(&host), region, "{endpoint}");
        }
        for wrong in [
            "sts.eu-west-1.amazonaws.com",
            "sts.amazonaws.com:443",
            "https://a b",
            "",
        ] {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }
}
