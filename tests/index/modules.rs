//! go.mod, go.work, vendor, replace, the module cache, and directories outside any module.

use super::support::*;
use unleak::index::World;

#[test]
fn a_package_is_found_below_the_root_of_its_module() {
    let tree = Tree::new(&[
        ("m/go.mod", "module example.com/m\n\ngo 1.21\n"),
        ("m/main.go", "package main\n"),
        ("m/deep/er/x.go", "package x\n"),
        ("m/empty/readme.txt", ""),
    ]);
    let world = tree.world();
    let main = add(&world, &tree, "m/main.go");
    assert_eq!(load(&world, main).path, "example.com/m");
    assert_eq!(world.go_version(main), Some((1, 21)));
    assert_eq!(
        import(&world, &tree, main, "example.com/m/deep/er").as_deref(),
        Some(&["m/deep/er/x.go".into()][..])
    );
    let deep = add(&world, &tree, "m/deep/er/x.go");
    assert_eq!(load(&world, deep).path, "example.com/m/deep/er");
    assert_eq!(load(&world, deep).name, "x");
    for missing in [
        "example.com/m/empty",
        "example.com/m/none",
        "example.com/mx",
        "example.com/other",
        "C",
        "",
    ] {
        assert_eq!(import(&world, &tree, main, missing), None, "{missing}");
    }
}

#[test]
fn the_name_of_a_package_need_not_be_that_of_its_directory() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("go-yaml/y.go", "package yaml\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "a.go");
    let yaml = world.import(from, "m/go-yaml".into()).expect("found");
    assert_eq!(world.package_name(yaml).expect("known"), "yaml");
    assert_eq!(world.import_path(yaml).expect("known"), "m/go-yaml");
}

#[test]
fn a_nested_module_is_not_part_of_the_outer_one() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("sub/go.mod", "module m/sub\n"),
        ("sub/b.go", "package b\n"),
        ("sub/deep/c.go", "package c\n"),
    ]);
    let world = tree.world();
    let outer = add(&world, &tree, "a.go");
    assert_eq!(import(&world, &tree, outer, "m/sub/deep"), None);
    let nested = add(&world, &tree, "sub/b.go");
    assert!(import(&world, &tree, nested, "m/sub/deep").is_some());
    assert_eq!(
        import(&world, &tree, nested, "m"),
        None,
        "and the outer one is not required"
    );
    let of_outer: Vec<_> = world
        .module_packages(outer)
        .iter()
        .map(|p| load(&world, *p).path)
        .collect();
    assert_eq!(of_outer, ["m"]);
}

#[test]
fn replacements_with_a_local_path_are_followed() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.20\nrequire x.org/lib v1.0.0\nreplace x.org/lib => ../lib\n",
        ),
        ("m/a.go", "package a\n"),
        ("lib/go.mod", "module anything\n\ngo 1.18\n"),
        ("lib/sub/s.go", "package s\n\nimport \"x.org/lib\"\n"),
        ("lib/l.go", "package lib\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    let sub = world.import(from, "x.org/lib/sub".into()).expect("found");
    assert_eq!(
        load(&world, sub).path,
        "x.org/lib/sub",
        "the path is the importer's"
    );
    assert_eq!(
        world.go_version(sub),
        Some((1, 18)),
        "the language is the dependency's"
    );
    assert_eq!(
        import(&world, &tree, sub, "x.org/lib").as_deref(),
        Some(&["lib/l.go".into()][..])
    );
}

#[test]
fn a_workspace_joins_its_modules() {
    let tree = Tree::new(&[
        ("go.work", "go 1.21\nuse (\n\t./a\n\t./b\n)\n"),
        ("a/go.mod", "module x.org/a\n"),
        ("a/a.go", "package a\n"),
        ("b/go.mod", "module x.org/b\n"),
        ("b/b.go", "package b\n"),
        ("c/go.mod", "module x.org/c\n"),
        ("c/c.go", "package c\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a/a.go");
    assert!(import(&world, &tree, a, "x.org/b").is_some());
    assert_eq!(
        import(&world, &tree, a, "x.org/c"),
        None,
        "the workspace does not use it"
    );
    let paths: Vec<_> = world
        .module_packages(a)
        .iter()
        .map(|p| load(&world, *p).path)
        .collect();
    assert_eq!(paths, ["x.org/a", "x.org/b"]);
    let c = add(&world, &tree, "c/c.go");
    assert_eq!(import(&world, &tree, c, "x.org/a"), None);
}

#[test]
fn vendored_packages_go_before_the_module_cache() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.21\nrequire x.org/lib v1.0.0\n",
        ),
        ("m/a.go", "package a\n"),
        (
            "m/vendor/modules.txt",
            "# x.org/lib v1.0.0\n## explicit; go 1.17\nx.org/lib/sub\n",
        ),
        ("m/vendor/x.org/lib/sub/s.go", "package s\n"),
        ("cache/x.org/lib@v1.0.0/sub/other.go", "package s\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    let vendored = world.import(from, "x.org/lib/sub".into()).expect("found");
    assert_eq!(
        files(&world, &tree, vendored),
        ["m/vendor/x.org/lib/sub/s.go"]
    );
    assert_eq!(load(&world, vendored).path, "x.org/lib/sub");
    assert_eq!(world.go_version(vendored), Some((1, 17)));
    let own = add(&world, &tree, "m/vendor/x.org/lib/sub/s.go");
    assert_eq!(
        load(&world, own).path,
        "x.org/lib/sub",
        "also when its file is looked at directly"
    );
}

#[test]
fn the_module_cache_is_read_at_the_version_that_go_mod_requires() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.21\nrequire github.com/BurntSushi/toml v1.2.0 // indirect\n",
        ),
        ("m/a.go", "package a\n"),
        (
            "cache/github.com/!burnt!sushi/toml@v1.1.0/old.go",
            "package toml\n",
        ),
        (
            "cache/github.com/!burnt!sushi/toml@v1.2.0/go.mod",
            "module github.com/BurntSushi/toml\n\ngo 1.16\n",
        ),
        (
            "cache/github.com/!burnt!sushi/toml@v1.2.0/toml.go",
            "package toml\n",
        ),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    let toml = world
        .import(from, "github.com/BurntSushi/toml".into())
        .expect("found");
    assert_eq!(
        files(&world, &tree, toml),
        ["cache/github.com/!burnt!sushi/toml@v1.2.0/toml.go"]
    );
    assert_eq!(world.go_version(toml), Some((1, 16)));
    let without = World::default();
    let from = add(&without, &tree, "m/a.go");
    assert_eq!(
        without.import(from, "github.com/BurntSushi/toml".into()),
        None,
        "no cache was allowed"
    );
}

#[test]
fn the_longest_module_path_that_has_the_package_wins() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.21\nrequire (\n\tx.org/a v1.0.0\n\tx.org/a/b v1.0.0\n)\n",
        ),
        ("m/a.go", "package a\n"),
        ("cache/x.org/a@v1.0.0/b/old.go", "package b\n"),
        ("cache/x.org/a@v1.0.0/c/c.go", "package c\n"),
        ("cache/x.org/a/b@v1.0.0/b.go", "package b\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    assert_eq!(
        import(&world, &tree, from, "x.org/a/b").unwrap(),
        ["cache/x.org/a/b@v1.0.0/b.go"]
    );
    assert_eq!(
        import(&world, &tree, from, "x.org/a/c").unwrap(),
        ["cache/x.org/a@v1.0.0/c/c.go"]
    );
}

#[test]
fn a_replacement_by_another_module_is_looked_up_in_the_cache() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.21\nrequire x.org/a v1.0.0\nreplace x.org/a v1.0.0 => y.org/fork v0.1.0\n",
        ),
        ("m/a.go", "package a\n"),
        ("cache/x.org/a@v1.0.0/a.go", "package a\n"),
        ("cache/y.org/fork@v0.1.0/fork.go", "package a\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    assert_eq!(
        import(&world, &tree, from, "x.org/a").unwrap(),
        ["cache/y.org/fork@v0.1.0/fork.go"]
    );
}

#[test]
fn before_go_1_17_versions_come_from_the_whole_graph() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.15\nrequire (\n\tx.org/a v1.0.0\n\tx.org/b v1.0.0\n)\n",
        ),
        ("m/a.go", "package a\n"),
        (
            "cache/cache/download/x.org/a/@v/v1.0.0.mod",
            "module x.org/a\nrequire x.org/b v1.1.0\nrequire x.org/c v0.1.0\n",
        ),
        ("cache/x.org/b@v1.0.0/old.go", "package b\n"),
        ("cache/x.org/b@v1.1.0/b.go", "package b\n"),
        ("cache/x.org/c@v0.1.0/c.go", "package c\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    assert_eq!(
        import(&world, &tree, from, "x.org/b").unwrap(),
        ["cache/x.org/b@v1.1.0/b.go"]
    );
    assert_eq!(
        import(&world, &tree, from, "x.org/c").unwrap(),
        ["cache/x.org/c@v0.1.0/c.go"]
    );
}

#[test]
fn a_dependency_resolves_its_imports_as_the_main_module_says() {
    let tree = Tree::new(&[
        (
            "m/go.mod",
            "module m\n\ngo 1.21\nrequire (\n\tx.org/a v1.0.0\n\tx.org/b v1.5.0\n)\n",
        ),
        ("m/a.go", "package a\n"),
        (
            "cache/x.org/a@v1.0.0/go.mod",
            "module x.org/a\nrequire x.org/b v1.0.0\n",
        ),
        (
            "cache/x.org/a@v1.0.0/a.go",
            "package a\nimport \"x.org/b\"\n",
        ),
        ("cache/x.org/b@v1.0.0/old.go", "package b\n"),
        ("cache/x.org/b@v1.5.0/b.go", "package b\n"),
    ]);
    let world = tree.world();
    let from = add(&world, &tree, "m/a.go");
    let a = world.import(from, "x.org/a".into()).expect("found");
    assert_eq!(
        import(&world, &tree, a, "x.org/b").unwrap(),
        ["cache/x.org/b@v1.5.0/b.go"]
    );
}

#[test]
fn outside_any_module_the_import_path_is_the_directory() {
    let tree = Tree::new(&[
        ("loose/a.go", "package a\n"),
        ("loose/sub/b.go", "package b\n"),
    ]);
    let world = tree.world();
    let loose = add(&world, &tree, "loose/a.go");
    assert_eq!(
        load(&world, loose).path.as_str(),
        tree.path("loose").to_string_lossy()
    );
    assert_eq!(world.go_version(loose), None);
    assert!(world.import(loose, "os".into()).is_some());
    assert_eq!(
        import(&world, &tree, loose, "./sub").unwrap(),
        ["loose/sub/b.go"]
    );
    assert_eq!(import(&world, &tree, loose, "sub"), None);
    assert_eq!(world.module_packages(loose), [loose]);
}

#[test]
fn gopath_directories_find_their_neighbours_and_vendor() {
    let tree = Tree::new(&[
        ("src/a/a.go", "package a\n"),
        ("src/b/b.go", "package b\n"),
        ("src/a/vendor/v/v.go", "package v\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "src/a/a.go");
    assert_eq!(import(&world, &tree, a, "b").unwrap(), ["src/b/b.go"]);
    assert_eq!(
        import(&world, &tree, a, "v").unwrap(),
        ["src/a/vendor/v/v.go"]
    );
}

#[test]
fn the_standard_library_wins_over_a_module_of_the_same_path() {
    let tree = Tree::new(&[
        ("go.mod", "module net\n"),
        ("a.go", "package a\n"),
        ("http/h.go", "package h\n"),
        ("own/o.go", "package own\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    let http = world.import(a, "net/http".into()).expect("found");
    assert_eq!(world.package_name(http).expect("known"), "http");
    assert_eq!(
        import(&world, &tree, a, "net/own").unwrap(),
        ["own/o.go"],
        "what std has not is the module's"
    );
}

#[test]
fn a_module_can_lie_in_memory_alone() {
    let world = World::default();
    world.set_overlay("/no/such/m/go.mod".as_ref(), "module m\n\ngo 1.23\n");
    let a = memory(&world, "/no/such/m/a.go", "package a\n\nfunc A() {}\n");
    memory(&world, "/no/such/m/sub/b.go", "package b\n\nfunc B() {}\n");
    let a = world.package_of(a).expect("in a package");
    assert_eq!(world.go_version(a), Some((1, 23)));
    let b = world.import(a, "m/sub".into()).expect("found");
    assert!(declares(&load(&world, b), "B"));
    assert_eq!(world.module_packages(a).len(), 2);
}

#[test]
fn a_text_given_goes_before_the_disk() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n\nfunc Old() {}\n"),
        ("b.go", "package a\n"),
    ]);
    let world = tree.world();
    let file = world.add_file(
        &tree.path("a.go"),
        Some("package a\n\nfunc New() {}\n".into()),
    );
    let package = load(&world, world.package_of(file).expect("in a package"));
    assert!(declares(&package, "New") && !declares(&package, "Old"));
    assert_eq!(package.files.len(), 2);
    assert_eq!(&*world.text(file), "package a\n\nfunc New() {}\n");
}
