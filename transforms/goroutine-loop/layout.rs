//! Lines and indentation: edits stay clean only when they start or end a line.

use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::Span;

/// The white space before `offset` when nothing else stands before it on its line.
pub(super) fn indent(text: &str, offset: u32) -> Result<&str, Declined> {
    let before = before(text, offset);
    match before.chars().all(|c| c == ' ' || c == '\t') {
        true => Ok(before),
        false => Err(Declined::Layout),
    }
}

/// The white space that the line of `offset` starts with.
pub(super) fn line_indent(text: &str, offset: u32) -> &str {
    let before = before(text, offset);
    &before[..before.len() - before.trim_start_matches([' ', '\t']).len()]
}

fn before(text: &str, offset: u32) -> &str {
    let end = offset as usize;
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    &text[start..end]
}

/// The offset of the line break after `offset`.
pub(super) fn line_end(text: &str, offset: u32) -> u32 {
    let rest = &text[offset as usize..];
    let line = rest.split('\n').next().unwrap_or_default();
    offset + line.trim_end_matches('\r').len() as u32
}

/// Adds lines after the line that ends with the `{` before `offset` (a comment may follow it).
pub(super) fn after_brace(text: &str, offset: u32, lines: &str) -> Result<Edit, Declined> {
    let end = line_end(text, offset);
    let rest = text[offset as usize..end as usize].trim();
    let comment = rest.starts_with("//")
        || (rest.starts_with("/*") && rest.find("*/") == Some(rest.len() - 2));
    if !(rest.is_empty() || comment) || end as usize >= text.len() {
        return Err(Declined::Layout);
    }
    Ok(Edit {
        span: Span { start: end, end },
        text: format!("\n{lines}"),
    })
}

/// Whether replacing these lines by something longer spoils the column that gofmt gives to trailing comments: the
/// statement has one, or the line before it has, and its neighbour too.
pub(super) fn comment_column(text: &str, span: Span) -> bool {
    let own = trailing_comment(line_at(text, span.start));
    let before = text[..span.start as usize]
        .rfind('\n')
        .map_or("", |at| line_at(text, at.saturating_sub(1) as u32));
    let end = line_end(text, span.end) as usize;
    let after = text[end..]
        .trim_start_matches('\r')
        .get(1..)
        .map_or("", |rest| rest.split('\n').next().unwrap_or(""));
    own && (trailing_comment(before) || trailing_comment(after))
}

fn line_at(text: &str, offset: u32) -> &str {
    let start = text[..offset as usize].rfind('\n').map_or(0, |at| at + 1);
    text[start..].split('\n').next().unwrap_or_default()
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
