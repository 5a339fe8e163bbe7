//! Looks at STS and IAM.

use std::time::SystemTime;

use futures_util::future::{OptionFuture, join_all};

use super::{AwsHand, Hands, Question, within};
use crate::aws::assume::{Sts, get_caller_identity, unique_id};
use crate::aws::classify::is_unknown_key;
use crate::aws::identity::{Partition, PrincipalArn, bare_name};
use crate::aws::roles::{IamReader, RoleSeen, Simulated};
use crate::diagnose::looks::{AwsLooks, IamRole, KeysElsewhere, Look, Rights, RolePolicies, Who};
use crate::login::Observations;

/// Asks what was wanted of AWS.
pub(super) async fn gather(hands: &Hands, asked: &[Question], seen: &Observations) -> AwsLooks {
    let Some(hand) = hands.best_aws() else {
        return AwsLooks::default();
    };
    let iam = hand.iam().await;
    let login_role = bare_name(&hands.settings.aws.login_role);
    let login_role = seen.assumed_role.as_deref().map_or(login_role, bare_name);
    let caller = seen.caller.as_deref().and_then(PrincipalArn::parse);
    let caller_role = caller.as_ref().and_then(PrincipalArn::role_name);
    let wants = |question| asked.contains(&question);
    let simulated = caller.as_ref().zip(seen.assumed_role.as_deref());
    let (keys_elsewhere, account, signer, login_role, caller_role, may_assume) = tokio::join!(
        OptionFuture::from(
            wants(Question::KeysElsewhere)
                .then_some(hands.own_aws.as_ref())
                .flatten()
                .map(look_elsewhere)
        ),
        OptionFuture::from(wants(Question::LoginRole).then(|| look_at_account(hand, seen))),
        OptionFuture::from(
            wants(Question::Signer)
                .then_some(hands.own_aws.as_ref())
                .flatten()
                .map(look_at_signer)
        ),
        OptionFuture::from(wants(Question::LoginRole).then(|| look_at_role(
            &iam,
            &hand.rights,
            login_role
        ))),
        OptionFuture::from(
            wants(Question::CallerRole)
                .then_some(caller_role)
                .flatten()
                .map(|name| look_at_role(&iam, &hand.rights, name))
        ),
        OptionFuture::from(
            wants(Question::MayAssume)
                .then_some(simulated)
                .flatten()
                .map(|(caller, role)| look_whether_may_assume(&iam, &hand.rights, caller, role))
        ),
    );
    AwsLooks {
        keys_elsewhere: keys_elsewhere.unwrap_or_default(),
        account: account.unwrap_or_default(),
        signer: signer.unwrap_or_default(),
        login_role: login_role.unwrap_or_default(),
        caller_role: caller_role.unwrap_or_default(),
        may_assume: may_assume.unwrap_or_default(),
    }
}

/// Tries the keys in a region that every account of the partition has.
async fn look_elsewhere(hand: &AwsHand) -> Look<KeysElsewhere> {
    let home = Partition::of_region(&hand.region).first_region;
    if home == hand.region {
        return Look::NotMade;
    }
    let sts = Sts {
        region: home,
        ..hand.sts()
    };
    let ask = async {
        let accepted = match get_caller_identity(&sts).await.1 {
            Ok(_) => true,
            Err(fault) if is_unknown_key(&fault) => false,
            Err(fault) => return Err(fault),
        };
        Ok(KeysElsewhere {
            region: home.to_owned(),
            accepted,
        })
    };
    within(&Rights::Own, "sts:GetCallerIdentity", home, ask).await
}

/// The account whose IAM is asked: that of the credentials.
async fn look_at_account(hand: &AwsHand, seen: &Observations) -> Look<String> {
    let own = seen.caller.as_deref().and_then(PrincipalArn::parse);
    if let (Rights::Own, Some(own)) = (&hand.rights, own) {
        return Look::Seen {
            value: own.account,
            with: Rights::Own,
        };
    }
    let sts = hand.sts();
    let ask = async { Ok(get_caller_identity(&sts).await.1?.account) };
    within(
        &hand.rights,
        "sts:GetCallerIdentity",
        "the administrator",
        ask,
    )
    .await
}

async fn look_at_signer(hand: &AwsHand) -> Look<Who> {
    let sts = hand.signer();
    let ask = async {
        let (_, caller) = get_caller_identity(&sts).await;
        let caller = caller?;
        Ok(Who {
            unique_id: unique_id(&caller.user_id).to_owned(),
            arn: caller.arn,
            account: caller.account,
        })
    };
    within(&Rights::Own, "sts:GetCallerIdentity", "the signer", ask).await
}

/// Looks at a role by its bare name, with its policies as far as they may be read.
pub async fn look_at_role(iam: &IamReader, rights: &Rights, name: &str) -> Look<Option<IamRole>> {
    let (role, policies) = tokio::join!(
        within(rights, "iam:GetRole", name, iam.get_bare_role(name)),
        within(
            rights,
            "iam:GetRolePolicy",
            name,
            iam.get_role_policies(name)
        ),
    );
    let (role, with) = match role {
        Look::Seen {
            value: Some(role),
            with,
        } => (role, with),
        Look::Seen { value: None, with } => return Look::Seen { value: None, with },
        Look::NotMade => return Look::NotMade,
        Look::Refused(refused) => return Look::Refused(refused),
    };
    let boundary = role.permissions_boundary.clone();
    let policies = match policies {
        Look::Seen {
            value: (inline, attached),
            with,
        } => {
            let documents = join_all(attached.iter().map(|arn| managed(iam, rights, arn)));
            let boundary =
                OptionFuture::from(boundary.as_deref().map(|arn| managed(iam, rights, arn)));
            let (documents, boundary) = tokio::join!(documents, boundary);
            let mut policies = RolePolicies {
                inline,
                boundary: boundary.flatten(),
                ..RolePolicies::default()
            };
            for (arn, document) in attached.into_iter().zip(documents) {
                match document {
                    Some(document) => drop(policies.managed.insert(arn, document)),
                    None => policies.unread.push(arn),
                }
            }
            Look::Seen {
                value: policies,
                with,
            }
        }
        Look::NotMade => Look::NotMade,
        Look::Refused(refused) => Look::Refused(refused),
    };
    Look::Seen {
        value: Some(iam_role(role, policies)),
        with,
    }
}

async fn managed(iam: &IamReader, rights: &Rights, arn: &str) -> Option<serde_json::Value> {
    let look = within(
        rights,
        "iam:GetPolicyVersion",
        arn,
        iam.get_managed_policy(arn),
    )
    .await;
    look.present().cloned()
}

fn iam_role(role: RoleSeen, policies: Look<RolePolicies>) -> IamRole {
    let age = SystemTime::now().duration_since(role.created).ok();
    IamRole {
        arn: role.arn,
        name: role.name,
        path: role.path,
        unique_id: role.unique_id,
        age_seconds: age.map(|age| age.as_secs()),
        trust: role.trust,
        max_session_seconds: role.max_session.as_secs(),
        boundary: role.permissions_boundary,
        policies,
    }
}

/// Asks IAM's simulator whether the caller may assume the role.
pub async fn look_whether_may_assume(
    iam: &IamReader,
    rights: &Rights,
    caller: &PrincipalArn,
    role: &str,
) -> Look<bool> {
    // The simulator takes the role, not its session.
    let principal = match caller.role_name() {
        Some(name) => crate::aws::identity::role_arn(&caller.partition, &caller.account, name),
        None => caller.to_string(),
    };
    let action = "sts:AssumeRole".to_owned();
    let actions = [action.clone()];
    let ask = iam.simulate(&principal, &actions, role);
    match within(rights, "iam:SimulatePrincipalPolicy", &principal, ask).await {
        Look::Seen {
            value: Simulated::Told { dependent, .. },
            with,
        } if dependent.contains_key(&action) => Look::Refused(super::Refused {
            action: "iam:SimulatePrincipalPolicy".to_owned(),
            target: principal,
            by: "iam".to_owned(),
            because: "it depends on a condition that the simulator was told nothing of".to_owned(),
            with,
        }),
        Look::Seen {
            value: Simulated::Told { denied, .. },
            with,
        } => Look::Seen {
            value: !denied.contains(&action),
            with,
        },
        Look::Seen {
            value: Simulated::Silent,
            with,
        } => Look::Refused(super::Refused {
            action: "iam:SimulatePrincipalPolicy".to_owned(),
            target: principal,
            by: "iam".to_owned(),
            because: "the simulator may not be asked".to_owned(),
            with,
        }),
        Look::NotMade => Look::NotMade,
        Look::Refused(refused) => Look::Refused(refused),
    }
}
