//! What a value was read or made from the followed one stays tied to it, unless its type stands on its own.

use super::{Follower, Tie, What, Why};
use crate::analyse::ownership::Parent;
use crate::syntax::ast::*;
use crate::types::{LocalId, TypeId, TypeView};

impl<'a> Follower<'a, '_, '_> {
    /// What `expr` evaluates to was read or made from the followed value: follow it unless it stands on its own.
    pub(super) fn result(&mut self, expr: &'a Expr) {
        match self.tree.type_of(expr).map(|ty| (ty, self.types.view(ty))) {
            Some((_, TypeView::Tuple(parts))) => self.tuple(expr, &parts),
            Some((ty, _)) if self.independent(ty, 0) => {}
            _ => self.value(expr, Tie::Derived),
        }
    }

    /// Several results: each dependent one is followed into the variable that receives it.
    fn tuple(&mut self, call: &'a Expr, parts: &[TypeId]) {
        let dependent: Vec<bool> = parts.iter().map(|&ty| !self.independent(ty, 0)).collect();
        if !dependent.contains(&true) {
            return;
        }
        let targets: Vec<Option<LocalId>> = match self.tree.parent(call) {
            Some(Parent::Stmt(stmt)) => match &stmt.kind {
                StmtKind::Expr(_) | StmtKind::Defer(_) | StmtKind::Go(_) => return,
                StmtKind::Assign(assign) if assign.rhs.len() == 1 => {
                    let blank = |x: &&Expr| matches!(&x.kind, ExprKind::Ident(name) if name.as_str() == "_");
                    let mut lost = false;
                    let targets = assign.lhs.iter().zip(&dependent);
                    let targets = targets
                        .map(|(x, &dependent)| {
                            let local = self.tree.local_of(x);
                            lost |= dependent && local.is_none() && !blank(&x);
                            local
                        })
                        .collect();
                    if lost {
                        self.event(What::Transfer(Why::Stored), call);
                        return;
                    }
                    targets
                }
                _ => {
                    self.event(What::Transfer(Why::Returned), call);
                    return;
                }
            },
            Some(Parent::Spec(spec, _)) => spec
                .names
                .iter()
                .map(|name| self.tree.local(name.id))
                .collect(),
            _ => {
                self.event(What::Transfer(Why::Lost), call);
                return;
            }
        };
        for (target, dependent) in targets.into_iter().zip(dependent) {
            if let (Some(local), true) = (target, dependent) {
                self.variable(local, Tie::Derived);
            }
        }
    }

    /// Numbers, strings, times and their like stay valid whatever happens to what they were read from.
    pub(super) fn independent(&self, ty: TypeId, depth: u32) -> bool {
        if depth > 4 || ty == TypeId::UNKNOWN {
            return false;
        }
        if self.effects.independent(&self.types.display(ty)) {
            return true;
        }
        match self.types.view(ty) {
            TypeView::Basic(name) => name != "unsafe.Pointer" && name != "Pointer",
            TypeView::Slice(element) | TypeView::Array(element) => {
                self.independent(element, depth + 1)
            }
            TypeView::Map(key, value) => {
                self.independent(key, depth + 1) && self.independent(value, depth + 1)
            }
            TypeView::Named(..) => {
                let under = self.types.underlying(ty);
                under != ty && self.independent(under, depth + 1)
            }
            TypeView::Struct(fields) => fields
                .iter()
                .all(|(_, ty, _)| self.independent(*ty, depth + 1)),
            TypeView::Tuple(parts) => parts.iter().all(|&ty| self.independent(ty, depth + 1)),
            _ => false,
        }
    }
}
