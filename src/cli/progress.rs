//! A progress bar on stderr, for people who wait: only on a terminal, and not before half a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// The bar of a run.
pub(super) struct Bar {
    started: Instant,
    terminal: bool,
    bar: OnceLock<ProgressBar>,
}

impl Bar {
    pub(super) fn new() -> Bar {
        Bar {
            started: Instant::now(),
            terminal: std::io::stderr().is_terminal(),
            bar: OnceLock::new(),
        }
    }

    /// Shows that `done` of `all` files are done.
    pub(super) fn show(&self, done: usize, all: usize) {
        if !self.terminal || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let target = ProgressDrawTarget::stderr();
            let bar = ProgressBar::with_draw_target(Some(all as u64), target);
            match ProgressStyle::with_template("{bar:30} {pos}/{len} files") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        bar.set_position(done as u64);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
