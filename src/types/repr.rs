//! How types are represented: interned, so that identity of a type is (nearly always) equality of its id.
//!
//! Invariants: id 0 is the unknown type; a type that contains an unknown part is a different type from every known
//! one; array lengths are not kept, so equal array types are only *probably* identical (see `implement`).

use super::TypeId;
use crate::index::{FuncRef, PackageId};
use crate::syntax::ast::{ChanDir, Name};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Predeclared types; the untyped ones come last, in the order in which constant kinds are promoted
/// (Go spec "Constant expressions": integer, rune, floating-point, complex).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Basic {
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String,
    UnsafePointer,
    UntypedBool,
    UntypedInt,
    UntypedRune,
    UntypedFloat,
    UntypedComplex,
    UntypedString,
    UntypedNil,
}

impl Basic {
    /// Whether it is the type of an untyped constant, comparison or nil.
    pub(super) fn is_untyped(self) -> bool {
        self >= Basic::UntypedBool
    }

    /// The type that an untyped value gets where nothing else decides (Go spec "Constants"); nil has none.
    pub(super) fn default(self) -> Option<Basic> {
        Some(match self {
            Basic::UntypedBool => Basic::Bool,
            Basic::UntypedInt => Basic::Int,
            Basic::UntypedRune => Basic::Int32,
            Basic::UntypedFloat => Basic::Float64,
            Basic::UntypedComplex => Basic::Complex128,
            Basic::UntypedString => Basic::String,
            Basic::UntypedNil => return None,
            typed => typed,
        })
    }

    /// Its name as Go prints it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Basic::Bool => "bool",
            Basic::Int => "int",
            Basic::Int8 => "int8",
            Basic::Int16 => "int16",
            Basic::Int32 => "int32",
            Basic::Int64 => "int64",
            Basic::Uint => "uint",
            Basic::Uint8 => "uint8",
            Basic::Uint16 => "uint16",
            Basic::Uint32 => "uint32",
            Basic::Uint64 => "uint64",
            Basic::Uintptr => "uintptr",
            Basic::Float32 => "float32",
            Basic::Float64 => "float64",
            Basic::Complex64 => "complex64",
            Basic::Complex128 => "complex128",
            Basic::String => "string",
            Basic::UnsafePointer => "unsafe.Pointer",
            Basic::UntypedBool => "untyped bool",
            Basic::UntypedInt => "untyped int",
            Basic::UntypedRune => "untyped rune",
            Basic::UntypedFloat => "untyped float",
            Basic::UntypedComplex => "untyped complex",
            Basic::UntypedString => "untyped string",
            Basic::UntypedNil => "untyped nil",
        }
    }
}

/// Which declaration a named type comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum TypeKey {
    /// A package-level type: index into its package's types.
    Declared(PackageId, u32),
    /// A type declared in a function: index into the model's table of local types.
    Local(u32),
    /// The predeclared `error`.
    Error,
    /// The predeclared `comparable`.
    Comparable,
}

/// Whose type parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Generic {
    /// Of a package-level type.
    Type(PackageId, u32),
    /// Of a function.
    Func(FuncRef),
}

/// A struct field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FieldType {
    pub(super) name: Name,
    pub(super) ty: TypeId,
    pub(super) embedded: bool,
}

/// An interface: its own methods and what it embeds, unflattened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct InterfaceType {
    /// The declaration that wrote it (it names the methods); none for a literal.
    pub(super) owner: Option<TypeKey>,
    /// Where it was written (unexported methods); none for predeclared ones.
    pub(super) package: Option<PackageId>,
    pub(super) methods: Box<[(Name, TypeId)]>,
    pub(super) embeds: Box<[TypeId]>,
}

/// A type, one level deep.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Unknown,
    Basic(Basic),
    Named(TypeKey, Box<[TypeId]>),
    Pointer(TypeId),
    Slice(TypeId),
    Array(TypeId),
    Map(TypeId, TypeId),
    Chan(ChanDir, TypeId),
    Func(FuncType),
    /// Fields, and the package that wrote it (unexported fields).
    Struct(PackageId, Box<[FieldType]>),
    Interface(InterfaceType),
    /// Index into the model's table of type parameters.
    TypeParam(u32),
    Tuple(Box<[TypeId]>),
    /// Terms of a constraint.
    Union(Box<[TypeId]>),
    Tilde(TypeId),
}

/// A function type; the last parameter of a variadic one is the slice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FuncType {
    pub(super) params: Box<[TypeId]>,
    pub(super) variadic: bool,
    pub(super) results: Box<[TypeId]>,
}

/// What is known of a type without looking into it again.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    /// Contains a type parameter.
    generic: bool,
    /// Is or contains the unknown type (other than behind a declared type's name).
    unknown: bool,
}

/// All types of one worker.
#[derive(Debug)]
pub(super) struct Interner {
    kinds: Vec<Rc<Kind>>,
    flags: Vec<Flags>,
    ids: FxHashMap<Rc<Kind>, TypeId>,
}

impl Interner {
    /// Holds the unknown type only.
    pub(super) fn new() -> Interner {
        let mut types = Interner {
            kinds: Vec::new(),
            flags: Vec::new(),
            ids: FxHashMap::default(),
        };
        types.intern(Kind::Unknown);
        types
    }

    /// The id of a type.
    pub(super) fn intern(&mut self, kind: Kind) -> TypeId {
        if let Some(id) = self.ids.get(&kind) {
            return *id;
        }
        let flags = self.flags_of(&kind);
        let id = TypeId(self.kinds.len() as u32);
        let kind = Rc::new(kind);
        self.kinds.push(kind.clone());
        self.flags.push(flags);
        self.ids.insert(kind, id);
        id
    }

    fn flags_of(&self, kind: &Kind) -> Flags {
        let mut flags = Flags::default();
        match kind {
            Kind::Unknown => flags.unknown = true,
            Kind::TypeParam(_) => flags.generic = true,
            _ => {}
        }
        each_part(kind, |part| {
            let of = self.flags[part.0 as usize];
            flags.generic |= of.generic;
            flags.unknown |= of.unknown;
        });
        flags
    }

    /// One level of a type, to match on.
    pub(super) fn get(&self, ty: TypeId) -> &Kind {
        &self.kinds[ty.0 as usize]
    }

    /// One level of a type, to keep while the model changes.
    pub(super) fn kind(&self, ty: TypeId) -> Rc<Kind> {
        self.kinds[ty.0 as usize].clone()
    }

    /// Whether it contains a type parameter.
    pub(super) fn is_generic(&self, ty: TypeId) -> bool {
        self.flags[ty.0 as usize].generic
    }

    /// Whether it is unknown or has an unknown part.
    pub(super) fn has_unknown(&self, ty: TypeId) -> bool {
        self.flags[ty.0 as usize].unknown
    }

    /// A predeclared type.
    pub(super) fn basic(&mut self, basic: Basic) -> TypeId {
        self.intern(Kind::Basic(basic))
    }

    /// `*ty`; unknown of unknown.
    pub(super) fn pointer(&mut self, ty: TypeId) -> TypeId {
        if ty == TypeId::UNKNOWN {
            ty
        } else {
            self.intern(Kind::Pointer(ty))
        }
    }

    /// The kind of untyped value, when it is one.
    pub(super) fn untyped(&self, ty: TypeId) -> Option<Basic> {
        match self.get(ty) {
            Kind::Basic(basic) if basic.is_untyped() => Some(*basic),
            _ => None,
        }
    }

    /// The default type of an untyped one; other types unchanged; unknown for nil.
    pub(super) fn default_type(&mut self, ty: TypeId) -> TypeId {
        match self.untyped(ty) {
            None => ty,
            Some(basic) => match basic.default() {
                Some(typed) => self.basic(typed),
                None => TypeId::UNKNOWN,
            },
        }
    }

    /// Replaces type parameters `from` by the types `to`; those without a replacement become unknown.
    pub(super) fn substitute(&mut self, ty: TypeId, from: &[TypeId], to: &[TypeId]) -> TypeId {
        if !self.is_generic(ty) {
            return ty;
        }
        let kind = self.kind(ty);
        if let Kind::TypeParam(_) = *kind {
            return match from.iter().position(|param| *param == ty) {
                Some(i) => to.get(i).copied().unwrap_or(TypeId::UNKNOWN),
                None => ty,
            };
        }
        let new = self.map_parts(&kind, from, to);
        self.intern(new)
    }

    fn map_parts(&mut self, kind: &Kind, from: &[TypeId], to: &[TypeId]) -> Kind {
        let mut list = |types: &[TypeId]| -> Box<[TypeId]> {
            types
                .iter()
                .map(|ty| self.substitute(*ty, from, to))
                .collect()
        };
        match kind {
            Kind::Unknown | Kind::Basic(_) | Kind::TypeParam(_) => kind.clone(),
            Kind::Named(key, args) => Kind::Named(*key, list(args)),
            Kind::Tuple(types) => Kind::Tuple(list(types)),
            Kind::Union(types) => Kind::Union(list(types)),
            Kind::Func(FuncType {
                params,
                variadic,
                results,
            }) => Kind::Func(FuncType {
                params: list(params),
                variadic: *variadic,
                results: list(results),
            }),
            Kind::Pointer(ty) => Kind::Pointer(self.substitute(*ty, from, to)),
            Kind::Slice(ty) => Kind::Slice(self.substitute(*ty, from, to)),
            Kind::Array(ty) => Kind::Array(self.substitute(*ty, from, to)),
            Kind::Chan(dir, ty) => Kind::Chan(*dir, self.substitute(*ty, from, to)),
            Kind::Tilde(ty) => Kind::Tilde(self.substitute(*ty, from, to)),
            Kind::Map(key, value) => {
                let key = self.substitute(*key, from, to);
                Kind::Map(key, self.substitute(*value, from, to))
            }
            Kind::Struct(package, fields) => {
                let fields = fields
                    .iter()
                    .map(|f| FieldType {
                        ty: self.substitute(f.ty, from, to),
                        ..*f
                    })
                    .collect();
                Kind::Struct(*package, fields)
            }
            Kind::Interface(interface) => {
                let embeds = list(&interface.embeds);
                let methods = interface
                    .methods
                    .iter()
                    .map(|(name, ty)| (*name, self.substitute(*ty, from, to)))
                    .collect();
                Kind::Interface(InterfaceType {
                    methods,
                    embeds,
                    ..*interface
                })
            }
        }
    }
}

/// Calls `f` on each type that `kind` is directly built from.
fn each_part(kind: &Kind, mut f: impl FnMut(TypeId)) {
    match kind {
        Kind::Unknown | Kind::Basic(_) | Kind::TypeParam(_) => {}
        Kind::Named(_, types) | Kind::Tuple(types) | Kind::Union(types) => {
            types.iter().for_each(|ty| f(*ty))
        }
        Kind::Pointer(ty)
        | Kind::Slice(ty)
        | Kind::Array(ty)
        | Kind::Chan(_, ty)
        | Kind::Tilde(ty) => f(*ty),
        Kind::Map(key, value) => {
            f(*key);
            f(*value);
        }
        Kind::Func(func) => func
            .params
            .iter()
            .chain(&func.results)
            .for_each(|ty| f(*ty)),
        Kind::Struct(_, fields) => fields.iter().for_each(|field| f(field.ty)),
        Kind::Interface(interface) => {
            interface.methods.iter().for_each(|(_, ty)| f(*ty));
            interface.embeds.iter().for_each(|ty| f(*ty));
        }
    }
}
