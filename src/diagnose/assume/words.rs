//! What a decision names, in words.

use crate::aws::policy::evaluate::{Condition, Doubt, Layer, Missing, Place, Unclear};

/// Where a statement stands: `Statement[1] (AllowKong)`.
pub(super) fn place_words(place: &Place) -> String {
    let sid = place.sid.as_ref().map(|sid| format!(" ({sid})"));
    format!("Statement[{}]{}", place.index, sid.unwrap_or_default())
}

fn condition_words(condition: &Condition) -> String {
    format!(
        "{} {} {}",
        condition.operator,
        condition.key,
        condition.wanted.join(" or ")
    )
}

pub(super) fn missing_words(missing: &[Missing]) -> String {
    let words = missing.iter().map(|missing| match missing {
        Missing::Layer(layer) => format!("policies that were not seen ({})", layer_words(*layer)),
        Missing::Fact(fact) => {
            let condition = fact.condition.as_ref().map(condition_words);
            let condition = condition.map(|words| format!(", {words}"));
            format!(
                "{} in {}{}",
                doubt_words(&fact.doubt),
                place_words(&fact.at),
                condition.unwrap_or_default()
            )
        }
    });
    let words: Vec<String> = words.collect();
    words.join("; ")
}

fn layer_words(layer: Layer) -> &'static str {
    match layer {
        Layer::Trust => "the trust policy",
        Layer::Identity => "the caller's own",
        Layer::Boundary => "the permissions boundary",
        Layer::Session => "the session's",
        Layer::ServiceControl => "service control policies",
        Layer::ResourceControl => "resource control policies",
        Layer::Endpoint => "the VPC endpoint's",
    }
}

fn doubt_words(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Key(key) => format!("the value of {key}"),
        Doubt::SessionName => "the name of the calling session".to_owned(),
        Doubt::UniqueId => "the caller's unique id".to_owned(),
        Doubt::FederatingUser => "who made the federated session".to_owned(),
        Doubt::Boundary => "whether the caller has a permissions boundary".to_owned(),
        Doubt::Reading(unclear) => reading_words(*unclear).to_owned(),
    }
}

fn reading_words(unclear: Unclear) -> &'static str {
    match unclear {
        Unclear::Operator => "an operator that AWS does not have",
        Unclear::Operand => "a value that its operator cannot compare",
        _ => "how AWS reads this",
    }
}
