//! Package-level variables that can grow, by name; and which lines of a text may fill one.

use crate::analyse::layout;
use crate::analyse::transform::{Setup, Surveyed};
use crate::syntax::ast::Span;

/// What every growing statement contains.
pub(super) const LITERALS: &[&str] = &[
    "append(",
    "] = ",
    "]++",
    "] += ",
    ".Store(",
    ".LoadOrStore(",
    ".Write",
    ".Fprint",
];

/// Offers the names of package-level variables whose line looks like that of a slice, map, `sync.Map` or
/// buffer.
pub(super) fn names(text: &str, offer: &mut dyn FnMut(&str, Surveyed)) {
    let mut in_group = false;
    for line in text.lines() {
        match line.strip_prefix("var ") {
            Some(spec) if spec.trim_end() == "(" => in_group = true,
            Some(spec) => of_spec(spec, offer),
            None if in_group && line.starts_with(')') => in_group = false,
            None if in_group => of_spec(line.trim_start(), offer),
            None => {}
        }
    }
}

fn of_spec(spec: &str, offer: &mut dyn FnMut(&str, Surveyed)) {
    let grows = [
        "[]",
        "map[",
        "sync.Map",
        "make(",
        "bytes.Buffer",
        "strings.Builder",
    ]
    .iter()
    .any(|sign| spec.contains(sign));
    if !grows {
        return;
    }
    // Names stand before the type or the value: `a, b []T`, `a = map[K]V{}`.
    for name in spec.split(',') {
        let name = name.trim_start();
        let end = name.find(|c: char| !is_word(c)).unwrap_or(name.len());
        if end > 0 {
            offer(&name[..end], Surveyed::Variable);
        }
        if name[end..].trim() != "" {
            break;
        }
    }
}

/// Whether the line of a literal speaks of a surveyed variable (`fmt.Fprintln(&b, …)` after the literal).
pub(super) fn may_be_candidate(setup: &Setup, text: &str, at: Span) -> bool {
    let start = layout::line_start(text, at.start as usize);
    let line = &text[start..layout::line_end(text, at.end as usize)];
    line.split(|c: char| !is_word(c))
        .any(|word| setup.surveyed(word).next().is_some())
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_can_grow_are_found() {
        let text = "package p\n\nvar a []int\nvar b, c = map[int]int{}, 1\n\nvar (\n\td = make([]int, 0)\n\te sync.Map // x\n\tf int\n)\n\nfunc g() {\n\tvar h []int\n}\n";
        let mut found = Vec::new();
        names(text, &mut |name, _| found.push(name.to_owned()));
        assert_eq!(found, ["a", "b", "c", "d", "e"]);
    }
}
