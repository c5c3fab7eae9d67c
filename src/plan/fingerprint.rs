//! What a finding is called from run to run: the same for as long as its own code stays, wherever in the file that
//! code moves. Baselines, review comments and code-scanning results are matched by it, so it has no line numbers.

use crate::analyse::finding::Location;
use crate::index::FileId;
use crate::syntax::ast::{Decl, Ident, Span};
use crate::syntax::parse_outline;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a finding; written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Of these parts, in their order; a part's end counts, so `("a", "bc")` differs from `("ab", "c")`.
    pub fn of(parts: &[&str]) -> Fingerprint {
        // FNV-1a with 128 bits (Fowler, Noll, Vo; RFC 9923): stable over versions and machines, and nobody gains
        // from a collision that a comment in the code would not give too.
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for part in parts {
            for byte in part.bytes().chain([0]) {
                hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
            }
        }
        Fingerprint(hash)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).map_err(|_| ())?;
        digits.then_some(Fingerprint(number)).ok_or(())
    }
}

/// A finding's key among those of one run.
pub type Key = (Location, &'static str);

/// The fingerprints of all findings of a run (all: equal ones are told apart by their order). `path` is a file's
/// name as it is on every machine, with `/`; `text` its text.
///
/// Made of the rule, the path, the enclosing declaration, the first line of the finding's code with blanks removed, and
/// a number among findings that are equal in all this.
pub fn fingerprints(
    findings: impl IntoIterator<Item = Key>,
    path: &dyn Fn(FileId) -> String,
    text: &dyn Fn(FileId) -> Arc<str>,
) -> BTreeMap<Key, Fingerprint> {
    let mut keys: Vec<Key> = findings.into_iter().collect();
    keys.sort();
    keys.dedup();
    let mut known = BTreeMap::new();
    let mut equal: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    let mut file: Option<(FileId, String, Symbols)> = None;
    for key in keys {
        let (at, rule) = key;
        if file.as_ref().is_none_or(|(id, ..)| *id != at.file) {
            file = Some((at.file, path(at.file), Symbols::of(text(at.file))));
        }
        let Some((_, path, symbols)) = &file else {
            continue;
        };
        let symbol = symbols.around(at.span);
        let code = first_line(&symbols.text, at.span);
        let base = Fingerprint::of(&[rule, path, symbol, &code]);
        let ordinal = equal.entry(base).or_default();
        let parts = [rule, path, symbol, &code, &ordinal.to_string()];
        known.insert(key, Fingerprint::of(&parts));
        *ordinal += 1;
    }
    known
}

/// The first line that the span touches, without blanks: reindenting changes nothing.
fn first_line(text: &str, span: Span) -> String {
    let code = text.get(span.range()).unwrap_or_default();
    let line = code.lines().next().unwrap_or_default();
    line.split_whitespace().collect()
}

/// A file's package-level declarations by place.
pub struct Symbols {
    text: Arc<str>,
    declared: Vec<(Span, String)>,
}

impl Symbols {
    /// The declarations of a text.
    pub fn of(text: Arc<str>) -> Symbols {
        let named = |names: &[Ident]| {
            let names: Vec<&str> = names.iter().map(|ident| ident.name.as_str()).collect();
            names.join(", ")
        };
        let declared = parse_outline(&text)
            .decls
            .into_iter()
            .map(|decl| match decl {
                Decl::Func(func) => {
                    let name = match &func.receiver {
                        Some(receiver) => format!("{}.{}", receiver.base.name, func.name.name),
                        None => func.name.name.to_string(),
                    };
                    (func.span, name)
                }
                Decl::Type(decl) => (decl.span, decl.name.name.to_string()),
                Decl::Var(spec) => (spec.span, named(&spec.names)),
                Decl::Const(spec) => (spec.source.span, named(&spec.names)),
            });
        let declared = declared.collect();
        Symbols { text, declared }
    }

    /// The declaration that contains the span: `f`, `T.m`, `a, b`; empty when there is none.
    pub fn around(&self, span: Span) -> &str {
        let around = self.declared.iter().find(|(at, _)| at.contains(span));
        around.map_or("", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "package p\n\nfunc (s *T) f() {\n\tx := open(1)\n\tx = open(1)\n\ty := open(2)\n}\n";

    /// The fingerprints of all `open(…)` of a text.
    fn of(text: &str, path: &str) -> Vec<Fingerprint> {
        let starts = text.match_indices("open");
        let keys = starts.map(|(start, _)| {
            let span = Span::new(start, start + "open(1)".len());
            (
                Location {
                    file: FileId(0),
                    span,
                },
                "rule",
            )
        });
        let of = fingerprints(keys, &|_| path.into(), &|_| text.into());
        of.into_values().collect()
    }

    #[test]
    fn lines_above_and_blanks_do_not_matter() {
        let moved = TEXT.replace("package p\n", "// Comment.\npackage p\n\nvar v int\n");
        assert_eq!(of(TEXT, "a.go"), of(&moved, "a.go"));
        let indented = TEXT.replace('\t', "        ");
        assert_eq!(of(TEXT, "a.go"), of(&indented, "a.go"));
    }

    #[test]
    fn equal_findings_of_a_function_are_told_apart_by_their_order() {
        let all = of(TEXT, "a.go");
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    }

    #[test]
    fn file_and_function_matter() {
        let other = TEXT.replace("*T", "*U");
        assert_ne!(of(TEXT, "a.go")[0], of(TEXT, "b.go")[0]);
        assert_ne!(of(TEXT, "a.go")[0], of(&other, "a.go")[0]);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vector of the FNV authors: "a" in 128 bits; the part's end is one more zero byte.
        let mut hash: u128 = 0xd228cb696f1a8caf78912b704e4a8964;
        hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        assert_eq!(Fingerprint::of(&["a"]), Fingerprint(hash));
    }

    #[test]
    fn it_is_read_back() {
        let one = Fingerprint::of(&["x"]);
        assert_eq!(one.to_string().parse(), Ok(one));
        for bad in ["", "x", "+0000000000000000000000000000000", "é"] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(()));
        }
    }
}
