//! The tables of requests.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::Value;

use super::compare::Differences;
use super::scene::Scene;
use super::sides::{Heard, Sent, Side};
use super::signing::Login;

/// Requests that build on one another.
#[derive(Deserialize)]
pub(super) struct Case {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Step {
    /// `METHOD path`, as root.
    Plain(String),
    Wait {
        wait: u64,
    },
    /// Waits for the beginning of a second: what follows falls into it.
    Second {
        second: String,
    },
    /// Asked again until it is there.
    Until {
        until: String,
    },
    /// Arguments of the `aws` command, as the operator.
    Aws {
        aws: Vec<String>,
    },
    /// Takes on a role anew.
    Assume {
        assume: String,
    },
    Login {
        login: Box<Login>,
        #[serde(default)]
        keep: BTreeMap<String, String>,
    },
    Whole(Box<Whole>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Whole {
    /// `METHOD path`; the path is whole if a `!` stands before it.
    r#do: String,
    body: Option<Value>,
    raw: Option<String>,
    /// `root`, `nobody`, a name that was kept, or a token.
    r#as: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// What is kept of the answer, by names.
    #[serde(default)]
    keep: BTreeMap<String, String>,
}

/// What was kept, for each side.
type Kept = BTreeMap<String, String>;

impl Case {
    pub(super) fn read(text: &str) -> Vec<Case> {
        // The other reader of YAML knows no merge keys.
        let value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        serde_yaml::from_value(merged(value)).unwrap()
    }

    /// Sends every request to both; tells how many were compared.
    pub(super) fn run(
        self,
        table: &str,
        real: &dyn Side,
        lab: &dyn Side,
        scene: Option<&mut Scene>,
        differences: &mut Differences,
    ) -> usize {
        let mut scene = scene;
        let mut compared = 0;
        let mut kept = (Kept::new(), Kept::new());
        for step in self.steps {
            let secrets = (real.root_token(), lab.root_token());
            let whole = match step {
                Step::Aws { aws } => {
                    scene.as_deref_mut().unwrap().aws(&aws);
                    continue;
                }
                Step::Assume { assume } => {
                    scene.as_deref_mut().unwrap().assume(&assume, "/");
                    continue;
                }
                Step::Login { login, keep } => {
                    let sent = login.sent(&scene.as_deref().unwrap().keys);
                    let (of_real, of_lab) = (real.ask(&sent), lab.ask(&sent));
                    keep_of(&keep, &of_real, &mut kept.0);
                    keep_of(&keep, &of_lab, &mut kept.1);
                    let place = format!("{table}: {}: {}", self.name, login.label());
                    differences.compare(&place, &of_real, &of_lab, secrets);
                    compared += 1;
                    continue;
                }
                Step::Wait { wait } => {
                    std::thread::sleep(Duration::from_secs(wait));
                    continue;
                }
                Step::Second { second } => {
                    assert_eq!(second, "begins");
                    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                    let begun = u64::from(since.unwrap().subsec_millis());
                    std::thread::sleep(Duration::from_millis(1005 - begun));
                    continue;
                }
                Step::Until { until } => {
                    wait_until(real, &until);
                    continue;
                }
                Step::Plain(r#do) => Whole {
                    r#do,
                    ..Whole::default()
                },
                Step::Whole(whole) => *whole,
            };
            let of_real = real.ask(&whole.sent(&kept.0, real.root_token()));
            let of_lab = lab.ask(&whole.sent(&kept.1, lab.root_token()));
            keep_of(&whole.keep, &of_real, &mut kept.0);
            keep_of(&whole.keep, &of_lab, &mut kept.1);
            let place = format!("{table}: {}: {}", self.name, whole.label());
            differences.compare(&place, &of_real, &of_lab, secrets);
            compared += 1;
        }
        compared
    }
}

impl Whole {
    /// As a difference names it.
    fn label(&self) -> String {
        let mut label = self.r#do.clone();
        let body = self.body.as_ref().map(Value::to_string);
        if let Some(body) = body.or_else(|| self.raw.clone()) {
            label.push_str(&format!(" {body}"));
        }
        if let Some(who) = &self.r#as {
            label.push_str(&format!(" as {who}"));
        }
        label
    }

    fn sent(&self, kept: &Kept, root_token: &str) -> Sent {
        let fill = |text: &str| {
            let mut text = text.replace("{{root}}", root_token);
            for (name, value) in kept {
                text = text.replace(&format!("{{{{{name}}}}}"), value);
            }
            text
        };
        let (method, path) = self.r#do.split_once(' ').unwrap();
        let target = match path.strip_prefix('!') {
            Some(whole) => whole.to_owned(),
            None => format!("/v1/{path}"),
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        match self.r#as.as_deref().unwrap_or("root") {
            "nobody" => {}
            "root" => headers.push(("X-Vault-Token".to_owned(), root_token.to_owned())),
            name => {
                let token = kept.get(name).map_or(name, String::as_str);
                headers.push(("X-Vault-Token".to_owned(), token.to_owned()));
            }
        }
        if method == "PATCH" && !self.headers.contains_key("Content-Type") {
            let kind = "application/merge-patch+json".to_owned();
            headers.push(("Content-Type".to_owned(), kind));
        }
        let more = self.headers.iter();
        headers.extend(more.map(|(name, value)| (name.clone(), fill(value))));
        let body = self.body.as_ref().map(Value::to_string);
        let body = body.or_else(|| self.raw.clone()).unwrap_or_default();
        let body = fill(&body).into_bytes();
        Sent {
            method: method.to_owned(),
            target: fill(&target),
            headers,
            body,
        }
    }
}

fn keep_of(keep: &BTreeMap<String, String>, heard: &Heard, kept: &mut Kept) {
    for (name, place) in keep {
        let body: Value = serde_json::from_str(&heard.body).unwrap_or_default();
        let value = body.pointer(place).and_then(Value::as_str);
        kept.insert(name.clone(), value.unwrap_or("none").to_owned());
    }
}

/// A new engine of version 2 is made ready first.
fn wait_until(real: &dyn Side, r#do: &str) {
    let step = Whole {
        r#do: r#do.to_owned(),
        ..Whole::default()
    };
    let is_there = (0..200).any(|_| {
        let heard = real.ask(&step.sent(&Kept::new(), real.root_token()));
        if heard.status != 200 {
            std::thread::sleep(Duration::from_millis(50));
        }
        heard.status == 200
    });
    assert!(is_there, "{}", step.r#do);
}

fn merged(mut value: serde_yaml::Value) -> serde_yaml::Value {
    value.apply_merge().unwrap();
    value
}
