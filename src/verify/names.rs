//! Names by tokens alone: what the new text declares is used and new. Go refuses
//! to compile these, so a transform that breaks them is wrong whatever the types are.

use crate::syntax::ast::Span;
use crate::syntax::lexer::{Lexer, Token};
use std::collections::BTreeSet;

/// What is wrong with the names that `:=` declares.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Declared, and not seen again before the function ends.
    pub(super) unused: usize,
    /// `:=` whose names are all declared in its block already.
    pub(super) again: usize,
}

/// A function that is being read: names that still wait for a use, and one set of names for each open block.
#[derive(Default)]
struct Function<'t> {
    waiting: Vec<&'t str>,
    blocks: Vec<BTreeSet<&'t str>>,
}

impl Names {
    pub(super) fn of(text: &str) -> Names {
        let tokens: Vec<(Token, Span)> = Lexer::new(text)
            .filter(|(token, _)| *token != Token::Comment)
            .collect();
        let word = |at: usize| tokens.get(at).map_or("", |(_, span)| &text[span.range()]);
        let mut names = Names::default();
        let mut function = Function::default();
        let mut at = 0;
        let mut starts = true;
        while at < tokens.len() {
            let (token, _) = tokens[at];
            if starts && let Some((declared, after)) = definition(text, &tokens, at) {
                let scope = function.blocks.last_mut();
                if let Some(scope) = scope {
                    let fresh = declared.iter().filter(|name| scope.insert(name)).count();
                    names.again += usize::from(fresh == 0 && !declared.is_empty());
                    function.waiting.extend(&declared);
                }
                at = after;
                starts = false;
                continue;
            }
            match (token, word(at)) {
                (Token::Open, "{") => function.blocks.push(BTreeSet::new()),
                (Token::Close, "}") => {
                    function.blocks.pop();
                    if function.blocks.is_empty() {
                        names.unused += function.waiting.len();
                        function.waiting.clear();
                    }
                }
                (Token::Word, used) => {
                    let selected = at > 0 && word(at - 1) == ".";
                    if !selected {
                        function.waiting.retain(|name| *name != used);
                    }
                }
                _ => {}
            }
            // `case x := <-ch:` and the headers of `if`, `for` and `switch` declare in a block of their own.
            starts = matches!(word(at), "{" | ";") || token == Token::Newline;
            at += 1;
        }
        names
    }
}

/// `a, b :=` at token `at`: the names but `_`, and the index after `:=`.
fn definition<'t>(
    text: &'t str,
    tokens: &[(Token, Span)],
    at: usize,
) -> Option<(Vec<&'t str>, usize)> {
    let word = |at: usize| tokens.get(at).map(|(_, span)| &text[span.range()]);
    let mut declared = Vec::new();
    let mut at = at;
    loop {
        let (Token::Word, _) = tokens.get(at)? else {
            return None;
        };
        declared.extend(word(at).filter(|name| *name != "_"));
        match (word(at + 1)?, word(at + 2)?) {
            (",", _) => at += 2,
            (":", "=") => return Some((declared, at + 3)),
            _ => return None,
        }
    }
}
