//! vaultiam in a pipeline: how it behaves there, how long it may take, and the
//! jobs of `docs/ci.md`, run as GitHub and GitLab run them.

mod behaviour;
mod github;
mod gitlab;
mod limits;
mod page;
