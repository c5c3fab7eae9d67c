//! Build constraints, file names and cgo: each file in a configuration that includes it.

use super::support::*;

#[test]
fn files_of_other_systems_stay_out_of_the_default_build() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("a_linux.go", "package a\n"),
        ("a_windows.go", "package a\n"),
        ("a_unix.go", "//go:build unix\n\npackage a\n"),
        ("old.go", "// +build !linux\n\npackage a\n"),
        ("tagged.go", "//go:build integration\n\npackage a\n"),
        ("_hidden.go", "package a\n"),
        (".dot.go", "package a\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    assert_eq!(files(&world, &tree, a), ["a.go", "a_linux.go", "a_unix.go"]);
    assert!(load(&world, a).complete);
}

#[test]
fn a_file_of_another_system_is_seen_with_its_own_neighbours() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("a_linux.go", "package a\n"),
        ("a_windows.go", "package a\nimport \"m/sys\"\n"),
        ("not_unix.go", "//go:build !unix\n\npackage a\n"),
        ("sys/sys_linux.go", "package sys\n"),
        ("sys/sys_windows.go", "package sys\n"),
    ]);
    let world = tree.world();
    let windows = add(&world, &tree, "a_windows.go");
    assert_eq!(
        files(&world, &tree, windows),
        ["a.go", "a_windows.go", "not_unix.go"]
    );
    assert_eq!(
        import(&world, &tree, windows, "m/sys").unwrap(),
        ["sys/sys_windows.go"],
        "so do its imports"
    );
    let linux = add(&world, &tree, "a.go");
    assert_eq!(
        import(&world, &tree, linux, "m/sys").unwrap(),
        ["sys/sys_linux.go"]
    );
}

#[test]
fn tags_are_set_for_the_file_that_needs_them() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("off.go", "//go:build !special\n\npackage a\n"),
        ("on.go", "//go:build special && linux\n\npackage a\n"),
        ("on_test.go", "//go:build special\n\npackage a\n"),
    ]);
    let world = tree.world();
    let on = add(&world, &tree, "on.go");
    assert_eq!(files(&world, &tree, on), ["a.go", "on.go"]);
    let test = add(&world, &tree, "on_test.go");
    assert_eq!(files(&world, &tree, test), ["a.go", "on.go", "on_test.go"]);
}

#[test]
fn a_constraint_that_nothing_satisfies_leaves_its_file_alone() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("x_linux.go", "//go:build windows\n\npackage a\n"),
    ]);
    let world = tree.world();
    let never = add(&world, &tree, "x_linux.go");
    assert!(!load(&world, never).complete);
    assert!(files(&world, &tree, never).contains(&"x_linux.go".to_string()));
}

#[test]
fn files_that_import_c_are_part_of_the_build() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        (
            "c.go",
            "package a\n\n// #include <stdio.h>\nimport \"C\"\n\nfunc F() {}\n",
        ),
        ("pure.go", "//go:build !cgo\n\npackage a\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    assert_eq!(files(&world, &tree, a), ["a.go", "c.go"]);
    assert_eq!(world.import(a, "C".into()), None);
    let pure = add(&world, &tree, "pure.go");
    assert_eq!(files(&world, &tree, pure), ["a.go", "pure.go"]);
}

#[test]
fn tags_of_the_command_line_hold_everywhere() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("t.go", "//go:build special\n\npackage a\n"),
    ]);
    let options = unleak::index::WorldOptions {
        tags: vec!["special".into()],
        ..Default::default()
    };
    let world = unleak::index::World::new(options);
    let a = add(&world, &tree, "a.go");
    assert_eq!(files(&world, &tree, a), ["a.go", "t.go"]);
}

#[test]
fn a_function_has_one_home_whatever_build_it_was_seen_in() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n\nfunc F() {}\n"),
        ("w_windows.go", "package a\n\nfunc W() {}\n"),
        ("a_test.go", "package a\n\nfunc T() {}\n"),
    ]);
    let world = tree.world();
    let plain = add(&world, &tree, "a.go");
    for variant in ["w_windows.go", "a_test.go"] {
        let id = add(&world, &tree, variant);
        assert_ne!(id, plain);
        let package = load(&world, id);
        let index = package
            .funcs
            .iter()
            .position(|f| f.decl.name.name == "F")
            .expect("declared") as u32;
        let home = world.home(unleak::index::FuncRef { package: id, index });
        assert_eq!(home.package, plain, "{variant}");
        assert_eq!(
            load(&world, plain).funcs[home.index as usize]
                .decl
                .name
                .name,
            "F"
        );
    }
}
