//! Lengths of time as programs in Go write them.

/// `1h0m0s`
pub(super) fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// The same without what is zero at its end: `1h`.
pub(super) fn short_duration(seconds: u64) -> String {
    let mut text = duration(seconds);
    for (end, keeps) in [("m0s", "m"), ("h0m", "h")] {
        if let Some(start) = text.strip_suffix(end) {
            text = format!("{start}{keeps}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_does() {
        for (seconds, whole, short) in [
            (0, "0s", "0s"),
            (3, "3s", "3s"),
            (60, "1m0s", "1m"),
            (3600, "1h0m0s", "1h"),
            (5400, "1h30m0s", "1h30m"),
            (3610, "1h0m10s", "1h0m10s"),
        ] {
            assert_eq!(
                (&*duration(seconds), &*short_duration(seconds)),
                (whole, short)
            );
        }
    }
}
