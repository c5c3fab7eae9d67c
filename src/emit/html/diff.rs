//! One file's change as a table: before on the left, after on the right; on a narrow screen one below the other.

use super::Text;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};
use std::io::{self, Write};

/// Lines around a change.
const CONTEXT: usize = 3;

/// Writes the table.
pub(super) fn write(out: &mut dyn Write, path: &str, old: &str, new: &str) -> io::Result<()> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    writeln!(
        out,
        "<table class=\"diff code\">\n<caption class=\"sr\">Change of {0}</caption>\n\
         <colgroup><col class=\"n\"><col><col class=\"n\"><col></colgroup>\n<tbody>\n\
         <tr class=\"head\"><th colspan=\"2\" scope=\"colgroup\">{0}</th><th class=\"after\" colspan=\"2\" scope=\"colgroup\">after</th></tr>",
        Text(path)
    )?;
    let hunks = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT);
    for (at, hunk) in hunks.iter().enumerate() {
        if at > 0 {
            writeln!(out, "<tr><td class=\"gap\" colspan=\"4\">⋯</td></tr>")?;
        }
        for op in hunk {
            let (before, after) = (op.old_range(), op.new_range());
            if let DiffOp::Equal { .. } = op {
                for (left, right) in before.zip(after) {
                    writeln!(
                        out,
                        "<tr class=\"same\"><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
                        left + 1,
                        Text(old[left]),
                        right + 1,
                        Text(new[right])
                    )?;
                }
                continue;
            }
            for row in 0..before.len().max(after.len()) {
                let side = |lines: &[&str], at: Option<usize>, class: &str, sign: &str| match at {
                    Some(at) => format!(
                        "<td class=\"n\">{}</td><td class=\"{class}\"><span class=\"sr\">{sign}</span>{}</td>",
                        at + 1,
                        Text(lines[at])
                    ),
                    None => "<td></td><td></td>".to_owned(),
                };
                let left = before.clone().nth(row);
                let right = after.clone().nth(row);
                writeln!(
                    out,
                    "<tr>{}{}</tr>",
                    side(&old, left, "del", "removed: "),
                    side(&new, right, "add", "added: ")
                )?;
            }
        }
    }
    writeln!(out, "</tbody>\n</table>")
}
