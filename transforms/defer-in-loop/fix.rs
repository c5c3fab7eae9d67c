//! The rewrite: no `defer`, and the release before each way out of the iteration, last acquired first.

use super::exits::{Exits, exits};
use super::outlive::{kept, names};
use super::turn::{Deferred, Turn};
use super::wrap;
use crate::analyse::cfg::Cfg;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Fix};
use crate::analyse::layout;
use crate::syntax::ast::*;
use crate::types::Object;

/// Ways out that get a release at most. Our choice: with more, a function of its own for the body reads better, and
/// that is for a person to write.
const MOST_EXITS: usize = 4;

/// The fix, or why there is none: releases before the ways out, or the iteration in a function literal.
pub(super) fn fix(
    turn: &Turn<'_, '_>,
    cfg: &Cfg<'_>,
    applicability: Applicability,
) -> Result<Fix, Declined> {
    if turn.others {
        return Err(Declined::ConditionalDefer);
    }
    let explicit = by_hand(turn, cfg, applicability);
    match explicit {
        Err(reason @ (Declined::Unwinds | Declined::ManyExits)) => {
            wrap::fix(turn, applicability).ok_or(reason)
        }
        other => other,
    }
}

fn by_hand(
    turn: &Turn<'_, '_>,
    cfg: &Cfg<'_>,
    applicability: Applicability,
) -> Result<Fix, Declined> {
    let block = the_block(turn)?;
    let mut edits = Vec::new();
    let mut lines: Vec<(usize, Vec<String>)> = Vec::new();
    for deferred in &turn.releases {
        let (_, at) = turn.block_of(deferred.stmt).ok_or(Declined::Layout)?;
        let ways = exits(turn, cfg, block, at).ok_or(Declined::Layout)?;
        if ways.unwinds || turn.recovers() {
            return Err(Declined::Unwinds);
        }
        if ways.jumps.len() + usize::from(ways.end) > MOST_EXITS {
            return Err(Declined::ManyExits);
        }
        if ways.jumps.is_empty() && !ways.end {
            return Err(Declined::Layout);
        }
        let last = at + 1 == block.stmts.len();
        if last && ways.end {
            edits.push(undefer(turn, deferred)?);
            continue;
        }
        edits.push(remove(turn, deferred.stmt)?);
        for (offset, line) in releases(turn, deferred, block, &ways)? {
            match lines.iter_mut().find(|(known, _)| *known == offset) {
                // What was acquired later is released first.
                Some((_, lines)) => lines.insert(0, line),
                None => lines.push((offset, vec![line])),
            }
        }
    }
    for (offset, lines) in lines {
        edits.push(Edit {
            span: Span::new(offset, offset),
            text: lines.concat(),
        });
    }
    let file = turn.subject.file;
    let names: Vec<&str> = turn.releases.iter().map(|one| one.text).collect();
    Ok(Fix {
        applicability,
        title: format!("{} at the end of each iteration", names.join(", ")),
        edits: edits.into_iter().map(|edit| (file, edit)).collect(),
        imports: Vec::new(),
    })
}

/// The one block that all of it happens in, with the variables declared there or further in.
fn the_block<'a>(turn: &Turn<'a, '_>) -> Result<&'a Block, Declined> {
    let block = |deferred: &Deferred<'a>| turn.block_of(deferred.stmt).map(|(block, _)| block);
    let first = block(&turn.releases[0]).ok_or(Declined::Layout)?;
    for deferred in &turn.releases {
        let same = block(deferred).is_some_and(|block| std::ptr::eq(block, first));
        let local = &turn.tree.info.locals[deferred.local.0 as usize];
        // Visible after the block: it may be used there.
        if !same || local.visible.end > first.span.end {
            return Err(Declined::ConditionalDefer);
        }
    }
    Ok(first)
}

/// The lines to insert, each with its offset.
fn releases(
    turn: &Turn<'_, '_>,
    deferred: &Deferred<'_>,
    block: &Block,
    ways: &Exits<'_>,
) -> Result<Vec<(usize, String)>, Declined> {
    let holders = kept(turn, deferred).ok_or(Declined::OutlivesIteration)?;
    let mut lines = Vec::new();
    for jump in &ways.jumps {
        if let StmtKind::Return(values) = &jump.kind
            && values.iter().any(|x| names(turn, x, &holders))
        {
            return Err(Declined::UsedAtExit);
        }
        let start = jump.span.start as usize;
        let line = layout::line_start(turn.text, start);
        if !turn.text[line..start].trim().is_empty() {
            return Err(Declined::Layout);
        }
        means_it(turn, deferred, start)?;
        let newline = layout::newline(turn.text, start);
        lines.push((
            line,
            format!("{}{}{newline}", &turn.text[line..start], deferred.text),
        ));
    }
    if ways.end {
        let last = block.stmts.last().ok_or(Declined::Layout)?;
        let end = last.span.end as usize;
        // gofmt outdents a label: what stands under it has the block's indentation.
        let start = unlabelled(last).span.start as usize;
        let close = layout::line_end(turn.text, end);
        let begins = layout::line_start(turn.text, start);
        let alone = turn.text[begins..start].trim().is_empty();
        if !alone || close >= block.span.end as usize {
            return Err(Declined::Layout);
        }
        means_it(turn, deferred, end)?;
        let newline = layout::newline(turn.text, end);
        // At the start of the next line, so that releases before the closing brace and at a jump there stay in order.
        let indent = &turn.text[begins..start];
        lines.push((
            layout::next_line(turn.text, close),
            format!("{indent}{}{newline}", deferred.text),
        ));
    }
    Ok(lines)
}

fn unlabelled(stmt: &Stmt) -> &Stmt {
    match &stmt.kind {
        StmtKind::Labeled(_, inner) => unlabelled(inner),
        _ => stmt,
    }
}

/// The variable's name must mean the variable where the release goes.
fn means_it(turn: &Turn<'_, '_>, deferred: &Deferred<'_>, offset: usize) -> Result<(), Declined> {
    let subject = turn.subject;
    let found = subject
        .types
        .name_at(&subject.body, offset as u32, deferred.name);
    match found == Some(Object::Local(deferred.local)) {
        true => Ok(()),
        false => Err(Declined::NameTaken),
    }
}

/// `defer x.Close()` as the last statement: the call itself.
fn undefer(turn: &Turn<'_, '_>, deferred: &Deferred<'_>) -> Result<Edit, Declined> {
    let _ = whole_lines(turn, deferred.stmt)?;
    Ok(Edit {
        span: deferred.stmt.span,
        text: deferred.text.to_owned(),
    })
}

/// Without the statement's lines, and without the blank line that would double.
fn remove(turn: &Turn<'_, '_>, stmt: &Stmt) -> Result<Edit, Declined> {
    let (start, mut end) = whole_lines(turn, stmt)?;
    let text = turn.text;
    let before = text[..start].trim_end_matches(['\r', '\n']);
    let blank_before = text[before.len()..start].matches('\n').count() > 1;
    let next = layout::next_line(text, end);
    let blank_after = text[end..next].trim().is_empty() && next > end;
    if blank_after && (blank_before || before.ends_with('{')) {
        end = next;
    }
    Ok(Edit {
        span: Span::new(start, end),
        text: String::new(),
    })
}

/// The lines of a statement that has them for itself: no comment on them or right above.
fn whole_lines(turn: &Turn<'_, '_>, stmt: &Stmt) -> Result<(usize, usize), Declined> {
    let text = turn.text;
    let (start, end) = (stmt.span.start as usize, stmt.span.end as usize);
    let (first, after) = (
        layout::line_start(text, start),
        layout::next_line(text, end),
    );
    let alone = text[first..start].trim().is_empty() && text[end..after].trim().is_empty();
    let above = text[..first].trim_end_matches(['\r', '\n']);
    let above = above[layout::line_start(above, above.len())..].trim_start();
    match alone && !above.starts_with("//") && !above.ends_with("*/") {
        true => Ok((first, after)),
        false => Err(Declined::Layout),
    }
}
