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
    let mut packages = match exported(&name) {
        true => world.module_packages(package.id),
        false => world.variants(package.id),
    };
    packages.push(package.id);
    packages.sort_unstable();
    packages.dedup();
    packages.into_iter().any(|id| {
        world.package(id).is_none_or(|user| {
            let mut files = user.files.iter();
            files.any(|file| {
                if !world.may_mention(file.id, &name) {
                    return false;
                }
                let text = world.text(file.id);
                let qualifiers = qualifiers(package, &file.outline);
                let uses = word_offsets(&text, &name);
                uses.into_iter().any(|at| {
                    by_value(&text, at as usize, name.len(), &qualifiers)
                        .is_some_and(|converts| converts || comparable)
                })
            })
        })
    })
}

/// What a file may write before the dot of the package's names.
fn qualifiers<'a>(package: &'a Package, outline: &'a Outline) -> Vec<&'a str> {
    let imports = outline.imports.iter();
    let imports = imports.filter(|import| import.path == package.path);
    imports
        .map(|import| match &import.alias {
            Some(alias) => alias.name.as_str(),
            None => package.name.as_str(),
        })
        .collect()
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
fn by_value(text: &str, at: usize, len: usize, qualifiers: &[&str]) -> Option<bool> {
    let line = &text[crate::analyse::layout::line_start(text, at)..at];
    let after = &text[at + len..];
    let mut before = &text[..at];
    if let Some(base) = before.strip_suffix('.') {
        before = base.trim_end_matches(|c: char| c == '_' || c.is_alphanumeric());
        // Of anything but the package it is a field or a method.
        if !qualifiers.contains(&&base[before.len()..]) {
            return None;
        }
    }
    let pointer = ["*", "&", "new("].iter().any(|mark| before.ends_with(mark));
    let method = ["func ", ") "].iter().any(|word| before.ends_with(word));
    let declares = before.ends_with("type ") || (method && after.starts_with('('));
    let alone = line.trim() == "type" || line.trim().is_empty();
    let comment = line.contains("//") || line.trim_start().starts_with('*');
    let quoted = line.matches('"').count() % 2 == 1;
    if pointer || declares || comment || quoted {
        return None;
    }
    if (alone && !after.starts_with('(')) || after.starts_with(':') {
        return None;
    }
    Some(after.starts_with('('))
}
