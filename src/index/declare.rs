//! Builds a package from its files' outlines: names by scope, methods by receiver.

use super::{DeclRef, Declared, DeclaredName, Package, PackageFile, PackageId};
use crate::syntax::ast::{Decl, ExprKind, Name};
use rustc_hash::FxHashMap;

/// How many aliases a receiver is followed through; a cycle of aliases must end.
const MAX_ALIASES: usize = 8;

/// What a package is built from.
pub(super) struct Parts {
    pub(super) id: PackageId,
    pub(super) path: Name,
    pub(super) name: Name,
    pub(super) plain: Option<PackageId>,
    pub(super) files: Vec<PackageFile>,
    pub(super) complete: bool,
}

/// Declares everything. The first of several declarations of a name stands; the package is then not complete.
pub(super) fn declare(parts: Parts) -> Package {
    let mut package = Package {
        id: parts.id,
        path: parts.path,
        name: parts.name,
        plain: parts.plain,
        files: parts.files,
        scope: FxHashMap::default(),
        types: Vec::new(),
        funcs: Vec::new(),
        vars: Vec::new(),
        consts: Vec::new(),
        methods: FxHashMap::default(),
        complete: parts.complete,
    };
    let outlines: Vec<_> = package
        .files
        .iter()
        .map(|file| file.outline.clone())
        .collect();
    for (file, outline) in outlines.iter().enumerate() {
        let file = file as u32;
        package.complete &= !outline.broken;
        for decl in &outline.decls {
            match decl {
                Decl::Type(decl) => {
                    let index = package.types.len() as u32;
                    package.types.push(Declared {
                        file,
                        decl: decl.clone(),
                    });
                    package.enter(decl.name.name, DeclRef::Type(index));
                }
                Decl::Func(decl) => {
                    let index = package.funcs.len() as u32;
                    package.complete &= !decl.broken;
                    package.funcs.push(Declared {
                        file,
                        decl: decl.clone(),
                    });
                    // Several `init` functions are allowed, and none can be named.
                    if decl.receiver.is_none() && decl.name.name != "init" {
                        package.enter(decl.name.name, DeclRef::Func(index));
                    }
                }
                Decl::Var(decl) => {
                    for (i, name) in decl.names.iter().enumerate() {
                        let index = package.vars.len() as u32;
                        package.vars.push(DeclaredName {
                            file,
                            decl: decl.clone(),
                            index: i as u32,
                        });
                        package.enter(name.name, DeclRef::Var(index));
                    }
                }
                Decl::Const(decl) => {
                    for (i, name) in decl.names.iter().enumerate() {
                        let index = package.consts.len() as u32;
                        package.consts.push(DeclaredName {
                            file,
                            decl: decl.clone(),
                            index: i as u32,
                        });
                        package.enter(name.name, DeclRef::Const(index));
                    }
                }
            }
        }
    }
    package.enter_methods();
    package
}

impl Package {
    fn enter(&mut self, name: Name, decl: DeclRef) {
        if name == "_" {
            return;
        }
        match self.scope.entry(name) {
            std::collections::hash_map::Entry::Occupied(_) => self.complete = false,
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(decl);
            }
        }
    }

    fn enter_methods(&mut self) {
        for index in 0..self.funcs.len() {
            let decl = &self.funcs[index].decl;
            let Some(receiver) = &decl.receiver else {
                continue;
            };
            let (base, name) = (self.follow_aliases(receiver.base.name), decl.name.name);
            if name == "_" {
                continue;
            }
            // A method of a type that is not declared here: its declaration is missing, or the receiver did not parse.
            if !matches!(self.scope.get(&base), Some(DeclRef::Type(_))) {
                self.complete = false;
            }
            match self.methods.entry((base, name)) {
                std::collections::hash_map::Entry::Occupied(_) => self.complete = false,
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(index as u32);
                }
            }
        }
    }

    /// The declared type that a receiver's name stands for.
    fn follow_aliases(&self, mut base: Name) -> Name {
        for _ in 0..MAX_ALIASES {
            let Some(DeclRef::Type(index)) = self.scope.get(&base) else {
                break;
            };
            let decl = &self.types[*index as usize].decl;
            if !decl.alias {
                break;
            }
            let pointed = match &decl.rhs.unparen().kind {
                ExprKind::Star(x) => x.unparen(),
                _ => decl.rhs.unparen(),
            };
            match &pointed.kind {
                ExprKind::Ident(name) => base = *name,
                _ => break,
            }
        }
        base
    }
}
