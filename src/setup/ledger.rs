//! What of a plan is done, so that whatever ends a run can say so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::plan::{Change, Resource};

/// The changes of a run and how far each is. Clones share it: the one who is
/// told of a signal reads what the one who writes has noted.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<Vec<(Resource, State)>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    UnderWay,
    Done,
    NotDone,
    Unknown,
}

/// The names of the resources, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: Vec<String>,
    pub not_done: Vec<String>,
    pub unknown: Vec<String>,
}

impl Ledger {
    /// Enters all changes as pending.
    pub fn open(&self, changes: &[Change]) {
        *self.entries() = changes
            .iter()
            .map(|change| (change.resource.clone(), State::Pending))
            .collect();
    }

    /// A change is being made: from now on it is unknown what became of it.
    pub fn begin(&self, resource: &Resource) {
        self.set(resource, State::UnderWay);
    }

    /// The change was made.
    pub fn done(&self, resource: &Resource) {
        self.set(resource, State::Done);
    }

    /// The change was refused.
    pub fn not_done(&self, resource: &Resource) {
        self.set(resource, State::NotDone);
    }

    /// The change was sent, and nobody knows whether it arrived.
    pub fn unknown(&self, resource: &Resource) {
        self.set(resource, State::Unknown);
    }

    /// What became of everything.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (resource, state) in self.entries().iter() {
            let list = match state {
                State::Done => &mut tally.done,
                State::Pending | State::NotDone => &mut tally.not_done,
                State::UnderWay | State::Unknown => &mut tally.unknown,
            };
            list.push(resource.name());
        }
        tally
    }

    fn set(&self, resource: &Resource, state: State) {
        for (entry, held) in self.entries().iter_mut() {
            if entry == resource {
                *held = state;
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<(Resource, State)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::plan::Verb;

    #[test]
    fn what_was_begun_and_not_ended_is_unknown() {
        let policy = |name: &str| Resource::Policy {
            namespace: None,
            name: name.to_owned(),
        };
        let changes: Vec<Change> = ["a", "b", "c", "d", "e"]
            .map(|name| Change {
                verb: Verb::Create,
                resource: policy(name),
                why: String::new(),
                fields: Vec::new(),
            })
            .into();
        let ledger = Ledger::default();
        ledger.open(&changes);
        for name in ["a", "b", "c", "d"] {
            ledger.begin(&policy(name));
        }
        ledger.done(&policy("a"));
        ledger.not_done(&policy("b"));
        ledger.unknown(&policy("c"));
        let name = |name: &str| format!("vault:sys/policies/acl/{name}");
        assert_eq!(
            ledger.clone().tally(),
            Tally {
                done: vec![name("a")],
                not_done: vec![name("b"), name("e")],
                unknown: vec![name("c"), name("d")],
            }
        );
    }
}
