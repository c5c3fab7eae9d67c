//! The methods that interfaces of a package have, by name and number of parameters.

use crate::index::{Package, PackageId, World};
use crate::syntax::ast::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock, RwLock};

/// What a package's interfaces are. Collected once in a run.
#[derive(Default)]
struct Methods {
    /// Of its declared types, and of what these hold: a method's name and its number of parameters.
    declared: FxHashSet<(Name, usize)>,
    /// The words of interfaces elsewhere in its files.
    elsewhere: OnceLock<FxHashSet<String>>,
}

#[derive(Default)]
struct Known(RwLock<FxHashMap<PackageId, Arc<Methods>>>);

/// Whether some interface written in the package has the method; interfaces inside bodies are found by text.
pub(super) fn declares(world: &World, package: &Package, name: Name, count: usize) -> bool {
    let methods = methods(world, package);
    methods.declared.contains(&(name, count))
        || methods
            .elsewhere
            .get_or_init(|| elsewhere(world, package))
            .contains(name.as_str())
}

/// Whether a declared type of the package is, or holds, an interface with the method.
pub(super) fn declares_as_type(world: &World, package: &Package, name: Name, count: usize) -> bool {
    methods(world, package).declared.contains(&(name, count))
}

/// How many parameters a function has.
pub(super) fn arity(signature: &Signature) -> usize {
    signature.params.iter().map(|p| p.names.len().max(1)).sum()
}

fn methods(world: &World, package: &Package) -> Arc<Methods> {
    let memo = world.memo::<Known>();
    let known = memo
        .0
        .read()
        .ok()
        .and_then(|known| known.get(&package.id).cloned());
    known.unwrap_or_else(|| {
        let mut found = Methods::default();
        for declared in &package.types {
            collect(&declared.decl.rhs, &mut found.declared);
        }
        let found = Arc::new(found);
        if let Ok(mut known) = memo.0.write() {
            known.insert(package.id, Arc::clone(&found));
        }
        found
    })
}

/// The methods of a type that is, or holds, an interface.
fn collect(ty: &Expr, methods: &mut FxHashSet<(Name, usize)>) {
    match &ty.kind {
        ExprKind::InterfaceType(elems) => {
            for elem in elems {
                match elem {
                    InterfaceElem::Method(method, signature) => {
                        methods.insert((method.name, arity(signature)));
                    }
                    InterfaceElem::Embed(inner) => collect(inner, methods),
                }
            }
        }
        ExprKind::StructType(fields) => fields.iter().for_each(|f| collect(&f.ty, methods)),
        ExprKind::Paren(e)
        | ExprKind::Star(e)
        | ExprKind::SliceType(e)
        | ExprKind::ChanType(_, e)
        | ExprKind::ArrayType(_, e) => collect(e, methods),
        ExprKind::MapType(a, b) => {
            collect(a, methods);
            collect(b, methods);
        }
        ExprKind::FuncType(s) => {
            let all = s.params.iter().chain(&s.results);
            all.for_each(|p| collect(&p.ty, methods));
        }
        _ => {}
    }
}

/// The words of interfaces that are not in a type declaration: named in the text up to their brace's end.
fn elsewhere(world: &World, package: &Package) -> FxHashSet<String> {
    let mut words = FxHashSet::default();
    for (index, file) in package.files.iter().enumerate() {
        let text = world.text(file.id);
        for (at, word) in text.match_indices("interface") {
            let rest = text[at + word.len()..].trim_start();
            let Some(inside) = rest.strip_prefix('{') else {
                continue;
            };
            let inside = &inside[..inside.find('}').unwrap_or(inside.len())];
            let declared = package.types.iter().any(|t| {
                let span = t.decl.span.range();
                t.file as usize == index && span.contains(&at)
            });
            if !declared {
                let parts = inside.split(|c: char| c != '_' && !c.is_alphanumeric());
                words.extend(parts.map(str::to_owned));
            }
        }
    }
    words
}
