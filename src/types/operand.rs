//! What evaluating an expression yields: a value, a type, a package, a function that can still be named, …

use super::TypeId;
use super::repr::TypeKey;
use crate::index::{FuncRef, PackageId};
use crate::syntax::ast::Name;
use std::rc::Rc;

/// Which function an operand names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A declared function or method.
    Func(FuncRef),
    /// A method of an interface: the declaration that wrote it (none for a literal), and its name.
    Interface(Option<TypeKey>, Name),
}

/// Kinds of operands.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    /// Could not be known.
    Unknown,
    /// A call without result.
    Void,
    /// A value, also of several results (then its type is a tuple).
    Value,
    /// The predeclared `nil`.
    Nil,
    /// A type.
    Type,
    /// A generic type that lacks its arguments.
    GenericType(PackageId, u32),
    /// A builtin function.
    Builtin(Name),
    /// An imported package; none when it was not found.
    Package(Option<PackageId>),
    /// Package unsafe.
    Unsafe,
    /// A function by name, with its type parameters that have no argument yet.
    Func(Target, Rc<[TypeId]>),
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) mode: Mode,
    pub(super) ty: TypeId,
}

impl Operand {
    /// Could not be known.
    pub(super) const UNKNOWN: Operand = Operand {
        mode: Mode::Unknown,
        ty: TypeId::UNKNOWN,
    };
    /// A call without result.
    pub(super) const VOID: Operand = Operand {
        mode: Mode::Void,
        ty: TypeId::UNKNOWN,
    };

    /// A value of this type; unknown when the type is.
    pub(super) fn value(ty: TypeId) -> Operand {
        Operand {
            mode: if ty == TypeId::UNKNOWN {
                Mode::Unknown
            } else {
                Mode::Value
            },
            ty,
        }
    }

    /// A type; unknown when it is.
    pub(super) fn of_type(ty: TypeId) -> Operand {
        Operand {
            mode: Mode::Type,
            ty,
        }
    }

    /// Neither value nor type.
    pub(super) fn of(mode: Mode) -> Operand {
        Operand {
            mode,
            ty: TypeId::UNKNOWN,
        }
    }

    /// The type of the value that it is; unknown for anything else.
    pub(super) fn value_type(&self) -> TypeId {
        match self.mode {
            Mode::Value | Mode::Func(..) => self.ty,
            _ => TypeId::UNKNOWN,
        }
    }

    /// Whether it is a value of a known type, not a function by name.
    pub(super) fn is_value(&self) -> bool {
        matches!(self.mode, Mode::Value)
    }
}
