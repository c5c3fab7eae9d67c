//! Whole bodies and outlines: what is recorded of them.

use super::context::{Context, Entity, SharedPackage};
use super::model::Model;
use super::repr::Generic;
use super::{BodyInfo, LocalKind, TypeId};
use crate::index::{DeclRef, FuncRef};
use crate::syntax::ast::{Body, FuncDecl, Ident, ValueSpec};

impl Model<'_> {
    /// What the nodes of a function's body mean.
    pub(super) fn check_function(
        &mut self,
        package: &SharedPackage,
        func: FuncRef,
        body: &Body,
    ) -> BodyInfo {
        let declared = &package.funcs[func.index as usize];
        let decl = &declared.decl;
        let mut cx = Context::recording(package.clone(), declared.file, body.nodes);
        cx.open();
        self.declare_type_params(&mut cx, func, decl);
        cx.open();
        if let Some(receiver) = &decl.receiver
            && let Some(name) = receiver.name
        {
            let ty = self.receiver_type(package, decl);
            let start = body.block.span.start;
            cx.declare_outside(
                name.name,
                name.span,
                LocalKind::Receiver,
                Entity::Variable(ty),
                start,
            );
        }
        let signature = self.signature(func);
        self.declare_params(&mut cx, &decl.signature, signature, body.block.span, false);
        self.statements(&mut cx, &body.block.stmts);
        cx.close(body.block.span.end);
        cx.close(decl.span.end);
        cx.finish()
    }

    fn declare_type_params(&mut self, cx: &mut Context, func: FuncRef, decl: &FuncDecl) {
        let mut declare = |name: &Ident, ty: TypeId| {
            cx.declare_outside(
                name.name,
                name.span,
                LocalKind::Type,
                Entity::Type(ty),
                decl.span.start,
            );
        };
        if let Some(receiver) = &decl.receiver
            && !receiver.type_args.is_empty()
        {
            let params = match self
                .package(func.package)
                .and_then(|p| p.scope.get(&receiver.base.name).copied())
            {
                Some(DeclRef::Type(index)) => self.type_params(Generic::Type(func.package, index)),
                _ => Vec::new().into(),
            };
            for (i, name) in receiver.type_args.iter().enumerate() {
                declare(name, params.get(i).copied().unwrap_or(TypeId::UNKNOWN));
            }
        }
        let params = self.type_params(Generic::Func(func));
        for (param, ty) in decl.type_params.iter().zip(params.iter()) {
            declare(&param.name, *ty);
        }
    }

    /// What the nodes of a package-level variable's values mean.
    pub(super) fn check_initialiser(
        &mut self,
        package: &SharedPackage,
        file: u32,
        body: &Body,
    ) -> BodyInfo {
        let mut cx = Context::recording(package.clone(), file, body.nodes);
        for value in &body.values {
            self.expr(&mut cx, value);
        }
        cx.finish()
    }

    /// What the nodes of a file's outline mean: types, signatures, constants, and of variables what it has of them.
    pub(super) fn check_outline(&mut self, package: &SharedPackage, file: u32) -> BodyInfo {
        let nodes = package.files[file as usize].outline.nodes;
        let mut cx = Context::recording(package.clone(), file, nodes);
        for (index, declared) in package
            .types
            .iter()
            .enumerate()
            .filter(|(_, d)| d.file == file)
        {
            cx.open();
            self.bind_type_params(&mut cx, package.id, index as u32, None);
            for param in &declared.decl.type_params {
                self.expr(&mut cx, &param.constraint);
            }
            self.expr(&mut cx, &declared.decl.rhs);
            cx.close(declared.decl.span.end);
        }
        for (index, declared) in package
            .funcs
            .iter()
            .enumerate()
            .filter(|(_, d)| d.file == file)
        {
            let func = FuncRef {
                package: package.id,
                index: index as u32,
            };
            cx.open();
            self.bind_func_type_params(&mut cx, func, &declared.decl);
            for param in &declared.decl.type_params {
                self.expr(&mut cx, &param.constraint);
            }
            self.func_type(&mut cx, &declared.decl.signature);
            cx.close(declared.decl.span.end);
        }
        for declared in package
            .vars
            .iter()
            .filter(|d| d.file == file && d.index == 0)
        {
            self.value_spec(&mut cx, &declared.decl);
        }
        for declared in package
            .consts
            .iter()
            .filter(|d| d.file == file && d.index == 0 && !d.decl.implicit)
        {
            self.value_spec(&mut cx, &declared.decl.source);
        }
        cx.finish()
    }

    fn value_spec(&mut self, cx: &mut Context, spec: &ValueSpec) {
        if let Some(ty) = &spec.ty {
            self.expr(cx, ty);
        }
        for value in &spec.values {
            self.expr(cx, value);
        }
    }
}
