//! `vaultiam get`: values, and what is left behind.

use crate::servers::servers;

#[test]
fn a_value_is_read_with_neither_token_nor_keys() {
    let article = servers().article();
    let ended = article
        .on_kongs_instance()
        .run(&["get", &article.secret_path, "-f", "value"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, article.secret_value.as_str()),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr, "");
}
