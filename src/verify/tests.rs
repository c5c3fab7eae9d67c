use super::*;
use crate::analyse::finding::{Applicability, Finding, Fix, Location, Severity, Verdict};
use crate::index::WorldOptions;
use crate::plan::{Policy, Status, plan};
use crate::syntax::ast::Span;

const OLD: &str =
    "package p\n\nimport \"time\"\n\nfunc f() {\n\tfor {\n\t\ttime.Sleep(1)\n\t}\n}\n";

/// Replaces `from` in [`OLD`].
fn replace(from: &str, to: &str) -> Result<(), Violation> {
    let start = OLD.find(from).unwrap();
    let span = Span::new(start, start + from.len());
    check(
        &Known::default(),
        OLD,
        Some(vec![Edit {
            span,
            text: to.into(),
        }]),
    )
}

#[test]
fn a_right_edit_passes() {
    assert_eq!(
        replace(
            "\t\ttime.Sleep(1)\n",
            "\t\ttime.Sleep(1)\n\t\tif x {\n\t\t\treturn\n\t\t}\n"
        ),
        Ok(())
    );
    assert_eq!(
        replace("func f() {\n", "func f() {\n\tx := 1\n\tg(x)\n\n"),
        Ok(())
    );
}

#[test]
fn edits_that_overlap_or_leave_the_text_are_refused() {
    let edit = |start, end| Edit {
        span: Span::new(start, end),
        text: String::new(),
    };
    assert_eq!(
        check(&Known::default(), OLD, Some(vec![edit(0, 9), edit(5, 12)])),
        Err(Violation::Edits)
    );
    assert_eq!(
        check(&Known::default(), OLD, Some(vec![edit(0, OLD.len() + 1)])),
        Err(Violation::Edits)
    );
    assert_eq!(check(&Known::default(), OLD, None), Err(Violation::Edits));
}

#[test]
fn a_new_syntax_error_is_refused() {
    assert_eq!(
        replace("time.Sleep(1)", "time.Sleep(1"),
        Err(Violation::Syntax)
    );
    assert_eq!(replace("for {", "for {{"), Err(Violation::Syntax));
}

#[test]
fn white_space_at_the_end_of_a_new_line_is_refused() {
    assert_eq!(
        replace("\t\ttime.Sleep(1)\n", "\t\ttime.Sleep(1)\n\t\tg() \n"),
        Err(Violation::Format)
    );
}

#[test]
fn an_indentation_that_is_not_gofmts_is_refused() {
    assert_eq!(
        replace("\t\ttime.Sleep(1)\n", "\t\ttime.Sleep(1)\n\tg()\n"),
        Err(Violation::Format)
    );
    assert_eq!(
        replace("\t\ttime.Sleep(1)\n", "\t\ttime.Sleep(1)\n        g()\n"),
        Err(Violation::Format)
    );
    assert_eq!(
        replace(
            "\t\ttime.Sleep(1)\n",
            "\t\tselect {\n\t\t\tcase <-c:\n\t\t}\n\t\ttime.Sleep(1)\n"
        ),
        Err(Violation::Format)
    );
}

#[test]
fn a_select_is_indented_as_gofmt_does() {
    let select =
        "\t\tselect {\n\t\tcase <-ctx.Done():\n\t\t\treturn\n\t\tcase <-time.After(1):\n\t\t}\n";
    assert_eq!(replace("\t\ttime.Sleep(1)\n", select), Ok(()));
}

#[test]
fn a_literal_of_several_lines_may_start_one() {
    let literal = "func f() {\n\tg(\n\t\t`a\nb`,\n\t)\n";
    assert_eq!(replace("func f() {\n", literal), Ok(()));
}

#[test]
fn a_name_that_nothing_uses_is_refused() {
    assert_eq!(
        replace(
            "func f() {\n",
            "func f() {\n\tctx, cancel := g()\n\tdefer cancel()\n"
        ),
        Err(Violation::Names)
    );
    assert_eq!(
        replace(
            "func f() {\n",
            "func f() {\n\t_, cancel := g()\n\tdefer cancel()\n"
        ),
        Ok(())
    );
}

#[test]
fn a_name_that_is_declared_twice_is_refused() {
    let twice = "func f() {\n\tx := g()\n\th(x)\n\tx := g()\n\th(x)\n";
    assert_eq!(replace("func f() {\n", twice), Err(Violation::Names));
    let nested = "func f() {\n\tx := g()\n\th(x)\n\t{\n\t\tx := g()\n\t\th(x)\n\t}\n";
    assert_eq!(replace("func f() {\n", nested), Ok(()));
}

#[test]
fn an_import_that_nothing_uses_is_refused() {
    assert_eq!(replace("time.Sleep(1)", "g()"), Err(Violation::Imports));
    assert_eq!(
        replace("import \"time\"", "import \"time\"\nimport \"context\""),
        Err(Violation::Imports)
    );
}

/// A finding whose fix inserts `text` before `place` of [`OLD`].
fn inserts(file: FileId, place: &str, text: &str) -> Finding {
    let at = OLD.find(place).unwrap();
    let span = Span::new(at, at);
    let edit = Edit {
        span,
        text: text.into(),
    };
    Finding {
        rule: "rule",
        at: Location { file, span },
        message: "leaks".into(),
        severity: Severity::Warning,
        related: Vec::new(),
        verdict: Verdict::Fix(Fix {
            applicability: Applicability::Safe,
            title: "fix".into(),
            edits: vec![(file, edit)],
            imports: Vec::new(),
        }),
    }
}

/// What becomes of findings in a file with the text [`OLD`].
fn outcome(findings: impl Fn(FileId) -> Vec<Finding>) -> Vec<Status> {
    outcome_in(OLD, findings)
}

fn outcome_in(text: &str, findings: impl Fn(FileId) -> Vec<Finding>) -> Vec<Status> {
    let world = World::new(WorldOptions::default());
    let file = world.add_file(std::path::Path::new("/nowhere/p.go"), Some(text.into()));
    let policy = Policy {
        unsafe_fixes: false,
        fixed: &|_| None,
        text: &|file| world.text(file),
    };
    let mut plan = plan(findings(file), &policy);
    verify(&mut plan, &world);
    plan.outcomes
        .into_iter()
        .map(|outcome| outcome.status)
        .collect()
}

#[test]
fn a_group_that_breaks_a_promise_is_dropped_and_the_others_stay() {
    let statuses = outcome(|file| {
        vec![
            inserts(file, "\tfor", "\tg()\n"),
            inserts(file, "\t\ttime", "\t\tx := 1\n"),
        ]
    });
    assert_eq!(
        statuses,
        [
            Status::Offered(GroupId(0)),
            Status::Declined(Declined::Invariant)
        ]
    );
}

#[test]
fn of_two_groups_that_are_wrong_together_the_earlier_stays() {
    let statuses = outcome(|file| {
        let declares = "\tx := g()\n\th(x)\n";
        vec![
            inserts(file, "\tfor", declares),
            inserts_last(file, declares),
        ]
    });
    assert_eq!(
        statuses,
        [
            Status::Offered(GroupId(0)),
            Status::Declined(Declined::Overlap)
        ]
    );
}

#[test]
fn what_is_beyond_the_bound_of_a_file_is_left_to_another_run() {
    // Two fit into the bound, three do not.
    let text = format!("{OLD}// {}\n", "x".repeat(MOST / 5 * 2));
    let statuses = outcome_in(&text, |file| {
        ["\tfor", "\t\ttime", "\t}\n}"]
            .map(|place| inserts(file, place, "\n"))
            .into()
    });
    let wanted = [
        Status::Offered(GroupId(0)),
        Status::Offered(GroupId(1)),
        Status::Declined(Declined::TooMany),
    ];
    assert_eq!(statuses, wanted);
}

/// Before the closing brace of the function.
fn inserts_last(file: FileId, text: &str) -> Finding {
    let mut finding = inserts(file, "package", text);
    if let Verdict::Fix(fix) = &mut finding.verdict {
        let at = OLD.rfind('}').unwrap();
        fix.edits[0].1.span = Span::new(at, at);
    }
    finding
}
