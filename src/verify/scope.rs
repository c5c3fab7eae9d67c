//! Names that the new code uses where they are not in scope: the function declares them, but in a block that has ended,
//! has not begun, or is beside. By tokens alone, so that it needs no types and holds for code that does not compile.
//!
//! Where tokens do not tell how far a name reaches, it is taken to reach further: what the function nowhere declares is
//! somebody else's (another file's, the language's), and is left to the go command.

use super::shadow::{begins_line, declares, fresh, parameters};
use crate::analyse::finding::Edit;
use crate::plan::Imported;
use crate::syntax::ast::Span;
use crate::syntax::lexer::{Lexer, Token};
use std::ops::Range;

/// A name that a text declares.
struct Declaration<'t> {
    name: &'t str,
    /// The tokens that see it.
    seen: Range<usize>,
    /// Which function of the file it is in; none at the level of the file.
    function: Option<usize>,
}

/// A text, as its tokens but comments and line ends.
struct Tokens<'t> {
    text: &'t str,
    all: Vec<(Token, Span)>,
}

/// Whether a word that an edit brings in means a name that its function declares, but not for that place.
pub(super) fn leaves(new: &str, edits: &[Edit]) -> bool {
    let tokens = Tokens::of(new);
    let uses = tokens.uses(edits);
    if uses.is_empty() {
        return false;
    }
    let (declarations, functions) = tokens.declarations(&uses);
    let outside = |&&at: &&usize| {
        let name = tokens.word(at);
        let function = functions.iter().rposition(|start| *start <= at);
        let of_name = || declarations.iter().filter(|found| found.name == name);
        let seen = of_name().any(|found| found.seen.contains(&at));
        !seen && of_name().any(|found| found.function.is_some() && found.function == function)
    };
    let mut outside = uses.iter().filter(outside).peekable();
    if outside.peek().is_none() {
        return false;
    }
    let imported = Imported::of(new);
    outside.any(|at| !imported.names.values().any(|name| name == tokens.word(*at)))
}

impl<'t> Tokens<'t> {
    fn of(text: &'t str) -> Tokens<'t> {
        let all = Lexer::new(text)
            .filter(|(token, _)| !matches!(token, Token::Comment | Token::Newline))
            .collect();
        Tokens { text, all }
    }

    fn word(&self, at: usize) -> &'t str {
        self.all
            .get(at)
            .map_or("", |(_, span)| &self.text[span.range()])
    }

    fn before(&self, at: usize) -> &'t str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    /// The words of the edits' texts that may be names of variables.
    fn uses(&self, edits: &[Edit]) -> Vec<usize> {
        let mut uses = Vec::new();
        for range in fresh(edits) {
            let first = self
                .all
                .partition_point(|(_, span)| (span.start as usize) < range.start);
            for at in first..self.all.len() {
                let (token, span) = self.all[at];
                if span.start as usize >= range.end {
                    break;
                }
                let other = matches!(self.before(at), "." | "break" | "continue" | "goto")
                    || self.word(at + 1) == ":" && self.word(at + 2) != "=";
                if token == Token::Word && !other {
                    uses.push(at);
                }
            }
        }
        uses
    }

    /// The declarations of the used names, and where the file's functions begin.
    fn declarations(&self, uses: &[usize]) -> (Vec<Declaration<'t>>, Vec<usize>) {
        let wanted = |name: &str| uses.iter().any(|at| self.word(*at) == name);
        let mut found: Vec<Declaration<'t>> = Vec::new();
        let mut functions = Vec::new();
        // The open brackets, and of each the declarations that end with it.
        let mut open: Vec<Vec<usize>> = Vec::new();
        let whole = self.all.len();
        for at in 0..whole {
            let (token, word) = (self.all[at].0, self.word(at));
            let top = open.is_empty();
            match token {
                Token::Open => open.push(Vec::new()),
                Token::Close => {
                    for ended in open.pop().unwrap_or_default() {
                        found[ended].seen.end = at;
                    }
                }
                _ => {}
            }
            if token != Token::Word {
                continue;
            }
            if top && word == "func" {
                functions.push(at);
            }
            let function = (!top).then(|| functions.len().saturating_sub(1));
            let mut declare = |name: &'t str, seen: Range<usize>, function: Option<usize>| {
                found.push(Declaration {
                    name,
                    seen,
                    function,
                });
                found.len() - 1
            };
            if word == "func" {
                let end = self.statement(at);
                for name in parameters(&self.all, self.text, at) {
                    if wanted(name) {
                        // A type's name looks like a parameter's: it is seen, but nobody says that it is declared.
                        declare(name, at..end, None);
                    }
                }
                if top && wanted(self.word(at + 1)) {
                    declare(self.word(at + 1), 0..whole, None);
                }
            }
            if matches!(word, "var" | "const" | "type") {
                for name in self.listed(at).filter(|name| wanted(name)) {
                    let first = if top { 0 } else { at };
                    let declared = declare(name, first..whole, function);
                    if let Some(block) = open.last_mut() {
                        block.push(declared);
                    }
                }
                continue;
            }
            let declared = declares(&|at| self.word(at), at);
            if !declared.is || self.before(at) == "var" || !wanted(word) || top {
                continue;
            }
            match self.word(declared.first) {
                "if" | "for" | "switch" => {
                    declare(word, at..self.statement(at), function);
                }
                _ => {
                    let declared = declare(word, at..whole, function);
                    if let Some(block) = open.last_mut() {
                        block.push(declared);
                    }
                }
            }
        }
        (found, functions)
    }

    /// The words of a `var`, `const` or `type` at a token: the names of its list, or all that is in its brackets.
    fn listed(&self, at: usize) -> impl Iterator<Item = &'t str> {
        let group = self.word(at + 1) == "(";
        let mut depth = 0;
        let inside = (at + 1..self.all.len()).take_while(move |&at| {
            match self.all[at].0 {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::Word => {}
                _ if !group => return self.word(at) == ",",
                _ => {}
            }
            if group {
                return depth > 0;
            }
            matches!(self.before(at), "var" | "const" | "type" | ",") || self.word(at) == ","
        });
        inside
            .filter(|&at| self.all[at].0 == Token::Word)
            .map(|at| self.word(at))
    }

    /// The end of the statement or function with a body that a token is in the head of: a `}` that closes what opened
    /// after it, with nothing after it that goes on.
    fn statement(&self, at: usize) -> usize {
        let mut depth = 0;
        for at in at..self.all.len() {
            match self.all[at].0 {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                _ => {}
            }
            let next = self.word(at + 1);
            let ends = matches!(next, "" | ";" | "}" | ")" | ",")
                || next != "else" && begins_line(self.text, &self.all, at + 1);
            if depth < 0 || depth == 0 && self.word(at) == "}" && ends {
                return at;
            }
        }
        self.all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "package p\n\nimport \"time\"\n\nvar top = 1\n\nfunc f(x int) (res error) {\n\tvar (\n\t\tgroup int\n\t)\n\tif x > 0 {\n\t\tinner, other := g()\n\t\ttime := inner\n\t\tuse(inner, other, time)\n\t}\n\tif head, err := g(); err != nil {\n\t\tuse(head)\n\t} else {\n\t\tuse(err)\n\t}\n\tfor _, each := range []T{{1}} {\n\t\tuse(each)\n\t}\n\tselect {\n\tcase got := <-c:\n\t\tif got {\n\t\t\tgroup, top, x, res := g()\n\t\t}\n\t\tuse(got)\n\t}\n\tlast := g()\n\treturn last\n}\n\nfunc k() {\n\tinner := g()\n\tuse(inner)\n}\n";

    fn inserted(before: &str, text: &str) -> bool {
        let start = OLD.find(before).expect("a place");
        let edits = [Edit {
            span: Span::new(start, start),
            text: text.into(),
        }];
        let new = crate::plan::apply(OLD, &edits).expect("applies");
        leaves(&new, &edits)
    }

    #[test]
    fn a_name_of_a_block_that_has_ended() {
        assert!(inserted("\treturn last", "\tinner.Close()\n"));
        assert!(inserted("\treturn last", "\tuse(1, other)\n"));
        assert!(inserted(
            "\treturn last",
            "\tdefer func() { inner.Close() }()\n"
        ));
        // That of a head ends with the statement.
        assert!(inserted("\treturn last", "\thead.Close()\n"));
        assert!(inserted("\tselect", "\teach.Close()\n"));
    }

    #[test]
    fn a_name_of_a_block_that_has_not_begun() {
        assert!(inserted("\tif x > 0", "\tinner.Close()\n"));
        assert!(inserted("\tselect", "\tlast.Close()\n"));
    }

    #[test]
    fn a_name_that_the_place_sees() {
        assert!(!inserted("\t\tuse(inner, other", "\t\tinner.Close()\n"));
        assert!(!inserted(
            "\t\tuse(err)",
            "\t\thead.Close()\n\t\tuse(err)\n"
        ));
        assert!(!inserted("\t\tuse(each)", "\t\teach.Close()\n"));
        assert!(!inserted("\t\tuse(got)", "\t\tgot.Close()\n"));
        assert!(!inserted("\treturn last", "\tlast.Close()\n"));
        assert!(!inserted("\treturn last", "\tuse(x, res, group, top)\n"));
    }

    #[test]
    fn a_name_that_is_not_the_block_s() {
        // A field, a key, a label, an import, what the edit declares itself, and what nobody here declares.
        assert!(!inserted("\treturn last", "\tlast.inner()\n"));
        assert!(!inserted("\treturn last", "\tuse(T{inner: 1})\n"));
        assert!(!inserted("\t\tuse(each)", "\t\tbreak inner\n"));
        assert!(!inserted("\treturn last", "\ttime.Sleep(1)\n"));
        assert!(!inserted("\treturn last", "\tinner := g()\n\tuse(inner)\n"));
        assert!(!inserted(
            "\treturn last",
            "\tdefer func(inner error) {\n\t\tuse(inner)\n\t}(nil)\n"
        ));
        assert!(!inserted("\treturn last", "\tunknown.Close()\n"));
    }

    #[test]
    fn a_name_that_the_replaced_code_had() {
        let start = OLD.find("return last").expect("a place");
        let edits = [Edit {
            span: Span::new(start, start + "return last".len()),
            text: "return wrap(last)".into(),
        }];
        let new = crate::plan::apply(OLD, &edits).expect("applies");
        assert!(!leaves(&new, &edits));
    }
}
