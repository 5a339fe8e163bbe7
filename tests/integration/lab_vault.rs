//! The lab's Vault beside a real one: the same requests to both, and what they
//! answer compared word for word.
//!
//! What differs stands in `tests/lab/vault/differences.yaml` with the reason; a
//! difference that is not there fails, and so does one that is gone.

mod compare;
mod flow;
mod relay;
mod scene;
mod sides;
mod signing;
mod states;
mod table;

use compare::Differences;
use scene::Scene;
use sides::{Lab, Real};
use table::Case;

/// The tables, in the order in which they are sent.
const TABLES: [(&str, &str); 5] = [
    ("mounts", include_str!("../lab/vault/mounts.yaml")),
    ("tokens", include_str!("../lab/vault/tokens.yaml")),
    ("kv", include_str!("../lab/vault/kv.yaml")),
    ("roles", include_str!("../lab/vault/roles.yaml")),
    ("http", include_str!("../lab/vault/http.yaml")),
];

#[test]
fn the_labs_vault_says_what_a_real_one_says() {
    let mut differences = Differences::read();
    let real = Real::start();
    let lab = Lab::new();
    let mut compared = 0;
    for (name, text) in TABLES {
        for case in Case::read(text) {
            compared += case.run(name, &real, &lab, None, &mut differences);
        }
    }
    let mut scene = Scene::new(&real);
    let lab = Lab::with(scene.outside());
    let logins = scene.fill(include_str!("../lab/vault/logins.yaml"));
    for case in Case::read(&logins) {
        compared += case.run("logins", &real, &lab, Some(&mut scene), &mut differences);
    }
    compared += states::run(&mut differences);
    println!("{compared} requests, {} listed", differences.listed());
    assert!(compared > 900, "{compared}");
    differences.assert_none_is_left();
}
