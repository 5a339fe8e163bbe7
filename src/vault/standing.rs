//! How a server stands, where it says so instead of doing what it was asked.
//!
//! Source: observed on Vault 1.21; the words of clusters are those that users of
//! Vault quote in public.

/// What keeps a server from doing anything for anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Sealed,
    /// A standby that knows of no active node.
    WithoutActive,
    /// A standby that did not get a request through to the active node.
    NotPassedOn,
    /// A standby that was to write for a request, which the active node alone may.
    BehindActive,
}

impl Standing {
    /// Reads an answer with an error of the server.
    pub fn read(status: u16, words: &str) -> Option<Self> {
        if status < 500 {
            return None;
        }
        let has = |marks: &[&str]| marks.iter().any(|mark| words.contains(mark));
        if status == 503 && has(&["sealed"]) {
            Some(Standing::Sealed)
        } else if has(&[
            "active cluster node not found",
            "no active Vault instance",
            "node is not active",
            "Vault is in standby mode",
        ]) {
            Some(Standing::WithoutActive)
        } else if has(&["error during forwarding RPC request"]) {
            Some(Standing::NotPassedOn)
        } else if has(&["cannot write to readonly storage"]) {
            Some(Standing::BehindActive)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_server_stands_is_read_from_its_words() {
        let cases = [
            (503, "Vault is sealed", Some(Standing::Sealed)),
            (
                500,
                "local node not active but active cluster node not found",
                Some(Standing::WithoutActive),
            ),
            (503, "node is not active", Some(Standing::WithoutActive)),
            (
                500,
                "Vault is in standby mode",
                Some(Standing::WithoutActive),
            ),
            (
                500,
                "error during forwarding RPC request",
                Some(Standing::NotPassedOn),
            ),
            (
                500,
                "error performing token check: failed to persist lease entry: cannot write to readonly storage",
                Some(Standing::BehindActive),
            ),
            (500, "internal error", None),
            (400, "node is not active", None),
        ];
        for (status, words, expected) in cases {
            assert_eq!(Standing::read(status, words), expected, "{words}");
        }
    }
}
