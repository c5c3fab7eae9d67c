//! Whether a statement runs in goroutines, again and again without an end: looked for outwards from the statement,
//! through loops, literals and callers. What is not understood is not followed.

use super::growth::Growth;
use super::keys;
use crate::analyse::finding::Location;
use crate::analyse::ownership::{Parent, Tree};
use crate::analyse::references::{self, exported};
use crate::analyse::transform::Subject;
use crate::index::{BodyRef, FileId, FuncRef};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Checker, LocalId, TypeView};

/// How many callers up are followed, as in `goroutine-loop`.
const DEPTH: u32 = 6;

/// Methods that run their argument in a goroutine of its own, from their documentation.
const GROUPS: &[&str] = &[
    "(*golang.org/x/sync/errgroup.Group).Go",
    "(*sync.WaitGroup).Go",
];

/// How a statement is run.
pub(super) struct Run {
    /// Where the goroutine starts.
    pub(super) start: Location,
    /// What that place is.
    pub(super) started: &'static str,
    /// How often: `for each request`.
    pub(super) often: &'static str,
    /// It does not run in the goroutine, but keeps what that works on.
    pub(super) keeps: bool,
    /// It runs in a loop of the goroutine that never ends.
    pub(super) in_loop: bool,
}

/// What was found on the way out.
#[derive(Clone, Copy, Default)]
struct Way {
    start: Option<(Location, &'static str)>,
    often: Option<&'static str>,
    in_loop: bool,
}

impl Way {
    fn again(&mut self, often: &'static str) {
        self.often = self.often.or(Some(often));
    }
}

/// The goroutines that run a growing statement without end; none when that is not certain.
pub(super) fn run(subject: &Subject<'_>, tree: &Tree<'_>, growth: &Growth<'_>) -> Option<Run> {
    let keeps = keeps(tree, growth);
    // A worker that is stored by its name may be another one's in the same place; one that is asked for before is not
    // a new one.
    if !growth.endless && (keeps.is_none() || growth.guarded) {
        return None;
    }
    let mut way = Way::default();
    if let Some(start) = keeps {
        let at = Location {
            file: subject.file,
            span: start.span,
        };
        way.start = Some((at, "this goroutine works on what is kept"));
    }
    let outwards = Outwards {
        types: subject.types,
    };
    let way = outwards.out_of_stmt(
        tree,
        subject.body_ref,
        subject.file,
        growth.stmt,
        way,
        DEPTH,
    )?;
    let (start, started) = way.start?;
    Some(Run {
        start,
        started,
        often: way.often?,
        keeps: keeps.is_some(),
        in_loop: way.in_loop,
    })
}

/// The `go` statement beside a growing one that works on what is put in: `workers[id] = w; go w.run()`.
fn keeps<'a>(tree: &Tree<'a>, growth: &Growth<'a>) -> Option<&'a Stmt> {
    let value = growth.value?;
    let value = match &value.unparen().kind {
        ExprKind::Unary(UnaryOp::Address, x) => x,
        _ => value,
    };
    let local = tree.local_of(value)?;
    if !keys::is_made_here(tree, value) {
        return None;
    }
    let func = tree.place_of(growth.stmt)?.func;
    let mut found = None;
    walk_block(tree.func(func).block, &mut |node| match node {
        Node::Stmt(stmt) => {
            if matches!(stmt.kind, StmtKind::Go(_)) && uses(tree, stmt.span, local) {
                found = found.or(Some(stmt));
            }
            true
        }
        Node::Expr(expr) => !matches!(expr.kind, ExprKind::FuncLit(_)),
    });
    found
}

fn uses(tree: &Tree<'_>, within: Span, local: LocalId) -> bool {
    tree.uses(local).iter().any(|one| within.contains(one.span))
}

struct Outwards<'t, 'w> {
    types: &'t Checker<'w>,
}

impl Outwards<'_, '_> {
    fn out_of_stmt(
        &self,
        tree: &Tree<'_>,
        body: BodyRef,
        file: FileId,
        stmt: &Stmt,
        mut way: Way,
        depth: u32,
    ) -> Option<Way> {
        let place = tree.place_of(stmt)?;
        let mut outer = place.outer;
        while let Some(around) = outer {
            if self.is_endless(tree, around) {
                way.again("in a loop without end");
                way.in_loop |= way.start.is_none();
            }
            outer = tree.place_of(around)?.outer;
        }
        match tree.func(place.func).lit {
            Some(literal) => self.out_of_literal(tree, body, file, literal, way, depth),
            None => self.out_of_function(body, way, depth),
        }
    }

    /// `for {}`, `for true {}` is not told from a condition; a range over a channel.
    fn is_endless(&self, tree: &Tree<'_>, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::For(it) => it.cond.is_none(),
            StmtKind::Range(it) => tree.type_of(&it.subject).is_some_and(|ty| {
                matches!(
                    self.types.view(self.types.underlying(ty)),
                    TypeView::Chan(..)
                )
            }),
            _ => false,
        }
    }

    fn out_of_literal(
        &self,
        tree: &Tree<'_>,
        body: BodyRef,
        file: FileId,
        literal: &Expr,
        mut way: Way,
        depth: u32,
    ) -> Option<Way> {
        if let ExprKind::FuncLit(lit) = &literal.kind
            && is_handler(self.types, tree, &lit.signature)
        {
            return Some(served(way, file, literal.span));
        }
        let Parent::Expr(call) = tree.parent(literal)? else {
            return None;
        };
        let ExprKind::Call(called) = &call.kind else {
            return None;
        };
        let stmt = tree.stmt_of(call)?;
        let at = Location {
            file,
            span: stmt.span,
        };
        let own = called.fun.id == literal.id;
        match &stmt.kind {
            StmtKind::Go(x) if own && x.id == call.id => {
                way.start = way.start.or(Some((at, "the goroutine starts here")));
            }
            _ if own => {}
            _ => {
                let name = tree
                    .callee(call)
                    .and_then(|callee| self.types.callee_name(callee))?;
                if !GROUPS.contains(&name.as_str()) {
                    return None;
                }
                way.start = way.start.or(Some((at, "the goroutine starts here")));
            }
        }
        self.out_of_stmt(tree, body, file, stmt, way, depth)
    }

    fn out_of_function(&self, body: BodyRef, mut way: Way, depth: u32) -> Option<Way> {
        if way.start.is_some() && way.often.is_some() {
            return Some(way);
        }
        let BodyRef::Func(func) = body else {
            return None;
        };
        let package = self.types.world().package(func.package)?;
        let declared = package.funcs.get(func.index as usize)?;
        let decl = &declared.decl;
        let file = package.files.get(declared.file as usize)?;
        if self.is_handler(func) {
            return Some(served(way, file.id, decl.name.span));
        }
        let method = decl.receiver.is_some();
        if !method && matches!(decl.name.name.as_str(), "main" | "init") {
            return None;
        }
        if package.name != "main" && exported(&decl.name.name) && way.start.is_some() {
            way.again("for each call");
            return Some(way);
        }
        let depth = depth.checked_sub(1)?;
        let uses = references::uses(self.types, func);
        uses.calls.iter().find_map(|call| {
            let path = self.types.world().path(call.at.file);
            if path.to_string_lossy().ends_with("_test.go") {
                // It ends with the test.
                return None;
            }
            let body = self.types.body(call.body)?;
            let tree = Tree::new(&body);
            let expr = tree.call_at(call.at.span)?;
            let stmt = tree.stmt_of(expr)?;
            let mut way = way;
            if matches!(&stmt.kind, StmtKind::Go(x) if x.id == expr.id) {
                let at = Location {
                    file: call.at.file,
                    span: stmt.span,
                };
                way.start = way.start.or(Some((at, "the goroutine starts here")));
            }
            self.out_of_stmt(&tree, call.body, call.at.file, stmt, way, depth)
        })
    }

    /// `func(w http.ResponseWriter, r *http.Request)`, a method too.
    fn is_handler(&self, func: FuncRef) -> bool {
        let TypeView::Func(params, false, results) = self.types.view(self.types.signature(func))
        else {
            return false;
        };
        let shown: Vec<String> = params.iter().map(|&ty| self.types.display(ty)).collect();
        results.is_empty() && shown == HANDLER
    }
}

/// What `net/http` calls in a goroutine of its own for each connection (its documentation of `Server.Serve`).
const HANDLER: [&str; 2] = ["net/http.ResponseWriter", "*net/http.Request"];

fn is_handler(types: &Checker<'_>, tree: &Tree<'_>, signature: &Signature) -> bool {
    let each = signature.params.iter().flat_map(|param| {
        let count = param.names.len().max(1);
        let shown = tree
            .info
            .types
            .get(param.ty.id.0 as usize)
            .map(|&ty| types.display(ty));
        std::iter::repeat_n(shown.unwrap_or_default(), count)
    });
    signature.results.is_empty() && each.eq(HANDLER.map(str::to_owned))
}

fn served(mut way: Way, file: FileId, span: Span) -> Way {
    let at = Location { file, span };
    way.start = way.start.or(Some((
        at,
        "a server runs this in a goroutine for each request",
    )));
    way.again("for each request");
    way
}
