//! What to do about a right that is missing.

use super::Asked;
use crate::diagnose::looks::Look;
use crate::diagnose::{Code, Finding, Where};
use crate::shell;
use crate::trace::StepId;
use crate::vault::namespace::with_variable;

impl Asked<'_> {
    pub(super) fn make_policy(&self, finding: Finding) -> Finding {
        finding.remedy(
            Where::Here,
            "make the policy, or correct token_policies of the role",
            Some("vaultiam setup --only vault".to_owned()),
            Some("update on sys/policies/acl"),
        )
    }

    /// The token came with no policy of its own.
    pub(super) fn give_policy(&self, finding: Finding) -> Finding {
        if self.evidence.foreign_token {
            return finding.remedy(
                Where::Here,
                "log in to Vault with an identity that has policies; the token that VAULT_TOKEN or the store holds is used",
                Some("vault login".to_owned()),
                None,
            );
        }
        let vault = &self.evidence.settings.vault;
        let role = vault.role_path();
        let command = shell::command(["vault", "read", "-field=token_policies", &role]);
        finding
            .remedy(
                Where::Vault,
                "see which policies the role gives its tokens",
                Some(with_variable(vault.namespace.as_deref(), command)),
                Some(&format!("read on {role}")),
            )
            .set_up("vault")
    }

    /// A write is an operator's: whoever logs in as Kong gets a token that reads.
    pub(super) fn by_an_operator(&self, mut finding: Finding) -> Finding {
        let is_of_login = self.fault.step == StepId::Write && !self.evidence.foreign_token;
        if !is_of_login || !matches!(finding.code, Code::VLT702 | Code::VLT703 | Code::VLT722) {
            return finding;
        }
        let grants = std::mem::take(&mut finding.remedies);
        let mut finding = finding.remedy(
            Where::Here,
            "write as an operator: log in to Vault with a token that may; put uses the stored one, and what Kong logs in with needs no more than read",
            Some("vault login".to_owned()),
            None,
        );
        finding.remedies.extend(grants);
        finding
    }

    pub(super) fn see_policies(&self, finding: Finding) -> Finding {
        let capabilities = ["vault", "token", "capabilities", self.api()];
        let finding = match self.policies {
            Some(_) => finding.remedy(
                Where::Vault,
                format!(
                    "grant {} on {} in the policy {}, and keep its other rules",
                    self.needs(),
                    self.api(),
                    self.own_policies()
                ),
                self.edit(),
                Some("read and update on sys/policies/acl"),
            ),
            None => finding.remedy(
                Where::Vault,
                format!(
                    "see what the token may do there; this takes {}",
                    self.needs()
                ),
                Some(self.in_namespace(&capabilities)),
                None,
            ),
        };
        self.policies
            .into_iter()
            .flatten()
            .filter(|name| *name != "default")
            .fold(finding, |finding, name| {
                let path = format!("sys/policies/acl/{name}");
                let look = self.evidence.looks.vault.policies.get(name);
                finding.not_seen(look.unwrap_or(&Look::NotMade).missing("read", &path))
            })
    }

    /// The token's policies beside `default`, for a sentence.
    pub(super) fn own_policies(&self) -> String {
        let names = self.policies.into_iter().flatten();
        let names: Vec<&str> = names
            .map(String::as_str)
            .filter(|name| *name != "default")
            .collect();
        if names.is_empty() {
            "of the token".to_owned()
        } else {
            names.join(" or ")
        }
    }

    /// How the one policy of the token is edited by hand.
    pub(super) fn edit(&self) -> Option<String> {
        let mut names = self
            .policies
            .into_iter()
            .flatten()
            .filter(|name| *name != "default");
        let (Some(name), None) = (names.next(), names.next()) else {
            return None;
        };
        let file = format!("{name}.hcl");
        let read = self.in_namespace(&["vault", "policy", "read", name]);
        let write = self.in_namespace(&["vault", "policy", "write", name, &file]);
        let file = shell::command([&*file]);
        Some(format!("{read} > {file}\n${{EDITOR:-vi}} {file}\n{write}"))
    }
}
