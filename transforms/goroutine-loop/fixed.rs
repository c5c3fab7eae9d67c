//! Whether a function's parameters may change.

use super::home::{Home, fixed_file};
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
    let path = world.import_path(home.package);
    world.module_packages(home.package).into_iter().any(|id| {
        if world.import_path(id) != path {
            return false;
        }
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
    let directive = |line: &str| {
        ["//export ", "//go:linkname ", "//go:wasmexport "]
            .iter()
            .any(|d| line.starts_with(d))
            && !word_offsets(line, name).is_empty()
    };
    if comments.into_iter().any(directive) {
        return true;
    }
    types
        .world()
        .module_packages(home.package)
        .into_iter()
        .any(|id| {
            let Some(package) = types.world().package(id) else {
                return false;
            };
            package.files.iter().any(|file| {
                let text = types.world().text(file.id);
                text.contains("//go:linkname ") && text.lines().any(directive)
            })
        })
}

/// An error when the method may satisfy an interface of the module, or of a package that the module imports.
fn satisfies(types: &Checker<'_>, home: &Home) -> Result<(), Declined> {
    let world = types.world();
    let name = home.decl.name.name;
    let count = arity(&home.decl.signature);
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
        if declares_method(types, &package, name, count) {
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
        let interface = |ty: &Expr| has_method(ty, name, count);
        if package.types.iter().any(|t| interface(&t.decl.rhs)) {
            return Err(Declined::SatisfiesInterface);
        }
    }
    if lost { Err(Declined::Unknown) } else { Ok(()) }
}

fn arity(signature: &Signature) -> usize {
    signature.params.iter().map(|p| p.names.len().max(1)).sum()
}

/// Whether some interface written in the package has the method; interfaces inside bodies are found by text.
fn declares_method(types: &Checker<'_>, package: &Package, name: Name, count: usize) -> bool {
    if package
        .types
        .iter()
        .any(|t| has_method(&t.decl.rhs, name, count))
    {
        return true;
    }
    package.files.iter().any(|file| {
        let text = types.world().text(file.id);
        text.match_indices("interface").any(|(at, _)| {
            // An interface elsewhere than in a type declaration: named in the text up to its brace's end.
            let rest = text[at + "interface".len()..].trim_start();
            let Some(inside) = rest.strip_prefix('{') else {
                return false;
            };
            let end = inside.find('}').unwrap_or(inside.len());
            let declared = package.types.iter().any(|t| {
                let span = t.decl.span;
                span.start as usize <= at
                    && at < span.end as usize
                    && package.files[t.file as usize].id == file.id
            });
            !declared && !word_offsets(&inside[..end], &name).is_empty()
        })
    })
}

/// Whether the type is, or holds, an interface with a method of this name and number of parameters.
fn has_method(ty: &Expr, name: Name, count: usize) -> bool {
    match &ty.kind {
        ExprKind::InterfaceType(elems) => elems.iter().any(|elem| match elem {
            InterfaceElem::Method(method, signature) => {
                method.name == name && arity(signature) == count
            }
            InterfaceElem::Embed(inner) => has_method(inner, name, count),
        }),
        ExprKind::StructType(fields) => fields.iter().any(|f| has_method(&f.ty, name, count)),
        ExprKind::Paren(e)
        | ExprKind::Star(e)
        | ExprKind::SliceType(e)
        | ExprKind::ChanType(_, e) => has_method(e, name, count),
        ExprKind::MapType(a, b) => has_method(a, name, count) || has_method(b, name, count),
        ExprKind::ArrayType(_, e) => has_method(e, name, count),
        ExprKind::FuncType(s) => s
            .params
            .iter()
            .chain(&s.results)
            .any(|p| has_method(&p.ty, name, count)),
        _ => false,
    }
}
