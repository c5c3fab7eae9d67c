//! Whether someone waits for the goroutine before the signal comes: a function that cancels when it returns, and before
//! that waits for the goroutine, would never return.

use super::home::Unit;
use super::nodes::{self, Node};
use super::started::Start;
use crate::analyse::declined::Declined;
use crate::syntax::ast::*;
use crate::types::Checker;

/// An error when the goroutine belongs to a group that is waited for.
pub(super) fn nobody(
    types: &Checker<'_>,
    unit: Unit<'_>,
    starts: &[Start],
) -> Result<(), Declined> {
    let grouped = starts.iter().any(|start| {
        let path = nodes::path(&start.home.body.body, start.site);
        // A `go` statement stands for itself; a group's call is the site.
        !matches!(
            path.last(),
            Some(Node::Stmt(Stmt {
                kind: StmtKind::Go(_),
                ..
            }))
        )
    });
    let mut says_done = false;
    nodes::each_own(unit.block, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Defer(call),
            ..
        }) = node
        {
            let name = types.callee_name(unit.home.callee(call.unparen()));
            says_done |= name.as_deref() == Some("(*sync.WaitGroup).Done");
        }
    });
    match grouped || says_done {
        true => Err(Declined::WaitedFor),
        false => Ok(()),
    }
}
