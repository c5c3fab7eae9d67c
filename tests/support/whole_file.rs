//! What must hold for any bytes that are given as a Go file: no panic, the promises about the new text, and nothing
//! offered for the new text again. Shared by the property test and the fuzzer.

use std::cell::RefCell;
use std::path::Path;
use unleak::analyse::transform::Rule;
use unleak::emit::{Report, State};
use unleak::pipeline::{self, Given, Options, Scope};
use unleak::prove::When;
use unleak::syntax::check;
use unleak::transforms;

/// A directory in which the file would lie: a module, so that callers are known.
pub(crate) fn module() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(
        directory.path().join("go.mod"),
        "module example.com/app\n\ngo 1.25\n",
    )
    .expect("written");
    directory
}

thread_local! {
    /// The tables of the rules take longer to read than a file does to analyse.
    static OPTIONS: RefCell<Options> = RefCell::new(Options {
        shard: None,
        prefilter: true,
        paths: Vec::new(),
        rules: transforms::ALL
            .iter()
            .map(|one| Rule::new(one, None).expect("no settings"))
            .collect(),
        unsafe_fixes: true,
        exported: unleak::config::Exported::Change,
        include: Vec::new(),
        jobs: 1,
        scope: Scope::default(),
        verbose: false,
        verify: When::Never,
        given: None,
        unsaved: Vec::new(),
        reach: Vec::new(),
    });
}

fn run(directory: &Path, text: &[u8]) -> Report {
    let report = OPTIONS.with_borrow_mut(|options| {
        options.given = Some(Given {
            path: directory.join("main.go"),
            bytes: text.to_vec(),
        });
        pipeline::run(options, &|_, _| ()).expect("a report")
    });
    for notice in &report.notices {
        assert!(!notice.text.contains("panicked"), "{}", notice.text);
    }
    report
}

/// Runs the file and checks what is promised. Returns whether something was rewritten.
pub(crate) fn keeps_its_promises(directory: &Path, bytes: &[u8]) -> bool {
    let report = run(directory, bytes);
    let Some((file, new)) = report.changed().next() else {
        return false;
    };
    let old = std::str::from_utf8(bytes).expect("only text is rewritten");
    assert_eq!(&*file.old, old);
    assert!(!old.contains('\0'), "Go refuses a text with a NUL byte");
    assert!(check::package_name(old).is_some());
    let (before, after) = (check::errors(old).len(), check::errors(new).len());
    assert!(
        after <= before,
        "{after} syntax errors where {before} were:\n{new}"
    );
    let again = run(directory, new.as_bytes());
    for finding in &again.findings {
        let offered = matches!(finding.state, State::Offered { .. });
        assert!(
            !offered,
            "{} at line {} is offered for the new text:\n{new}",
            finding.rule, finding.at.line
        );
    }
    true
}
