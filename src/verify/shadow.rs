//! Names that the new code declares and that the old code around it then means without having been asked. By tokens
//! alone, so that it needs no types and holds for code that does not compile.

use crate::analyse::finding::Edit;
use crate::syntax::ast::Span;
use crate::syntax::lexer::{Lexer, Token};
use std::collections::BTreeSet;
use std::ops::Range;

/// A block and the names declared in it.
#[derive(Default)]
struct Block<'t> {
    /// By the new code.
    fresh: BTreeSet<&'t str>,
    /// By the old code, the header of the block included.
    own: BTreeSet<&'t str>,
    /// Of those, the names of the header: an `else` sees them too.
    header: BTreeSet<&'t str>,
}

/// Whether a word of the old text, outside the edits, is in the scope of a name that an edit declares and the text it
/// replaces does not have.
pub(super) fn captures(old: &str, new: &str, edits: &[Edit]) -> bool {
    let fresh = fresh(edits);
    let removed: BTreeSet<&str> = edits
        .iter()
        .flat_map(|edit| {
            let removed = &old[edit.span.range()];
            Lexer::new(removed).map(|(_, span)| &removed[span.range()])
        })
        .collect();
    let tokens: Vec<(Token, Span)> = Lexer::new(new)
        .filter(|(token, _)| !matches!(token, Token::Comment | Token::Newline))
        .collect();
    let word = |at: usize| tokens.get(at).map_or("", |(_, span)| &new[span.range()]);
    let is_fresh = |at: usize| {
        let start = tokens[at].1.start as usize;
        fresh.iter().any(|range| range.contains(&start))
    };
    let mut blocks: Vec<Block<'_>> = Vec::new();
    // Names of a header whose block has not begun.
    let mut header: BTreeSet<&str> = BTreeSet::new();
    for at in 0..tokens.len() {
        match (tokens[at].0, word(at)) {
            (Token::Open, "{") => blocks.push(Block {
                own: header.clone(),
                header: std::mem::take(&mut header),
                ..Block::default()
            }),
            (Token::Close, "}") => {
                let closed = blocks.pop().unwrap_or_default();
                if word(at + 1) == "else" {
                    header = closed.header;
                }
            }
            (Token::Word, "func") => header.extend(parameters(&tokens, new, at)),
            (Token::Word, name) => {
                let declared = declares(&word, at);
                let starts = matches!(word(declared.first), "" | "{" | "}" | ";" | "var")
                    || begins_line(new, &tokens, declared.first + 1);
                match blocks.last_mut() {
                    Some(block) if declared.is && starts => {
                        match is_fresh(at) && !removed.contains(name) {
                            true => block.fresh.insert(name),
                            false => block.own.insert(name),
                        };
                    }
                    _ if declared.is => {
                        header.insert(name);
                    }
                    _ => {
                        let selected = at > 0 && word(at - 1) == ".";
                        let named = word(at + 1) == ":" && word(at + 2) != "=";
                        if !selected && !named && !is_fresh(at) && !header.contains(name) {
                            let known = |block: &&Block<'_>| {
                                block.own.contains(name) || block.fresh.contains(name)
                            };
                            let inner = blocks.iter().rev().find(known);
                            if inner.is_some_and(|block| !block.own.contains(name)) {
                                return true;
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    false
}

/// Where the edits' texts are in the new text.
pub(super) fn fresh(edits: &[Edit]) -> Vec<Range<usize>> {
    let mut shift = 0i64;
    let range = |edit: &Edit| {
        let start = (i64::from(edit.span.start) + shift) as usize;
        shift += edit.text.len() as i64 - i64::from(edit.span.end - edit.span.start);
        start..start + edit.text.len()
    };
    edits.iter().map(range).collect()
}

/// A word, as one of a list of names.
pub(super) struct Declared {
    /// `:=` follows the list, or `var` comes before it.
    pub(super) is: bool,
    /// The token before the list.
    pub(super) first: usize,
}

/// Whether the word at token `at` is declared there: `a, at, b :=`, or `var at`.
pub(super) fn declares<'t>(word: &impl Fn(usize) -> &'t str, at: usize) -> Declared {
    let mut first = at;
    while first >= 2 && word(first - 1) == "," {
        first -= 2;
    }
    let before = first.checked_sub(1);
    let mut last = at;
    while word(last + 1) == "," {
        last += 2;
    }
    let defined = word(last + 1) == ":" && word(last + 2) == "=";
    Declared {
        is: defined || before.is_some_and(|before| word(before) == "var"),
        first: before.unwrap_or(usize::MAX - 2),
    }
}

/// Whether a token is the first of its line.
pub(super) fn begins_line(text: &str, tokens: &[(Token, Span)], at: usize) -> bool {
    let (Some((_, before)), Some((_, span))) = (tokens.get(at.wrapping_sub(1)), tokens.get(at))
    else {
        return true;
    };
    text[before.end as usize..span.start as usize].contains('\n')
}

/// The words between the brackets of a function's parameters and results, when its body follows on their line.
pub(super) fn parameters<'t>(tokens: &[(Token, Span)], text: &'t str, func: usize) -> Vec<&'t str> {
    let mut words = Vec::new();
    let mut depth = 0;
    for at in func + 1..tokens.len() {
        let word = &text[tokens[at].1.range()];
        match word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "{" if depth == 0 => return words,
            _ if depth == 0 && begins_line(text, tokens, at) => break,
            _ if depth > 0 && tokens[at].0 == Token::Word => words.push(word),
            _ => {}
        }
        if depth < 0 {
            break;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "package p\n\nfunc f(x int) error {\n\terr := g()\n\tif x > 0 {\n\t\treturn err\n\t}\n\tfor _, y := range h() {\n\t\tuse(y)\n\t}\n\treturn nil\n}\n";

    fn inserted(before: &str, text: &str) -> bool {
        let start = OLD.find(before).expect("a place");
        let edits = [Edit {
            span: Span::new(start, start),
            text: text.into(),
        }];
        let new = crate::plan::apply(OLD, &edits).expect("applies");
        captures(OLD, &new, &edits)
    }

    #[test]
    fn a_name_that_later_old_code_would_mean() {
        assert!(inserted("\t\treturn err", "\t\terr := k()\n\t\tuse(err)\n"));
        assert!(inserted(
            "\t\treturn err",
            "\t\tn, err := k()\n\t\tuse(n, err)\n"
        ));
        assert!(inserted("\terr := g()", "\tg := k()\n\tg.Close()\n"));
        assert!(inserted("\t\tuse(y)", "\t\tvar use func(int)\n"));
    }

    #[test]
    fn a_name_that_no_old_code_would_mean() {
        // Nothing after it says err, the block ends before, or the old code has one of its own.
        assert!(!inserted("\treturn nil", "\terr := k()\n\tuse(err)\n"));
        assert!(!inserted(
            "\tif x > 0",
            "\t{\n\t\terr := k()\n\t\tuse(err)\n\t}\n"
        ));
        assert!(!inserted("\tfor _, y", "\ty := k()\n\tuse(y)\n"));
        assert!(!inserted(
            "\treturn nil",
            "\tif err := k(); err != nil {\n\t\treturn err\n\t}\n"
        ));
        assert!(!inserted(
            "\treturn nil",
            "\tdefer func(err error) {\n\t\tuse(err)\n\t}(nil)\n"
        ));
    }

    #[test]
    fn a_name_that_the_replaced_code_declared() {
        let start = OLD.find("err := g()").expect("a place");
        let edits = [Edit {
            span: Span::new(start, start + "err := g()".len()),
            text: "v, err := g2()\n\tuse(v)".into(),
        }];
        let new = crate::plan::apply(OLD, &edits).expect("applies");
        assert!(!captures(OLD, &new, &edits));
    }

    #[test]
    fn an_else_sees_the_names_of_the_header() {
        let old = "package p\n\nfunc f() {\n\tif v := g(); v > 0 {\n\t\ta()\n\t} else {\n\t\tuse(v)\n\t}\n}\n";
        let start = old.find("\tif v").expect("a place");
        let edits = [Edit {
            span: Span::new(start, start),
            text: "\tv := k()\n\tv.Close()\n".into(),
        }];
        let new = crate::plan::apply(old, &edits).expect("applies");
        assert!(!captures(old, &new, &edits));
    }
}
