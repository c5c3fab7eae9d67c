//! Which `range` in a text may be over a channel or a ticker: told by its line, before anything is parsed.

use crate::analyse::layout;
use crate::analyse::transform::Setup;
use crate::syntax::ast::Span;
use crate::syntax::lexer::is_word_byte;

/// The literal that needs a second look.
pub(super) const RANGE: &str = "range ";

/// Whether a literal at `at` may be of a loop that [`super::candidates`] offers. In doubt it may.
pub(super) fn may_be_candidate(_: &Setup, text: &str, at: Span) -> bool {
    if &text[at.range()] != RANGE {
        return true;
    }
    let (start, end) = (at.start as usize, at.end as usize);
    let before = &text[layout::line_start(text, start)..start];
    let after = &text[end..layout::line_end(text, end)];
    !before.ends_with(is_word) && !has_two_variables(before) && may_be_channel(text, after)
}

/// A range over a channel has one variable at most (Go spec "For statements with range clause").
fn has_two_variables(before: &str) -> bool {
    let before = before.trim_end();
    let Some(variables) = before.strip_suffix(":=").or(before.strip_suffix('=')) else {
        return false;
    };
    let rest = variables.trim_end();
    let others = rest.trim_end_matches(is_word);
    others.len() < rest.len() && others.trim_end().ends_with(',')
}

/// What is ranged over, with the rest of its line.
fn may_be_channel(text: &str, after: &str) -> bool {
    let Some(subject) = after.trim_end().strip_suffix('{') else {
        return true;
    };
    let subject = subject.trim();
    if subject.starts_with('(') {
        return true;
    }
    match subject.as_bytes() {
        [b'0'..=b'9', ..] | [.., b']' | b'}' | b'"' | b'`'] => false,
        [.., b')'] => subject.contains("Tick("),
        name if name.iter().copied().all(is_word_byte) => text.contains("chan"),
        _ => true,
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be(line: &str) -> bool {
        let text = format!("var c chan int\n\t{line}\n\t}}\n");
        let at = text.find(RANGE).expect("a range");
        may_be_candidate(&Setup::default(), &text, Span::new(at, at + RANGE.len()))
    }

    #[test]
    fn what_may_be_a_channel_is_kept() {
        for line in [
            "for range c {",
            "for x := range c {",
            "for x = range t.C {",
            "for f(a, b).x = range c {",
            "for range time.Tick(d) {",
            "for x := range (c) {",
            "for x := range c { // all",
            "for x := range f().c {",
            "for range c { use(1) }",
            "for x := range makeChan(",
        ] {
            assert!(may_be(line), "{line}");
        }
    }

    #[test]
    fn what_is_no_channel_is_left_out() {
        for line in [
            "for i, x := range c {",
            "for _, x = range t.list {",
            "for x := range names() {",
            "for x := range m[k] {",
            "for x := range []int{1} {",
            "for i := range 10 {",
            "arrange c {",
        ] {
            assert!(!may_be(line), "{line}");
        }
    }

    #[test]
    fn a_name_needs_a_channel_in_its_file() {
        let text = "\tfor x := range names {\n";
        let at = Span::new(
            text.find(RANGE).expect("a range"),
            text.find("names").expect("a name"),
        );
        assert!(!may_be_candidate(&Setup::default(), text, at));
    }
}
