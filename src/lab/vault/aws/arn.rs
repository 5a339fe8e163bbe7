//! ARNs of principals, as the method takes them apart.

use std::fmt;

/// A principal.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub(super) partition: String,
    pub(super) account: String,
    /// `user`, `role`, `assumed-role`, `instance-profile`.
    pub(super) kind: String,
    /// Between the kind and the name, without slashes at its ends.
    path: String,
    pub(super) name: String,
    /// The session of an assumed role.
    pub(super) session: String,
}

impl Entity {
    /// Takes an ARN apart.
    ///
    /// # Errors
    ///
    /// The method's words for what it is not.
    pub(super) fn parse(arn: &str) -> Result<Self, String> {
        let parts: Vec<&str> = arn.split(':').collect();
        let [head, partition, service, _, account, resource] = parts[..] else {
            let count = parts.len();
            return Err(format!(
                "unrecognized arn: contains {count} colon-separated parts, expected 6"
            ));
        };
        if head != "arn" {
            return Err("unrecognized arn: does not begin with \"arn:\"".to_owned());
        }
        if !matches!(service, "iam" | "sts") {
            return Err(format!(
                "unrecognized service: {service}, not one of iam or sts"
            ));
        }
        let too_short = |least: u8| {
            format!(
                "unrecognized arn: {resource:?} contains fewer than {least} slash-separated parts"
            )
        };
        let (kind, rest) = resource.split_once('/').ok_or_else(|| too_short(2))?;
        let (path, name, session) = match kind {
            "assumed-role" => {
                let (name, session) = rest.split_once('/').ok_or_else(|| too_short(3))?;
                ("", name, session)
            }
            "user" | "role" | "instance-profile" => {
                let (path, name) = rest.rsplit_once('/').unwrap_or(("", rest));
                (path, name, "")
            }
            _ => return Err(format!("unrecognized principal type: {kind:?}")),
        };
        Ok(Entity {
            partition: partition.to_owned(),
            account: account.to_owned(),
            kind: kind.to_owned(),
            path: path.to_owned(),
            name: name.to_owned(),
            session: session.to_owned(),
        })
    }

    /// The ARN that roles are bound to: of the role behind a session, without a
    /// path.
    pub(super) fn canonical_arn(&self) -> String {
        let kind = match self.kind.as_str() {
            "assumed-role" => "role",
            kind => kind,
        };
        format!(
            "arn:{}:iam::{}:{kind}/{}",
            self.partition, self.account, self.name
        )
    }
}

/// As Go prints such a thing.
impl fmt::Display for Entity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "&{{{} {} {} {} {} {}}}",
            self.partition, self.account, self.kind, self.path, self.name, self.session
        )
    }
}
