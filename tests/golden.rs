//! Every case of `tests/fixtures/<transform>/` against its snapshot in `snapshots/<transform>/`, and against what
//! the harness asserts of every case, so that no author can forget it.
//!
//! A case is a Go file, or a directory with a `go.mod`. `UPDATE=1` rewrites the snapshots. Checks that need a Go
//! toolchain are reported as ignored, by name, when there is none; `UNLEAK_REQUIRE_GO=1` makes that a failure.

#[path = "golden/case.rs"]
mod case;
#[path = "golden/checks.rs"]
mod checks;
#[path = "golden/go.rs"]
mod go;
#[path = "golden/tree.rs"]
mod tree;

use case::Case;
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// All cases with what their runs gave, each run at most once.
struct Suite {
    cases: Vec<Case>,
    runs: Vec<OnceLock<Result<case::Run, String>>>,
}

impl Suite {
    fn run(&self, at: usize) -> Result<&case::Run, Failed> {
        let run = self.runs[at].get_or_init(|| self.cases[at].run());
        run.as_ref().map_err(|text| text.clone().into())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = case::all();
    let suite = Arc::new(Suite {
        runs: cases.iter().map(|_| OnceLock::new()).collect(),
        cases,
    });
    let mut trials = Vec::new();
    for at in 0..suite.cases.len() {
        let name = suite.cases[at].name();
        let suite = suite.clone();
        trials.push(Trial::test(name, move || {
            checks::case(&suite.cases[at], suite.run(at)?)
        }));
    }
    trials.push(Trial::test("snapshots/each_has_a_case", {
        let suite = suite.clone();
        move || checks::no_orphans(&suite.cases)
    }));
    trials.extend(go::trials(&suite));
    libtest_mimic::run(&arguments, trials).exit_code()
}
