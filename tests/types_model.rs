//! What the checker says of small modules, above all of ones that are broken: unknown where unsure, the rest known.

use std::path::Path;
use std::sync::Arc;
use unleak::index::{BodyRef, FuncRef, Package, PackageId, World, WorldOptions};
use unleak::syntax::ast::Name;
use unleak::types::{Answer, Callee, CheckedBody, Checker, LocalKind, Lookup, Object, TypeId};

/// A module `example.com/m` of these files; the standard library is the embedded one.
struct Module {
    world: World,
    first: PackageId,
}

impl Module {
    fn new(files: &[(&str, &str)]) -> Module {
        let world = World::new(WorldOptions::default());
        let root = Path::new("/unleak-types-model");
        world.set_overlay(&root.join("go.mod"), "module example.com/m\n\ngo 1.24\n");
        let ids: Vec<_> = files
            .iter()
            .map(|(name, text)| world.add_file(&root.join(name), Some(Arc::from(*text))))
            .collect();
        let first = world.package_of(ids[0]).expect("a package clause");
        Module { world, first }
    }

    fn checker(&self) -> Checker<'_> {
        Checker::new(&self.world)
    }

    fn package(&self) -> Arc<Package> {
        self.world.package(self.first).expect("it was registered")
    }

    fn func(&self, name: &str) -> FuncRef {
        let index = self
            .package()
            .funcs
            .iter()
            .position(|func| func.decl.name.name == name);
        FuncRef {
            package: self.first,
            index: index.expect("it is declared") as u32,
        }
    }
}

fn body<'m>(module: &'m Module, checker: &Checker<'m>, func: &str) -> std::rc::Rc<CheckedBody> {
    checker
        .body(BodyRef::Func(module.func(func)))
        .expect("it has a body")
}

/// The callees of a function's calls, in order of evaluation.
fn callees(module: &Module, func: &str) -> Vec<String> {
    let checker = module.checker();
    let body = body(module, &checker, func);
    let name = |callee: &Callee| match callee {
        Callee::Value => "value".to_string(),
        Callee::Unknown => "?".to_string(),
        Callee::Conversion(ty) => checker.display(*ty),
        named => checker.callee_name(named).expect("it has a name"),
    };
    body.info
        .callees
        .iter()
        .map(|(_, callee)| name(callee))
        .collect()
}

/// The type of a local of a function, as Go writes it.
fn local(module: &Module, func: &str, name: &str) -> String {
    let checker = module.checker();
    let body = body(module, &checker, func);
    let local = body.info.locals.iter().rfind(|local| local.name == name);
    checker.display(local.expect("it is declared").ty)
}

#[test]
fn standard_library_calls_resolve_without_go() {
    let module = Module::new(&[(
        "a.go",
        r#"package m
import ("database/sql"; "net/http"; "os"; "io")
func f(db *sql.DB, c io.Closer) {
    rows, err := db.Query("x")
    resp, _ := http.DefaultClient.Do(nil)
    file, _ := os.Open("x")
    c.Close()
    err.Error()
    func() { resp.Body.Close() }()
    println(len(file.Name()), rows)
}
"#,
    )]);
    assert_eq!(
        callees(&module, "f"),
        [
            "(*database/sql.DB).Query",
            "(*net/http.Client).Do",
            "os.Open",
            "(io.Closer).Close",
            "(error).Error",
            "(io.Closer).Close",
            "value",
            "(*os.File).Name",
            "len",
            "println",
        ]
    );
    assert_eq!(local(&module, "f", "rows"), "*database/sql.Rows");
    assert_eq!(local(&module, "f", "resp"), "*net/http.Response");
}

#[test]
fn a_missing_dependency_poisons_only_what_comes_from_it() {
    let module = Module::new(&[(
        "a.go",
        r#"package m
import ("os"; "github.com/missing/dep"; other "github.com/missing/v2")
type T struct { *dep.Base; file *os.File }
func f(t T) {
    x := dep.New()
    x.Close()
    t.Close()
    t.file.Close()
    other.Do(x)
    y := []dep.T{}
    y[0].Close()
    os.Remove(dep.Name)
}
"#,
    )]);
    assert_eq!(
        callees(&module, "f"),
        ["?", "?", "?", "(*os.File).Close", "?", "?", "os.Remove"]
    );
    let checker = module.checker();
    let ty = body(&module, &checker, "f").info.locals[0].ty;
    assert_eq!(
        checker.lookup(ty, Name::from("Close"), module.first),
        Lookup::Unknown
    );
    assert_eq!(
        checker.has_method(ty, "Close", &[], &["error"]),
        Answer::Unknown
    );
}

#[test]
fn an_unknown_argument_is_not_inferred_over() {
    let module = Module::new(&[(
        "a.go",
        r#"package m
import ("os"; "github.com/missing/dep")
func first[T any](values ...T) T { return values[0] }
func f(file *os.File) {
    a := first(1, dep.X)
    b := first(dep.X, file)
    c := first(1, 2.5)
    d := first([]int{}, dep.X)
    println(a, b, c, d)
}
"#,
    )]);
    assert_eq!(local(&module, "f", "a"), "?");
    assert_eq!(local(&module, "f", "b"), "?");
    assert_eq!(local(&module, "f", "c"), "float64");
    assert_eq!(local(&module, "f", "d"), "?");
}

#[test]
fn a_broken_body_is_unknown_and_its_neighbours_are_not() {
    let module = Module::new(&[(
        "a.go",
        "package m\nimport \"os\"\nfunc broken() {\n\tos.Remove(\"a\")\n\tx := := 1\n\tos.Remove(\"b\")\n}\n\
         func whole() {\n\tos.Remove(\"c\")\n}\n",
    )]);
    assert_eq!(callees(&module, "broken"), [""; 0]);
    let checker = module.checker();
    let broken = body(&module, &checker, "broken");
    assert!(broken.info.types.iter().all(|ty| *ty == TypeId::UNKNOWN));
    assert!(broken.info.objects.iter().all(Option::is_none));
    assert_eq!(callees(&module, "whole"), ["os.Remove"]);
}

#[test]
fn that_a_method_is_missing_is_said_of_complete_packages_only() {
    let source = "package m\ntype T struct{}\nfunc (T) Open() {}\nfunc f(t T) { t.Open() }\n";
    let ask = |files: &[(&str, &str)]| {
        let module = Module::new(files);
        let checker = module.checker();
        let ty = body(&module, &checker, "f").info.locals[0].ty;
        (
            checker.has_method(ty, "Open", &[], &[]),
            checker.has_method(ty, "Close", &[], &["error"]),
        )
    };
    assert_eq!(ask(&[("a.go", source)]), (Answer::Yes, Answer::No));
    let broken = ("b.go", "package m\n)] lost\n");
    assert_eq!(
        ask(&[("a.go", source), broken]),
        (Answer::Yes, Answer::Unknown)
    );
    let twice = ("b.go", "package m\nfunc f(int) {}\n");
    assert_eq!(
        ask(&[("a.go", source), twice]),
        (Answer::Yes, Answer::Unknown)
    );
}

#[test]
fn a_promoted_method_of_an_incomplete_package_is_unknown() {
    let source = "package m\nimport \"os\"\ntype T struct{ *os.File }\nfunc f(t T) { t.Close() }\n";
    assert_eq!(
        callees(&Module::new(&[("a.go", source)]), "f"),
        ["(*os.File).Close"]
    );
    let broken = ("b.go", "package m\n)] lost\n");
    assert_eq!(
        callees(&Module::new(&[("a.go", source), broken]), "f"),
        ["?"]
    );
}

#[test]
fn young_builtins_may_be_declared_in_a_lost_file() {
    let source = "package m\nfunc f() { x := min(1, 2); y := len(\"x\"); println(x, y) }\n";
    assert_eq!(local(&Module::new(&[("a.go", source)]), "f", "x"), "int");
    let module = Module::new(&[("a.go", source), ("b.go", "package m\n)] lost\n")]);
    assert_eq!(local(&module, "f", "x"), "?");
    assert_eq!(local(&module, "f", "y"), "int");
}

#[test]
fn cycles_end() {
    let module = Module::new(&[(
        "a.go",
        r#"package m
type A B
type B C
type C A
type S struct{ S }
type I interface{ I }
type L = []L
type G[T G[T]] struct{ next *G[G[T]] }
var x = y
var y = x
const c = d
const d = c
type E struct{ *E; F }
type F struct{ *E }
func f(a A, s S, i I, l L, e E) {
    a.M(); s.M(); i.M(); l[0].M(); e.M(); e.E.F.E.M()
    x.M()
    for range c {}
    println(len("end"))
}
"#,
    )]);
    let callees = callees(&module, "f");
    assert_eq!(callees.iter().filter(|callee| *callee == "?").count(), 7);
    let last = &callees[callees.len() - 2..];
    assert_eq!(last, ["len", "println"]);
}

#[test]
fn packages_that_import_each_other_end() {
    let module = Module::new(&[
        (
            "a.go",
            "package m\nimport \"example.com/m/b\"\ntype T struct{ b.T }\nfunc f(t T) { t.Close() }\n",
        ),
        (
            "b/b.go",
            "package b\nimport m \"example.com/m\"\ntype T struct{ *m.T }\nfunc (T) Close() {}\n",
        ),
    ]);
    assert_eq!(callees(&module, "f"), ["(example.com/m/b.T).Close"]);
}

#[test]
fn deep_nesting_neither_overflows_nor_hangs() {
    // As the run's threads have, and more than a test's: lowering nests too, and is not optimised here.
    let stack = 64 << 20;
    let thread = std::thread::Builder::new().stack_size(stack);
    let checked = thread.spawn(check_deep_nesting).expect("a thread starts");
    checked.join().expect("no panic");
}

fn check_deep_nesting() {
    let sum = vec!["\"x\""; 5000].join(" + ");
    let parens = format!("{}1{}", "(".repeat(3000), ")".repeat(3000));
    let calls = format!("{}1{}", "g(".repeat(3000), ")".repeat(3000));
    let blocks = format!("{}{}", "{ ".repeat(3000), "} ".repeat(3000));
    let chain: String = (0..3000)
        .map(|i| format!("const c{i} = c{} + 1\n", i + 1))
        .collect();
    let source = format!(
        "package m\nfunc g(int) int\n{chain}const c3000 = 1\n\
         func sum() {{ x := {sum}; println(x) }}\nfunc parens() {{ x := {parens}; println(x) }}\n\
         func calls() {{ x := {calls}; println(x) }}\nfunc blocks() {blocks}\n\
         func chain() {{ x := c0; println(x) }}\nfunc flat() {{ x := g(1); println(x) }}\n"
    );
    let module = Module::new(&[("a.go", &source)]);
    for func in ["sum", "parens", "calls", "blocks"] {
        let checker = module.checker();
        body(&module, &checker, func);
    }
    assert_eq!(local(&module, "chain", "x"), "?");
    assert_eq!(local(&module, "flat", "x"), "int");
}

#[test]
fn sums_of_many_strings_are_strings() {
    let sum = vec!["\"x\""; 150].join(" + ");
    let source = format!("package m\nfunc f() {{ x := {sum}; println(x) }}\n");
    assert_eq!(
        local(&Module::new(&[("a.go", &source)]), "f", "x"),
        "string"
    );
}

#[test]
fn locals_are_visible_from_their_declaration_to_the_end_of_their_scope() {
    let source = r#"package m
func (r *T) f(p int) (err error) {
    a := 1
    if b := a; b > 0 {
        a := "inner"
        println(a)
    }
    for i, c := range []string{} { println(i, c) }
    func(q bool) { println(q) }(true)
    return
}
type T struct{}
"#;
    let module = Module::new(&[("a.go", source)]);
    let checker = module.checker();
    let body = body(&module, &checker, "f");
    let shown: Vec<(String, LocalKind, String, &str)> = body
        .info
        .locals
        .iter()
        .map(|local| {
            let visible = source[local.visible.range()].trim();
            let first_line = visible.lines().next().unwrap_or_default();
            (
                local.name.to_string(),
                local.kind,
                checker.display(local.ty),
                first_line,
            )
        })
        .collect();
    let expect = |name: &str, kind, ty: &str, first_line| {
        (name.to_string(), kind, ty.to_string(), first_line)
    };
    assert_eq!(
        shown,
        [
            expect("r", LocalKind::Receiver, "*example.com/m.T", "{"),
            expect("p", LocalKind::Param, "int", "{"),
            expect("err", LocalKind::Result, "error", "{"),
            expect("a", LocalKind::Var, "int", "if b := a; b > 0 {"),
            expect("b", LocalKind::Var, "int", "; b > 0 {"),
            expect("a", LocalKind::Var, "string", "println(a)"),
            expect("i", LocalKind::Var, "int", "{ println(i, c) }"),
            expect("c", LocalKind::Var, "string", "{ println(i, c) }"),
            expect("q", LocalKind::Param, "bool", "{ println(q) }"),
        ]
    );
}

#[test]
fn a_name_is_a_local_a_declaration_an_import_or_predeclared() {
    let source = r#"package m
import ("os"; . "github.com/missing/dot"; "github.com/missing/go-yaml")
var global = os.Args
func f(p int) {
    { inner := p; println(inner) }
    println("here")
}
"#;
    let module = Module::new(&[("a.go", source)]);
    let checker = module.checker();
    let body = body(&module, &checker, "f");
    let at = |marker: &str, name: &str| {
        let offset = source.find(marker).expect("the marker") as u32;
        checker.name_at(&body, offset, Name::from(name))
    };
    let here = "println(\"here\")";
    assert_eq!(
        at(here, "p"),
        Some(Object::Local(unleak::types::LocalId(0)))
    );
    assert_eq!(
        at("println(inner)", "inner"),
        Some(Object::Local(unleak::types::LocalId(1)))
    );
    assert_eq!(at(here, "inner"), None);
    assert!(matches!(at(here, "global"), Some(Object::Declared(..))));
    assert!(matches!(at(here, "os"), Some(Object::Package(Some(_)))));
    assert_eq!(at(here, "yaml"), Some(Object::Package(None)));
    assert_eq!(
        at(here, "Exported"),
        Some(Object::Package(None)),
        "a dot import may have it"
    );
    assert_eq!(at(here, "len"), Some(Object::Universe(Name::from("len"))));
    assert_eq!(at(here, "ctx"), None);
}

#[test]
fn contexts_methods_and_interfaces() {
    let module = Module::new(&[(
        "a.go",
        r#"package m
import ("context"; "io"; "os"; "time")
type mine struct{ context.Context }
type pointer struct{}
func (*pointer) Close() error { return nil }
type wrong struct{}
func (wrong) Close(int) error { return nil }
func f(ctx context.Context, m mine, p pointer, pp *pointer, w wrong, file *os.File, d time.Duration, closer io.Closer, rw io.ReadWriter, e error) {}
"#,
    )]);
    let checker = module.checker();
    let body = body(&module, &checker, "f");
    let ty = |name: &str| {
        let local = body.info.locals.iter().find(|local| local.name == name);
        local.expect("a parameter").ty
    };
    assert_eq!(checker.is_context(ty("ctx")), Answer::Yes);
    assert_eq!(checker.is_context(ty("m")), Answer::No);
    assert_eq!(checker.is_context(TypeId::UNKNOWN), Answer::Unknown);
    let closes = |name: &str| checker.has_method(ty(name), "Close", &[], &["error"]);
    assert_eq!(closes("p"), Answer::Yes, "of an addressable operand");
    assert_eq!(closes("w"), Answer::No);
    assert_eq!(closes("d"), Answer::No);
    let closer = ty("closer");
    assert_eq!(checker.implements(ty("p"), closer), Answer::No);
    assert_eq!(checker.implements(ty("pp"), closer), Answer::Yes);
    assert_eq!(checker.implements(ty("file"), closer), Answer::Yes);
    assert_eq!(checker.implements(ty("file"), ty("rw")), Answer::Yes);
    assert_eq!(checker.implements(ty("w"), closer), Answer::No);
    assert_eq!(checker.implements(ty("m"), ty("ctx")), Answer::Yes);
    assert_eq!(checker.implements(ty("e"), closer), Answer::No);
    assert_eq!(checker.implements(TypeId::UNKNOWN, closer), Answer::Unknown);
}

#[test]
fn the_initialiser_of_a_variable_is_a_parse_unit_of_its_own() {
    let module = Module::new(&[(
        "a.go",
        "package m\nimport \"os\"\nvar open = func(name string) (*os.File, error) { return os.Open(name) }\n",
    )]);
    let checker = module.checker();
    let body = checker
        .body(BodyRef::Var(module.first, 0))
        .expect("an initialiser");
    assert_eq!(body.info.callees.len(), 1);
    assert_eq!(
        checker.callee_name(&body.info.callees[0].1).as_deref(),
        Some("os.Open")
    );
    assert_eq!(body.info.locals[0].name, "name");
    assert_eq!(body.body.values.len(), 1);
    assert_eq!(body.info.types.len(), body.body.nodes as usize);
}
