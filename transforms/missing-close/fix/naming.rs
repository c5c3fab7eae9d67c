//! Names: the variable that holds the resource, or one that a `_` gets.

use super::super::acquire::Bound;
use super::Case;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;
use crate::types::{LocalId, LocalKind};

impl Case<'_, '_> {
    /// The variable's name; a `_` gets one.
    pub(super) fn name(&self) -> Result<(String, Vec<Edit>), Declined> {
        match self.acquisition.holder {
            Bound::Local(_, _, span) => Ok((self.text[span.range()].to_owned(), Vec::new())),
            Bound::Blank(span) => {
                let name = self.free_name(span).ok_or(Declined::ResultDropped)?;
                let mut edits = vec![Edit {
                    span,
                    text: name.to_owned(),
                }];
                if !self.acquisition.defines {
                    edits.push(self.declares().ok_or(Declined::ResultDropped)?);
                }
                Ok((name.to_owned(), edits))
            }
            Bound::Dropped | Bound::Elsewhere => Err(Declined::ResultDropped),
        }
    }

    /// `=` becomes `:=`, when every other name of the assignment is declared in the same block and so stays what it
    /// is (Go spec, Short variable declarations).
    fn declares(&self) -> Option<Edit> {
        let StmtKind::Assign(assign) = &self.acquisition.stmt.kind else {
            return None;
        };
        let block = self.tree.place_of(self.acquisition.stmt)?.list?.0;
        let here = |x: &Expr| match &x.kind {
            ExprKind::Ident(name) if name.as_str() == "_" => true,
            ExprKind::Ident(_) => self
                .tree
                .local_of(x)
                .is_some_and(|local| self.declared_in(local, block)),
            _ => false,
        };
        let (last, first) = (assign.lhs.last()?, assign.rhs.first()?);
        let between = Span::new(last.span.end as usize, first.span.start as usize);
        let text = &self.text[between.range()];
        let plain = text.trim() == "=" && assign.lhs.iter().all(here);
        plain.then(|| Edit {
            span: between,
            text: text.replace('=', ":="),
        })
    }

    /// The local belongs to this very block: to its statements, or to the parameters when it is a function's.
    fn declared_in(&self, local: LocalId, block: &Block) -> bool {
        let func = self.tree.func(self.acquisition.func);
        let it = &self.tree.info.locals[local.0 as usize];
        if it.kind != LocalKind::Var {
            let params = matches!(
                it.kind,
                LocalKind::Param | LocalKind::Result | LocalKind::Receiver
            );
            return params
                && func.block.span == block.span
                && self.tree.declared_in(local) == self.acquisition.func;
        }
        block.stmts.iter().any(|stmt| match &stmt.kind {
            StmtKind::Assign(assign) => assign.lhs.iter().any(|x| x.span == it.decl),
            StmtKind::Decl(decls) => decls.iter().any(|decl| match decl {
                Decl::Var(spec) => spec.names.iter().any(|name| name.span == it.decl),
                _ => false,
            }),
            _ => false,
        })
    }

    /// What people call one of the family.
    pub(super) fn usual_names(&self) -> &'static [&'static str] {
        match self.acquisition.resource.family.as_str() {
            "cancel" => &["cancel", "cancelFunc"],
            "iterator" => &["stop", "stopNext"],
            "file" => &["f", "file"],
            "body" => &["resp", "response", "reply"],
            "rows" => &["rows", "resultRows"],
            "statement" => &["stmt", "statement"],
            "connection" => &["conn", "connection"],
            "listener" => &["ln", "listener"],
            _ => &["res", "resource"],
        }
    }

    /// A usual name for the family that means nothing yet, here or anywhere in the body.
    fn free_name(&self, at: Span) -> Option<&'static str> {
        let body = &self.subject.body;
        let free = |name: &&&str| {
            let wanted = Name::from(name);
            let local = body.info.locals.iter().any(|local| local.name == wanted);
            !local && self.subject.types.name_at(body, at.start, wanted).is_none()
        };
        self.usual_names().iter().find(free).copied()
    }
}
