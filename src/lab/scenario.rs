//! What can go wrong, as data: each scenario breaks one thing in a set-up that
//! works, and names the code that vaultiam must end with.
//!
//! A scenario changes the state of the world, as a colleague, an outage or a wrong
//! setting does. It holds no answer of any service: what these say, and what
//! vaultiam makes of it, follows from the state alone.

mod binding;
mod credentials;
mod door;
mod reach;
mod safety;
mod secrets;
mod setup;
mod signing;
mod trust;

use crate::diagnose::Code;
use crate::fault::Side;

/// One thing that is broken, and what is said of it.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What was done, in half a sentence.
    pub title: &'static str,
    /// The finding that the run must end with.
    pub code: Code,
    /// Who refused, where the run met somebody who did.
    pub side: Option<Side>,
    /// The exit code of the run.
    pub exit: u8,
    pub breaks: Break,
    pub run: Run,
    pub cure: Cure,
}

/// How the world is broken.
#[derive(Debug, Clone, Copy)]
pub enum Break {
    /// Nothing but the command line of the run is wrong.
    CommandLine,
    /// Lines that a person types as the operator.
    Commands(&'static [&'static str]),
    /// What the environment of the run says wrongly. Variables in the values are
    /// those of the world.
    Settings(&'static [(&'static str, &'static str)]),
    /// A state that services get into by themselves.
    State(State),
    /// The first, then the second.
    Both(&'static Break, &'static Break),
}

/// A state of a service that no command brings about.
#[derive(Debug, Clone, Copy)]
pub enum State {
    /// AWS's clock is so far from this machine's.
    AwsClock { seconds: i64 },
    /// STS throttles the next requests.
    StsThrottled { requests: u32 },
    /// Vault's server does not reach AWS any more.
    VaultWithoutAws,
    /// The keys of Kong's instance were copied into the environment of the run,
    /// and are past their end.
    CopiedKeysEnded,
    /// The instance's answers do not reach one hop further.
    HopLimit,
    /// The metadata service of Kong's instance is switched off.
    MetadataOff,
    /// The organisation denies an action to the whole account.
    ServiceControlPolicy { denies: &'static str },
    /// A role gets a permissions boundary that allows one action only.
    Boundary {
        role: &'static str,
        allows: &'static str,
    },
    /// Vault's server has no instance profile any more, and was restarted since:
    /// until then it goes by the keys that it has.
    VaultWithoutIdentity,
    /// Vault's server was restarted, and asks for its keys anew.
    VaultRestarted,
}

/// Who runs the program, and with which words.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub who: Who,
    /// The words behind `vaultiam`, as they are typed.
    pub words: &'static str,
}

/// On which machine the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Kong's instance: no key, no token, the instance profile.
    Kong,
    /// The same, where an administrator looks on: a token of Vault and a profile
    /// `admin` of AWS are there.
    KongAndAdmin,
    /// The operator's machine: keys of an administrator and Vault's root token.
    Operator,
}

/// What puts it right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// The command of the remedy with this number; then the run comes through.
    Remedy(usize),
    /// The command of the remedy with this number in the place of the run.
    Instead(usize),
    /// What a person has to do or to decide.
    Person(&'static str),
}

impl Cure {
    /// The number of the remedy whose command is run.
    pub fn remedy(self) -> Option<usize> {
        match self {
            Cure::Remedy(number) | Cure::Instead(number) => Some(number),
            Cure::Person(_) => None,
        }
    }
}

impl Run {
    /// A login on Kong's instance.
    const LOGIN: Run = Run {
        who: Who::Kong,
        words: "login --explain",
    };

    /// The same with an administrator's rights to look.
    const LOGIN_SEEN: Run = Run {
        who: Who::KongAndAdmin,
        words: "login --explain --no-store --admin --admin-profile admin",
    };

    /// The secret that Kong reads, with an administrator's rights to look.
    const GET_SEEN: Run = Run {
        who: Who::KongAndAdmin,
        words: "get kv/kong/db-password --explain --admin --admin-profile admin",
    };

    /// Kong's instance with these words.
    const fn kong(words: &'static str) -> Run {
        Run {
            who: Who::Kong,
            words,
        }
    }

    const fn seen(words: &'static str) -> Run {
        Run {
            who: Who::KongAndAdmin,
            words,
        }
    }

    const fn operator(words: &'static str) -> Run {
        Run {
            who: Who::Operator,
            words,
        }
    }
}

impl Break {
    /// Whether services that are not the lab's can be broken like this.
    pub fn needs_the_lab(&self) -> bool {
        match self {
            Break::CommandLine | Break::Commands(_) | Break::Settings(_) => false,
            // Elsewhere Vault asks for its keys anew each time.
            Break::State(State::VaultRestarted) => false,
            Break::State(_) => true,
            Break::Both(first, second) => first.needs_the_lab() || second.needs_the_lab(),
        }
    }
}

/// All scenarios, by what they break.
pub const GROUPS: [(&str, &[Scenario]); 9] = [
    ("credentials", credentials::ALL),
    ("trust", trust::ALL),
    ("setup", setup::ALL),
    ("signing", signing::ALL),
    ("reach", reach::ALL),
    ("door", door::ALL),
    ("binding", binding::ALL),
    ("secrets", secrets::ALL),
    ("safety", safety::ALL),
];

/// All scenarios.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    GROUPS.into_iter().flat_map(|(_, scenarios)| scenarios)
}

/// The scenario of this name.
pub fn find(name: &str) -> Option<&'static Scenario> {
    all().find(|scenario| scenario.name == name)
}
