//! The same refusals in words that nobody has seen: codes and structure
//! decide, not English. Only a finding may become a more general one.

use serde_json::{Value, json};

use crate::refusals::{Attempt, Refusal, write_to_vault};
use crate::refusals_signature::{WRONG_SECRET_KEY_CASES, at_another_time, with_a_wrong_secret_key};
use crate::servers::{Article, servers};

/// The address of a relay that has Vault speak in other words.
fn vault_in_other_words() -> String {
    let rule = json!({ "do": { "reword": true } });
    let relay = servers().control("POST", "relays", &json!({ "rules": [rule] }));
    relay["url"].as_str().unwrap().to_owned()
}

/// Has STS answer us in other words. Vault's own calls are left alone: the
/// relay rewords what it hands on, and twice reworded is English again.
fn reword_sts(article: &Article) {
    let matching = json!({ "account": article.account, "user_agent": "aws-sdk-rust.*" });
    let rule = json!({ "match": matching, "do": { "reword": true } });
    servers().control("POST", "rules", &rule);
}

/// Is refused in words that are indeed other ones.
fn is_refused_in_other_words(attempt: &Attempt, words: &[&str], refusal: Refusal) -> Value {
    let document = attempt.is_refused(words, refusal);
    let message = document["fault"]["message"].as_str().unwrap();
    let english = ["authorized", "signature", "does not", "making", "valid"];
    assert!(
        !english.iter().any(|word| message.contains(word)),
        "{message}"
    );
    document
}

#[test]
fn an_untrusted_caller_is_told_by_code() {
    let article = servers().article();
    reword_sts(&article);
    let attempt = Attempt::as_operator(&article).env("VAULT_ADDR", &vault_in_other_words());
    let refusal = ("assume", "sts", 4, "AWS114");
    let document = is_refused_in_other_words(&attempt, &["--explain"], refusal);
    assert!(
        document.to_string().contains(":user/operator"),
        "{document:#}"
    );
}

#[test]
fn kongs_role_logging_in_directly_is_told_by_side() {
    let article = servers().article();
    reword_sts(&article);
    let attempt = Attempt::on_kongs_instance(&article).env("VAULT_ADDR", &vault_in_other_words());
    // Vault quotes the principal and the role, in whichever language.
    let refusal = ("login", "vault", 5, "VLT606");
    let document = is_refused_in_other_words(&attempt, &["--no-assume"], refusal);
    assert_eq!(document["findings"][0]["confidence"], "likely");
}

#[test]
fn a_wrong_secret_key_is_told_by_code() {
    let article = servers().article();
    reword_sts(&article);
    let attempt = with_a_wrong_secret_key(&article).env("VAULT_ADDR", &vault_in_other_words());
    for (words, refusal) in WRONG_SECRET_KEY_CASES {
        is_refused_in_other_words(&attempt, words, refusal);
    }
}

#[test]
fn another_signing_region_is_told_by_code() {
    let article = servers().article();
    write_to_vault(
        &format!("auth/{}/config/client", article.auth_mount),
        &json!({ "use_sts_region_from_client": false }),
    );
    let attempt = Attempt::on_kongs_instance(&article).env("VAULT_ADDR", &vault_in_other_words());
    let refusal = ("login", "sts-via-vault", 5, "SIG401");
    let document = is_refused_in_other_words(&attempt, &["--region", "eu-west-1"], refusal);
    // The sentence that proves it cannot be read.
    assert_eq!(document["findings"][0]["confidence"], "likely");
}

#[test]
fn what_vault_refuses_keeps_its_step_side_and_exit_code() {
    let article = servers().article();
    let vault = vault_in_other_words();
    let attempt = Attempt::on_kongs_instance(&article).env("VAULT_ADDR", &vault);
    let refusal = ("login", "vault", 5, "VLT631");
    for words in [&["--role", "nope"][..], &["--auth-mount", "nomount"]] {
        is_refused_in_other_words(&attempt, words, refusal);
    }
    write_to_vault(
        &format!("auth/{}/config/client", article.auth_mount),
        &json!({ "iam_server_id_header_value": "vault.example.com" }),
    );
    // The name of the header is no English.
    attempt.is_refused(&[], ("login", "vault", 5, "SIG407"));
    attempt.is_refused(&["--server-id", "other"], ("login", "vault", 5, "SIG408"));
}

#[test]
fn what_was_seen_stands_in_for_words_that_nobody_knows() {
    let article = servers().article();
    let machines = json!({ "auth_type": "ec2", "bound_account_id": article.account });
    let path = format!("auth/{}/role/machines", article.auth_mount);
    write_to_vault(&path, &machines);
    let attempt = Attempt::on_kongs_instance(&article)
        .env("VAULT_ADDR", &vault_in_other_words())
        .env("VAULT_TOKEN", servers().get("VAULT_TOKEN"));
    for (role, unaided, code) in [
        ("nope", "VLT631", "VLT603"),
        ("machines", "VLT631", "VLT604"),
    ] {
        for (admin, code) in [(&[][..], unaided), (&["--admin"], code)] {
            let words = [&["--explain", "--role", role], admin].concat();
            let refusal = ("login", "vault", 5, code);
            let document = is_refused_in_other_words(&attempt, &words, refusal);
            assert_eq!(document["findings"][0]["confidence"], "likely");
        }
    }
}

#[test]
fn a_wrong_clock_is_told_by_the_clocks() {
    let article = servers().article();
    reword_sts(&article);
    let vault = vault_in_other_words();
    for (offset, code) in [("-20m", "SIG403"), ("+20m", "SIG404")] {
        let attempt = at_another_time(&article, offset).env("VAULT_ADDR", &vault);
        is_refused_in_other_words(&attempt, &["--explain"], ("caller", "sts", 4, code));
        let document = is_refused_in_other_words(
            &attempt,
            &["--no-assume"],
            ("login", "sts-via-vault", 5, code),
        );
        // Vault's clock alone speaks for it.
        assert_eq!(document["findings"][0]["confidence"], "likely");
    }
}
