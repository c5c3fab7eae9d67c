//! The oracle over generated pull requests: a base and a head, fixes of many shapes on the head, the comments that are
//! placed for them, and what becomes of the text when the suggestions are accepted in any order.

use super::oracle;
use serde_json::{Value, json};
use similar::{Algorithm, capture_diff_slices, group_diff_ops};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use unleak::analyse::finding::{Applicability, Edit, Severity};
use unleak::emit::{Part, Place, Report, ReportedFile, ReportedFinding, ReportedGroup, State};
use unleak::github::payload::{Note, Place as NotePlace};
use unleak::github::place::{PullFile, notes};
use unleak::github::render;
use unleak::plan::fingerprint::Fingerprint;
use unleak::plan::{add_imports, apply};
use unleak::syntax::ast::Span;

/// SplitMix64 (Steele, Lea, Flood 2014): the same cases on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }
}

/// Lines that are alike, so that a diff has more than one way to tell what changed.
const LINES: [&str; 10] = [
    "}\n",
    "\treturn\n",
    "\tx := f()\n",
    "\n",
    "\t}\n",
    "// ``` </details> @team\n",
    "\ty := \"é\"\n",
    "````\n",
    "func f() {\n",
    "```suggestion\n",
];

/// A text that has a package clause and imports, or none, and ends with a line break, or not.
fn text(random: &mut Random) -> String {
    let mut text = String::from("package p\n");
    match random.below(3) {
        0 => {}
        1 => text += "\nimport \"os\"\n",
        _ => text += "\nimport (\n\t\"io\"\n\t\"os\"\n)\n",
    }
    for _ in 0..random.below(60) {
        text += LINES[random.below(LINES.len())];
    }
    if random.one_in(8) {
        text = text.replace('\n', "\r\n");
    }
    if random.one_in(8) {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    text
}

/// The head before the pull request: some lines go, some come.
fn older(head: &str, random: &mut Random) -> String {
    let kept = head
        .split_inclusive('\n')
        .filter_map(|line| match random.below(12) {
            0 => None,
            1 => Some(format!("{line}old\n")),
            _ => Some(line.to_owned()),
        });
    kept.collect()
}

/// The lines that GitHub shows of the head, by hunk.
fn hunks(base: &str, head: &str) -> Vec<Range<usize>> {
    let (base, head): (Vec<&str>, Vec<&str>) = (
        base.split_inclusive('\n').collect(),
        head.split_inclusive('\n').collect(),
    );
    let ops = capture_diff_slices(Algorithm::Myers, &base, &head);
    let right = |ops: &Vec<similar::DiffOp>| {
        ops.first().unwrap().new_range().start..ops.last().unwrap().new_range().end
    };
    group_diff_ops(ops, 3).iter().map(right).collect()
}

/// Edits of one fix: whole lines or parts of lines that are inserted, replaced or deleted. `taken` are the places that
/// other fixes change, which a plan keeps apart.
fn edits(text: &str, taken: &mut Vec<Edit>, random: &mut Random) -> Vec<Edit> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let body = text
        .find("\n)\n")
        .map_or_else(|| text.len().min(30), |at| at + 3);
    let mut own = Vec::new();
    for _ in 0..=random.below(3) {
        let mut at = body + random.below((text.len() - body.min(text.len())) + 1);
        while !text.is_char_boundary(at.min(text.len())) {
            at += 1;
        }
        let at = at.min(text.len());
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let line = LINES[random.below(LINES.len())].replace('\n', newline);
        let (span, new) = match random.below(6) {
            0 | 1 => (start..start, line),
            2 => (start..end, line),
            3 => (start..end, String::new()),
            4 => (at..at, "z".into()),
            _ => (start..end, format!("{line}{line}")),
        };
        let edit = Edit {
            span: Span::new(span.start, span.end),
            text: new,
        };
        let apart = |other: &Edit| {
            let (a, b) = (edit.span, other.span);
            match a.start == a.end && b.start == b.end {
                true => a.start != b.start,
                false => a.end < b.start || b.end < a.start,
            }
        };
        if start >= body && taken.iter().all(apart) {
            taken.push(edit.clone());
            own.push(edit);
        }
    }
    own.sort();
    own
}

fn report(files: &[String], random: &mut Random) -> Report {
    let mut report = Report::default();
    let mut taken: Vec<Vec<Edit>> = vec![Vec::new(); files.len()];
    for _ in 0..=random.below(6) {
        let mut parts = BTreeMap::new();
        let count = if random.one_in(4) { 2 } else { 1 };
        for _ in 0..count {
            let file = random.below(files.len());
            let code = edits(&files[file], &mut taken[file], random);
            if code.is_empty() || parts.contains_key(&file) {
                continue;
            }
            let mut imports = BTreeSet::new();
            if random.one_in(3) {
                imports.insert(["context", "time", "errors"][random.below(3)]);
            }
            parts.insert(file, Part { code, imports });
        }
        let whole = |(file, part): (&usize, &Part)| {
            let mut all = add_imports(&files[*file], &part.imports).ok()?;
            all.extend(part.code.iter().cloned());
            all.sort();
            Some((*file, all))
        };
        let edits: Option<BTreeMap<usize, Vec<Edit>>> = parts.iter().map(whole).collect();
        let Some(edits) = edits.filter(|edits| !edits.is_empty()) else {
            continue;
        };
        let (&file, first) = edits.iter().next().unwrap();
        let at = first[0].span.start as usize;
        let line = files[file][..at].matches('\n').count() + 1;
        let group = report.groups.len();
        report.findings.push(ReportedFinding {
            rule: "missing-close",
            severity: Severity::Warning,
            at: Place {
                file,
                start: at,
                end: at,
                line,
                column: 1,
                end_line: line,
                end_column: 1,
            },
            message: format!("group {group}"),
            related: Vec::new(),
            state: State::Offered {
                title: "fix".into(),
                group,
            },
            fingerprint: Fingerprint::of(&[&group.to_string()]),
        });
        report.groups.push(ReportedGroup {
            applicability: Applicability::Safe,
            edits,
            parts,
        });
    }
    report.files = files
        .iter()
        .enumerate()
        .map(|(at, old)| ReportedFile {
            path: PathBuf::from(format!("{at}.go")),
            old: old.as_str().into(),
            new: None,
        })
        .collect();
    report
}

/// Accepts suggestions one by one in this order, as lines above move those below.
fn accept(text: &str, mut comments: Vec<(usize, usize, String)>) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    while let Some((start, end, body)) = comments.pop() {
        let new = oracle::suggestion(&body).expect("a suggestion");
        let moved = new.len() as isize - (end + 1 - start) as isize;
        lines.splice(start - 1..end, new);
        for (other_start, other_end, _) in &mut comments {
            assert!(
                *other_end < start || *other_start > end,
                "suggestions share a line"
            );
            if *other_start > end {
                *other_start = (*other_start as isize + moved) as usize;
                *other_end = (*other_end as isize + moved) as usize;
            }
        }
    }
    lines.concat()
}

fn groups_of(note: &Note) -> BTreeSet<usize> {
    let number = |text: &str| text.strip_prefix("group ").unwrap().parse().unwrap();
    note.leaks
        .iter()
        .map(|leak| number(&leak.message))
        .collect()
}

#[derive(Debug, Default)]
struct Seen {
    suggestions: usize,
    merged: usize,
    collapsed: usize,
}

fn check(seed: u64, seen: &mut Seen) {
    let mut random = Random(seed);
    let heads: Vec<String> = (0..=random.below(2)).map(|_| text(&mut random)).collect();
    let report = report(&heads, &mut random);
    let files: Vec<PullFile> = heads
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let base = match random.below(3) {
                0 => String::new(),
                _ => older(head, &mut random),
            };
            let hunks = hunks(&base, head);
            PullFile {
                path: Some(format!("{at}.go")),
                changed: !hunks.is_empty(),
                hunks,
                converted: false,
            }
        })
        .collect();
    let notes = notes(&report, &files);
    // Every group is told in exactly one comment.
    let told: Vec<usize> = notes.iter().flat_map(groups_of).collect();
    let all: BTreeSet<usize> = told.iter().copied().collect();
    assert_eq!(
        (told.len(), all.len()),
        (report.groups.len(), report.groups.len()),
        "seed {seed}"
    );
    for (at, head) in heads.iter().enumerate() {
        let mut comments = Vec::new();
        let mut groups = BTreeSet::new();
        for note in &notes {
            let NotePlace::Lines { path, start, end } = &note.place else {
                assert!(note.suggestion.is_none());
                continue;
            };
            if *path != format!("{at}.go") {
                continue;
            }
            let hunk = files[at]
                .hunks
                .iter()
                .find(|hunk| hunk.contains(&(start - 1)));
            assert!(
                hunk.is_some_and(|hunk| *end <= hunk.end && start <= end),
                "seed {seed}: outside a hunk"
            );
            if note.suggestion.is_some() {
                let own = groups_of(note);
                seen.suggestions += 1;
                seen.merged += usize::from(own.len() > 1);
                groups.extend(own);
                comments.push((*start, *end, render::comment(note)));
            } else {
                seen.collapsed += 1;
            }
        }
        for group in &groups {
            let files: Vec<usize> = report.groups[*group].edits.keys().copied().collect();
            assert_eq!(
                files,
                [at],
                "seed {seed}: a group of two files is half a suggestion"
            );
        }
        // In an order of its own.
        for last in (1..comments.len()).rev() {
            comments.swap(last, random.below(last + 1));
        }
        let json: Vec<Value> = comments
            .iter()
            .map(|(start, end, body)| match start == end {
                true => json!({ "line": end, "body": body }),
                false => json!({ "start_line": start, "line": end, "body": body }),
            })
            .collect();
        let edits = report.edits(&groups, at).expect("edits fit together");
        let want = apply(head, &edits).expect("edits apply");
        assert_eq!(accept(head, comments), want, "seed {seed}");
        assert_eq!(oracle::accept(head, &json), want, "seed {seed}");
    }
}

/// `UNLEAK_FUZZ_CASES` asks for more.
#[test]
#[allow(clippy::print_stdout, reason = "--nocapture shows what was generated")]
fn accepted_suggestions_are_the_groups_edits() {
    let cases = std::env::var("UNLEAK_FUZZ_CASES").map_or(10_000, |cases| cases.parse().unwrap());
    let mut seen = Seen::default();
    for seed in 0..cases {
        check(seed, &mut seen);
    }
    println!("{cases} pull requests: {seen:?}");
    // A generator that makes nothing of a kind tests nothing of it.
    assert!(
        seen.suggestions > 1_000 && seen.merged > 100 && seen.collapsed > 1_000,
        "{seen:?}"
    );
}
