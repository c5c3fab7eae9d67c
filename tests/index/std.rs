//! The embedded standard library: the same answers as the sources it was made from.

use super::support::*;
use std::collections::BTreeMap;
use std::path::Path;
use unleak::index::{DeclRef, Package, World, WorldOptions};
use unleak::syntax::ast::*;

#[test]
fn a_machine_without_go_knows_the_standard_library() {
    let world = World::default();
    world.set_overlay(Path::new("/nowhere/m/go.mod"), "module m\n\ngo 1.22\n");
    let file = memory(
        &world,
        "/nowhere/m/main.go",
        "package main\n\nimport \"os\"\n",
    );
    let main = world.package_of(file).expect("has a package clause");
    let os = load(
        &world,
        world
            .import(main, Name::from("os"))
            .expect("os is embedded"),
    );
    assert!(matches!(
        os.scope.get(&Name::from("Open")),
        Some(DeclRef::Func(_))
    ));
    assert!(
        os.methods
            .contains_key(&(Name::from("File"), Name::from("Close")))
    );
    let package_unsafe = load(
        &world,
        world
            .import(main, Name::from("unsafe"))
            .expect("always there"),
    );
    assert!(declares(&package_unsafe, "Pointer") && package_unsafe.complete);
    assert_eq!(world.import(main, Name::from("no/such")), None);
}

#[test]
fn every_package_of_the_table_parses_and_declares_without_conflict() {
    let world = World::default();
    let file = memory(&world, "/nowhere/main.go", "package main\n");
    let package = world.package_of(file).expect("has a package clause");
    let mut seen = 0;
    for path in World::embedded_packages() {
        let id = world
            .import(package, path)
            .unwrap_or_else(|| panic!("{path} is not found"));
        let loaded = load(&world, id);
        assert!(loaded.complete, "{path} is not complete");
        for import in &loaded.files[0].outline.imports {
            assert!(
                world.import(id, import.path).is_some(),
                "{path} imports {}",
                import.path
            );
        }
        seen += 1;
    }
    assert!(
        seen > 150,
        "only {seen} packages: the table is not what it was"
    );
}

#[test]
fn each_system_has_its_own_declarations() {
    let world = World::default();
    let names = [
        "a.go",
        "a_windows.go",
        "a_darwin.go",
        "a_plan9.go",
        "a_linux_arm64.go",
        "a_freebsd.go",
    ];
    let files = names.map(|name| {
        (
            name,
            memory(&world, &format!("/nowhere/m/{name}"), "package m\n"),
        )
    });
    let package = |name: &str| {
        let (_, file) = files
            .iter()
            .find(|(n, _)| *n == name)
            .expect("listed above");
        world.package_of(*file).expect("in a package")
    };
    let syscall_of = |name: &str, known: bool| {
        let id = world.import(package(name), Name::from("syscall"));
        assert_eq!(id.is_some(), known, "{name}");
        id.map(|id| load(&world, id))
    };
    let linux = syscall_of("a.go", true).expect("known");
    assert!(declares(&linux, "EpollWait") && !declares(&linux, "CreateFile"));
    let windows = syscall_of("a_windows.go", true).expect("known");
    assert!(declares(&windows, "CreateFile") && !declares(&windows, "EpollWait"));
    assert!(declares(
        &syscall_of("a_darwin.go", true).expect("known"),
        "Kqueue"
    ));
    syscall_of("a_plan9.go", false);
    syscall_of("a_linux_arm64.go", false);
    // What differs little is taken from linux where the table has no better, but nothing is denied.
    let freebsd = package("a_freebsd.go");
    let os = load(
        &world,
        world.import(freebsd, Name::from("os")).expect("known"),
    );
    assert!(declares(&os, "Open") && !os.complete);
    let context = load(
        &world,
        world.import(freebsd, Name::from("context")).expect("known"),
    );
    assert!(context.complete, "the same everywhere");
}

#[test]
fn a_newer_goroot_is_read_when_the_module_asks_for_it() {
    let tree = Tree::new(&[
        ("go/VERSION", "go1.99.1\ntime 2030-01-01T00:00:00Z\n"),
        ("go/src/go.mod", "module std\n\ngo 1.99\n"),
        ("go/src/brandnew/b.go", "package brandnew\n"),
        (
            "go/src/os/os.go",
            "package os\n\nimport \"brandnew\"\nimport \"x.org/v\"\n\nfunc Newest() {}\n",
        ),
        ("go/src/vendor/x.org/v/v.go", "package v\n"),
        ("new/go.mod", "module m\n\ngo 1.99\n"),
        ("new/a.go", "package a\n"),
        ("old/go.mod", "module m\n\ngo 1.22\n"),
        ("old/a.go", "package a\n"),
        ("none/a.go", "package a\n"),
    ]);
    let world = World::new(WorldOptions {
        goroot: Some(tree.path("go")),
        ..WorldOptions::default()
    });
    let new = add(&world, &tree, "new/a.go");
    assert_eq!(
        import(&world, &tree, new, "os").unwrap(),
        ["go/src/os/os.go"]
    );
    let os = world.import(new, Name::from("os")).expect("found");
    assert_eq!(
        import(&world, &tree, os, "brandnew").unwrap(),
        ["go/src/brandnew/b.go"]
    );
    assert_eq!(
        import(&world, &tree, os, "x.org/v").unwrap(),
        ["go/src/vendor/x.org/v/v.go"]
    );
    let vendored = world.import(os, Name::from("x.org/v")).expect("found");
    assert_eq!(
        world.import_path(vendored).expect("known"),
        "vendor/x.org/v"
    );
    for old in ["old/a.go", "none/a.go"] {
        let old = add(&world, &tree, old);
        let os = load(
            &world,
            world.import(old, Name::from("os")).expect("embedded"),
        );
        assert!(
            declares(&os, "Open") && !declares(&os, "Newest"),
            "the answer does not depend on what is installed"
        );
    }
    let own = add(&world, &tree, "go/src/os/os.go");
    assert_eq!(
        load(&world, own).path,
        "os",
        "a GOROOT's own files have no module path"
    );
    assert!(
        world.import(own, Name::from("brandnew")).is_some(),
        "and see their own GOROOT"
    );
}

#[test]
fn an_older_goroot_is_not_read() {
    let tree = Tree::new(&[
        ("go/VERSION", "go1.5\n"),
        ("go/src/os/os.go", "package os\n"),
        ("m/go.mod", "module m\n\ngo 1.99\n"),
        ("m/a.go", "package a\n"),
    ]);
    let world = World::new(WorldOptions {
        goroot: Some(tree.path("go")),
        ..WorldOptions::default()
    });
    let a = add(&world, &tree, "m/a.go");
    assert!(declares(
        &load(&world, world.import(a, Name::from("os")).expect("embedded")),
        "Open"
    ));
}

/// Packages whose every exported declaration is compared with the sources.
const COMPARED: &[&str] = &[
    "archive/zip",
    "bufio",
    "bytes",
    "compress/gzip",
    "context",
    "crypto/tls",
    "database/sql",
    "encoding/json",
    "errors",
    "go/ast",
    "io",
    "io/fs",
    "iter",
    "log/slog",
    "maps",
    "math",
    "net",
    "net/http",
    "net/http/httptest",
    "net/url",
    "os",
    "os/exec",
    "os/signal",
    "reflect",
    "regexp",
    "slices",
    "strings",
    "sync",
    "sync/atomic",
    "syscall",
    "testing",
    "text/template",
    "time",
    "unicode",
];

#[test]
fn the_table_says_what_the_sources_say() {
    let (table, sources) = (World::default(), World::default());
    let from = table
        .package_of(memory(&table, "/nowhere/main.go", "package main\n"))
        .expect("in a package");
    let Some(goroot) = goroot() else { return };
    let src = goroot.join("src");
    let root = sources
        .package_of(sources.add_file(&src.join("errors/errors.go"), None))
        .expect("in a package");
    let mut compared = 0;
    for path in COMPARED {
        let path = Name::from(path);
        let of_table = load(&table, table.import(from, path).expect("embedded"));
        let of_sources = load(&sources, sources.import(root, path).expect("in GOROOT"));
        let (said, expected) = (surface(&table, &of_table), surface(&sources, &of_sources));
        for (name, signature) in &expected {
            let said = said
                .get(name)
                .unwrap_or_else(|| panic!("{path}.{name} is not in the table"));
            match signature.as_str() {
                NAMED => assert!(said.starts_with("type "), "{path}.{name} is {said}"),
                _ => assert_eq!(said, signature, "{path}.{name}"),
            }
            compared += 1;
        }
        for name in said.keys() {
            assert!(
                expected.contains_key(name),
                "{path}.{name} is not in the sources"
            );
        }
    }
    assert!(
        compared > 4000,
        "only {compared} declarations were compared"
    );
}

/// Stands for `type A B`: the table has what B is in B's place.
const NAMED: &str = "type of a type";

/// Every exported declaration with its type as text: imports by path, parameter names and unexported fields left out.
fn surface(world: &World, package: &Package) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let exported = |name: &str| name.starts_with(char::is_uppercase);
    for func in &package.funcs {
        let printer = Printer::new(world, package, func.file);
        let name = func.decl.name.name;
        let full = match &func.decl.receiver {
            Some(receiver) => format!("{}.{name}", receiver.base.name),
            None => name.to_string(),
        };
        let of_exported = func
            .decl
            .receiver
            .as_ref()
            .is_none_or(|r| exported(&r.base.name));
        if exported(&name) && of_exported {
            let pointer = func.decl.receiver.as_ref().is_some_and(|r| r.pointer);
            let star = if pointer { "*" } else { "" };
            let types = printer.type_params(&func.decl.type_params);
            out.insert(
                full,
                format!(
                    "func {star}{types}{}",
                    printer.signature(&func.decl.signature)
                ),
            );
        }
    }
    for ty in package.types.iter().filter(|t| exported(&t.decl.name.name)) {
        let printer = Printer::new(world, package, ty.file);
        let equals = if ty.decl.alias { "= " } else { "" };
        let types = printer.type_params(&ty.decl.type_params);
        let text = format!("type {types}{equals}{}", printer.expr(&ty.decl.rhs));
        let named = !ty.decl.alias
            && matches!(
                ty.decl.rhs.kind,
                ExprKind::Ident(_) | ExprKind::Selector(..)
            );
        out.insert(
            ty.decl.name.name.to_string(),
            if named { NAMED.into() } else { text },
        );
    }
    for (names, kind) in [
        (
            package
                .vars
                .iter()
                .map(|v| v.decl.names[v.index as usize].name)
                .collect::<Vec<_>>(),
            "var",
        ),
        (
            package
                .consts
                .iter()
                .map(|c| c.decl.names[c.index as usize].name)
                .collect(),
            "const",
        ),
    ] {
        out.extend(
            names
                .into_iter()
                .filter(|n| exported(n))
                .map(|n| (n.to_string(), kind.to_string())),
        );
    }
    out
}

struct Printer<'a> {
    package: &'a Package,
    imports: BTreeMap<Name, Name>,
    text: std::sync::Arc<str>,
}

impl<'a> Printer<'a> {
    fn new(world: &World, package: &'a Package, file: u32) -> Self {
        let file = &package.files[file as usize];
        let local = |i: &Import| {
            let name = i.alias.as_ref().map(|a| a.name);
            let named = || world.package_name(world.import(package.id, i.path)?);
            Some((name.or_else(named)?, i.path))
        };
        let imports = file.outline.imports.iter().filter_map(local).collect();
        Printer {
            package,
            imports,
            text: world.text(file.id),
        }
    }
    fn type_params(&self, params: &[TypeParam]) -> String {
        params
            .iter()
            .map(|p| format!("[{} {}]", p.name.name, self.constraint(&p.constraint)))
            .collect()
    }
    fn constraint(&self, expr: &Expr) -> String {
        self.expr(expr)
    }
    fn signature(&self, signature: &Signature) -> String {
        format!(
            "({})({})",
            self.params(&signature.params),
            self.params(&signature.results)
        )
    }
    fn params(&self, params: &[Param]) -> String {
        let each = |p: &Param| {
            let dots = if p.variadic { "..." } else { "" };
            vec![format!("{dots}{}", self.expr(&p.ty)); p.names.len().max(1)]
        };
        params.iter().flat_map(each).collect::<Vec<_>>().join(", ")
    }
    fn expr(&self, expr: &Expr) -> String {
        match &expr.unparen().kind {
            // Two names of one type each.
            ExprKind::Ident(name) if name == "uint8" => "byte".into(),
            ExprKind::Ident(name) if name == "int32" => "rune".into(),
            ExprKind::Ident(name) => name.to_string(),
            ExprKind::Selector(x, name) => match &x.kind {
                ExprKind::Ident(package) => {
                    format!(
                        "{}.{}",
                        self.imports
                            .get(package)
                            .unwrap_or(package)
                            .trim_start_matches("vendor/"),
                        name.name
                    )
                }
                _ => panic!("a selector of no package"),
            },
            ExprKind::Star(x) => format!("*{}", self.expr(x)),
            ExprKind::SliceType(x) => format!("[]{}", self.expr(x)),
            ExprKind::ArrayType(Some(len), x) => format!("[{}]{}", self.length(len), self.expr(x)),
            ExprKind::MapType(k, v) => format!("map[{}]{}", self.expr(k), self.expr(v)),
            ExprKind::ChanType(dir, x) => format!("chan {dir:?} {}", self.expr(x)),
            ExprKind::FuncType(signature) => format!("func{}", self.signature(signature)),
            ExprKind::Tilde(x) => format!("~{}", self.expr(x)),
            ExprKind::Binary(BinaryOp::Or, a, b) => format!("{} | {}", self.expr(a), self.expr(b)),
            ExprKind::Index(x, args) => {
                let args: Vec<_> = args.iter().map(|a| self.expr(a)).collect();
                format!("{}[{}]", self.expr(x), args.join(", "))
            }
            ExprKind::StructType(fields) => format!("struct{{{}}}", self.fields(fields)),
            ExprKind::InterfaceType(elems) => {
                let mut each: Vec<_> = elems
                    .iter()
                    .map(|e| match e {
                        InterfaceElem::Method(name, signature) => {
                            format!("{}{}", name.name, self.signature(signature))
                        }
                        InterfaceElem::Embed(x) => self.expr(x),
                    })
                    .collect();
                each.sort();
                format!("interface{{{}}}", each.join("; "))
            }
            other => panic!("{}: not a type: {other:?}", self.package.path),
        }
    }
    /// A length by its value where it is a literal: constants are evaluated by neither side.
    fn length(&self, len: &Expr) -> String {
        match &len.kind {
            ExprKind::Literal(_) => self.text[len.span.range()].to_string(),
            _ => "n".into(),
        }
    }
    fn fields(&self, fields: &[Field]) -> String {
        let mut out = String::new();
        for field in fields {
            if field.names.is_empty() {
                out += &format!("{}; ", self.expr(&field.ty));
            }
            for name in field
                .names
                .iter()
                .filter(|n| n.name.starts_with(char::is_uppercase))
            {
                out += &format!("{} {}; ", name.name, self.expr(&field.ty));
            }
        }
        out
    }
}
