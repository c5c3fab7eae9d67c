//! The go command as oracle: the same files make up the same packages, and imports mean the same.

use super::support::*;
use std::collections::BTreeSet;
use std::path::Path;
use unleak::index::{World, WorldOptions};
use unleak::syntax::ast::Name;

/// Parts of GOROOT with constraints by system and experiment, cgo, vendored packages, tests of both kinds.
const PATTERNS: &[&str] = &[
    "net/...",
    "os/...",
    "crypto/...",
    "internal/...",
    "runtime/...",
    "cmd/go/...",
    "testing/...",
];

const TEMPLATE: &str = "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \" \"}} {{join .CgoFiles \" \"}}\t\
    {{join .TestGoFiles \" \"}}\t{{join .XTestGoFiles \" \"}}\t{{join .Imports \" \"}}\t{{join .XTestImports \" \"}}";

#[test]
fn packages_are_what_go_list_says() {
    let Some(goroot) = goroot() else { return };
    let listed = std::process::Command::new("go")
        .args(["list", "-f", TEMPLATE])
        .args(PATTERNS)
        .current_dir(goroot.join("src"))
        .envs([
            ("GOFLAGS", ""),
            ("GOTOOLCHAIN", "local"),
            ("CGO_ENABLED", "1"),
            ("GOOS", "linux"),
            ("GOARCH", "amd64"),
        ])
        .output()
        .expect("go list runs");
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let listed = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let (mut packages, mut imports) = (0, 0);
    let world = World::new(WorldOptions {
        goroot: Some(goroot),
        ..WorldOptions::default()
    });
    for line in listed.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [
            path,
            dir,
            plain,
            tests,
            external,
            plain_imports,
            external_imports,
        ] = columns[..]
        else {
            panic!("go list printed {line}")
        };
        let words = |column: &str| -> BTreeSet<String> {
            column.split_whitespace().map(str::to_string).collect()
        };
        let both = words(plain).into_iter().chain(words(tests)).collect();
        packages += 1;
        check(&world, dir, &words(plain), &words(plain), path);
        check(&world, dir, &words(tests), &both, path);
        check(
            &world,
            dir,
            &words(external),
            &words(external),
            &format!("{path}_test"),
        );
        imports += check_imports(&world, dir, &words(plain), &words(plain_imports));
        imports += check_imports(&world, dir, &words(external), &words(external_imports));
    }
    assert!(
        packages > 250 && imports > 3000,
        "only {packages} packages with {imports} imports were compared"
    );
}

/// Each of `files` is in a package of exactly these files and this path.
fn check(
    world: &World,
    dir: &str,
    files: &BTreeSet<String>,
    expected: &BTreeSet<String>,
    path: &str,
) {
    for file in files {
        let id = world
            .package_of(world.add_file(&Path::new(dir).join(file), None))
            .expect("in a package");
        let package = load(world, id);
        let names = package.files.iter().map(|f| {
            f.path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        });
        assert_eq!(&names.collect::<BTreeSet<_>>(), expected, "{dir}/{file}");
        assert_eq!(package.path, path, "{dir}/{file}");
        assert!(package.complete, "{dir}/{file}");
    }
}

/// All imports of a package's files together mean exactly these packages; gives their number.
fn check_imports(
    world: &World,
    dir: &str,
    files: &BTreeSet<String>,
    expected: &BTreeSet<String>,
) -> usize {
    let Some(first) = files.first() else { return 0 };
    let id = world
        .package_of(world.add_file(&Path::new(dir).join(first), None))
        .expect("in a package");
    let package = load(world, id);
    let imported = package
        .files
        .iter()
        .flat_map(|f| f.outline.imports.iter().map(|i| i.path))
        .filter(|p| *p != "C");
    let resolved = |path: Name| match world.import(id, path) {
        Some(found) => world.import_path(found).expect("known").to_string(),
        None => panic!("{dir} imports {path}, which is not found"),
    };
    let found: BTreeSet<String> = imported.map(resolved).collect();
    let expected: BTreeSet<String> = expected.iter().filter(|p| *p != "C").cloned().collect();
    assert_eq!(found, expected, "{dir}");
    found.len()
}
