//! Code that does not build: nothing panics, what is known is answered, and nothing is called complete that is not.

use super::support::*;

#[test]
fn a_name_declared_twice_leaves_the_package_incomplete() {
    for text in [
        "func F() {}\n\nfunc F() {}\n",
        "var F int\n\ntype F int\n",
        "const F, F = 1, 2\n",
        "type T int\n\nfunc (T) M() {}\n\nfunc (t *T) M() {}\n",
    ] {
        let tree = Tree::new(&[
            ("go.mod", "module m\n"),
            ("a.go", "package a\n\nfunc Good() {}\n"),
        ]);
        tree.write("b.go", format!("package a\n\n{text}").as_bytes());
        let world = tree.world();
        let package = load(&world, add(&world, &tree, "a.go"));
        assert!(!package.complete, "{text}");
        assert!(declares(&package, "Good"));
    }
}

#[test]
fn a_syntax_error_outside_bodies_leaves_the_package_incomplete() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n\nfunc Good() {}\n"),
        ("b.go", "package a\n\ntype T struct {\n\nfunc Lost() {}\n"),
        (
            "c/c.go",
            "package c\n\nfunc Bad() { if }\n\nfunc Good() {}\n",
        ),
    ]);
    let world = tree.world();
    let package = load(&world, add(&world, &tree, "a.go"));
    assert!(!package.complete);
    assert!(declares(&package, "Good"));
    let package = load(&world, add(&world, &tree, "c/c.go"));
    assert!(package.complete, "an error in a body loses no declaration");
}

#[test]
fn a_file_without_a_package_clause_could_declare_anything() {
    for text in [
        "",
        "func F() {}\n",
        "package\n",
        "<<<<<<< HEAD\npackage a\n",
        "//go:build (\n\npackage a\n",
    ] {
        let tree = Tree::new(&[("go.mod", "module m\n"), ("a.go", "package a\n")]);
        tree.write("b.go", text.as_bytes());
        let world = tree.world();
        let file = world.add_file(&tree.path("b.go"), None);
        assert_eq!(world.package_of(file), None, "{text:?}");
        assert!(
            !load(&world, add(&world, &tree, "a.go")).complete,
            "{text:?}"
        );
    }
}

#[test]
fn a_file_that_is_not_text_does_not_stop_its_package() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n\nfunc Good() {}\n"),
    ]);
    tree.write("b.go", b"package a\n\nfunc Bad() { _ = \"\xff\xfe\" }\n");
    let world = tree.world();
    let bad = world.add_file(&tree.path("b.go"), None);
    let package = load(&world, add(&world, &tree, "a.go"));
    assert!(declares(&package, "Good") && !package.complete);
    assert_eq!(&*world.text(bad), "");
    assert!(!declares(&package, "Bad"));
}

#[test]
fn a_text_that_changed_since_it_was_read_is_not_given_out() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("b.go", "package a\n"),
    ]);
    let world = tree.world();
    let run = world.add_file(&tree.path("a.go"), None);
    let package = load(&world, world.package_of(run).expect("in a package"));
    let other = package.files[1].id;
    assert_eq!(&*world.text(run), "package a\n");
    tree.write("a.go", b"package changed\n");
    tree.write("b.go", b"package changed\n");
    assert_eq!(
        &*world.text(run),
        "package a\n",
        "the run's own texts are kept"
    );
    assert_eq!(
        &*world.text(other),
        "",
        "offsets into this one would be wrong"
    );
}

#[test]
fn a_missing_file_or_directory_is_no_package() {
    let tree = Tree::new(&[("go.mod", "module m\n"), ("a.go", "package a\n")]);
    let world = tree.world();
    let gone = world.add_file(&tree.path("gone.go"), None);
    assert_eq!(world.package_of(gone), None);
    assert_eq!(&*world.text(gone), "");
    assert!(
        !load(&world, add(&world, &tree, "a.go")).complete,
        "the run was given a file that cannot be read"
    );
    assert_eq!(
        world.package(unleak::index::PackageId(99)).map(|p| p.path),
        None
    );
    assert_eq!(world.package_of(unleak::index::FileId(99)), None);
}

#[test]
fn import_cycles_end() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a/a.go", "package a\n\nimport \"m/b\"\n\ntype A = b.B\n"),
        (
            "b/b.go",
            "package b\n\nimport (\n\t\"m/a\"\n\t\"m/b\"\n)\n\ntype B = a.A\n",
        ),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a/a.go");
    let b = world.import(a, "m/b".into()).expect("found");
    assert_eq!(world.import(b, "m/a".into()), Some(a));
    assert_eq!(world.import(b, "m/b".into()), Some(b));
    assert!(declares(&load(&world, b), "B"));
}

#[test]
fn a_stray_package_clause_does_not_hide_the_package() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n"),
        ("d/one.go", "package d\n\nfunc One() {}\n"),
        ("d/two.go", "package d\n\nfunc Two() {}\n"),
        ("d/stray.go", "package other\n\nfunc Stray() {}\n"),
        ("tie/one.go", "package one\n"),
        ("tie/two.go", "package two\n"),
        ("doc/d.go", "package doc\n"),
        ("doc/x.go", "package documentation\n"),
    ]);
    let world = tree.world();
    let a = add(&world, &tree, "a.go");
    let d = world.import(a, "m/d".into()).expect("found");
    let package = load(&world, d);
    assert!(declares(&package, "One") && declares(&package, "Two") && !declares(&package, "Stray"));
    assert!(!package.complete);
    let stray = load(&world, add(&world, &tree, "d/stray.go"));
    assert!(declares(&stray, "Stray") && !stray.complete);
    assert_eq!(
        world.import(a, "m/tie".into()),
        None,
        "which of the two cannot be known"
    );
    let doc = world.import(a, "m/doc".into()).expect("found");
    assert!(
        load(&world, doc).complete,
        "package documentation is no mistake"
    );
}

#[test]
fn a_method_of_a_missing_type_leaves_the_package_incomplete() {
    let tree = Tree::new(&[
        ("go.mod", "module m\n"),
        ("a.go", "package a\n\nfunc (t *Missing) M() {}\n"),
    ]);
    let world = tree.world();
    assert!(!load(&world, add(&world, &tree, "a.go")).complete);
}

#[test]
fn broken_module_files_do_no_harm() {
    for text in [
        "",
        "module\n",
        "\u{0}",
        "module m\nrequire (\n",
        "module m\ngo x\nreplace a =>\nreplace => b\n",
    ] {
        let tree = Tree::new(&[
            ("go.mod", text),
            ("a.go", "package a\n"),
            ("vendor/modules.txt", "x\n# \n## \n#"),
        ]);
        tree.write("go.work", b"use (\n./a\nuse\n");
        let world = tree.world();
        let a = add(&world, &tree, "a.go");
        assert_eq!(world.import(a, "x.org/a".into()), None);
        assert!(world.import(a, "os".into()).is_some());
    }
}

#[test]
fn threads_agree() {
    let tree = Tree::new(&[("go.mod", "module m\n")]);
    for i in 0..40 {
        tree.write(
            &format!("p{i}/p.go"),
            format!("package p\n\nimport _ \"m/p{}\"\n", (i + 1) % 40).as_bytes(),
        );
    }
    let world = tree.world();
    let all: Vec<_> = (0..40)
        .map(|i| world.add_file(&tree.path(&format!("p{i}/p.go")), None))
        .collect();
    let look = || -> Vec<_> {
        let of = |f: &unleak::index::FileId| {
            let id = world.package_of(*f).expect("in a package");
            let package = load(&world, id);
            (
                id,
                world.import(id, package.files[0].outline.imports[0].path),
            )
        };
        all.iter().map(of).collect()
    };
    let answers: Vec<_> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..8).map(|_| s.spawn(look)).collect();
        threads
            .into_iter()
            .map(|t| t.join().expect("no panic"))
            .collect()
    });
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
        assert!(answer.iter().all(|(_, import)| import.is_some()));
    }
}
