//! Which groups are one suggestion, and what it says.

use super::*;
use crate::analyse::finding::Applicability;
use crate::emit::{Part, ReportedFile, ReportedGroup};
use crate::syntax::ast::Span;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// An edit of a test: what is replaced, and by what.
type Replace<'a> = (&'a str, &'a str);

/// A report with one file, each group replacing these parts of it.
fn report(old: &str, groups: &[&[Replace<'_>]]) -> Report {
    let edit = |(from, to): &Replace<'_>| {
        // `|` marks the place of an insertion.
        let (span, text) = match from.split_once('|') {
            Some((before, after)) => {
                let at = old.find(&format!("{before}{after}")).unwrap() + before.len();
                (Span::new(at, at), *to)
            }
            None => {
                let at = old.find(from).unwrap();
                (Span::new(at, at + from.len()), *to)
            }
        };
        Edit {
            span,
            text: text.into(),
        }
    };
    let group = |edits: &&[Replace<'_>]| {
        let mut code: Vec<Edit> = edits.iter().map(edit).collect();
        code.sort();
        let part = Part {
            code: code.clone(),
            imports: BTreeSet::new(),
        };
        ReportedGroup {
            applicability: Applicability::Safe,
            edits: BTreeMap::from([(0, code)]),
            parts: BTreeMap::from([(0, part)]),
        }
    };
    Report {
        files: vec![ReportedFile {
            path: PathBuf::from("a.go"),
            old: old.into(),
            new: None,
        }],
        groups: groups.iter().map(group).collect(),
        ..Report::default()
    }
}

/// Lines (from 0) and text of the suggestions.
fn of(old: &str, groups: &[&[Replace<'_>]]) -> Vec<(Range<usize>, String)> {
    let all = suggestions(&report(old, groups), &|_, _| true);
    all.into_iter().map(|one| (one.lines, one.text)).collect()
}

#[test]
fn an_inserted_line_borrows_the_one_before() {
    let got = of("a\nb\nc\n", &[&[("b\n|c", "new\n")]]);
    assert_eq!(got, [(1..2, "b\nnew\n".into())]);
}

#[test]
fn at_the_top_of_what_can_be_commented_it_borrows_the_one_after() {
    let report = report("a\nb\nc\n", &[&[("b\n|c", "new\n")]]);
    let all = suggestions(&report, &|_, lines| lines.start >= 2);
    assert_eq!((&all[0].lines, all[0].text.as_str()), (&(2..3), "new\nc\n"));
}

#[test]
fn a_part_of_a_line_is_the_whole_line() {
    assert_eq!(
        of("a\nb c\nd\n", &[&[("b", "x")]]),
        [(1..2, "x c\n".into())]
    );
}

#[test]
fn lines_that_go_have_an_empty_text() {
    assert_eq!(of("a\nb\nc\n", &[&[("b\n", "")]]), [(1..2, String::new())]);
}

#[test]
fn two_places_of_a_group_are_one_suggestion_with_what_is_between() {
    let got = of("a\nb\nc\nd\n", &[&[("a", "x"), ("c", "y")]]);
    assert_eq!(got, [(0..3, "x\nb\ny\n".into())]);
}

#[test]
fn groups_that_share_a_line_are_one_suggestion() {
    let got = of("a\nb\nc\nd\n", &[&[("b\n|c", "new\n")], &[("b", "x")]]);
    assert_eq!(got, [(1..2, "x\nnew\n".into())]);
    let got = of("a\nb\nc\nd\n", &[&[("a", "x")], &[("b", "y")]]);
    assert_eq!(got.len(), 2, "next to each other is not sharing");
}

#[test]
fn what_is_not_whole_lines_is_none() {
    assert_eq!(
        of("a\nb", &[&[("b", "x")]]),
        [],
        "no line break at the end of the file"
    );
    assert_eq!(of("a\nb\n", &[&[("b\n", "x")]]), [], "nor afterwards");
    assert_eq!(of("a\nb\nc\n", &[&[("\nb\n", "")]]), [], "lines are joined");
    let crlf = report("a\r\nb\r\n", &[&[("b", "x")]]);
    assert!(suggestions(&crlf, &|_, _| true)[0].carriage_returns);
}

#[test]
fn places_far_apart_are_none() {
    let lines: String = (0..=LONGEST).map(|line| format!("{line}x\n")).collect();
    let last = format!("{LONGEST}x");
    assert_eq!(of(&lines, &[&[("0x", "y"), (&last, "y")]]), []);
}
