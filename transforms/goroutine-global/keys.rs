//! Keys that never come to an end. A map only grows without bound when what it is filled by is new each time: most keys
//! of maps (names of files, of settings, of kinds) come from a set that the program's surroundings limit, and nobody
//! can tell from the code how large that is.

use crate::analyse::ownership::{FuncIx, Parent, Tree};
use crate::syntax::ast::*;
use crate::syntax::visit::{Node, walk_block};
use crate::types::{Callee, Checker, LocalId};

/// How many variables are followed back to the value of a key.
const DEPTH: u32 = 4;

/// Types whose values are one for each connection, by their documentation.
const CONNECTIONS: &[&str] = &[
    "net.Conn",
    "*net.TCPConn",
    "*net.UDPConn",
    "*net.UnixConn",
    "*crypto/tls.Conn",
    "*net/http.Request",
    "net/http.ResponseWriter",
    "*github.com/gorilla/websocket.Conn",
    "*github.com/coder/websocket.Conn",
    "*nhooyr.io/websocket.Conn",
    "*golang.org/x/net/websocket.Conn",
];

/// Calls whose result is another one each time, or what a peer chooses, by their documentation.
const SOURCES: &[&str] = &[
    "(*net/http.Request).Cookie",
    "(*net/http.Request).FormValue",
    "(*net/http.Request).PathValue",
    "(*net/http.Request).PostFormValue",
    "(*net/http.Request).Referer",
    "(*net/http.Request).UserAgent",
    "(*sync/atomic.Int32).Add",
    "(*sync/atomic.Int64).Add",
    "(*sync/atomic.Uint32).Add",
    "(*sync/atomic.Uint64).Add",
    "(net.Conn).RemoteAddr",
    "(net/http.Header).Get",
    "(net/url.Values).Get",
    "crypto/rand.Text",
    "github.com/gofrs/uuid.NewV4",
    "github.com/google/uuid.New",
    "github.com/google/uuid.NewRandom",
    "github.com/google/uuid.NewString",
    "github.com/rs/xid.New",
    "math/rand.Int63",
    "math/rand.Uint64",
    "math/rand/v2.Uint64",
    "sync/atomic.AddInt32",
    "sync/atomic.AddInt64",
    "sync/atomic.AddUint32",
    "sync/atomic.AddUint64",
    "time.Now",
];

/// Fields of a request that a client fills as it likes.
const FIELDS: &[&str] = &["RemoteAddr", "RequestURI", "URL"];

/// Whether the key may be another one each time that the statement runs.
pub(super) fn is_new_each_time(types: &Checker<'_>, tree: &Tree<'_>, key: &Expr) -> bool {
    Keys { types, tree }.is_new(key, DEPTH)
}

/// Whether the local is given a value of its own where it is made: `w := &worker{}`, `w := newWorker()`.
pub(super) fn is_made_here(tree: &Tree<'_>, value: &Expr) -> bool {
    let Some(local) = tree.local_of(value) else {
        return false;
    };
    let values = assigned(tree, local);
    !values.is_empty()
        && values.iter().all(|value| match &value.unparen().kind {
            ExprKind::Call(_) | ExprKind::Composite(..) => true,
            ExprKind::Unary(UnaryOp::Address, x) => matches!(x.kind, ExprKind::Composite(..)),
            _ => false,
        })
}

/// The values that a local is given by name.
fn assigned<'a>(tree: &Tree<'a>, local: LocalId) -> Vec<&'a Expr> {
    let uses = tree.uses(local).iter();
    let given = uses.filter_map(|name| match tree.parent(name)? {
        Parent::Stmt(Stmt {
            kind: StmtKind::Assign(it),
            ..
        }) => {
            let at = it.lhs.iter().position(|x| x.id == name.id)?;
            match it.lhs.len() == it.rhs.len() {
                true => it.rhs.get(at),
                false => it.rhs.first(),
            }
        }
        _ => None,
    });
    given.collect()
}

struct Keys<'t, 'w, 'a> {
    types: &'t Checker<'w>,
    tree: &'t Tree<'a>,
}

impl Keys<'_, '_, '_> {
    fn is_new(&self, key: &Expr, depth: u32) -> bool {
        let key = key.unparen();
        if self.is_connection(key) {
            return true;
        }
        match &key.kind {
            ExprKind::Ident(name) => match self.tree.local_of(key) {
                Some(local) => depth.checked_sub(1).is_some_and(|depth| {
                    assigned(self.tree, local)
                        .iter()
                        .any(|value| self.is_new(value, depth))
                }),
                None => self.is_counted(name),
            },
            ExprKind::Selector(base, field) => {
                let client = FIELDS.contains(&field.name.as_str()) && self.is_request(base);
                client || self.is_new(base, depth)
            }
            ExprKind::Call(call) => self.is_new_result(key, call, depth),
            ExprKind::Binary(BinaryOp::Add, a, b) => self.is_new(a, depth) || self.is_new(b, depth),
            ExprKind::Composite(_, elements) => elements
                .iter()
                .any(|element| self.is_new(&element.value, depth)),
            ExprKind::Unary(UnaryOp::Address, x) => matches!(x.kind, ExprKind::Composite(..)),
            _ => false,
        }
    }

    fn is_new_result(&self, key: &Expr, call: &Call, depth: u32) -> bool {
        let callee = self.tree.callee(key);
        if let Some(name) = callee.and_then(|callee| self.types.callee_name(callee)) {
            if SOURCES.contains(&name.as_str()) || name == "new" {
                return true;
            }
            // What is written or cut from it is as new: `strconv.Itoa(id)`, `fmt.Sprint(id)`, `strings.ToLower(s)`.
            let text = ["strconv.", "fmt.Sprint", "strings.", "net.SplitHostPort"];
            if text.iter().any(|start| name.starts_with(start)) {
                return call.args.iter().any(|arg| self.is_new(arg, depth));
            }
        }
        match &call.fun.kind {
            ExprKind::Selector(base, method) => {
                matches!(method.name.as_str(), "String" | "UnixNano") && self.is_new(base, depth)
            }
            _ => {
                let [value] = &call.args[..] else {
                    return false;
                };
                matches!(callee, Some(Callee::Conversion(_))) && self.is_new(value, depth)
            }
        }
    }

    fn is_connection(&self, key: &Expr) -> bool {
        let shown = self.tree.type_of(key).map(|ty| self.types.display(ty));
        shown.is_some_and(|shown| CONNECTIONS.contains(&shown.as_str()))
    }

    fn is_request(&self, expr: &Expr) -> bool {
        let shown = self.tree.type_of(expr).map(|ty| self.types.display(ty));
        shown.is_some_and(|shown| shown == "*net/http.Request")
    }

    /// A variable of the package that the body counts up: `next++`.
    fn is_counted(&self, name: &Name) -> bool {
        let mut found = false;
        walk_block(self.tree.func(FuncIx(0)).block, &mut |node| {
            if let Node::Stmt(Stmt {
                kind: StmtKind::IncDec(x),
                ..
            }) = node
            {
                found |= matches!(&x.kind, ExprKind::Ident(other) if other == name);
            }
            !found
        });
        found
    }
}
