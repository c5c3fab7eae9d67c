//! Where the signal comes from, when it is already in reach of the loop: a context in scope, a context or stop channel
//! of the receiver, a stop channel in scope.

use super::fields;
use super::home::{Home, Unit};
use super::names;
use super::nodes::{self, Node};
use super::origin::{self, Origin};
use super::passed;
use crate::analyse::finding::Applicability;
use crate::syntax::ast::*;
use crate::types::{Answer, Checker, Local, LocalId, LocalKind, Object, TypeView};

/// What tells the goroutine to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// A context, as Go source.
    Context(String),
    /// A channel that is closed to stop, as Go source.
    Channel(String),
}

impl Signal {
    /// What a select receives from.
    pub(super) fn done(&self) -> String {
        match self {
            Signal::Context(ctx) => format!("{ctx}.Done()"),
            Signal::Channel(chan) => chan.clone(),
        }
    }

    /// Whether it is the context of a test, which ends when the test has returned.
    pub(super) fn of_test(&self, types: &Checker<'_>, home: &Home) -> bool {
        let Signal::Context(expr) = self else {
            return false;
        };
        let test = expr.strip_suffix(".Context()");
        test.is_some_and(|test| {
            let mut locals = home.body.info.locals.iter();
            locals.any(|local| {
                local.name == test
                    && types
                        .display(local.ty)
                        .trim_start_matches('*')
                        .starts_with("testing.")
            })
        })
    }

    /// As the title of a fix names it.
    pub(super) fn name(&self) -> String {
        match self {
            Signal::Context(ctx) => format!("{ctx} is done"),
            Signal::Channel(chan) => format!("{chan} is closed"),
        }
    }
}

/// What was found in reach.
#[derive(Debug)]
pub(super) enum Reach {
    /// A signal, and how far its use may be trusted.
    Found(Signal, Applicability),
    /// A context is in scope, but it ends too early.
    TooShort,
    /// Nothing.
    Nothing,
}

/// Names of channels that stop something, as in the 81 human fixes that were read: with these words a close of the
/// channel means "stop".
pub(super) const STOP_WORDS: &[&str] = &[
    "done", "quit", "stop", "stopped", "closed", "closing", "close", "exit", "shutdown", "term",
    "kill", "die", "dead", "halt", "cancel",
];

/// Words that say no more than that it is a channel.
const CHANNEL_WORDS: &[&str] = &[
    "", "ch", "chan", "channel", "c", "sig", "signal", "notify", "is", "should",
];

/// Whether a channel's name says that closing it means "stop", and nothing more: `stopCh` is for all, `sweeperStop` for
/// the sweeper only.
pub(super) fn stop_like(name: &str) -> bool {
    let words = words(name);
    let mut stops = words.iter().filter(|word| {
        let mut endings = CHANNEL_WORDS.iter();
        endings.any(|end| {
            word.strip_suffix(end)
                .is_some_and(|w| STOP_WORDS.contains(&w))
        })
    });
    stops.next().is_some()
        && words.iter().all(|word| {
            let mut endings = CHANNEL_WORDS.iter();
            CHANNEL_WORDS.contains(&word.as_str())
                || endings.any(|end| {
                    word.strip_suffix(end)
                        .is_some_and(|w| STOP_WORDS.contains(&w))
                })
        })
}

/// The words of a name in camel case or with underscores, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && c != '_'
        {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// The signal in reach of all these offsets of the unit, in the design's order.
pub(super) fn reach(types: &Checker<'_>, unit: Unit<'_>, offsets: &[u32]) -> Reach {
    let home = unit.home;
    let (context, short) = context(types, home, offsets);
    if let Some((expr, mut trust)) = context {
        // The function that loops is itself what its context is for, whatever it returns.
        if unit.literal.is_none() && is_param(home, &expr) {
            trust = passed::trust(types, home, &expr, true);
        }
        return Reach::Found(Signal::Context(expr), trust);
    }
    if let Some((signal, trust)) = fields::of_receiver(types, home, offsets) {
        return Reach::Found(signal, trust);
    }
    if let Some(name) = stop_channel(types, unit, offsets) {
        return Reach::Found(Signal::Channel(name), Applicability::Safe);
    }
    match short {
        true => Reach::TooShort,
        false => Reach::Nothing,
    }
}

fn is_param(home: &Home, name: &str) -> bool {
    let locals = &home.body.info.locals;
    locals
        .iter()
        .any(|l| l.kind == LocalKind::Param && l.name == name)
}

/// A context that is in scope at all these offsets, or that an argument in scope carries; and whether one was passed
/// over because it ends too early.
pub(super) fn context(
    types: &Checker<'_>,
    home: &Home,
    offsets: &[u32],
) -> (Option<(String, Applicability)>, bool) {
    let mut short = false;
    let mut best: Option<(String, Applicability)> = None;
    for (id, local) in visible(types, home, offsets) {
        if types.is_context(local.ty) != Answer::Yes {
            continue;
        }
        let trust = match origin::of(types, home, id) {
            Origin::Param => {
                param_trust(types, home).max(passed::trust(types, home, &local.name, false))
            }
            Origin::Group => Applicability::Safe,
            Origin::Cancelled { at_return } if at_return && !origin::is_root(home) => {
                Applicability::Unsafe
            }
            Origin::Cancelled { .. } => Applicability::Safe,
            Origin::Other => Applicability::Unsafe,
            Origin::Deadline => {
                short = true;
                continue;
            }
            Origin::Never => continue,
        };
        let trust = match once_for_all(types, home, offsets, local) {
            true => Applicability::Unsafe,
            false => trust,
        };
        if best.as_ref().is_none_or(|(_, known)| trust < *known) {
            best = Some((local.name.to_string(), trust));
        }
    }
    if best.is_none() {
        best = carried(types, home, offsets);
    }
    (best, short)
}

/// Whether the goroutine is started once for all callers (`once.Do`), and the context is that of the first one.
fn once_for_all(types: &Checker<'_>, home: &Home, offsets: &[u32], local: &Local) -> bool {
    let mut found = false;
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Expr(
            call @ Expr {
                kind: ExprKind::Call(inner),
                ..
            },
        ) = node
        {
            let name = types.callee_name(home.callee(call));
            let once = name.is_some_and(|name| ONCE.contains(&name.as_str()));
            found |= once
                && inner.args.iter().any(|arg| {
                    let span = arg.span;
                    !span.contains(local.decl)
                        && offsets.iter().any(|&at| span.start <= at && at < span.end)
                });
        }
        true
    });
    found
}

/// Functions of package sync whose argument runs once, whoever calls.
const ONCE: &[&str] = &[
    "(*sync.Once).Do",
    "sync.OnceFunc",
    "sync.OnceValue",
    "sync.OnceValues",
];

/// Locals that every offset sees, innermost first.
fn visible<'h>(types: &Checker<'_>, home: &'h Home, offsets: &[u32]) -> Vec<(LocalId, &'h Local)> {
    let mut found: Vec<(LocalId, &Local)> = Vec::new();
    for (i, local) in home.body.info.locals.iter().enumerate() {
        let id = LocalId(i as u32);
        let named = !matches!(local.kind, LocalKind::Const | LocalKind::Type) && local.name != "_";
        if named && names::means(types, home, &local.name, Object::Local(id), offsets) {
            found.push((id, local));
        }
    }
    found.reverse();
    found
}

/// How far a context parameter may be taken for the life of a goroutine: not in a function that answers one request,
/// and not in one that makes a value (in three of six real constructors the context was for the construction only).
pub(super) fn param_trust(types: &Checker<'_>, home: &Home) -> Applicability {
    match for_one_call(types, home) {
        true => Applicability::Unsafe,
        false => Applicability::Safe,
    }
}

fn for_one_call(types: &Checker<'_>, home: &Home) -> bool {
    let decl = &home.decl;
    let lower = decl.name.name.to_lowercase();
    let request = home
        .body
        .info
        .locals
        .iter()
        .filter(|l| l.kind == LocalKind::Param)
        .any(|l| REQUESTS.contains(&types.display(l.ty).as_str()));
    let hook = home
        .outline
        .imports
        .iter()
        .any(|i| i.path == "go.uber.org/fx");
    let results = &decl.signature.results;
    let yields = results.iter().any(|p| {
        !matches!(&p.ty.kind, ExprKind::Ident(name) if name == "error")
            && !matches!(p.ty.kind, ExprKind::ChanType(..))
    });
    // A function that only reports whether it worked may be one request's, unless its name says that it runs something.
    let runs = RUNNING.iter().any(|word| lower.starts_with(word));
    let by_name = ["handle", "new", "on"]
        .iter()
        .any(|word| lower.starts_with(word));
    request || hook || yields || by_name || (!results.is_empty() && !runs)
}

/// How functions are called whose context is for what they start.
const RUNNING: &[&str] = &[
    "run",
    "start",
    "serve",
    "watch",
    "listen",
    "loop",
    "monitor",
    "poll",
    "consume",
    "work",
    "launch",
    "begin",
    "spawn",
    "schedule",
    "main",
    "feed",
    "stream",
    "subscribe",
];

/// Parameters of functions that answer one request, from the documentation of the frameworks.
const REQUESTS: &[&str] = &[
    "net/http.ResponseWriter",
    "*net/http.Request",
    "*github.com/gin-gonic/gin.Context",
    "github.com/labstack/echo/v4.Context",
    "*github.com/gofiber/fiber/v2.Ctx",
];

/// Types with a method `Context` whose context ends with the request, command or test, and the Go version that has it.
/// A benchmark's is another one in each of its runs.
const CARRIERS: &[(&str, (u32, u32))] = &[
    ("*net/http.Request", (1, 7)),
    ("*github.com/spf13/cobra.Command", (1, 0)),
    ("*testing.T", (1, 24)),
    ("testing.TB", (1, 24)),
];

/// `r.Context()` of an argument in scope: of a test for the life of its goroutines, of a request only perhaps.
fn carried(types: &Checker<'_>, home: &Home, offsets: &[u32]) -> Option<(String, Applicability)> {
    let version = types.world().go_version(home.package);
    visible(types, home, offsets)
        .into_iter()
        .filter(|(_, local)| local.kind == LocalKind::Param)
        .find_map(|(_, local)| {
            let display = types.display(local.ty);
            let (name, since) = CARRIERS.iter().find(|(ty, _)| *ty == display)?;
            if name.contains("cobra") && !executes_with_context(types, home) {
                return None;
            }
            let trust = match name.contains("testing.") {
                true if version < Some(*since) => return None,
                true => Applicability::Safe,
                false => Applicability::Unsafe,
            };
            Some((format!("{}.Context()", local.name), trust))
        })
}

/// Whether the module runs its commands with a context; else the one that they carry never ends.
fn executes_with_context(types: &Checker<'_>, home: &Home) -> bool {
    let world = types.world();
    let packages = world.module_packages(home.package);
    packages.into_iter().any(|id| {
        world.package(id).is_some_and(|package| {
            let mut files = package.files.iter();
            files.any(|file| world.text(file.id).contains("ExecuteContext"))
        })
    })
}

/// A parameter or captured local `chan struct{}` that is called like a stop channel; when it may be sent on, it must be
/// closed in the function that declares it.
fn stop_channel(types: &Checker<'_>, unit: Unit<'_>, offsets: &[u32]) -> Option<String> {
    visible(types, unit.home, offsets).into_iter().find_map(|(id, local)| {
        let TypeView::Chan(dir, elem) = types.view(types.underlying(local.ty)) else { return None };
        let empty = matches!(types.view(types.underlying(elem)), TypeView::Struct(fields) if fields.is_empty());
        let heard = match dir {
            ChanDir::Receive => local.kind == LocalKind::Param,
            ChanDir::Both => closed_outside(unit, id),
            ChanDir::Send => false,
        };
        (empty && heard && stop_like(&local.name)).then(|| local.name.to_string())
    })
}

/// A channel that can be passed on at `offset` as a stop signal: a parameter that is heard only, or a local that the
/// function itself closes (not a goroutine of it: that would say "done").
pub(super) fn stop_in(types: &Checker<'_>, home: &Home, offset: u32) -> Option<String> {
    visible(types, home, &[offset]).into_iter().find_map(|(id, local)| {
        let TypeView::Chan(dir, elem) = types.view(types.underlying(local.ty)) else { return None };
        let empty = matches!(types.view(types.underlying(elem)), TypeView::Struct(fields) if fields.is_empty());
        let heard = match dir {
            ChanDir::Receive => local.kind == LocalKind::Param,
            ChanDir::Both => closed_here(home, id),
            ChanDir::Send => false,
        };
        (empty && heard && stop_like(&local.name)).then(|| local.name.to_string())
    })
}

/// Whether the function closes the channel in its own statements.
fn closed_here(home: &Home, local: LocalId) -> bool {
    let mut found = false;
    nodes::each_own(&home.body.body.block, &mut |node| {
        if let Node::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) = node
        {
            found |= matches!(&call.fun.kind, ExprKind::Ident(name) if name == "close")
                && matches!(call.args.as_slice(), [arg] if home.object(arg) == Some(Object::Local(local)));
        }
    });
    found
}

/// Whether the declaring function closes the channel outside the unit.
fn closed_outside(unit: Unit<'_>, local: LocalId) -> bool {
    let own = unit.literal.map(|l| l.span);
    let mut found = false;
    nodes::each_of(&unit.home.body.body, &mut |node| {
        if let Node::Expr(
            call @ Expr {
                kind: ExprKind::Call(inner),
                ..
            },
        ) = node
            && matches!(&inner.fun.kind, ExprKind::Ident(name) if name == "close")
            && let [arg] = inner.args.as_slice()
            && unit.home.object(arg) == Some(Object::Local(local))
        {
            found |= own.is_some_and(|o| !o.contains(call.span));
        }
        true
    });
    found
}

/// Whether the unit has a context parameter of its own.
pub(super) fn has_context(types: &Checker<'_>, unit: Unit<'_>) -> bool {
    let span = unit.signature.params_span;
    let mut params = unit
        .home
        .body
        .info
        .locals
        .iter()
        .filter(|l| l.kind == LocalKind::Param && span.contains(l.decl));
    params.any(|l| types.is_context(l.ty) == Answer::Yes)
}
