//! Whether a call returns soon: only then does a check at the top of a busy loop end the goroutine.

use super::home::Home;
use super::nodes::{self, Node};
use crate::index::{BodyRef, FuncRef};
use crate::syntax::ast::*;
use crate::types::{Callee, Checker, TypeView};
use std::collections::HashSet;

/// Packages and types of the standard library of which everything returns without waiting for someone else: no
/// network, no other process, no other goroutine.
const QUICK: &[&str] = &[
    "fmt.Print",
    "fmt.Sprint",
    "fmt.Errorf",
    "fmt.Fprint",
    "fmt.Append",
    "fmt.Sscan",
    "strings.",
    "(*strings.",
    "(strings.",
    "strconv.",
    "math.",
    "math/rand.",
    "math/rand/v2.",
    "(*math/rand.",
    "math/bits.",
    "sort.",
    "slices.",
    "maps.",
    "errors.",
    "bytes.",
    "(*bytes.",
    "unicode.",
    "unicode/utf8.",
    "time.Now",
    "time.Since",
    "time.Until",
    "time.Date",
    "time.Unix",
    "time.Duration",
    "time.Sleep",
    "time.Parse",
    "time.NewT",
    "(time.Time).",
    "(time.Duration).",
    "(*time.Timer).",
    "(*time.Ticker).",
    "log.Print",
    "(*log.Logger).Print",
    "log.Set",
    "sync/atomic.",
    "(*sync/atomic.",
    "(*sync.Map).",
    "(*sync.Mutex).",
    "(*sync.RWMutex).",
    "(*sync.WaitGroup).Add",
    "(*sync.WaitGroup).Done",
    "runtime.GC",
    "runtime.Gosched",
    "runtime.NumGoroutine",
    "runtime.ReadMemStats",
    "runtime.Num",
    "runtime.Stack",
    "runtime.Caller",
    "os.Getenv",
    "os.Getpid",
    "os.Stat",
    "os.ReadFile",
    "os.WriteFile",
    "os.Remove",
    "os.Hostname",
    "encoding/",
    "hash/",
    "crypto/sha",
    "crypto/md5.",
    "path.",
    "path/filepath.",
    "regexp.",
    "(*regexp.",
    "container/",
    "(*container/",
    "runtime/debug.",
    "context.Background",
    "context.With",
    "(*errors.",
    "cmp.",
    "log/slog.",
    "(*log/slog.Logger).",
];

/// How deep functions of the module are followed.
const DEPTH: u32 = 4;

/// Whether everything that the block itself calls returns soon, and nothing in it waits.
pub(super) fn all_quick(types: &Checker<'_>, home: &Home, block: &Block) -> bool {
    let mut seen = HashSet::new();
    calls_quick(types, home, block, DEPTH, &mut seen)
}

fn calls_quick(
    types: &Checker<'_>,
    home: &Home,
    block: &Block,
    depth: u32,
    seen: &mut HashSet<FuncRef>,
) -> bool {
    let mut quick = true;
    let mut apart: Vec<Span> = Vec::new();
    nodes::each_own(block, &mut |node| match node {
        Node::Stmt(Stmt {
            kind: StmtKind::Go(call),
            ..
        }) => apart.push(call.span),
        Node::Expr(
            call @ Expr {
                kind: ExprKind::Call(_),
                ..
            },
        ) if !apart.contains(&call.span) => {
            quick = quick && call_quick(types, home, call, depth, seen);
        }
        _ => {}
    });
    quick
}

fn call_quick(
    types: &Checker<'_>,
    home: &Home,
    call: &Expr,
    depth: u32,
    seen: &mut HashSet<FuncRef>,
) -> bool {
    let callee = home.callee(call);
    match callee {
        Callee::Builtin(_) | Callee::Conversion(_) => true,
        Callee::Func(func) => {
            let name = types.func_name(*func);
            QUICK.iter().any(|prefix| name.starts_with(prefix))
                || func_quick(types, home, *func, depth, seen)
        }
        Callee::Interface(name) => name == "(error).Error" || name.ends_with("Stringer).String"),
        Callee::Value | Callee::Unknown => false,
    }
}

/// A function of the module whose body only does quick things.
fn func_quick(
    types: &Checker<'_>,
    home: &Home,
    func: FuncRef,
    depth: u32,
    seen: &mut HashSet<FuncRef>,
) -> bool {
    if !seen.insert(func) {
        return true;
    }
    let ours = func.package == home.package
        || types
            .world()
            .module_packages(home.package)
            .contains(&func.package);
    if depth == 0 || !ours || types.body(BodyRef::Func(func)).is_none() {
        return false;
    }
    let Some(callee) = Home::of(types, BodyRef::Func(func)) else {
        return false;
    };
    let block = &callee.body.body.block;
    !waits(types, &callee, block) && calls_quick(types, &callee, block, depth - 1, seen)
}

/// Whether the block waits for another goroutine.
fn waits(types: &Checker<'_>, home: &Home, block: &Block) -> bool {
    let mut found = false;
    nodes::each_own(block, &mut |node| {
        found |= match node {
            Node::Stmt(Stmt {
                kind: StmtKind::Send(..),
                ..
            }) => true,
            Node::Stmt(Stmt {
                kind: StmtKind::Select(cases),
                ..
            }) => cases.iter().all(|c| c.comm.is_some()),
            Node::Stmt(Stmt {
                kind: StmtKind::Range(r),
                ..
            }) => {
                matches!(
                    types.view(types.underlying(home.type_of(&r.subject))),
                    TypeView::Chan(..) | TypeView::Unknown
                )
            }
            Node::Stmt(Stmt {
                kind: StmtKind::For(f),
                ..
            }) => f.cond.is_none(),
            Node::Expr(Expr {
                kind: ExprKind::Unary(UnaryOp::Receive, _),
                ..
            }) => true,
            _ => false,
        };
    });
    found
}

/// Calls that wait for the outside world without an end, and that a signal does not interrupt.
const BLOCKING: &[&str] = &[
    "(net.Listener).Accept",
    "(*net.TCPListener).Accept",
    "(*net.TCPListener).AcceptTCP",
    "(*net.UnixListener).Accept",
    "(*net.UnixListener).AcceptUnix",
    "(net.Conn).Read",
    "(*net.TCPConn).Read",
    "(*net.UDPConn).Read",
    "(*net.UDPConn).ReadFrom",
    "(*net.UDPConn).ReadFromUDP",
    "(*net.UDPConn).ReadMsgUDP",
    "(net.PacketConn).ReadFrom",
    "(*net.UDPConn).ReadFromUDPAddrPort",
    "(*net.UnixConn).Read",
    "(*net.conn).Read",
    "(*sync.Cond).Wait",
    "(*sync.WaitGroup).Wait",
    "(*os/exec.Cmd).Run",
    "(*os/exec.Cmd).Wait",
    "(*os/exec.Cmd).Output",
    "(*os/exec.Cmd).CombinedOutput",
    "(*bufio.Reader).ReadString",
    "(*bufio.Reader).ReadLine",
    "(*bufio.Reader).ReadBytes",
    "(*bufio.Reader).ReadByte",
    "(*bufio.Reader).ReadRune",
    "(*bufio.Reader).Read",
    "(*bufio.Scanner).Scan",
    "fmt.Scan",
    "fmt.Scanf",
    "fmt.Scanln",
    "(*os.File).Read",
    "(*encoding/json.Decoder).Decode",
    "(*encoding/gob.Decoder).Decode",
    "syscall.Read",
    "syscall.Wait4",
    "net/http.Serve",
    "net/http.ListenAndServe",
    "(*net/http.Server).Serve",
    "(*net/http.Server).ListenAndServe",
    "io.ReadFull",
    "io.Copy",
    "io.ReadAll",
    "(io.Reader).Read",
];

/// The calls of the block itself that wait for the outside world.
pub(super) fn blocking<'a>(types: &Checker<'_>, home: &Home, block: &'a Block) -> Vec<&'a Expr> {
    let mut found = Vec::new();
    nodes::each_own(block, &mut |node| {
        if let Node::Expr(
            call @ Expr {
                kind: ExprKind::Call(_),
                ..
            },
        ) = node
        {
            let name = types.callee_name(home.callee(call));
            if name.is_some_and(|name| BLOCKING.contains(&name.as_str())) {
                found.push(call);
            }
        }
    });
    found
}
