//! Regions, clocks, keys and partitions, as STS tells them through Vault.

use serde_json::{Map, Value, json};

use super::*;
use crate::diagnose::looks::StsChoice;

const OTHER_REGION: &str = "Credential should be scoped to a valid region, not 'eu-west-1'.";
const MISMATCH: &str =
    "The request signature we calculated does not match the signature you provided.";
const EXPIRED: &str = "Signature expired: 20211112T152532Z is now earlier than 20211115T091734Z";
const TOO_EARLY: &str = "Signature not yet current: 20211115T091734Z is still later than x";

fn config(fields: Value) -> Look<Option<Map<String, Value>>> {
    seen(fields.as_object().cloned())
}

fn with_config(fields: Value) -> Evidence {
    let mut evidence = evidence();
    evidence.looks.vault.client_config = config(fields);
    evidence
}

fn signature(message: &str) -> Fault {
    by_sts("SignatureDoesNotMatch", message)
}

#[test]
fn what_vault_asks_names_the_region_to_sign_for() {
    let london = json!({ "sts_endpoint": "https://sts.eu-west-2.amazonaws.com" });
    let cases = [
        (json!({}), "vaultiam login --explain --sts global"),
        (
            london.clone(),
            "vaultiam login --explain --sts regional --sts-region eu-west-2",
        ),
    ];
    for (fields, command) in cases {
        let evidence = with_config(fields);
        let finding = certain(&signature(OTHER_REGION), &evidence, Code::SIG401);
        assert_eq!(commands(&finding)[0], command);
        // Words that cannot be read: what Vault asks is enough.
        certain(&signature("k"), &evidence, Code::SIG401);
        // The signature is wrong for another reason, and STS says so.
        certain(&signature(MISMATCH), &evidence, Code::SIG415);
    }
    // The configuration was not seen: only STS's own words prove it.
    certain(&signature(OTHER_REGION), &evidence(), Code::SIG401);
    likely(&signature("k"), &evidence(), Code::SIG401);
    // Vault asks what was signed for, so the region is not it.
    let same = with_config(json!({ "sts_endpoint": "https://sts.eu-west-1.amazonaws.com" }));
    likely(&signature("k"), &same, Code::SIG415);
    let follows = with_config(json!({ "use_sts_region_from_client": true }));
    likely(&signature("k"), &follows, Code::SIG415);
    let mut told = evidence();
    told.looks.vault.sts = by_anybody(StsChoice::OfClient);
    likely(&signature("k"), &told, Code::SIG415);
    // It asks what was signed for, and yet that of another region answers.
    for evidence in [&same, &follows, &told] {
        let finding = likely(&signature(OTHER_REGION), evidence, Code::VLT621);
        assert_eq!(
            commands(&finding),
            ["curl -sSi -m 10 https://sts.eu-west-1.amazonaws.com/"]
        );
    }
}

/// Signs for this region of the partition that the session is of.
fn signing_for(region: &str, host: &str, partition: &str) -> Evidence {
    let mut evidence = evidence();
    evidence.seen.region = Some(region.into());
    evidence.seen.session = Some(SESSION.replace("arn:aws:", &format!("arn:{partition}:")));
    evidence.seen.signed_for = Some((region.into(), format!("https://{host}/")));
    evidence
}

#[test]
fn the_fix_is_never_the_command_that_just_failed() {
    let follow = "vault write auth/aws/config/client use_sts_region_from_client=true sts_endpoint= sts_region=";
    let read = "vault read auth/aws/config/client";
    let by_endpoint = "vaultiam login --explain --sts regional --sts-region $REGION";
    // The global STS takes us-east-1, so that is not what Vault asks.
    let global = signing_for("us-east-1", "sts.amazonaws.com", "aws");
    let finding = certain(&signature(OTHER_REGION), &global, Code::SIG401);
    assert_eq!(commands(&finding), [read, by_endpoint, follow]);
    assert_eq!(finding.not_seen[0].target, "auth/aws/config/client");
    // A version that cannot follow is not asked to.
    let mut old = global.clone();
    old.seen.vault_version = Some("1.14.10".into());
    let finding = certain(&signature(OTHER_REGION), &old, Code::SIG401);
    assert_eq!(commands(&finding), [read, by_endpoint]);
    let finding = certain(&signature(OTHER_REGION), &evidence(), Code::SIG401);
    assert_eq!(
        commands(&finding),
        ["vaultiam login --explain --sts global", read, follow]
    );
}

#[test]
fn outside_the_commercial_partition_nobody_is_sent_to_the_global_sts() {
    let host = "sts.us-gov-west-1.amazonaws.com";
    let follow = "vault write auth/aws/config/client use_sts_region_from_client=true sts_endpoint= sts_region=";
    let gov = signing_for("us-gov-west-1", host, "aws-us-gov");
    let finding = certain(&signature(OTHER_REGION), &gov, Code::SIG401);
    assert_eq!(
        commands(&finding),
        [
            "vault read auth/aws/config/client",
            "vaultiam login --explain --sts regional --sts-region $REGION",
            follow,
        ]
    );
    // Vault asks the global one: no signature of these credentials fits there.
    let mut seen = gov.clone();
    seen.looks.vault.client_config = config(json!({}));
    let finding = certain(&signature(OTHER_REGION), &seen, Code::SIG401);
    assert_eq!(commands(&finding), [follow]);
    assert!(finding.cause.contains("aws-us-gov"), "{}", finding.cause);
    seen.seen.vault_version = Some("1.13.1+ent".into());
    let finding = certain(&signature(OTHER_REGION), &seen, Code::SIG401);
    assert_eq!(
        commands(&finding),
        [format!(
            "vault write auth/aws/config/client sts_endpoint=https://{host} sts_region=us-gov-west-1 use_sts_region_from_client=false"
        )]
    );
    // Another region of the same partition.
    seen.looks.vault.client_config =
        config(json!({ "sts_endpoint": "https://sts.us-gov-east-1.amazonaws.com" }));
    let finding = certain(&signature(OTHER_REGION), &seen, Code::SIG401);
    assert_eq!(
        commands(&finding)[0],
        "vaultiam login --explain --sts regional --sts-region us-gov-east-1"
    );
}

#[test]
fn a_request_that_was_changed_is_told_where_key_region_and_host_are_right() {
    let finding = certain(&signature(MISMATCH), &evidence(), Code::SIG415);
    assert!(
        commands(&finding)[0].contains("https://sts.eu-west-1.amazonaws.com/"),
        "{finding:#?}"
    );
    // Of which region a private host is, nobody knows.
    let private = signing_for("eu-west-1", "sts.internal.example", "aws");
    let finding = likely(&signature(MISMATCH), &private, Code::SIG415);
    assert_eq!(finding.alternatives, [Code::SIG402]);
    // The host that was signed is not that of the region.
    let other = signing_for("eu-west-1", "sts.eu-west-2.amazonaws.com", "aws");
    let finding = likely(&signature(MISMATCH), &other, Code::SIG402);
    assert_eq!(finding.alternatives, [Code::SIG415]);
}

#[test]
fn a_scope_that_disagrees_with_its_host_is_our_own_doing() {
    let mut evidence =
        with_config(json!({ "sts_endpoint": "https://sts.eu-west-2.amazonaws.com" }));
    evidence.seen.signed_for = Some((
        "eu-west-1".into(),
        "https://sts.eu-west-2.amazonaws.com/".into(),
    ));
    certain(&signature(OTHER_REGION), &evidence, Code::SIG402);
    // Vault asks neither of them.
    let mut neither = evidence.clone();
    neither.looks.vault.client_config = config(json!({}));
    certain(&signature(OTHER_REGION), &neither, Code::SIG401);
    evidence.looks.vault.client_config = Look::NotMade;
    likely(&signature(OTHER_REGION), &evidence, Code::SIG402);
}

#[test]
fn clocks_and_used_requests_are_told_apart() {
    let with = |aws: Option<i64>, vault: Option<i64>| {
        let mut evidence = evidence();
        evidence.seen.aws_skew_ms = aws;
        evidence.seen.vault_skew_ms = vault;
        evidence
    };
    let minutes = |count: i64| Some(count * 60_000);
    certain(
        &signature(EXPIRED),
        &with(minutes(20), minutes(20)),
        Code::SIG403,
    );
    certain(&signature("k"), &with(minutes(20), None), Code::SIG403);
    certain(&signature(EXPIRED), &with(None, minutes(20)), Code::SIG403);
    likely(&signature("k"), &with(None, minutes(20)), Code::SIG403);
    certain(
        &signature(TOO_EARLY),
        &with(minutes(-20), None),
        Code::SIG404,
    );
    likely(&signature("k"), &with(None, minutes(-20)), Code::SIG404);
    // The clocks agree: it is not the clock.
    certain(&signature(EXPIRED), &with(Some(200), None), Code::SIG405);
    let finding = likely(&signature(EXPIRED), &with(None, Some(200)), Code::SIG405);
    assert_eq!(finding.alternatives, [Code::SIG403]);
    let finding = likely(&signature(EXPIRED), &with(None, None), Code::SIG403);
    assert_eq!(finding.alternatives, [Code::SIG405]);
    certain(&signature(TOO_EARLY), &with(None, None), Code::SIG404);
    likely(&signature(TOO_EARLY), &with(Some(200), None), Code::SIG404);
}

#[test]
fn a_wrong_secret_key_is_likely_until_sts_took_it() {
    let mut unproved = evidence();
    unproved.seen.keys_accepted = false;
    let finding = likely(&signature(MISMATCH), &unproved, Code::SIG406);
    assert_eq!(finding.not_seen[0].action, "sts:GetCallerIdentity");
    unproved.looks.aws.signer = seen(signer());
    certain(&signature(MISMATCH), &unproved, Code::SIG415);
}

#[test]
fn a_key_of_another_partition_is_told_from_one_that_is_unknown() {
    let fault = by_sts("InvalidClientTokenId", "The security token is invalid");
    let in_china = |fields: Option<Value>| {
        let mut evidence = evidence();
        evidence.seen.session = Some(SESSION.replace("arn:aws:", "arn:aws-cn:"));
        evidence.seen.signed_for = Some((
            "cn-north-1".into(),
            "https://sts.cn-north-1.amazonaws.com.cn/".into(),
        ));
        if let Some(fields) = fields {
            evidence.looks.vault.client_config = config(fields);
        }
        evidence
    };
    let finding = certain(&fault, &in_china(Some(json!({}))), Code::SIG411);
    assert_eq!(
        commands(&finding),
        [
            "vault write auth/aws/config/client use_sts_region_from_client=true sts_endpoint= sts_region="
        ]
    );
    let finding = likely(&fault, &in_china(None), Code::SIG411);
    assert_eq!(finding.not_seen[0].target, "auth/aws/config/client");
    assert_eq!(commands(&finding)[0], "vault read auth/aws/config/client");
    // It may be the region that is wrong, where the partition is not known.
    assert!(commands(&finding)[1].contains("use_sts_region_from_client=true"));
    // The same partition: the key itself, or the region.
    let of_china = json!({ "sts_endpoint": "https://sts.cn-northwest-1.amazonaws.com.cn" });
    likely(&fault, &in_china(Some(of_china)), Code::AWS218);
    let mut unproved = with_config(json!({}));
    unproved.seen.keys_accepted = false;
    likely(&fault, &unproved, Code::AWS106);
}

#[test]
fn a_region_that_vault_does_not_know_is_told_with_an_older_one() {
    let words = "unable to get regional STS endpoint for region: mx-central-1";
    let fault = refused(400, Side::Vault, words);
    let finding = certain(&fault, &evidence(), Code::SIG412);
    assert_eq!(
        commands(&finding),
        ["vaultiam login --explain --sts-region us-east-1"]
    );
    // There is no older one in this partition.
    let sovereign = signing_for(
        "eusc-de-east-1",
        "sts.eusc-de-east-1.amazonaws.eu",
        "aws-eusc",
    );
    let finding = certain(&fault, &sovereign, Code::SIG412);
    assert!(
        commands(&finding)[0].contains("sts_endpoint=https://sts.eusc-de-east-1.amazonaws.eu"),
        "{finding:#?}"
    );
}

#[test]
fn a_fault_of_stss_own_is_told_as_that() {
    let mut fault = by_sts("ServiceUnavailable", "Unable to process");
    fault.message = fault.message.replace("code 403", "code 503");
    let finding = certain(&fault, &evidence(), Code::VLT620);
    assert_eq!(commands(&finding), ["vaultiam login --explain"]);
    likely(
        &by_sts("ServiceUnavailable", "k"),
        &evidence(),
        Code::VLT631,
    );
}

#[test]
fn an_expired_session_of_this_run_was_not_copied() {
    let fault = by_sts("ExpiredToken", "The security token is expired");
    let finding = certain(&fault, &evidence(), Code::AWS105);
    assert!(finding.cause.contains("in this run"), "{}", finding.cause);
    let mut copied = evidence();
    copied.seen.session = None;
    let finding = certain(&fault, &copied, Code::AWS105);
    assert_eq!(finding.cause, Code::AWS105.cause());
}

#[test]
fn what_sts_says_by_code_is_certain() {
    for (code, expected) in [
        ("ExpiredToken", Code::AWS105),
        ("Throttling", Code::SIG414),
        ("RegionDisabledException", Code::AWS218),
        ("MissingAuthenticationToken", Code::SIG413),
    ] {
        certain(&by_sts(code, "k"), &evidence(), expected);
    }
    let denied = |reason: &str| {
        by_sts(
            "AccessDenied",
            &format!("User: x is not authorized {reason}"),
        )
    };
    let endpoint = "with an explicit deny in a VPC endpoint policy";
    certain(&denied(endpoint), &evidence(), Code::AWS224);
    likely(&denied(""), &evidence(), Code::AWS224);
    likely(&by_sts("Frob", "k"), &evidence(), Code::VLT631);
}
