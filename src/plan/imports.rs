//! Imports that the new text needs, added where goimports would add them, and nothing else touched.
//!
//! Into the first section of an import block that holds standard-library packages, in the order gofmt sorts
//! (go/ast.SortImports: by path, within lines that follow each other); a lone `import "x"` becomes a block; a block
//! of third-party packages gets a section of its own in front. `import "C"` is never touched: the comment above it is
//! its source text (cmd/cgo).

mod section;

use crate::analyse::finding::Edit;
use crate::analyse::layout;
use crate::syntax::ast::Span;
pub use section::Imported;
use section::{ImportDecl, ImportSection, Spec};
use std::collections::{BTreeMap, BTreeSet};

/// Why imports cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportsError {
    /// There is no package clause, or several clauses share a line.
    Layout,
}

/// Edits that import the standard-library packages `paths` under their own names; those already imported are left
/// out.
pub fn add_imports(text: &str, paths: &BTreeSet<&str>) -> Result<Vec<Edit>, ImportsError> {
    let section = ImportSection::read(text).ok_or(ImportsError::Layout)?;
    let missing = |path: &&str| {
        !section
            .specs()
            .any(|spec| spec.path == *path && spec.usable)
    };
    let paths: BTreeSet<&str> = paths.iter().copied().filter(missing).collect();
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let candidates: Vec<&ImportDecl> = section.decls.iter().filter(|decl| !decl.cgo()).collect();
    let blocks = || candidates.iter().filter(|decl| decl.block(text));
    let with_std = blocks().find(|decl| decl.specs.iter().any(Spec::standard));
    let edits = match (with_std.or_else(|| blocks().next()), candidates.as_slice()) {
        (Some(block), _) => into_block(text, block, &paths),
        (None, []) => vec![after(
            text,
            section.last_line(text),
            section.decls.is_empty(),
            &paths,
        )],
        (None, [single]) if single.lparen.is_none() => make_block(text, single, &paths),
        (None, _) => vec![after(text, section.last_line(text), false, &paths)],
    };
    Ok(edits)
}

fn insertion(text: &str, offset: usize, inserted: String) -> Edit {
    let newline = layout::newline(text, offset);
    Edit {
        span: Span::new(offset, offset),
        text: inserted.replace('\n', newline),
    }
}

/// Own declarations after the line that ends at `end`.
fn after(text: &str, end: usize, blank: bool, paths: &BTreeSet<&str>) -> Edit {
    let mut inserted = String::from(if blank { "\n\n" } else { "\n" });
    match paths.first() {
        Some(path) if paths.len() == 1 => inserted += &format!("import \"{path}\""),
        _ => {
            inserted += "import (\n";
            paths.iter().for_each(|path| inserted += &line(path));
            inserted.push(')');
        }
    }
    insertion(text, end, inserted)
}

fn line(path: &str) -> String {
    format!("\t\"{path}\"\n")
}

/// `import "x"` becomes a block.
fn make_block(text: &str, single: &ImportDecl, paths: &BTreeSet<&str>) -> Vec<Edit> {
    let Some(spec) = single.specs.first() else {
        return Vec::new();
    };
    let before: String = paths
        .range(..spec.path.as_str())
        .map(|path| line(path))
        .collect();
    let after: String = paths
        .range(spec.path.as_str()..)
        .map(|path| line(path))
        .collect();
    // Standard library first; other packages below, after an empty line.
    let (open, close) = if spec.standard() {
        (format!("(\n{before}\t"), format!("\n{after})"))
    } else {
        (format!("(\n{before}{after}\n\t"), "\n)".to_owned())
    };
    let end = layout::line_end(text, spec.end);
    vec![
        insertion(text, spec.start, open),
        insertion(text, end, close),
    ]
}

fn into_block(text: &str, block: &ImportDecl, paths: &BTreeSet<&str>) -> Vec<Edit> {
    let sections = block.sections(text);
    let standard = sections
        .iter()
        .find(|specs| specs.iter().any(|spec| spec.standard()));
    let mut lines: BTreeMap<usize, String> = BTreeMap::new();
    let mut loose = BTreeSet::new();
    for path in paths {
        let place = match standard {
            Some(specs) => place_in(text, specs, path),
            None => None,
        };
        match place {
            Some(offset) => *lines.entry(offset).or_default() += &line(path),
            None => {
                loose.insert(*path);
            }
        }
    }
    let mut edits: Vec<Edit> = lines
        .into_iter()
        .map(|(offset, inserted)| insertion(text, offset, inserted))
        .collect();
    if !loose.is_empty() {
        edits.push(match (standard, block.lparen) {
            // No standard-library section: one in front of the others.
            (None, Some(lparen)) => {
                let inserted: String = loose.iter().map(|path| line(path)).collect();
                insertion(text, layout::next_line(text, lparen), inserted + "\n")
            }
            _ => after(text, layout::line_end(text, block.end), false, &loose),
        });
    }
    edits
}

/// Where a line for `path` keeps the section sorted; none when it would come between a comment and what the comment
/// belongs to, or would break a column of trailing comments.
fn place_in(text: &str, specs: &[&Spec], path: &str) -> Option<usize> {
    let at = specs
        .iter()
        .position(|spec| spec.path.as_str() >= path)
        .unwrap_or(specs.len());
    let before = at.checked_sub(1).and_then(|at| specs.get(at));
    let commented = |spec: Option<&&Spec>| spec.is_some_and(|spec| spec.commented);
    if commented(before) && commented(specs.get(at)) {
        return None;
    }
    match (before, specs.get(at)) {
        (Some(spec), _) => Some(layout::next_line(text, spec.end)),
        (None, Some(spec)) if spec.documented => None,
        (None, Some(spec)) => Some(layout::line_start(text, spec.start)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests;
