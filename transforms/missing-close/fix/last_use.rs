//! Release after the last use: in a loop, where a `defer` would pile up, and for what must be released before
//! something else happens. Each jump out of the code before that place gets a release of its own.

use super::super::leak::nil_check;
use super::super::place::{Line, Place};
use super::super::table::FixKind;
use super::{Case, Rewrite};
use crate::analyse::cfg::{Cfg, NodeIx};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::analyse::layout;
use crate::analyse::ownership::{Tree, What};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_stmt};
use crate::types::LocalId;

/// More releases than this for one resource are harder to read than a function of its own around its use: a
/// reviewer's limit, not a measured one.
const MOST: usize = 4;

/// The statements in which the resource is in use.
struct Region<'a> {
    place: Place<'a>,
    /// One more than the index of the last of them in the place's block.
    end: usize,
}

impl<'a> Case<'a, '_> {
    /// The release after the last use and before each jump; `why` it is not a `defer` explains what cannot be done.
    pub(super) fn release_after_last_use(&self, why: Declined) -> Result<Rewrite, Declined> {
        let region = self.region(why)?;
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        let writer = self.acquisition.resource.fix == FixKind::Writer;
        for jump in self.jumps(&region, why)? {
            // On the way out with an error a writer's Close has nothing to complete, and holds nothing.
            if writer {
                match self.is_error_exit(jump) {
                    true => continue,
                    false => return Err(why),
                }
            }
            edits.push(self.before(jump, &release)?);
        }
        let mut title = format!("call {release} before each return that leaks it");
        if self.flows_on(&region) {
            if self.may_be_kept(&region) {
                return Err(why);
            }
            title = format!("call {release} after its last use");
            let line = self.line(&region)?;
            let lines = match writer || self.is_writable() {
                true => self.checked_release(&release)?,
                false => vec![release.clone()],
            };
            edits.push(line.insert(&lines));
        }
        if edits.is_empty() || edits.len() > MOST {
            return Err(why);
        }
        let twice = self.flow.released() && !self.may_release_twice();
        let applicability = match twice || self.acquisition.resource.waits || self.flushes() {
            true => Applicability::Unsafe,
            false => Applicability::Safe,
        };
        Ok((applicability, title, edits))
    }

    /// The line after the last use, the edits that name what is released, and its release.
    pub(super) fn after_last_use(
        &self,
        why: Declined,
    ) -> Result<(Line, Vec<Edit>, String), Declined> {
        let region = self.region(why)?;
        let (name, edits) = self.name()?;
        let line = self.line(&region)?;
        let release = self.release_of(&name);
        Ok((line, edits, release))
    }

    fn region(&self, why: Declined) -> Result<Region<'a>, Declined> {
        let place = self.place()?;
        let stmts = &place.block.stmts;
        let mut end = place.next;
        let family = self.acquisition.resource.family.as_str();
        if matches!(family, "cancel" | "span") {
            // What was made from the context may be in use up to the end, and a span lasts as long as the work.
            end = stmts.len();
        }
        let acquired = self.acquisition.stmt.span;
        for event in self.uses().filter(|event| !acquired.contains(event.own)) {
            let at = stmts.iter().position(|stmt| stmt.span.contains(event.own));
            match at {
                Some(at) => end = end.max(at + 1),
                // Between the acquisition and the place: the error's check.
                None if self.is_before(event.own, &place) => {}
                None if !self.concerns(event.own) => {}
                None => return Err(why),
            }
        }
        // What each turn of a loop opens and does not use does something by being open: it reserves, locks, listens.
        let unused = end == place.next && !matches!(family, "body" | "rows");
        if unused && why == Declined::InLoop {
            return Err(why);
        }
        // The error of the last use comes before that of Close.
        if self.is_writable()
            && let Some(StmtKind::If(it)) = stmts.get(end).map(|stmt| &stmt.kind)
            && matches!(nil_check(self.tree, &it.cond), Some((_, false)))
        {
            end += 1;
        }
        let used = stmts[place.next.min(end)..end].iter();
        let deferred = used.clone().any(|stmt| {
            matches!(stmt.kind, StmtKind::Defer(_) | StmtKind::Go(_)) && self.uses_in(stmt.span)
        });
        let lost_inside = self.leak.lost.iter().any(|&node| {
            node != self.leak.node
                && used
                    .clone()
                    .any(|stmt| stmt.span.contains(self.cfg.node(node).span))
        });
        match deferred || lost_inside {
            true => Err(why),
            false => Ok(Region { place, end }),
        }
    }

    fn is_before(&self, span: Span, place: &Place<'_>) -> bool {
        self.acquisition.stmt.span.end <= span.start && span.end <= place.line.offset
    }

    /// Whether the use may be one of this very acquisition's resource.
    fn concerns(&self, span: Span) -> bool {
        let node = self.cfg.node_at(span);
        node.is_none_or(|node| self.leak.is_held(node) || self.leak.maybe_ended(node))
    }

    /// The jumps out of the region that are reached with the resource not released.
    fn jumps(&self, region: &Region<'a>, why: Declined) -> Result<Vec<&'a Stmt>, Declined> {
        let mut jumps = Vec::new();
        let mut strange = false;
        for stmt in &region.place.block.stmts[region.place.next.min(region.end)..region.end] {
            walk_stmt(stmt, &mut |node| match node {
                Node::Stmt(inner) => {
                    let held = || {
                        let node = self.cfg.node_at(inner.span);
                        node.is_some_and(|node| self.leak.is_held(node))
                    };
                    match inner.kind {
                        StmtKind::Goto(_) => strange |= held(),
                        _ if self.leaves(region, inner) && held() => jumps.push(inner),
                        _ => {}
                    }
                    true
                }
                Node::Expr(expr) => !matches!(expr.kind, ExprKind::FuncLit(_)),
            });
        }
        let known = |jump: &&Stmt| {
            let node = self.cfg.node_at(jump.span);
            node.is_some_and(|node| !self.leak.maybe_ended(node) || self.may_release_twice())
        };
        match strange || !jumps.iter().all(known) {
            true => Err(why),
            false => Ok(jumps),
        }
    }

    /// A jump from inside the region to somewhere that is not the statement after it.
    fn leaves(&self, region: &Region<'a>, stmt: &'a Stmt) -> bool {
        let label = match &stmt.kind {
            StmtKind::Return(_) => return true,
            StmtKind::Break(label) | StmtKind::Continue(label) => label,
            _ => return false,
        };
        let goes_on = matches!(stmt.kind, StmtKind::Continue(_));
        let mut at = stmt;
        while let Some(outer) = self.tree.place_of(at).and_then(|place| place.outer) {
            if outer.span.contains(region.place.block.span) {
                return true;
            }
            let target = match (&outer.kind, label) {
                (StmtKind::Labeled(name, _), Some(label)) => name.name == label.name,
                (_, Some(_)) => false,
                (StmtKind::For(_) | StmtKind::Range(_), None) => true,
                (StmtKind::Switch(_) | StmtKind::TypeSwitch(_) | StmtKind::Select(_), None) => {
                    !goes_on
                }
                _ => false,
            };
            if target {
                return false;
            }
            at = outer;
        }
        true
    }

    /// Control comes from the region to what follows it with the resource not released.
    fn flows_on(&self, region: &Region<'a>) -> bool {
        let stmts = &region.place.block.stmts[region.place.next.min(region.end)..region.end];
        if stmts.is_empty() {
            return true;
        }
        let inside = |node: NodeIx| {
            let span = self.cfg.node(node).span;
            span.start < span.end && stmts.iter().any(|stmt| stmt.span.contains(span))
        };
        let jumps = |node: NodeIx| {
            self.exit_stmt(node)
                .is_some_and(|stmt| self.leaves(region, stmt))
        };
        let mut inner = self.cfg.indices().filter(|&node| inside(node));
        inner.any(|node| {
            self.leak.is_held(node) && !jumps(node) && {
                let mut out = self.cfg.steps_after(node).into_iter();
                out.any(|(first, to)| self.leak.is_held(first) && !inside(to))
            }
        })
    }

    /// Control may come from the region to what follows it with the resource kept by someone.
    fn may_be_kept(&self, region: &Region<'a>) -> bool {
        let stmts = &region.place.block.stmts[region.place.next.min(region.end)..region.end];
        let inside = |node: NodeIx| {
            let span = self.cfg.node(node).span;
            span.start < span.end && stmts.iter().any(|stmt| stmt.span.contains(span))
        };
        let mut inner = self.cfg.indices().filter(|&node| inside(node));
        inner.any(|node| {
            self.leak.may_be_kept(node) && {
                let mut out = self.cfg.steps_after(node).into_iter();
                out.any(|(_, to)| !inside(to) && to != Cfg::EXIT && to != Cfg::HALT)
            }
        })
    }

    /// The line after which the release goes that all remaining paths come by.
    fn line(&self, region: &Region<'a>) -> Result<Line, Declined> {
        match region.end > region.place.next {
            true => self.search(|search| search.line_between(region.place.block, region.end - 1)),
            false => Ok(region.place.line.clone()),
        }
    }

    /// The release on a line of its own before a jump that does not use the resource.
    pub(super) fn before(&self, jump: &'a Stmt, release: &str) -> Result<Edit, Declined> {
        let jump = self.first_release_before(jump).unwrap_or(jump);
        self.lines_before(jump, &[release.to_owned()])
    }

    /// What was acquired first is released last: the first of the releases right before the jump of what is older.
    fn first_release_before(&self, jump: &'a Stmt) -> Option<&'a Stmt> {
        let (block, ix) = self.tree.place_of(jump)?.list?;
        let decl = |local: LocalId| self.tree.info.locals[local.0 as usize].decl.start;
        let own = decl(self.acquisition.holder.local()?);
        let older = |stmt: &&Stmt| {
            let released = released_local(self.tree, stmt);
            released.is_some_and(|local| decl(local) < own) && !self.uses_in(stmt.span)
        };
        block.stmts[..ix].iter().rev().take_while(older).last()
    }

    /// Lines before a statement that does not use the resource.
    pub(super) fn lines_before(&self, stmt: &Stmt, lines: &[String]) -> Result<Edit, Declined> {
        let in_list = self
            .tree
            .place_of(stmt)
            .is_some_and(|place| place.list.is_some());
        if !in_list || self.uses_in(stmt.span) {
            return Err(Declined::KeptElsewhere);
        }
        let indent = self
            .search(|search| search.indent(stmt.span.start))
            .ok_or(Declined::Layout)?;
        let newline = self.newline();
        let text = lines
            .iter()
            .map(|line| format!("{line}{newline}{indent}"))
            .collect();
        // Comments right above speak of the statement.
        let start = comments_above(self.text, stmt.span.start);
        let at = Span { start, end: start };
        Ok(Edit { span: at, text })
    }

    /// The writer is flushed by hand: its author may leave the end off on purpose (a stream that goes on).
    fn flushes(&self) -> bool {
        self.flow.events.iter().any(|event| {
            let rest = &self.text[event.span.end as usize..];
            event.what == What::Use && rest.starts_with(".Flush(")
        })
    }
}

/// The local that `x.Close()` or `x.Body.Close()` is about.
fn released_local(tree: &Tree<'_>, stmt: &Stmt) -> Option<LocalId> {
    let StmtKind::Expr(call) = &stmt.kind else {
        return None;
    };
    let ExprKind::Call(it) = &call.kind else {
        return None;
    };
    let ExprKind::Selector(of, name) = &it.fun.kind else {
        return None;
    };
    let mut of: &Expr = of;
    while let ExprKind::Selector(inner, _) = &of.kind {
        of = inner;
    }
    (it.args.is_empty() && name.name.as_str() == "Close").then(|| tree.local_of(of))?
}

/// The offset after the indentation of the first of the comment lines right above the line of `offset`; that itself
/// when there are none.
fn comments_above(text: &str, offset: u32) -> u32 {
    let mut first = offset;
    let mut start = layout::line_start(text, offset as usize);
    while start > 0 {
        let above = layout::line_start(text, start - 1);
        let line = text[above..start].trim_start();
        if !line.starts_with("//") {
            break;
        }
        first = (start - line.len()) as u32;
        start = above;
    }
    first
}
