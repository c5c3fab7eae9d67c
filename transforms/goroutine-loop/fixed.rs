//! Whether a function's parameters may change.

use super::home::{Home, fixed_file};
use super::{directives, interfaces};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Applicability;
use crate::analyse::references::{self, Uses, exported, word_offsets};
use crate::index::{FuncRef, Package, PackageId};
use crate::syntax::ast::*;
use crate::types::Checker;
use std::sync::Arc;

/// The function's uses, when all of them are calls that can be changed; else why not.
pub(super) fn changeable(types: &Checker<'_>, home: &Home) -> Result<Arc<Uses>, Declined> {
    if home.fixed() {
        return Err(Declined::FixedFile);
    }
    if linked(types, home) {
        return Err(Declined::ExternalCaller);
    }
    if home.decl.name.name == "init" && home.decl.receiver.is_none() {
        return Err(Declined::NoSignal);
    }
    if varies(types, home) {
        return Err(Declined::BuildVariants);
    }
    let uses = references::uses(types, home.func().ok_or(Declined::NoSignal)?);
    if !uses.values.is_empty() {
        return Err(Declined::UsedAsValue);
    }
    if let Some(place) = uses.opaque.first() {
        let text = types.world().text(place.file);
        let fixed = fixed_file(&types.world().path(place.file), &text);
        return Err(if fixed {
            Declined::FixedFile
        } else {
            Declined::Unknown
        });
    }
    if home.decl.receiver.is_some() {
        satisfies(types, home)?;
    }
    Ok(uses)
}

/// How far a new parameter may be trusted: an exported function of a package that others may import has callers that
/// nobody here can see.
pub(super) fn trust(types: &Checker<'_>, home: &Home) -> Applicability {
    let Some(package) = types.world().package(home.package) else {
        return Applicability::Unsafe;
    };
    let importable = package.name != "main"
        && !package.path.split('/').any(|part| part == "internal")
        && !home.path.to_string_lossy().ends_with("_test.go");
    match importable && exported(&home.decl.name.name) {
        true => Applicability::Unsafe,
        false => Applicability::Safe,
    }
}

/// Whether the package declares the function elsewhere too, under another build configuration.
fn varies(types: &Checker<'_>, home: &Home) -> bool {
    let world = types.world();
    let own = home
        .func()
        .and_then(|func| references::declared_at(types, func));
    let base = |decl: &FuncDecl| decl.receiver.as_ref().map(|r| r.base.name);
    world.variants(home.package).into_iter().any(|id| {
        let Some(package) = world.package(id) else {
            return true;
        };
        package.funcs.iter().enumerate().any(|(index, func)| {
            let same =
                func.decl.name.name == home.decl.name.name && base(&func.decl) == base(&home.decl);
            let func = FuncRef {
                package: id,
                index: index as u32,
            };
            same && references::declared_at(types, func) != own
        })
    })
}

/// Whether there is one version of the function, whatever is built.
pub(super) fn single(types: &Checker<'_>, home: &Home) -> bool {
    !varies(types, home)
}

/// `//export name` above the declaration, or a `//go:linkname` of it anywhere in the module.
fn linked(types: &Checker<'_>, home: &Home) -> bool {
    let name = home.decl.name.name.as_str();
    let above = &home.text[..home.decl.span.start as usize];
    let comments = above
        .lines()
        .rev()
        .take_while(|l| l.trim_start().starts_with("//") || l.trim().is_empty());
    let directive = |line: &str| directives::is_one(line) && !word_offsets(line, name).is_empty();
    if comments.into_iter().any(directive) {
        return true;
    }
    directives::linked(types.world(), home.package, name)
}

/// An error when the method may satisfy an interface of the module, or of a package that the module imports.
pub(super) fn satisfies(types: &Checker<'_>, home: &Home) -> Result<(), Declined> {
    let world = types.world();
    let name = home.decl.name.name;
    let count = interfaces::arity(&home.decl.signature);
    let mut packages = world.module_packages(home.package);
    packages.push(home.package);
    packages.sort_unstable();
    packages.dedup();
    let same_path = |package: &Package| {
        world
            .package(home.package)
            .is_some_and(|p| p.path == package.path)
    };
    let mut imported: Vec<PackageId> = Vec::new();
    let mut lost = false;
    for id in packages {
        let Some(package) = world.package(id) else {
            continue;
        };
        if !exported(&name) && !same_path(&package) {
            continue;
        }
        if interfaces::declares(world, &package, name, count) {
            return Err(Declined::SatisfiesInterface);
        }
        if !exported(&name) {
            continue;
        }
        for import in package.files.iter().flat_map(|f| &f.outline.imports) {
            match world.import(id, import.path) {
                Some(found) if !imported.contains(&found) => imported.push(found),
                Some(_) => {}
                None => lost |= import.path != "C" && import.path != "unsafe",
            }
        }
    }
    for id in imported {
        let Some(package) = world.package(id) else {
            continue;
        };
        if interfaces::declares_as_type(world, &package, name, count) {
            return Err(Declined::SatisfiesInterface);
        }
    }
    if lost { Err(Declined::Unknown) } else { Ok(()) }
}
