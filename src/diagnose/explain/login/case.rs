//! What all explanations of a refused login need: whom the evidence shows, what
//! Vault's role and configuration say, and the commands that change them.

use serde_json::{Map, Value};

use crate::aws::identity::{PrincipalArn, bare_name, role_arn};
use crate::diagnose::again::Again;
use crate::diagnose::binding::Principal;
use crate::diagnose::explain::Evidence;
use crate::diagnose::looks::{AuthRole, IamRole, Rights};
use crate::settings::AssumeTarget;
use crate::shell;

pub(super) fn role_path(evidence: &Evidence) -> String {
    evidence.settings.vault.role_path()
}

pub(super) fn config_path(evidence: &Evidence) -> String {
    evidence.settings.vault.config_path()
}

/// Vault's role, if it was seen to be there, and with whose right.
pub(super) fn vault_role(evidence: &Evidence) -> Option<(&AuthRole, &Rights)> {
    let (role, rights) = evidence.looks.vault.auth_role.seen_with()?;
    Some((role.as_ref()?, rights))
}

/// `config/client`, if it was seen to be there.
pub(super) fn client_config(evidence: &Evidence) -> Option<(&Map<String, Value>, &Rights)> {
    let (config, rights) = evidence.looks.vault.client_config.seen_with()?;
    Some((config.as_ref()?, rights))
}

/// A text of `config/client`; empty where it is not set.
pub(super) fn text_of<'a>(config: &'a Map<String, Value>, name: &str) -> &'a str {
    config.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whoever logged in. `named` is whom Vault named, in STS's words.
pub(super) fn principal(named: Option<&str>, evidence: &Evidence) -> Option<Principal> {
    let seen = &evidence.seen;
    let signer = evidence.looks.aws.signer.seen();
    let arn = named
        .or(seen.session.as_deref())
        .or(signer.map(|signer| signer.arn.as_str()))
        .or(seen.caller.as_deref())?;
    let unique_id = match signer.filter(|signer| signer.arn == arn) {
        Some(signer) => Some(signer.unique_id.as_str()),
        None if is_own(arn, evidence) => seen.unique_id.as_deref(),
        None => None,
    };
    let who = Principal::of_arn(arn, unique_id)?;
    Some(match iam_role(&who.arn, evidence) {
        Some((role, _)) => who.with_full_arn(&role.arn),
        None => who,
    })
}

/// Tells whether an ARN is that of this run's own credentials.
fn is_own(arn: &str, evidence: &Evidence) -> bool {
    let seen = &evidence.seen;
    let own = seen.session.as_deref().or(seen.caller.as_deref());
    own == Some(arn)
}

/// Tells whether the role of these credentials was there a moment ago: STS gave
/// the session then.
pub(super) fn is_fresh_session(who: &Principal, evidence: &Evidence) -> bool {
    let session = evidence.seen.session.as_deref();
    session.and_then(PrincipalArn::parse).as_ref() == Some(&who.arn)
}

/// What IAM shows of the role behind an ARN, and with whose right.
pub(super) fn iam_role<'a>(
    arn: &PrincipalArn,
    evidence: &'a Evidence,
) -> Option<(&'a IamRole, &'a Rights)> {
    let aws = &evidence.looks.aws;
    let name = arn.role_name()?;
    let looks = [&aws.login_role, &aws.caller_role].into_iter();
    let roles = looks.filter_map(|look| {
        let (role, rights) = look.seen_with()?;
        Some((role.as_ref()?, rights))
    });
    let mut same = roles.filter(|(role, _)| {
        let account = PrincipalArn::parse(&role.arn).map(|arn| arn.account);
        role.name == name && account.as_deref() == Some(&arn.account)
    });
    same.next()
}

/// The partition of the credentials, by the ARN that STS gave us for them.
pub(super) fn partition(evidence: &Evidence) -> Option<String> {
    let seen = &evidence.seen;
    let arn = evidence.looks.aws.signer.seen().map(|signer| &signer.arn);
    let arn = arn.or(seen.session.as_ref()).or(seen.caller.as_ref())?;
    Some(PrincipalArn::parse(arn)?.partition)
}

/// The role that was to be assumed before the login, in the account of `who`
/// where the settings name none.
pub(super) fn login_role(who: &PrincipalArn, evidence: &Evidence) -> Option<Principal> {
    let aws = &evidence.settings.aws;
    let arn = match (&evidence.seen.assumed_role, &aws.assume) {
        (Some(arn), _) => arn.clone(),
        (None, AssumeTarget::Arn(arn)) => arn.clone(),
        (None, AssumeTarget::LoginRole { .. } | AssumeTarget::None) => {
            role_arn(&who.partition, &who.account, &aws.login_role)
        }
    };
    Principal::of_arn(&arn, None)
}

/// Tells whether an ARN is that of KongRole, and KongRole is not what logs in.
pub(super) fn is_kong(arn: &PrincipalArn, evidence: &Evidence) -> bool {
    let aws = &evidence.settings.aws;
    let kong = bare_name(&aws.kong_role);
    kong != bare_name(&aws.login_role) && arn.role_name() == Some(kong)
}

/// The items of a list, or that there are none.
pub(super) fn listed(items: &[&str]) -> String {
    if items.is_empty() {
        "none".to_owned()
    } else {
        items.join(", ")
    }
}

/// The command that writes fields of Vault's role.
pub(super) fn write_role(evidence: &Evidence, fields: &[String]) -> String {
    write(&role_path(evidence), fields)
}

/// The command that writes fields of `config/client`.
pub(super) fn write_config(evidence: &Evidence, fields: &[&str]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    write(&config_path(evidence), &fields)
}

pub(super) fn write(path: &str, fields: &[String]) -> String {
    let words = ["vault", "write", path].into_iter();
    shell::command(words.chain(fields.iter().map(String::as_str)))
}

/// The command that logs in again, with flags that change something.
pub(super) fn login_again(flags: &[&str]) -> String {
    Again::Login.with(flags)
}
