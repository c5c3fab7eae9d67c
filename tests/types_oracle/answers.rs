//! What unleak's types say about every call of a package, in the oracle's terms.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use unleak::index::{BodyRef, FuncRef, Package, PackageId, World};
use unleak::syntax::ast::{Decl, ExprKind, NodeId};
use unleak::syntax::visit::{Node, walk_block, walk_decl, walk_expr};
use unleak::types::{BodyInfo, Callee, Checker, Lookup, TypeId, TypeView};

/// One call: callee, result, and the methods Close and Stop of the first result; `?` for what is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) callee: String,
    pub(crate) result: String,
    pub(crate) methods: [String; 2],
}

/// Calls by `file:offset`.
pub(crate) type Calls = HashMap<String, Call>;

/// A package to look at, as the oracle reads it.
pub(crate) struct Target {
    pub(crate) id: PackageId,
    pub(crate) path: String,
    pub(crate) files: Vec<PathBuf>,
}

/// The packages that the Go files of the directories belong to; with in-package tests where there are any.
pub(crate) fn targets(world: &World, dirs: &[PathBuf], tests: bool) -> Vec<Target> {
    let mut packages: Vec<Arc<Package>> = Vec::new();
    for dir in dirs {
        let mut of_dir: Vec<Arc<Package>> = Vec::new();
        for file in go_files(dir, tests) {
            let id = world.add_file(&file, None);
            let Some(package) = world.package_of(id).and_then(|id| world.package(id)) else {
                continue;
            };
            if of_dir.iter().all(|known| known.id != package.id) {
                of_dir.push(package);
            }
        }
        // A variant with tests has all files of the plain package.
        let covered: Vec<PackageId> = of_dir.iter().filter_map(|package| package.plain).collect();
        of_dir.retain(|package| !covered.contains(&package.id));
        of_dir.sort_by_key(|package| package.path.ends_with("_test"));
        packages.extend(of_dir);
    }
    packages
        .iter()
        .map(|package| Target {
            id: package.id,
            path: package.path.to_string(),
            files: package.files.iter().map(|file| file.path.clone()).collect(),
        })
        .collect()
}

/// The Go files of a directory, in name order.
pub(crate) fn go_files(dir: &Path, tests: bool) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".go") && (tests || !name.ends_with("_test.go"))
        })
        .collect();
    files.sort();
    files
}

/// What we say about every call of the packages.
pub(crate) fn calls_of(world: &World, targets: &[Target]) -> Calls {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Calls::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let checker = Checker::new(world);
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let calls = calls_of_package(&checker, target.id);
                    all.lock().expect("no worker panicked").extend(calls);
                }
            });
        }
    });
    all.into_inner().expect("no worker panicked")
}

fn calls_of_package(checker: &Checker<'_>, id: PackageId) -> Calls {
    let world = checker.world();
    let package = world.package(id).expect("a target was loaded");
    // A file that several build configurations share is looked at under its own only.
    let own: Vec<bool> = package
        .files
        .iter()
        .map(|file| {
            world
                .package_of(file.id)
                .is_some_and(|home| home == id || Some(home) == package.plain)
        })
        .collect();
    let mut calls = Calls::new();
    for (index, file) in package
        .files
        .iter()
        .enumerate()
        .filter(|(index, _)| own[*index])
    {
        let info = checker
            .outline(id, index as u32)
            .expect("a file of the package");
        let mut unit = Unit {
            checker,
            package: &package,
            file: &file.path,
            info: &info,
            calls: &mut calls,
        };
        for decl in &file.outline.decls {
            unit.walk_decl(decl);
        }
    }
    let funcs = package.funcs.iter().enumerate().map(|(index, declared)| {
        let func = FuncRef {
            package: id,
            index: index as u32,
        };
        (declared.file, BodyRef::Func(func))
    });
    let vars = package.vars.iter().enumerate();
    let vars = vars.filter(|(_, declared)| declared.index == 0);
    let vars = vars.map(|(index, declared)| (declared.file, BodyRef::Var(id, index as u32)));
    for (file, body) in funcs.chain(vars) {
        if !own[file as usize] {
            continue;
        }
        let Some(checked) = checker.body(body) else {
            continue;
        };
        let mut unit = Unit {
            checker,
            package: &package,
            file: &package.files[file as usize].path,
            info: &checked.info,
            calls: &mut calls,
        };
        let callees = unit.callees();
        walk_block(&checked.body.block, &mut |node| unit.enter(node, &callees));
        for value in &checked.body.values {
            walk_expr(value, &mut |node| unit.enter(node, &callees));
        }
    }
    calls
}

/// One parse unit.
struct Unit<'a> {
    checker: &'a Checker<'a>,
    package: &'a Package,
    file: &'a Path,
    info: &'a BodyInfo,
    calls: &'a mut Calls,
}

impl Unit<'_> {
    fn callees(&self) -> HashMap<NodeId, Callee> {
        self.info.callees.iter().cloned().collect()
    }

    fn walk_decl(&mut self, decl: &Decl) {
        if self.info.callees.is_empty() {
            return;
        }
        if matches!(decl, Decl::Var(_)) {
            return; // an initialiser is a unit of its own
        }
        let callees = self.callees();
        walk_decl(decl, &mut |node| self.enter(node, &callees));
    }

    fn enter(&mut self, node: Node<'_>, callees: &HashMap<NodeId, Callee>) -> bool {
        if let Node::Expr(expr) = node
            && let ExprKind::Call(call) = &expr.kind
        {
            let callee = callees.get(&expr.id).unwrap_or(&Callee::Unknown);
            let ty = self
                .info
                .types
                .get(expr.id.0 as usize)
                .copied()
                .unwrap_or(TypeId::UNKNOWN);
            let described = self.describe(callee, ty);
            self.calls.insert(
                format!("{}:{}", self.file.display(), call.lparen),
                described,
            );
        }
        true
    }

    fn describe(&self, callee: &Callee, ty: TypeId) -> Call {
        let callee = match callee {
            Callee::Func(_) | Callee::Interface(_) => {
                self.checker.callee_name(callee).unwrap_or_default()
            }
            Callee::Builtin(name) => format!("builtin:{name}"),
            Callee::Value => "func-value".into(),
            Callee::Conversion(ty) => format!("conversion:{}", render(self.checker, *ty)),
            Callee::Unknown => "?".into(),
        };
        let methods = match self.checker.view(ty) {
            TypeView::Tuple(types) if types.is_empty() => ["-".to_string(), "-".to_string()],
            TypeView::Tuple(types) => self.methods(types[0]),
            _ => self.methods(ty),
        };
        let result = match self.checker.view(ty) {
            TypeView::Tuple(types) if types.is_empty() => "()".into(),
            _ => render(self.checker, ty),
        };
        Call {
            callee,
            result,
            methods,
        }
    }

    fn methods(&self, ty: TypeId) -> [String; 2] {
        ["Close", "Stop"].map(
            |name| match self.checker.lookup(ty, name.into(), self.package.id) {
                Lookup::Method(func, _) => self.checker.func_name(func),
                Lookup::Interface(name, _) => name,
                Lookup::Field(_) | Lookup::No => "-".into(),
                Lookup::Unknown => "?".into(),
            },
        )
    }
}

/// A type as the oracle prints it: untyped ones as their default, no array lengths, no insides of literals.
fn render(checker: &Checker<'_>, ty: TypeId) -> String {
    let list = |types: &[TypeId]| {
        types
            .iter()
            .map(|ty| render(checker, *ty))
            .collect::<Vec<_>>()
            .join(",")
    };
    let of = |ty: TypeId| render(checker, ty);
    match checker.view(ty) {
        TypeView::Unknown => "?".into(),
        TypeView::Basic(name) => match name {
            "untyped bool" => "bool",
            "untyped int" => "int",
            "untyped rune" => "int32",
            "untyped float" => "float64",
            "untyped complex" => "complex128",
            "untyped string" => "string",
            "untyped nil" => "nil",
            name => name,
        }
        .into(),
        TypeView::Named(name, args) if args.is_empty() => name,
        TypeView::Named(name, args) => format!("{name}[{}]", list(&args)),
        TypeView::Pointer(elem) => format!("*{}", of(elem)),
        TypeView::Slice(elem) => format!("[]{}", of(elem)),
        TypeView::Array(elem) => format!("[_]{}", of(elem)),
        TypeView::Map(key, value) => format!("map[{}]{}", of(key), of(value)),
        TypeView::Chan(dir, elem) => {
            let prefix = match dir {
                unleak::syntax::ast::ChanDir::Both => "chan ",
                unleak::syntax::ast::ChanDir::Send => "chan<- ",
                unleak::syntax::ast::ChanDir::Receive => "<-chan ",
            };
            format!("{prefix}{}", of(elem))
        }
        TypeView::Func(params, variadic, results) => {
            let mut params: Vec<String> = params.into_iter().map(of).collect();
            if let Some(last) = params.last_mut().filter(|_| variadic) {
                *last = format!("...{last}");
            }
            format!("func({})({})", params.join(","), list(&results))
        }
        TypeView::Struct(_) => "struct".into(),
        TypeView::Interface => "interface".into(),
        TypeView::TypeParam(name) => name.to_string(),
        TypeView::Tuple(types) => format!("({})", list(&types)),
    }
}
