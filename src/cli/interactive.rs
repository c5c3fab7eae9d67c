//! `-i`: a person decides on each fix, as `git add -p` asks. An atomic group is one question.

use crate::analyse::finding::Edit;
use crate::emit::terminal::{self, View};
use crate::emit::{Part, Report, name};
use crate::syntax::ast::Span;
use crate::syntax::check;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::process::Command;

const HELP: &str = "\
y - apply this fix
n - do not apply it
a - apply it and all later ones in this file
d - do not apply it, nor any later one in this file
q - quit; this fix and the remaining ones are not applied
e - edit the changed lines, then apply them
? - print this
";

/// Asks about each group; what is not chosen is taken out of the report.
pub(super) fn choose(
    report: &mut Report,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    view: View,
) -> io::Result<()> {
    let mut chosen = BTreeSet::new();
    // What was said of all later fixes of a file.
    let mut all: Option<(usize, bool)> = None;
    let groups = groups(report);
    for (at, &(group, file)) in groups.iter().enumerate() {
        if let Some((same, apply)) = all
            && same == file
        {
            if apply {
                chosen.insert(group);
            }
            continue;
        }
        for finding in report
            .findings
            .iter()
            .filter(|one| one.state.group() == Some(group))
        {
            terminal::write_finding(out, report, finding, view)?;
        }
        terminal::write_hunks(out, report, group, view)?;
        match ask(report, group, (at + 1, groups.len()), input, out)? {
            Answer::Yes => drop(chosen.insert(group)),
            Answer::No => {}
            Answer::All => {
                chosen.insert(group);
                all = Some((file, true));
            }
            Answer::None => all = Some((file, false)),
            Answer::Quit => break,
        }
        writeln!(out)?;
    }
    report.keep(&chosen);
    Ok(())
}

/// Groups in order of their first finding, with its file.
fn groups(report: &Report) -> Vec<(usize, usize)> {
    let mut seen = BTreeSet::new();
    let findings = report.findings.iter();
    findings
        .filter_map(|finding| Some((finding.state.group()?, finding.at.file)))
        .filter(|(group, _)| seen.insert(*group))
        .collect()
}

enum Answer {
    Yes,
    No,
    All,
    None,
    Quit,
}

fn ask(
    report: &mut Report,
    group: usize,
    (number, of): (usize, usize),
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> io::Result<Answer> {
    loop {
        write!(out, "({number}/{of}) Apply this fix [y,n,a,d,q,e,?]? ")?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok(Answer::Quit);
        }
        match line.trim() {
            "y" => return Ok(Answer::Yes),
            "n" => return Ok(Answer::No),
            "a" => return Ok(Answer::All),
            "d" => return Ok(Answer::None),
            "q" => return Ok(Answer::Quit),
            "e" => match edit(report, group)? {
                Ok(()) => return Ok(Answer::Yes),
                Err(why) => writeln!(out, "{why}")?,
            },
            _ => write!(out, "{HELP}")?,
        }
    }
}

/// Lets a person edit the lines that a group changes, file by file; the inner error says why they stay as they are.
fn edit(report: &mut Report, group: usize) -> io::Result<Result<(), String>> {
    let files: Vec<usize> = report.groups[group].parts.keys().copied().collect();
    let mut parts = Vec::new();
    for file in files {
        let part = &report.groups[group].parts[&file];
        let text = report.files[file].old.clone();
        let Some(span) = lines(&text, &part.code) else {
            continue;
        };
        let overlaps = |edit: &Edit| edit.span.start <= span.end && span.start <= edit.span.end;
        let others = report
            .groups
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != group);
        let mut others = others.filter_map(|(_, other)| other.parts.get(&file));
        if others.any(|other| other.code.iter().any(overlaps)) {
            return Ok(Err(
                "another fix changes the same lines; these cannot be edited".into(),
            ));
        }
        let path = name::shown(&report.files[file].path);
        let Some(proposed) = crate::plan::apply(&text, &part.code) else {
            return Ok(Err(format!("{path}: it cannot be edited")));
        };
        let after = text.len() - span.end as usize;
        let proposed = &proposed[span.start as usize..proposed.len() - after];
        let edited = match editor(proposed)? {
            Ok(edited) => edited,
            Err(why) => return Ok(Err(why)),
        };
        let code = vec![Edit { span, text: edited }];
        let new = crate::plan::apply(&text, &code).unwrap_or_default();
        if check::errors(&new).len() > check::errors(&text).len() {
            return Ok(Err(format!(
                "{path}: what you wrote does not parse; nothing is changed"
            )));
        }
        let imports = part.imports.clone();
        parts.push((file, Part { code, imports }));
    }
    for (file, part) in parts {
        report.groups[group].parts.insert(file, part);
        let edits = report
            .edits(&BTreeSet::from([group]), file)
            .unwrap_or_default();
        report.groups[group].edits.insert(file, edits);
    }
    Ok(Ok(()))
}

/// The whole lines that edits touch.
fn lines(text: &str, edits: &[Edit]) -> Option<Span> {
    let start = edits.iter().map(|edit| edit.span.start as usize).min()?;
    let end = edits.iter().map(|edit| edit.span.end as usize).max()?;
    let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    Some(Span::new(start, end))
}

/// The text as a person's editor leaves it.
fn editor(text: &str) -> io::Result<Result<String, String>> {
    let program = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    let program = program.unwrap_or_else(|| "vi".into());
    let file = tempfile::Builder::new()
        .prefix("unleak-")
        .suffix(".go")
        .tempfile()?;
    std::fs::write(file.path(), text)?;
    // As git does: the variable is shell code, with arguments perhaps.
    let script = format!("{program} \"$@\"");
    let status = Command::new("sh")
        .args(["-c", &script, &program])
        .arg(file.path())
        .status()?;
    if !status.success() {
        return Ok(Err(format!(
            "the editor ({program}) failed; nothing is changed"
        )));
    }
    Ok(std::fs::read_to_string(file.path()).map_err(|error| error.to_string()))
}
