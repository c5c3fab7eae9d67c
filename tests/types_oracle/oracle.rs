//! The Go program that prints go/types' answers, and how ours compare with them.

use crate::answers::{Call, Calls, Target};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The installed Go, with the oracle built by it.
pub(crate) struct Go {
    pub(crate) goroot: PathBuf,
    program: PathBuf,
}

/// The installed Go; none when there is none and `UNLEAK_REQUIRE_GO` is not set.
pub(crate) fn go() -> Option<&'static Go> {
    static GO: OnceLock<Option<Go>> = OnceLock::new();
    GO.get_or_init(|| {
        let output = Command::new("go").args(["env", "GOROOT"]).output();
        let goroot = match output {
            Ok(output) if output.status.success() => {
                String::from_utf8(output.stdout).expect("GOROOT is UTF-8")
            }
            _ => {
                assert!(
                    std::env::var_os("UNLEAK_REQUIRE_GO").is_none(),
                    "UNLEAK_REQUIRE_GO is set and Go is missing"
                );
                return None;
            }
        };
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(source_dir())
            .status()
            .expect("go runs");
        assert!(built.success(), "the oracle does not build");
        Some(Go {
            goroot: goroot.trim().into(),
            program,
        })
    })
    .as_ref()
}

/// Where the oracle's source and the trap suite are.
pub(crate) fn source_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

impl Go {
    /// What go/types says about every call of the packages; `module` is `path=directory`.
    pub(crate) fn truth(&self, targets: &[Target], module: Option<String>) -> Calls {
        let mut oracle = Command::new(&self.program)
            .arg("-goroot")
            .arg(&self.goroot)
            .args(module.map(|module| format!("-module={module}")))
            .arg("-cgo")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the oracle starts");
        let mut stdin = oracle.stdin.take().expect("stdin is piped");
        let input: String = targets
            .iter()
            .map(|target| {
                let files: String = target
                    .files
                    .iter()
                    .map(|file| format!("\t{}", file.display()))
                    .collect();
                format!("{}{files}\n", target.path)
            })
            .collect();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = oracle.wait_with_output().expect("the oracle ends");
        writer
            .join()
            .expect("no panic")
            .expect("the oracle reads its input");
        assert!(output.status.success(), "the oracle failed");
        String::from_utf8(output.stdout)
            .expect("the oracle prints UTF-8")
            .lines()
            .map(parse)
            .collect()
    }
}

fn parse(line: &str) -> (String, Call) {
    let fields: Vec<&str> = line.split('\t').collect();
    let [at, callee, result, close, stop] = fields[..] else {
        panic!("a line of the oracle: {line}")
    };
    let call = Call {
        callee: callee.into(),
        result: result.into(),
        methods: [close.to_string(), stop.to_string()],
    };
    (at.into(), call)
}

/// How our answers compare with go/types'. Only calls that go/types knows count.
#[derive(Debug, Default)]
pub(crate) struct Score {
    /// Callee, result and methods are those of go/types.
    pub(crate) right: usize,
    /// Some part is unknown, none is wrong.
    pub(crate) unknown: usize,
    /// Some part is known and not what go/types says: `file:offset`, theirs, ours.
    pub(crate) wrong: Vec<(String, Call, Call)>,
    /// `file:offset` of the unknown ones.
    pub(crate) unknown_at: Vec<(String, Call, Option<Call>)>,
}

impl Score {
    pub(crate) fn of(truth: &Calls, ours: &Calls) -> Score {
        let mut score = Score::default();
        for (at, theirs) in truth {
            if theirs.callee == "?" {
                continue;
            }
            match ours.get(at) {
                None => {
                    score.unknown += 1;
                    score.unknown_at.push((at.clone(), theirs.clone(), None));
                }
                Some(call) => match agreement(theirs, call) {
                    Agreement::Right => score.right += 1,
                    Agreement::Unknown => {
                        score.unknown += 1;
                        score
                            .unknown_at
                            .push((at.clone(), theirs.clone(), Some(call.clone())));
                    }
                    Agreement::Wrong => {
                        score.wrong.push((at.clone(), theirs.clone(), call.clone()))
                    }
                },
            }
        }
        score.wrong.sort_by(|a, b| a.0.cmp(&b.0));
        score.unknown_at.sort_by(|a, b| a.0.cmp(&b.0));
        score
    }

    pub(crate) fn total(&self) -> usize {
        self.right + self.unknown + self.wrong.len()
    }

    /// Right ones of all, in percent.
    pub(crate) fn percent(&self) -> f64 {
        100.0 * self.right as f64 / self.total().max(1) as f64
    }

    /// Fails with the first wrong answers when there are any.
    pub(crate) fn assert_none_wrong(&self) {
        let first: Vec<String> = self
            .wrong
            .iter()
            .take(20)
            .map(|(at, theirs, ours)| format!("{at}\n  theirs {theirs:?}\n  ours   {ours:?}"))
            .collect();
        assert!(
            self.wrong.is_empty(),
            "{} wrong answers, among them:\n{}",
            self.wrong.len(),
            first.join("\n")
        );
    }

    /// Fails with the first unknown answers when fewer than `percent` are right.
    pub(crate) fn assert_right(&self, percent: f64) {
        let first: Vec<String> = self
            .unknown_at
            .iter()
            .take(20)
            .map(|(at, theirs, ours)| format!("{at}\n  theirs {theirs:?}\n  ours   {ours:?}"))
            .collect();
        assert!(
            self.percent() >= percent,
            "{:.3} % of {} right, {} unknown, among them:\n{}",
            self.percent(),
            self.total(),
            self.unknown,
            first.join("\n")
        );
    }
}

enum Agreement {
    Right,
    Unknown,
    Wrong,
}

fn agreement(theirs: &Call, ours: &Call) -> Agreement {
    let pairs = [
        (&theirs.callee, &ours.callee),
        (&theirs.result, &ours.result),
        (&theirs.methods[0], &ours.methods[0]),
        (&theirs.methods[1], &ours.methods[1]),
    ];
    let mut unknown = false;
    for (theirs, ours) in pairs {
        if theirs.contains('?') {
            // go/types does not know either (cgo).
        } else if ours.contains('?') {
            unknown = true;
        } else if theirs != ours {
            return Agreement::Wrong;
        }
    }
    if unknown {
        Agreement::Unknown
    } else {
        Agreement::Right
    }
}
