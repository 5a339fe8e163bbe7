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
    /// not be looked up. `said` is what EC2 or Vault said of it.
    InstanceUnseen {
        /// What was taken for the id; empty for a user, who has no session.
        id: String,
        said: String,
    },
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
    /// The endpoint has no scheme.
    NoScheme,
    /// Nobody answered; the reason, in Vault's words.
    Unreachable(String),
    /// Each answer was an error of the server or a refusal to hurry; Vault does
    /// not tell which.
    OnlyErrors,
}

/// Reads what Vault said to a login with this role's name; `None` where the words
/// are none of those that are known.
pub fn read(words: &str, role: &str) -> Option<LoginRefusal> {
    use LoginRefusal::*;
    let has = |mark: &str| words.contains(mark);
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
    if let Some((before, said)) = words.split_once("as a valid EC2 instance") {
        let id = before
            .split_once("failed to verify ")
            .map_or("", |(_, id)| id);
        // "in region us-east-1: InvalidInstanceID.NotFound: …"
        let said = said.split_once(": ").map_or(said, |(_, said)| said);
        return Some(if said.contains("'running' state") {
            InstanceNotBound
        } else {
            InstanceUnseen {
                id: id.trim().to_owned(),
                said: said.trim().to_owned(),
            }
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

fn sts_trouble(words: &str) -> Option<StsTrouble> {
    let is_error_of_another = words.contains(" from STS: ") && !words.contains("<Error");
    if words.contains("body of GetCallerIdentity is invalid")
        || words.contains("parsing STS response")
        || is_error_of_another
    {
        return Some(StsTrouble::NotSts);
    }
    if words.contains("unsupported protocol scheme") {
        return Some(StsTrouble::NoScheme);
    }
    let (_, tail) = words.split_once(" attempt(s)")?;
    // `: Post "https://sts.amazonaws.com//": dial tcp: lookup …`
    let reason = tail.rsplit_once("\": ").map(|(_, reason)| reason);
    let reason = reason.or_else(|| tail.strip_prefix(": "));
    Some(match reason {
        Some(reason) => StsTrouble::Unreachable(reason.trim().to_owned()),
        None => StsTrouble::OnlyErrors,
    })
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
