//! Unified diffs that `git apply` and `patch -p1` take.

use super::name;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

/// Lines of context around a change, as git and diff -u show.
const CONTEXT: usize = 3;

/// Writes the diff of one file; nothing when the texts are equal. Lines end at `\n` only: a `\r` before it belongs
/// to the line.
pub fn write(out: &mut dyn Write, path: &Path, old: &str, new: &str) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let (old, new) = (lines(old), lines(new));
    writeln!(
        out,
        "diff --git {} {}",
        name::quoted("a", path),
        name::quoted("b", path)
    )?;
    writeln!(out, "--- {}", name::header("a", path))?;
    writeln!(out, "+++ {}", name::header("b", path))?;
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    for hunk in group_diff_ops(ops, CONTEXT) {
        write_hunk(out, &hunk, &old, &new)?;
    }
    Ok(())
}

/// As [`write`], in memory.
pub fn text(path: &Path, old: &str, new: &str) -> String {
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = write(&mut out, path, old, new);
    String::from_utf8_lossy(&out).into_owned()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn write_hunk(out: &mut dyn Write, ops: &[DiffOp], old: &[&str], new: &[&str]) -> io::Result<()> {
    let (Some(first), Some(last)) = (ops.first(), ops.last()) else {
        return Ok(());
    };
    let olds = first.old_range().start..last.old_range().end;
    let news = first.new_range().start..last.new_range().end;
    writeln!(out, "@@ -{} +{} @@", range(&olds), range(&news))?;
    for op in ops {
        if let DiffOp::Equal { .. } = op {
            write_lines(out, ' ', &old[op.old_range()])?;
        } else {
            write_lines(out, '-', &old[op.old_range()])?;
            write_lines(out, '+', &new[op.new_range()])?;
        }
    }
    Ok(())
}

fn write_lines(out: &mut dyn Write, sign: char, lines: &[&str]) -> io::Result<()> {
    for line in lines {
        write!(out, "{sign}{line}")?;
        if !line.ends_with('\n') {
            out.write_all(b"\n\\ No newline at end of file\n")?;
        }
    }
    Ok(())
}

/// `start,count`; an empty range names the line before it; a count of 1 is left out.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_diff() {
        assert_eq!(text(Path::new("a.go"), "x\n", "x\n"), "");
    }

    #[test]
    fn a_missing_final_newline_is_marked_on_each_side() {
        assert_eq!(
            text(Path::new("a.go"), "a\nb", "a\nb\nc"),
            "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n\
             +b\n+c\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn a_carriage_return_is_part_of_its_line() {
        let diff = text(Path::new("a.go"), "a\rb\r\nc\r\n", "a\rb\r\nd\r\n");
        assert!(
            diff.ends_with("@@ -1,2 +1,2 @@\n a\rb\r\n-c\r\n+d\r\n"),
            "{diff:?}"
        );
    }

    #[test]
    fn an_empty_side_has_the_line_before() {
        let diff = text(Path::new("a.go"), "", "x\n");
        assert!(diff.ends_with("@@ -0,0 +1 @@\n+x\n"), "{diff:?}");
    }
}
