//! Vault's own troubles: its request, its look-ups, its way to AWS.

use serde_json::{Value, json};

use super::*;
use crate::diagnose::explain::login::{crashed, cut_off};
use crate::diagnose::looks::ServerId;
use crate::fault::Transport;

fn upstream(words: &str) -> Fault {
    let words = format!("error making upstream request: {words}");
    refused(400, Side::StsViaVault, &words)
}

fn look_up(said: &str) -> Fault {
    let words = format!(
        "error looking up full ARN of entity &{{aws 123456789012 assumed-role  VaultRole vaultiam}} when attempting login for role \"kong-role\": {said}"
    );
    refused(400, Side::IamViaVault, &words)
}

fn with_config(fields: Value) -> Evidence {
    let mut evidence = evidence();
    evidence.looks.vault.client_config = seen(fields.as_object().cloned());
    evidence
}

#[test]
fn the_server_id_is_told_with_the_one_that_is_wanted() {
    let words = |words: &str| {
        let words = format!("error validating X-Vault-AWS-IAM-Server-ID header: {words}");
        refused(400, Side::Vault, &words)
    };
    let missing = words(r#"missing header "X-Vault-AWS-IAM-Server-ID""#);
    let other = words(r#"expected "vault.example.com" but got "other""#);
    let with_id = |id: &str| {
        let mut evidence = evidence();
        let mut settings = (*evidence.settings).clone();
        settings.vault.server_id = Some(id.into());
        evidence.settings = Arc::new(settings);
        evidence
    };
    let told = "vaultiam login --explain --server-id vault.example.com";
    let finding = certain(&missing, &evidence(), Code::SIG407);
    assert!(commands(&finding)[0].ends_with("--server-id $SERVER_ID"));
    let mut seen_at_the_door = evidence();
    seen_at_the_door.looks.vault.server_id =
        by_anybody(ServerId::Wanted(Some("vault.example.com".into())));
    let finding = certain(&missing, &seen_at_the_door, Code::SIG407);
    assert_eq!(commands(&finding)[0], told);
    let finding = certain(&other, &with_id("other"), Code::SIG408);
    assert_eq!(commands(&finding)[0], told);
    certain(
        &words("vault header wasn't signed"),
        &with_id("x"),
        Code::SIG409,
    );
    // It was sent and did not arrive: something on the way took it out.
    likely(&missing, &with_id("x"), Code::SIG409);
    certain(
        &words("missing Authorization header"),
        &evidence(),
        Code::SIG413,
    );
}

#[test]
fn a_header_is_allowed_beside_those_that_are() {
    let fault = refused(400, Side::Vault, "invalid request header: X-Amz-Trace-Id");
    let allowed = json!({ "allowed_sts_header_values": ["X-Amz-Target"] });
    let finding = certain(&fault, &with_config(allowed), Code::SIG410);
    assert_eq!(
        commands(&finding),
        [
            "vault write auth/aws/config/client allowed_sts_header_values=X-Amz-Target,X-Amz-Trace-Id"
        ]
    );
    // Where the list was not seen, whoever may read it keeps what is in it.
    let finding = certain(&fault, &evidence(), Code::SIG410);
    let command = commands(&finding)[0];
    assert!(
        command.starts_with("now=$(vault read -format=json auth/aws/config/client) && vault write"),
        "{command}"
    );
    let words = "invalid request header: X-Amz-Security-Token";
    let finding = certain(&refused(400, Side::Vault, words), &evidence(), Code::SIG410);
    assert!(finding.cause.contains("1.5.2"), "{}", finding.cause);
    assert!(finding.remedies[0].text.starts_with("upgrade"));
}

#[test]
fn vaults_way_to_sts_is_told_apart() {
    let post =
        "error making request: POST https://sts.amazonaws.com// giving up after 4 attempt(s)";
    let dialled = |reason: &str| {
        upstream(&format!(
            "{post}: Post \"https://sts.amazonaws.com//\": {reason}"
        ))
    };
    let curl = "curl -sSi -m 10 https://sts.amazonaws.com/";
    // What Vault names is asked, whatever was signed for.
    for evidence in [evidence(), with_config(json!({}))] {
        let finding = certain(&dialled("dial tcp: no such host"), &evidence, Code::VLT620);
        assert_eq!(commands(&finding), [curl]);
    }
    let private = dialled("EOF");
    let mut private = private.clone();
    private.message = private
        .message
        .replace("sts.amazonaws.com", "vpce-1.example");
    let finding = certain(&private, &evidence(), Code::VLT620);
    assert_eq!(
        commands(&finding),
        ["curl -sSi -m 10 https://vpce-1.example/"]
    );
    // Vault's own proxy, and a request that was over before anybody answered.
    let proxy = dialled("proxyconnect tcp: dial tcp: lookup proxy.corp: no such host");
    let finding = certain(&proxy, &evidence(), Code::VLT620);
    assert!(finding.cause.contains("proxy"), "{}", finding.cause);
    assert!(
        commands(&finding)[0].contains("grep -i proxy"),
        "{finding:#?}"
    );
    let late = upstream(&format!("{post}: context canceled"));
    let finding = certain(&late, &evidence(), Code::VLT620);
    assert!(finding.cause.contains("90 s"), "{}", finding.cause);
    // Before 1.4.4, which tried once.
    let once = upstream(
        "error making request: Post https://sts.amazonaws.com//: net/http: TLS handshake timeout",
    );
    certain(&once, &evidence(), Code::VLT620);
    certain(
        &upstream("body of GetCallerIdentity is invalid"),
        &evidence(),
        Code::VLT621,
    );
    certain(
        &upstream("received error code 302 from STS: moved"),
        &evidence(),
        Code::VLT621,
    );
    let scheme = dialled(r#"unsupported protocol scheme """#);
    let bare = with_config(json!({ "sts_endpoint": "sts.eu-west-2.amazonaws.com" }));
    let finding = certain(&scheme, &bare, Code::VLT622);
    assert_eq!(
        commands(&finding),
        [
            "vault write auth/aws/config/client sts_endpoint=https://sts.eu-west-2.amazonaws.com sts_region=eu-west-2"
        ]
    );
    // Vault's words quote the endpoint, where nobody saw the configuration.
    let quoted = upstream(
        "error making request: POST sts.eu-west-2.amazonaws.com// giving up after 4 attempt(s): Post \"sts.eu-west-2.amazonaws.com//\": unsupported protocol scheme \"\"",
    );
    let finding = certain(&quoted, &evidence(), Code::VLT622);
    assert_eq!(
        commands(&finding),
        [
            "vault write auth/aws/config/client sts_endpoint=https://sts.eu-west-2.amazonaws.com sts_region=eu-west-2"
        ]
    );
    let finding = likely(&upstream(post), &evidence(), Code::VLT620);
    assert_eq!(commands(&finding), [curl]);
    assert_eq!(finding.alternatives, [Code::SIG414, Code::VLT621]);
    likely(&upstream("frob"), &evidence(), Code::VLT620);
}

#[test]
fn vaults_own_look_ups_are_told_apart() {
    let caller = "error creating IAM client: unable to fetch current caller";
    let denied = "error fetching role \"VaultRole\": AccessDenied: User: arn:aws:iam::123456789012:user/vault-server is not authorized to perform: iam:GetRole on resource: role VaultRole";
    let finding = certain(&look_up(denied), &evidence(), Code::VLT612);
    assert!(commands(&finding)[0].starts_with("aws iam put-user-policy --user-name vault-server"));
    for said in [
        format!("{caller}: NoCredentialProviders: no valid providers in chain. Deprecated."),
        format!("{caller}: InvalidClientTokenId: The security token is invalid"),
        format!("{caller}: ExpiredToken: The security token is expired"),
        format!("{caller}: SignatureDoesNotMatch: The request signature we calculated does not match"),
        "error creating IAM client: static AWS client credentials haven't been properly configured (x)".to_owned(),
    ] {
        certain(&look_up(&said), &evidence(), Code::VLT614);
    }
    for (said, code) in [
        ("SignatureDoesNotMatch: Signature expired: x", Code::SIG403),
        (
            "SignatureDoesNotMatch: Signature not yet current: x",
            Code::SIG404,
        ),
        ("Throttling: Rate exceeded", Code::SIG414),
        ("RequestError: send request failed", Code::VLT620),
    ] {
        certain(&look_up(&format!("{caller}: {said}")), &evidence(), code);
    }
    certain(
        &look_up("error fetching role \"V\": Throttling: Rate exceeded"),
        &evidence(),
        Code::SIG414,
    );
    likely(&look_up("frob"), &evidence(), Code::VLT612);
}

#[test]
fn vaults_own_identity_is_told_whatever_it_is_taken_from() {
    let caller = "error creating IAM client: unable to fetch current caller";
    let web = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    for said in [
        format!(
            "{caller}: WebIdentityErr: failed to retrieve credentials\ncaused by: AccessDenied: {web}"
        ),
        format!("{caller}: AccessDenied: {web}"),
    ] {
        let finding = certain(&look_up(&said), &evidence(), Code::VLT614);
        assert!(
            finding.cause.contains("service account"),
            "{}",
            finding.cause
        );
        assert!(commands(&finding)[1].contains("AssumeRolePolicyDocument"));
    }
    // A role that its own keys are to be taken from, and not one of config/sts.
    let chained = format!(
        "{caller}: AccessDenied: User: arn:aws:iam::123456789012:user/v is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r"
    );
    certain(&look_up(&chained), &evidence(), Code::VLT614);
    let none = format!("{caller}: EC2RoleRequestError: no EC2 instance role found");
    let finding = certain(&look_up(&none), &evidence(), Code::VLT614);
    assert_eq!(
        commands(&finding),
        [
            "aws ec2 associate-iam-instance-profile --instance-id $INSTANCE_ID --iam-instance-profile Name=VaultRole"
        ]
    );
    let off = format!("{caller}: RegionDisabledException: STS is not activated in this region");
    certain(&look_up(&off), &evidence(), Code::AWS218);
    likely(
        &look_up(&format!("{caller}: FrobError: x")),
        &evidence(),
        Code::VLT614,
    );
    let way = format!(
        "{caller}: RequestError: send request failed\ncaused by: Post \"https://iam.amazonaws.com/\": dial tcp: i/o timeout"
    );
    let finding = certain(&look_up(&way), &evidence(), Code::VLT620);
    assert_eq!(
        commands(&finding),
        ["curl -sSi -m 10 https://iam.amazonaws.com/"]
    );
}

#[test]
fn an_allow_is_offered_only_where_it_helps() {
    let denied = |why: &str| {
        look_up(&format!(
            "error fetching role \"VaultRole\": AccessDenied: User: arn:aws:sts::123456789012:assumed-role/vault-server/i-0 is not authorized to perform: iam:GetRole on resource: role VaultRole {why}"
        ))
    };
    for why in [
        "",
        "because no identity-based policy allows the iam:GetRole action",
    ] {
        let finding = certain(&denied(why), &evidence(), Code::VLT612);
        assert!(commands(&finding)[0].contains("put-role-policy --role-name vault-server"));
    }
    for why in [
        "with an explicit deny in a service control policy",
        "with an explicit deny in an identity-based policy",
        "because no permissions boundary allows the iam:GetRole action",
    ] {
        let finding = certain(&denied(why), &evidence(), Code::VLT612);
        assert_eq!(commands(&finding), [""; 0], "{why}");
        assert_ne!(finding.cause, Code::VLT612.cause(), "{why}");
    }
}

#[test]
fn only_whom_the_star_means_is_bound_exactly() {
    let denied = look_up(
        "error fetching role \"VaultRole\": AccessDenied: User: arn:aws:iam::123456789012:user/v is not authorized to perform: iam:GetRole on resource: role VaultRole",
    );
    let binding = |arn: &str| {
        let evidence = with_role(json!({
            "bound_iam_principal_arn": [arn],
            "bound_iam_principal_id": [],
        }));
        let finding = certain(&denied, &evidence, Code::VLT612);
        finding
            .remedies
            .iter()
            .filter(|remedy| remedy.text.contains("exact ARN"))
            .map(|remedy| remedy.text.starts_with("if this principal"))
            .collect::<Vec<bool>>()
    };
    assert_eq!(binding("arn:aws:iam::123456789012:*"), [false]);
    assert_eq!(binding("arn:aws:iam::123456789012:role/Vault*"), [true]);
    assert_eq!(binding("arn:aws:iam::123456789012:user/*"), [false; 0]);
}

#[test]
fn an_endpoint_without_its_region_is_certain_with_the_configuration() {
    let said = "error creating IAM client: unable to fetch current caller: SignatureDoesNotMatch: Credential should be scoped to a valid region, not 'us-east-1'.";
    let fault = look_up(said);
    likely(&fault, &evidence(), Code::VLT629);
    let endpoint = "https://sts.eu-west-2.amazonaws.com";
    let without = with_config(json!({ "sts_endpoint": endpoint, "sts_region": "" }));
    let finding = certain(&fault, &without, Code::VLT629);
    assert_eq!(
        commands(&finding),
        [format!(
            "vault write auth/aws/config/client sts_endpoint={endpoint} sts_region=eu-west-2"
        )]
    );
    // A region is named, and it is another than the endpoint's.
    let other = with_config(json!({ "sts_endpoint": endpoint, "sts_region": "us-east-1" }));
    likely(&fault, &other, Code::VLT629);
}

#[test]
fn another_account_is_named_and_one_that_is_known_proves_nothing() {
    let fault = look_up(
        "error creating IAM client: no STS configuration found for account ID \"999999999999\"",
    );
    let finding = certain(&fault, &evidence(), Code::VLT613);
    assert!(commands(&finding)[0].starts_with("vault write auth/aws/config/sts/999999999999 "));
    let mut known = evidence();
    known.looks.vault.sts_accounts = seen(vec!["999999999999".to_owned()]);
    likely(&fault, &known, Code::VLT613);
    let refused = "error creating IAM client: AccessDenied: User: arn:aws:iam::123456789012:user/v is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::999999999999:role/cross";
    let finding = certain(&look_up(refused), &evidence(), Code::VLT641);
    assert_eq!(
        commands(&finding),
        [
            "aws iam get-role --role-name cross --query Role.AssumeRolePolicyDocument",
            "vault read auth/aws/config/sts/999999999999",
        ]
    );
    let absent = look_up(
        "error fetching role \"VaultRole\": NoSuchEntity: The role with name VaultRole cannot be found.",
    );
    let finding = likely(&absent, &evidence(), Code::VLT613);
    assert_eq!(commands(&finding), ["vault list auth/aws/config/sts"]);
    let mut deleted = evidence();
    deleted.looks.aws.login_role = seen(None);
    certain(&absent, &deleted, Code::AWS201);
}

#[test]
fn a_method_that_falls_over_is_told_by_its_configuration() {
    let fell = refused(
        500,
        Side::Vault,
        "rpc error: code = Unavailable desc = error reading from server: EOF",
    );
    likely(&fell, &evidence(), Code::VLT628);
    let mut unwritten = evidence();
    unwritten.looks.vault.client_config = seen(None);
    likely(&fell, &unwritten, Code::VLT628);
    unwritten.seen.vault_version = Some("1.21.2".into());
    likely(&fell, &unwritten, Code::VLT519);
    unwritten.seen.vault_version = Some("1.15.0+ent".into());
    certain(&fell, &unwritten, Code::VLT628);
    let bare = with_config(json!({ "sts_endpoint": "sts.amazonaws.com:443" }));
    certain(&fell, &bare, Code::VLT622);
    likely(&fell, &with_config(json!({})), Code::VLT519);
    for (finding, code) in [
        (cut_off(&bare), Code::VLT622),
        (cut_off(&unwritten), Code::VLT628),
        (cut_off(&evidence()), Code::VLT519),
        (crashed(&evidence()), Code::VLT628),
    ] {
        assert_eq!(finding.code, code);
    }
}

#[test]
fn a_login_without_a_token_is_told_by_the_version() {
    let mut fault = refused(200, Side::Vault, "no token");
    fault.cause = Cause::Transport(Transport::NotVault);
    let explain = |fault: &Fault, version: &str| {
        let mut evidence = evidence();
        evidence.seen.vault_version = Some(version.into());
        let finding = crate::diagnose::explain(fault, &evidence).remove(0);
        (finding.code, finding.confidence)
    };
    // Without an id of the request it is none of Vault's answers.
    let other = (Code::VLT510, Confidence::Certain);
    assert_eq!(explain(&fault, "1.15.0"), other);
    fault.request_id = Some("6f7a".into());
    assert_eq!(
        explain(&fault, "1.15.0"),
        (Code::VLT628, Confidence::Likely)
    );
    assert_eq!(
        explain(&fault, "1.21.2"),
        (Code::VLT519, Confidence::Likely)
    );
}

#[test]
fn a_second_factor_is_certain() {
    let mut fault = refused(200, Side::Vault, "x");
    certain(&fault, &evidence(), Code::VLT618);
    fault.status = Some(429);
    certain(&fault, &evidence(), Code::VLT516);
}
