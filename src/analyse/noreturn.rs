//! Calls that never return to their caller: a panic, the end of the goroutine, or the end of the process.

use crate::analyse::cfg::Cfg;
use crate::analyse::effort;
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::{Body, Expr, ExprKind, Name, NodeId};
use crate::types::{BodyInfo, Callee, CheckedBody, Checker};
use rustc_hash::FxHashMap;
use std::sync::RwLock;

/// Functions of the standard library and of widely used modules that never return, by full name. From their
/// documentation: each says that it exits, panics or calls `runtime.Goexit`.
const NEVER: &[&str] = &[
    "panic",
    "os.Exit",
    "runtime.Goexit",
    "syscall.Exit",
    "log.Fatal",
    "log.Fatalf",
    "log.Fatalln",
    "log.Panic",
    "log.Panicf",
    "log.Panicln",
    "(*log.Logger).Fatal",
    "(*log.Logger).Fatalf",
    "(*log.Logger).Fatalln",
    "(*log.Logger).Panic",
    "(*log.Logger).Panicf",
    "(*log.Logger).Panicln",
    "(*testing.common).Fatal",
    "(*testing.common).Fatalf",
    "(*testing.common).FailNow",
    "(*testing.common).Skip",
    "(*testing.common).Skipf",
    "(*testing.common).SkipNow",
    "(testing.TB).Fatal",
    "(testing.TB).Fatalf",
    "(testing.TB).FailNow",
    "(testing.TB).Skip",
    "(testing.TB).Skipf",
    "(testing.TB).SkipNow",
    "github.com/sirupsen/logrus.Fatal",
    "github.com/sirupsen/logrus.Fatalf",
    "github.com/sirupsen/logrus.Fatalln",
    "github.com/sirupsen/logrus.Panic",
    "github.com/sirupsen/logrus.Panicf",
    "(*github.com/sirupsen/logrus.Logger).Fatal",
    "(*github.com/sirupsen/logrus.Logger).Fatalf",
    "(*github.com/sirupsen/logrus.Entry).Fatal",
    "(*github.com/sirupsen/logrus.Entry).Fatalf",
    "(*go.uber.org/zap.Logger).Fatal",
    "(*go.uber.org/zap.Logger).Panic",
    "(*go.uber.org/zap.SugaredLogger).Fatal",
    "(*go.uber.org/zap.SugaredLogger).Fatalf",
    "(*go.uber.org/zap.SugaredLogger).Fatalw",
    "k8s.io/klog/v2.Fatal",
    "k8s.io/klog/v2.Fatalf",
    "k8s.io/klog/v2.Exit",
    "k8s.io/klog/v2.Exitf",
    "github.com/stretchr/testify/require.FailNow",
];

/// How many functions deep a module function is followed: `fatal` → `exit` → `os.Exit`; longer chains of functions
/// that only exit are not worth their cost.
const DEPTH: u32 = 4;

/// Knows which calls never return.
#[derive(Debug, Default)]
pub struct NeverReturns(());

/// What was found out, for all workers. An answer depends on nothing but the function and how deep its callees are
/// followed, so it is the same whoever asked first.
#[derive(Debug, Default)]
struct Known(RwLock<FxHashMap<FuncRef, Depths>>);

/// A function that does not return is known not to at every greater depth; one that does, at every lesser.
#[derive(Clone, Copy, Debug, Default)]
struct Depths {
    never: Option<u32>,
    returns: Option<u32>,
}

impl Known {
    fn get(&self, func: FuncRef, depth: u32) -> Option<bool> {
        let known = *self.0.read().ok()?.get(&func)?;
        if known.never.is_some_and(|at| at <= depth) {
            return Some(true);
        }
        known.returns.is_some_and(|at| at >= depth).then_some(false)
    }

    fn put(&self, func: FuncRef, depth: u32, never: bool) {
        let Ok(mut known) = self.0.write() else {
            return;
        };
        let depths = known.entry(func).or_default();
        match never {
            true => depths.never = Some(depths.never.map_or(depth, |at| at.min(depth))),
            false => depths.returns = Some(depths.returns.map_or(depth, |at| at.max(depth))),
        }
    }
}

impl NeverReturns {
    /// Everything that is known of the world is asked.
    pub fn new() -> NeverReturns {
        NeverReturns::default()
    }

    /// The graph of a checked function's own body; none for a variable's initialiser.
    pub fn cfg<'a>(&self, types: &Checker<'_>, body: &'a CheckedBody) -> Option<Cfg<'a>> {
        match body.body_ref {
            BodyRef::Func(_) => Some(self.cfg_of(types, &body.body, &body.info)),
            BodyRef::Var(..) => None,
        }
    }

    fn cfg_of<'a>(&self, types: &Checker<'_>, body: &'a Body, info: &BodyInfo) -> Cfg<'a> {
        Cfg::new(&body.block, &|call| self.call(types, info, call))
    }

    /// Whether this call expression never returns. Unknown callees return.
    pub fn call(&self, types: &Checker<'_>, info: &BodyInfo, call: &Expr) -> bool {
        self.call_within(types, info, call, DEPTH)
    }

    /// Whether this function never returns.
    pub fn func(&self, types: &Checker<'_>, func: FuncRef) -> bool {
        self.func_within(types, func, DEPTH)
    }

    fn call_within(&self, types: &Checker<'_>, info: &BodyInfo, call: &Expr, depth: u32) -> bool {
        let call = call.unparen();
        if !matches!(call.kind, ExprKind::Call(_)) {
            return false;
        }
        match callee(info, call.id) {
            Some(Callee::Func(func)) => self.func_within(types, *func, depth),
            Some(Callee::Builtin(name)) => *name == Name::from("panic"),
            Some(found @ Callee::Interface(_)) => types
                .callee_name(found)
                .is_some_and(|name| NEVER.contains(&name.as_str())),
            _ => false,
        }
    }

    fn func_within(&self, types: &Checker<'_>, func: FuncRef, depth: u32) -> bool {
        effort::spend(1);
        let known = types.world().memo::<Known>();
        if let Some(known) = known.get(func, depth) {
            return known;
        }
        let never = NEVER.contains(&types.func_name(func).as_str())
            || depth > 0
                && effort::apart(|| self.body_never_returns(types, func, depth - 1)) == Some(true);
        known.put(func, depth, never);
        never
    }

    /// Every path of the body ends in a call that never returns, and at least one does.
    fn body_never_returns(&self, types: &Checker<'_>, func: FuncRef, depth: u32) -> bool {
        let Some(body) = types.body(BodyRef::Func(func)) else {
            return false;
        };
        if body.body.broken {
            return false;
        }
        let cfg = Cfg::new(&body.body.block, &|call| {
            self.call_within(types, &body.info, call, depth)
        });
        !cfg.broken() && cfg.reachable(Cfg::HALT) && !cfg.reachable(Cfg::EXIT)
    }
}

/// The callee recorded for a call expression.
pub fn callee(info: &BodyInfo, call: NodeId) -> Option<&Callee> {
    let found = info.callees.binary_search_by_key(&call, |(id, _)| *id);
    found.ok().map(|at| &info.callees[at].1)
}
