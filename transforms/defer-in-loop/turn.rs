//! One loop, and what an iteration of it acquires and defers the release of.

use crate::analyse::cfg::{Cfg, Step};
use crate::analyse::ownership::{FuncIx, Release, Tree};
use crate::analyse::transform::Subject;
use crate::index::DeclRef;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::transforms::missing_close::Known;
use crate::types::{LocalId, LocalKind, Object, TypeView};

/// Methods that end the life of what they are called on: the release methods of missing-close's tables. Locks are not
/// among them: locking every element and unlocking all at the end is a common and correct use of a `defer` in a loop.
const RELEASES: &[&str] = &[
    "Abort",
    "Cancel",
    "Cleanup",
    "Close",
    "CloseNow",
    "Delete",
    "Destroy",
    "Discard",
    "Disconnect",
    "End",
    "EndSession",
    "Finish",
    "Free",
    "Kill",
    "Release",
    "Rollback",
    "Shutdown",
    "Stop",
    "Unref",
    "Unsubscribe",
];

/// Families of missing-close's tables that do nothing while they are open but serve the code that holds them. Of the
/// others (connections, clients, servers, subscriptions, locks) being open may be the point: of 22 such defers in the
/// tests of nats-server nearly all had to wait for the end of the function.
const PASSIVE: &[&str] = &[
    "body",
    "cancel",
    "file",
    "form",
    "iterator",
    "part",
    "reader",
    "rows",
    "span",
    "statement",
    "ticker",
    "timer",
    "writer",
];

/// A deferred release.
pub(super) struct Deferred<'a> {
    /// The `defer` statement.
    pub(super) stmt: &'a Stmt,
    /// What it releases.
    pub(super) local: LocalId,
    /// The variable's name.
    pub(super) name: Name,
    /// How it is released.
    pub(super) release: Release,
    /// The left-hand side that received it.
    pub(super) acquired: NodeId,
    /// Of a cancel function: the contexts that it ends, with the left-hand sides that received them.
    pub(super) cancels: Vec<(LocalId, NodeId)>,
    /// Of a family that may be released as soon as the iteration is done with it.
    pub(super) passive: bool,
    /// The release as a statement.
    pub(super) text: &'a str,
}

/// A loop whose iterations defer releases.
pub(super) struct Turn<'a, 's> {
    pub(super) subject: &'s Subject<'s>,
    pub(super) tree: &'s Tree<'a>,
    pub(super) text: &'a str,
    /// The loop.
    pub(super) stmt: &'a Stmt,
    /// Its body.
    pub(super) body: &'a Block,
    /// The function that it stands in.
    pub(super) func: FuncIx,
    /// What is deferred, in order.
    pub(super) releases: Vec<Deferred<'a>>,
    /// Other `defer`s of the body are of no known kind, or are conditional.
    pub(super) others: bool,
}

/// The `defer` statements of a loop's own body: not those of loops and function literals in it.
pub(super) fn defers_of(body: &Block) -> Vec<&Stmt> {
    let mut found = Vec::new();
    walk_block(body, &mut |node| match node {
        Node::Stmt(stmt) => {
            if matches!(stmt.kind, StmtKind::Defer(_)) {
                found.push(stmt);
            }
            !matches!(
                stmt.kind,
                StmtKind::For(_) | StmtKind::Range(_) | StmtKind::Defer(_)
            )
        }
        Node::Expr(_) => false,
    });
    found
}

impl<'a, 's> Turn<'a, 's> {
    /// None when nothing that is deferred in the loop was acquired in the same iteration.
    pub(super) fn new(
        subject: &'s Subject<'s>,
        tree: &'s Tree<'a>,
        text: &'a str,
        stmt: &'a Stmt,
    ) -> Option<Turn<'a, 's>> {
        let body = match &stmt.kind {
            StmtKind::For(it) => &it.body,
            StmtKind::Range(it) => &it.body,
            _ => return None,
        };
        let mut turn = Turn {
            subject,
            tree,
            text,
            stmt,
            body,
            func: tree.place_of(stmt)?.func,
            releases: Vec::new(),
            others: false,
        };
        for stmt in defers_of(body) {
            match turn.deferred(stmt) {
                Some(release) => turn.releases.push(release),
                None => turn.others = true,
            }
        }
        (!turn.releases.is_empty()).then_some(turn)
    }

    fn deferred(&self, stmt: &'a Stmt) -> Option<Deferred<'a>> {
        let StmtKind::Defer(call) = &stmt.kind else {
            return None;
        };
        let (call, text) = self.simple(call)?;
        let ExprKind::Call(it) = &call.kind else {
            return None;
        };
        let (base, release) = self.release(&it.fun)?;
        let nil = |arg: &Expr| matches!(&arg.kind, ExprKind::Ident(name) if *name == "nil");
        if !it.args.iter().all(nil) {
            return None;
        }
        let ExprKind::Ident(name) = base.kind else {
            return None;
        };
        let local = self.tree.local_of(base)?;
        Some(Deferred {
            stmt,
            local,
            name,
            cancels: match release.methods.is_empty() {
                true => self.contexts(local)?,
                false => Vec::new(),
            },
            passive: self.is_passive(local),
            release,
            acquired: self.acquired(local)?.0,
            text: self.text.get(text.range())?,
        })
    }

    /// The call of `defer call`, or of `defer func() { call }()` and `defer func() { _ = call }()`, with the text that
    /// does the same without `defer`.
    fn simple(&self, call: &'a Expr) -> Option<(&'a Expr, Span)> {
        let ExprKind::Call(it) = &call.kind else {
            return None;
        };
        let ExprKind::FuncLit(lit) = &it.fun.kind else {
            return Some((call, call.span));
        };
        let [stmt] = &lit.body.stmts[..] else {
            return None;
        };
        let inner = match &stmt.kind {
            StmtKind::Expr(inner) => inner,
            StmtKind::Assign(assign) => match (&assign.lhs[..], &assign.rhs[..]) {
                ([blank], [inner]) if matches!(blank.kind, ExprKind::Ident(name) if name == "_") => {
                    inner
                }
                _ => return None,
            },
            _ => return None,
        };
        it.args.is_empty().then_some((inner, stmt.span))
    }

    /// The variable that a call of `fun` releases, and how.
    fn release(&self, fun: &'a Expr) -> Option<(&'a Expr, Release)> {
        let mut release = Release {
            methods: Vec::new(),
            accessor: None,
            drained_by: None,
        };
        match &fun.kind {
            ExprKind::Ident(_) => {
                let ty = self.subject.types.display(self.tree.type_of(fun)?);
                let cancels = matches!(
                    ty.as_str(),
                    "context.CancelFunc" | "context.CancelCauseFunc"
                );
                cancels.then_some((fun, release))
            }
            ExprKind::Selector(base, method) if RELEASES.contains(&method.name.as_str()) => {
                release.methods.push(method.name);
                match &base.kind {
                    ExprKind::Selector(inner, field) => {
                        release.accessor = Some(field.name);
                        Some((inner, release))
                    }
                    _ => Some((base, release)),
                }
            }
            _ => None,
        }
    }

    /// Where the variable receives the result of a call: once, in this loop's body.
    fn acquired(&self, local: LocalId) -> Option<(NodeId, &'a Assign)> {
        let it = self.tree.info.locals.get(local.0 as usize)?;
        if it.kind != LocalKind::Var || !self.body.span.contains(it.decl) {
            return None;
        }
        let mut found = None;
        walk_block(self.body, &mut |node| {
            if let Node::Stmt(stmt) = node
                && let StmtKind::Assign(assign) = &stmt.kind
                && let [call] = &assign.rhs[..]
                && matches!(call.kind, ExprKind::Call(_))
                && let Some(to) = assign.lhs.iter().find(|x| self.target(x) == Some(local))
            {
                found = Some((to.id, assign));
            }
            matches!(node, Node::Stmt(_))
        });
        found
    }

    fn is_passive(&self, local: LocalId) -> bool {
        let family = || {
            let (_, assign) = self.acquired(local)?;
            let callee = self.tree.callee(assign.rhs.first()?)?;
            Known::family(&self.subject.types.callee_name(callee)?)
        };
        family().is_some_and(|family| PASSIVE.contains(&family))
    }

    /// Leaves out what may be meant to stay open until the function returns.
    pub(super) fn keep_passive(&mut self) -> Option<()> {
        let before = self.releases.len();
        self.releases.retain(|release| release.passive);
        self.others |= self.releases.len() < before;
        (!self.releases.is_empty()).then_some(())
    }

    /// What else the call that made a cancel function returned. None when that is no local.
    fn contexts(&self, cancel: LocalId) -> Option<Vec<(LocalId, NodeId)>> {
        let (_, assign) = self.acquired(cancel)?;
        let blank = |x: &&Expr| !matches!(x.kind, ExprKind::Ident(name) if name == "_");
        let all = assign.lhs.iter().filter(blank);
        let locals: Option<Vec<_>> = all.map(|x| Some((self.target(x)?, x.id))).collect();
        let mut locals = locals?;
        locals.retain(|(local, _)| *local != cancel);
        Some(locals)
    }

    /// The local that a left-hand side declares or assigns.
    pub(super) fn target(&self, x: &Expr) -> Option<LocalId> {
        self.tree.local_of(x).or_else(|| self.tree.local(x.id))
    }

    /// Whether an iteration that defers can be followed by another one.
    pub(super) fn comes_round(&self, cfg: &Cfg<'_>) -> bool {
        self.releases
            .iter()
            .any(|release| node_of(cfg, release.stmt).is_some_and(|node| cfg.in_cycle(node)))
    }

    /// Whether the number of iterations is a constant of the program: a few descriptors more for a while are fine.
    pub(super) fn is_short(&self) -> bool {
        match &self.stmt.kind {
            StmtKind::For(it) => it.cond.as_ref().is_some_and(|cond| self.is_counted(cond)),
            StmtKind::Range(it) => self.is_fixed(it.subject.unparen()),
            _ => false,
        }
    }

    fn is_counted(&self, cond: &Expr) -> bool {
        match &cond.unparen().kind {
            ExprKind::Binary(
                BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
                | BinaryOp::NotEqual,
                x,
                y,
            ) => self.is_constant(x) || self.is_constant(y),
            _ => false,
        }
    }

    fn is_constant(&self, x: &Expr) -> bool {
        let x = x.unparen();
        match &x.kind {
            ExprKind::Literal(_) => true,
            ExprKind::Ident(_) => match self.tree.info.objects.get(x.id.0 as usize) {
                Some(Some(Object::Local(local))) => self
                    .tree
                    .info
                    .locals
                    .get(local.0 as usize)
                    .is_some_and(|it| it.kind == LocalKind::Const),
                Some(Some(Object::Declared(_, DeclRef::Const(..)))) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether what is ranged over is written down in the program: an array, a literal, a variable that only ever
    /// holds a literal, a package's table.
    fn is_fixed(&self, subject: &Expr) -> bool {
        let view = |ty| self.subject.types.view(self.subject.types.underlying(ty));
        match self.tree.type_of(subject).map(view) {
            Some(TypeView::Array(_)) => return true,
            Some(TypeView::Pointer(of)) if matches!(view(of), TypeView::Array(_)) => return true,
            _ => {}
        }
        match &subject.kind {
            ExprKind::Composite(..) => true,
            ExprKind::Literal(_) => true,
            ExprKind::Ident(_) => match self.tree.info.objects.get(subject.id.0 as usize) {
                Some(Some(Object::Local(local))) => self.holds_literal(*local),
                Some(Some(Object::Declared(package, DeclRef::Var(index)))) => {
                    let package = self.subject.world.package(*package);
                    package.is_some_and(|package| {
                        let var = &package.vars[*index as usize];
                        let value = var.decl.values.get(var.index as usize);
                        value.is_some_and(|x| matches!(x.kind, ExprKind::Composite(..)))
                    })
                }
                Some(Some(Object::Declared(_, DeclRef::Const(..)))) => true,
                _ => false,
            },
            _ => false,
        }
    }

    fn holds_literal(&self, local: LocalId) -> bool {
        let it = &self.tree.info.locals[local.0 as usize];
        if it.kind == LocalKind::Const {
            return true;
        }
        let (mut literals, mut others) = (0, 0);
        let block = self.tree.func(self.tree.declared_in(local)).block;
        walk_block(block, &mut |node| {
            let Node::Stmt(stmt) = node else { return true };
            match &stmt.kind {
                StmtKind::Assign(assign) => {
                    for (at, to) in assign.lhs.iter().enumerate() {
                        if self.target(to) == Some(local) {
                            match assign.rhs.get(at).map(|x| &x.unparen().kind) {
                                Some(ExprKind::Composite(..)) => literals += 1,
                                _ => others += 1,
                            }
                        }
                    }
                }
                StmtKind::Decl(decls) => {
                    for decl in decls {
                        if let Decl::Var(spec) = decl {
                            for (at, name) in spec.names.iter().enumerate() {
                                if self.tree.local(name.id) == Some(local) {
                                    match spec.values.get(at).map(|x| &x.unparen().kind) {
                                        Some(ExprKind::Composite(..)) => literals += 1,
                                        _ => others += 1,
                                    }
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
            true
        });
        literals == 1 && others == 0
    }

    /// Whether a call ends the process without running what is deferred (os.Exit and package log say so).
    pub(super) fn ends_process(&self, call: &Expr) -> bool {
        const EXITS: &[&str] = &[
            "os.Exit",
            "syscall.Exit",
            "log.Fatal",
            "log.Fatalf",
            "log.Fatalln",
            "(*log.Logger).Fatal",
            "(*log.Logger).Fatalf",
            "(*log.Logger).Fatalln",
        ];
        let callee = self.tree.callee(call.unparen());
        let name = callee.and_then(|callee| self.subject.types.callee_name(callee));
        name.is_some_and(|name| EXITS.contains(&name.as_str()))
    }

    /// Whether the file is one of tests.
    pub(super) fn is_test(&self) -> bool {
        let path = self.subject.world.path(self.subject.file);
        path.to_string_lossy().ends_with("_test.go")
    }

    /// The block whose statement the `defer` is; none when it has no list.
    pub(super) fn block_of(&self, stmt: &Stmt) -> Option<(&'a Block, usize)> {
        self.tree.place_of(stmt)?.list
    }

    /// Whether the function around the loop recovers from panics.
    pub(super) fn recovers(&self) -> bool {
        let mut found = false;
        walk_block(self.tree.func(self.func).block, &mut |node| {
            if let Node::Expr(x) = node
                && let ExprKind::Call(call) = &x.kind
                && matches!(&call.fun.kind, ExprKind::Ident(name) if *name == "recover")
            {
                found = true;
            }
            !found
        });
        found
    }
}

/// The node of a statement.
pub(super) fn node_of(cfg: &Cfg<'_>, stmt: &Stmt) -> Option<crate::analyse::cfg::NodeIx> {
    cfg.indices()
        .find(|&ix| matches!(cfg.node(ix).step, Step::Stmt(it) if std::ptr::eq(it, stmt)))
}
