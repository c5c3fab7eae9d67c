//! Type arguments of a generic call from its arguments and constraints (Go spec "Type inference").
//!
//! An argument that is not known could have decided a type parameter: what it would have decided is *tainted*, and
//! stays unknown unless another argument settles it beyond doubt (with a declared or a predeclared type).

use super::TypeId;
use super::lookup::Selection;
use super::model::Model;
use super::operand::{Mode, Operand};
use super::repr::{Basic, FuncType, Kind};
use crate::syntax::ast::{ChanDir, Name};

/// How deep types may nest before unification gives up (as in go/types' `unify.go`).
const MAX_NESTING: u32 = 50;

/// What is known of the type parameters of one call.
struct Inference<'p> {
    params: &'p [TypeId],
    inferred: Vec<TypeId>,
    tainted: Vec<bool>,
}

impl Inference<'_> {
    fn position(&self, ty: TypeId) -> Option<usize> {
        self.params.iter().position(|param| *param == ty)
    }
}

impl Model<'_> {
    /// A type for each of `params`; unknown where it cannot be inferred.
    pub(super) fn infer(
        &mut self,
        func: &FuncType,
        params: &[TypeId],
        args: &[Operand],
        spread: bool,
    ) -> Vec<TypeId> {
        let mut inference = Inference {
            params,
            inferred: vec![TypeId::UNKNOWN; params.len()],
            tainted: vec![false; params.len()],
        };
        let mut untyped: Vec<Option<Basic>> = vec![None; params.len()];
        for (i, arg) in args.iter().enumerate() {
            let Some(param) = self.parameter(func, i, spread) else {
                break;
            };
            if !self.types.is_generic(param) {
                continue;
            }
            let ty = match &arg.mode {
                Mode::Value => arg.ty,
                Mode::Func(_, open) if open.is_empty() => arg.ty,
                // Gives nothing to infer from.
                Mode::Nil => continue,
                _ => TypeId::UNKNOWN,
            };
            if let Some(basic) = self.types.untyped(ty) {
                if let Some(i) = inference.position(param) {
                    untyped[i] = untyped[i].max(Some(basic));
                }
            } else {
                self.unify(param, ty, &mut inference, 0);
            }
        }
        self.infer_from_constraints(&mut inference);
        for (i, basic) in untyped.into_iter().enumerate() {
            if let Some(basic) = basic
                && inference.inferred[i] == TypeId::UNKNOWN
                && !inference.tainted[i]
            {
                let ty = self.types.basic(basic);
                inference.inferred[i] = self.types.default_type(ty);
            }
        }
        self.infer_from_constraints(&mut inference);
        for i in 0..params.len() {
            if inference.tainted[i]
                && !matches!(
                    self.types.get(inference.inferred[i]),
                    Kind::Named(..) | Kind::Basic(_)
                )
            {
                inference.inferred[i] = TypeId::UNKNOWN;
            }
        }
        inference.inferred
    }

    /// The type of the `i`th parameter; that of one element for a variadic one without `...`.
    fn parameter(&self, func: &FuncType, i: usize, spread: bool) -> Option<TypeId> {
        let last = func.params.len().checked_sub(1)?;
        let param = *func
            .params
            .get(if func.variadic { i.min(last) } else { i })?;
        match self.types.get(param) {
            Kind::Slice(elem) if func.variadic && i >= last && !spread => Some(*elem),
            _ => Some(param),
        }
    }

    fn infer_from_constraints(&mut self, inference: &mut Inference<'_>) {
        let params = inference.params;
        for _ in 0..params.len() + 1 {
            let before = inference.inferred.clone();
            for (i, param) in params.iter().enumerate() {
                let Kind::TypeParam(id) = *self.types.get(*param) else {
                    continue;
                };
                let inferred = inference.inferred[i];
                if inferred == TypeId::UNKNOWN {
                    if let Some(single) = self.single_type(id)
                        && !inference.tainted[i]
                    {
                        let ty = self.types.substitute(single, params, &inference.inferred);
                        if !self.types.has_unknown(ty) {
                            inference.inferred[i] = ty;
                        }
                    }
                    continue;
                }
                let core = self.core_type(*param);
                if core != TypeId::UNKNOWN && self.types.is_generic(core) {
                    let under = self.underlying(inferred);
                    self.unify(core, under, inference, 0);
                }
                self.unify_methods(*param, inferred, inference, 0);
            }
            if inference.inferred == before {
                break;
            }
        }
    }

    /// Unifies the methods that an interface or constraint asks for with those that a type has.
    fn unify_methods(
        &mut self,
        interface: TypeId,
        ty: TypeId,
        inference: &mut Inference<'_>,
        nesting: u32,
    ) {
        let under = self.underlying(interface);
        if !self.types.is_generic(under) {
            return;
        }
        let mut methods: Vec<(Name, TypeId)> = Vec::new();
        self.written_methods(under, &mut methods, 0);
        for (name, signature) in methods {
            if !self.types.is_generic(signature) {
                continue;
            }
            let found = match self.select(ty, name, None) {
                Selection::Method { signature, .. } => signature,
                _ => TypeId::UNKNOWN,
            };
            self.unify(signature, found, inference, nesting + 1);
        }
    }

    fn written_methods(&mut self, ty: TypeId, methods: &mut Vec<(Name, TypeId)>, nesting: u32) {
        let under = self.underlying(ty);
        let kind = self.types.kind(under);
        if let Kind::Interface(interface) = &*kind
            && nesting < MAX_NESTING
        {
            methods.extend_from_slice(&interface.methods);
            for embed in &interface.embeds {
                self.written_methods(*embed, methods, nesting + 1);
            }
        }
    }

    /// Matches a parameter's type with an argument's, binding type parameters.
    fn unify(&mut self, param: TypeId, arg: TypeId, inference: &mut Inference<'_>, nesting: u32) {
        if nesting > MAX_NESTING || !self.types.is_generic(param) {
            return;
        }
        if arg == TypeId::UNKNOWN {
            self.taint(param, inference, nesting);
            return;
        }
        if let Some(i) = inference.position(param) {
            self.bind_inferred(i, arg, inference);
            return;
        }
        let (param_kind, arg_kind) = (self.types.kind(param), self.types.kind(arg));
        match (&*param_kind, &*arg_kind) {
            (Kind::Named(a, xs), Kind::Named(b, ys))
                if a == b || self.plain_key(*a) == self.plain_key(*b) =>
            {
                self.unify_all(xs, ys, inference, nesting)
            }
            (Kind::Named(..), Kind::Named(..)) => {
                let under = self.underlying(param);
                match self.types.get(under) {
                    Kind::Interface(_) => self.unify_methods(param, arg, inference, nesting),
                    _ => self.taint(param, inference, nesting),
                }
            }
            (Kind::Named(..), _) => {
                let under = self.underlying(param);
                match self.types.get(under) {
                    Kind::Interface(_) => self.unify_methods(param, arg, inference, nesting),
                    _ => self.unify(under, arg, inference, nesting + 1),
                }
            }
            (Kind::Interface(_), _) => self.unify_methods(param, arg, inference, nesting),
            (_, Kind::Named(..)) => {
                let under = self.underlying(arg);
                self.unify(param, under, inference, nesting + 1);
            }
            (Kind::Pointer(x), Kind::Pointer(y))
            | (Kind::Slice(x), Kind::Slice(y))
            | (Kind::Array(x), Kind::Array(y))
            | (Kind::Chan(_, x), Kind::Chan(_, y)) => self.unify(*x, *y, inference, nesting + 1),
            (Kind::Map(k, v), Kind::Map(l, w)) => {
                self.unify(*k, *l, inference, nesting + 1);
                self.unify(*v, *w, inference, nesting + 1);
            }
            (Kind::Func(x), Kind::Func(y)) => {
                self.unify_all(&x.params, &y.params, inference, nesting);
                self.unify_all(&x.results, &y.results, inference, nesting);
            }
            (Kind::Struct(_, xs), Kind::Struct(_, ys)) => {
                for (x, y) in xs.iter().zip(ys) {
                    self.unify(x.ty, y.ty, inference, nesting + 1);
                }
            }
            _ => {}
        }
    }

    fn unify_all(
        &mut self,
        xs: &[TypeId],
        ys: &[TypeId],
        inference: &mut Inference<'_>,
        nesting: u32,
    ) {
        if xs.len() == ys.len() {
            for (x, y) in xs.iter().zip(ys) {
                self.unify(*x, *y, inference, nesting + 1);
            }
        }
    }

    /// A second argument for the same type parameter: a declared type is preferred, then a directed channel.
    fn bind_inferred(&mut self, i: usize, arg: TypeId, inference: &mut Inference<'_>) {
        let bound = inference.inferred[i];
        if bound == TypeId::UNKNOWN {
            inference.inferred[i] = arg;
        } else if bound != arg {
            let prefer_arg = match (self.types.get(bound), self.types.get(arg)) {
                (Kind::Named(..) | Kind::Basic(_), _) => false,
                (_, Kind::Named(..)) => true,
                (_, Kind::Chan(dir, _)) => *dir != ChanDir::Both,
                _ => false,
            };
            if prefer_arg {
                inference.inferred[i] = arg;
            }
        }
    }

    /// Marks every type parameter in `param` as one that something unknown could have decided.
    fn taint(&mut self, param: TypeId, inference: &mut Inference<'_>, nesting: u32) {
        let _ = nesting;
        for i in 0..inference.params.len() {
            let single = [inference.params[i]];
            if self.types.substitute(param, &single, &[TypeId::UNKNOWN]) != param {
                inference.tainted[i] = true;
            }
        }
    }
}
