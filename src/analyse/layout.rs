//! The lines around an offset: what a rewrite needs to look as if its author had written it.

use std::ops::Range;

/// The offset where the line that contains `offset` starts.
pub fn line_start(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset];
    before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |newline| newline + 1)
}

/// The offset of the line's end: of its `\n` or `\r\n`, or of the end of the text.
pub fn line_end(text: &str, offset: usize) -> usize {
    let bytes = text.as_bytes();
    let newline = bytes[offset..].iter().position(|&byte| byte == b'\n');
    match newline.map(|at| offset + at) {
        Some(end) if end > offset && bytes[end - 1] == b'\r' => end - 1,
        Some(end) => end,
        None => bytes.len(),
    }
}

/// The offset where the next line starts; the text's length for the last line.
pub fn next_line(text: &str, offset: usize) -> usize {
    let newline = text.as_bytes()[offset..]
        .iter()
        .position(|&byte| byte == b'\n');
    newline.map_or(text.len(), |at| offset + at + 1)
}

/// The bytes that indent the line that contains `offset`, as they are: tabs, spaces or both.
pub fn indent(text: &str, offset: usize) -> &str {
    let start = line_start(text, offset);
    let line = &text[start..];
    let width = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    &line[..width.count()]
}

/// The line break used around `offset`: that of its own line, else of the text's first line, else `\n`.
pub fn newline(text: &str, offset: usize) -> &'static str {
    let bytes = text.as_bytes();
    let own = bytes[offset..].iter().position(|&byte| byte == b'\n');
    let end = match own {
        Some(at) => Some(offset + at),
        None => bytes.iter().position(|&byte| byte == b'\n'),
    };
    match end {
        Some(end) if end > 0 && bytes[end - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// The lines that `range` touches, without the last one's line break.
pub fn lines(text: &str, range: Range<usize>) -> Range<usize> {
    line_start(text, range.start)..line_end(text, range.end)
}

/// Line and column of an offset, both from 1; the column counts bytes, as Go's tools do.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n');
    (line, before.len() - start.map_or(0, |at| at + 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_their_break() {
        let text = "a\r\n\t bc\nd";
        assert_eq!(lines(text, 0..0), 0..1);
        assert_eq!(lines(text, 6..6), 3..7);
        assert_eq!(lines(text, 8..9), 8..9);
        assert_eq!(next_line(text, 0), 3);
        assert_eq!(next_line(text, 8), 9);
    }

    #[test]
    fn indentation_is_the_lines_own_bytes() {
        assert_eq!(indent("a\r\n\t bc\nd", 6), "\t ");
        assert_eq!(indent("a\r\n\t bc\nd", 8), "");
    }

    #[test]
    fn the_line_break_is_that_of_the_line() {
        assert_eq!(newline("a\r\nb\nc", 0), "\r\n");
        assert_eq!(newline("a\r\nb\nc", 3), "\n");
        assert_eq!(newline("a\r\nb\nc", 5), "\r\n");
        assert_eq!(newline("c", 0), "\n");
    }

    #[test]
    fn columns_count_bytes_from_one() {
        assert_eq!(position("é\n x", 0), (1, 1));
        assert_eq!(position("é\n x", 2), (1, 3));
        assert_eq!(position("é\n x", 4), (2, 2));
    }
}
