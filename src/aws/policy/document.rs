//! A policy document as a typed model.
//!
//! Source of every rule here: "IAM JSON policy elements reference" and "Grammar
//! of the IAM JSON policy language" in the IAM user guide. Names of elements and
//! the values of `Effect` are case-sensitive there; actions, condition operators
//! and condition keys are not. The model keeps all of them as written: `compare`
//! knows what is alike.

pub(crate) mod json;
pub(crate) mod read;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Absent is allowed; [`Document::language`] says what it then means.
    pub version: Option<Version>,
    pub id: Option<String>,
    pub statements: Vec<Statement>,
}

/// The version of the policy language: `Version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`: policy variables are plain text.
    Old,
    /// `2012-10-17`.
    Current,
}

/// One element of `Statement`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`: in trust policies, and only there.
    pub principal: Option<Scope<Principals>>,
    /// `Action` or `NotAction`.
    pub action: Scope<Vec<String>>,
    /// `Resource` or `NotResource`: everywhere but in trust policies.
    pub resource: Option<Scope<Vec<String>>>,
    /// Empty where there is no `Condition`.
    pub condition: Conditions,
}

/// `Condition`: operator, key, values. A Boolean or a number among the values
/// is kept as its text, because it means the same to AWS in quotation marks.
pub type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Allow,
    Deny,
}

/// An element that also exists in the negative, as `Action` and `NotAction`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope<T> {
    /// What is listed.
    Only(T),
    /// Everything except what is listed.
    AllBut(T),
}

/// The value of `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// `"*"` itself, without a kind before it. `{"AWS": "*"}` is [`Self::Listed`].
    Everyone,
    Listed(PrincipalLists),
}

/// The principals of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrincipalLists {
    pub aws: Vec<String>,
    pub service: Vec<String>,
    pub federated: Vec<String>,
    pub canonical_user: Vec<String>,
}

/// Something that is wrong with a document or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `Statement[1].Action`, or line and column where it is no JSON.
    pub place: String,
    /// Goes on where the place ends: "is missing".
    pub what: String,
    /// What to do about it, as an order.
    pub remedy: String,
}

/// A text or value that is no policy document, with every reason; there is at
/// least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub problems: Vec<Problem>,
}

impl Document {
    /// Reads a document from JSON text.
    ///
    /// # Errors
    ///
    /// Everything that keeps it from being a policy document, each with its
    /// place. What AWS refuses beyond the form is for [`super::lint`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let json = json::parse(text).map_err(|problem| Malformed {
            problems: vec![problem],
        })?;
        finish(read::read(&json))
    }

    /// Reads a document from a JSON value. (A key that was there twice is no
    /// longer seen in one: where there is a text, use [`Document::parse`].)
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    pub fn from_value(value: &Value) -> Result<Self, Malformed> {
        finish(read::read(&json::Json::from(value)))
    }

    /// The version of the policy language that AWS reads this document in.
    ///
    /// Source: "IAM JSON policy elements: Version": without the element it is
    /// 2008-10-17.
    pub fn language(&self) -> Version {
        self.version.unwrap_or(Version::Old)
    }

    /// The document as JSON, its elements in the order of AWS's own examples,
    /// lists of one as a string.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        if let Some(version) = self.version {
            map.insert("Version".into(), version.as_str().into());
        }
        if let Some(id) = &self.id {
            map.insert("Id".into(), id.as_str().into());
        }
        let statements = self.statements.iter().map(statement_value).collect();
        map.insert("Statement".into(), Value::Array(statements));
        Value::Object(map)
    }
}

/// The document as compact JSON, as it is sent.
impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.to_value())
    }
}

fn finish(draft: read::Draft) -> Result<Document, Malformed> {
    if draft.problems.is_empty() {
        Ok(draft.document)
    } else {
        Err(Malformed {
            problems: draft.problems,
        })
    }
}

fn statement_value(statement: &Statement) -> Value {
    let mut map = Map::new();
    if let Some(sid) = &statement.sid {
        map.insert("Sid".into(), sid.as_str().into());
    }
    map.insert("Effect".into(), statement.effect.as_str().into());
    if let Some(principal) = &statement.principal {
        let (name, principals) = principal.element("Principal", "NotPrincipal");
        map.insert(name.into(), principals_value(principals));
    }
    let (name, actions) = statement.action.element("Action", "NotAction");
    map.insert(name.into(), list_value(actions));
    if let Some(resource) = &statement.resource {
        let (name, resources) = resource.element("Resource", "NotResource");
        map.insert(name.into(), list_value(resources));
    }
    if !statement.condition.is_empty() {
        let operators = statement.condition.iter().map(|(operator, keys)| {
            let keys = keys.iter();
            let keys = keys.map(|(key, values)| (key.clone(), list_value(values)));
            (operator.clone(), Value::Object(keys.collect()))
        });
        map.insert("Condition".into(), Value::Object(operators.collect()));
    }
    Value::Object(map)
}

fn principals_value(principals: &Principals) -> Value {
    match principals {
        Principals::Everyone => "*".into(),
        Principals::Listed(lists) => {
            let listed = lists.by_kind().into_iter();
            let listed = listed.filter(|(_, values)| !values.is_empty());
            let listed = listed.map(|(kind, values)| (kind.to_owned(), list_value(values)));
            Value::Object(listed.collect())
        }
    }
}

fn list_value(values: &[String]) -> Value {
    match values {
        [value] => value.as_str().into(),
        values => values.into(),
    }
}

impl Version {
    pub fn as_str(self) -> &'static str {
        match self {
            Version::Old => "2008-10-17",
            Version::Current => "2012-10-17",
        }
    }
}

impl Effect {
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

impl<T> Scope<T> {
    /// What is listed, be it to include or to leave out.
    pub fn listed(&self) -> &T {
        match self {
            Scope::Only(listed) | Scope::AllBut(listed) => listed,
        }
    }

    /// The name of the element, and what it lists.
    pub fn element<'n>(&self, only: &'n str, all_but: &'n str) -> (&'n str, &T) {
        match self {
            Scope::Only(listed) => (only, listed),
            Scope::AllBut(listed) => (all_but, listed),
        }
    }

    /// The same element with something else in its list.
    pub fn map<U>(&self, change: impl FnOnce(&T) -> U) -> Scope<U> {
        match self {
            Scope::Only(listed) => Scope::Only(change(listed)),
            Scope::AllBut(listed) => Scope::AllBut(change(listed)),
        }
    }
}

impl PrincipalLists {
    /// The lists under AWS's names for them, the empty ones too.
    pub fn by_kind(&self) -> [(&'static str, &[String]); 4] {
        [
            ("AWS", &self.aws),
            ("Service", &self.service),
            ("Federated", &self.federated),
            ("CanonicalUser", &self.canonical_user),
        ]
    }
}

impl Problem {
    pub(crate) fn new(
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Problem {
            place: place.into(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}; {}", self.place, self.what, self.remedy)
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        formatter.write_str(&problems.join("\n"))
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests;
