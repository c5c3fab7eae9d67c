//! Whether the module relies on values of a struct type being comparable or convertible: a field of function type takes
//! the first away (Go spec "Comparison operators"), any new field the second.

use crate::analyse::references::{exported, word_offsets};
use crate::index::Package;
use crate::syntax::ast::*;
use crate::types::{Checker, TypeId, TypeView};

/// How deep types of fields are looked into.
const DEPTH: u32 = 4;

/// True unless the type is incomparable already, or only ever used through pointers.
pub(super) fn relied_on(types: &Checker<'_>, package: &Package, decl: &TypeDecl) -> bool {
    let name = decl.name.name;
    let index = package.scope.get(&name).copied();
    let comparable = index.is_none_or(|index| {
        let ty = types.declared_type(package.id, index);
        !incomparable(types, ty, DEPTH)
    });
    let world = types.world();
    let mut packages = vec![package.id];
    if exported(&name) {
        packages = world.module_packages(package.id);
        packages.push(package.id);
    } else {
        let path = world.import_path(package.id);
        let variants = world.module_packages(package.id).into_iter();
        packages.extend(variants.filter(|id| world.import_path(*id) == path));
    }
    packages.sort_unstable();
    packages.dedup();
    packages.into_iter().any(|id| {
        world.package(id).is_none_or(|package| {
            package.files.iter().any(|file| {
                let text = world.text(file.id);
                let uses = word_offsets(&text, &name);
                uses.into_iter().any(|at| {
                    by_value(&text, at as usize, name.len())
                        .is_some_and(|converts| converts || comparable)
                })
            })
        })
    })
}

/// Whether a value of the type cannot be compared.
fn incomparable(types: &Checker<'_>, ty: TypeId, depth: u32) -> bool {
    if depth == 0 {
        return false;
    }
    match types.view(types.underlying(ty)) {
        TypeView::Slice(_) | TypeView::Map(..) | TypeView::Func(..) => true,
        TypeView::Struct(fields) => fields
            .iter()
            .any(|(_, field, _)| incomparable(types, *field, depth - 1)),
        _ => false,
    }
}

/// Whether the word at `at` is the type itself and not a pointer to it, and if so whether it converts. By text: a word
/// that means something else only declines more.
fn by_value(text: &str, at: usize, len: usize) -> Option<bool> {
    let line = &text[crate::analyse::layout::line_start(text, at)..at];
    let after = &text[at + len..];
    // The qualifier of another package's name.
    let before = text[..at].trim_end_matches(|c: char| c == '.' || c == '_' || c.is_alphanumeric());
    let pointer = ["*", "&", "new("].iter().any(|mark| before.ends_with(mark));
    let declares = before.ends_with("type ") || line.trim() == "type" || line.trim().is_empty();
    let comment = line.contains("//") || line.trim_start().starts_with('*');
    let quoted = line.matches('"').count() % 2 == 1;
    let member = text[..at].ends_with('.') && !after.starts_with('{') && !after.starts_with('(');
    if pointer || declares || comment || quoted || member || after.starts_with(':') {
        return None;
    }
    Some(after.starts_with('('))
}
