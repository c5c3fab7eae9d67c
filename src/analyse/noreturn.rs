//! Calls that never return to their caller: a panic, the end of the goroutine, or the end of the process.

use crate::analyse::cfg::Cfg;
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::{Body, Expr, ExprKind, Name, NodeId};
use crate::types::{BodyInfo, Callee, CheckedBody, Checker};
use std::cell::RefCell;
use std::collections::HashMap;

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

/// Knows which calls never return; remembers the module's functions it has looked into. One a worker.
#[derive(Debug, Default)]
pub struct NeverReturns {
    known: RefCell<HashMap<FuncRef, bool>>,
}

impl NeverReturns {
    /// Nothing looked into yet.
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
        if let Some(&known) = self.known.borrow().get(&func) {
            return known;
        }
        let listed = NEVER.contains(&types.func_name(func).as_str());
        if !listed && depth == 0 {
            return false;
        }
        // Until the answer is there a recursive call returns: a function is not condemned by calling itself.
        self.known.borrow_mut().insert(func, listed);
        let never = listed || self.body_never_returns(types, func, depth - 1);
        self.known.borrow_mut().insert(func, never);
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
    let found = info.callees.iter().find(|(id, _)| *id == call);
    found.map(|(_, callee)| callee)
}
