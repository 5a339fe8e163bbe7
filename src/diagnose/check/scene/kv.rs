//! Looks at the KV engines, and at what a token may do in them. No secret is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::Scene;
use super::once::Once;
use super::session::OwnLogin;
use super::vault::not_asked;
use crate::diagnose::looks::{Look, Refused, Rights};
use crate::diagnose::probe::within;
use crate::secrets::{SecretPath, guess};
use crate::settings::{KvVersion, Settings};
use crate::vault::client::VaultClient;
use crate::vault::kv::Location;
use crate::vault::sys::{MountLookup, lookup_mount};
use crate::vault::token;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cells {
    engines: Once<Vec<Engine>>,
    capabilities: Once<Look<BTreeMap<String, Vec<String>>>>,
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::diagnose::check) struct Wanted {
    pub(in crate::diagnose::check) at: Location,
    pub(in crate::diagnose::check) reach: Reach,
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose::check) enum Reach {
    One,
    /// Everything below: the location's path ends in a slash, or is empty.
    Below,
}

impl Wanted {
    /// As a person writes it.
    pub(in crate::diagnose::check) fn shown(&self) -> String {
        let star = match self.reach {
            Reach::One => "",
            Reach::Below => "*",
        };
        format!("{}{star}", self.at.display_path())
    }
}

/// The engine that a wanted path lies in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::diagnose::check) struct Engine {
    pub(in crate::diagnose::check) wanted: Wanted,
    pub(in crate::diagnose::check) seen: Look<Option<EngineSeen>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::diagnose::check) struct EngineSeen {
    pub(in crate::diagnose::check) path: String,
    /// `kv`, `database` …
    pub(in crate::diagnose::check) kind: String,
    /// `None` where it is no KV engine.
    pub(in crate::diagnose::check) version: Option<KvVersion>,
}

impl Scene {
    /// The paths that were asked about, where they are thought to lie.
    pub(in crate::diagnose::check) fn guessed(&self) -> Vec<Wanted> {
        guessed(self.settings(), &self.paths)
    }

    /// The engines that the paths lie in.
    pub(in crate::diagnose::check) async fn engines(&self) -> &Vec<Engine> {
        let look = || async {
            join_all(self.guessed().into_iter().map(|wanted| async move {
                let seen = self.engine(&wanted.at).await;
                Engine { wanted, seen }
            }))
            .await
        };
        self.sights.kv.engines.get_or_init(look).await
    }

    async fn engine(&self, at: &Location) -> Look<Option<EngineSeen>> {
        let full = at.display_path();
        match self.secrets_mounts().await {
            Look::Seen { value, with } => Look::Seen {
                value: engine_of(value, &full),
                with: with.clone(),
            },
            Look::Refused(_) | Look::NotMade => self.looked_up(&full).await,
        }
    }

    /// Finds an engine as the `vault kv` command does, which takes a right on
    /// something in it alone.
    async fn looked_up(&self, full: &str) -> Look<Option<EngineSeen>> {
        let path = format!("sys/internal/ui/mounts/{full}");
        let asking = match self.asking().await {
            Ok(asking) => asking,
            Err(because) => return not_asked(&path, &because),
        };
        let namespace = self.settings().kv.namespace.as_deref();
        let ask = lookup_mount(asking.client, full, namespace, asking.token);
        match within(&asking.rights, "read", &path, ask).await {
            Look::Seen {
                value: MountLookup::Found(mount),
                with,
            } => {
                let is_kv = matches!(mount.kind.as_str(), "kv" | "generic");
                let seen = EngineSeen {
                    version: is_kv.then_some(mount.version),
                    path: mount.path,
                    kind: mount.kind,
                };
                Look::Seen {
                    value: Some(seen),
                    with,
                }
            }
            Look::Seen {
                value: MountLookup::Hidden,
                with,
            } => Look::Refused(Refused {
                action: "read".to_owned(),
                target: path,
                by: "vault".to_owned(),
                because: "there is no engine, or the token has no right in it".to_owned(),
                with,
            }),
            Look::Refused(refused) => Look::Refused(refused),
            Look::NotMade => Look::NotMade,
        }
    }

    /// The paths where they lie, as far as Vault showed it.
    pub(in crate::diagnose::check) async fn wanted(&self) -> Vec<Wanted> {
        let chosen = self.settings().kv.version;
        let engines = self.engines().await.iter();
        let located = engines.map(|engine| {
            let mut wanted = engine.wanted.clone();
            if let (None, Some(seen)) = (chosen, engine.seen.present()) {
                wanted.at.kv_version = seen.version.unwrap_or(wanted.at.kv_version);
            }
            wanted
        });
        located.collect()
    }

    /// What the token of the own login may do, by API path.
    pub(in crate::diagnose::check) async fn capabilities(
        &self,
    ) -> &Look<BTreeMap<String, Vec<String>>> {
        let look = || async {
            let path = "sys/capabilities-self";
            let OwnLogin::Got { issued, uses, .. } = self.own_login().await else {
                return Look::NotMade;
            };
            let Ok(client) = self.client() else {
                return Look::NotMade;
            };
            if let Some(uses) = uses {
                let because = format!("the question would take of the token's {uses} uses");
                return not_asked(path, &because);
            }
            let paths: Vec<String> = self
                .wanted()
                .await
                .iter()
                .map(|wanted| wanted.at.api_path())
                .collect();
            match issued {
                Some(issued) => self.ask_capabilities(client, issued, &paths).await,
                None => Look::NotMade,
            }
        };
        self.sights.kv.capabilities.get_or_init(look).await
    }

    /// The same, if a login was done already: nobody logs in for this alone.
    pub(in crate::diagnose::check) async fn capabilities_if_seen(
        &self,
    ) -> Option<&BTreeMap<String, Vec<String>>> {
        match self.own_login_if_tried().await {
            Some(OwnLogin::Got { .. }) => self.capabilities().await.seen(),
            _ => None,
        }
    }

    async fn ask_capabilities(
        &self,
        client: &Arc<VaultClient>,
        issued: &crate::vault::aws_auth::Issued,
        paths: &[String],
    ) -> Look<BTreeMap<String, Vec<String>>> {
        let settings = self.settings();
        let ask = token::get_capabilities_from(
            client,
            settings.vault.namespace.as_deref(),
            settings.kv.namespace.as_deref(),
            &issued.token,
            paths,
        );
        within(&Rights::Own, "update", "sys/capabilities-self", ask).await
    }
}

/// What is to be read, as a person writes it. Without `paths` it is everything below
/// the prefix.
pub fn shown_paths(settings: &Settings, paths: &[SecretPath]) -> Vec<String> {
    guessed(settings, paths).iter().map(Wanted::shown).collect()
}

fn guessed(settings: &Settings, paths: &[SecretPath]) -> Vec<Wanted> {
    if paths.is_empty() {
        let prefix = settings.kv.prefix.trim_matches('/');
        let path = if prefix.is_empty() {
            String::new()
        } else {
            format!("{prefix}/")
        };
        let at = Location {
            mount: settings.provision.kv_mount.clone(),
            path,
            kv_version: settings.kv.version.unwrap_or(KvVersion::Two),
        };
        let reach = Reach::Below;
        return vec![Wanted { at, reach }];
    }
    let of_path = |path: &SecretPath| Wanted {
        at: guess(&settings.kv, path),
        reach: Reach::One,
    };
    paths.iter().map(of_path).collect()
}

/// The engine among the mounts whose path begins `full`; mounts never lie within
/// each other.
fn engine_of(mounts: &BTreeMap<String, String>, full: &str) -> Option<EngineSeen> {
    let inside = format!("{full}/");
    let found = mounts
        .iter()
        .find(|(path, _)| inside.starts_with(&format!("{path}/")));
    found.map(|(path, kind)| {
        let (kind, version) = match kind.as_str() {
            "kv1" => ("kv", Some(KvVersion::One)),
            "kv2" => ("kv", Some(KvVersion::Two)),
            other => (other, None),
        };
        EngineSeen {
            path: path.clone(),
            kind: kind.to_owned(),
            version,
        }
    })
}
