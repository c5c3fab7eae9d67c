//! A file's outline: everything but the insides of its functions' bodies.

use super::ast::{Decl, Outline, Span, TypeParam};
use super::layout::{condense, layout};
use super::lower::{Flat, Lower};
use super::parse::parse_text;
use super::repair::{Repaired, repair};
use std::ops::Range;

/// Parses a file's declarations; the bodies of functions are skipped, not parsed. Variables are complete, function
/// literals in them included. Offsets are those of `text`.
pub fn parse_outline(text: &str) -> Outline {
    let broken = || Outline {
        broken: true,
        ..Outline::default()
    };
    if u32::try_from(text.len()).is_err() {
        return broken(); // spans have 32 bits
    }
    let layout = layout(text);
    let condensed = condense(text, &layout);
    let at = |start, end| condensed.positions.span(start, end);
    let mut outline = lower_file(text, &condensed.text, &at).unwrap_or_else(broken);
    outline.broken |= !layout.balanced;
    outline
}

/// Parses `source` and lowers it to what stands at the same places, by `at`, in `text`. None when the parser gave up.
fn lower_file(text: &str, source: &str, at: &impl Fn(usize, usize) -> Span) -> Option<Outline> {
    let tree = parse_text(source)?;
    if !tree.root_node().has_error() {
        return Some(Lower::new(text, &Flat::new(&tree, at), 0).outline(Vec::new()));
    }
    let Repaired {
        text: repaired,
        method_type_params: lists,
    } = repair(source);
    let tree = parse_text(&repaired)?;
    let mut nodes = 0;
    let mut broken = false;
    let mut generic_methods = Vec::new();
    for list in lists {
        let start = at(list.start, list.end).start;
        match parse_type_params(text, source, list, at, &mut nodes) {
            Some(params) => generic_methods.push((start, params)),
            None => broken = true,
        }
    }
    let mut outline = Lower::new(text, &Flat::new(&tree, at), nodes).outline(generic_methods);
    outline.broken |= broken;
    Some(outline)
}

/// Parses a list that a repair took out of a method, as that of a function. None when it has an error.
fn parse_type_params(
    text: &str,
    source: &str,
    list: Range<usize>,
    at: &impl Fn(usize, usize) -> Span,
    nodes: &mut u32,
) -> Option<Vec<TypeParam>> {
    const BEFORE: &str = "package p\nfunc f";
    let snippet = format!("{BEFORE}{}() {{}}\n", &source[list.clone()]);
    let back = |offset: usize| offset.saturating_sub(BEFORE.len()) + list.start;
    let tree = parse_text(&snippet)?;
    let flat = Flat::new(&tree, |start, end| at(back(start), back(end).min(list.end)));
    let outline = Lower::new(text, &flat, *nodes).outline(Vec::new());
    *nodes = outline.nodes;
    match outline.decls.as_slice() {
        [Decl::Func(func)] if !outline.broken => Some(func.type_params.clone()),
        _ => None,
    }
}
