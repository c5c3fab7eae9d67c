//! The universe scope (Go spec "Predeclared identifiers").

use super::TypeId;
use super::operand::{Mode, Operand};
use super::repr::{Basic, FuncType, InterfaceType, Interner, Kind, TypeKey};
use crate::syntax::ast::Name;
use rustc_hash::FxHashMap;

const TYPES: &[(&str, Basic)] = &[
    ("bool", Basic::Bool),
    ("int", Basic::Int),
    ("int8", Basic::Int8),
    ("int16", Basic::Int16),
    ("int32", Basic::Int32),
    ("int64", Basic::Int64),
    ("uint", Basic::Uint),
    ("uint8", Basic::Uint8),
    ("uint16", Basic::Uint16),
    ("uint32", Basic::Uint32),
    ("uint64", Basic::Uint64),
    ("uintptr", Basic::Uintptr),
    ("float32", Basic::Float32),
    ("float64", Basic::Float64),
    ("complex64", Basic::Complex64),
    ("complex128", Basic::Complex128),
    ("string", Basic::String),
    ("byte", Basic::Uint8),
    ("rune", Basic::Int32),
];

const FUNCTIONS: &[&str] = &[
    "append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max",
    "min", "new", "panic", "print", "println", "real", "recover",
];

const UNSAFE_FUNCTIONS: &[&str] = &[
    "Add",
    "Alignof",
    "Offsetof",
    "Sizeof",
    "Slice",
    "SliceData",
    "String",
    "StringData",
];

/// Predeclared names that Go got after 1.0: code declares its own functions and types of these names, so in a
/// package with lost declarations they are not trusted.
const LATE: &[&str] = &["any", "clear", "comparable", "max", "min"];

/// The predeclared names and the types that are needed by name.
#[derive(Debug)]
pub(super) struct Universe {
    names: FxHashMap<Name, Operand>,
    late: Vec<Name>,
    unsafe_names: FxHashMap<Name, Operand>,
    /// The underlying type of `error`.
    pub(super) error_interface: TypeId,
    /// `any`.
    pub(super) any: TypeId,
    /// The identifier `C`.
    pub(super) cgo: Name,
    /// `unsafe`, both as path and as name.
    pub(super) unsafe_path: Name,
}

impl Universe {
    /// Interns the predeclared types.
    pub(super) fn new(types: &mut Interner) -> Universe {
        let mut names = FxHashMap::default();
        for (name, basic) in TYPES {
            names.insert(Name::from(name), Operand::of_type(types.basic(*basic)));
        }
        for name in FUNCTIONS {
            let name = Name::from(name);
            names.insert(name, Operand::of(Mode::Builtin(name)));
        }
        for (name, basic) in [
            ("true", Basic::UntypedBool),
            ("false", Basic::UntypedBool),
            ("iota", Basic::UntypedInt),
        ] {
            names.insert(Name::from(name), Operand::value(types.basic(basic)));
        }
        names.insert(
            Name::from("nil"),
            Operand {
                mode: Mode::Nil,
                ty: types.basic(Basic::UntypedNil),
            },
        );

        let string = types.basic(Basic::String);
        let message = types.intern(Kind::Func(FuncType {
            params: Box::new([]),
            variadic: false,
            results: Box::new([string]),
        }));
        let error = types.intern(Kind::Named(TypeKey::Error, Box::new([])));
        let error_interface = types.intern(Kind::Interface(InterfaceType {
            owner: Some(TypeKey::Error),
            package: None,
            methods: Box::new([(Name::from("Error"), message)]),
            embeds: Box::new([]),
        }));
        let any = types.intern(Kind::Interface(InterfaceType {
            owner: None,
            package: None,
            methods: Box::new([]),
            embeds: Box::new([]),
        }));
        let comparable = types.intern(Kind::Named(TypeKey::Comparable, Box::new([])));
        names.insert(Name::from("error"), Operand::of_type(error));
        names.insert(Name::from("any"), Operand::of_type(any));
        names.insert(Name::from("comparable"), Operand::of_type(comparable));

        let mut unsafe_names: FxHashMap<Name, Operand> = UNSAFE_FUNCTIONS
            .iter()
            .map(|name| {
                (
                    Name::from(name),
                    Operand::of(Mode::Builtin(Name::from(name))),
                )
            })
            .collect();
        let pointer = types.basic(Basic::UnsafePointer);
        unsafe_names.insert(Name::from("Pointer"), Operand::of_type(pointer));
        Universe {
            names,
            late: LATE.iter().map(|name| Name::from(name)).collect(),
            unsafe_names,
            error_interface,
            any,
            cgo: Name::from("C"),
            unsafe_path: Name::from("unsafe"),
        }
    }

    /// What a predeclared name means.
    pub(super) fn get(&self, name: Name) -> Option<&Operand> {
        self.names.get(&name)
    }

    /// Whether code is likely to declare this predeclared name itself (see [`LATE`]).
    pub(super) fn is_late(&self, name: Name) -> bool {
        self.late.contains(&name)
    }

    /// What a name of package unsafe means.
    pub(super) fn of_unsafe(&self, name: Name) -> Option<&Operand> {
        self.unsafe_names.get(&name)
    }
}
