//! Checks with the Go toolchain: what compiled still compiles, what was gofmt-clean still is. A few runs of `go` for
//! all cases together, since each costs much more than a case.

use crate::Suite;
use crate::tree::Tree;
use libtest_mimic::{Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tempfile::TempDir;

/// Which texts of the cases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// The checks; ignored without Go, failing without it under `UNLEAK_REQUIRE_GO=1`.
pub(crate) fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
    let required = std::env::var_os("UNLEAK_REQUIRE_GO").is_some_and(|value| value == "1");
    let found = Command::new("go").arg("version").output().is_ok();
    let check = |name: &str, run: fn(&Suite) -> Result<(), Failed>| {
        let suite = suite.clone();
        let name = match (found, required) {
            (false, false) => format!("{name} (skipped: no Go toolchain)"),
            _ => name.to_owned(),
        };
        let trial = Trial::test(name, move || match found {
            true => run(&suite),
            false => Err("UNLEAK_REQUIRE_GO=1, and there is no `go` in PATH".into()),
        });
        trial.with_ignored_flag(!found && !required)
    };
    vec![
        check("go/every_case_compiles_before", |suite| {
            vet(suite, When::Before)
        }),
        check("go/every_case_compiles_after", |suite| {
            vet(suite, When::After)
        }),
        check("go/gofmt_is_as_clean_as_before", gofmt),
    ]
}

/// `go vet`, without the analyzer that complains of the very leaks that the cases are about.
fn vet(suite: &Suite, when: When) -> Result<(), Failed> {
    let directory = lay_out(suite, when)?;
    let mut said = String::new();
    for module in modules(directory.path()) {
        let output = Command::new("go")
            .args(["vet", "-lostcancel=false", "./..."])
            .current_dir(&module)
            .envs([
                ("GOWORK", "off"),
                ("GOTOOLCHAIN", "local"),
                ("GOPROXY", "off"),
                ("GOFLAGS", ""),
            ])
            .output()?;
        if !output.status.success() {
            said += &format!(
                "in {}:\n{}",
                shown(directory.path(), &module),
                text(&output)
            );
        }
    }
    if said.is_empty() {
        Ok(())
    } else {
        Err(said.into())
    }
}

fn gofmt(suite: &Suite) -> Result<(), Failed> {
    let before = lay_out(suite, When::Before)?;
    let after = lay_out(suite, When::After)?;
    let run = |directory: &TempDir, arguments: &[&str]| {
        let mut command = Command::new("gofmt");
        command
            .args(arguments)
            .current_dir(directory.path())
            .output()
    };
    let unclean = text(&run(&before, &["-l", "."])?);
    let mut said = String::new();
    for file in text(&run(&after, &["-l", "."])?).lines() {
        if !unclean.lines().any(|other| other == file) {
            said += &text(&run(&after, &["-d", file])?);
        }
    }
    if said.is_empty() {
        Ok(())
    } else {
        Err(format!("no longer gofmt-clean:\n{said}").into())
    }
}

/// All cases on disk: `<transform>/<case>/…`, those without a module of their own as packages of one module.
fn lay_out(suite: &Suite, when: When) -> Result<TempDir, Failed> {
    let directory = tempfile::tempdir()?;
    for (at, case) in suite.cases.iter().enumerate() {
        let tree: &Tree = match when {
            When::Before => &case.tree,
            When::After => &suite.run(at)?.after,
        };
        let shared = if case.own_module { "modules" } else { "cases" };
        let root = directory
            .path()
            .join(shared)
            .join(&case.transform)
            .join(&case.case);
        let mut tree = tree.clone();
        if !case.own_module {
            let module = tree.remove(Path::new("go.mod")).unwrap_or_default();
            let module = String::from_utf8(module)?.replace(&case.case, "cases");
            fs::create_dir_all(directory.path().join("cases"))?;
            fs::write(directory.path().join("cases/go.mod"), module)?;
        }
        crate::tree::write(&tree, &root);
    }
    Ok(directory)
}

/// The directories with a `go.mod`.
fn modules(root: &Path) -> Vec<PathBuf> {
    let mut modules: Vec<PathBuf> = crate::tree::read(root)
        .into_keys()
        .filter(|path| path.file_name().is_some_and(|name| name == "go.mod"))
        .map(|path| root.join(path.parent().unwrap_or(Path::new(""))))
        .collect();
    // A module inside a case's `vendor` or a replaced one is checked through its user.
    modules.retain(|module| !module.components().any(|part| part.as_os_str() == "vendor"));
    modules.sort();
    modules
}

fn shown(root: &Path, module: &Path) -> String {
    module
        .strip_prefix(root)
        .unwrap_or(module)
        .display()
        .to_string()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}
