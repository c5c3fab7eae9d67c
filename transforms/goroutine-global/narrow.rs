//! The variable becomes a local one of the only function that uses it: each call then has its own, which goes when it
//! is done. A reviewer has to agree, as calls no longer add to what earlier ones left.

use super::growth::{Growth, Kind};
use super::runs::Run;
use super::uses::Uses;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Fix};
use crate::analyse::layout;
use crate::analyse::references::exported;
use crate::analyse::transform::Subject;
use crate::index::BodyRef;
use crate::syntax::ast::*;

pub(super) fn fix(
    subject: &Subject<'_>,
    growth: &Growth<'_>,
    uses: &Uses,
    run: &Run,
) -> Result<Fix, Declined> {
    let one_function = uses.all.iter().all(|one| one.body == subject.body_ref);
    // A loop without end fills a local variable just as well.
    if growth.kind != Kind::Slice || !one_function || exported(&growth.variable.name) || run.in_loop
    {
        return Err(Declined::GrowsForEver);
    }
    if uses.all.first().is_some_and(|first| first.reads) {
        return Err(Declined::KeptAcrossCalls);
    }
    if !uses.all.iter().any(|one| one.reads) {
        // Nobody would miss it: a local one would only hide that.
        return Err(Declined::GrowsForEver);
    }
    let (BodyRef::Func(func), true) = (subject.body_ref, is_plain(subject, growth)) else {
        return Err(Declined::GrowsForEver);
    };
    edits(subject, growth, func).ok_or(Declined::Layout)
}

/// Whether it is declared alone, by its type, and empty at first.
fn is_plain(subject: &Subject<'_>, growth: &Growth<'_>) -> bool {
    let package = subject.world.package(growth.variable.package);
    package.is_some_and(|package| {
        let declared = package.vars.get(growth.variable.index as usize);
        declared.is_some_and(|var| var.decl.names.len() == 1 && var.decl.values.is_empty())
    })
}

/// Takes the declaration away and makes the same one the function's first statement. None when a comment stands by it,
/// or when it is part of a group.
fn edits(subject: &Subject<'_>, growth: &Growth<'_>, func: crate::index::FuncRef) -> Option<Fix> {
    let world = subject.world;
    let package = world.package(growth.variable.package)?;
    let declared = package.vars.get(growth.variable.index as usize)?;
    let spec = &declared.decl;
    let decl = package.funcs.get(func.index as usize)?;
    let file = growth.declared.file;
    let text = world.text(file);
    if spec.names.len() != 1
        || decl.file != declared.file
        || func.package != growth.variable.package
    {
        return None;
    }
    let (start, end) = (spec.span.start as usize, spec.span.end as usize);
    let line = layout::line_start(&text, start)..layout::line_end(&text, end);
    if &text[line.start..start] != "var " || !text[end..line.end].trim().is_empty() {
        return None;
    }
    let before = text[..line.start].trim_end_matches([' ', '\t', '\r', '\n']);
    let comment = text[layout::line_start(&text, before.len())..before.len()].trim_start();
    let joined = text[before.len()..line.start].matches('\n').count() < 2;
    if joined && (comment.starts_with("//") || comment.ends_with("*/")) {
        return None;
    }
    let local = &text[line.start..end];
    let body = decl.decl.body?;
    let open = body.start as usize + 1;
    if !text[open..layout::line_end(&text, open)].trim().is_empty() {
        return None;
    }
    // The empty line that parted it from what comes next goes with it.
    let rest = &text[line.end..];
    let newline = layout::newline(&text, line.start);
    let blank = format!("{newline}{newline}");
    let gone = match rest.starts_with(&blank) {
        true => line.end + blank.len(),
        false => line.end + newline.len().min(rest.len()),
    };
    Some(Fix {
        applicability: Applicability::Unsafe,
        title: format!("make {} a variable of the function", growth.variable.name),
        edits: vec![
            (
                file,
                Edit {
                    span: Span::new(line.start, gone),
                    text: String::new(),
                },
            ),
            (
                subject.file,
                Edit {
                    span: Span::new(open, open),
                    text: format!("{newline}\t{local}"),
                },
            ),
        ],
        imports: Vec::new(),
    })
}
