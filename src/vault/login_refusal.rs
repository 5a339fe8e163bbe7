//! What Vault's aws method says when it refuses a login. Its words are read here
//! and nowhere else; whoever explains a refusal sees a [`LoginRefusal`].
//!
//! Source: observed on Vault 1.21 and on OpenBao's plugin.

use super::door::quoted;

/// A refusal, with what its words tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginRefusal {
    /// The principal, as STS named it to Vault, is not one that the role binds.
    NotBound {
        principal: String,
    },
    /// Vault took the login for an ordinary request: nothing at this path takes it.
    Unrouted(Unrouted),
    /// There is no such role.
    NoRole,
    /// The role takes instance documents, not signed requests.
    RoleIsEc2,
    /// Vault's SDK knows no STS for the region that was signed for.
    UnknownRegion,
    ServerId(ServerIdProblem),
    /// A header or query parameter of this name may not be part of the request.
    HeaderNotAllowed {
        name: String,
    },
    /// The request is not put together as Vault wants it.
    Malformed,
    /// STS named a principal of a kind that Vault does not know.
    PrincipalKind {
        principal: Option<String>,
    },
    /// The session's name was taken for the id of an EC2 instance, and that could
    /// not be looked up.
    InstanceUnseen(InstanceUnseen),
    /// The instance lacks something that the role binds, or does not run.
    InstanceNotBound,
    /// The role or the identity hands out a policy that no login may get.
    PolicyOfNoLogin {
        policy: Option<String>,
    },
    /// What Vault dialled as STS did not answer as STS does.
    StsUnusable(StsTrouble),
    /// Vault's own look-up of the principal failed. `said` is why.
    LookUp {
        said: String,
    },
}

/// How Vault tells that a path takes no logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrouted {
    /// Nothing is mounted there, in this namespace. Said to whoever has a token that
    /// may act there, which an agent or a proxy of Vault's adds.
    NothingMounted,
    /// Something is mounted there, and has no login at this path.
    NoLogin,
    /// A token is wanted, as for any other request. So says Vault until 1.9.
    TokenWanted,
}

/// What Vault tells of an instance that it could not look up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceUnseen {
    /// What was taken for the instance's id: the session's name.
    pub id: Option<String>,
    /// The region in which EC2 was asked.
    pub region: Option<String>,
    /// What EC2 or Vault said of it; empty where nothing was.
    pub said: String,
}

/// What is wrong with the server id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerIdProblem {
    Missing,
    /// Vault quotes the id that it expects.
    Other(Option<String>),
    NotSigned,
    /// There is no signature at all.
    NoSignature,
}

/// How the way from Vault to STS failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StsTrouble {
    /// An answer that is none of STS.
    NotSts,
    /// The endpoint, which Vault quotes, has no scheme or none that is known.
    NoScheme { endpoint: Option<String> },
    /// Nobody answered at this URL; the reason, in Vault's words.
    Unreachable { url: Option<String>, reason: String },
    /// Each answer of this URL was an error of the server or a refusal to hurry;
    /// Vault does not tell which.
    OnlyErrors { url: Option<String> },
}

/// Reads what Vault said to a login with this role's name; `None` where the words
/// are none of those that are known.
pub fn read(words: &str, role: &str) -> Option<LoginRefusal> {
    use LoginRefusal::*;
    let has = |mark: &str| words.contains(mark);
    if let Some(how) = unrouted(words) {
        return Some(Unrouted(how));
    }
    if let Some(problem) = server_id(words) {
        return Some(ServerId(problem));
    }
    if has("upstream request") {
        return if has("net/http: invalid header") {
            Some(Malformed)
        } else {
            sts_trouble(words).map(StsUnusable)
        };
    }
    if let Some(said) = look_up(words) {
        return Some(LookUp { said });
    }
    if let Some(principal) = unbound_principal(words, role) {
        return Some(NotBound { principal });
    }
    if has("entry for role") && has("not found") {
        return Some(NoRole);
    }
    if has("auth method iam not allowed") {
        return Some(RoleIsEc2);
    }
    if has("regional STS endpoint") {
        return Some(UnknownRegion);
    }
    for mark in ["invalid request header: ", "invalid request query param: "] {
        if let Some((_, name)) = words.split_once(mark) {
            let name = name.trim().to_owned();
            return Some(HeaderNotAllowed { name });
        }
    }
    if has("error parsing arn") {
        let principal = quoted(words).next().map(str::to_owned);
        return Some(PrincipalKind { principal });
    }
    if let Some(unseen) = instance_unseen(words) {
        return Some(if unseen.said.contains("'running' state") {
            InstanceNotBound
        } else {
            InstanceUnseen(unseen)
        });
    }
    if has("error validating instance")
        || has("the constraint")
        || has("instance profile in the instance description")
    {
        return Some(InstanceNotBound);
    }
    if has("cannot create root tokens") {
        return Some(PolicyOfNoLogin {
            policy: Some("root".to_owned()),
        });
    }
    if has("cannot assign policy") {
        let policy = quoted(words).next().map(str::to_owned);
        return Some(PolicyOfNoLogin { policy });
    }
    is_malformed(words).then_some(Malformed)
}

/// Tells whether these are words about Vault's own look-up of the principal,
/// whatever language they are in: Go shows the principal as a structure.
pub fn is_look_up(words: &str) -> bool {
    words.contains("looking up full ARN") || words.contains("&{aws")
}

/// Tells whether Vault's method runs as a plugin and ended while it worked on
/// this very login. One that was down before is told otherwise.
pub fn is_crash(status: Option<u16>, words: &str) -> bool {
    status == Some(500)
        && words.contains("rpc error")
        && words.contains("error reading from server")
}

/// Vault quotes the principal and the role. Other refusals quote an ARN too: of
/// an instance's profile or role, never of a session.
fn unbound_principal(words: &str, role: &str) -> Option<String> {
    let parts: Vec<&str> = quoted(words).collect();
    let [principal, named] = parts.as_slice() else {
        return None;
    };
    let is_principal = principal.starts_with("arn:")
        && (principal.contains(":assumed-role/") || principal.contains(":user/"));
    (is_principal && named.eq_ignore_ascii_case(role)).then(|| (*principal).to_owned())
}

fn server_id(words: &str) -> Option<ServerIdProblem> {
    let lower = words.to_ascii_lowercase();
    if !lower.contains("x-vault-aws-iam-server-id") {
        return None;
    }
    Some(if lower.contains("wasn't signed") {
        ServerIdProblem::NotSigned
    } else if lower.contains("missing authorization") {
        ServerIdProblem::NoSignature
    } else {
        let ids = quoted(words).filter(|id| !id.eq_ignore_ascii_case("x-vault-aws-iam-server-id"));
        match ids.collect::<Vec<_>>().as_slice() {
            [] => ServerIdProblem::Missing,
            [expected, ..] => ServerIdProblem::Other(Some((*expected).to_owned())),
        }
    })
}

/// How these words say that the path takes no logins, if they do.
pub fn unrouted(words: &str) -> Option<Unrouted> {
    let marks = [
        ("no handler for route", Unrouted::NothingMounted),
        ("unsupported path", Unrouted::NoLogin),
        ("missing client token", Unrouted::TokenWanted),
    ];
    let mut found = marks.into_iter().filter(|(mark, _)| words.contains(mark));
    found.next().map(|(_, how)| how)
}

/// `failed to verify i-0abc as a valid EC2 instance in region us-east-1: why`.
fn instance_unseen(words: &str) -> Option<InstanceUnseen> {
    let (before, after) = words.split_once(" as a valid EC2 instance")?;
    let (place, said) = after.split_once(": ").unwrap_or((after, ""));
    let region = place.rsplit_once("in region ").map(|(_, region)| region);
    let id = before.rsplit_once(' ').map(|(_, id)| id);
    Some(InstanceUnseen {
        id: id.map(str::to_owned),
        region: region.map(|region| region.trim().to_owned()),
        said: said.trim().to_owned(),
    })
}

fn sts_trouble(words: &str) -> Option<StsTrouble> {
    let is_error_of_another = words.contains(" from STS: ") && !words.contains("<Error");
    if words.contains("body of GetCallerIdentity is invalid")
        || words.contains("parsing STS response")
        || is_error_of_another
    {
        return Some(StsTrouble::NotSts);
    }
    let dialled = dialled(words);
    if words.contains("unsupported protocol scheme") {
        let endpoint = dialled.map(|text| text.trim_end_matches('/').to_owned());
        return Some(StsTrouble::NoScheme { endpoint });
    }
    // Before 1.4.4 Vault tried once, and did not count.
    let tail = words.split_once(" attempt(s)").map(|(_, tail)| tail);
    let rest = tail.or(dialled.map(|_| words))?;
    let url = dialled.and_then(without_query);
    // `: Post "https://sts.amazonaws.com//": dial tcp: lookup …`, at first without
    // the quotes.
    let reason = rest
        .rsplit_once("\": ")
        .or_else(|| rest.rsplit_once("//: "))
        .map(|(_, reason)| reason)
        .or_else(|| rest.strip_prefix(": "));
    match reason {
        Some(reason) => Some(StsTrouble::Unreachable {
            url,
            reason: reason.trim().to_owned(),
        }),
        None => tail.map(|_| StsTrouble::OnlyErrors { url }),
    }
}

/// What Vault, or its SDK, asked: `POST https://sts.amazonaws.com//`, in quotes or
/// without.
pub fn dialled(words: &str) -> Option<&str> {
    let verbs = ["POST ", "Post ", "GET ", "Get "].into_iter();
    let mut asked = verbs.filter_map(|verb| words.split_once(verb));
    let (_, text) = asked.next()?;
    let text = text.trim_start_matches('"');
    let text = text.split(['"', ' ', '\n', '\t']).next()?;
    Some(text.trim_end_matches(':')).filter(|text| text.contains(['.', ':']))
}

/// A URL without what may hold a signature: a request that is signed in its query
/// logs in by itself.
pub fn without_query(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let path = url.path().trim_end_matches('/');
    Some(format!("{}{path}", url.origin().ascii_serialization()))
}

/// What stands behind `… when attempting login for role "kong-role": `.
fn look_up(words: &str) -> Option<String> {
    if !is_look_up(words) {
        return None;
    }
    let (_, rest) = words.split_once("&{")?;
    let (_, said) = rest.split_once("\": ")?;
    Some(said.trim().to_owned())
}

fn is_malformed(words: &str) -> bool {
    let marks = [
        "iam_request",
        "iam_http_request_method",
        "iam request body",
        "authentication values",
        "auth values for both",
        "action found",
        "multiple actions",
        "action parameter",
        "region missing from Authorization",
    ];
    words == "invalid request" || marks.iter().any(|mark| words.contains(mark))
}

#[cfg(test)]
mod tests;
