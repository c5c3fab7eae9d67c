//! What a file says before its declarations: build constraint, package clause, whether it imports "C".
//! Reads tokens, so that a comment or string that looks like a clause means nothing.

use super::build_tags::Constraint;

/// The head of a Go file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// `//go:build`, or else the `// +build` lines; file-name and cgo conditions are not in it.
    pub(super) constraint: Option<Constraint>,
    /// A `//go:build` line that does not parse: the go command refuses such a file.
    pub(super) bad_constraint: bool,
    /// The package clause's name; none when it is missing.
    pub(super) package: Option<String>,
    /// It imports "C".
    pub(super) imports_c: bool,
}

/// Reads a file's head. None when `text` ended before the head did and `whole` says that there is more.
pub(super) fn scan(text: &[u8], whole: bool) -> Option<Header> {
    let mut scanner = Scanner {
        text,
        pos: if text.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        },
    };
    let mut header = Header::default();
    let mut plus = PlusBuild::default();
    let mut go_build = None;
    let ended = Header::default();
    // Comments up to the package clause.
    loop {
        let line_start = scanner.at_line_start();
        let token = scanner.next();
        if !whole && scanner.pos >= text.len() {
            // The token may go on after the part that was read.
            return None;
        }
        match token {
            Token::Comment(comment) => {
                if let Some(rest) = comment
                    .strip_prefix("//go:build")
                    .filter(|r| r.starts_with([' ', '\t']))
                {
                    if line_start && go_build.is_none() {
                        go_build = Some(Constraint::parse(rest));
                    }
                } else if let Some(rest) = comment.strip_prefix("//").map(str::trim_start) {
                    match rest.strip_prefix("+build") {
                        Some(rest) if line_start && rest.starts_with([' ', '\t']) => plus.add(rest),
                        _ => {}
                    }
                }
            }
            Token::BlankLine => plus.blank_line(),
            Token::Newline => {}
            Token::Word("package") => break,
            // Not a Go file: it has no package.
            _ => return Some(ended),
        }
    }
    match go_build {
        Some(parsed) => {
            header.bad_constraint = parsed.is_none();
            header.constraint = parsed;
        }
        None => header.constraint = plus.settled,
    }
    let name = loop {
        let token = scanner.next();
        if !whole && scanner.pos >= text.len() {
            return None;
        }
        match token {
            Token::Word(name) => break name,
            Token::Comment(_) | Token::Newline | Token::BlankLine => {}
            _ => return Some(ended),
        }
    };
    header.package = Some(name.to_string());
    // Imports: everything up to the first keyword that is not `import`.
    loop {
        let token = scanner.next();
        if !whole && scanner.pos >= text.len() {
            return None;
        }
        match token {
            Token::Str("C") => header.imports_c = true,
            Token::Word("func" | "type" | "var" | "const") => return Some(header),
            Token::End => return Some(header),
            _ => {}
        }
    }
}

/// `// +build` lines count only when a blank line follows them before the package clause.
#[derive(Default)]
struct PlusBuild {
    pending: Option<Constraint>,
    settled: Option<Constraint>,
}

impl PlusBuild {
    fn add(&mut self, rest: &str) {
        if let Some(constraint) = Constraint::parse_plus_build(rest) {
            self.pending = Some(match self.pending.take() {
                Some(earlier) => earlier.and(constraint),
                None => constraint,
            });
        }
    }
    fn blank_line(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.settled = Some(match self.settled.take() {
                Some(earlier) => earlier.and(pending),
                None => pending,
            });
        }
    }
}

enum Token<'a> {
    Comment(&'a str),
    Newline,
    BlankLine,
    Word(&'a str),
    Str(&'a str),
    Other,
    End,
}

struct Scanner<'a> {
    text: &'a [u8],
    pos: usize,
}

impl<'a> Scanner<'a> {
    fn at_line_start(&self) -> bool {
        let before = &self.text[..self.pos];
        let line = before
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |i| i + 1);
        before[line..]
            .iter()
            .all(|b| b.is_ascii_whitespace() || *b >= 0x80)
    }

    fn str(&self, from: usize, to: usize) -> &'a str {
        std::str::from_utf8(&self.text[from..to]).unwrap_or("")
    }

    fn next(&mut self) -> Token<'a> {
        while self.pos < self.text.len() && matches!(self.text[self.pos], b' ' | b'\t' | b'\r') {
            self.pos += 1;
        }
        let start = self.pos;
        let rest = &self.text[start..];
        let Some(&first) = rest.first() else {
            return Token::End;
        };
        let until = |needle: &[u8], skip: usize| {
            rest[skip..]
                .windows(needle.len())
                .position(|w| w == needle)
                .map(|i| i + skip + needle.len())
        };
        match first {
            b'\n' => {
                self.pos += 1;
                let next = self.text[self.pos..]
                    .iter()
                    .find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
                if next == Some(&b'\n') {
                    Token::BlankLine
                } else {
                    Token::Newline
                }
            }
            b'/' if rest.starts_with(b"//") => {
                let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                self.pos += len;
                Token::Comment(self.str(start, start + len).trim_end())
            }
            b'/' if rest.starts_with(b"/*") => {
                self.pos += until(b"*/", 2).unwrap_or(rest.len());
                Token::Comment("")
            }
            b'"' | b'`' => {
                let Some(len) = until(&[first], 1) else {
                    self.pos = self.text.len();
                    return Token::End;
                };
                self.pos += len;
                Token::Str(self.str(start + 1, self.pos - 1))
            }
            _ if first.is_ascii_alphabetic() || first == b'_' || first >= 0x80 => {
                let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
                let len = rest.iter().position(|b| !word(b)).unwrap_or(rest.len());
                self.pos += len;
                Token::Word(self.str(start, self.pos))
            }
            _ => {
                self.pos += 1;
                Token::Other
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Header {
        scan(text.as_bytes(), true).expect("a whole file has a head")
    }
    fn tag(name: &str) -> Option<Constraint> {
        Some(Constraint::Tag(name.into()))
    }

    #[test]
    fn constraint_and_clause() {
        let h = head(
            "// Copyright\n\n//go:build linux\n\n// Package x.\npackage x // comment\nimport \"os\"\n",
        );
        assert_eq!(
            (h.constraint, h.package.as_deref(), h.imports_c),
            (tag("linux"), Some("x"), false)
        );
    }

    #[test]
    fn go_build_wins_over_plus_build() {
        assert_eq!(
            head("//go:build linux\n// +build windows\n\npackage x\n").constraint,
            tag("linux")
        );
        assert_eq!(
            head("// +build windows\n\npackage x\n").constraint,
            tag("windows")
        );
        assert_eq!(
            head("// +build windows\npackage x\n").constraint,
            None,
            "no blank line: a plain comment"
        );
    }

    #[test]
    fn constraints_in_block_comments_or_after_the_clause_mean_nothing() {
        assert_eq!(
            head("/*\n//go:build windows\n*/\npackage x\n").constraint,
            None
        );
        assert_eq!(head("package x\n//go:build windows\n").constraint, None);
    }

    #[test]
    fn only_an_import_of_c_is_cgo() {
        assert!(head("package x\n/* #include <a.h> */\nimport \"C\"\n").imports_c);
        assert!(head("package x\nimport (\n\t\"os\"\n\t\"C\"\n)\nfunc f() {}").imports_c);
        assert!(!head("package x\n// import \"C\"\nvar c = \"C\"\n").imports_c);
    }

    #[test]
    fn what_is_not_go_has_no_package() {
        for text in [
            "",
            "{",
            "package",
            "package 1",
            "func f() {}",
            "\u{0}\u{0}",
            "/* never closed",
        ] {
            assert_eq!(head(text).package, None, "{text:?}");
        }
        assert!(head("//go:build (\npackage x\n").bad_constraint);
        assert_eq!(head("\u{feff}package x\r\n").package.as_deref(), Some("x"));
    }

    #[test]
    fn a_prefix_is_enough_only_when_the_head_ends_in_it() {
        assert_eq!(scan(b"package x\nimport \"os\"\n", false), None);
        let text = b"// why\n\n/* x */ package xy\nimport \"C\"\nvar v";
        let whole = scan(text, true);
        for end in 0..text.len() {
            let part = scan(&text[..end], false);
            assert!(part.is_none() || part == whole, "cut at {end}: {part:?}");
        }
        assert!(scan(b"package x\nimport \"os\"\nvar v", false).is_some());
    }
}
