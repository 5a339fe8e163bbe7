//! Whose request it is, and what is said of one that is nobody's.

use std::time::{Duration, SystemTime};

use vaultiam::lab::aws::Keys;

use super::{ACCOUNT, Asked, Lab, exchange};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const INVALID: &str = "The security token included in the request is invalid.";

#[test]
fn a_right_signature_tells_whose_it_is_however_it_is_sent() {
    let lab = Lab::start();
    let operator = format!("arn:aws:iam::{ACCOUNT}:user/operator");
    let ask = |change: &dyn Fn(&mut Asked)| {
        let mut asked = Asked::who(&lab.keys);
        change(&mut asked);
        let answer = lab.send(&asked).fine();
        assert_eq!(answer.header("content-type"), "text/xml");
        assert_eq!(
            answer.element("RequestId"),
            answer.header("x-amzn-requestid")
        );
        (answer.element("Arn"), answer.element("Account"))
    };
    let expected = (operator, ACCOUNT.to_owned());
    assert_eq!(ask(&|_| {}), expected);
    // As Vault sends it: signed for "/", sent to "//".
    let mut asked = Asked::who(&lab.keys);
    asked.host = Some("sts.amazonaws.com");
    asked.through_proxy = Some("sts.amazonaws.com");
    let text = String::from_utf8(asked.bytes(lab.endpoint)).unwrap();
    let twice = text.replacen("amazonaws.com/ ", "amazonaws.com// ", 1);
    assert_ne!(text, twice);
    let answer = exchange(lab.endpoint, twice.as_bytes()).fine();
    assert_eq!(answer.element("Arn"), expected.0);
    let get = ask(&|asked| {
        asked.method = "GET";
        asked.path = "/?Action=GetCallerIdentity&Version=2011-06-15";
        asked.body.clear();
    });
    assert_eq!(get, expected);
    let regional = ask(&|asked| {
        asked.region = "eu-west-1";
        asked.host = Some("sts.eu-west-1.amazonaws.com");
        asked.through_proxy = Some("sts.eu-west-1.amazonaws.com");
    });
    assert_eq!(regional, expected);
}

#[test]
fn what_is_wrong_with_a_signature_is_told_as_aws_tells_it() {
    let lab = Lab::start();
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let other = Keys {
        secret_access_key: "x".repeat(40),
        ..lab.keys.clone()
    };
    let unknown = Keys {
        access_key_id: "AKIAAAAAAAAAAAAAAAAA".to_owned(),
        ..lab.keys.clone()
    };
    type Change<'a> = &'a dyn Fn(&mut Asked);
    let cases: [(&str, Change<'_>, u16, &str, &str); 8] = [
        (
            "another secret",
            &|asked| asked.keys = other.clone(),
            403,
            "SignatureDoesNotMatch",
            MISMATCH,
        ),
        (
            "an unknown key",
            &|asked| asked.keys = unknown.clone(),
            403,
            "InvalidClientTokenId",
            INVALID,
        ),
        (
            "a token where there is none",
            &|asked| asked.keys.session_token = Some("x".to_owned()),
            403,
            "InvalidClientTokenId",
            INVALID,
        ),
        (
            "another region",
            &|asked| asked.region = "eu-west-1",
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region, not 'eu-west-1'. ",
        ),
        (
            "the host of another region",
            &|asked| asked.through_proxy = Some("sts.eu-west-1.amazonaws.com"),
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region, not 'us-east-1'. ",
        ),
        (
            "another service",
            &|asked| asked.service = "iam",
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'. ",
        ),
        (
            "long ago",
            &|asked| asked.time -= minutes(16),
            403,
            "SignatureDoesNotMatch",
            "Signature expired: ",
        ),
        (
            "still to come",
            &|asked| asked.time += minutes(16),
            403,
            "SignatureDoesNotMatch",
            "Signature not yet current: ",
        ),
    ];
    for (what, change, status, code, words) in cases {
        let mut asked = Asked::who(&lab.keys);
        change(&mut asked);
        let (seen_status, seen_code, seen_words) = lab.send(&asked).refusal();
        assert_eq!((seen_status, seen_code.as_str()), (status, code), "{what}");
        assert!(seen_words.starts_with(words), "{what}: {seen_words}");
    }
    // Within the window it is taken.
    for change in [-14_i64, 14] {
        let mut asked = Asked::who(&lab.keys);
        if change < 0 {
            asked.time -= minutes(change.unsigned_abs());
        } else {
            asked.time += minutes(change.unsigned_abs());
        }
        lab.send(&asked).fine();
    }
}

#[test]
fn a_request_that_was_changed_on_its_way_or_is_not_whole_is_refused() {
    let lab = Lab::start();
    let text = String::from_utf8(Asked::who(&lab.keys).bytes(lab.endpoint)).unwrap();
    let sent = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        exchange(lab.endpoint, changed.as_bytes()).refusal()
    };
    let (status, code, words) = sent("Version=2011", "Version=2O11");
    assert_eq!((status, code.as_str()), (400, "InvalidAction"));
    assert_eq!(
        words,
        "Could not find operation GetCallerIdentity for version 2O11-06-15"
    );
    let mismatch = sent("charset=utf-8", "charset=UTF-8");
    assert_eq!(
        mismatch,
        (403, "SignatureDoesNotMatch".into(), MISMATCH.into())
    );
    let unsigned = sent("authorization: ", "x-other: ");
    assert_eq!(
        unsigned,
        (
            403,
            "MissingAuthenticationToken".into(),
            "Request is missing Authentication Token".into()
        )
    );
    let (status, code, words) = sent("/us-east-1/", "/");
    assert_eq!((status, code.as_str()), (400, "IncompleteSignature"));
    assert!(
        words.starts_with("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIA"),
        "{words}"
    );
    let (status, code, _) = sent("Signature=", "Sign=");
    assert_eq!((status, code.as_str()), (400, "IncompleteSignature"));
    let (status, code, _) = sent("Action=GetCallerIdentity", "Aktion=GetCallerIdentity");
    assert_eq!((status, code.as_str()), (400, "MissingAction"));
}

#[test]
fn keys_end() {
    let lab = Lab::start();
    let role = lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let keys = lab.assume(&lab.keys, &[("RoleArn", &role), ("DurationSeconds", "900")]);
    let arn = lab.send(&Asked::who(&keys)).fine().element("Arn");
    assert_eq!(
        arn,
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/Login/test")
    );
    let without = Keys {
        session_token: None,
        ..keys.clone()
    };
    let another = Keys {
        session_token: Some("x".to_owned()),
        ..keys.clone()
    };
    for wrong in [without, another] {
        let refused = lab.send(&Asked::who(&wrong)).refusal();
        assert_eq!(
            refused,
            (403, "InvalidClientTokenId".into(), INVALID.into())
        );
    }
    lab.aws.end_sessions();
    let expired = lab.send(&Asked::who(&keys)).refusal();
    let words = "The security token included in the request is expired";
    assert_eq!(expired, (403, "ExpiredToken".into(), words.into()));
    // A role that is made anew under its name is another one.
    let keys = lab.assume(&lab.keys, &[("RoleArn", &role)]);
    lab.on_role("DeleteRole", "Login", &[]).fine();
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let refused = lab.send(&Asked::who(&keys)).refusal();
    assert_eq!(
        refused,
        (403, "InvalidClientTokenId".into(), INVALID.into())
    );
}

#[test]
fn everything_goes_by_the_clock_of_aws() {
    let lab = Lab::start();
    let role = lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    let keys = lab.assume(&lab.keys, &[("RoleArn", &role), ("DurationSeconds", "900")]);
    lab.aws.clock().shift(1200);
    let now = SystemTime::now() + Duration::from_secs(1200);
    let answer = lab.send(&Asked::who(&lab.keys));
    let (_, code, words) = answer.refusal();
    assert_eq!(code, "SignatureDoesNotMatch");
    assert!(words.starts_with("Signature expired: "), "{words}");
    assert!(words.ends_with(" - 15 min.)"), "{words}");
    let shown = answer.header("date");
    let expected = vaultiam::lab::clock::http_date(now).to_lowercase();
    assert_eq!(shown[..22], expected[..22]);
    let mut asked = Asked::who(&keys);
    asked.time = now;
    assert_eq!(lab.send(&asked).refusal().1, "ExpiredToken");
}

#[test]
fn sts_is_busy() {
    let lab = Lab::start();
    let who = || lab.send(&Asked::who(&lab.keys));
    lab.aws.throttle_sts(2);
    lab.role("Login", &format!(r#""AWS":"{ACCOUNT}""#));
    for _ in 0..2 {
        let busy = (400, "Throttling".to_owned(), "Rate exceeded".to_owned());
        assert_eq!(who().refusal(), busy);
    }
    who().fine();
}
