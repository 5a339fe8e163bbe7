//! AWS and Vault to try vaultiam with: in memory, on this machine only.
//!
//! It plays what the flow uses and is as strict as the real ones there. It takes
//! from the program the rules that both need (`aws::policy`, `aws::identity`,
//! `vault::acl`) and nothing of how the program asks: what the lab answers must
//! not come from what the program expects.

pub mod aws;
pub mod clock;
pub mod server;
