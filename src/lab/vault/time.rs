//! Lengths of time as programs in Go write them.

/// `1h0m10s`, and without what is zero at its end: `1h`.
pub(super) fn short_duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest}s"),
        (hours, 0, 0) => format!("{hours}h"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, rest) => format!("{minutes}m{rest}s"),
        (hours, minutes, 0) => format!("{hours}h{minutes}m"),
        (hours, minutes, rest) => format!("{hours}h{minutes}m{rest}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_does() {
        let lengths = [0, 3, 60, 62, 3600, 5400, 3610];
        let written = ["0s", "3s", "1m", "1m2s", "1h", "1h30m", "1h0m10s"];
        assert_eq!(lengths.map(short_duration), written);
    }
}
