//! The promises about the new text hold at run time whatever a transform does. Each case is a transform that breaks one,
//! given to the library beside nothing else: its fix is not offered, the finding says why, and the run goes on.

use std::path::Path;
use unleak::analyse::declined::Declined;
use unleak::analyse::finding::{Applicability, Edit, Finding, Fix, Location, Severity, Verdict};
use unleak::analyse::transform::{Extent, Rule, Setup, Subject, Transform, no_table};
use unleak::emit::{Report, State};
use unleak::pipeline::{self, Options, Scope};
use unleak::prove::When;
use unleak::syntax::ast::{ExprKind, Span};
use unleak::syntax::visit::Node;

/// Each function has a mark, at which a transform may do something. `other.go` has one that is mended rightly.
const MARKED: &str = "package app\n\nimport (\n\t\"fmt\"\n\t_ \"net/http/pprof\"\n)\n\nfunc mark() {}\n\n\
    func marked(x int) error {\n\terr := fmt.Errorf(\"no\")\n\tif x > 0 {\n\t\tmark()\n\t\treturn err\n\t}\n\treturn nil\n}\n";
const OTHER: &str = "package app\n\nfunc other() {\n\trightly()\n}\n\nfunc rightly() {}\n";

/// Calls without arguments of functions whose name is a literal of the transform.
fn candidates(node: Node<'_>, text: &str, _: &Setup, offer: &mut dyn FnMut(Span)) {
    if let Node::Expr(expr) = node
        && let ExprKind::Call(call) = &expr.kind
        && matches!(&text[call.fun.span.range()], "mark" | "rightly")
    {
        offer(expr.span);
    }
}

/// A transform with this decision.
const fn transform(
    id: &'static str,
    decide: fn(&Subject<'_>, Span) -> Option<Finding>,
) -> Transform {
    Transform {
        id,
        summary: "a transform that is wrong",
        readme: "",
        candidates,
        literals: &["mark", "rightly"],
        extent: Extent::File,
        decide,
        configure: no_table,
        survey: None,
    }
}

/// A finding at the candidate whose fix makes these edits; at `rightly()` a right one.
fn finding(subject: &Subject<'_>, at: Span, edits: Vec<Edit>) -> Option<Finding> {
    let text = subject.world.text(subject.file);
    let edits = match &text[at.range()] {
        "rightly()" => match text.contains("_ = 1") {
            true => return None,
            false => vec![edit(
                Span::new(at.end as usize, at.end as usize),
                "\n\t_ = 1",
            )],
        },
        _ => edits,
    };
    Some(Finding {
        rule: "wrong",
        at: Location {
            file: subject.file,
            span: at,
        },
        message: "leaks".into(),
        severity: Severity::Warning,
        related: Vec::new(),
        verdict: Verdict::Fix(Fix {
            applicability: Applicability::Safe,
            title: "fix".into(),
            edits: edits.into_iter().map(|edit| (subject.file, edit)).collect(),
            imports: Vec::new(),
        }),
    })
}

fn edit(span: Span, text: &str) -> Edit {
    Edit {
        span,
        text: text.into(),
    }
}

/// An insertion before the candidate.
fn before(subject: &Subject<'_>, at: Span, text: &str) -> Option<Finding> {
    let place = Span::new(at.start as usize, at.start as usize);
    finding(subject, at, vec![edit(place, text)])
}

/// Another text for the first `from` of the file.
fn replacing(subject: &Subject<'_>, at: Span, from: &str, to: &str) -> Option<Finding> {
    let text = subject.world.text(subject.file);
    let edits = match text.find(from) {
        Some(start) => vec![edit(Span::new(start, start + from.len()), to)],
        None => Vec::new(),
    };
    finding(subject, at, edits)
}

/// What a run with the transform says of a module of [`MARKED`] and [`OTHER`].
fn run(transform: &'static Transform, marked: &str, verify: When) -> (Report, tempfile::TempDir) {
    run_on(
        transform,
        &[("marked.go", marked), ("other.go", OTHER)],
        verify,
    )
}

/// What a run with the transform says of a module of these files.
fn run_on(
    transform: &'static Transform,
    files: &[(&str, &str)],
    verify: When,
) -> (Report, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let module = ("go.mod", "module example.com/app\n\ngo 1.25\n");
    for (name, text) in [&module].into_iter().chain(files) {
        std::fs::write(directory.path().join(name), text).expect("written");
    }
    let options = Options {
        paths: vec![directory.path().to_owned()],
        rules: vec![Rule::new(transform, None).expect("no settings")],
        unsafe_fixes: false,
        exported: unleak::config::Exported::Keep,
        include: Vec::new(),
        jobs: 1,
        scope: Scope::default(),
        verbose: false,
        verify,
        prefilter: true,
        shard: None,
        given: None,
        unsaved: Vec::new(),
        reach: Vec::new(),
    };
    (
        pipeline::run(&options, &|_, _| ()).expect("a report"),
        directory,
    )
}

fn states<'r>(report: &'r Report, file: &str) -> Vec<&'r State> {
    let of = |at: usize| report.files[at].path.ends_with(Path::new(file));
    let findings = report.findings.iter().filter(|one| of(one.at.file));
    findings.map(|one| &one.state).collect()
}

/// The fix in `marked.go` is dropped with this reason, that in `other.go` stays.
fn dropped(transform: &'static Transform, reason: Declined) {
    let (report, _directory) = run(transform, MARKED, When::Never);
    let changed: Vec<_> = report.changed().collect();
    let new: Vec<&str> = changed.iter().map(|(_, new)| *new).collect();
    assert_eq!(
        states(&report, "marked.go"),
        [&State::Declined(reason)],
        "{new:?}"
    );
    assert!(matches!(
        states(&report, "other.go")[..],
        [State::Offered { .. }]
    ));
    assert_eq!(
        new,
        [OTHER.replace("\trightly()\n", "\trightly()\n\t_ = 1\n")]
    );
}

#[test]
fn the_new_text_parses() {
    const WRONG: Transform = transform("wrong", |subject, at| before(subject, at, "if x {\n\t\t"));
    dropped(&WRONG, Declined::Invariant);
}

#[test]
fn bytes_outside_the_edits_stay() {
    // Ranges that overlap, or leave the text, do not say which bytes are outside.
    const OVERLAP: Transform = transform("wrong", |subject, at| {
        let (start, end) = (at.start as usize, at.end as usize);
        let edits = vec![
            edit(Span::new(start, end), "a()"),
            edit(Span::new(start + 1, end), "b()"),
        ];
        finding(subject, at, edits)
    });
    dropped(&OVERLAP, Declined::Invariant);
    const BEYOND: Transform = transform("wrong", |subject, at| {
        let end = subject.world.text(subject.file).len();
        finding(subject, at, vec![edit(Span::new(end, end + 1), "")])
    });
    dropped(&BEYOND, Declined::Invariant);
}

#[test]
fn the_layout_is_gofmts() {
    const WRONG: Transform = transform("wrong", |subject, at| before(subject, at, "a()\n\t"));
    dropped(&WRONG, Declined::Invariant);
    const BLANK: Transform = transform("wrong", |subject, at| before(subject, at, "a() \n\t\t"));
    dropped(&BLANK, Declined::Invariant);
}

#[test]
fn imports_are_what_is_used() {
    // Taken away though it is used; though nothing can say whether it is; added though nothing uses it.
    const LOST: Transform = transform("wrong", |subject, at| {
        replacing(subject, at, "\t\"fmt\"\n", "")
    });
    dropped(&LOST, Declined::Invariant);
    const EFFECT: Transform = transform("wrong", |subject, at| {
        replacing(subject, at, "\t_ \"net/http/pprof\"\n", "")
    });
    dropped(&EFFECT, Declined::Invariant);
    const UNUSED: Transform = transform("wrong", |subject, at| {
        replacing(subject, at, "\t\"fmt\"\n", "\t\"context\"\n\t\"fmt\"\n")
    });
    dropped(&UNUSED, Declined::Invariant);
}

#[test]
fn nothing_unused_or_shadowed_is_introduced() {
    const UNUSED: Transform = transform("wrong", |subject, at| before(subject, at, "v := 1\n\t\t"));
    dropped(&UNUSED, Declined::Invariant);
    // `return err` below would give another error.
    const SHADOWED: Transform = transform("wrong", |subject, at| {
        before(subject, at, "err := g()\n\t\tuse(err)\n\t\t")
    });
    dropped(&SHADOWED, Declined::Invariant);
    const AGAIN: Transform = transform("wrong", |subject, at| {
        replacing(subject, at, "\tif x > 0", "\terr := g()\n\tif x > 0")
    });
    dropped(&AGAIN, Declined::Invariant);
}

#[test]
fn names_are_used_where_they_are_in_scope() {
    // Before `err` is declared.
    const EARLY: Transform = transform("wrong", |subject, at| {
        replacing(subject, at, "\terr := fmt", "\tuse(err)\n\terr := fmt")
    });
    dropped(&EARLY, Declined::Invariant);
    // After the block that declares `v` has ended.
    const LATE: Transform = transform("wrong", |subject, at| {
        let text = subject.world.text(subject.file);
        let end = text.find("\treturn nil").unwrap_or(text.len());
        let edits = vec![
            edit(
                Span::new(at.start as usize, at.start as usize),
                "v := g()\n\t\tuse(v)\n\t\t",
            ),
            edit(Span::new(end, end), "\tv.Close()\n"),
        ];
        finding(subject, at, edits)
    });
    dropped(&LATE, Declined::Invariant);
}

/// A fix that is right at its candidate and does this to the end of another file.
fn also(subject: &Subject<'_>, at: Span, name: &str, text: &str) -> Option<Finding> {
    let mut found = before(subject, at, "done()\n\t\t")?;
    let path = subject.world.path(subject.file);
    let other = subject.world.add_file(&path.with_file_name(name), None);
    let end = subject.world.text(other).len();
    if let Verdict::Fix(fix) = &mut found.verdict
        && !path.ends_with(name)
    {
        fix.edits.push((other, edit(Span::new(end, end), text)));
    }
    Some(found)
}

#[test]
fn all_files_of_a_fix_or_none() {
    const HALF: Transform = transform("wrong", |subject, at| {
        also(subject, at, "other.go", "\nfunc {\n")
    });
    dropped(&HALF, Declined::Invariant);
}

#[test]
fn generated_files_stay() {
    const GENERATED: Transform = transform("wrong", |subject, at| {
        also(subject, at, "made.go", "\nfunc made() {}\n")
    });
    let made = "// Code generated by hand. DO NOT EDIT.\n\npackage app\n";
    let marked = MARKED.replace("func mark() {}", "func mark() {}\n\nfunc done() {}");
    let files = [("marked.go", &*marked), ("made.go", made)];
    let (report, _directory) = run_on(&GENERATED, &files, When::Never);
    let want = [&State::Declined(Declined::FixedFile)];
    assert_eq!(states(&report, "marked.go"), want);
    assert_eq!(report.changed().count(), 0);
}

#[test]
fn a_second_run_finds_nothing() {
    // It finds what it did again and again.
    const ENDLESS: Transform =
        transform("wrong", |subject, at| before(subject, at, "mark()\n\t\t"));
    dropped(&ENDLESS, Declined::Unsettled);
}

#[test]
fn a_panic_costs_the_candidate_it_comes_at() {
    const PANICS: Transform = transform("wrong", |subject, at| {
        let text = subject.world.text(subject.file);
        assert!(&text[at.range()] != "mark()", "a bug of the transform");
        finding(subject, at, Vec::new())
    });
    let both = MARKED.replace("\treturn nil\n", "\trightly()\n\treturn nil\n");
    let (report, _directory) = run(&PANICS, &both, When::Never);
    let notices: Vec<_> = report
        .notices
        .iter()
        .map(|notice| (&*notice.text, notice.error))
        .collect();
    let notice = "line 13 is not looked at: wrong panicked: a bug of the transform (a bug in unleak; please report it)";
    assert_eq!(notices, [(notice, true)]);
    // The other candidate of the file, and the other file.
    assert!(matches!(
        states(&report, "marked.go")[..],
        [State::Offered { .. }]
    ));
    assert!(matches!(
        states(&report, "other.go")[..],
        [State::Offered { .. }]
    ));
}

#[test]
fn work_without_end_costs_the_file() {
    const ENDLESS: Transform = transform("wrong", |subject, at| {
        let text = subject.world.text(subject.file);
        while &text[at.range()] == "mark()" {
            unleak::analyse::effort::spend(1000);
        }
        finding(subject, at, Vec::new())
    });
    let (report, _directory) = run(&ENDLESS, MARKED, When::Never);
    let notices: Vec<_> = report
        .notices
        .iter()
        .map(|notice| (&*notice.text, notice.error))
        .collect();
    assert_eq!(
        notices,
        [(
            "skipped: its analysis took more than 50 million steps",
            true
        )]
    );
    assert!(matches!(
        states(&report, "other.go")[..],
        [State::Offered { .. }]
    ));
}

#[expect(clippy::print_stderr, reason = "a check that was not made says so")]
fn has_go() -> bool {
    if let Err(why) = std::process::Command::new("go").arg("version").output() {
        let required = std::env::var("UNLEAK_REQUIRE_GO").is_ok_and(|value| value == "1");
        assert!(!required, "go is required: {why}");
        eprintln!("skipped: no go command");
        return false;
    }
    true
}

/// What no check of the text alone can know, the go command does: here a name that does not exist, and a type.
#[test]
fn what_does_not_compile_is_dropped_by_go_with_its_words() {
    if !has_go() {
        return;
    }
    /// An insertion before the candidate where there is none yet.
    fn once(subject: &Subject<'_>, at: Span, text: &str) -> Option<Finding> {
        let done = subject.world.text(subject.file).contains(text);
        before(subject, at, text).filter(|_| !done)
    }
    const UNDEFINED: Transform =
        transform("wrong", |subject, at| once(subject, at, "nowhere()\n\t\t"));
    const MISTYPED: Transform = transform("wrong", |subject, at| {
        once(subject, at, "var s string = x\n\t\t_ = s\n\t\t")
    });
    for (transform, words) in [
        (&UNDEFINED, "undefined: nowhere"),
        (
            &MISTYPED,
            "cannot use x (variable of type int) as string value in variable declaration",
        ),
    ] {
        let (report, _directory) = run(transform, MARKED, When::Always);
        assert_eq!(
            states(&report, "marked.go"),
            [&State::Declined(Declined::Refused)]
        );
        assert!(matches!(
            states(&report, "other.go")[..],
            [State::Offered { .. }]
        ));
        let notices: Vec<&str> = report.notices.iter().map(|notice| &*notice.text).collect();
        let [notice] = notices[..] else {
            panic!("{notices:?}");
        };
        assert!(
            notice.starts_with("line 13: the fix of wrong is dropped: "),
            "{notice}"
        );
        assert!(
            notice.contains("marked.go:13") && notice.contains(words),
            "{notice}"
        );
    }
}

/// A fix that compiles only beside another, which is dropped under a configuration that is asked about later: what is
/// written was asked about without it.
#[test]
#[cfg(target_os = "linux")]
fn what_is_left_of_dropped_fixes_is_asked_about_again() {
    if !has_go() {
        return;
    }
    const LEANS: Transform = transform("wrong", |subject, at| {
        let text = subject.world.text(subject.file);
        if text.contains("helper()") {
            return None;
        }
        if &text[at.range()] == "rightly()" {
            let place = Span::new(at.end as usize, at.end as usize);
            let mut leaning = finding(subject, at, Vec::new())?;
            if let Verdict::Fix(fix) = &mut leaning.verdict {
                fix.edits = vec![(subject.file, edit(place, "\n\thelper()"))];
            }
            return Some(leaning);
        }
        let helper = edit(Span::new(text.len(), text.len()), "\nfunc helper() {}\n");
        let mut wrong = finding(subject, at, vec![helper])?;
        let path = subject.world.path(subject.file);
        let windows = subject
            .world
            .add_file(&path.with_file_name("marked_windows.go"), None);
        let end = subject.world.text(windows).len();
        if let Verdict::Fix(fix) = &mut wrong.verdict {
            let broken = edit(Span::new(end, end), "\nvar wrong = nowhere\n");
            fix.edits.push((windows, broken));
        }
        Some(wrong)
    });
    let files = [
        (
            "marked.go",
            "package app\n\nfunc marked() {\n\tmark()\n}\n\nfunc mark() {}\n",
        ),
        ("marked_windows.go", "package app\n"),
        ("other_linux.go", OTHER),
    ];
    let (report, _directory) = run_on(&LEANS, &files, When::Always);
    let notices: Vec<&str> = report.notices.iter().map(|notice| &*notice.text).collect();
    assert!(notices[0].contains("undefined: nowhere"), "{notices:?}");
    assert!(notices[1].contains("undefined: helper"), "{notices:?}");
    let refused = [&State::Declined(Declined::Refused)];
    assert_eq!(states(&report, "marked.go"), refused);
    assert_eq!(states(&report, "other_linux.go"), refused);
    assert_eq!(report.changed().count(), 0);
}
