//! Where we are, which credentials we have, and whose they are.

use serde_json::json;

use super::Refused;
use crate::aws::Aws;
use crate::aws::assume::{self, Answer, Caller, Sts};
use crate::aws::credentials::{self, Found, Provider};
use crate::aws::identity::is_region;
use crate::aws::profile::{Profile, Source};
use crate::fault::{Fault, LocalProblem, Side};
use crate::http::date::rfc3339;
use crate::login::{Observations, Run};
use crate::secret::mask_middle;
use crate::settings::table::setting;
use crate::settings::{AwsSettings, Id};
use crate::shell;
use crate::trace::{OpenStep, StepId};

/// The region in force: the settings', else the profile's or the instance's.
pub(in crate::login) async fn region(
    run: &Run,
    aws: &Aws,
    seen: &mut Observations,
) -> Refused<String> {
    let mut step = run.trace.begin(StepId::Settings, Side::Local);
    let settings = &run.settings;
    let mut origins = settings.shown();
    if let Some(file) = &settings.file {
        step.fact("file", file.display().to_string());
    }
    let found = match &settings.aws.region {
        Some(region) => Ok(region.clone()),
        None => aws
            .find_region(&settings.aws)
            .await
            .map(|(region, source)| {
                let shown = json!({ "value": region, "origin": source.to_string() });
                origins.insert(setting(Id::Region).key.to_owned(), shown);
                region
            }),
    };
    step.fact("origins", origins);
    let role = &settings.vault.auth_role;
    if role.starts_with("arn:") {
        let words = "the ARN of an IAM role was given where the name of Vault's role belongs";
        step.fail(words);
        let problem = LocalProblem::IamNameAsVaultRole;
        return Err(Box::new(Fault::local(
            StepId::Settings,
            problem,
            role,
            words,
        )));
    }
    let refusal = match &found {
        Err(why) => Some((
            LocalProblem::NoRegion,
            format!(
                "no region: neither a flag, AWS_REGION, the settings file nor the profile names one, and {why}"
            ),
        )),
        Ok(region) if !is_region(region) => Some((
            LocalProblem::UnknownRegion,
            format!("'{region}' does not have the form of an AWS region (us-east-1)"),
        )),
        Ok(_) => None,
    };
    if let Some((problem, words)) = refusal {
        step.fail(&words);
        return Err(Box::new(Fault::local(
            StepId::Settings,
            problem,
            "aws.region",
            words,
        )));
    }
    let region = found.unwrap_or_default();
    step.fact("region", region.clone());
    step.succeed();
    seen.region = Some(region.clone());
    Ok(region)
}

/// The base credentials, and which provider of the chain had them.
pub(in crate::login) async fn credentials(
    run: &Run,
    aws: &Aws,
    region: &str,
    seen: &mut Observations,
) -> Refused<Found> {
    let mut step = run.trace.begin(StepId::Credentials, Side::Local);
    let settings = &run.settings.aws;
    let chain = credentials::find(aws, settings, Some(region), &|profile, program| {
        (run.aside)(&credentials::running(profile, program));
    })
    .await;
    seen.tried.clone_from(&chain.tried);
    if let Some(refused) = chain.web_identity {
        run.redactor.learn(&refused.token);
        seen.web_identity = Some(refused.claims);
    }
    if let Some(profile) = &chain.profile {
        note_profile(&mut step, profile, settings);
    }
    seen.profile = chain.profile;
    let tried: Vec<_> = chain
        .tried
        .iter()
        .map(|tried| json!({ "provider": tried.provider.name(), "said": run.redactor.clean(&tried.said) }))
        .collect();
    step.fact("tried", tried);
    if let Some(endpoint) = chain.endpoint {
        step.endpoint(endpoint);
    }
    match chain.found {
        Ok(found) => {
            let secret_key = found.credentials.secret_access_key();
            run.redactor.learn_text(secret_key);
            seen.secret_key_oddity = credentials::secret_key_oddity(secret_key);
            if let Some(token) = found.credentials.session_token() {
                run.redactor.learn_text(token);
            }
            step.side(found.provider.side());
            step.fact("provider", found.provider.name());
            step.fact("key_id", mask_middle(found.credentials.access_key_id()));
            step.fact("expires_at", found.credentials.expiry().map(rfc3339));
            if let Some(role) = &found.instance_role {
                step.fact("instance_role", role.clone());
            }
            if let (Provider::Environment, Some(profile)) = (found.provider, &settings.profile) {
                seen.warnings.push(format!(
                    "AWS_ACCESS_KEY_ID is set and goes before AWS_PROFILE={profile}, which is not used; unset one of them, or name the profile with --profile"
                ));
            }
            step.succeed();
            Ok(found)
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

/// What is known of a profile, whether it gives credentials or not.
fn note_profile(step: &mut OpenStep, profile: &Profile, settings: &AwsSettings) {
    step.fact("profile", profile.name.clone());
    step.fact("profile_source", profile.source.name());
    if let Source::Process { program } = &profile.source {
        step.fact("program", program.clone());
    }
    step.fact("assumed_roles", profile.roles.clone());
    let mut words = vec!["aws", "configure", "export-credentials"];
    if settings.profile.is_some() {
        words.extend(["--profile", &profile.name]);
    }
    step.command(shell::command(words));
}

/// Who the base credentials belong to.
pub(in crate::login) async fn caller(
    run: &Run,
    aws: &Aws,
    region: &str,
    base: &Found,
    seen: &mut Observations,
) -> Refused<Caller> {
    let mut step = run.trace.begin(StepId::Caller, Side::Sts);
    step.command("aws sts get-caller-identity");
    let sts = Sts {
        http: &aws.http,
        profile: run.settings.aws.profile.as_deref(),
        region,
        credentials: &base.credentials,
    };
    let (answer, caller) = assume::get_caller_identity(&sts).await;
    note_answer(&mut step, &answer, seen);
    step.fact("clock_skew_ms", answer.clock_skew_ms);
    match caller {
        Ok(caller) => {
            seen.keys_accepted = true;
            seen.caller = Some(caller.arn.clone());
            seen.unique_id = Some(assume::unique_id(&caller.user_id).to_owned());
            step.fact("arn", caller.arn.clone());
            step.fact("account", caller.account.clone());
            step.fact("unique_id", assume::unique_id(&caller.user_id));
            step.succeed();
            Ok(caller)
        }
        Err(fault) => {
            step.side(fault.side);
            step.fail(&fault.message);
            Err(fault)
        }
    }
}

/// Keeps what an answer of STS tells beside its content.
pub(super) fn note_answer(step: &mut OpenStep, answer: &Answer, seen: &mut Observations) {
    if let Some(endpoint) = &answer.endpoint {
        step.endpoint(endpoint.clone());
    }
    step.request_id(answer.request_id.clone());
    step.retries(answer.retries.clone());
    if answer.clock_skew_ms.is_some() {
        seen.aws_skew_ms = answer.clock_skew_ms;
    }
}
