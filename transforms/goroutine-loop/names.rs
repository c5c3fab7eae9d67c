//! Names that the new code needs: free ones, and the one that the context package has in a file.

use super::home::{Home, import_name};
use crate::analyse::declined::Declined;
use crate::index::Package;
use crate::syntax::ast::Outline;
use crate::types::{Checker, Object};

/// The context package, and its older home: an alias of it since Go 1.9.
pub(super) const CONTEXT: &[&str] = &["context", "golang.org/x/net/context"];

/// The first of these words that stands nowhere in the function.
pub(super) fn free(home: &Home, words: &[&'static str]) -> Result<&'static str, Declined> {
    words
        .iter()
        .find(|word| home.free(word))
        .copied()
        .ok_or(Declined::NameTaken)
}

/// The name of the context package in a function's file, and whether an import is needed.
pub(super) fn context(types: &Checker<'_>, home: &Home) -> Result<(String, bool), Declined> {
    let package = types
        .world()
        .package(home.package)
        .ok_or(Declined::Unknown)?;
    context_in(&package, &home.outline)
}

/// As [`context`], for a file of a package.
pub(super) fn context_in(package: &Package, outline: &Outline) -> Result<(String, bool), Declined> {
    if let Some(name) = import_name(outline, CONTEXT) {
        return name.map(|name| (name, false));
    }
    if package.scope.contains_key(&"context".into()) || imported_as(outline, "context") {
        return Err(Declined::NameTaken);
    }
    Ok(("context".into(), true))
}

fn imported_as(outline: &Outline, name: &str) -> bool {
    outline.imports.iter().any(|import| match &import.alias {
        Some(alias) => alias.name == name || alias.name == ".",
        None => {
            let last = import.path.rsplit('/').next().unwrap_or_default();
            last == name || last.trim_start_matches("go-") == name
        }
    })
}

/// Whether `name` means this local at each of these offsets.
pub(super) fn means(
    types: &Checker<'_>,
    home: &Home,
    name: &str,
    object: Object,
    offsets: &[u32],
) -> bool {
    offsets
        .iter()
        .all(|&at| types.name_at(&home.body, at, name.into()) == Some(object))
}
