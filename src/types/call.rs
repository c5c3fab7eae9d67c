//! Calls and conversions (Go spec "Calls", "Conversions").

use super::context::Context;
use super::model::Model;
use super::operand::{Mode, Operand, Target};
use super::repr::{FuncType, Kind, TypeKey};
use super::{Callee, TypeId};
use crate::syntax::ast::{Call, Expr, Name};
use std::rc::Rc;

impl Model<'_> {
    /// The result of a call; its callee is recorded.
    pub(super) fn call(&mut self, cx: &mut Context, expr: &Expr, call: &Call) -> Operand {
        let fun = self.expr(cx, &call.fun);
        if let Mode::Builtin(name) = fun.mode {
            cx.note_callee(expr.id, || Callee::Builtin(name));
            return self.builtin(cx, name, call);
        }
        let args = self.arguments(cx, call);
        match fun.mode {
            Mode::Type if !self.types.has_unknown(fun.ty) => {
                cx.note_callee(expr.id, || Callee::Conversion(fun.ty));
                Operand::value(fun.ty)
            }
            Mode::Func(target, params) => {
                if cx.is_recording() {
                    let callee = match target {
                        Target::Func(func) => Callee::Func(func),
                        Target::Interface(owner, name) => {
                            Callee::Interface(self.interface_method_name(owner, name).to_string())
                        }
                    };
                    cx.note_callee(expr.id, || callee);
                }
                self.results(fun.ty, &params, &args, call.spread)
            }
            Mode::Value => {
                let under = self.core_type(fun.ty);
                if !matches!(self.types.get(under), Kind::Func(_)) {
                    cx.note_callee(expr.id, || Callee::Unknown);
                    return Operand::UNKNOWN;
                }
                cx.note_callee(expr.id, || Callee::Value);
                self.results(under, &[], &args, call.spread)
            }
            _ => {
                cx.note_callee(expr.id, || Callee::Unknown);
                Operand::UNKNOWN
            }
        }
    }

    /// The arguments; those of `f(g())` are the results of `g`.
    pub(super) fn arguments(&mut self, cx: &mut Context, call: &Call) -> Vec<Operand> {
        let args: Vec<Operand> = call.args.iter().map(|arg| self.expr(cx, arg)).collect();
        if let [arg] = &args[..]
            && let Kind::Tuple(types) = self.types.get(arg.ty)
        {
            return types.iter().map(|ty| Operand::value(*ty)).collect();
        }
        args
    }

    /// What a function of this signature returns, its type parameters `params` inferred from the arguments.
    fn results(
        &mut self,
        signature: TypeId,
        params: &[TypeId],
        args: &[Operand],
        spread: bool,
    ) -> Operand {
        let kind = self.types.kind(signature);
        let Kind::Func(func) = &*kind else {
            return Operand::UNKNOWN;
        };
        let results = self.result_types(func, params, args, spread);
        match results[..] {
            [] => Operand::VOID,
            [result] => Operand::value(result),
            _ => Operand::value(self.types.intern(Kind::Tuple(results.into()))),
        }
    }

    fn result_types(
        &mut self,
        func: &FuncType,
        params: &[TypeId],
        args: &[Operand],
        spread: bool,
    ) -> Vec<TypeId> {
        if params.is_empty() || !func.results.iter().any(|ty| self.types.is_generic(*ty)) {
            return func.results.to_vec();
        }
        let inferred = self.infer(func, params, args, spread);
        let mut results = Vec::with_capacity(func.results.len());
        for ty in &func.results {
            let result = self.types.substitute(*ty, params, &inferred);
            results.push(if self.types.has_unknown(result) {
                TypeId::UNKNOWN
            } else {
                result
            });
        }
        results
    }

    /// The full name of an interface's method, e.g. `(io.Closer).Close`.
    pub(super) fn interface_method_name(&mut self, owner: Option<TypeKey>, name: Name) -> Rc<str> {
        let Some(owner) = owner else {
            return format!("(interface).{name}").into();
        };
        if let Some(full) = self.method_names.get(&(owner, name)) {
            return full.clone();
        }
        let full: Rc<str> = format!("({}).{name}", self.type_name(owner)).into();
        self.method_names.insert((owner, name), full.clone());
        full
    }
}
