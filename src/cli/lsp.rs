//! `unleak lsp`.

use super::args::Analysis;
use super::{CLEAN, ERROR, Failure};
use crate::lsp::{self, Asked};
use crate::pipeline;
use lsp_server::Connection;
use std::io::Write;

/// Serves an editor on standard input and output.
pub(super) fn run(err: &mut dyn Write) -> Result<u8, Failure> {
    let (connection, threads) = Connection::stdio();
    let served = lsp::serve(&connection, &|asked: Asked| {
        let mut run = Analysis::of_editor(asked.given)?.options;
        run.unsaved = asked.unsaved;
        run.reach = asked.folders;
        run.unsafe_fixes = asked.unsafe_fixes;
        pipeline::run(&run, &|_, _| {})
    });
    // The threads end when nobody can send any more.
    drop(connection);
    match served {
        Ok(()) => {
            threads.join()?;
            Ok(CLEAN)
        }
        Err(text) => {
            writeln!(err, "unleak: {text}")?;
            Ok(ERROR)
        }
    }
}
