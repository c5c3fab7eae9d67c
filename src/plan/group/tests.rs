use super::*;
use crate::analyse::finding::{Location, Severity};
use crate::syntax::ast::Span;

const FILE: FileId = FileId(0);
const TEXT: &str = "0123456789\r\nabcdef\n";

fn edit(start: usize, end: usize, text: &str) -> Edit {
    Edit {
        span: Span::new(start, end),
        text: text.into(),
    }
}

fn finding(applicability: Applicability, edits: &[Edit]) -> Finding {
    let fix = Fix {
        applicability,
        title: "fix".into(),
        edits: edits.iter().map(|edit| (FILE, edit.clone())).collect(),
        imports: vec![(FILE, "context")],
    };
    Finding {
        rule: "rule",
        at: Location {
            file: FILE,
            span: Span::new(0, 0),
        },
        message: "leaks".into(),
        severity: Severity::Warning,
        related: Vec::new(),
        verdict: Verdict::Fix(fix),
    }
}

fn safe(edits: &[Edit]) -> Finding {
    finding(Applicability::Safe, edits)
}

fn run(findings: Vec<Finding>, unsafe_fixes: bool) -> Plan {
    let policy = Policy {
        unsafe_fixes,
        fixed: &|file| (file != FILE).then_some(Declined::FixedFile),
        text: &|_| Arc::from(TEXT),
    };
    plan(findings, &policy)
}

fn statuses(plan: &Plan) -> Vec<Status> {
    plan.outcomes.iter().map(|outcome| outcome.status).collect()
}

#[test]
fn fixes_that_share_an_edit_are_one_group() {
    let main = edit(0, 0, "ctx");
    let plan = run(
        vec![
            safe(&[edit(3, 4, "a"), main.clone()]),
            safe(&[edit(9, 9, "alone")]),
            safe(&[main.clone(), edit(5, 5, "b")]),
        ],
        false,
    );
    let offered = |group| Status::Offered(GroupId(group));
    assert_eq!(statuses(&plan), [offered(0), offered(1), offered(0)]);
    assert_eq!(plan.groups[0].members, [0, 2]);
    assert_eq!(
        plan.groups[0].edits[&FILE],
        [main, edit(3, 4, "a"), edit(5, 5, "b")]
    );
}

#[test]
fn groups_joined_by_a_later_fix_become_one() {
    let (a, b) = (edit(0, 0, "a"), edit(1, 1, "b"));
    let plan = run(
        vec![
            safe(std::slice::from_ref(&a)),
            safe(std::slice::from_ref(&b)),
            safe(&[a, b]),
        ],
        false,
    );
    assert_eq!(statuses(&plan), [Status::Offered(GroupId(0)); 3]);
}

#[test]
fn the_later_of_two_overlapping_fixes_is_declined() {
    for (first, second) in [
        (edit(2, 5, "x"), edit(4, 6, "y")),
        (edit(2, 5, "x"), edit(3, 3, "y")),
        (edit(2, 2, "x"), edit(2, 2, "y")),
        (edit(2, 5, "x"), edit(2, 5, "y")),
    ] {
        let plan = run(
            vec![safe(&[first]), safe(&[edit(9, 9, "more"), second])],
            false,
        );
        assert_eq!(plan.outcomes[1].status, Status::Declined(Declined::Overlap));
        // Nothing of the declined fix is left behind.
        assert_eq!(plan.groups.len(), 1);
        assert_eq!(plan.groups[0].edits[&FILE].len(), 1);
    }
}

#[test]
fn a_safe_fix_wins_over_an_unsafe_one_that_was_found_first() {
    let judged = finding(Applicability::Unsafe, &[edit(2, 5, "x")]);
    let plan = run(vec![judged, safe(&[edit(4, 6, "y")])], true);
    assert_eq!(plan.outcomes[0].status, Status::Declined(Declined::Overlap));
    assert_eq!(plan.outcomes[1].status, Status::Offered(GroupId(0)));
}

#[test]
fn edits_that_only_touch_do_not_conflict() {
    let plan = run(
        vec![
            safe(&[edit(2, 5, "x")]),
            safe(&[edit(5, 7, "y")]),
            safe(&[edit(2, 2, "z")]),
        ],
        false,
    );
    assert_eq!(plan.groups.len(), 3);
}

#[test]
fn unsafe_fixes_wait_to_be_asked_for_and_taint_their_group() {
    let shared = edit(0, 0, "ctx");
    let findings = || {
        vec![
            finding(Applicability::Unsafe, std::slice::from_ref(&shared)),
            safe(std::slice::from_ref(&shared)),
        ]
    };
    let plan = run(findings(), false);
    assert_eq!(
        statuses(&plan),
        [Status::Unsafe, Status::Offered(GroupId(0))]
    );
    assert_eq!(
        plan.applicability(&plan.groups[0]),
        Some(Applicability::Safe)
    );
    let plan = run(findings(), true);
    assert_eq!(statuses(&plan), [Status::Offered(GroupId(0)); 2]);
    assert_eq!(
        plan.applicability(&plan.groups[0]),
        Some(Applicability::Unsafe)
    );
}

#[test]
fn a_file_that_may_not_change_declines_the_whole_fix() {
    let mut threaded = safe(&[edit(0, 0, "ctx")]);
    if let Verdict::Fix(fix) = &mut threaded.verdict {
        fix.edits.push((FileId(1), edit(0, 0, "ctx")));
    }
    let plan = run(vec![threaded], false);
    assert_eq!(statuses(&plan), [Status::Declined(Declined::FixedFile)]);
    assert!(plan.groups.is_empty());
}

#[test]
fn inserted_lines_end_as_the_lines_around_them() {
    let plan = run(
        vec![safe(&[edit(3, 3, "a\nb"), edit(14, 14, "c\nd")])],
        false,
    );
    let edits = &plan.groups[0].edits[&FILE];
    assert_eq!(edits[0].text, "a\r\nb");
    assert_eq!(edits[1].text, "c\nd");
}
