//! A loop that blocks in `Accept` or `Read` and goes on after an error: the signal closes what it reads from, and the
//! error branch asks whether that is why.

use super::home::{Home, Unit};
use super::layout;
use super::names;
use super::nodes::{self, Node};
use super::quick;
use super::rewrite::{Rewrite, Words, steady};
use super::shapes::{Kind, Loop};
use super::signal::Signal;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;
use crate::types::{Checker, LocalKind, Object};

/// Calls that return an error once their receiver is closed (package net, "Any blocked … operations will be unblocked
/// and return errors"), and whether the receiver is a listener.
const INTERRUPTIBLE: &[(&str, bool)] = &[
    ("(net.Listener).Accept", true),
    ("(*net.TCPListener).Accept", true),
    ("(*net.TCPListener).AcceptTCP", true),
    ("(*net.UnixListener).Accept", true),
    ("(*net.UnixListener).AcceptUnix", true),
    ("(net.Conn).Read", false),
    ("(*net.conn).Read", false),
    ("(*net.TCPConn).Read", false),
    ("(*net.UDPConn).Read", false),
    ("(*net.UDPConn).ReadFrom", false),
    ("(*net.UDPConn).ReadFromUDP", false),
    ("(*net.UDPConn).ReadFromUDPAddrPort", false),
    ("(*net.UDPConn).ReadMsgUDP", false),
    ("(net.PacketConn).ReadFrom", false),
    ("(*net.UnixConn).Read", false),
];

/// `context.AfterFunc`, from the Go 1.21 release notes.
const AFTER_FUNC: (u32, u32) = (1, 21);

/// The one call that a loop blocks in.
pub(super) struct Interrupt<'a> {
    /// The statement that makes it.
    pub(super) stmt: &'a Stmt,
    /// What is closed to end it.
    subject: &'a Expr,
    /// The branch of its error.
    branch: &'a Block,
    listener: bool,
}

/// The blocking call, when it is the only one and its error has a branch of its own right after it.
pub(super) fn interrupt<'a>(
    types: &Checker<'_>,
    unit: Unit<'a>,
    stuck: &Loop<'a>,
) -> Result<Option<Interrupt<'a>>, Declined> {
    let home = unit.home;
    let blocking = quick::blocking(types, home, stuck.body);
    let [call] = blocking.as_slice() else {
        return match blocking.is_empty() {
            true => Ok(None),
            false => Err(Declined::BlockingCall),
        };
    };
    let found = of_call(types, home, stuck, call).ok_or(Declined::BlockingCall)?;
    let old = types.world().go_version(home.package) < Some(AFTER_FUNC);
    let in_loop = loops_around(unit, stuck) > 0;
    if old || in_loop || !matches!(stuck.kind, Kind::Plain) || stuck.label.is_some() {
        return Err(Declined::BlockingCall);
    }
    steady(home, stuck, found.subject)?;
    Ok(Some(found))
}

fn of_call<'a>(
    types: &Checker<'_>,
    home: &Home,
    stuck: &Loop<'a>,
    call: &Expr,
) -> Option<Interrupt<'a>> {
    let name = types.callee_name(home.callee(call))?;
    let (_, listener) = INTERRUPTIBLE.iter().find(|(known, _)| *known == name)?;
    let stmts = &stuck.body.stmts;
    let at = stmts.iter().position(|s| s.span.contains(call.span))?;
    let StmtKind::Assign(assign) = &stmts[at].kind else {
        return None;
    };
    let [rhs] = assign.rhs.as_slice() else {
        return None;
    };
    let ExprKind::Call(inner) = &rhs.unparen().kind else {
        return None;
    };
    let ExprKind::Selector(subject, _) = &inner.fun.unparen().kind else {
        return None;
    };
    let error = home.object(assign.lhs.last()?)?;
    let StmtKind::If(check) = &stmts.get(at + 1)?.kind else {
        return None;
    };
    let ExprKind::Binary(BinaryOp::NotEqual, left, right) = &check.cond.unparen().kind else {
        return None;
    };
    let checks = check.init.is_none()
        && home.object(left.unparen()) == Some(error)
        && matches!(&right.unparen().kind, ExprKind::Ident(name) if *name == "nil");
    (rhs.unparen().span == call.span && checks).then_some(Interrupt {
        stmt: &stmts[at],
        subject,
        branch: &check.then,
        listener: *listener,
    })
}

/// How many loops of the unit the loop stands in: a `defer` there would pile up.
fn loops_around(unit: Unit<'_>, stuck: &Loop<'_>) -> usize {
    let path = nodes::path(&unit.home.body.body, stuck.stmt.span);
    let around = path.iter().filter(|node| {
        matches!(
            node,
            Node::Stmt(Stmt {
                kind: StmtKind::For(_) | StmtKind::Range(_),
                span,
            }) if *span != stuck.stmt.span && unit.block.span.contains(*span)
        )
    });
    around.count()
}

/// Closes the subject on the signal, and leaves in the error's branch.
pub(super) fn rewrite(
    types: &Checker<'_>,
    unit: Unit<'_>,
    stuck: &Loop<'_>,
    found: &Interrupt<'_>,
    signal: &Signal,
    words: &Words<'_>,
    out: &mut Rewrite,
) -> Result<bool, Declined> {
    let home = unit.home;
    let Signal::Context(ctx) = signal else {
        return Err(Declined::BlockingCall);
    };
    let old_home = home
        .outline
        .imports
        .iter()
        .any(|i| i.path == names::CONTEXT[1]);
    let (package, import) = names::context(types, home)?;
    if old_home {
        return Err(Declined::BlockingCall);
    }
    let text = &home.text;
    let at = stuck.stmt.span.start;
    let indent = layout::indent(text, at)?;
    let stop = names::free(home, &["stop", "stopClose", "unhook"])?;
    let subject = home.src(found.subject.span);
    out.edits.push(Edit {
        span: Span { start: at, end: at },
        text: format!(
            "{stop} := {package}.AfterFunc({ctx}, func() {{ {subject}.Close() }})\n{indent}defer {stop}()\n{indent}"
        ),
    });
    let inner = layout::indent(text, found.branch.span.end - 1)?;
    let lines = format!(
        "{inner}\tif {ctx}.Err() != nil {{\n{inner}\t\t{}\n{inner}\t}}",
        words.leave
    );
    let brace = found.branch.span.start + 1;
    out.edits.push(layout::after_brace(text, brace, &lines)?);
    // Someone else may still write to a connection that was made elsewhere.
    out.unsure |= !found.listener && !made_here(home, found.subject);
    Ok(import)
}

/// Whether the root of the expression is a variable of the function.
fn made_here(home: &Home, subject: &Expr) -> bool {
    match home.object(subject.unparen()) {
        Some(Object::Local(local)) => {
            home.body.info.locals[local.0 as usize].kind == LocalKind::Var
        }
        _ => false,
    }
}
