//! A local channel and what is done with it; one of which anything else is done is not judged.

use crate::analyse::ownership::{FuncIx, Parent, Tree};
use crate::analyse::references::exported;
use crate::analyse::transform::Subject;
use crate::index::{BodyRef, PackageId};
use crate::syntax::ast::*;
use crate::types::{Answer, Callee, LocalId, LocalKind, TypeId, TypeView};

/// A channel made without buffer, whose every use is known.
pub(super) struct Channel<'a, 's> {
    pub(super) subject: &'s Subject<'s>,
    pub(super) tree: &'s Tree<'a>,
    /// Its name.
    pub(super) name: Name,
    local: LocalId,
    /// The statement that makes it.
    pub(super) stmt: &'a Stmt,
    /// The `make`.
    pub(super) made: Span,
    /// The function that makes it, and receives.
    pub(super) owner: FuncIx,
    /// Sends in goroutines that the owner starts: statement, the literal it is in.
    pub(super) sends: Vec<(&'a Stmt, FuncIx)>,
    /// Receives in the owner, also `range`.
    pub(super) receives: Vec<Span>,
    element: Option<TypeId>,
}

impl<'a, 's> Channel<'a, 's> {
    /// None when the channel is used in any way that is not understood.
    pub(super) fn new(
        subject: &'s Subject<'s>,
        tree: &'s Tree<'a>,
        make: &'a Expr,
    ) -> Option<Channel<'a, 's>> {
        let (stmt, local, name) = bound(tree, make)?;
        let kind = tree.info.locals.get(local.0 as usize)?.kind;
        let ty = tree.type_of(make)?;
        let element = match subject.types.view(subject.types.underlying(ty)) {
            TypeView::Chan(_, element) => Some(element),
            _ => None,
        };
        if kind != LocalKind::Var {
            return None;
        }
        let mut channel = Channel {
            subject,
            tree,
            name,
            local,
            stmt,
            made: make.span,
            owner: tree.func_of(make)?,
            sends: Vec::new(),
            receives: Vec::new(),
            element,
        };
        for used in tree.uses(local) {
            channel.sort(used)?;
        }
        (!channel.sends.is_empty() && !channel.receives.is_empty()).then_some(channel)
    }

    /// None for a use of another kind, or in another place.
    fn sort(&mut self, used: &'a Expr) -> Option<()> {
        if self.stmt.span.contains(used.span) {
            return Some(());
        }
        let func = self.tree.func_of(used)?;
        let mine = func == self.owner;
        match self.tree.parent(used)? {
            Parent::Stmt(stmt) => match &stmt.kind {
                StmtKind::Send(to, _) if to.id == used.id => {
                    self.is_started(func).then(|| self.sends.push((stmt, func)))
                }
                StmtKind::Range(range) if mine && range.subject.id == used.id => {
                    self.receives.push(used.span);
                    Some(())
                }
                _ => None,
            },
            Parent::Expr(outer) => match &outer.kind {
                ExprKind::Unary(UnaryOp::Receive, _) if mine => {
                    self.receives.push(outer.span);
                    Some(())
                }
                // By the owner it could hit the senders.
                ExprKind::Call(_) if !mine && self.closes(outer) => Some(()),
                _ => None,
            },
            _ => None,
        }
    }

    fn closes(&self, call: &Expr) -> bool {
        let callee = self.tree.callee(call);
        matches!(callee, Some(Callee::Builtin(name)) if *name == "close")
    }

    /// Whether the channel is the only argument of a call.
    pub(super) fn is_argument(&self, call: &Expr) -> bool {
        let ExprKind::Call(call) = &call.kind else {
            return false;
        };
        matches!(&call.args[..], [only] if self.tree.local_of(only) == Some(self.local))
    }

    /// Whether a function is a literal that the owner starts as a goroutine.
    fn is_started(&self, func: FuncIx) -> bool {
        self.tree.func(func).outer == Some(self.owner) && self.start_of(func).is_some()
    }

    /// The `go` statement that starts a literal.
    pub(super) fn start_of(&self, func: FuncIx) -> Option<&'a Stmt> {
        let literal = self.tree.func(func).lit?;
        let Parent::Expr(call) = self.tree.parent(literal)? else {
            return None;
        };
        match self.tree.parent(call)? {
            Parent::Stmt(stmt) if matches!(stmt.kind, StmtKind::Go(_)) => Some(stmt),
            _ => None,
        }
    }

    /// The package that it is in.
    pub(super) fn package(&self) -> PackageId {
        match self.subject.body_ref {
            BodyRef::Func(func) => func.package,
            BodyRef::Var(package, _) => package,
        }
    }

    /// The text of a place in the file.
    pub(super) fn text_of(&self, span: Span) -> String {
        let text = self.subject.world.text(self.subject.file);
        text.get(span.range()).unwrap_or_default().to_owned()
    }

    /// Whether values of the channel may have to be closed by who receives them. Unknown counts as yes.
    pub(super) fn element_may_close(&self) -> bool {
        let types = self.subject.types;
        let may = |ty: TypeId| {
            if types.display(ty) == "error" {
                return false;
            }
            ["Close", "Stop", "Release"].iter().any(|method| {
                types.has_method(ty, method, &[], &["error"]) != Answer::No
                    || types.has_method(ty, method, &[], &[]) != Answer::No
            })
        };
        let Some(element) = self.element else {
            return true;
        };
        match types.view(types.underlying(element)) {
            TypeView::Basic(_) => false,
            TypeView::Struct(fields) => may(element) || self.seen(element, &fields).any(may),
            TypeView::Pointer(to) => match types.view(types.underlying(to)) {
                TypeView::Struct(fields) => may(element) || self.seen(to, &fields).any(may),
                _ => may(element),
            },
            _ => may(element),
        }
    }
}

impl Channel<'_, '_> {
    /// The types of the fields that the receiver's package can name.
    fn seen<'f>(
        &self,
        of: TypeId,
        fields: &'f [(Name, TypeId, bool)],
    ) -> impl Iterator<Item = TypeId> + use<'f> {
        let path = self
            .subject
            .world
            .package(self.package())
            .map(|it| it.path.to_string());
        let own = match (self.subject.types.view(of), path) {
            (TypeView::Named(name, _), Some(path)) => {
                name.rsplit_once('.').is_none_or(|(home, _)| home == path)
            }
            _ => true,
        };
        let fields = fields.iter();
        fields
            .filter(move |(name, _, embedded)| own || *embedded || exported(name))
            .map(|(_, ty, _)| *ty)
    }
}

/// The statement that binds a call's only result to a local, with the local.
pub(super) fn bound<'a>(tree: &Tree<'a>, make: &Expr) -> Option<(&'a Stmt, LocalId, Name)> {
    match tree.parent(make)? {
        Parent::Stmt(stmt) => {
            let StmtKind::Assign(assign) = &stmt.kind else {
                return None;
            };
            if assign.op != AssignOp::Define || assign.lhs.len() != assign.rhs.len() {
                return None;
            }
            let at = assign.rhs.iter().position(|x| x.id == make.id)?;
            let to = &assign.lhs[at];
            let ExprKind::Ident(name) = to.kind else {
                return None;
            };
            let local = tree.local_of(to).or_else(|| tree.local(to.id))?;
            Some((stmt, local, name))
        }
        Parent::Spec(spec, stmt) => {
            let at = spec.values.iter().position(|x| x.id == make.id)?;
            let name = spec.names.get(at)?;
            Some((stmt, tree.local(name.id)?, name.name))
        }
        _ => None,
    }
}
