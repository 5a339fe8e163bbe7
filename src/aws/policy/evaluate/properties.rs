//! What holds for every decision, tried on generated ones.

use fastrand::Rng;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::aws::policy::document::{
    Conditions, Effect, PrincipalLists, Principals, Scope, Statement, Version,
};
use crate::aws::policy::normalise;
use crate::aws::policy::properties::vary;

/// A case to decide: the parts are drawn from few words, so that they meet.
#[derive(Debug, Clone)]
struct Case {
    request: Request,
    policies: Policies,
}

impl Case {
    fn decide(&self) -> Decision {
        evaluate(&self.request, &self.policies)
    }

    /// All policies of all layers.
    fn documents(&mut self) -> Vec<&mut Document> {
        let Policies {
            trust,
            identity,
            boundary,
            session,
            service_control,
            resource_control,
            endpoint,
        } = &mut self.policies;
        let mut documents = Vec::new();
        for sight in [trust, identity, boundary, session, endpoint] {
            if let Sight::Seen(policies) | Sight::Partly(policies) = sight {
                documents.extend(policies.iter_mut().map(|policy| &mut policy.document));
            }
        }
        for sight in [service_control, resource_control] {
            if let Sight::Seen(levels) | Sight::Partly(levels) = sight {
                let policies = levels.iter_mut().flat_map(|level| &mut level.policies);
                documents.extend(policies.map(|policy| &mut policy.document));
            }
        }
        documents
    }

    /// The same case with one layer not seen.
    fn without(&self, layer: Layer) -> Case {
        let mut case = self.clone();
        let policies = &mut case.policies;
        match layer {
            Layer::Trust => policies.trust = Sight::NotSeen,
            Layer::Identity => policies.identity = Sight::NotSeen,
            Layer::Boundary => policies.boundary = Sight::NotSeen,
            Layer::Session => policies.session = Sight::NotSeen,
            Layer::ServiceControl => policies.service_control = Sight::NotSeen,
            Layer::ResourceControl => policies.resource_control = Sight::NotSeen,
            Layer::Endpoint => policies.endpoint = Sight::NotSeen,
        }
        case
    }
}

const LAYERS: [Layer; 7] = [
    Layer::Trust,
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
    Layer::ServiceControl,
    Layer::ResourceControl,
    Layer::Endpoint,
];

const CALLERS: [&str; 8] = [
    "arn:aws:iam::123456789012:user/a",
    "arn:aws:sts::123456789012:assumed-role/A/s",
    "arn:aws:iam::123456789012:role/A",
    "arn:aws:iam::111122223333:user/a",
    "arn:aws:sts::111122223333:assumed-role/A/s",
    "arn:aws:iam::123456789012:root",
    "arn:aws:sts::123456789012:federated-user/f",
    "ec2.amazonaws.com",
];

const KEYS: [&str; 4] = [
    "aws:SourceIp",
    "sts:ExternalId",
    "aws:PrincipalTag/A",
    "aws:MultiFactorAuthPresent",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_verdict_has_its_reasons(case in case()) {
        let decision = case.decide();
        let (is_denied, is_undecided) = (
            decision.verdict == Verdict::Denied,
            decision.verdict == Verdict::Undecided,
        );
        prop_assert_eq!(!decision.refusals.is_empty(), is_denied);
        prop_assert_eq!(!decision.missing.is_empty(), is_undecided);
    }

    #[test]
    fn another_deny_never_allows(case in case(), seed: u64) {
        let before = case.decide().verdict;
        let mut more = case.clone();
        let mut rng = Rng::with_seed(seed);
        if let Some(document) = rng.choice(more.documents()) {
            let mut added = rng.choice(document.statements.clone()).expect("each has statements");
            added.effect = Effect::Deny;
            if rng.bool() {
                added.condition.clear();
            }
            document.statements.push(added);
        }
        let after = more.decide().verdict;
        prop_assert!(rank(after) <= rank(before), "{:?} after {:?}", after, before);
    }

    #[test]
    fn order_does_not_matter(case in case(), seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let mut other = case.clone();
        for document in other.documents() {
            rng.shuffle(&mut document.statements);
            for statement in &mut document.statements {
                shuffle(statement, &mut rng);
            }
        }
        prop_assert_eq!(case.decide().verdict, other.decide().verdict);
    }

    #[test]
    fn a_document_and_its_normal_form_decide_the_same(case in case()) {
        let mut normal = case.clone();
        for document in normal.documents() {
            *document = normalise(document);
        }
        prop_assert_eq!(case.decide().verdict, normal.decide().verdict);
    }

    #[test]
    fn every_way_of_writing_a_document_decides_the_same(case in case(), seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let mut other = case.clone();
        for document in other.documents() {
            *document = Document::parse(&vary::rewrite(document, &mut rng)).expect("it is one");
        }
        prop_assert_eq!(case.decide().verdict, other.decide().verdict);
    }

    #[test]
    fn what_was_not_seen_never_decides(case in case()) {
        let seen = case.decide().verdict;
        for layer in LAYERS {
            let unseen = case.without(layer).decide();
            prop_assert!(
                unseen.verdict == Verdict::Undecided || unseen.verdict == seen,
                "{:?}: {:?} after {:?}", layer, unseen.verdict, seen
            );
            // Of a user there are no session policies, of a service there is
            // nothing but the trust policy; any other layer could deny.
            if matches!(case.request.caller.kind, CallerKind::Role { .. }) {
                prop_assert!(unseen.verdict != Verdict::Allowed);
            }
        }
        let nothing = evaluate(&case.request, &Policies::default());
        prop_assert!(nothing.verdict != Verdict::Allowed);
    }

    #[test]
    fn a_key_that_is_not_known_decides_only_what_all_its_values_do(case in case(), key in 0..KEYS.len()) {
        let key = KEYS[key];
        let mut unknown = case.clone();
        unknown.request.context = unknown.request.context.unknown(key);
        let verdict = unknown.decide().verdict;
        let values = [
            Value::Absent,
            Value::one("true"),
            Value::one("5"),
            Value::one("a*"),
            Value::one("10.0.0.1"),
        ];
        for value in values {
            let mut known = case.clone();
            let context = known.request.context;
            known.request.context = match value {
                Value::Values(values) => context.with_all(key, values),
                _ => context.without(key),
            };
            let decided = known.decide().verdict;
            prop_assert!(
                verdict == Verdict::Undecided || decided == Verdict::Undecided || verdict == decided,
                "{:?} unknown, {:?} known", verdict, decided
            );
        }
    }
}

/// Adding a deny goes down, never up.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Denied => 0,
        Verdict::Undecided => 1,
        Verdict::Allowed => 2,
    }
}

fn shuffle(statement: &mut Statement, rng: &mut Rng) {
    statement.action = shuffled(&statement.action, rng);
    statement.resource = statement
        .resource
        .as_ref()
        .map(|resource| shuffled(resource, rng));
    for values in statement
        .condition
        .values_mut()
        .flat_map(|keys| keys.values_mut())
    {
        rng.shuffle(values);
    }
}

fn shuffled(scope: &Scope<Vec<String>>, rng: &mut Rng) -> Scope<Vec<String>> {
    scope.map(|listed| {
        let mut listed = listed.clone();
        rng.shuffle(&mut listed);
        listed
    })
}

/// A word of the list, one or two times.
fn words(known: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(known).prop_map(str::to_owned), 1..3)
}

/// Mostly what is listed, sometimes all but that.
fn scope<T: Clone + std::fmt::Debug>(
    listed: impl Strategy<Value = T>,
) -> impl Strategy<Value = Scope<T>> {
    (listed, 0..10).prop_map(|(listed, drawn)| match drawn {
        0 => Scope::AllBut(listed),
        _ => Scope::Only(listed),
    })
}

fn conditions() -> impl Strategy<Value = Conditions> {
    const OPERATORS: &[&str] = &[
        "StringEquals",
        "StringNotEquals",
        "StringLikeIfExists",
        "Bool",
        "NumericLessThan",
        "ForAnyValue:StringLike",
        "ForAllValues:StringEquals",
        "NotIpAddress",
        "Null",
    ];
    let values = words(&[
        "true",
        "false",
        "5",
        "a*",
        "${aws:PrincipalTag/A}",
        "10.0.0.0/8",
    ]);
    let line = (select(OPERATORS), select(KEYS.as_slice()), values);
    vec(line, 0..2).prop_map(|lines| {
        let mut conditions = Conditions::new();
        for (operator, key, values) in lines {
            let keys = conditions.entry(operator.to_owned()).or_default();
            keys.insert(key.to_owned(), values);
        }
        conditions
    })
}

fn principals() -> impl Strategy<Value = Principals> {
    const AWS: &[&str] = &[
        "*",
        "123456789012",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::123456789012:user/a",
        "arn:aws:iam::123456789012:role/A",
        "arn:aws:sts::123456789012:assumed-role/A/s",
        "AROA1",
    ];
    let lists = words(AWS).prop_map(|aws| {
        Principals::Listed(PrincipalLists {
            aws,
            service: vec!["ec2.amazonaws.com".to_owned()],
            ..PrincipalLists::default()
        })
    });
    prop_oneof![1 => Just(Principals::Everyone), 4 => lists]
}

fn statement() -> impl Strategy<Value = Statement> {
    let effect = prop_oneof![12 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let resources = words(&[
        "*",
        "*",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:s3:::a",
    ]);
    let actions = words(&["sts:AssumeRole", "sts:*", "*", "*", "iam:Get*"]);
    let principal = scope(principals());
    (
        effect,
        principal,
        scope(actions),
        scope(resources),
        conditions(),
    )
        .prop_map(
            |(effect, principal, action, resource, condition)| Statement {
                sid: None,
                effect,
                principal: Some(principal),
                action,
                resource: Some(resource),
                condition,
            },
        )
}

/// With principals in every document: where none belong, they are not looked at.
fn shared_policy() -> impl Strategy<Value = Policy> + Clone {
    let version = select(vec![None, Some(Version::Current)]);
    let document = (version, vec(statement(), 1..4)).prop_map(|(version, statements)| Document {
        version,
        id: None,
        statements,
    });
    let policy = document.prop_map(|document| Policy {
        name: "policy".to_owned(),
        document,
    });
    policy.boxed()
}

fn sight<T: std::fmt::Debug + Clone>(
    one: impl Strategy<Value = T> + Clone,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Sight<T>> {
    prop_oneof![
        12 => vec(one.clone(), count).prop_map(Sight::Seen),
        1 => vec(one, 0..3).prop_map(Sight::Partly),
        1 => Just(Sight::NotSeen),
    ]
}

fn level() -> impl Strategy<Value = Level> + Clone {
    vec(shared_policy(), 1..3).prop_map(|policies| Level {
        name: "level".to_owned(),
        policies,
    })
}

fn policies() -> impl Strategy<Value = Policies> {
    (
        sight(shared_policy(), 1..3),
        sight(shared_policy(), 1..3),
        sight(shared_policy(), 0..2),
        sight(shared_policy(), 0..2),
        sight(level(), 0..2),
        sight(level(), 0..2),
        sight(shared_policy(), 0..2),
    )
        .prop_map(
            |(trust, identity, boundary, session, service_control, resource_control, endpoint)| {
                Policies {
                    trust,
                    identity,
                    boundary,
                    session,
                    service_control,
                    resource_control,
                    endpoint,
                }
            },
        )
}

fn request() -> impl Strategy<Value = Request> {
    let values = select(vec![Some("true"), Some("5"), Some("a*"), Some("A*"), None]);
    (
        select(CALLERS.to_vec()),
        select(vec!["sts:AssumeRole", "sts:TagSession", "iam:GetRole"]),
        vec(values, KEYS.len()),
        any::<bool>(),
    )
        .prop_map(|(caller, action, values, is_closed)| {
            let mut context = if is_closed {
                Context::closed()
            } else {
                Context::open()
            };
            for (key, value) in KEYS.iter().zip(values) {
                context = match value {
                    Some(value) => context.with(key, value),
                    None => context.without(key),
                };
            }
            let caller = Caller::parse(caller, None).unwrap_or_else(|| Caller {
                kind: CallerKind::Service {
                    principal: caller.to_owned(),
                },
                unique_id: None,
            });
            Request {
                caller,
                action: action.to_owned(),
                resource: "arn:aws:iam::123456789012:role/A".to_owned(),
                context,
            }
        })
}

fn case() -> impl Strategy<Value = Case> {
    (request(), policies()).prop_map(|(request, policies)| Case { request, policies })
}

/// The generated cases are worth deciding: each verdict is among them, and each
/// reason.
#[test]
fn the_cases_reach_every_verdict() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut allowed, mut denied, mut undecided) = (0, 0, 0);
    for _ in 0..3000 {
        let case = case().new_tree(&mut runner).expect("it draws").current();
        match case.decide().verdict {
            Verdict::Allowed => allowed += 1,
            Verdict::Denied => denied += 1,
            Verdict::Undecided => undecided += 1,
        }
    }
    assert!(
        allowed >= 100 && denied >= 500 && undecided >= 300,
        "{allowed} allowed, {denied} denied, {undecided} undecided"
    );
}
