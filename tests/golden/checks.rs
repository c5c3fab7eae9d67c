//! What is asserted of every case.

use crate::case::{self, Case, Run};
use crate::tree;
use libtest_mimic::Failed;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use unleak::syntax::check;

type Outcome = Result<(), Failed>;

/// All checks of one case.
pub(crate) fn case(case: &Case, run: &Run) -> Outcome {
    snapshot(case, run)?;
    exit_codes(run)?;
    modes_agree(run)?;
    if run.diff.is_empty() {
        negative(case, run)?;
    } else {
        applies(case, run, "git", &["apply"], &["--check"])?;
        applies(case, run, "patch", &["-p1"], &["--dry-run"])?;
        syntax(case, run)?;
    }
    second_run(run)
}

/// Every snapshot belongs to a case.
pub(crate) fn no_orphans(cases: &[Case]) -> Outcome {
    let wanted: Vec<_> = cases.iter().map(Case::snapshot).collect();
    for transform in case::entries(&case::root().join("snapshots")) {
        for snapshot in case::entries(&transform) {
            if wanted.contains(&snapshot) {
                continue;
            }
            if updating() {
                fs::remove_file(&snapshot)?;
            } else {
                return Err(format!("{} has no case", snapshot.display()).into());
            }
        }
    }
    Ok(())
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

fn ensure(holds: bool, text: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(text().into()) }
}

fn snapshot(case: &Case, run: &Run) -> Outcome {
    let path = case.snapshot();
    if updating() {
        fs::create_dir_all(path.parent().unwrap())?;
        fs::write(&path, &run.text)?;
        return Ok(());
    }
    let want = fs::read_to_string(&path).unwrap_or_default();
    ensure(path.exists() && want == run.text, || {
        let shown = unleak::emit::diff::text(Path::new("snapshot"), &want, &run.text);
        format!(
            "differs from {} (UPDATE=1 rewrites it):\n{shown}",
            path.display()
        )
    })
}

/// 1 with findings, 0 without; nothing but the summary on stderr.
fn exit_codes(run: &Run) -> Outcome {
    let found = !findings(&run.json).is_empty();
    ensure(run.code == i32::from(found), || {
        format!("exit code {}", run.code)
    })?;
    ensure(run.write_code == 0, || {
        format!("-w: exit code {}", run.write_code)
    })?;
    ensure(run.stderr.lines().count() == 1, || {
        format!("stderr:\n{}", run.stderr)
    })
}

fn findings(json: &serde_json::Value) -> &[serde_json::Value] {
    json["findings"].as_array().map_or(&[], Vec::as_slice)
}

fn with_status(json: &serde_json::Value, status: &str) -> usize {
    findings(json)
        .iter()
        .filter(|finding| finding["status"] == status)
        .count()
}

/// The diff is the same in every output, and the list names its files.
fn modes_agree(run: &Run) -> Outcome {
    let files = run.json["files"].as_array().cloned().unwrap_or_default();
    let diffs: String = files
        .iter()
        .filter_map(|file| file["diff"].as_str())
        .collect();
    ensure(diffs == run.diff, || "json and -d differ".into())?;
    let listed: String = files
        .iter()
        .filter_map(|file| Some(format!("{}\n", file["path"].as_str()?)))
        .collect();
    ensure(listed == run.list, || "json and -l differ".into())?;
    let inside = files
        .iter()
        .all(|file| run.text.contains(file["diff"].as_str().unwrap()));
    ensure(inside, || "text lacks a diff".into())?;
    let offered = with_status(&run.json, "offered");
    ensure((offered > 0) != run.diff.is_empty(), || {
        "a diff without a fix, or a fix without".into()
    })
}

fn negative(case: &Case, run: &Run) -> Outcome {
    let why = case.go_files().any(|(_, text)| text.contains("// why: "));
    ensure(why, || {
        "no diff, and no `// why: …` comment says why".into()
    })?;
    ensure(run.after == case.tree, || "-w changed a file".into())
}

/// A tool takes the whole text output as a patch, and makes of the files what `-w` makes of them: so the bytes
/// outside the hunks are those of the original.
fn applies(case: &Case, run: &Run, tool: &str, arguments: &[&str], dry: &[&str]) -> Outcome {
    let directory = tree::fresh(&case.tree);
    for extra in [dry, &[]] {
        let mut child = Command::new(tool)
            .current_dir(directory.path())
            // Not the repository that the temporary directory may lie in.
            .env(
                "GIT_CEILING_DIRECTORIES",
                directory.path().parent().unwrap(),
            )
            .args(arguments)
            .args(extra)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().unwrap().write_all(run.text.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure(output.status.success(), || {
            let said = [output.stdout, output.stderr].concat();
            format!(
                "{tool} {extra:?}:\n{}\n{}",
                String::from_utf8_lossy(&said),
                run.text
            )
        })?;
        if !extra.is_empty() {
            let same = tree::read(directory.path()) == case.tree;
            ensure(same, || format!("{tool} {extra:?} changed a file"))?;
        }
    }
    match tree::difference(&tree::read(directory.path()), &run.after) {
        Some(path) => Err(format!("{tool} and -w differ in {}", path.display()).into()),
        None => Ok(()),
    }
}

fn syntax(case: &Case, run: &Run) -> Outcome {
    for (path, new) in case::go_files(&run.after) {
        let old = std::str::from_utf8(&case.tree[path]).unwrap();
        let (before, after) = (check::errors(old).len(), check::errors(new).len());
        ensure(after <= before, || {
            format!("{} has a new syntax error:\n{new}", path.display())
        })?;
    }
    Ok(())
}

/// What was fixed is gone, nothing else is offered, and what was left is still reported.
fn second_run(run: &Run) -> Outcome {
    let again = findings(&run.again);
    ensure(with_status(&run.again, "offered") == 0, || {
        format!("a second run offers more: {again:#?}")
    })?;
    let left = findings(&run.json).len() - with_status(&run.json, "offered");
    ensure(again.len() == left, || {
        format!(
            "{left} findings were left, a second run has {}: {again:#?}",
            again.len()
        )
    })
}
