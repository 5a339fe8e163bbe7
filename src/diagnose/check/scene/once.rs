//! A look that is made once. As data it is what was seen, if anybody looked.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::sync::OnceCell;

#[derive(Debug, Clone)]
pub(super) struct Once<T>(OnceCell<T>);

impl<T> Once<T> {
    pub(super) fn of(seen: Option<T>) -> Self {
        Once(OnceCell::new_with(seen))
    }

    pub(super) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// What was seen; whoever comes first looks.
    pub(super) async fn get_or_init<F>(&self, look: impl FnOnce() -> F) -> &T
    where
        F: Future<Output = T>,
    {
        // Looks wait for others; boxed, the compiler need not see through them all.
        Box::pin(self.0.get_or_init(look)).await
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Once::of(None)
    }
}

impl<T: Serialize> Serialize for Once<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Once<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Once::of)
    }
}
