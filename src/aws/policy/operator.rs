//! The condition operators.
//!
//! Source: "IAM JSON policy elements: Condition operators" and "Multivalued
//! context keys" in the IAM user guide.

use crate::settings::file::closest;

/// The key of a condition block, taken apart: `ForAnyValue:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// For keys with several values; absent for a key with one.
    pub quantifier: Option<Quantifier>,
    pub comparison: Comparison,
    /// `…IfExists`: true when the request does not have the key.
    pub if_exists: bool,
}

/// How the values of the request are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// `ForAllValues:`
    AllValues,
    /// `ForAnyValue:`
    AnyValue,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

/// All of them under AWS's names.
const COMPARISONS: [(&str, Comparison); 27] = [
    ("StringEquals", Comparison::StringEquals),
    ("StringNotEquals", Comparison::StringNotEquals),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase),
    (
        "StringNotEqualsIgnoreCase",
        Comparison::StringNotEqualsIgnoreCase,
    ),
    ("StringLike", Comparison::StringLike),
    ("StringNotLike", Comparison::StringNotLike),
    ("NumericEquals", Comparison::NumericEquals),
    ("NumericNotEquals", Comparison::NumericNotEquals),
    ("NumericLessThan", Comparison::NumericLessThan),
    ("NumericLessThanEquals", Comparison::NumericLessThanEquals),
    ("NumericGreaterThan", Comparison::NumericGreaterThan),
    (
        "NumericGreaterThanEquals",
        Comparison::NumericGreaterThanEquals,
    ),
    ("DateEquals", Comparison::DateEquals),
    ("DateNotEquals", Comparison::DateNotEquals),
    ("DateLessThan", Comparison::DateLessThan),
    ("DateLessThanEquals", Comparison::DateLessThanEquals),
    ("DateGreaterThan", Comparison::DateGreaterThan),
    ("DateGreaterThanEquals", Comparison::DateGreaterThanEquals),
    ("Bool", Comparison::Bool),
    ("BinaryEquals", Comparison::BinaryEquals),
    ("IpAddress", Comparison::IpAddress),
    ("NotIpAddress", Comparison::NotIpAddress),
    ("ArnEquals", Comparison::ArnEquals),
    ("ArnNotEquals", Comparison::ArnNotEquals),
    ("ArnLike", Comparison::ArnLike),
    ("ArnNotLike", Comparison::ArnNotLike),
    ("Null", Comparison::Null),
];

const QUANTIFIERS: [(&str, Quantifier); 2] = [
    ("ForAllValues:", Quantifier::AllValues),
    ("ForAnyValue:", Quantifier::AnyValue),
];

const IF_EXISTS: &str = "IfExists";

impl Operator {
    /// Takes an operator apart, in any case of its letters; `None` when AWS has
    /// no such operator.
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, name, if_exists) = split(name);
        let comparison = COMPARISONS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, comparison)| *comparison)?;
        // "You can add IfExists to the end of any condition operator name
        // except the Null condition."
        if comparison == Comparison::Null && if_exists {
            return None;
        }
        Some(Operator {
            quantifier: quantifier.map(|(_, quantifier)| quantifier),
            comparison,
            if_exists,
        })
    }
}

/// The operator that a mistyped one was probably meant to be.
pub fn closest_operator(name: &str) -> Option<String> {
    let (quantifier, bare, if_exists) = split(name);
    let names = COMPARISONS.map(|(name, _)| name);
    let near = closest(bare, &names)?;
    let quantifier = quantifier.map_or("", |(text, _)| text);
    let suffix = if if_exists && near != "Null" {
        IF_EXISTS
    } else {
        ""
    };
    Some(format!("{quantifier}{near}{suffix}"))
}

/// The quantifier, the name between, and whether `IfExists` ends it.
fn split(name: &str) -> (Option<(&'static str, Quantifier)>, &str, bool) {
    let (quantifier, rest) = QUANTIFIERS
        .into_iter()
        .find_map(|quantifier| Some((Some(quantifier), strip_prefix(name, quantifier.0)?)))
        .unwrap_or((None, name));
    match strip_suffix(rest, IF_EXISTS) {
        Some(bare) => (quantifier, bare, true),
        None => (quantifier, rest, false),
    }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_in_each_of_its_forms() {
        for (name, comparison) in COMPARISONS {
            let plain = Operator {
                quantifier: None,
                comparison,
                if_exists: false,
            };
            assert_eq!(Operator::parse(name), Some(plain), "{name}");
            assert_eq!(Operator::parse(&name.to_uppercase()), Some(plain), "{name}");
            for (text, quantifier) in QUANTIFIERS {
                let expected = Operator {
                    quantifier: Some(quantifier),
                    ..plain
                };
                assert_eq!(Operator::parse(&format!("{text}{name}")), Some(expected));
            }
            let if_exists = Operator {
                if_exists: true,
                ..plain
            };
            let expected = (name != "Null").then_some(if_exists);
            assert_eq!(Operator::parse(&format!("{name}IfExists")), expected);
        }
        let both = Operator::parse("forAnyValue:stringLikeIfExists");
        assert_eq!(
            both,
            Some(Operator {
                quantifier: Some(Quantifier::AnyValue),
                comparison: Comparison::StringLike,
                if_exists: true
            })
        );
    }

    #[test]
    fn what_is_no_operator_and_what_was_meant() {
        let cases = [
            ("StringEqual", Some("StringEquals")),
            (
                "ForAnyValue::StringEquals",
                Some("ForAnyValue:StringEquals"),
            ),
            (
                "ForAllValues:ArnLikesIfExists",
                Some("ForAllValues:ArnLikeIfExists"),
            ),
            ("NullIfExists", Some("Null")),
            ("Boolean", Some("Bool")),
            ("ForAnyValues:StringEquals", None),
            ("IfExists", None),
            ("ü", None),
            ("", None),
        ];
        for (name, near) in cases {
            assert_eq!(Operator::parse(name), None, "{name}");
            if near.is_some() {
                assert_eq!(closest_operator(name).as_deref(), near, "{name}");
            }
        }
    }
}
