//! Types, signatures and initialisers of package-level declarations, computed when asked for.

use super::TypeId;
use super::context::{Context, Entity, SharedPackage};
use super::model::{Lazy, Model, TypeParamInfo};
use super::repr::{Generic, Kind, TypeKey};
use crate::index::{DeclRef, FuncRef, PackageId};
use crate::syntax::ast::{ConstSpec, ExprKind, FuncDecl, Ident, TypeParam, ValueSpec};
use std::rc::Rc;

impl Model<'_> {
    /// The type parameters of a declaration, as types; empty for most.
    pub(super) fn type_params(&mut self, owner: Generic) -> Rc<[TypeId]> {
        if let Some(list) = self.type_param_lists.get(&owner) {
            return list.clone();
        }
        let Some((package, _, index)) = self.generic_owner(owner) else {
            return Rc::from([]);
        };
        let declared: &[TypeParam] = match owner {
            Generic::Type(..) => &package.types[index].decl.type_params,
            Generic::Func(_) => &package.funcs[index].decl.type_params,
        };
        let list: Rc<[TypeId]> = declared
            .iter()
            .enumerate()
            .map(|(index, param)| {
                let id = self.type_params.len() as u32;
                self.type_params.push(TypeParamInfo {
                    name: param.name.name,
                    owner,
                    index,
                    constraint: None,
                });
                self.types.intern(Kind::TypeParam(id))
            })
            .collect();
        self.type_param_lists.insert(owner, list.clone());
        list
    }

    /// The package, file and index of a generic declaration.
    fn generic_owner(&mut self, owner: Generic) -> Option<(SharedPackage, u32, usize)> {
        let (id, index) = match owner {
            Generic::Type(id, index) => (id, index as usize),
            Generic::Func(func) => (func.package, func.index as usize),
        };
        let package = self.package(id)?;
        let file = match owner {
            Generic::Type(..) => package.types.get(index)?.file,
            Generic::Func(_) => package.funcs.get(index)?.file,
        };
        Some((package, file, index))
    }

    /// Brings a type's parameters into scope, under their own names or those that a receiver gives them.
    pub(super) fn bind_type_params(
        &mut self,
        cx: &mut Context,
        id: PackageId,
        index: u32,
        names: Option<&[Ident]>,
    ) {
        let params = self.type_params(Generic::Type(id, index));
        for (i, param) in params.iter().enumerate() {
            let name = match names {
                Some(names) => names.get(i).map(|ident| ident.name),
                None => match self.types.get(*param) {
                    Kind::TypeParam(id) => Some(self.type_params[*id as usize].name),
                    _ => None,
                },
            };
            if let Some(name) = name {
                cx.bind(name, Entity::Type(*param));
            }
        }
    }

    /// Brings the type parameters of a function and of its receiver into scope.
    pub(super) fn bind_func_type_params(
        &mut self,
        cx: &mut Context,
        func: FuncRef,
        decl: &FuncDecl,
    ) {
        if let Some(receiver) = &decl.receiver
            && !receiver.type_args.is_empty()
            && let Some(DeclRef::Type(index)) = cx.package.scope.get(&receiver.base.name)
        {
            self.bind_type_params(cx, func.package, *index, Some(&receiver.type_args));
        }
        if !decl.type_params.is_empty() {
            let params = self.type_params(Generic::Func(func));
            for (declared, param) in decl.type_params.iter().zip(params.iter()) {
                cx.bind(declared.name.name, Entity::Type(*param));
            }
        }
    }

    /// The constraint of a type parameter.
    pub(super) fn constraint(&mut self, id: u32) -> TypeId {
        let info = &mut self.type_params[id as usize];
        match info.constraint {
            Some(Lazy::Done(ty)) => return ty,
            Some(Lazy::InProgress) => return TypeId::UNKNOWN,
            None => info.constraint = Some(Lazy::InProgress),
        }
        let (owner, param) = (info.owner, info.index);
        let ty = self
            .generic_owner(owner)
            .map_or(TypeId::UNKNOWN, |(package, file, index)| {
                let mut cx = Context::new(package.clone(), file);
                let constraint = match owner {
                    Generic::Type(id, index) => {
                        self.bind_type_params(&mut cx, id, index, None);
                        &package.types[index as usize].decl.type_params[param].constraint
                    }
                    Generic::Func(func) => {
                        let decl = &package.funcs[index].decl;
                        self.bind_func_type_params(&mut cx, func, decl);
                        &decl.type_params[param].constraint
                    }
                };
                self.type_of(&mut cx, constraint)
            });
        self.type_params[id as usize].constraint = Some(Lazy::Done(ty));
        ty
    }

    /// The underlying type of a declared type, its own type parameters left in.
    fn declared_underlying(&mut self, id: PackageId, index: u32) -> TypeId {
        match self.underlying.get(&(id, index)) {
            Some(Lazy::Done(ty)) => return *ty,
            Some(Lazy::InProgress) => return TypeId::UNKNOWN,
            None => self.underlying.insert((id, index), Lazy::InProgress),
        };
        let ty = self.package(id).map_or(TypeId::UNKNOWN, |package| {
            let declared = &package.types[index as usize];
            let mut cx = Context::new(package.clone(), declared.file);
            self.bind_type_params(&mut cx, id, index, None);
            let ty = match &declared.decl.rhs.kind {
                ExprKind::InterfaceType(elems) => {
                    self.interface_type(&mut cx, elems, Some(TypeKey::Declared(id, index)))
                }
                _ => self.type_of(&mut cx, &declared.decl.rhs),
            };
            match self.types.get(ty) {
                Kind::Named(..) => self.underlying(ty),
                Kind::TypeParam(_) => TypeId::UNKNOWN,
                _ => ty,
            }
        });
        self.underlying.insert((id, index), Lazy::Done(ty));
        ty
    }

    /// What an alias stands for, its own type parameters left in.
    pub(super) fn alias(&mut self, id: PackageId, index: u32) -> TypeId {
        match self.aliases.get(&(id, index)) {
            Some(Lazy::Done(ty)) => return *ty,
            Some(Lazy::InProgress) => return TypeId::UNKNOWN,
            None => self.aliases.insert((id, index), Lazy::InProgress),
        };
        let ty = self.package(id).map_or(TypeId::UNKNOWN, |package| {
            let declared = &package.types[index as usize];
            let mut cx = Context::new(package.clone(), declared.file);
            self.bind_type_params(&mut cx, id, index, None);
            self.nested(
                |model| model.type_of(&mut cx, &declared.decl.rhs),
                TypeId::UNKNOWN,
            )
        });
        self.aliases.insert((id, index), Lazy::Done(ty));
        ty
    }

    /// The underlying type (Go spec "Underlying types"); of a type parameter, that of its constraint.
    pub(super) fn underlying(&mut self, ty: TypeId) -> TypeId {
        let kind = self.types.kind(ty);
        match &*kind {
            Kind::Named(TypeKey::Declared(id, index), args) => {
                let under = self.nested(
                    |model| model.declared_underlying(*id, *index),
                    TypeId::UNKNOWN,
                );
                if args.is_empty() || !self.types.is_generic(under) {
                    return under;
                }
                if let Some(under) = self.instances.get(&ty) {
                    return *under;
                }
                let params = self.type_params(Generic::Type(*id, *index));
                let under = self.types.substitute(under, &params, args);
                self.instances.insert(ty, under);
                under
            }
            Kind::Named(TypeKey::Local(index), _) => self.local_types[*index as usize].underlying,
            Kind::Named(TypeKey::Error, _) => self.universe.error_interface,
            Kind::Named(TypeKey::Comparable, _) => self.universe.any,
            Kind::TypeParam(id) => {
                let constraint = self.nested(|model| model.constraint(*id), TypeId::UNKNOWN);
                match self.types.get(constraint) {
                    Kind::TypeParam(_) => TypeId::UNKNOWN,
                    _ => self.underlying(constraint),
                }
            }
            _ => ty,
        }
    }

    /// A function's signature, receiver left out, type parameters left in.
    pub(super) fn signature(&mut self, func: FuncRef) -> TypeId {
        match self.signatures.get(&func) {
            Some(Lazy::Done(ty)) => return *ty,
            Some(Lazy::InProgress) => return TypeId::UNKNOWN,
            None => self.signatures.insert(func, Lazy::InProgress),
        };
        let ty = self
            .package(func.package)
            .map_or(TypeId::UNKNOWN, |package| {
                let declared = &package.funcs[func.index as usize];
                if declared.decl.broken || declared.decl.signature.broken() {
                    return TypeId::UNKNOWN;
                }
                let mut cx = Context::new(package.clone(), declared.file);
                self.bind_func_type_params(&mut cx, func, &declared.decl);
                self.func_type(&mut cx, &declared.decl.signature)
            });
        self.signatures.insert(func, Lazy::Done(ty));
        ty
    }

    /// The type of a package-level variable.
    pub(super) fn variable(&mut self, id: PackageId, index: u32) -> TypeId {
        match self.variables.get(&(id, index)) {
            Some(Lazy::Done(ty)) => return *ty,
            Some(Lazy::InProgress) => return TypeId::UNKNOWN,
            None => self.variables.insert((id, index), Lazy::InProgress),
        };
        let ty = self.package(id).map_or(TypeId::UNKNOWN, |package| {
            let declared = &package.vars[index as usize];
            let mut cx = Context::new(package.clone(), declared.file);
            self.nested(
                |model| model.spec_type(&mut cx, &declared.decl, declared.index as usize),
                TypeId::UNKNOWN,
            )
        });
        self.variables.insert((id, index), Lazy::Done(ty));
        ty
    }

    /// The type of the `index`th name of a `var` spec.
    fn spec_type(&mut self, cx: &mut Context, spec: &ValueSpec, index: usize) -> TypeId {
        if let Some(ty) = &spec.ty {
            return self.type_of(cx, ty);
        }
        if cx.in_broken_file() {
            return TypeId::UNKNOWN;
        }
        match &spec.values[..] {
            values if values.len() == spec.names.len() => {
                let operand = self.expr(cx, &values[index]);
                self.default_type(&operand)
            }
            [value] => {
                let types = self.several(cx, value, spec.names.len());
                types.get(index).copied().unwrap_or(TypeId::UNKNOWN)
            }
            _ => TypeId::UNKNOWN,
        }
    }

    /// The type of a package-level constant.
    pub(super) fn constant(&mut self, id: PackageId, index: u32) -> TypeId {
        match self.constants.get(&(id, index)) {
            Some(Lazy::Done(ty)) => return *ty,
            Some(Lazy::InProgress) => return TypeId::UNKNOWN,
            None => self.constants.insert((id, index), Lazy::InProgress),
        };
        let ty = self.package(id).map_or(TypeId::UNKNOWN, |package| {
            let declared = &package.consts[index as usize];
            let mut cx = Context::new(package.clone(), declared.file);
            // What an initialiser lost to a parse error may have made it something else.
            if declared.decl.source.ty.is_none() && cx.in_broken_file() {
                return TypeId::UNKNOWN;
            }
            self.nested(
                |model| model.const_type(&mut cx, &declared.decl, declared.index as usize),
                TypeId::UNKNOWN,
            )
        });
        self.constants.insert((id, index), Lazy::Done(ty));
        ty
    }

    /// The type of the `index`th name of a `const` spec.
    pub(super) fn const_type(
        &mut self,
        cx: &mut Context,
        spec: &ConstSpec,
        index: usize,
    ) -> TypeId {
        if let Some(ty) = &spec.source.ty {
            return self.type_of(cx, ty);
        }
        match spec.source.values.get(index) {
            Some(value) => {
                let operand = self.expr(cx, value);
                if operand.is_value() {
                    operand.ty
                } else {
                    TypeId::UNKNOWN
                }
            }
            None => TypeId::UNKNOWN,
        }
    }

    /// The type that a receiver denotes; unknown when its base is no type of the package.
    pub(super) fn receiver_type(&mut self, package: &SharedPackage, decl: &FuncDecl) -> TypeId {
        let Some(receiver) = &decl.receiver else {
            return TypeId::UNKNOWN;
        };
        let Some(DeclRef::Type(index)) = package.scope.get(&receiver.base.name) else {
            return TypeId::UNKNOWN;
        };
        let declared = &package.types[*index as usize].decl;
        let base = if !declared.alias {
            let params = self.type_params(Generic::Type(package.id, *index));
            self.types.intern(Kind::Named(
                TypeKey::Declared(package.id, *index),
                params.to_vec().into(),
            ))
        } else if declared.type_params.is_empty() {
            self.alias(package.id, *index)
        } else {
            TypeId::UNKNOWN
        };
        if receiver.pointer {
            self.types.pointer(base)
        } else {
            base
        }
    }
}
