//! What the tables and the module's own functions say about callees, for one kind of release.

use super::table::Tables;
use crate::analyse::cfg::{Branch, Cfg, Step};
use crate::analyse::noreturn::NeverReturns;
use crate::analyse::ownership::{Effect, Effects, Release, Tree, summary};
use crate::analyse::recursion::Recursion;
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::{Expr, ExprKind};
use crate::types::{Callee, Checker, LocalId};

/// Calls that do not return when their error argument (with this index) is not nil: the documentation of testify and
/// of gotest.tools.
const GUARDS: &[(&str, usize)] = &[
    ("github.com/stretchr/testify/require.NoError", 1),
    ("github.com/stretchr/testify/require.NoErrorf", 1),
    ("github.com/stretchr/testify/require.Nil", 1),
    ("gotest.tools/assert.NilError", 1),
    ("gotest.tools/v3/assert.NilError", 1),
    // Its documentation: "NoError asserts err is a nil error", and package must ends the test.
    ("github.com/shoenig/test/must.NoError", 1),
    ("github.com/shoenig/test/must.Nil", 1),
    // `assert.Assert(t, err)`: an error that is not nil fails the comparison.
    ("gotest.tools/assert.Assert", 1),
    ("gotest.tools/v3/assert.Assert", 1),
];

const TESTIFY: &str = "github.com/stretchr/testify/require";

/// Calls that do not return when their error argument (with this index) is nil: the same documentation.
const EXPECT_ERROR: &[(&str, usize)] = &[
    ("github.com/stretchr/testify/require.Error", 1),
    ("github.com/stretchr/testify/require.Errorf", 1),
    ("github.com/stretchr/testify/require.ErrorIs", 1),
    ("github.com/stretchr/testify/require.ErrorAs", 1),
    ("github.com/stretchr/testify/require.ErrorContains", 1),
    ("github.com/stretchr/testify/require.EqualError", 1),
    ("github.com/stretchr/testify/require.NotNil", 1),
    ("github.com/shoenig/test/must.Error", 1),
    ("github.com/shoenig/test/must.EqError", 1),
    ("github.com/shoenig/test/must.ErrorIs", 1),
    ("gotest.tools/assert.Error", 1),
    ("gotest.tools/assert.ErrorContains", 1),
    ("gotest.tools/assert.ErrorType", 1),
    ("gotest.tools/v3/assert.Error", 1),
    ("gotest.tools/v3/assert.ErrorContains", 1),
    ("gotest.tools/v3/assert.ErrorIs", 1),
    ("gotest.tools/v3/assert.ErrorType", 1),
];

/// Callees, as far as they are known, asked with one kind of release in mind.
pub(super) struct Knowledge<'s> {
    pub(super) types: &'s Checker<'s>,
    pub(super) tables: &'s Tables,
    pub(super) release: &'s Release,
    pub(super) never: &'s NeverReturns,
    summaries: Recursion<Question, Option<Effect>>,
}

/// What a function does with an argument that is released so.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    /// By which tables: users' own pairs are for this rule only.
    tables: usize,
    func: FuncRef,
    argument: usize,
    release: Release,
}

impl<'s> Knowledge<'s> {
    /// Nothing looked into yet.
    pub(super) fn new(
        types: &'s Checker<'s>,
        tables: &'s Tables,
        release: &'s Release,
        never: &'s NeverReturns,
    ) -> Knowledge<'s> {
        Knowledge {
            types,
            tables,
            release,
            never,
            summaries: Recursion::new(types.world()),
        }
    }

    /// Whether the call statement does not return when `error` is not nil.
    pub(super) fn guards(&self, tree: &Tree<'_>, call: &Expr, error: LocalId) -> bool {
        self.leaves(tree, call, error, false, GUARDS)
            .unwrap_or(false)
    }

    /// Whether the call statement does not return when `error` is nil.
    pub(super) fn expects_error(&self, tree: &Tree<'_>, call: &Expr, error: LocalId) -> bool {
        self.leaves(tree, call, error, true, EXPECT_ERROR)
            .unwrap_or(false)
    }

    /// Whether the call statement says that `error` is not nil: as [`Knowledge::expects_error`], or goes on.
    pub(super) fn asserts_error(&self, tree: &Tree<'_>, call: &Expr, error: LocalId) -> bool {
        let callee = tree.callee(call).and_then(|it| self.types.callee_name(it));
        let plain = |name: String| {
            name.replace("(*github.com/stretchr/testify/assert.Assertions)", TESTIFY)
                .replace("github.com/stretchr/testify/assert", TESTIFY)
        };
        let named = callee.map(plain);
        named.is_some_and(|name| EXPECT_ERROR.iter().any(|(known, _)| *known == name))
            || self.expects_error(tree, call, error)
    }

    /// Whether the call does not return when `error` is nil, or is not nil: by the table, or by its body.
    fn leaves(
        &self,
        tree: &Tree<'_>,
        call: &Expr,
        error: LocalId,
        when_nil: bool,
        table: &[(&str, usize)],
    ) -> Option<bool> {
        let ExprKind::Call(it) = &call.unparen().kind else {
            return None;
        };
        let mut args = it.args.iter();
        let index = args.position(|arg| tree.local_of(arg) == Some(error))?;
        let callee = tree.callee(call.unparen())?;
        let name = self.types.callee_name(callee).unwrap_or_default();
        // Methods of testify's Assertions have their arguments one earlier.
        let plain = name.replace("(*github.com/stretchr/testify/require.Assertions)", TESTIFY);
        let at = if plain == name { index } else { index + 1 };
        if table.contains(&(plain.as_str(), at)) {
            return Some(true);
        }
        match callee {
            Callee::Func(func) => {
                let nil = |x: &Expr| matches!(&x.unparen().kind, ExprKind::Ident(name) if name.as_str() == "nil");
                let nothing = it.args.iter().position(nil);
                self.cannot_return(*func, index, nothing, when_nil)
            }
            _ => None,
        }
    }

    /// `reflect.DeepEqual(x, nothing)` (true) of a local with the one that is nil: of an interface it holds for nil alone.
    fn compared_with(
        &self,
        tree: &Tree<'_>,
        cond: &Expr,
        nothing: LocalId,
    ) -> Option<(LocalId, bool)> {
        let ExprKind::Call(call) = &cond.unparen().kind else {
            return None;
        };
        let callee = tree.callee(cond.unparen())?;
        let [left, right] = call.args.as_slice() else {
            return None;
        };
        let same = self.types.callee_name(callee)? == "reflect.DeepEqual";
        let (left, right) = (tree.local_of(left)?, tree.local_of(right)?);
        match (left == nothing, right == nothing) {
            (true, false) if same => Some((right, true)),
            (false, true) if same => Some((left, true)),
            _ => None,
        }
    }

    /// A function that cannot come to its end when argument `index` is nil (or is not). Argument `nothing` is nil.
    fn cannot_return(
        &self,
        func: FuncRef,
        index: usize,
        nothing: Option<usize>,
        when_nil: bool,
    ) -> Option<bool> {
        let body = self.types.body(BodyRef::Func(func))?;
        if body.body.broken {
            return None;
        }
        let error = summary::parameter_local(self.types, func, &body, index)?;
        let tree = Tree::new(&body);
        let assigned = tree.uses(error).iter().any(|x| tree.is_assigned(x));
        let cfg = Cfg::new(&body.body.block, &|call| {
            self.never.call(self.types, &body.info, call)
        });
        let nothing = nothing
            .and_then(|at| summary::parameter_local(self.types, func, &body, at))
            .filter(|&local| !tree.uses(local).iter().any(|x| tree.is_assigned(x)));
        let asks = |cond| {
            let compared = || self.compared_with(&tree, cond, nothing?);
            super::leak::nil_check(&tree, cond).or_else(compared)
        };
        let on_error = |at, edge: crate::analyse::cfg::Edge| match cfg.node(at).step {
            Step::Cond(cond) => match asks(cond) {
                Some((local, is_nil)) if local == error => {
                    let holds = is_nil == when_nil;
                    edge.branch == if holds { Branch::True } else { Branch::False }
                }
                _ => true,
            },
            _ => true,
        };
        let returns = cfg
            .find_path(Cfg::ENTRY, on_error, |at| at == Cfg::EXIT)
            .is_some();
        Some(!assigned && !returns && !cfg.broken() && cfg.reachable(Cfg::HALT))
    }
}

impl Effects for Knowledge<'_> {
    fn effect(&self, callee: &str, argument: usize) -> Option<Effect> {
        self.tables.effect(callee, argument)
    }

    fn looks(&self, method: &str) -> bool {
        self.tables.looks(method)
    }

    fn gives(&self, method: &str) -> bool {
        self.tables.gives(method)
    }

    fn independent(&self, ty: &str) -> bool {
        self.tables.independent(ty)
    }

    fn summary(&self, func: FuncRef, argument: usize, whole: bool) -> Option<Effect> {
        let bare = || Release {
            accessor: None,
            ..self.release.clone()
        };
        let release = if whole { self.release.clone() } else { bare() };
        let question = Question {
            tables: std::ptr::from_ref(self.tables).addr(),
            func,
            argument,
            release: release.clone(),
        };
        // A recursive call does what the function does elsewhere.
        let assumption = Some(Effect::Borrows);
        // What a callee is asked on the way is about the same release, or the same without its accessor.
        self.summaries.answer(question, assumption, None, |of| {
            summary::parameter(self.types, self, &of.release, of.func, of.argument)
        })
    }
}
