//! What is not safe in Vault. `sec.policy` warns of what the policies grant beyond
//! reading the prefix, `sec.keys` of static AWS keys, `sec.lifetime` of tokens that
//! live longer than a day, `sec.root` of a root token, `sec.audit` where there is no
//! audit log. `sec.server-id` notes that no server id is wanted.

use serde_json::Value;

use crate::diagnose::check::aws::unseen;
use crate::diagnose::check::role::look_or_reason;
use crate::diagnose::check::{Scene, Verdict};
use crate::diagnose::grant::{Policies, beyond};
use crate::diagnose::looks::{AuthRole, Rights};
use crate::diagnose::{Code, Confidence, Finding, Where};
use crate::http::date::lifetime_text;
use crate::settings::{KvVersion, Settings};
use crate::shell;
use crate::vault::acl::{Capability, Excess, Need};
use crate::vault::kv::Location;
use crate::vault::namespace::canonical;

/// What Kong's tokens need at most.
const A_DAY: u64 = 24 * 60 * 60;

pub(in crate::diagnose::check) async fn policy(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let texts = scene.policies().await;
    // What every token may do by `default` is Vault's own doing.
    let own: Vec<String> = texts
        .keys()
        .filter(|name| *name != "default")
        .cloned()
        .collect();
    let mut looks = own.iter().filter_map(|name| texts.get(name));
    if let Some(look) = looks.find(|look| look.seen().is_none()) {
        return Verdict::skipped(unseen(look));
    }
    if own.is_empty() {
        return Verdict::skipped("the role's policies were not seen");
    }
    let policies = Policies {
        names: &own,
        texts,
        namespace: canonical(settings.vault.namespace.as_deref()),
    };
    let excess = beyond(&policies, &needs(scene).await);
    Verdict::of(own.join(", "), wide(&excess).into_iter().collect())
}

/// Reading what lies below the prefix, and the paths that were asked about.
async fn needs(scene: &Scene) -> Vec<Need> {
    let namespace = canonical(scene.settings().kv.namespace.as_deref()).to_owned();
    let from_root = |path: String| match namespace.as_str() {
        "" => path,
        namespace => format!("{namespace}/{path}"),
    };
    let need = |prefix: String| Need {
        prefix: from_root(prefix),
        capabilities: [Capability::Read].into(),
    };
    let wanted = scene.wanted().await;
    let mut needs: Vec<Need> = wanted
        .iter()
        .map(|wanted| need(wanted.at.api_path()))
        .collect();
    // What lies below the prefix is Kong's, whichever paths are asked about.
    let settings = scene.settings();
    let mount = &settings.provision.kv_mount;
    let of_mount = wanted.iter().find(|wanted| wanted.at.mount == *mount);
    let prefix = Location {
        mount: mount.clone(),
        path: format!("{}/", settings.kv.prefix.trim_matches('/')),
        kv_version: of_mount.map_or(settings.kv.version.unwrap_or(KvVersion::Two), |wanted| {
            wanted.at.kv_version
        }),
    };
    needs.push(need(prefix.api_path()));
    needs
}

fn wide(excess: &[Excess]) -> Option<Finding> {
    let first = excess.first()?;
    let policy = first.sources.first().map(|source| source.policy.clone());
    let words: Vec<String> = excess.iter().map(excess_words).collect();
    let finding = Finding::certain(Code::SEC003)
        .because(format!(
            "Beyond reading the prefix this is granted: {}.",
            words.join("; ")
        ))
        .fact("vault", "granted", words.join("; "));
    let show = shell::command([
        "vault",
        "policy",
        "read",
        policy.as_deref().unwrap_or("kong-policy"),
    ]);
    Some(finding.set_up("vault").remedy(
        Where::Vault,
        "or by hand: read it, and leave the one rule that Kong needs",
        Some(show),
        Some("read and update on the policy"),
    ))
}

fn excess_words(excess: &Excess) -> String {
    let policies: Vec<&str> = excess
        .sources
        .iter()
        .map(|source| source.policy.as_str())
        .collect();
    let capabilities: Vec<&str> = excess.capabilities.iter().map(|one| one.as_str()).collect();
    format!(
        "{} on \"{}\" ({})",
        capabilities.join(" "),
        excess.path,
        policies.join(", ")
    )
}

pub(in crate::diagnose::check) async fn keys(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let look = scene.client_config().await;
    let Some((config, rights)) = look.seen_with() else {
        return Verdict::skipped(unseen(look));
    };
    let key = config
        .as_ref()
        .and_then(|config| config.get("access_key"))
        .and_then(Value::as_str)
        .filter(|key| !key.is_empty());
    let Some(key) = key else {
        return Verdict::passed("there is none");
    };
    let path = settings.vault.config_path();
    let write = shell::command(["vault", "write", &path, "access_key=", "secret_key="]);
    let finding = Finding::certain(Code::SEC006)
        .fact_with(rights, &path, "access_key", key)
        .remedy(
            Where::Vault,
            "give Vault's servers a role that may call iam:GetRole, then empty both; it touches every role of this method",
            Some(write),
            Some(&format!("update on {path}")),
        );
    Verdict::found(format!("the key {key}"), finding)
}

pub(in crate::diagnose::check) async fn server_id(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let look = scene.client_config().await;
    let Some((config, rights)) = look.seen_with() else {
        return Verdict::skipped(unseen(look));
    };
    let id = config
        .as_ref()
        .and_then(|config| config.get("iam_server_id_header_value"))
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    match id {
        Some(id) => Verdict::passed(id),
        None => {
            let finding = Finding::certain(Code::SEC007).fact_with(
                rights,
                &settings.vault.config_path(),
                "iam_server_id_header_value",
                "empty",
            );
            Verdict::found("no server id is wanted; Kong could send none", finding)
        }
    }
}

pub(in crate::diagnose::check) async fn lifetime(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let (role, rights) = match look_or_reason(scene.auth_role().await) {
        Ok(seen) => seen,
        Err(because) => return Verdict::skipped(because),
    };
    let longest = longest(role);
    let said = match longest {
        Some(seconds) => format!("{} at most", words(seconds)),
        None => "the role sets no limit".to_owned(),
    };
    if longest.is_some_and(|seconds| seconds <= A_DAY) {
        return Verdict::passed(said);
    }
    Verdict::found(said, too_long(settings, rights, role, longest))
}

/// How long a token can live with renewals; `None` where the role leaves it to the
/// method and the server.
fn longest(role: &AuthRole) -> Option<u64> {
    let set = |name: &str| Some(role.seconds(name)).filter(|seconds| *seconds > 0);
    let explicit = set("token_explicit_max_ttl");
    // A periodic token is renewed for ever.
    if set("token_period").is_some() {
        return explicit.or(Some(u64::MAX));
    }
    let most = set("token_max_ttl");
    match (explicit, most) {
        (Some(explicit), Some(most)) => Some(explicit.min(most)),
        (explicit, most) => explicit.or(most),
    }
}

fn words(seconds: u64) -> String {
    match i64::try_from(seconds) {
        Ok(seconds) => lifetime_text(seconds),
        Err(_) => "for ever, as long as it is renewed".to_owned(),
    }
}

fn too_long(
    settings: &Settings,
    rights: &Rights,
    role: &AuthRole,
    longest: Option<u64>,
) -> Finding {
    let path = settings.vault.role_path();
    let shown = |name: &str| role.seconds(name).to_string();
    let finding = match longest {
        Some(_) => Finding::certain(Code::SEC008),
        // The method's own limit may be short.
        None => Finding {
            confidence: Confidence::Likely,
            ..Finding::certain(Code::SEC008)
        }
        .would_decide(
            "read",
            format!("sys/auth/{}/tune", settings.vault.auth_mount),
        ),
    };
    let fields = shorter(role);
    let words = ["vault", "write", &path].into_iter();
    let write = shell::command(words.chain(fields));
    let finding = finding
        .fact_with(rights, &path, "token_ttl", shown("token_ttl"))
        .fact_with(rights, &path, "token_max_ttl", shown("token_max_ttl"))
        .fact_with(rights, &path, "token_period", shown("token_period"));
    // Where the settings themselves ask for longer, a set-up would write that.
    let finding = if settings.provision.max_ttl.as_secs() <= A_DAY {
        finding.set_up("vault")
    } else {
        finding
    };
    finding.remedy(
        Where::Vault,
        "or by hand: let them end after a day (vault.ttl and vault.max_ttl in the settings)",
        Some(write),
        Some(&format!("update on {path}")),
    )
}

/// The fields that let tokens live too long, as they should be; all others stay.
fn shorter(role: &AuthRole) -> Vec<&str> {
    let is_long = |name: &str| role.seconds(name) > A_DAY;
    // Vault takes no lifetime that is longer than the longest.
    let ttl = is_long("token_ttl").then_some("token_ttl=1h");
    let period = (role.seconds("token_period") > 0).then_some("token_period=0");
    let has_none = role.seconds("token_max_ttl") == 0;
    let most = (has_none || is_long("token_max_ttl")).then_some("token_max_ttl=24h");
    [ttl, most, period].into_iter().flatten().collect()
}

pub(in crate::diagnose::check) async fn root(scene: &Scene) -> Verdict {
    let look = scene.token().await;
    let Some((policies, rights)) = look.seen_with() else {
        return Verdict::skipped(unseen(look));
    };
    let Some(policies) = policies else {
        return Verdict::skipped(
            "Vault does not let the token look at itself: it is invalid or expired, or lacks the right",
        );
    };
    if !policies.iter().any(|policy| policy == "root") {
        return Verdict::passed(format!("{}: {}", rights.words(), policies.join(" ")));
    }
    let finding = Finding::certain(Code::SEC009)
        .fact_with(rights, "auth/token/lookup-self", "policies", "root")
        .remedy(
            Where::Here,
            "log in with a method meant for people, and end the root token",
            Some("vault login".to_owned()),
            None,
        );
    Verdict::found(rights.words(), finding)
}

pub(in crate::diagnose::check) async fn audit(scene: &Scene) -> Verdict {
    let look = scene.audit().await;
    let Some((devices, rights)) = look.seen_with() else {
        return Verdict::skipped(unseen(look));
    };
    if !devices.is_empty() {
        let names: Vec<&str> = devices.keys().map(String::as_str).collect();
        return Verdict::passed(names.join(", "));
    }
    let finding = Finding::certain(Code::SEC010)
        .fact_with(rights, "sys/audit", "devices", "none")
        .remedy(
            Where::Vault,
            "enable one",
            Some("vault audit enable file file_path=/var/log/vault/audit.log".to_owned()),
            Some("create, update and sudo on sys/audit/file"),
        );
    Verdict::found("there is no audit device", finding)
}
