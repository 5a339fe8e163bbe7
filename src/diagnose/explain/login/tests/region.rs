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
        likely(&signature(MISMATCH), &evidence, Code::SIG402);
    }
    // The configuration was not seen: only STS's own words prove it.
    certain(&signature(OTHER_REGION), &evidence(), Code::SIG401);
    likely(&signature("k"), &evidence(), Code::SIG401);
    // Vault asks what was signed for, so the region is not it.
    let same = with_config(json!({ "sts_endpoint": "https://sts.eu-west-1.amazonaws.com" }));
    likely(&signature("k"), &same, Code::SIG402);
    let follows = with_config(json!({ "use_sts_region_from_client": true }));
    likely(&signature("k"), &follows, Code::SIG402);
    let mut told = evidence();
    told.looks.vault.sts = by_anybody(StsChoice::OfClient);
    likely(&signature("k"), &told, Code::SIG402);
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
    likely(&signature(MISMATCH), &unproved, Code::SIG402);
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
