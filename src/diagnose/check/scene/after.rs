//! What is looked at after a login that failed here: as after `vaultiam login`, from
//! the looks that the checks share as far as they go.

use std::sync::Arc;

use super::Scene;
use super::session::OwnSession;
use crate::diagnose::Looks;
use crate::diagnose::looks::Rights;
use crate::diagnose::probe::{AwsHand, Hands, Question, gather_of, questions};
use crate::fault::Fault;
use crate::login::Observations;
use crate::trace::StepId;

impl Scene {
    /// What explains the fault.
    pub(in crate::diagnose::check) async fn looks_for(
        &self,
        fault: &Fault,
        seen: &Observations,
    ) -> Looks {
        let (shared, mut own): (Vec<Question>, Vec<Question>) =
            questions(fault).into_iter().partition(is_shared);
        if own.contains(&Question::Entity) {
            // It is found by the mount's accessor and the role's id.
            own.extend([Question::AuthMounts, Question::AuthRole]);
        }
        let cell = match fault.step {
            StepId::Login => &self.sights.session.after_login,
            _ => &self.sights.session.after_session,
        };
        let look = || async {
            if own.is_empty() {
                return Looks::default();
            }
            gather_of(&self.hands().await, &own, fault, seen).await
        };
        let mut looks = cell.get_or_init(look).await.clone();
        for question in shared {
            self.add(question, &mut looks).await;
        }
        looks
    }

    async fn add(&self, question: Question, looks: &mut Looks) {
        let Looks { aws, vault } = looks;
        match question {
            Question::LoginRole => aws.login_role = self.login_role().await.clone(),
            Question::CallerRole => aws.caller_role = self.kong_role().await.clone(),
            Question::LoginKind => vault.login_kind = self.login_kind().await.clone(),
            Question::ServerId => vault.server_id = self.wanted_server_id().await.clone(),
            Question::Sts => vault.sts = self.sts_choice().await.clone(),
            Question::AuthMounts => vault.auth_mounts = self.auth_mounts().await.clone(),
            Question::AuthRole => {
                vault.auth_role = self.auth_role().await.clone();
                vault.auth_roles = self.auth_roles().await.clone();
            }
            Question::ClientConfig => vault.client_config = self.client_config().await.clone(),
            _ => {}
        }
    }

    /// With what the rest is asked.
    async fn hands(&self) -> Hands {
        let standing = self.standing().await;
        let session = match self.sights.session.session.get() {
            Some(OwnSession::Got { identity, .. }) => identity.clone(),
            _ => None,
        };
        Hands {
            settings: Arc::clone(self.settings()),
            vault: self.client().ok().cloned(),
            own_token: None,
            admin_token: self.admin.token.clone(),
            own_aws: standing.operator.as_ref().map(|operator| AwsHand {
                http: self.aws.http.clone(),
                region: operator.region.clone(),
                profile: self.settings().aws.profile.clone(),
                credentials: operator.base.credentials.clone(),
                session,
                rights: Rights::Own,
            }),
            admin_aws: None,
        }
    }
}

/// Tells whether the checks look at it anyway.
fn is_shared(question: &Question) -> bool {
    matches!(
        question,
        Question::LoginRole
            | Question::CallerRole
            | Question::LoginKind
            | Question::ServerId
            | Question::Sts
            | Question::AuthMounts
            | Question::AuthRole
            | Question::ClientConfig
    )
}
