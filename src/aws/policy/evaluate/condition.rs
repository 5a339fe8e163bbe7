//! Whether the conditions of a statement are met.
//!
//! Source: "IAM JSON policy elements: Condition operators", "Conditions with
//! multiple context keys or values" and "Single-valued vs. multivalued context
//! keys" in the IAM user guide.

mod operand;
mod time;

use super::Request;
use super::context::Value;
use super::decision::{Condition, Doubt, Unclear};
use super::pattern::{Unresolved, Wildcards, expand};
use super::truth::Truth;
use crate::aws::policy::document::{Conditions, Version};
use crate::aws::policy::operator::{Comparison, Operator, Quantifier};
use operand::compare;

/// One line of a condition block, judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) condition: Condition,
    pub(super) truth: Truth,
    /// Why it is not known.
    pub(super) doubts: Vec<Doubt>,
}

/// Judges each operator and key; all of them have to be met.
pub(super) fn judge(conditions: &Conditions, language: Version, request: &Request) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (operator, keys) in conditions {
        for (key, wanted) in keys {
            let line = Line {
                key,
                wanted,
                language,
                request,
            };
            let has = request.value(key);
            let mut doubts = Vec::new();
            let truth = match Operator::parse(operator) {
                Some(operator) => line.judge(operator, &has, &mut doubts),
                None => unclear(Unclear::Operator, &mut doubts),
            };
            judged.push(Judged {
                condition: Condition {
                    operator: operator.clone(),
                    key: key.clone(),
                    wanted: wanted.clone(),
                    has,
                },
                truth,
                doubts,
            });
        }
    }
    judged
}

struct Line<'a> {
    key: &'a str,
    wanted: &'a [String],
    language: Version,
    request: &'a Request,
}

impl Line<'_> {
    fn judge(&self, operator: Operator, has: &Value, doubts: &mut Vec<Doubt>) -> Truth {
        if operator.comparison == Comparison::Null {
            return self.judge_null(operator, has, doubts);
        }
        match has {
            Value::Unknown => {
                doubts.push(Doubt::Key(self.key.to_owned()));
                Truth::Unknown
            }
            Value::Absent => absent(operator, doubts),
            // "Multivalued context keys require a condition set operator": what
            // happens without is not written.
            Value::Values(values)
                if operator.quantifier.is_none()
                    && (values.len() > 1 || takes_several(self.key)) =>
            {
                unclear(Unclear::SeveralValues, doubts)
            }
            Value::Values(values) => {
                let each = values
                    .iter()
                    .map(|value| self.judge_value(operator.comparison, value, doubts));
                match operator.quantifier {
                    Some(Quantifier::AnyValue) => Truth::any(each),
                    Some(Quantifier::AllValues) | None => Truth::all(each),
                }
            }
        }
    }

    /// One value of the request against all of the policy: one of them has to
    /// match, and of a negated operator none may.
    fn judge_value(&self, comparison: Comparison, value: &str, doubts: &mut Vec<Doubt>) -> Truth {
        let each: Vec<Truth> = self
            .wanted
            .iter()
            .map(|wanted| self.judge_pair(comparison, wanted, value, doubts))
            .collect();
        let matches = Truth::any(each);
        if is_negated(comparison) {
            matches.negate()
        } else {
            matches
        }
    }

    fn judge_pair(
        &self,
        comparison: Comparison,
        wanted: &str,
        value: &str,
        doubts: &mut Vec<Doubt>,
    ) -> Truth {
        // "You can use a policy variable for Condition values in any condition
        // that involves the string operators or the ARN operators"; of the
        // others, the page on operators adds the Boolean one.
        let language = if takes_variables(comparison) {
            self.language
        } else {
            Version::Old
        };
        match expand(wanted, wildcards(comparison), language, self.request) {
            Ok(pattern) => match compare(comparison, &pattern, value) {
                Ok(is_match) => is_match.into(),
                Err(reason) => unclear(reason, doubts),
            },
            Err(Unresolved::Unknown(key)) => {
                doubts.push(Doubt::Key(key));
                Truth::Unknown
            }
            // "Any attempt to match it fails": then a negated operator would
            // hold, unless the whole statement falls away.
            Err(Unresolved::NoValue) if is_negated(comparison) => {
                unclear(Unclear::Variable, doubts)
            }
            Err(Unresolved::NoValue) => Truth::False,
        }
    }

    /// `Null`: `true` wants the key to be absent, `false` to be there.
    fn judge_null(&self, operator: Operator, has: &Value, doubts: &mut Vec<Doubt>) -> Truth {
        if operator.quantifier.is_some() {
            return unclear(Unclear::NullOfSet, doubts);
        }
        let is_absent = match has {
            Value::Absent => true,
            Value::Values(_) => false,
            Value::Unknown => {
                doubts.push(Doubt::Key(self.key.to_owned()));
                return Truth::Unknown;
            }
        };
        let each = self.wanted.iter().map(|wanted| {
            match (
                wanted.eq_ignore_ascii_case("true"),
                wanted.eq_ignore_ascii_case("false"),
            ) {
                (true, _) => is_absent.into(),
                (_, true) => (!is_absent).into(),
                _ => unclear(Unclear::Operand, doubts),
            }
        });
        Truth::any(each)
    }
}

/// "If the key that you specify in a policy condition is not present in the
/// request context, the values do not match and the condition is false"; with a
/// negated operator it is true.
fn absent(operator: Operator, doubts: &mut Vec<Doubt>) -> Truth {
    match operator.quantifier {
        // "… also returns true if there are no context keys in the request."
        Some(Quantifier::AllValues) => Truth::True,
        // The user guide says that `IfExists` makes it true, those who tried it
        // say that it does not.
        Some(Quantifier::AnyValue) if operator.if_exists => {
            unclear(Unclear::AnyValueIfExists, doubts)
        }
        // "For no matching context key or if the key does not exist, the
        // condition returns false."
        Some(Quantifier::AnyValue) => Truth::False,
        None => (operator.if_exists || is_negated(operator.comparison)).into(),
    }
}

fn unclear(reason: Unclear, doubts: &mut Vec<Doubt>) -> Truth {
    doubts.push(Doubt::Reading(reason));
    Truth::Unknown
}

fn is_negated(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::StringNotEquals
            | Comparison::StringNotEqualsIgnoreCase
            | Comparison::StringNotLike
            | Comparison::NumericNotEquals
            | Comparison::DateNotEquals
            | Comparison::NotIpAddress
            | Comparison::ArnNotEquals
            | Comparison::ArnNotLike
    )
}

/// The keys of type "Multivalued" that an AssumeRole request can have.
///
/// Source: "AWS global condition context keys", and the keys of type
/// `ArrayOfString` in STS's service authorization reference.
const SEVERAL: [&str; 7] = [
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "sts:RequestContextProviders",
    "sts:TransitiveTagKeys",
];

fn takes_several(key: &str) -> bool {
    SEVERAL
        .iter()
        .any(|several| several.eq_ignore_ascii_case(key))
}

fn takes_variables(comparison: Comparison) -> bool {
    matches!(
        comparison,
        Comparison::StringEquals
            | Comparison::StringNotEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringNotEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::StringNotLike
            | Comparison::ArnEquals
            | Comparison::ArnNotEquals
            | Comparison::ArnLike
            | Comparison::ArnNotLike
            | Comparison::Bool
    )
}

/// "ArnEquals and ArnLike … behave identically", so both take wildcards.
fn wildcards(comparison: Comparison) -> Wildcards {
    match comparison {
        Comparison::StringLike
        | Comparison::StringNotLike
        | Comparison::ArnEquals
        | Comparison::ArnNotEquals
        | Comparison::ArnLike
        | Comparison::ArnNotLike => Wildcards::Active,
        _ => Wildcards::Literal,
    }
}
