//! The import section as it is laid out: declarations, specs and the comments at them, by tokens.

use crate::analyse::imports::base_name;
use crate::analyse::layout;
use crate::syntax::lexer::{Lexer, Token};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Package clause and import declarations of a file.
#[derive(Debug, Default)]
pub(super) struct ImportSection {
    /// Offset after the package's name.
    package: usize,
    /// Import declarations in order.
    pub(super) decls: Vec<ImportDecl>,
}

/// `import "x"` or `import ( … )`.
#[derive(Debug, Default)]
pub(super) struct ImportDecl {
    /// Offset of `(`.
    pub(super) lparen: Option<usize>,
    /// Offset after `)` or the path.
    pub(super) end: usize,
    /// What it imports.
    pub(super) specs: Vec<Spec>,
}

/// One import.
#[derive(Debug)]
pub(super) struct Spec {
    /// Offset of its name or path.
    pub(super) start: usize,
    /// Offset after its path.
    pub(super) end: usize,
    /// The path, unquoted.
    pub(super) path: String,
    /// It gives a name to qualify with: not `_` and not `.`.
    pub(super) usable: bool,
    /// A comment follows on its line.
    pub(super) commented: bool,
    /// A comment ends on the line above.
    pub(super) documented: bool,
}

impl Spec {
    /// Whether the path is of the standard library: its first element has no dot (goimports' rule).
    pub(super) fn standard(&self) -> bool {
        let first = self.path.split('/').next().unwrap_or_default();
        !first.contains('.') && self.path != "C"
    }
}

impl ImportDecl {
    /// Whether it imports `"C"`.
    pub(super) fn cgo(&self) -> bool {
        self.specs.iter().any(|spec| spec.path == "C")
    }

    /// Whether it is a block with one spec a line.
    pub(super) fn block(&self, text: &str) -> bool {
        let Some(lparen) = self.lparen else {
            return false;
        };
        let line = |offset| layout::line_start(text, offset);
        let mut lines = vec![line(lparen)];
        lines.extend(self.specs.iter().map(|spec| line(spec.start)));
        lines.push(line(self.end - 1));
        lines.windows(2).all(|pair| pair[0] < pair[1]) && lines.len() > 2
    }

    /// Specs on lines that follow each other.
    pub(super) fn sections<'s>(&'s self, text: &str) -> Vec<Vec<&'s Spec>> {
        let mut sections: Vec<Vec<&Spec>> = Vec::new();
        for spec in &self.specs {
            let start = layout::line_start(text, spec.start);
            match sections.last_mut() {
                Some(section)
                    if section
                        .last()
                        .is_some_and(|last| layout::next_line(text, last.end) == start) =>
                {
                    section.push(spec);
                }
                _ => sections.push(vec![spec]),
            }
        }
        sections
    }
}

impl ImportSection {
    /// None without a package clause, or when a `;` puts several clauses on a line.
    pub(super) fn read(text: &str) -> Option<ImportSection> {
        let mut tokens = Lexer::new(text).peekable();
        let mut section = ImportSection::default();
        let mut comment_line = None;
        let mut start = None;
        let mut usable = true;
        let mut decl: Option<ImportDecl> = None;
        while let Some((token, span)) = tokens.next() {
            let word = &text[span.range()];
            match (token, &mut decl) {
                (Token::Newline, _) => {}
                (Token::Comment, _) => {
                    comment_line = Some(layout::next_line(text, span.end as usize));
                    let same_line = |spec: &&mut Spec| {
                        layout::line_start(text, spec.end)
                            == layout::line_start(text, span.start as usize)
                    };
                    let specs = match &mut decl {
                        Some(open) => open.specs.last_mut(),
                        None => section
                            .decls
                            .last_mut()
                            .and_then(|decl| decl.specs.last_mut()),
                    };
                    if let Some(spec) = specs.filter(same_line) {
                        spec.commented = true;
                        comment_line = None;
                    }
                    let paren = decl.as_ref().and_then(|decl| decl.lparen);
                    if paren.is_some_and(|at| layout::line_end(text, at) >= span.start as usize) {
                        comment_line = None;
                    }
                }
                (Token::Word, None) if word == "package" && section.package == 0 => {
                    let (Token::Word, name) = tokens.next()? else {
                        return None;
                    };
                    section.package = name.end as usize;
                }
                (Token::Word, None) if word == "import" && section.package > 0 => {
                    decl = Some(ImportDecl::default());
                    start = None;
                    usable = true;
                }
                (Token::Open, Some(open)) if word == "(" && open.lparen.is_none() => {
                    open.lparen = Some(span.start as usize);
                }
                (Token::Word, Some(_)) | (Token::Other, Some(_))
                    if word == "." || token == Token::Word =>
                {
                    start = Some(span.start as usize);
                    usable = !matches!(word, "_" | ".");
                }
                (Token::Literal, Some(open)) => {
                    let start = start.take().unwrap_or(span.start as usize);
                    open.specs.push(Spec {
                        start,
                        end: span.end as usize,
                        path: word.trim_matches(['"', '`']).to_owned(),
                        usable,
                        commented: false,
                        documented: comment_line == Some(layout::line_start(text, start)),
                    });
                    usable = true;
                    if open.lparen.is_none() {
                        open.end = span.end as usize;
                        section.decls.extend(decl.take());
                    }
                }
                (Token::Close, Some(open)) if word == ")" => {
                    open.end = span.end as usize;
                    section.decls.extend(decl.take());
                }
                (Token::Other, Some(_)) if word == ";" => {}
                (_, None) if section.package > 0 && word != ";" => break,
                _ => return None,
            }
        }
        (section.package > 0 && decl.is_none()).then_some(section)
    }

    /// All imports.
    pub(super) fn specs(&self) -> impl Iterator<Item = &Spec> {
        self.decls.iter().flat_map(|decl| &decl.specs)
    }

    /// End of the line of the last import declaration, or of the package clause.
    pub(super) fn last_line(&self, text: &str) -> usize {
        let end = self.decls.last().map_or(self.package, |decl| decl.end);
        layout::line_end(text, end)
    }
}

/// What qualifies something in the text: `name.`, outside comments and literals, not selected itself.
fn qualifiers(text: &str) -> HashSet<&str> {
    let mut found = HashSet::new();
    let mut tokens = Lexer::new(text).map(|(_, span)| &text[span.range()]);
    let (mut before, mut name) = ("", "");
    for token in tokens.by_ref() {
        if token == "." && before != "." {
            found.insert(name);
        }
        (before, name) = (name, token);
    }
    found
}

/// The imports of a text, and what it qualifies with.
#[derive(Debug, Default)]
pub struct Imported {
    /// Paths, each with its name as far as the path tells it; `_` and `.` for imports so named.
    pub names: BTreeMap<String, String>,
    qualifiers: BTreeSet<String>,
}

impl Imported {
    /// Reads a text's tokens.
    pub fn of(text: &str) -> Imported {
        let section = ImportSection::read(text).unwrap_or_default();
        let specs = section.specs().filter(|spec| spec.path != "C");
        let named = specs.map(|spec| {
            let name = match text[spec.start..spec.end].split_whitespace().next() {
                Some(alias) if !alias.starts_with(['"', '`']) => alias,
                _ => base_name(&spec.path),
            };
            (spec.path.clone(), name.to_owned())
        });
        Imported {
            names: named.collect(),
            qualifiers: qualifiers(text).into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether something in the text seems to use an import of this name. Nobody can say so of `_` and `.`: they are.
    pub fn uses(&self, name: &str) -> bool {
        matches!(name, "_" | ".") || self.qualifiers.contains(name)
    }
}
