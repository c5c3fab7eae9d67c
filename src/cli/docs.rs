//! `unleak rules`, `unleak explain`, `unleak completions`, `unleak man`.

use super::args::{Args, unknown_rule};
use crate::transforms;
use anstyle::{AnsiColor, Style};
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::{self, Write};
use std::path::Path;

/// One line a transform.
pub(super) fn rules(out: &mut dyn Write) -> io::Result<()> {
    for transform in transforms::ALL {
        writeln!(out, "{:<18} {}", transform.id, transform.summary)?;
    }
    Ok(())
}

/// The README of a transform, on a terminal with colours; the inner error says that there is none of this name.
pub(super) fn explain(
    out: &mut dyn Write,
    id: &str,
    colour: bool,
) -> io::Result<Result<(), String>> {
    let Some(transform) = transforms::find(id) else {
        return Ok(Err(unknown_rule(id)));
    };
    match colour {
        true => out.write_all(rendered(transform.readme).as_bytes())?,
        false => out.write_all(transform.readme.as_bytes())?,
    }
    Ok(Ok(()))
}

/// Completions of a shell.
pub(super) fn completions(out: &mut dyn Write, shell: Shell) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "unleak", &mut script);
    out.write_all(&script)
}

/// The manual: one page on `out`, or a page for each command in a directory.
pub(super) fn man(out: &mut dyn Write, directory: Option<&Path>) -> io::Result<()> {
    match directory {
        Some(directory) => {
            std::fs::create_dir_all(directory)?;
            clap_mangen::generate_to(Args::command(), directory)
        }
        None => clap_mangen::Man::new(Args::command()).render(&mut &mut *out),
    }
}

/// Markdown as our READMEs use it (headings, fences, code spans, tables), for a terminal.
fn rendered(markdown: &str) -> String {
    let heading = AnsiColor::Cyan.on_default().bold();
    let code = AnsiColor::Green.on_default();
    let mut rendered = String::new();
    let mut fenced = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        let ruler = line.starts_with('|') && line.chars().all(|c| "|-: ".contains(c));
        if ruler {
            continue;
        }
        if fenced {
            rendered += &format!("    {code}{line}{code:#}\n");
        } else if line.starts_with('#') {
            let text = line.trim_start_matches('#').trim_start();
            rendered += &format!("{heading}{text}{heading:#}\n");
        } else {
            rendered += &spans(line, code);
            rendered.push('\n');
        }
    }
    rendered
}

/// A line with its code spans and its strong words painted.
fn spans(line: &str, code: Style) -> String {
    let mut painted = String::new();
    for (at, part) in line.split('`').enumerate() {
        match at % 2 {
            1 => painted += &format!("{code}{part}{code:#}"),
            _ => painted += part,
        }
    }
    let bold = Style::new().bold();
    let mut strong = String::new();
    for (at, part) in painted.split("**").enumerate() {
        match at % 2 {
            1 => strong += &format!("{bold}{part}{bold:#}"),
            _ => strong += part,
        }
    }
    strong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_readme_is_rendered_whole() {
        for transform in transforms::ALL {
            let text = anstream::adapter::strip_str(&rendered(transform.readme)).to_string();
            let words = |text: &str| -> Vec<String> {
                // What the rendering removes without a trace, and what it may move.
                let plain = text.replace(['`', '*'], "");
                let plain = plain.replace(['#', '|', '-', ':'], " ");
                plain.split_whitespace().map(str::to_owned).collect()
            };
            let source: String = transform
                .readme
                .lines()
                .map(|line| {
                    if line.starts_with("```") {
                        "\n".into()
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect();
            assert_eq!(words(&text), words(&source), "{}", transform.id);
        }
    }
}
