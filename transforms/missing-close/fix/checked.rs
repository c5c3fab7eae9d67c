//! A release whose error is handed on in the way in which the function reports its other errors.

use super::Case;
use crate::analyse::declined::Declined;
use crate::index::BodyRef;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};

/// Parameters whose `Fatal` ends a test (package testing).
const TESTS: &[&str] = &["*testing.T", "*testing.B", "*testing.F", "testing.TB"];

impl<'a> Case<'a, '_> {
    /// The lines `if err := x.Close(); err != nil { return …, err }`, or with `t.Fatal(err)` in a test.
    pub(super) fn checked_release(&self, release: &str) -> Result<Vec<String>, Declined> {
        let leave = match self.error_return() {
            Some(values) => format!("return {values}"),
            None => format!(
                "{}.Fatal(err)",
                self.test_param().ok_or(Declined::CloseError)?
            ),
        };
        Ok(vec![
            format!("if err := {release}; err != nil {{"),
            format!("\t{leave}"),
            "}".to_owned(),
        ])
    }

    /// What the function returns with an error `err`, after the model of its own error returns.
    fn error_return(&self) -> Option<String> {
        if self.returns_error_only() {
            return Some("err".to_owned());
        }
        self.error_last()?;
        let block = self.tree.func(self.acquisition.func).block;
        let mut found = None;
        walk_block(block, &mut |node| match node {
            Node::Stmt(stmt) => {
                if found.is_none() && self.is_error_exit(stmt) {
                    found = self.others_plain(stmt);
                }
                true
            }
            Node::Expr(expr) => !matches!(expr.kind, ExprKind::FuncLit(_)),
        });
        found
    }

    /// `nil, 0, err` for `return nil, 0, fmt.Errorf(…)`.
    fn others_plain(&self, stmt: &Stmt) -> Option<String> {
        let StmtKind::Return(values) = &stmt.kind else {
            return None;
        };
        let (_, others) = values.split_last()?;
        let mut texts = Vec::new();
        for value in others {
            let constant = match &value.kind {
                ExprKind::Literal(_) => true,
                ExprKind::Ident(name) => {
                    matches!(name.as_str(), "nil" | "true" | "false")
                }
                ExprKind::Composite(_, elements) => elements.is_empty(),
                ExprKind::Unary(UnaryOp::Minus, x) => matches!(x.kind, ExprKind::Literal(_)),
                _ => false,
            };
            texts.push(constant.then(|| &self.text[value.span.range()])?);
        }
        texts.push("err");
        Some(texts.join(", "))
    }

    /// The name of the test that the function is given.
    pub(super) fn test_param(&self) -> Option<&str> {
        let signature = |signature: &Signature| {
            let tests = signature.params.iter().filter(|param| {
                let span = param.ty.span;
                TESTS.contains(&self.text.get(span.range()).unwrap_or(""))
            });
            let mut names = tests.flat_map(|param| &param.names);
            Some(names.next()?.span)
        };
        let func = self.tree.func(self.acquisition.func);
        let span = match (func.lit.map(|lit| &lit.kind), self.subject.body_ref) {
            (Some(ExprKind::FuncLit(lit)), _) => signature(&lit.signature),
            (None, BodyRef::Func(func)) => {
                let package = self.subject.world.package(func.package)?;
                signature(&package.funcs.get(func.index as usize)?.decl.signature)
            }
            _ => None,
        }?;
        self.text.get(span.range()).filter(|name| *name != "_")
    }
}
