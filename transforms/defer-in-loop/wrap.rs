//! The other rewrite: from the first acquisition on, the body becomes a function literal, called in place. The `defer`
//! stays as it is and runs at the end of the iteration, also after a panic.

use super::exits::jumps;
use super::turn::Turn;
use crate::analyse::finding::{Applicability, Edit, Fix};
use crate::analyse::layout;
use crate::syntax::ast::*;

/// None when the rest of the iteration is left by anything but its end and plain `continue`s, which become `return`s, or
/// when its lines cannot be indented further.
pub(super) fn fix(turn: &Turn<'_, '_>, applicability: Applicability) -> Option<Fix> {
    let block = turn.body;
    for deferred in &turn.releases {
        let (own, _) = turn.block_of(deferred.stmt)?;
        if !std::ptr::eq(own, block) {
            return None;
        }
    }
    let acquires = |stmt: &Stmt| {
        let mut acquired = turn.releases.iter().map(|one| one.acquired);
        acquired.any(|id| {
            turn.tree
                .expr_of(id)
                .is_some_and(|x| stmt.span.contains(x.span))
        })
    };
    let first = block.stmts.iter().position(acquires)?;
    let jumps = jumps(&block.stmts[first..])?;
    if !jumps
        .iter()
        .all(|jump| matches!(jump.kind, StmtKind::Continue(None)))
    {
        return None;
    }
    let edits = indented(turn, block, first, &jumps)?;
    let file = turn.subject.file;
    Some(Fix {
        applicability,
        title: "run the iteration in a function literal, at whose end the defer runs".to_owned(),
        edits: edits.into_iter().map(|edit| (file, edit)).collect(),
        imports: Vec::new(),
    })
}

fn indented(
    turn: &Turn<'_, '_>,
    block: &Block,
    first: usize,
    jumps: &[&Stmt],
) -> Option<Vec<Edit>> {
    let text = turn.text;
    let start = block.stmts[first].span.start as usize;
    let from = layout::line_start(text, start);
    let indent = &text[from..start];
    let brace = block.span.end as usize - 1;
    let to = layout::line_start(text, brace);
    let alone = indent.trim().is_empty() && text[to..brace].trim().is_empty();
    // A text of several lines would change with its indentation.
    if !alone || text[from..to].contains(['`']) || text[from..to].contains("/*") {
        return None;
    }
    let insertion = |at: usize, text: String| Edit {
        span: Span::new(at, at),
        text,
    };
    let newline = layout::newline(text, start);
    let mut edits = vec![insertion(to, format!("{indent}}}(){newline}"))];
    let mut opening = format!("{indent}func() {{{newline}");
    let mut at = from;
    while at < to {
        let next = layout::next_line(text, at);
        if !text[at..next].trim().is_empty() {
            edits.push(insertion(at, format!("{}\t", std::mem::take(&mut opening))));
        }
        at = next;
    }
    for jump in jumps {
        edits.push(Edit {
            span: jump.span,
            text: "return".to_owned(),
        });
    }
    Some(edits)
}
