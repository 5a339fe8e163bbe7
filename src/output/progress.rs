//! A sign of life on a terminal while nothing else is printed.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner with the name of what is being waited for.
#[derive(Clone)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

/// Whether there may be a spinner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressMode {
    Spinner,
    None,
}

impl Progress {
    /// Starts the spinner, if there may be one. It draws on stderr, and only on
    /// a terminal.
    pub fn start(mode: ProgressMode, message: &str) -> Self {
        if mode == ProgressMode::None {
            return Progress { bar: None };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.set_message(message.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar: Some(bar) }
    }

    /// From now on counts the changes that are made, of `total`.
    pub fn count(&self, total: usize) {
        let Some(bar) = &self.bar else { return };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.reset();
        bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
        bar.enable_steady_tick(Duration::from_millis(100));
    }

    /// One change more is made.
    pub fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Says what is done now.
    pub fn step(&self, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(message.to_owned());
        }
    }

    /// Lets something be printed where the spinner may be.
    pub fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Removes the spinner.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
