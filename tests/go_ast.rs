//! The syntax trees of all of GOROOT/src are those that go/parser builds: same kinds, same byte ranges.
//! Needs a Go toolchain; without one there is nothing to compare with. `UNLEAK_GO_DIR` names another directory.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use unleak::syntax::ast::*;
use unleak::syntax::visit::{Node, walk_block, walk_decl, walk_expr};
use unleak::syntax::{parse_body, parse_initialiser, parse_outline};

/// Files that go/parser reads and this program does not, each with its reason.
const BROKEN: &[(&str, &str)] = &[];

#[test]
fn trees_are_those_of_go_parser() {
    let Some(goroot) = go(&["env", "GOROOT"]) else {
        return;
    };
    let dir = match std::env::var("UNLEAK_GO_DIR") {
        Ok(dir) => PathBuf::from(dir),
        Err(_) => PathBuf::from(goroot.trim()).join("src"),
    };
    let oracle = go(&["run", "tests/go_ast/main.go", &dir.to_string_lossy()]).expect("go run");
    let expected: Vec<(&str, &str)> = oracle
        .lines()
        .map(|line| line.split_once('\t').expect("two columns"))
        .collect();
    assert!(!expected.is_empty(), "no files in {dir:?}");
    let wrong = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((path, expected)) =
                    expected.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let text = std::fs::read_to_string(path).expect("a text");
                    let found = Fingerprint::of(&text);
                    let excepted = BROKEN.iter().any(|(name, _)| path.ends_with(name));
                    if found.to_string() != *expected && !excepted {
                        let why = found.first_difference(path);
                        wrong.lock().unwrap().insert(path.to_string(), why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let shown: Vec<_> = wrong.iter().take(20).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}: {shown:#?}",
        wrong.len(),
        expected.len()
    );
}

fn go(args: &[&str]) -> Option<String> {
    let output = Command::new("go").args(args).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What tests/go_ast/main.go computes, from this program's trees.
#[derive(Default)]
struct Fingerprint {
    nodes: Vec<String>,
    broken: Vec<Span>,
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hashes = self.nodes.iter().map(|node| {
            let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
            hash.write(node.as_bytes());
            hash.finish()
        });
        write!(
            f,
            "{}\t{}",
            hashes.fold(0, u64::wrapping_add),
            self.nodes.len()
        )
    }
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

impl Fingerprint {
    fn of(text: &str) -> Self {
        let mut found = Fingerprint::default();
        let outline = parse_outline(text);
        if outline.broken {
            found.broken.push(Span::default());
        }
        found.names(outline.package.iter());
        for import in &outline.imports {
            found.names(import.alias.iter());
        }
        for decl in &outline.decls {
            found.decl(decl);
            let (body, span) = match decl {
                Decl::Func(func) => match func.body {
                    Some(span) => (parse_body(text, span), span),
                    None => continue,
                },
                Decl::Var(spec) => (parse_initialiser(text, spec), spec.span),
                Decl::Type(_) | Decl::Const(_) => continue,
            };
            if body.broken {
                found.broken.push(span);
            }
            walk_block(&body.block, &mut |node| found.enter(node));
            for value in &body.values {
                walk_expr(value, &mut |node| found.enter(node));
            }
        }
        found
    }

    /// What one tree has and the other has not, with the text of it.
    fn first_difference(&self, path: &str) -> String {
        let theirs = go(&["run", "tests/go_ast/main.go", "-v", path]).unwrap_or_default();
        let count = |lines: &mut dyn Iterator<Item = String>| {
            let mut counts = BTreeMap::<String, i32>::new();
            lines.for_each(|line| *counts.entry(line).or_default() += 1);
            counts
        };
        let theirs = count(&mut theirs.lines().map(str::to_string));
        let ours = count(&mut self.nodes.iter().cloned());
        let missing = theirs
            .iter()
            .filter(|(line, n)| ours.get(*line) != Some(*n));
        let extra = ours
            .iter()
            .filter(|(line, n)| theirs.get(*line) != Some(*n));
        format!(
            "broken {:?}, missing {:?}, extra {:?}",
            self.broken,
            missing.take(5).collect::<Vec<_>>(),
            extra.take(5).collect::<Vec<_>>()
        )
    }

    fn emit(&mut self, kind: impl std::fmt::Display, span: Span) {
        self.nodes
            .push(format!("{kind} {} {}", span.start, span.end));
    }

    fn names<'a>(&mut self, names: impl IntoIterator<Item = &'a Ident>) {
        for name in names {
            self.emit("Ident", name.span);
        }
    }

    fn signature(&mut self, signature: &Signature) {
        for param in signature.params.iter().chain(&signature.results) {
            self.names(&param.names);
        }
    }

    /// A declaration at package level.
    fn decl(&mut self, decl: &Decl) {
        self.decl_names(decl);
        if let Decl::Func(func) = decl {
            self.emit("Func", func.span);
            self.names([&func.name]);
            if let Some(receiver) = &func.receiver {
                self.names(
                    receiver
                        .name
                        .iter()
                        .chain([&receiver.base])
                        .chain(&receiver.type_args),
                );
            }
            self.names(func.type_params.iter().map(|param| &param.name));
            self.signature(&func.signature);
        }
        match decl {
            // Its values are compared as an initialiser.
            Decl::Var(spec) => spec.ty.iter().for_each(|ty| {
                walk_expr(ty, &mut |node| self.enter(node));
            }),
            _ => walk_decl(decl, &mut |node| self.enter(node)),
        }
    }

    fn decl_names(&mut self, decl: &Decl) {
        match decl {
            Decl::Func(_) => {}
            Decl::Type(ty) => {
                self.emit(if ty.alias { "Alias" } else { "Type" }, ty.span);
                self.names([&ty.name]);
                self.names(ty.type_params.iter().map(|param| &param.name));
            }
            Decl::Var(spec) => self.names(&spec.names),
            Decl::Const(spec) => self.names(&spec.names),
        }
    }

    fn enter(&mut self, node: Node<'_>) -> bool {
        match node {
            Node::Stmt(stmt) => self.stmt(stmt),
            Node::Expr(expr) => self.expr(expr),
        }
        true
    }

    fn expr(&mut self, expr: &Expr) {
        let kind = match &expr.kind {
            ExprKind::Bad => "Bad".to_string(),
            ExprKind::Ident(_) => "Ident".to_string(),
            ExprKind::Literal(kind) => match kind {
                LiteralKind::Int => "LiteralINT".to_string(),
                LiteralKind::Float => "LiteralFLOAT".to_string(),
                LiteralKind::Imaginary => "LiteralIMAG".to_string(),
                LiteralKind::Rune => "LiteralCHAR".to_string(),
                LiteralKind::String => "LiteralSTRING".to_string(),
            },
            ExprKind::Paren(_) => "Paren".to_string(),
            ExprKind::Selector(_, name) => {
                self.names([name]);
                "Selector".to_string()
            }
            ExprKind::Index(..) => "Index".to_string(),
            ExprKind::Slice(..) => "Slice".to_string(),
            ExprKind::TypeAssert(..) => "TypeAssert".to_string(),
            ExprKind::Call(call) if call.spread => "Spread".to_string(),
            ExprKind::Call(_) => "Call".to_string(),
            ExprKind::Star(_) => "Star".to_string(),
            ExprKind::Unary(op, _) => format!("Unary{}", unary(*op)),
            ExprKind::Binary(op, ..) => format!("Binary{}", binary(*op)),
            ExprKind::Composite(..) => "Composite".to_string(),
            ExprKind::FuncLit(lit) => {
                self.signature(&lit.signature);
                "FuncLit".to_string()
            }
            ExprKind::ArrayType(..) => "ArrayType".to_string(),
            ExprKind::SliceType(_) => "SliceType".to_string(),
            ExprKind::MapType(..) => "MapType".to_string(),
            ExprKind::ChanType(dir, _) => match dir {
                ChanDir::Send => "ChanType1".to_string(),
                ChanDir::Receive => "ChanType2".to_string(),
                ChanDir::Both => "ChanType3".to_string(),
            },
            ExprKind::FuncType(signature) => {
                self.signature(signature);
                "FuncType".to_string()
            }
            ExprKind::StructType(fields) => {
                self.names(fields.iter().flat_map(|field| &field.names));
                "StructType".to_string()
            }
            ExprKind::InterfaceType(elems) => {
                for elem in elems {
                    if let InterfaceElem::Method(name, signature) = elem {
                        self.names([name]);
                        self.signature(signature);
                    }
                }
                "InterfaceType".to_string()
            }
            ExprKind::Tilde(_) => "Unary~".to_string(),
        };
        self.emit(kind, expr.span);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let kind = match &stmt.kind {
            StmtKind::Bad => "Bad".to_string(),
            StmtKind::Empty => return,
            StmtKind::Expr(_) => "Expr".to_string(),
            StmtKind::Send(..) => "Send".to_string(),
            StmtKind::IncDec(_) => "IncDec".to_string(),
            StmtKind::Assign(assign) => match assign.op {
                AssignOp::Assign => "Assign=".to_string(),
                AssignOp::Define => "Assign:=".to_string(),
                AssignOp::Op(op) => format!("Assign{}=", binary(op)),
            },
            StmtKind::Go(_) => "Go".to_string(),
            StmtKind::Defer(_) => "Defer".to_string(),
            StmtKind::Return(_) => "Return".to_string(),
            StmtKind::Break(label) => {
                self.names(label);
                "break".to_string()
            }
            StmtKind::Continue(label) => {
                self.names(label);
                "continue".to_string()
            }
            StmtKind::Goto(label) => {
                self.names([label]);
                "goto".to_string()
            }
            StmtKind::Fallthrough => "fallthrough".to_string(),
            StmtKind::Block(_) => "Block".to_string(),
            StmtKind::If(_) => "If".to_string(),
            StmtKind::Switch(switch) => {
                self.clauses(switch.cases.iter().map(|case| case.span));
                "Switch".to_string()
            }
            StmtKind::TypeSwitch(switch) => {
                self.names(&switch.bind);
                self.clauses(switch.cases.iter().map(|case| case.span));
                "TypeSwitch".to_string()
            }
            StmtKind::Select(clauses) => {
                self.clauses(clauses.iter().map(|clause| clause.span));
                "Select".to_string()
            }
            StmtKind::For(_) => "For".to_string(),
            StmtKind::Range(range) => match (&range.key, range.define) {
                (None, _) => "RangeILLEGAL".to_string(),
                (_, true) => "Range:=".to_string(),
                (_, false) => "Range=".to_string(),
            },
            StmtKind::Labeled(label, _) => {
                self.names([label]);
                "Labeled".to_string()
            }
            StmtKind::Decl(decls) => {
                decls.iter().for_each(|decl| self.decl_names(decl));
                "Decl".to_string()
            }
        };
        self.emit(kind, stmt.span);
    }

    fn clauses(&mut self, spans: impl Iterator<Item = Span>) {
        spans.for_each(|span| self.emit("Clause", span));
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Address => "&",
        UnaryOp::Receive => "<-",
        UnaryOp::Not => "!",
        UnaryOp::Plus => "+",
        UnaryOp::Minus => "-",
        UnaryOp::Complement => "^",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::And => "&",
        BinaryOp::Or => "|",
        BinaryOp::Xor => "^",
        BinaryOp::AndNot => "&^",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::LogicalAnd => "&&",
        BinaryOp::LogicalOr => "||",
    }
}
