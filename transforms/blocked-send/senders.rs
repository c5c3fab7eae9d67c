//! How much is sent: once a goroutine, and by how many goroutines.

use super::channel::Channel;
use crate::analyse::cfg::{Cfg, NodeIx, Step};
use crate::analyse::declined::Declined;
use crate::analyse::ownership::FuncIx;
use crate::index::DeclRef;
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Callee, LocalId, LocalKind, Object, TypeView};
use std::collections::BTreeSet;

/// How much room makes each send complete.
pub(super) struct Capacity {
    /// As an argument of `make`.
    pub(super) text: String,
    /// For people.
    pub(super) what: String,
}

/// The goroutines that send.
pub(super) struct Senders<'a> {
    /// The first send.
    pub(super) send: Span,
    /// The `go` statement of its goroutine.
    pub(super) started: Span,
    /// All `go` statements.
    pub(super) starts: Vec<&'a Stmt>,
    /// How many sends there are, when no loop starts them or one with so many iterations that does nothing else to the
    /// channel.
    pub(super) count: Option<u32>,
    /// What follows the sends: it would now run although nobody has received.
    pub(super) after: After,
    /// The room that is needed, or why it is not known.
    pub(super) capacity: Result<Capacity, Declined>,
}

/// How many goroutines a `go` statement starts.
enum Count {
    One,
    /// A constant, as written.
    Fixed(String),
    /// `len(x)`.
    Length(String),
    Unknown,
}

impl<'a> Senders<'a> {
    /// None when a send waits for something else too (a `select` with other cases): it does not block for ever.
    pub(super) fn new(
        channel: &Channel<'a, '_>,
        graph: &dyn Fn(FuncIx) -> Cfg<'a>,
    ) -> Option<Senders<'a>> {
        let funcs: BTreeSet<FuncIx> = channel.sends.iter().map(|(_, func)| *func).collect();
        let (send, func) = channel.sends.first()?;
        let mut senders = Senders {
            send: send.span,
            started: channel.start_of(*func)?.span,
            starts: Vec::new(),
            count: Some(0),
            after: After::Nothing,
            capacity: Err(Declined::SenderCount),
        };
        let mut counts = Vec::new();
        let mut many = false;
        for func in funcs {
            let start = channel.start_of(func)?;
            let cfg = graph(func);
            if cfg.broken() {
                return None;
            }
            let mut nodes = Vec::new();
            for (send, own) in &channel.sends {
                if *own == func {
                    nodes.push(blocking(&cfg, send)?);
                }
            }
            many |= nodes.iter().any(|&node| {
                let after = cfg.reach(node, |_, _| true);
                nodes.iter().any(|other| after.contains(other))
            });
            let body = channel.tree.func(func).block;
            let after = nodes.iter().map(|&node| after(channel, &cfg, node, body));
            senders.after = senders.after.max(after.max().unwrap_or(After::More));
            let count = count(channel, start);
            senders.count = match (&count, senders.count) {
                (Count::One, Some(count)) => Some(count + 1),
                (Count::Fixed(text), Some(0)) if starts_only(channel, start) => text.parse().ok(),
                _ => None,
            };
            counts.push(count);
            senders.starts.push(start);
        }
        senders.capacity = match many {
            true => Err(Declined::ManySends),
            false => capacity(&counts).ok_or(Declined::SenderCount),
        };
        Some(senders)
    }
}

/// The node of a send that waits for nothing else.
fn blocking(cfg: &Cfg<'_>, send: &Stmt) -> Option<NodeIx> {
    let node = cfg.indices().find(|&ix| match cfg.node(ix).step {
        Step::Stmt(stmt) | Step::Comm(stmt) => std::ptr::eq(stmt, send),
        _ => false,
    })?;
    let alone = match cfg.node(node).step {
        Step::Comm(_) => {
            let select = cfg.node(node).prev.first()?;
            cfg.node(*select).next.len() == 1
        }
        _ => true,
    };
    alone.then_some(node)
}

/// What a goroutine does after its send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum After {
    /// Nothing, or it closes the channel: a closed channel still hands out what it holds (Go spec "Close").
    Nothing,
    /// It tells a WaitGroup.
    Tells,
    /// Something else. With room for the send it happens before anybody has received: a receiver that waits for several
    /// things may be told of the end before it gets the value.
    More,
}

fn after(channel: &Channel<'_, '_>, cfg: &Cfg<'_>, send: NodeIx, body: &Block) -> After {
    let call = |call: &Expr| match channel.tree.callee(call) {
        Some(Callee::Builtin(name)) if *name == "close" && channel.is_argument(call) => {
            After::Nothing
        }
        Some(callee) => {
            let name = channel.subject.types.callee_name(callee);
            match name.as_deref() {
                Some("(*sync.WaitGroup).Done") => After::Tells,
                _ => After::More,
            }
        }
        None => After::More,
    };
    let stmt = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Return(values) if values.is_empty() => After::Nothing,
        StmtKind::Break(_) | StmtKind::Continue(_) => After::Nothing,
        StmtKind::Expr(x) => call(x),
        _ => After::More,
    };
    let reached = cfg.reach(send, |_, _| true).into_iter();
    let reached = reached.map(|ix| match cfg.node(ix).step {
        Step::Stmt(it) => stmt(it),
        Step::End | Step::Exit | Step::Join => After::Nothing,
        _ => After::More,
    });
    let mut deferred = After::Nothing;
    walk_block(body, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Defer(x),
            ..
        }) = node
        {
            deferred = deferred.max(call(x));
        }
        matches!(node, Node::Stmt(_))
    });
    reached.max().unwrap_or(After::Nothing).max(deferred)
}

fn capacity(counts: &[Count]) -> Option<Capacity> {
    match counts {
        [Count::Fixed(text)] => Some(Capacity {
            text: text.clone(),
            what: format!("all {text} sends"),
        }),
        [Count::Length(text)] => Some(Capacity {
            text: text.clone(),
            what: "every send".to_owned(),
        }),
        all if all.iter().all(|count| matches!(count, Count::One)) => Some(Capacity {
            text: all.len().to_string(),
            what: match all.len() {
                1 => "the send".to_owned(),
                many => format!("all {many} sends"),
            },
        }),
        _ => None,
    }
}

/// How often a `go` statement runs for one channel: by the loops around it that are not around the channel too.
fn count(channel: &Channel<'_, '_>, start: &Stmt) -> Count {
    let mut loops = Vec::new();
    let mut at = channel.tree.place_of(start).and_then(|place| place.outer);
    while let Some(outer) = at {
        if outer.span.contains(channel.stmt.span) {
            break;
        }
        if matches!(outer.kind, StmtKind::For(_) | StmtKind::Range(_)) {
            loops.push(outer);
        }
        at = channel.tree.place_of(outer).and_then(|place| place.outer);
    }
    match &loops[..] {
        [] => Count::One,
        [only] => iterations(channel, only).unwrap_or(Count::Unknown),
        _ => Count::Unknown,
    }
}

/// Whether the loop around a `go` statement receives nothing.
fn starts_only(channel: &Channel<'_, '_>, start: &Stmt) -> bool {
    let around = channel.tree.place_of(start).and_then(|place| place.outer);
    around.is_some_and(|around| {
        let mut receives = channel.receives.iter();
        !receives.any(|receive| around.span.contains(*receive))
    })
}

fn iterations(channel: &Channel<'_, '_>, it: &Stmt) -> Option<Count> {
    match &it.kind {
        StmtKind::Range(range) => {
            let subject = range.subject.unparen();
            if let Some(text) = constant(channel, subject) {
                return Some(Count::Fixed(text));
            }
            length(channel, subject)
        }
        StmtKind::For(it) => {
            // `for i := 0; i < n; i++`, with n a constant or a length.
            let StmtKind::Assign(init) = &it.init.as_ref()?.kind else {
                return None;
            };
            let [zero] = &init.rhs[..] else { return None };
            let from_zero = channel.text_of(zero.span) == "0";
            let ExprKind::Binary(BinaryOp::Less, index, bound) = &it.cond.as_ref()?.kind else {
                return None;
            };
            let counter = channel.tree.local_of(index)?;
            let up = matches!(&it.post.as_ref()?.kind, StmtKind::IncDec(x) if channel.tree.local_of(x) == Some(counter))
                && channel.text_of(it.post.as_ref()?.span).ends_with("++");
            let counts = init.lhs.iter().any(|to| {
                channel.tree.local(to.id) == Some(counter)
                    || channel.tree.local_of(to) == Some(counter)
            });
            let untouched = channel
                .tree
                .uses(counter)
                .iter()
                .all(|x| !it.body.span.contains(x.span) || !channel.tree.is_assigned(x));
            if !(from_zero && up && counts && untouched) {
                return None;
            }
            match &bound.unparen().kind {
                ExprKind::Call(call) => {
                    let callee = channel.tree.callee(bound.unparen());
                    let len = matches!(callee, Some(Callee::Builtin(name)) if *name == "len");
                    match &call.args[..] {
                        [of] if len => length(channel, of.unparen()),
                        _ => None,
                    }
                }
                _ => constant(channel, bound.unparen()).map(Count::Fixed),
            }
        }
        _ => None,
    }
}

/// An integer literal or a named constant, as written.
fn constant(channel: &Channel<'_, '_>, x: &Expr) -> Option<String> {
    let named = match &x.kind {
        ExprKind::Literal(LiteralKind::Int) => true,
        ExprKind::Ident(_) => match channel.tree.info.objects.get(x.id.0 as usize)?.as_ref()? {
            Object::Local(local) => {
                let it = &channel.tree.info.locals[local.0 as usize];
                it.kind == LocalKind::Const && visible(channel, *local)
            }
            Object::Declared(_, DeclRef::Const(_)) => is_free(channel, x),
            _ => false,
        },
        _ => false,
    };
    let types = channel.subject.types;
    let integer = || {
        let ty = channel.tree.type_of(x)?;
        match types.view(types.underlying(ty)) {
            TypeView::Basic(name) => Some(name.contains("int")),
            _ => None,
        }
    };
    (named && integer()?).then(|| channel.text_of(x.span))
}

/// Whether a package-level name means the same where the channel is made.
fn is_free(channel: &Channel<'_, '_>, x: &Expr) -> bool {
    let ExprKind::Ident(name) = x.kind else {
        return false;
    };
    let subject = channel.subject;
    let there = subject
        .types
        .name_at(&subject.body, channel.made.start, name);
    there.is_some() && there == channel.tree.info.objects[x.id.0 as usize]
}

/// `len(x)` of a slice, map, array or string variable that has its value when the channel is made and keeps it.
fn length(channel: &Channel<'_, '_>, x: &Expr) -> Option<Count> {
    let local = channel.tree.local_of(x)?;
    let types = channel.subject.types;
    let view = types.view(types.underlying(channel.tree.type_of(x)?));
    let counted = matches!(
        view,
        TypeView::Slice(_) | TypeView::Map(..) | TypeView::Array(_)
    );
    let it = &channel.tree.info.locals[local.0 as usize];
    let assigned = channel
        .tree
        .uses(local)
        .iter()
        .filter(|x| channel.tree.is_assigned(x));
    let later = assigned
        .into_iter()
        .any(|x| x.span.start > channel.made.start);
    // A map or its elements may change through any use; a slice's length is in the variable.
    let fixed = !matches!(view, TypeView::Map(..)) && !address_taken(channel, local);
    let kind = matches!(it.kind, LocalKind::Var | LocalKind::Param);
    (counted && fixed && kind && !later && visible(channel, local))
        .then(|| Count::Length(format!("len({})", it.name)))
}

fn address_taken(channel: &Channel<'_, '_>, local: LocalId) -> bool {
    use crate::analyse::ownership::Parent;
    channel.tree.uses(local).iter().any(|x| {
        matches!(
            channel.tree.parent(x),
            Some(Parent::Expr(Expr {
                kind: ExprKind::Unary(UnaryOp::Address, _),
                ..
            }))
        )
    })
}

/// Whether the name means this local where the channel is made.
fn visible(channel: &Channel<'_, '_>, local: LocalId) -> bool {
    let subject = channel.subject;
    let it = &channel.tree.info.locals[local.0 as usize];
    let there = subject
        .types
        .name_at(&subject.body, channel.made.start, it.name);
    there == Some(Object::Local(local))
}
