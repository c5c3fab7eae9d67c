//! Markdown. Nothing that comes from code or from a file's name can end a fence, open a tag, or call a person.

use super::payload::{Leak, Note, Payload, Place};
use crate::emit::prose::inert;
use crate::plan::fingerprint::Fingerprint;
use std::fmt::Write;

/// GitHub refuses bodies of 65,536 characters: so much for the words, and as much for the code.
const LONGEST: usize = 30_000;
/// Suggestions longer than this are none.
pub const LONGEST_SUGGESTION: usize = LONGEST - 1_000;
/// A finding's steps beyond these are not told.
const STEPS: usize = 12;

/// A comment's body.
pub fn comment(note: &Note) -> String {
    let mut body = String::new();
    for leak in note.leaks.iter().take(20) {
        tell(&mut body, leak, note);
    }
    if note.leaks.len() > 20 {
        let _ = writeln!(
            body,
            "… and {} more that the same change fixes.\n",
            note.leaks.len() - 20
        );
    }
    let mut body = cut(body, LONGEST);
    if let Some(text) = &note.suggestion {
        let fence = fence(text);
        let _ = writeln!(body, "{fence}suggestion\n{text}{fence}\n");
    }
    if let Some(diff) = &note.diff {
        collapsed(&mut body, diff);
    }
    let _ = write!(body, "{}", marker(&[&note.mark], &rules(note)));
    body
}

fn tell(body: &mut String, leak: &Leak, note: &Note) {
    let place = format!("{}:{}", leak.path, leak.line);
    let own = matches!(&note.place, Place::Lines { path, start, end }
        if *path == leak.path && (*start..=*end).contains(&leak.line) && start == end);
    let place = match own {
        true => String::new(),
        false => format!(" at {}", code(&place)),
    };
    let _ = writeln!(
        body,
        "**{}**{place}: {}\n",
        words(&leak.rule),
        words(&leak.message)
    );
    for step in leak.steps.iter().take(STEPS) {
        let _ = writeln!(body, "- {}", words(step));
    }
    let _ = writeln!(body, "\n{}\n", words(&leak.outcome));
}

fn collapsed(body: &mut String, diff: &str) {
    let files = diff.matches("\ndiff --git ").count() + 1;
    let files = match files {
        1 => "one file".into(),
        _ => format!("{files} files"),
    };
    let fence = fence(diff);
    let end = if diff.ends_with('\n') { "" } else { "\n" };
    if diff.len() > LONGEST_SUGGESTION {
        let _ = writeln!(
            body,
            "The fix changes {files} in {} lines; `unleak -w` applies it as a whole.\n",
            diff.lines().count()
        );
        return;
    }
    let _ = writeln!(
        body,
        "<details><summary>The fix, in {files}: all of it or nothing</summary>\n\n{fence}diff\n{diff}{end}{fence}\n\n\
         Apply it with `unleak -w`, or save the diff and use `git apply`.\n\n</details>\n"
    );
}

/// The review's own text: what cannot stand at a line, or is more than the budget. Empty when there is nothing to say.
pub fn summary(payload: &Payload, elsewhere: &[&Note]) -> String {
    if elsewhere.is_empty() {
        return String::new();
    }
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<details><summary>unleak: {} elsewhere</summary>\n",
        match elsewhere.len() {
            1 => "one finding".into(),
            number => format!("{number} findings"),
        }
    );
    let mut marks = Vec::new();
    for (at, note) in elsewhere.iter().enumerate() {
        let mut line = String::new();
        for leak in note.leaks.iter().take(3) {
            let place = code(&format!("{}:{}", leak.path, leak.line));
            let _ = writeln!(
                line,
                "- {place} **{}**: {} ({})",
                words(&leak.rule),
                words(&leak.message),
                words(&leak.outcome)
            );
        }
        // The marks need as much room again.
        if body.len() + line.len() > LONGEST {
            let _ = writeln!(body, "- … and {} more", elsewhere.len() - at);
            break;
        }
        body += &line;
        marks.push(note.mark.as_str());
    }
    let _ = writeln!(body, "\n</details>\n");
    let all = set(elsewhere);
    if !marks.contains(&all.as_str()) {
        marks.push(&all);
    }
    body += &marker(
        &marks,
        &payload
            .scope
            .rules
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    body
}

/// What the summary of these notes is called as a whole, so that one that was cut is not said again.
pub fn set(notes: &[&Note]) -> String {
    let mut marks: Vec<&str> = notes.iter().map(|note| note.mark.as_str()).collect();
    marks.sort_unstable();
    Fingerprint::of(&marks).to_string()
}

fn rules(note: &Note) -> Vec<&str> {
    let mut rules: Vec<&str> = note.leaks.iter().map(|leak| leak.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// The last line of everything that is posted: what it is called, and which rules it speaks of.
fn marker(marks: &[&str], rules: &[&str]) -> String {
    format!(
        "<!-- unleak:v1 fp={} rules={} -->",
        marks.join(","),
        rules.join(",")
    )
}

/// Marks and rules of a posted body. Only the last line counts: code that is quoted above may say anything.
pub fn marked(body: &str) -> Option<(Vec<&str>, Vec<&str>)> {
    let last = body.trim_end().lines().last()?;
    let inside = last
        .strip_prefix("<!-- unleak:v1 fp=")?
        .strip_suffix(" -->")?;
    let (marks, rules) = inside.split_once(" rules=")?;
    let marks = split(marks);
    (!marks.is_empty()).then(|| (marks, split(rules)))
}

fn split(text: &str) -> Vec<&str> {
    text.split(',').filter(|one| !one.is_empty()).collect()
}

/// One backtick more than the longest run in the text, at least three.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// A code span; what is in it has no backticks any more.
fn code(text: &str) -> String {
    format!("`{}`", inert(text))
}

/// Text between markup: every sign that Markdown knows is escaped (CommonMark 2.4), mentions and references are parted.
fn words(text: &str) -> String {
    let mut words = String::new();
    for c in inert(text).chars() {
        if r"\*_{}[]<>#|~$&!".contains(c) {
            words.push('\\');
        }
        words.push(c);
    }
    words
}

fn cut(mut body: String, most: usize) -> String {
    if body.len() > most {
        let end = (0..=most)
            .rev()
            .find(|at| body.is_char_boundary(*at))
            .unwrap_or(0);
        body.truncate(end);
        body += "\n\n… (cut)\n\n";
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Note {
        let leak = Leak {
            rule: "missing-close".into(),
            message: text.into(),
            outcome: format!("fix: {text}"),
            path: format!("{text}.go"),
            line: 3,
            steps: vec![text.into()],
        };
        Note {
            mark: "ab".repeat(16),
            place: Place::Lines {
                path: "a.go".into(),
                start: 1,
                end: 2,
            },
            leaks: vec![leak],
            suggestion: None,
            diff: None,
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let mut note = note("x");
        note.suggestion = Some("a\n````\n@team </details>\n".into());
        let body = comment(&note);
        assert!(
            body.contains("\n`````suggestion\na\n````\n@team </details>\n`````\n"),
            "{body}"
        );
    }

    #[test]
    fn hostile_text_stays_text() {
        let body = comment(&note(
            "x</details>`@team`<img src=y>\n```\n::set-output\x1b[31m",
        ));
        for bad in [
            "</details>",
            "@team",
            "<img",
            "\n```",
            "\n::set-output",
            "\x1b",
        ] {
            assert!(!body.contains(bad), "{bad:?} in {body}");
        }
    }

    #[test]
    fn a_marker_counts_only_at_the_end() {
        let fake = format!("<!-- unleak:v1 fp={} rules=x -->", "cd".repeat(16));
        let mut note = note(&fake);
        note.suggestion = Some(format!("{fake}\n"));
        let body = comment(&note);
        assert_eq!(
            marked(&body),
            Some((vec![note.mark.as_str()], vec!["missing-close"]))
        );
        assert_eq!(marked(&format!("{body}\nmore")), None);
    }

    #[test]
    fn bodies_are_short_enough() {
        let mut long = note(&"x".repeat(3_000));
        long.leaks = vec![long.leaks[0].clone(); 500];
        long.diff = Some("+x\n".repeat(40_000));
        assert!(comment(&long).len() < 65_536);
        assert!(marked(&comment(&long)).is_some());
        let payload = Payload {
            version: 1,
            number: 1,
            commit: "aa".into(),
            scope: super::super::payload::Scope::default(),
            notes: Vec::new(),
        };
        let many: Vec<Note> = (0..5_000)
            .map(|at| Note {
                mark: format!("{at:032x}"),
                ..note("x")
            })
            .collect();
        let many: Vec<&Note> = many.iter().collect();
        let body = summary(&payload, &many);
        assert!(body.len() < 65_536, "{}", body.len());
        assert!(body.contains(" more\n") && marked(&body).is_some());
        assert!(marked(&body).unwrap().0.contains(&set(&many).as_str()));
    }
}
