//! Looks at Vault, with a token and without.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{OptionFuture, join_all};

use super::{Hands, Question, within};
use crate::diagnose::binding::Principal;
use crate::diagnose::looks::{
    AuthRole, Entity, LoginKind, Look, Rights, ServerId, StsChoice, VaultLooks,
};
use crate::login::Observations;
use crate::secret::Secret;
use crate::settings::{KvVersion, Settings};
use crate::vault::admin::{SecretsMountSeen, VaultReader};
use crate::vault::client::VaultClient;
use crate::vault::door::{Answerer, Door, Wanted};
use crate::vault::kv::Location;
use crate::vault::kv::versions::living_versions;
use crate::vault::token::{self, TokenState};

/// A token, and whose it is.
pub struct Asking<'a> {
    pub client: &'a Arc<VaultClient>,
    pub token: &'a Secret,
    pub rights: Rights,
}

impl Asking<'_> {
    pub(in crate::diagnose) fn reader(&self, namespace: Option<&String>) -> VaultReader {
        VaultReader::new(
            Arc::clone(self.client),
            namespace.cloned(),
            self.token.clone(),
        )
    }
}

/// Asks what was wanted of Vault.
pub(super) async fn gather(
    hands: &Hands,
    asked: &[Question],
    paths: &[&str],
    secrets: &[Location],
    seen: &Observations,
) -> VaultLooks {
    let Some(client) = &hands.vault else {
        return VaultLooks::default();
    };
    let settings = &hands.settings;
    let (outside, inside, of_token) = tokio::join!(
        without_token(client, settings, asked),
        OptionFuture::from(hands.best_token().map(|(token, rights)| async move {
            let asking = Asking {
                client,
                token,
                rights,
            };
            with_token(&asking, settings, asked, seen).await
        })),
        of_own_token(hands, client, asked, paths, seen),
    );
    let inside = inside.unwrap_or_default();
    let (token_policies, capabilities) = of_token;
    let mut looks = VaultLooks {
        login_kind: outside.login_kind,
        server_id: outside.server_id,
        sts: outside.sts,
        own_address: outside.own_address,
        token_policies,
        capabilities,
        ..inside
    };
    if let Some((token, rights)) = hands.best_token() {
        let asking = Asking {
            client,
            token,
            rights,
        };
        looks.versions = look_at_versions(&asking, settings, secrets).await;
    }
    if asked.contains(&Question::Policies)
        && let (Some((token, rights)), Some(names)) =
            (hands.best_token(), looks.token_policies.seen())
    {
        let asking = Asking {
            client,
            token,
            rights,
        };
        looks.policies = look_at_policies(&asking, settings, names).await;
    }
    looks
}

/// What Vault tells anybody.
pub(in crate::diagnose) async fn without_token(
    client: &VaultClient,
    settings: &Settings,
    asked: &[Question],
) -> VaultLooks {
    let vault = &settings.vault;
    let door = Door {
        client,
        mount: &vault.auth_mount,
        namespace: vault.namespace.as_deref(),
    };
    let wants = |question| asked.contains(&question);
    let path = format!("auth/{}/login", vault.auth_mount);
    let nobody = Rights::Nobody;
    let (kind, server_id, sts, own_address) = tokio::join!(
        OptionFuture::from(wants(Question::LoginKind).then(|| within(
            &nobody,
            "POST",
            &path,
            door.answerer()
        ))),
        OptionFuture::from(wants(Question::ServerId).then(|| within(
            &nobody,
            "POST",
            &path,
            door.server_id()
        ))),
        OptionFuture::from(wants(Question::Sts).then(|| within(
            &nobody,
            "POST",
            &path,
            door.asks_region_of_client(vault.server_id.as_deref())
        ))),
        OptionFuture::from(wants(Question::OwnAddress).then(|| within(
            &nobody,
            "route",
            client.address(),
            door.own_address()
        ))),
    );
    VaultLooks {
        login_kind: map(kind.unwrap_or_default(), |kind| {
            Some(match kind? {
                Answerer::Aws => LoginKind::Aws,
                Answerer::Other(words) => LoginKind::Other(words),
                Answerer::Nothing => LoginKind::Nothing,
            })
        }),
        server_id: map(server_id.unwrap_or_default(), |wanted| {
            Some(match wanted? {
                Wanted::No => ServerId::NotWanted,
                Wanted::Yes(id) => ServerId::Wanted(id),
            })
        }),
        sts: map(sts.unwrap_or_default(), |of_client| {
            Some(if of_client? {
                StsChoice::OfClient
            } else {
                StsChoice::Fixed
            })
        }),
        own_address: own_address.unwrap_or_default(),
        ..VaultLooks::default()
    }
}

/// What a token lets be read of the set-up.
pub(in crate::diagnose) async fn with_token(
    asking: &Asking<'_>,
    settings: &Settings,
    asked: &[Question],
    seen: &Observations,
) -> VaultLooks {
    let vault = &settings.vault;
    let mount = &vault.auth_mount;
    let reader = asking.reader(vault.namespace.as_ref());
    let of_secrets = asking.reader(settings.kv.namespace.as_ref());
    let rights = &asking.rights;
    let wants = |question| asked.contains(&question);
    let path = |below: &str| format!("auth/{mount}/{below}");
    let role_path = path(&format!("role/{}", vault.auth_role));
    let (config, accounts, roles) = (path("config/client"), path("config/sts"), path("roles"));
    let identity = path("config/identity");
    let (
        auth_mounts,
        auth_role,
        auth_roles,
        client_config,
        sts_accounts,
        secrets_mounts,
        alias_kind,
        namespaces,
    ) = tokio::join!(
        OptionFuture::from(wants(Question::AuthMounts).then(|| within(
            rights,
            "read",
            "sys/auth",
            reader.list_auth_mounts()
        ))),
        OptionFuture::from(wants(Question::AuthRole).then(|| within(
            rights,
            "read",
            &role_path,
            reader.get_auth_role(mount, &vault.auth_role)
        ))),
        OptionFuture::from(wants(Question::AuthRole).then(|| within(
            rights,
            "list",
            &roles,
            reader.list_auth_roles(mount)
        ))),
        OptionFuture::from(wants(Question::ClientConfig).then(|| within(
            rights,
            "read",
            &config,
            reader.get_client_config(mount)
        ))),
        OptionFuture::from(wants(Question::StsAccounts).then(|| within(
            rights,
            "list",
            &accounts,
            reader.list_sts_accounts(mount)
        ))),
        OptionFuture::from(wants(Question::SecretsMounts).then(|| within(
            rights,
            "read",
            "sys/mounts",
            of_secrets.list_secrets_mounts()
        ))),
        OptionFuture::from(wants(Question::Entity).then(|| within(
            rights,
            "read",
            &identity,
            reader.get_alias_kind(mount)
        ))),
        OptionFuture::from(wants(Question::Namespaces).then(|| within(
            rights,
            "list",
            "sys/namespaces",
            reader.list_namespaces()
        ))),
    );
    let auth_role = map(auth_role.unwrap_or_default(), |role| {
        Some(role.map(AuthRole))
    });
    let accessor = auth_mounts
        .as_ref()
        .and_then(Look::seen)
        .and_then(|mounts| mounts.get(mount))
        .map(|mount| mount.accessor.clone());
    let alias_kind = alias_kind.unwrap_or_default();
    let alias = alias_kind
        .present()
        .and_then(|kind| alias_name(kind, auth_role.present(), seen));
    let entity = match (accessor.zip(alias), alias_kind) {
        (Some((accessor, alias)), _) => {
            let ask = reader.find_entity(&alias, &accessor);
            within(rights, "update", "identity/lookup/entity", ask).await
        }
        (None, Look::Refused(refused)) => Look::Refused(refused),
        (None, _) => Look::NotMade,
    };
    VaultLooks {
        auth_mounts: map(auth_mounts.unwrap_or_default(), |mounts| {
            let kinds = mounts.into_iter().map(|(path, mount)| (path, mount.kind));
            Some(kinds.collect())
        }),
        auth_role,
        entity: map(entity, |entity| {
            Some(entity.map(|entity| Entity {
                id: entity.id,
                disabled: entity.disabled,
            }))
        }),
        namespaces: namespaces.unwrap_or_default(),
        auth_roles: auth_roles.unwrap_or_default(),
        client_config: map(client_config.unwrap_or_default(), |config| {
            Some(config.map(|config| config.shown()))
        }),
        sts_accounts: sts_accounts.unwrap_or_default(),
        secrets_mounts: map(secrets_mounts.unwrap_or_default(), |mounts| {
            let kinds = mounts.into_iter();
            Some(kinds.map(|(path, mount)| (path, kind_of(&mount))).collect())
        }),
        ..VaultLooks::default()
    }
}

/// The name by which Vault knows again who logs in.
fn alias_name(kind: &str, role: Option<&AuthRole>, seen: &Observations) -> Option<String> {
    let caller = seen.session.as_deref().or(seen.caller.as_deref());
    match kind {
        "role_id" => role?.0.get("role_id")?.as_str().map(str::to_owned),
        "unique_id" => seen.unique_id.clone(),
        "canonical_arn" => Some(Principal::of_arn(caller?, None)?.bindable_arn()),
        // The full ARN has a path, which a session does not tell.
        _ => None,
    }
}

fn kind_of(mount: &SecretsMountSeen) -> String {
    match mount.version {
        Some(KvVersion::One) => "kv1".to_owned(),
        Some(KvVersion::Two) => "kv2".to_owned(),
        None => mount.kind.clone(),
    }
}

/// The policies of the token that was refused, and what it may do.
async fn of_own_token(
    hands: &Hands,
    client: &Arc<VaultClient>,
    asked: &[Question],
    paths: &[&str],
    seen: &Observations,
) -> (Look<Vec<String>>, Look<BTreeMap<String, Vec<String>>>) {
    let Some(token) = &hands.own_token else {
        return (Look::NotMade, Look::NotMade);
    };
    let wants = |question| asked.contains(&question);
    let asking = Asking {
        client,
        token,
        rights: Rights::Own,
    };
    let (policies, capabilities) = tokio::join!(
        OptionFuture::from(
            wants(Question::Policies).then(|| own_policies(hands, client, token, seen))
        ),
        OptionFuture::from(wants(Question::Capabilities).then(|| look_at_capabilities(
            &asking,
            &hands.settings,
            paths
        ))),
    );
    (
        policies.unwrap_or_default(),
        capabilities.unwrap_or_default(),
    )
}

async fn own_policies(
    hands: &Hands,
    client: &Arc<VaultClient>,
    token: &Secret,
    seen: &Observations,
) -> Look<Vec<String>> {
    if let Some(policies) = &seen.token_policies {
        return Look::Seen {
            value: policies.clone(),
            with: Rights::Own,
        };
    }
    let namespace = hands.settings.vault.namespace.as_deref();
    let ask = token::lookup_self(client, namespace, token);
    let look = within(&Rights::Own, "read", "auth/token/lookup-self", ask).await;
    map(look, |(state, _)| match state {
        TokenState::Alive(info) => Some([info.policies, info.identity_policies].concat()),
        TokenState::AliveUnseen
        | TokenState::Invalid
        | TokenState::Refused
        | TokenState::Unknown => None,
    })
}

/// An API path, and the same one without `data/`.
pub(super) fn forms(api_path: &str) -> Vec<String> {
    let plain = api_path.split_once("/data/");
    let plain = plain.map(|(mount, rest)| format!("{mount}/{rest}"));
    [api_path.to_owned()].into_iter().chain(plain).collect()
}

/// Asks what the token may do on API paths, and on the same ones without `data/`.
async fn look_at_capabilities(
    asking: &Asking<'_>,
    settings: &Settings,
    paths: &[&str],
) -> Look<BTreeMap<String, Vec<String>>> {
    let mut paths: Vec<String> = paths.iter().flat_map(|path| forms(path)).collect();
    paths.sort();
    paths.dedup();
    let ask = token::get_capabilities(
        asking.client,
        settings.kv.namespace.as_deref(),
        asking.token,
        &paths,
    );
    let look = within(&asking.rights, "update", "sys/capabilities-self", ask).await;
    map(look, |capabilities| {
        (!capabilities.is_empty()).then_some(capabilities)
    })
}

pub(in crate::diagnose) async fn look_at_policies(
    asking: &Asking<'_>,
    settings: &Settings,
    names: &[String],
) -> BTreeMap<String, Look<Option<String>>> {
    let reader = asking.reader(settings.vault.namespace.as_ref());
    let looks = names.iter().map(|name| {
        let reader = &reader;
        async move {
            let path = format!("sys/policies/acl/{name}");
            within(&asking.rights, "read", &path, reader.get_policy(name)).await
        }
    });
    let looks = join_all(looks).await;
    names.iter().cloned().zip(looks).collect()
}

/// Asks which versions of secrets can be read.
async fn look_at_versions(
    asking: &Asking<'_>,
    settings: &Settings,
    secrets: &[Location],
) -> BTreeMap<String, Look<Vec<u64>>> {
    let namespace = settings.kv.namespace.as_deref();
    let looks = secrets.iter().map(|at| async move {
        let path = format!("{}/metadata/{}", at.mount, at.path);
        let ask = living_versions(asking.client, at, namespace, asking.token);
        let look = within(&asking.rights, "read", &path, ask).await;
        (at.display_path(), look)
    });
    join_all(looks).await.into_iter().collect()
}

/// The same look at something else; one that told nothing was not made.
fn map<T, U>(look: Look<T>, of: impl FnOnce(T) -> Option<U>) -> Look<U> {
    match look {
        Look::Seen { value, with } => match of(value) {
            Some(value) => Look::Seen { value, with },
            None => Look::NotMade,
        },
        Look::NotMade => Look::NotMade,
        Look::Refused(refused) => Look::Refused(refused),
    }
}
