//! Which loops never end, and what they wait by.

use super::closed;
use super::exits::has_way_out;
use super::home::{Home, Unit};
use super::nodes::{self, Node};
use crate::analyse::declined::Declined;
use crate::analyse::noreturn::NeverReturns;
use crate::syntax::ast::*;
use crate::types::{Checker, Object, TypeView};

/// A loop that nothing ends.
#[derive(Clone, Copy)]
pub(super) struct Loop<'a> {
    /// The `for` statement, its label left out.
    pub(super) stmt: &'a Stmt,
    pub(super) label: Option<Name>,
    pub(super) body: &'a Block,
    pub(super) kind: Kind<'a>,
    /// Statements follow it in its block.
    pub(super) followed: bool,
}

/// The forms of an endless loop.
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    /// `for {}`, `for ;; {}`, `for true {}`.
    Plain,
    /// `for range ticker.C`: Stop does not close the channel, so the range never ends.
    Ticker(&'a Range),
    /// `for range time.Tick(d)`.
    Tick(&'a Range, &'a Call),
    /// `for x := range ch` of a channel that nobody can close.
    Channel(&'a Range),
}

/// A statement that a loop waits by, and that can become a select.
pub(super) enum Wait<'a> {
    /// `time.Sleep(d)`.
    Sleep(&'a Stmt, &'a Call),
    /// `<-ch`, `x := <-ch`, `x, ok = <-ch`.
    Receive(&'a Stmt),
    /// `ch <- x`.
    Send(&'a Stmt),
    /// A select without a done case.
    Select(&'a Stmt, &'a [CommClause]),
}

impl<'a> Wait<'a> {
    pub(super) fn stmt(&self) -> &'a Stmt {
        match self {
            Wait::Sleep(s, _) | Wait::Receive(s) | Wait::Send(s) | Wait::Select(s, _) => s,
        }
    }

    /// A select that goes on at once: where the loop waits elsewhere, the signal is heard there.
    pub(super) fn polls(&self) -> bool {
        matches!(self, Wait::Select(_, cases) if cases.iter().any(|case| case.comm.is_none()))
    }
}

/// What is needed to judge loops.
pub(super) struct Judge<'a, 'w> {
    pub(super) types: &'a Checker<'w>,
    pub(super) never: &'a NeverReturns,
}

impl Judge<'_, '_> {
    /// The loop at `at` of the unit, when nothing ends it and no loop in it is already one that nothing ends.
    pub(super) fn stuck<'a>(&self, unit: Unit<'a>, at: Span) -> Option<Loop<'a>> {
        let mut place = None;
        find(unit.block, at, &mut place);
        let (stmt, label, followed) = place?;
        let body = loop_body(stmt)?;
        let kind = self.endless(unit.home, stmt)?;
        let ends = has_way_out(self.types, self.never, unit.home, body, label);
        (!ends && !self.holds_stuck(unit.home, body)).then_some(Loop {
            stmt,
            label,
            body,
            kind,
            followed,
        })
    }

    fn holds_stuck(&self, home: &Home, body: &Block) -> bool {
        let mut labels: Vec<(Span, Name)> = Vec::new();
        let mut found = false;
        nodes::each_own(body, &mut |node| {
            let Node::Stmt(stmt) = node else { return };
            if let StmtKind::Labeled(name, inner) = &stmt.kind {
                labels.push((inner.span, name.name));
            }
            if let Some(inner) = loop_body(stmt)
                && self.endless(home, stmt).is_some()
            {
                let label = labels
                    .iter()
                    .find(|(span, _)| *span == stmt.span)
                    .map(|(_, name)| *name);
                found |= !has_way_out(self.types, self.never, home, inner, label);
            }
        });
        found
    }

    fn endless<'a>(&self, home: &Home, stmt: &'a Stmt) -> Option<Kind<'a>> {
        match &stmt.kind {
            StmtKind::For(f) => match &f.cond {
                None => Some(Kind::Plain),
                Some(cond) => is_true(home, cond).then_some(Kind::Plain),
            },
            StmtKind::Range(r) if self.unclosed(home, r) => Some(Kind::Channel(r)),
            StmtKind::Range(r) => match &r.subject.unparen().kind {
                ExprKind::Selector(base, field)
                    if field.name == "C" && self.is_ticker(home, base) =>
                {
                    Some(Kind::Ticker(r))
                }
                ExprKind::Call(call) => {
                    let name = self.types.callee_name(home.callee(r.subject.unparen()));
                    (name.as_deref() == Some("time.Tick")).then_some(Kind::Tick(r, call))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn unclosed(&self, home: &Home, range: &Range) -> bool {
        let ty = self.types.underlying(home.type_of(&range.subject));
        let channel = matches!(self.types.view(ty), TypeView::Chan(..));
        channel && range.value.is_none() && closed::never(self.types, home, &range.subject)
    }

    fn is_ticker(&self, home: &Home, base: &Expr) -> bool {
        let ty = home.type_of(base);
        let ty = match self.types.view(ty) {
            TypeView::Pointer(to) => to,
            _ => ty,
        };
        matches!(self.types.view(ty), TypeView::Named(name, _) if name == "time.Ticker")
    }

    /// The waits of a loop's body, at any depth but outside function literals; an error when it also waits in a
    /// form that cannot become a select.
    pub(super) fn waits<'a>(
        &self,
        home: &Home,
        body: &'a Block,
    ) -> Result<Vec<Wait<'a>>, Declined> {
        let mut waits = Vec::new();
        let mut taken: Vec<Span> = Vec::new();
        let mut comms: Vec<Span> = Vec::new();
        let mut form = false;
        nodes::each_own(body, &mut |node| match node {
            Node::Stmt(stmt) => match &stmt.kind {
                StmtKind::Expr(e) if is_receive(e) => {
                    taken.push(e.unparen().span);
                    waits.push((stmt.span, Wait::Receive(stmt)));
                }
                StmtKind::Expr(e) => {
                    if let ExprKind::Call(call) = &e.unparen().kind
                        && self.types.callee_name(home.callee(e.unparen())).as_deref()
                            == Some("time.Sleep")
                    {
                        waits.push((stmt.span, Wait::Sleep(stmt, call)));
                    }
                }
                StmtKind::Assign(a) if a.rhs.len() == 1 && is_receive(&a.rhs[0]) => {
                    taken.push(a.rhs[0].unparen().span);
                    waits.push((stmt.span, Wait::Receive(stmt)));
                }
                StmtKind::Send(..) => waits.push((stmt.span, Wait::Send(stmt))),
                StmtKind::Select(cases) => {
                    form |= cases.is_empty();
                    for comm in cases.iter().filter_map(|c| c.comm.as_ref()) {
                        taken.push(comm.span);
                        comms.push(comm.span);
                    }
                    waits.push((stmt.span, Wait::Select(stmt, cases)));
                }
                StmtKind::Range(r) => {
                    form |= !matches!(
                        self.types
                            .view(self.types.underlying(home.type_of(&r.subject))),
                        TypeView::Slice(_)
                            | TypeView::Array(_)
                            | TypeView::Map(..)
                            | TypeView::Basic(_)
                            | TypeView::Pointer(_)
                            | TypeView::Unknown
                            | TypeView::Func(..)
                    );
                }
                StmtKind::If(i) => form |= i.init.as_ref().is_some_and(waits_itself),
                StmtKind::Switch(s) => form |= s.init.as_ref().is_some_and(waits_itself),
                StmtKind::TypeSwitch(s) => form |= s.init.as_ref().is_some_and(waits_itself),
                StmtKind::For(f) => {
                    form |= f.init.as_ref().is_some_and(waits_itself)
                        || f.post.as_ref().is_some_and(waits_itself);
                }
                _ => {}
            },
            Node::Expr(e) if matches!(e.kind, ExprKind::Unary(UnaryOp::Receive, _)) => {
                form |= !taken.iter().any(|t| t.contains(e.span));
            }
            Node::Expr(_) => {}
        });
        if form {
            return Err(Declined::WaitForm);
        }
        waits.retain(|(span, _)| !comms.contains(span));
        Ok(waits.into_iter().map(|(_, wait)| wait).collect())
    }
}

/// The statement at `at`, its label, and whether statements follow it in its block.
fn find<'a>(block: &'a Block, at: Span, place: &mut Option<(&'a Stmt, Option<Name>, bool)>) {
    for (i, stmt) in block.stmts.iter().enumerate() {
        if !stmt.span.contains(at) {
            continue;
        }
        let followed = i + 1 < block.stmts.len();
        let (stmt, label) = match &stmt.kind {
            StmtKind::Labeled(name, inner) => (&**inner, Some(name.name)),
            _ => (stmt, None),
        };
        if stmt.span == at {
            *place = Some((stmt, label, followed));
            return;
        }
        nodes::blocks(stmt, &mut |inner| find(inner, at, place));
    }
}

fn loop_body(stmt: &Stmt) -> Option<&Block> {
    match &stmt.kind {
        StmtKind::For(f) => Some(&f.body),
        StmtKind::Range(r) => Some(&r.body),
        _ => None,
    }
}

fn waits_itself(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Expr(e) => is_receive(e),
        StmtKind::Assign(a) => a.rhs.iter().any(is_receive),
        StmtKind::Send(..) => true,
        _ => false,
    }
}

fn is_receive(e: &Expr) -> bool {
    matches!(e.unparen().kind, ExprKind::Unary(UnaryOp::Receive, _))
}

fn is_true(home: &Home, cond: &Expr) -> bool {
    let cond = cond.unparen();
    matches!(cond.kind, ExprKind::Ident(name) if name == "true")
        && matches!(home.object(cond), Some(Object::Universe(_)))
}

/// Whether some way round the loop passes none of these statements (Go spec "For statements"): leaving them on a
/// signal would not be enough.
pub(super) fn way_round(body: &Block, waits: &[Span], label: Option<Name>) -> bool {
    let mut flow = Round {
        waits,
        label,
        again: false,
    };
    let falls = flow.block(body, true);
    falls || flow.again
}

struct Round<'a> {
    waits: &'a [Span],
    label: Option<Name>,
    /// A `continue` was reached without a wait.
    again: bool,
}

impl Round<'_> {
    /// Whether the block's end is reached without a wait. `own`: an unlabelled continue belongs to the loop.
    fn block(&mut self, block: &Block, own: bool) -> bool {
        block.stmts.iter().all(|s| self.stmt(s, own))
    }

    fn stmt(&mut self, stmt: &Stmt, own: bool) -> bool {
        if self.waits.contains(&stmt.span) {
            return false;
        }
        match &stmt.kind {
            // A break inside leaves a switch or an inner loop, whose end counts as reached anyway.
            StmtKind::Return(_) | StmtKind::Break(_) | StmtKind::Bad => false,
            StmtKind::Goto(_) => {
                self.again = true;
                false
            }
            StmtKind::Continue(None) => {
                self.again |= own;
                false
            }
            StmtKind::Continue(Some(l)) => {
                self.again |= Some(l.name) == self.label;
                false
            }
            StmtKind::Block(b) => self.block(b, own),
            StmtKind::Labeled(_, inner) => self.stmt(inner, own),
            StmtKind::If(i) => {
                let then = self.block(&i.then, own);
                let els = i.els.as_ref().is_none_or(|s| self.stmt(s, own));
                then || els
            }
            StmtKind::Switch(s) => self.cases(&s.cases, own),
            StmtKind::TypeSwitch(s) => self.cases(&s.cases, own),
            StmtKind::Select(cases) => {
                for case in cases {
                    self.block(&case.body, own);
                }
                true
            }
            StmtKind::For(f) => {
                self.block(&f.body, false);
                true
            }
            StmtKind::Range(r) => {
                self.block(&r.body, false);
                true
            }
            _ => true,
        }
    }

    fn cases(&mut self, cases: &[CaseClause], own: bool) -> bool {
        let mut falls = !cases.iter().any(|c| c.default);
        for case in cases {
            falls |= self.block(&case.body, own) || breaks_out(&case.body);
        }
        falls
    }
}

fn breaks_out(body: &Block) -> bool {
    let mut found = false;
    nodes::each_own(body, &mut |node| {
        found |= matches!(
            node,
            Node::Stmt(Stmt {
                kind: StmtKind::Break(_) | StmtKind::Fallthrough,
                ..
            })
        );
    });
    found
}
