//! The commands of docs/secrets.md do what the page says.

use serde_json::json;

use crate::servers::servers;

#[test]
fn the_commands_of_the_page_run_as_they_stand() {
    let page = include_str!("../../docs/secrets.md");
    let blocks: Vec<&str> = page
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 5);

    let state = servers().nothing();
    state.vault(&["secrets", "enable", "-path=kv", "-version=2", "kv"]);
    let run = state.as_operator();
    let program = run.home().join("bin");
    std::fs::create_dir(&program).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_vaultiam"), program.join("vaultiam")).unwrap();
    let output = run
        .under(&["sh", "-euc", &blocks.concat()])
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .command(&[])
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(!stderr.contains("warning"), "{stderr}");

    let held = |name: &str| {
        let path = format!("kv/data/kong/{name}");
        let (_, answer) = state.vault_api("GET", &path, &serde_json::Value::Null);
        answer["data"]["data"].clone()
    };
    let database = json!({ "user": "kong", "port": "s3cret", "password": "s3cret" });
    assert_eq!(held("database"), database);
    assert_eq!(held("new-secret"), json!({ "value": "s3cret" }));
    assert!(stderr.contains("ok    write"), "{stderr}");
}
