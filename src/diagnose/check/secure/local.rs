//! `sec.http`: the login and the secrets are encrypted on the way. It fails on plain
//! http to another host, where nothing is sent, and warns where that was allowed.
//! `sec.tls` warns where Vault's certificate is not checked. `sec.files` fails where
//! others can read the file that holds a token.

use crate::diagnose::check::scene::KeptToken;
use crate::diagnose::check::{Scene, Verdict};
use crate::diagnose::{Code, Finding, Severity, Where};
use crate::http::is_loopback;
use crate::settings::{Id, Origin};
use crate::shell;

pub(in crate::diagnose::check) fn http(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    let address = &settings.vault.address;
    let host = url::Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    if !address.starts_with("http://") {
        return Verdict::passed(address.clone());
    }
    if is_loopback(&host) {
        return Verdict::passed(format!(
            "{address}: plain http, and it does not leave this machine"
        ));
    }
    let mut finding = Finding::certain(Code::SEC004)
        .fact("settings", &settings.place(Id::Address), address)
        .remedy(
            Where::Here,
            "use the https address of Vault",
            Some(shell::command([
                "vaultiam",
                "check",
                "--address",
                &address.replacen("http://", "https://", 1),
            ])),
            None,
        );
    if settings.vault.allow_http {
        finding = finding.because(format!(
            "{address} is plain http, which the settings allow: everybody on the way can read logins and secrets."
        ));
        finding.severity = Severity::Warning;
    }
    Verdict::found(address.clone(), finding)
}

pub(in crate::diagnose::check) fn tls(scene: &Scene) -> Verdict {
    let settings = scene.settings();
    if !settings.vault.connection.skip_verify {
        let has_certificate = !settings.vault.address.starts_with("http://");
        return Verdict::passed(if has_certificate {
            "it is"
        } else {
            "plain http: there is no certificate"
        });
    }
    let place = settings.place(Id::SkipVerify);
    let origin = settings.origins.get(&Id::SkipVerify);
    let command = match origin {
        Some((_, Origin::Environment(name))) => Some(shell::command(["unset", name])),
        _ => None,
    };
    let finding = Finding::certain(Code::SEC005)
        .fact("settings", "from", &place)
        .remedy(
            Where::Here,
            format!("take {place} away; if Vault's certificate is not trusted then, name the CA that signed it (--ca-cert)"),
            command,
            None,
        );
    Verdict::found(format!("{place} turns it off"), finding)
}

pub(in crate::diagnose::check) async fn files(scene: &Scene) -> Verdict {
    let (path, mode) = match scene.kept_token().await {
        KeptToken::Nowhere => return Verdict::passed("no token is stored"),
        KeptToken::ByHelper(path) => {
            return Verdict::passed(format!("tokens are kept by {}", path.display()));
        }
        KeptToken::Unseen(because) => return Verdict::skipped(because),
        KeptToken::InFile(path, mode) => (path.display().to_string(), *mode),
    };
    let said = format!("{path}, mode {mode:03o}");
    if mode & 0o077 == 0 {
        return Verdict::passed(said);
    }
    let finding = Finding::certain(Code::SEC011)
        .because(format!(
            "{path} holds a token, and others can get at it (mode {mode:03o})."
        ))
        .fact("file", "mode", format!("{mode:03o}"))
        .remedy(
            Where::Here,
            "take the others' rights away",
            Some(shell::command(["chmod", "600", &path])),
            None,
        )
        .remedy(
            Where::Here,
            "end the token that could be read, and log in again",
            Some("vault token revoke -self && vaultiam login".to_owned()),
            None,
        );
    Verdict::found(said, finding)
}
