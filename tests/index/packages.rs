//! What makes up a package: tests, scripts, several programs in one directory; scope and methods.

use super::support::*;
use unleak::index::DeclRef;
use unleak::syntax::ast::Name;

const TESTED: &[(&str, &str)] = &[
    ("go.mod", "module m\n"),
    ("a.go", "package a\n\ntype T struct{}\n\nfunc A() {}\n"),
    (
        "a_test.go",
        "package a\n\nfunc Exported() {}\n\nfunc (T) OnlyInTests() {}\n",
    ),
    (
        "x_test.go",
        "package a_test\n\nimport \"m\"\n\nfunc X() {}\n",
    ),
    ("b/b.go", "package b\n"),
    ("b/b_test.go", "package b_test\n"),
];

#[test]
fn importers_do_not_see_tests() {
    let tree = Tree::new(TESTED);
    let world = tree.world();
    let b = add(&world, &tree, "b/b.go");
    assert_eq!(import(&world, &tree, b, "m").unwrap(), ["a.go"]);
}

#[test]
fn in_package_tests_extend_the_package_without_moving_its_declarations() {
    let tree = Tree::new(TESTED);
    let world = tree.world();
    let plain = add(&world, &tree, "a.go");
    let tests = add(&world, &tree, "a_test.go");
    assert_eq!(files(&world, &tree, tests), ["a.go", "a_test.go"]);
    let (plain_package, package) = (load(&world, plain), load(&world, tests));
    assert_eq!((package.plain, plain_package.plain), (Some(plain), None));
    assert_eq!(
        (package.path, package.name),
        (plain_package.path, plain_package.name)
    );
    for (name, decl) in &plain_package.scope {
        assert_eq!(package.scope.get(name), Some(decl));
    }
    assert!(
        package
            .methods
            .contains_key(&(Name::from("T"), Name::from("OnlyInTests")))
    );
    assert!(
        !plain_package
            .methods
            .contains_key(&(Name::from("T"), Name::from("OnlyInTests")))
    );
}

#[test]
fn an_external_test_sees_the_package_with_its_in_package_tests() {
    let tree = Tree::new(TESTED);
    let world = tree.world();
    let external = add(&world, &tree, "x_test.go");
    assert_eq!(files(&world, &tree, external), ["x_test.go"]);
    assert_eq!(load(&world, external).name, "a_test");
    assert_eq!(
        import(&world, &tree, external, "m").unwrap(),
        ["a.go", "a_test.go"]
    );
    let external_b = add(&world, &tree, "b/b_test.go");
    assert_eq!(
        world.import(external_b, "m/b".into()),
        Some(add(&world, &tree, "b/b.go")),
        "no tests of its own"
    );
}

#[test]
fn a_package_whose_name_ends_in_test_has_in_package_tests() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("h.go", "package http_test\n"),
        ("h_test.go", "package http_test\n"),
    ]);
    let world = tree.world();
    let tests = add(&world, &tree, "h_test.go");
    assert_eq!(files(&world, &tree, tests), ["h.go", "h_test.go"]);
}

#[test]
fn the_packages_of_a_module_hold_every_file() {
    let tree = Tree::new(TESTED);
    tree.write("w_windows.go", b"package a\n");
    tree.write("gen.go", b"//go:build ignore\n\npackage main\n");
    tree.write("vendor/x.org/v/v.go", b"package v\n");
    tree.write("testdata/t.go", b"package t\n");
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    let packages = world.module_packages(a);
    let mut own: Vec<String> = Vec::new();
    for id in &packages {
        let at_home = |f: &&unleak::index::PackageFile| world.package_of(f.id) == Some(*id);
        let name = |f: &unleak::index::PackageFile| {
            f.path.file_name().unwrap().to_string_lossy().into_owned()
        };
        own.extend(load(&world, *id).files.iter().filter(at_home).map(name));
    }
    own.sort();
    assert_eq!(
        own,
        [
            "a.go",
            "a_test.go",
            "b.go",
            "b_test.go",
            "gen.go",
            "w_windows.go",
            "x_test.go"
        ]
    );
}

#[test]
fn the_variants_of_a_package_share_its_import_path() {
    let tree = Tree::new(TESTED);
    tree.write("w_windows.go", b"package a\n");
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    let windows = add(&world, &tree, "w_windows.go");
    let external = add(&world, &tree, "x_test.go");
    let variants = world.variants(a);
    assert!(variants.contains(&a) && variants.contains(&windows));
    assert!(!variants.contains(&external));
    assert_eq!(world.variants(external), [external]);
}

#[test]
fn ignored_programs_are_packages_of_their_own() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        (
            "gen.go",
            "//go:build ignore\n\npackage main\n\nfunc main() {}\n\nfunc help() {}\n",
        ),
        (
            "gen2.go",
            "//go:build ignore\n\npackage main\n\nfunc main() {}\n\nfunc help() {}\n",
        ),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    assert_eq!(files(&world, &tree, a), ["a.go"]);
    assert!(load(&world, a).complete);
    for name in ["gen.go", "gen2.go"] {
        let id = add(&world, &tree, name);
        assert_eq!(files(&world, &tree, id), [name]);
        assert!(declares(&load(&world, id), "help"));
    }
}

#[test]
fn an_ignored_program_beside_a_program_is_not_mixed_with_it() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
        (
            "gen.go",
            "//go:build ignore\n\npackage main\n\nfunc main() {}\n",
        ),
    ]);
    let world = tree.world();
    let gen_go = add(&world, &tree, "gen.go");
    assert_eq!(files(&world, &tree, gen_go), ["gen.go"]);
    assert!(load(&world, gen_go).complete);
    let main = add(&world, &tree, "main.go");
    assert_eq!(files(&world, &tree, main), ["main.go"]);
}

#[test]
fn several_programs_in_one_directory_are_kept_apart() {
    let tree = Tree::new(&[
        ("a.go", "package main\n\nfunc main() {}\n\nfunc same() {}\n"),
        ("b.go", "package main\n\nfunc main() {}\n\nfunc same() {}\n"),
        ("help.go", "package main\n\nfunc help() {}\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    assert_eq!(files(&world, &tree, a), ["a.go", "help.go"]);
    assert!(
        !load(&world, a).complete,
        "which files go together is a guess"
    );
    let help = add(&world, &tree, "help.go");
    assert_eq!(files(&world, &tree, help), ["help.go"]);
}

#[test]
fn methods_belong_to_the_type_behind_an_alias() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        (
            "a.go",
            "package a\n\ntype A = B\n\ntype B = *T\n\ntype T struct{}\n\nfunc (A) M() {}\n\nfunc (t *T) N() {}\n\nfunc (T) O() {}\n",
        ),
        (
            "g.go",
            "package a\n\ntype G[K comparable] struct{}\n\nfunc (g *G[K]) P() {}\n\ntype L = L2\n\ntype L2 = L\n",
        ),
    ]);
    let world = tree.world();
    let package = load(&world, add(&world, &tree, "a.go"));
    for (base, name) in [("T", "M"), ("T", "N"), ("T", "O"), ("G", "P")] {
        assert!(
            package
                .methods
                .contains_key(&(Name::from(base), Name::from(name))),
            "{base}.{name}"
        );
    }
    assert!(package.complete);
}

#[test]
fn every_kind_of_declaration_is_in_scope() {
    let text = "package a\n\nconst (\n\tc0 = iota\n\tc1, c2 = 1, 2\n)\n\nvar v, _ = 1, 2\n\ntype t int\n\nfunc f() {}\n\nfunc init() {}\n\nfunc init() {}\n\nvar _ = 1\n";
    let tree = Tree::new(&[("go.mod", "module m\n"), ("a.go", text)]);
    let world = tree.world();
    let package = load(&world, add(&world, &tree, "a.go"));
    assert!(package.complete, "blank names and init may be repeated");
    let mut names: Vec<_> = package.scope.keys().map(|n| n.as_str()).collect();
    names.sort();
    assert_eq!(names, ["c0", "c1", "c2", "f", "t", "v"]);
    let Some(DeclRef::Const(c2)) = package.scope.get(&Name::from("c2")) else {
        panic!("c2 is a constant")
    };
    let c2 = &package.consts[*c2 as usize];
    assert_eq!(c2.decl.names[c2.index as usize].name, "c2");
}
