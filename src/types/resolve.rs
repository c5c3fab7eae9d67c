//! What an identifier refers to (Go spec "Declarations and scope"): locals, then the package, then the file's
//! imports, then the universe.

use super::context::{Context, Entity};
use super::model::Model;
use super::operand::{Mode, Operand, Target};
use super::repr::{Generic, Kind, TypeKey};
use super::{Object, TypeId};
use crate::index::{DeclRef, FuncRef, PackageId};
use crate::syntax::ast::Name;
use std::cell::OnceCell;
use std::rc::Rc;

/// The imports of one file. Packages are found and loaded when a name asks for them.
#[derive(Debug)]
pub(super) struct FileScope {
    named: Vec<(Name, ImportedPackage)>,
    unnamed: Vec<ImportedPackage>,
    dots: Vec<ImportedPackage>,
}

#[derive(Debug)]
struct ImportedPackage {
    path: Name,
    id: OnceCell<Option<PackageId>>,
}

/// Whether a package found under no name of its own may have this name, going by its import path: the last element,
/// or the one before a version, or a part of it (`go-yaml`, `yaml.v3`).
fn path_suggests(path: Name, name: Name) -> bool {
    path.as_str().rsplit('/').take(2).any(|element| {
        element == name.as_str()
            || element
                .split(['-', '.', '_'])
                .any(|part| part == name.as_str())
    })
}

fn is_exported(name: Name) -> bool {
    name.as_str().chars().next().is_some_and(char::is_uppercase)
}

impl Model<'_> {
    fn file_scope(&mut self, cx: &Context) -> Rc<FileScope> {
        let key = (cx.package.id, cx.file);
        if let Some(scope) = self.file_scopes.get(&key) {
            return scope.clone();
        }
        let mut scope = FileScope {
            named: Vec::new(),
            unnamed: Vec::new(),
            dots: Vec::new(),
        };
        if let Some(file) = cx.package.files.get(cx.file as usize) {
            for import in &file.outline.imports {
                let imported = ImportedPackage {
                    path: import.path,
                    id: OnceCell::new(),
                };
                match import.alias {
                    Some(alias) if alias.name.as_str() == "_" => {}
                    Some(alias) if alias.name.as_str() == "." => scope.dots.push(imported),
                    Some(alias) => scope.named.push((alias.name, imported)),
                    None if import.path == self.universe.cgo
                        || import.path == self.universe.unsafe_path =>
                    {
                        scope.named.push((import.path, imported));
                    }
                    None => scope.unnamed.push(imported),
                }
            }
        }
        let scope = Rc::new(scope);
        self.file_scopes.insert(key, scope.clone());
        scope
    }

    fn imported_id(&self, cx: &Context, imported: &ImportedPackage) -> Option<PackageId> {
        *imported
            .id
            .get_or_init(|| self.world.import(cx.package.id, imported.path))
    }

    fn imported_package(&self, cx: &Context, imported: &ImportedPackage) -> Mode {
        if imported.path == self.universe.unsafe_path {
            return Mode::Unsafe;
        }
        Mode::Package(self.imported_id(cx, imported))
    }

    /// The import that `name` refers to.
    fn find_import(&mut self, cx: &Context, scope: &FileScope, name: Name) -> Option<Mode> {
        if let Some((_, imported)) = scope.named.iter().find(|(alias, _)| *alias == name) {
            return Some(self.imported_package(cx, imported));
        }
        // Likely ones first, so that a file's other imports need not be loaded.
        for imported in &scope.unnamed {
            if imported.path.as_str().contains(name.as_str())
                && let Some(mode) = self.import_named(cx, imported, name)
            {
                return Some(mode);
            }
        }
        if self.universe.get(name).is_some() {
            return None;
        }
        scope
            .unnamed
            .iter()
            .filter(|imported| !imported.path.as_str().contains(name.as_str()))
            .find_map(|imported| self.import_named(cx, imported, name))
    }

    fn import_named(
        &mut self,
        cx: &Context,
        imported: &ImportedPackage,
        name: Name,
    ) -> Option<Mode> {
        match self.imported_id(cx, imported) {
            Some(id) => (self.world.package_name(id)? == name).then_some(Mode::Package(Some(id))),
            None => path_suggests(imported.path, name).then_some(Mode::Package(None)),
        }
    }

    /// What the identifier is, and what it refers to.
    pub(super) fn identifier(&mut self, cx: &Context, name: Name) -> (Operand, Option<Object>) {
        if let Some((entity, local)) = cx.find(name) {
            let operand = match entity {
                Entity::Variable(ty) | Entity::Constant(ty) => Operand::value(ty),
                Entity::Type(ty) => Operand::of_type(ty),
            };
            return (operand, local.map(Object::Local));
        }
        if cx.is_blank(name) {
            return (Operand::UNKNOWN, None);
        }
        if let Some(decl) = cx.package.scope.get(&name) {
            let operand = self.declaration(cx.package.id, *decl);
            return (operand, Some(Object::Declared(cx.package.id, *decl)));
        }
        let scope = self.file_scope(cx);
        if let Some(mode) = self.find_import(cx, &scope, name) {
            let id = match mode {
                Mode::Package(id) => id,
                _ => None,
            };
            return (Operand::of(mode), Some(Object::Package(id)));
        }
        if is_exported(name) {
            for imported in &scope.dots {
                let Some(package) = self
                    .imported_id(cx, imported)
                    .and_then(|id| self.package(id))
                else {
                    return (Operand::UNKNOWN, Some(Object::Package(None)));
                };
                if let Some(decl) = package.scope.get(&name) {
                    let operand = self.declaration(package.id, *decl);
                    return (operand, Some(Object::Declared(package.id, *decl)));
                }
                if !package.complete {
                    return (Operand::UNKNOWN, Some(Object::Package(None)));
                }
            }
        }
        match self.universe.get(name) {
            Some(_) if !cx.package.complete && self.universe.is_late(name) => {
                (Operand::UNKNOWN, Some(Object::Universe(name)))
            }
            Some(operand) => (operand.clone(), Some(Object::Universe(name))),
            None => (Operand::UNKNOWN, None),
        }
    }

    /// What a package-level declaration is.
    pub(super) fn declaration(&mut self, id: PackageId, decl: DeclRef) -> Operand {
        match decl {
            DeclRef::Type(index) => {
                let Some(package) = self.package(id) else {
                    return Operand::UNKNOWN;
                };
                let declared = &package.types[index as usize].decl;
                if !declared.type_params.is_empty() {
                    return Operand::of(Mode::GenericType(id, index));
                }
                if declared.alias {
                    return Operand::of_type(self.alias(id, index));
                }
                Operand::of_type(
                    self.types
                        .intern(Kind::Named(TypeKey::Declared(id, index), Box::new([]))),
                )
            }
            DeclRef::Func(index) => {
                let func = FuncRef { package: id, index };
                let ty = self.signature(func);
                let params = self.type_params(Generic::Func(func));
                Operand {
                    mode: Mode::Func(Target::Func(func), params),
                    ty,
                }
            }
            DeclRef::Var(index) => Operand::value(self.variable(id, index)),
            DeclRef::Const(index) => Operand::value(self.constant(id, index)),
        }
    }

    /// See [`super::Checker::declared_type`].
    pub(super) fn declared_type(&mut self, id: PackageId, decl: DeclRef) -> TypeId {
        let operand = self.declaration(id, decl);
        match operand.mode {
            Mode::GenericType(id, index) => {
                let params = self.type_params(Generic::Type(id, index));
                self.instantiate(id, index, params.to_vec()).ty
            }
            _ => operand.ty,
        }
    }

    /// `pkg.name`.
    pub(super) fn package_member(
        &mut self,
        id: PackageId,
        name: Name,
    ) -> (Operand, Option<Object>) {
        let found = if is_exported(name) {
            self.package(id)
                .and_then(|package| package.scope.get(&name).copied())
        } else {
            None
        };
        match found {
            Some(decl) => (self.declaration(id, decl), Some(Object::Declared(id, decl))),
            None => (Operand::UNKNOWN, None),
        }
    }

    /// A generic type with its arguments; unknown when their number is wrong.
    pub(super) fn instantiate(&mut self, id: PackageId, index: u32, args: Vec<TypeId>) -> Operand {
        let Some(package) = self.package(id) else {
            return Operand::UNKNOWN;
        };
        let declared = &package.types[index as usize].decl;
        if declared.type_params.len() != args.len() {
            return Operand::UNKNOWN;
        }
        if declared.alias {
            let target = self.alias(id, index);
            let params = self.type_params(Generic::Type(id, index));
            return Operand::of_type(self.types.substitute(target, &params, &args));
        }
        Operand::of_type(
            self.types
                .intern(Kind::Named(TypeKey::Declared(id, index), args.into())),
        )
    }
}
