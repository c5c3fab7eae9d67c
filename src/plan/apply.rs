//! Edits on a text.

use crate::analyse::finding::Edit;

/// The text with the edits applied; none when one is out of range, splits a character, or overlaps another.
/// Everything outside the edits is copied byte for byte.
pub fn apply<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort();
    let mut new = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if end < start {
            return None;
        }
        text.get(start..end)?;
        new.push_str(text.get(at..start)?);
        new.push_str(&edit.text);
        at = end;
    }
    new.push_str(text.get(at..)?);
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ast::Span;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            text: text.into(),
        }
    }

    #[test]
    fn edits_apply_in_order_of_offset() {
        let edits = [edit(4, 5, "E"), edit(0, 0, ">"), edit(2, 4, "")];
        assert_eq!(apply("abcde", &edits).as_deref(), Some(">abE"));
    }

    #[test]
    fn an_insertion_may_touch_a_replacement() {
        let edits = [edit(1, 3, "X"), edit(1, 1, "<"), edit(3, 3, ">")];
        assert_eq!(apply("abcd", &edits).as_deref(), Some("a<X>d"));
    }

    #[test]
    fn overlap_and_bad_ranges_are_refused() {
        assert_eq!(apply("abcd", &[edit(0, 2, ""), edit(1, 3, "")]), None);
        assert_eq!(apply("abcd", &[edit(3, 5, "")]), None);
        assert_eq!(apply("é", &[edit(1, 2, "")]), None);
        assert_eq!(apply("abcd", &[edit(3, 2, "")]), None);
    }
}
