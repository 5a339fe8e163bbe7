//! Secrets in OpenBao's KV engine: what is read, and what is not there.

use serde_json::json;

use super::{done, openbao, run_with, settings};

#[test]
fn what_is_read_and_what_is_not_there() {
    let nothing = openbao();
    done(&nothing, &settings("", ""), &["setup", "--yes"]);
    nothing.vault(&["secrets", "enable", "-path=old", "-version=1", "kv"]);
    nothing.vault(&["kv", "put", "old/kong/a", "value=one"]);
    for version in ["1", "2", "3"] {
        nothing.vault(&["kv", "put", "kv/kong/a", &format!("value={version}")]);
    }
    nothing.vault(&["kv", "put", "kv/kong/gone", "value=x"]);
    nothing.vault(&["kv", "delete", "kv/kong/gone"]);
    nothing.vault(&["kv", "destroy", "-versions=1", "kv/kong/a"]);
    let policy = json!({ "policy": "path \"kv/data/kong/*\" { capabilities = [\"read\"] }\n\
        path \"kv/kong/*\" { capabilities = [\"read\"] }\npath \"old/*\" { capabilities = [\"read\"] }\n\
        path \"absent/*\" { capabilities = [\"read\"] }" });
    assert_eq!(
        nothing
            .vault_api("PUT", "sys/policies/acl/kong-policy", &policy)
            .0,
        204
    );

    let kong = || nothing.on_kongs_instance();
    for (words, value) in [
        (&["kv/kong/a"][..], "3"),
        (&["kv/data/kong/a"], "3"),
        (&["kv/kong/a", "--version", "2"], "2"),
        (&["old/kong/a"], "one"),
        (&["old/kong/a", "--kv-version", "1"], "one"),
    ] {
        let ended = kong().run(&[&["get", "-f", "value"], words].concat());
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (0, value),
            "{words:?}{}",
            ended.stderr
        );
    }
    for (words, code, finding) in [
        (&["kv/kong/nope"][..], 7, "VLT707"),
        (&["kv/kong/a", "--version", "9"], 7, "VLT711"),
        (&["kv/kong/a", "--version", "1"], 7, "VLT710"),
        (&["kv/kong/gone"], 7, "VLT709"),
        (&["kv/kong/a", "--kv-version", "1"], 7, "VLT713"),
        (&["old/data/kong/a"], 7, "VLT714"),
        (&["absent/kong/a"], 7, "VLT712"),
        (&["kv/other"], 6, "VLT702"),
        (&["hidden/kong/a"], 6, "VLT722"),
    ] {
        let words = [&["get", "-o", "json"], words].concat();
        let ended = kong().run(&words);
        let found = (ended.code, ended.finding());
        assert_eq!(
            found,
            (code, finding.to_owned()),
            "{words:?}\n{}",
            ended.stdout
        );
    }
    // The same with a token that may do anything.
    let words = ["get", "hidden/kong/a", "-o", "json"];
    let ended = run_with(nothing.as_operator(), &settings("", ""), &words);
    assert_eq!((ended.code, ended.finding().as_str()), (7, "VLT712"));
}
