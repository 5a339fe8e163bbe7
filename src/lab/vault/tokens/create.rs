//! Making a token for somebody else.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::{Asked, Kind, Token, lifetime};
use crate::lab::vault::fields::{Fields, Validation};
use crate::lab::vault::go;
use crate::lab::vault::mount::Mount;
use crate::lab::vault::policies::{self, Default};
use crate::lab::vault::reply::{Outcome, Refusal, Reply};
use crate::lab::vault::state::State;

const FIELDS: [&str; 14] = [
    "id",
    "policies",
    "no_default_policy",
    "no_parent",
    "meta",
    "num_uses",
    "ttl",
    "lease",
    "explicit_max_ttl",
    "period",
    "renewable",
    "display_name",
    "type",
    "entity_alias",
];

/// Whose child the new token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Child,
    Orphan,
}

pub(super) fn create(
    state: &mut State,
    parent: &Token,
    given: &Map<String, Value>,
    family: Family,
    now: SystemTime,
) -> Outcome {
    let fields = Fields::new(given, Validation::First);
    let uses = fields.int("num_uses")?.unwrap_or_default();
    let renewable = fields.bool("renewable")?.unwrap_or(true);
    let no_default = fields.bool("no_default_policy")?.unwrap_or_default();
    let no_parent = fields.bool("no_parent")?.unwrap_or_default();
    let meta = fields.texts("meta")?;
    let wanted = fields.strings("policies")?;
    let kind = fields.text("type")?.unwrap_or_default();
    let name = fields.text("display_name")?.unwrap_or_default();
    let id = fields.text("id")?.unwrap_or_default();
    if parent.kind == Kind::Batch {
        return Err(Refusal::bad("batch tokens cannot create more tokens"));
    }
    if fields
        .text("entity_alias")?
        .is_some_and(|alias| !alias.is_empty())
    {
        let words = "'entity_alias' is only allowed in combination with token role";
        return Err(Refusal::bad(words));
    }
    if uses < 0 {
        return Err(Refusal::bad("number of uses cannot be negative"));
    }
    let ttl = match fields.text("ttl")?.filter(|ttl| !ttl.is_empty()) {
        Some(ttl) => positive("ttl", &ttl)?,
        None => match fields.text("lease")?.filter(|lease| !lease.is_empty()) {
            Some(lease) => positive("lease", &lease)?,
            None => 0,
        },
    };
    let length = |name| match fields.text(name)? {
        Some(text) if !text.is_empty() => positive(name, &text),
        _ => Ok(0),
    };
    let explicit_max_ttl = length("explicit_max_ttl")?;
    let period = length("period")?;
    let is_batch = match kind.as_str() {
        "" | "service" => false,
        "batch" => true,
        _ => return Err(Refusal::bad("invalid 'token_type' value")),
    };
    let default = if no_default {
        Default::Left
    } else {
        Default::Added
    };
    let policies = policies_of(parent, wanted, default)?;
    let mut token = Token::new("auth/token/create", policies, now);
    token.meta = meta;
    token.uses = uses;
    token.renewable = renewable;
    token.explicit_max_ttl = explicit_max_ttl;
    token.period = period;
    if is_batch {
        check_batch(&token)?;
        token = token.into_batch();
    }
    let mut warnings = Vec::new();
    if !id.is_empty() {
        warnings.push(take_id(state, &mut token, id, now)?);
    }
    if !name.is_empty() {
        token.display_name = format!("token-{}", file_name(&name));
    }
    if family == Family::Child && !no_parent {
        token.parent = Some(parent.id.clone());
        token.bound_cidrs.clone_from(&parent.bound_cidrs);
    } else {
        token.path = match family {
            Family::Child => "auth/token/create".to_owned(),
            Family::Orphan => "auth/token/create-orphan".to_owned(),
        };
    }
    let mount = state.auth.get("token/");
    let asked = Asked {
        ttl,
        explicit_max_ttl,
        period,
        default_lease: mount.map_or(0, Mount::default_lease),
        max_lease: mount.map_or(0, Mount::max_lease),
        ..Asked::default()
    };
    let lives_for_ever = token.is_root() && ttl == 0 && period == 0 && explicit_max_ttl == 0;
    if lives_for_ever && parent.expires.is_none() {
        token.renewable = false;
    } else {
        let (ttl, capped) = lifetime(asked, token.created, token.created);
        token.set_ttl(ttl, token.created);
        token.first_ttl = ttl;
        warnings.extend(capped);
    }
    let missing = token.policies.iter();
    let missing = missing.filter(|name| !policies::exists(state, name));
    warnings.extend(missing.map(|name| format!("Policy {} does not exist", go::quote(name))));
    let mut reply = Reply::auth(token.auth());
    reply.warnings = warnings;
    state.tokens.insert(token);
    Ok(reply.note_unknown(given, &FIELDS))
}

/// The parent's where none are asked for.
fn policies_of(
    parent: &Token,
    wanted: Option<Vec<String>>,
    default: Default,
) -> Result<Vec<String>, Refusal> {
    let wanted = wanted.filter(|wanted| !wanted.is_empty());
    let mut policies = match wanted {
        Some(wanted) => policies::tidied(wanted, default),
        None => policies::tidied(parent.policies.clone(), Default::Left),
    };
    if default == Default::Left {
        policies.retain(|policy| policy != "default");
    }
    if policies.iter().any(|policy| policy == "root") && !parent.is_root() {
        let words = "root tokens may not be created without parent token being root";
        return Err(Refusal::bad(words));
    }
    policies::check_assignable(&policies)?;
    Ok(policies)
}

/// What a batch token cannot have.
fn check_batch(token: &Token) -> Result<(), Refusal> {
    let has = |field: &str| format!("batch tokens cannot have \"{field}\" set");
    let words = if token.is_root() {
        "batch tokens cannot be root tokens".to_owned()
    } else if token.explicit_max_ttl > 0 {
        has("explicit_max_ttl")
    } else if token.uses > 0 {
        has("num_uses")
    } else if token.period > 0 {
        has("period")
    } else {
        return Ok(());
    };
    Err(Refusal::bad(words))
}

/// A name that its maker chose.
fn take_id(
    state: &mut State,
    token: &mut Token,
    id: String,
    now: SystemTime,
) -> Result<String, Refusal> {
    if id.starts_with("hvs.") {
        let words = "custom token ID cannot have the 'hvs.' prefix";
        return Err(Refusal::bad(words));
    }
    if id.contains('.') {
        return Err(Refusal::bad(
            "custom token ID cannot have a '.' in the value",
        ));
    }
    if state.tokens.get(&id, now).is_some() {
        return Err(Refusal::bad("cannot create a token with a duplicate ID"));
    }
    token.id = id;
    Ok("Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.".to_owned())
}

fn positive(name: &str, text: &str) -> Result<u64, Refusal> {
    let seconds = go::parse_duration(text).map_err(Refusal::bad)?;
    u64::try_from(seconds).map_err(|_| Refusal::bad(format!("{name} must be positive")))
}

/// A name of letters, digits and dashes.
fn file_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => character,
            _ => '-',
        })
        .collect();
    name.trim_end_matches('-').to_owned()
}
