//! A function's signature that is parsed when it is first looked at: of a dependency's functions few ever are, and they
//! are most of what a run reads.

use super::ast::Signature;
use super::parser::Parser;
use std::ops::Deref;
use std::sync::OnceLock;

/// Stands for a signature that does not parse; [`Head::broken`] tells.
static NOTHING: Signature = Signature::NOTHING;

/// See the module.
#[derive(Debug)]
pub struct Head {
    /// What is to be parsed; empty when it was.
    text: Box<str>,
    /// Where the text begins in its file.
    origin: u32,
    /// The first of as many node ids as the text has bytes: they are not used for anything else in its outline.
    nodes: u32,
    parsed: OnceLock<Option<Box<Signature>>>,
}

impl Head {
    /// A signature by its text, from its first parenthesis on.
    pub(super) fn unread(text: &str, origin: u32, nodes: u32) -> Head {
        Head {
            text: text.into(),
            origin,
            nodes,
            parsed: OnceLock::new(),
        }
    }

    /// Whether it does not parse: nothing is known of it then.
    pub fn broken(&self) -> bool {
        self.get().is_none()
    }

    fn get(&self) -> Option<&Signature> {
        let parse = || Parser::at(&self.text, self.origin, self.nodes).whole_signature();
        let parsed = self.parsed.get_or_init(|| parse().ok().map(Box::new));
        parsed.as_deref()
    }
}

impl Deref for Head {
    type Target = Signature;

    fn deref(&self) -> &Signature {
        self.get().unwrap_or(&NOTHING)
    }
}

impl From<Signature> for Head {
    fn from(signature: Signature) -> Head {
        Head {
            text: Box::default(),
            origin: 0,
            nodes: 0,
            parsed: OnceLock::from(Some(Box::new(signature))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::ast::{Decl, FuncDecl};
    use crate::syntax::{parse_dependency, parse_outline};
    use std::sync::Arc;

    fn first(decls: &[Decl]) -> Arc<FuncDecl> {
        let mut funcs = decls.iter().rev().filter_map(|decl| match decl {
            Decl::Func(func) => Some(Arc::clone(func)),
            _ => None,
        });
        funcs.next().expect("a function")
    }

    #[test]
    fn read_late_it_is_what_it_is_read_early() {
        for header in [
            "f()",
            "f(a, b int, c ...string) error",
            "f(func(int) (x []T)) (n int, err error)",
            "(r *R[T]) f(a [len(\"x)\")]int /* ) */) interface{ m() }",
            "f(x struct{ a int }) func() (map[string]<-chan int, error)",
            "f[T any](x T) p.Q[T]",
        ] {
            let text = format!("package p\n\nvar v = 1\n\nfunc {header} {{\n\treturn\n}}\n");
            let (early, late) = (parse_outline(&text), parse_dependency(&text));
            assert!(!late.broken, "{header}");
            let (early, late) = (first(&early.decls), first(&late.decls));
            let shape = |func: &FuncDecl| {
                let signature = &*func.signature;
                let params = signature.params.iter().chain(&signature.results);
                let params = params.map(|param| {
                    let names = param.names.iter().map(|name| (name.name, name.span));
                    let names: Vec<_> = names.collect();
                    let ty = &text[param.ty.span.range()];
                    (names, ty.to_owned(), param.variadic, param.span)
                });
                let params: Vec<_> = params.collect();
                (params, signature.params_span, signature.results_span)
            };
            assert_eq!(shape(&early), shape(&late), "{header}");
            assert_eq!((early.body, early.span), (late.body, late.span), "{header}");
            assert!(!late.signature.broken());
        }
    }

    #[test]
    fn nothing_is_known_of_one_that_does_not_parse() {
        let outline = parse_dependency("package p\n\nfunc f(a b c) {}\n");
        let func = first(&outline.decls);
        assert!(func.signature.broken() && func.signature.params.is_empty());
    }
}
