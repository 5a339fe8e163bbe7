//! The tables in `tests/policy`, read.
//!
//! A case says nothing of what is not its subject: the caller's policies are
//! those of its name, all that was not mentioned was seen and is not there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vaultiam::aws::policy::Document;
use vaultiam::aws::policy::evaluate::{
    AssumeRole, Caller, CallerKind, Context, Decision, Level, Policies, Policy, Request, Sight,
    Verdict, evaluate, evaluate_assume_role,
};

use crate::generated::of_project;

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/VaultRole";

pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) expect: Verdict,
    pub(crate) facts: Facts,
    pub(crate) caller: Caller,
    pub(crate) policies: Policies,
}

/// A case as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Facts {
    id: String,
    /// For those who read the table.
    #[serde(rename = "why")]
    _why: String,
    pub(crate) caller: String,
    pub(crate) resource: Option<String>,
    /// Asks for this action alone, in place of a call of AssumeRole.
    pub(crate) action: Option<String>,
    pub(crate) call: Call,
    pub(crate) context: BTreeMap<String, OneOrMore>,
    unknown: Vec<String>,
    #[serde(rename = "rest")]
    pub(crate) is_rest_unknown: Rest,
    pub(crate) trust: Json,
    pub(crate) identity: Option<Json>,
    pub(crate) boundary: Json,
    pub(crate) session: Json,
    pub(crate) scp: Json,
    pub(crate) rcp: Json,
    pub(crate) endpoint: Json,
    expect: String,
    /// Refusals, or what is missing, in the words of the test.
    pub(crate) because: Option<Vec<String>>,
    /// The statements that would allow it but for something.
    pub(crate) near: Option<Vec<String>>,
    /// The statements that allow it.
    pub(crate) by: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rest {
    #[default]
    Absent,
    Unknown,
}

/// What is passed to AssumeRole.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Call {
    pub(crate) external_id: Option<String>,
    pub(crate) session_name: Option<String>,
    pub(crate) source_identity: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) transitive: Vec<String>,
    pub(crate) inherited: Vec<String>,
    region: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Callers by name, and templates for the compact tables.
#[derive(Deserialize)]
struct Callers {
    callers: BTreeMap<String, NamedCaller>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedCaller {
    pub(crate) arn: Option<String>,
    id: Option<String>,
    path: Option<String>,
    pub(crate) service: Option<String>,
    provider: Option<String>,
    #[serde(default)]
    pub(crate) identity: Vec<Json>,
}

/// A line of the table of conditions: it is tried in a statement that allows,
/// and in one that denies.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionLine {
    #[serde(rename = "if")]
    condition: Json,
    #[serde(flatten)]
    line: Line,
}

/// What both compact tables have.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    has: BTreeMap<String, OneOrMore>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing)]
    is: Json,
}

/// A line of the table of actions and resources, tried likewise.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatternLine {
    element: Json,
    action: String,
    resource: String,
    #[serde(flatten)]
    line: Line,
}

/// All cases of all tables.
pub(crate) fn cases() -> Vec<Case> {
    let callers = callers();
    let mut facts: Vec<Facts> = Vec::new();
    for table in ["documented", "trust", "reasons", "layers", "assume"] {
        facts.extend(read::<Vec<Facts>>(table));
    }
    let conditions_table = read::<Vec<ConditionLine>>("conditions");
    facts.extend(conditions_table.iter().flat_map(conditions));
    let patterns_table = read::<Vec<PatternLine>>("patterns");
    facts.extend(patterns_table.iter().flat_map(patterns));
    facts
        .into_iter()
        .map(|facts| case(facts, &callers))
        .collect()
}

pub(crate) fn callers() -> BTreeMap<String, NamedCaller> {
    read::<Callers>("callers").callers
}

fn read<T: for<'a> Deserialize<'a>>(table: &str) -> T {
    let path = of_project(&format!("tests/policy/{table}.yaml"));
    let text = std::fs::read_to_string(path).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{table}: {error}"))
}

fn conditions(condition: &ConditionLine) -> [Facts; 2] {
    let line = &condition.line;
    let statement = |effect: &str| {
        json!({"Effect": effect, "Principal": {"AWS": "*"}, "Action": "sts:*",
               "Condition": condition.condition})
    };
    pair(&json!(condition).to_string(), &line.is, |effect| Facts {
        caller: "kong".to_owned(),
        action: Some("sts:AssumeRole".to_owned()),
        context: line.has.clone(),
        unknown: line.unknown.clone(),
        trust: trust(line.version.as_deref(), effect, &statement),
        ..Facts::default()
    })
}

/// A trust policy with the statement; beside one that denies stands one that
/// allows.
fn trust(version: Option<&str>, effect: &str, statement: &dyn Fn(&str) -> Json) -> Json {
    let mut statements = vec![statement(effect)];
    if effect == "Deny" {
        statements.push(json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:*"}));
    }
    json!([{"Version": version.unwrap_or("2012-10-17"), "Statement": statements}])
}

fn patterns(pattern: &PatternLine) -> [Facts; 2] {
    let line = &pattern.line;
    pair(&json!(pattern).to_string(), &line.is, |effect| {
        let mut statement = json!({"Effect": effect});
        for (name, value) in pattern.element.as_object().unwrap() {
            statement[name] = value.clone();
        }
        for (name, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
            if statement.get(name).is_none() && statement.get(other).is_none() {
                statement[name] = json!("*");
            }
        }
        let mut statements = vec![statement];
        if effect == "Deny" {
            statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        }
        let version = line.version.as_deref().unwrap_or("2012-10-17");
        Facts {
            caller: "kong".to_owned(),
            action: Some(pattern.action.clone()),
            resource: Some(pattern.resource.clone()),
            context: line.has.clone(),
            unknown: line.unknown.clone(),
            identity: Some(json!([{"Version": version, "Statement": statements}])),
            trust: if pattern.action.to_ascii_lowercase().starts_with("sts:") {
                json!([{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
                        "Principal": {"AWS": "123456789012"}, "Action": "sts:*"}}])
            } else {
                Json::Null
            },
            ..Facts::default()
        }
    })
}

/// The line in a statement that allows, and in one that denies.
fn pair(id: &str, is: &Json, facts: impl Fn(&str) -> Facts) -> [Facts; 2] {
    let expected = |effect: &str| match (is, effect) {
        (Json::Bool(true), "Allow") | (Json::Bool(false), "Deny") => "allowed",
        (Json::Bool(false), "Allow") | (Json::Bool(true), "Deny") => "denied",
        (Json::String(word), _) if word == "unclear" => "undecided",
        _ => panic!("{id}: {is}"),
    };
    ["Allow", "Deny"].map(|effect| Facts {
        id: format!("{effect} {id}"),
        expect: expected(effect).to_owned(),
        ..facts(effect)
    })
}

fn case(facts: Facts, callers: &BTreeMap<String, NamedCaller>) -> Case {
    let id = facts.id.clone();
    let named = callers
        .get(&facts.caller)
        .unwrap_or_else(|| panic!("{id}: no caller {:?}", facts.caller));
    let identity = facts
        .identity
        .clone()
        .unwrap_or_else(|| Json::Array(named.identity.clone()));
    let layer = |name: &str, json: &Json| sight(json, &mut |json| policies(&id, name, json));
    let levels = |name: &str, json: &Json| {
        sight(json, &mut |levels| {
            let levels = levels.iter().enumerate().map(|(index, json)| Level {
                name: format!("level{index}"),
                policies: policies(&id, name, json.as_array().unwrap()),
            });
            levels.collect()
        })
    };
    let policies = Policies {
        trust: layer("trust", &facts.trust),
        identity: layer("own", &identity),
        boundary: layer("boundary", &facts.boundary),
        session: layer("session", &facts.session),
        service_control: levels("scp", &facts.scp),
        resource_control: levels("rcp", &facts.rcp),
        endpoint: layer("endpoint", &facts.endpoint),
    };
    Case {
        expect: match facts.expect.as_str() {
            "allowed" => Verdict::Allowed,
            "denied" => Verdict::Denied,
            "undecided" => Verdict::Undecided,
            other => panic!("{id}: {other}"),
        },
        caller: named.caller(),
        id,
        policies,
        facts,
    }
}

/// A list was seen; `not seen`, or `partly` with a list.
fn sight<T>(json: &Json, read: &mut dyn FnMut(&[Json]) -> Vec<T>) -> Sight<T> {
    match json {
        Json::Null => Sight::Seen(Vec::new()),
        Json::String(word) if word == "not seen" => Sight::NotSeen,
        Json::Array(list) => Sight::Seen(read(list)),
        Json::Object(map) => Sight::Partly(read(map["partly"].as_array().unwrap())),
        other => panic!("{other}"),
    }
}

/// Numbered from one where there are several.
fn policies(id: &str, name: &str, list: &[Json]) -> Vec<Policy> {
    let policies = list.iter().enumerate().map(|(index, json)| Policy {
        name: match index {
            0 => name.to_owned(),
            index => format!("{name}{}", index + 1),
        },
        document: Document::from_value(json).unwrap_or_else(|error| panic!("{id}: {error}")),
    });
    policies.collect()
}

impl NamedCaller {
    fn caller(&self) -> Caller {
        if let Some(principal) = &self.service {
            let principal = principal.clone();
            return Caller {
                kind: CallerKind::Service { principal },
                unique_id: None,
            };
        }
        if let Some(provider) = &self.provider {
            let provider = provider.clone();
            return Caller {
                kind: CallerKind::Federated { provider },
                unique_id: None,
            };
        }
        let arn = self.arn.as_deref().unwrap();
        let caller = Caller::parse(arn, self.id.as_deref()).unwrap();
        match &self.path {
            Some(path) => caller.with_role_path(path),
            None => caller,
        }
    }
}

impl Case {
    pub(crate) fn decide(&self) -> Decision {
        match self.asked() {
            Asked::Action(request) => evaluate(&request, &self.policies),
            Asked::Call(call) => evaluate_assume_role(&call, &self.policies),
        }
    }

    #[cfg(feature = "real-servers")]
    /// Everything that has to be allowed.
    #[cfg(feature = "real-servers")]
    pub(crate) fn requests(&self) -> Vec<Request> {
        match self.asked() {
            Asked::Action(request) => vec![*request],
            Asked::Call(call) => call.requests(),
        }
    }

    fn asked(&self) -> Asked {
        let facts = &self.facts;
        let mut context = match facts.is_rest_unknown {
            Rest::Absent => Context::closed(),
            Rest::Unknown => Context::open(),
        };
        for (key, value) in &facts.context {
            context = match value {
                OneOrMore::One(value) => context.with(key, value),
                OneOrMore::More(values) => context.with_all(key, values.clone()),
            };
        }
        for key in &facts.unknown {
            context = context.unknown(key);
        }
        let resource = facts.resource.as_deref().unwrap_or(ROLE);
        if let Some(action) = &facts.action {
            return Asked::Action(Box::new(Request {
                caller: self.caller.clone(),
                action: action.clone(),
                resource: resource.to_owned(),
                context,
            }));
        }
        let name = facts.call.session_name.as_deref().unwrap_or("vaultiam");
        Asked::Call(Box::new(AssumeRole {
            external_id: facts.call.external_id.clone(),
            source_identity: facts.call.source_identity.clone(),
            tags: facts.call.tags.clone(),
            transitive_tag_keys: facts.call.transitive.clone(),
            inherited_tag_keys: facts.call.inherited.clone(),
            region: facts.call.region.clone(),
            known: context,
            ..AssumeRole::new(self.caller.clone(), resource, name)
        }))
    }
}

enum Asked {
    Action(Box<Request>),
    Call(Box<AssumeRole>),
}
