//! Lines as edits need them: an edit stays clean only when it starts or ends a line.

use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::analyse::layout as lines;
use crate::syntax::ast::Span;

/// The white space before `offset` when nothing else stands before it on its line.
pub(super) fn indent(text: &str, offset: u32) -> Result<&str, Declined> {
    let indent = line_indent(text, offset);
    match lines::line_start(text, offset as usize) + indent.len() == offset as usize {
        true => Ok(indent),
        false => Err(Declined::Layout),
    }
}

/// The white space that the line of `offset` starts with.
pub(super) fn line_indent(text: &str, offset: u32) -> &str {
    lines::indent(text, offset as usize)
}

/// The offset of the line break after `offset`.
pub(super) fn line_end(text: &str, offset: u32) -> u32 {
    lines::line_end(text, offset as usize) as u32
}

/// The line after that of `offset`; empty after the last one.
pub(super) fn next_line(text: &str, offset: u32) -> &str {
    line_at(text, lines::next_line(text, offset as usize))
}

/// Adds lines after the line that ends with the `{` before `offset` (a comment may follow it).
pub(super) fn after_brace(text: &str, offset: u32, added: &str) -> Result<Edit, Declined> {
    let end = line_end(text, offset);
    let rest = text[offset as usize..end as usize].trim();
    let comment = rest.starts_with("//")
        || (rest.starts_with("/*") && rest.find("*/") == Some(rest.len() - 2));
    if !(rest.is_empty() || comment) || end as usize >= text.len() {
        return Err(Declined::Layout);
    }
    Ok(Edit {
        span: Span { start: end, end },
        text: format!("\n{added}"),
    })
}

/// Whether replacing these lines by something longer spoils the column that gofmt gives to trailing comments: the
/// statement has one, or the line before it has, and its neighbour too.
pub(super) fn comment_column(text: &str, span: Span) -> bool {
    let start = lines::line_start(text, span.start as usize);
    let before = match start {
        0 => "",
        start => line_at(text, start - 1),
    };
    trailing_comment(line_at(text, start))
        && (trailing_comment(before) || trailing_comment(next_line(text, span.end)))
}

fn line_at(text: &str, offset: usize) -> &str {
    &text[lines::lines(text, offset..offset)]
}

/// Code and then a comment; a `//` inside a string also counts, which only declines more.
fn trailing_comment(line: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with("//")
        && (line.contains(" //") || line.contains("\t//") || line.contains(" /*"))
}

/// The comment between `offset` and the end of its line, empty when there is none; an error when code stands there.
pub(super) fn trailing(text: &str, offset: u32) -> Result<(Span, &str), Declined> {
    let end = line_end(text, offset);
    let rest = text[offset as usize..end as usize].trim();
    match rest.is_empty() || rest.starts_with("//") {
        true => Ok((Span { start: offset, end }, rest)),
        false => Err(Declined::Layout),
    }
}
