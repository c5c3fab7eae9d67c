//! `unleak rules` and `unleak explain`.

use super::args::unknown_rule;
use crate::transforms;
use std::io::{self, Write};

/// One line a transform.
pub(super) fn rules(out: &mut dyn Write) -> io::Result<()> {
    for transform in transforms::ALL {
        writeln!(out, "{:<18} {}", transform.id, transform.summary)?;
    }
    Ok(())
}

/// The README of a transform; the inner error says that there is none of this name.
pub(super) fn explain(out: &mut dyn Write, id: &str) -> io::Result<Result<(), String>> {
    let Some(transform) = transforms::find(id) else {
        return Ok(Err(unknown_rule(id)));
    };
    out.write_all(transform.readme.as_bytes())?;
    Ok(Ok(()))
}
