//! The embedded standard library.

use std::path::Path;
use unleak::index::{DeclRef, World, WorldOptions};
use unleak::syntax::ast::Name;

#[test]
fn a_machine_without_go_knows_the_standard_library() {
    let world = World::new(WorldOptions::default());
    let file = world.add_file(
        Path::new("/nowhere/m/main.go"),
        Some("package main\n\nimport \"os\"\n".into()),
    );
    world.set_overlay(Path::new("/nowhere/m/go.mod"), "module m\n\ngo 1.22\n");
    let package = world.package_of(file).expect("has a package clause");
    assert_eq!(world.package(package).expect("loads").path, "m");
    let os = world
        .import(package, Name::from("os"))
        .expect("os is embedded");
    let os = world.package(os).expect("loads");
    assert!(os.complete, "nothing in the table may fail to parse");
    assert!(matches!(
        os.scope.get(&Name::from("Open")),
        Some(DeclRef::Func(_))
    ));
    assert!(
        os.methods
            .contains_key(&(Name::from("File"), Name::from("Close")))
    );
}

#[test]
fn every_package_of_the_table_parses_and_declares_without_conflict() {
    let world = World::new(WorldOptions::default());
    let file = world.add_file(
        Path::new("/nowhere/m/main.go"),
        Some("package main\n".into()),
    );
    let package = world.package_of(file).expect("has a package clause");
    let mut seen = 0;
    for path in World::embedded_packages() {
        let id = world
            .import(package, path)
            .unwrap_or_else(|| panic!("{path} is not found"));
        let loaded = world
            .package(id)
            .unwrap_or_else(|| panic!("{path} does not load"));
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
