//! Comments by which people say that a finding is meant to be: `//unleak:ignore[ id] reason` and golangci-lint's
//! `//nolint:unleak`, on the finding's line or on the line above.

use super::layout;
use crate::syntax::ast::Span;
use crate::syntax::lexer::{Lexer, Token};

/// A comment that suppresses findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment.
    pub span: Span,
    /// The line that it speaks of: its own, or the next one when it stands alone.
    line: usize,
    /// The rule it names; none for all.
    pub rule: Option<String>,
}

/// What every suppression contains; a text without these has none.
const MARKS: [&str; 2] = ["//unleak:ignore", "//nolint:"];

/// Whether a text may have suppressions.
pub fn may_concern(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// The suppressions in a text, in order. `rules` are the ids that the first word after `ignore` may be.
pub fn suppressions(text: &str, rules: &[&str]) -> Vec<Suppression> {
    if !may_concern(text) {
        return Vec::new();
    }
    let comments = Lexer::new(text).filter(|(token, _)| *token == Token::Comment);
    let found = comments.filter_map(|(_, span)| {
        let rule = rule(&text[span.range()], rules)?;
        let start = span.start as usize;
        let before = &text[layout::line_start(text, start)..start];
        let alone = before.trim().is_empty();
        let line = if alone {
            layout::next_line(text, span.end as usize)
        } else {
            start
        };
        Some(Suppression {
            span,
            line: layout::line_start(text, line),
            rule,
        })
    });
    found.collect()
}

/// Which rule a comment suppresses; the outer none when it is no suppression.
fn rule(comment: &str, rules: &[&str]) -> Option<Option<String>> {
    if let Some(rest) = comment.strip_prefix("//unleak:ignore") {
        let ends = rest.is_empty() || rest.starts_with([' ', '\t', '\r']);
        let first = rest.split_whitespace().next();
        let named = first.filter(|word| rules.contains(word)).map(str::to_owned);
        return ends.then_some(named);
    }
    // `//nolint:a,b // reason`; golangci-lint allows no blank before the list.
    let list = comment.strip_prefix("//nolint:")?;
    let list = list
        .split([' ', '\t', '\r', '/'])
        .next()
        .unwrap_or_default();
    list.split(',').any(|name| name == "unleak").then_some(None)
}

impl Suppression {
    /// Whether it speaks of a finding of `rule` that starts at `offset`.
    pub fn covers(&self, text: &str, rule: &str, offset: usize) -> bool {
        self.rule.as_deref().is_none_or(|own| own == rule)
            && layout::line_start(text, offset) == self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &[&str] = &["missing-close"];

    /// Which of the lines have a finding of `rule` suppressed.
    fn suppressed(text: &str, rule: &str) -> Vec<usize> {
        let found = suppressions(text, RULES);
        let mut offset = 0;
        let mut lines = Vec::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if found.iter().any(|one| one.covers(text, rule, offset)) {
                lines.push(number + 1);
            }
            offset += line.len();
        }
        lines
    }

    #[test]
    fn a_comment_covers_its_line_or_the_next() {
        assert_eq!(
            suppressed("x() //unleak:ignore lives on\ny()\n", "missing-close"),
            [1]
        );
        assert_eq!(
            suppressed("\t//unleak:ignore\n\tx()\n\ty()\n", "missing-close"),
            [2]
        );
        assert_eq!(
            suppressed("x() //nolint:errcheck,unleak // why\n", "missing-close"),
            [1]
        );
        assert_eq!(
            suppressed("//nolint:unleak\r\nx()\r\n", "missing-close"),
            [2]
        );
    }

    #[test]
    fn a_rule_narrows_it() {
        let text = "x() //unleak:ignore missing-close kept in a cache\n";
        assert_eq!(suppressed(text, "missing-close"), [1]);
        assert_eq!(suppressed(text, "goroutine-loop"), [0; 0]);
    }

    #[test]
    fn other_comments_suppress_nothing() {
        for text in [
            "x() // unleak:ignore\n",
            "x() //unleak:ignored\n",
            "x() //nolint:errcheck\n",
            "x() //nolint\n",
            "x(\"//unleak:ignore\")\n",
        ] {
            assert_eq!(suppressed(text, "missing-close"), [0; 0], "{text}");
        }
    }
}
