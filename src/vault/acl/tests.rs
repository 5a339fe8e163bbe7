//! The evaluator in tables. What it is compared with is a real Vault, elsewhere.

mod deciding;
mod granting;
mod missing;
mod priority;
mod properties;
mod reading;

use super::*;

/// A policy of the root namespace.
fn policy(name: &str, text: &str) -> Held {
    Held::Known(Policy::parse("", name, text).expect(text))
}

/// `kv/a=read,list kv/+=deny` as a policy.
fn stanzas(words: &str) -> String {
    let stanzas = words.split_whitespace().map(|word| {
        let (path, capabilities) = word.rsplit_once('=').expect(word);
        let capabilities: Vec<&str> = capabilities
            .split(',')
            .filter(|word| !word.is_empty())
            .collect();
        format!("path \"{path}\" {{ capabilities = {capabilities:?} }}\n")
    });
    stanzas.collect()
}

/// The same in JSON.
fn stanzas_in_json(words: &str) -> String {
    let stanzas = words.split_whitespace().map(|word| {
        let (path, capabilities) = word.rsplit_once('=').expect(word);
        let capabilities: Vec<&str> = capabilities
            .split(',')
            .filter(|word| !word.is_empty())
            .collect();
        format!("\"{path}\": {{\"capabilities\": {capabilities:?}}}")
    });
    let stanzas: Vec<String> = stanzas.collect();
    format!("{{\"path\": {{{}}}}}", stanzas.join(",\n"))
}

fn held(words: &str) -> Vec<Held> {
    vec![policy("kong", &stanzas(words))]
}

fn asked(path: &str, capability: Capability) -> Asked<'_> {
    Asked {
        namespace: "",
        path,
        capability,
    }
}

fn source(policy: &str, path: &str, line: usize) -> Source {
    Source {
        policy: policy.to_owned(),
        path: path.to_owned(),
        place: Place { line, column: 6 },
    }
}
