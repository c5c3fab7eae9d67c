//! Builtin functions and those of package unsafe (Go spec "Built-in functions", "Package unsafe").

use super::TypeId;
use super::context::Context;
use super::model::Model;
use super::operand::{Mode, Operand};
use super::repr::{Basic, Kind};
use crate::syntax::ast::{Call, Name};

impl Model<'_> {
    /// The result of a call of the builtin `name`.
    pub(super) fn builtin(&mut self, cx: &mut Context, name: Name, call: &Call) -> Operand {
        let name = name.as_str();
        if matches!(name, "make" | "new") {
            return self.allocation(cx, name == "new", call);
        }
        let args = self.arguments(cx, call);
        let first = args.first().map_or(TypeId::UNKNOWN, Operand::value_type);
        Operand::value(match name {
            "append" => self.types.default_type(first),
            "len" | "cap" | "copy" => self.types.basic(Basic::Int),
            "clear" | "close" | "delete" | "panic" | "print" | "println" => return Operand::VOID,
            "recover" => self.universe.any,
            "min" | "max" => {
                let mut args = args.into_iter();
                let Some(first) = args.next() else {
                    return Operand::UNKNOWN;
                };
                return args.fold(first, |largest, arg| self.arithmetic(largest, arg));
            }
            "real" | "imag" => self.complex_part(first),
            "complex" => {
                let second = args.get(1).map_or(TypeId::UNKNOWN, Operand::value_type);
                let part = if self.types.untyped(first).is_some() {
                    second
                } else {
                    first
                };
                self.complex_of(part)
            }
            "Sizeof" | "Offsetof" | "Alignof" => self.types.basic(Basic::Uintptr),
            "Add" => self.types.basic(Basic::UnsafePointer),
            "Slice" => {
                let under = self.underlying(first);
                match *self.types.get(under) {
                    Kind::Pointer(elem) => self.types.intern(Kind::Slice(elem)),
                    _ => TypeId::UNKNOWN,
                }
            }
            "SliceData" => {
                let under = self.core_type(first);
                match *self.types.get(under) {
                    Kind::Slice(elem) => self.types.pointer(elem),
                    _ => TypeId::UNKNOWN,
                }
            }
            "String" => self.types.basic(Basic::String),
            "StringData" => {
                let byte = self.types.basic(Basic::Uint8);
                self.types.pointer(byte)
            }
            _ => TypeId::UNKNOWN,
        })
    }

    /// `make(T, …)`, `new(T)` and, since Go 1.26, `new(value)`.
    fn allocation(&mut self, cx: &mut Context, pointer: bool, call: &Call) -> Operand {
        let mut allocated = TypeId::UNKNOWN;
        for (i, arg) in call.args.iter().enumerate() {
            let operand = self.expr(cx, arg);
            if i == 0 {
                allocated = match operand.mode {
                    Mode::Type => operand.ty,
                    _ if pointer => self.default_type(&operand),
                    _ => TypeId::UNKNOWN,
                };
            }
        }
        Operand::value(if pointer {
            self.types.pointer(allocated)
        } else {
            allocated
        })
    }

    fn complex_part(&mut self, complex: TypeId) -> TypeId {
        let under = self.underlying(complex);
        match *self.types.get(under) {
            Kind::Basic(Basic::Complex64) => self.types.basic(Basic::Float32),
            Kind::Basic(Basic::Complex128) => self.types.basic(Basic::Float64),
            Kind::Basic(basic) if basic.is_untyped() => self.types.basic(Basic::UntypedFloat),
            _ => TypeId::UNKNOWN,
        }
    }

    fn complex_of(&mut self, part: TypeId) -> TypeId {
        let under = self.underlying(part);
        match *self.types.get(under) {
            Kind::Basic(Basic::Float32) => self.types.basic(Basic::Complex64),
            Kind::Basic(Basic::Float64) => self.types.basic(Basic::Complex128),
            Kind::Basic(basic) if basic.is_untyped() => self.types.basic(Basic::UntypedComplex),
            _ => TypeId::UNKNOWN,
        }
    }
}
