//! Looks at IAM.

use serde::{Deserialize, Serialize};

use super::once::Once;
use super::{ACCOUNT_UNKNOWN, Scene};
use crate::aws::assume::{Sts, get_caller_identity};
use crate::aws::identity::{PrincipalArn, bare_name};
use crate::diagnose::looks::{IamRole, Look, Refused, Rights};
use crate::diagnose::probe::{AwsHand, look_at_role, within};
use crate::login::Operator;
use crate::setup::desired::Part;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cells {
    admin_account: Once<Option<String>>,
    kong_role: Once<Look<Option<IamRole>>>,
    login_role: Once<Look<Option<IamRole>>>,
    server_role: Once<Look<Option<IamRole>>>,
    /// The names of the instance profiles.
    profiles: Once<Look<Vec<String>>>,
}

impl Scene {
    /// The account that the administrator's profile belongs to.
    pub(super) async fn admin_account(&self) -> Option<String> {
        let look = || async {
            let hand = self.admin.aws.as_ref()?;
            let sts = Sts {
                http: &hand.http,
                profile: hand.profile.as_deref(),
                region: &hand.region,
                credentials: &hand.credentials,
            };
            let (_, caller) = get_caller_identity(&sts).await;
            caller.ok().map(|caller| caller.account)
        };
        self.sights
            .aws
            .admin_account
            .get_or_init(look)
            .await
            .clone()
    }

    async fn own_hand(&self, operator: &Operator) -> &AwsHand {
        let make = || async {
            AwsHand {
                http: self.aws.http.clone(),
                region: operator.region.clone(),
                profile: self.settings().aws.profile.clone(),
                credentials: operator.base.credentials.clone(),
                session: None,
                rights: Rights::Own,
            }
        };
        self.own_hand.get_or_init(make).await
    }

    /// The credentials with which most can be seen in an account: IAM shows the
    /// roles of the caller's own account only.
    async fn hand_in(&self, account: &str) -> Option<&AwsHand> {
        if self.admin_account().await.as_deref() == Some(account) {
            return self.admin.aws.as_ref();
        }
        let own = self.standing().await.operator.as_ref()?;
        if own.caller.account == account {
            return Some(self.own_hand(own).await);
        }
        None
    }

    /// KongRole, as IAM has it.
    pub(in crate::diagnose::check) async fn kong_role(&self) -> &Look<Option<IamRole>> {
        let cell = &self.sights.aws.kong_role;
        cell.get_or_init(|| self.part(Part::Kong)).await
    }

    /// The role that is assumed for the login.
    pub(in crate::diagnose::check) async fn login_role(&self) -> &Look<Option<IamRole>> {
        let cell = &self.sights.aws.login_role;
        cell.get_or_init(|| self.part(Part::Login)).await
    }

    /// The role of Vault's servers where it is one of its own.
    pub(in crate::diagnose::check) async fn server_role(&self) -> &Look<Option<IamRole>> {
        let cell = &self.sights.aws.server_role;
        cell.get_or_init(|| self.part(Part::Server)).await
    }

    async fn part(&self, part: Part) -> Look<Option<IamRole>> {
        let arn = self.names().await.ok().and_then(|names| {
            let role = names.role(part)?;
            Some((role.arn.clone(), names.account_is_unknown))
        });
        match arn {
            Some((arn, false)) => self.role(&arn).await,
            Some((arn, true)) => not_here(&arn, "iam:GetRole", ACCOUNT_UNKNOWN),
            None => Look::NotMade,
        }
    }

    async fn role(&self, arn: &str) -> Look<Option<IamRole>> {
        let Some(account) = PrincipalArn::parse(arn).map(|arn| arn.account) else {
            return Look::NotMade;
        };
        match self.hand_in(&account).await {
            Some(hand) => look_at_role(&hand.iam().await, &hand.rights, bare_name(arn)).await,
            None => {
                let words = format!("there are no credentials of the account {account}");
                not_here(arn, "iam:GetRole", &words)
            }
        }
    }

    /// The instance profiles that hold KongRole.
    pub(in crate::diagnose::check) async fn profiles(&self) -> &Look<Vec<String>> {
        let look = || async {
            let Ok(names) = self.names().await else {
                return Look::NotMade;
            };
            let arn = names.kong();
            let account = PrincipalArn::parse(arn).map(|arn| arn.account);
            let Some(hand) = self.hand_in(&account.unwrap_or_default()).await else {
                return Look::NotMade;
            };
            let name = bare_name(arn);
            let iam = hand.iam().await;
            let ask = async {
                let profiles = iam.list_instance_profiles_for_role(name).await?;
                Ok(profiles.into_iter().map(|profile| profile.name).collect())
            };
            within(&hand.rights, "iam:ListInstanceProfilesForRole", arn, ask).await
        };
        self.sights.aws.profiles.get_or_init(look).await
    }
}

/// A look that nobody at hand could make.
fn not_here<T>(target: &str, action: &str, because: &str) -> Look<T> {
    Look::Refused(Refused {
        action: action.to_owned(),
        target: target.to_owned(),
        by: "local".to_owned(),
        because: because.to_owned(),
        with: Rights::Own,
    })
}
