//! What a transform can ask about a checked body. `Unknown` is an answer everywhere and never becomes a fix.

use crate::index::{DeclRef, FuncRef, PackageId};
use crate::syntax::ast::{Name, NodeId, Span};

/// A type, interned by one worker's checker; [`TypeId::UNKNOWN`] when it could not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

impl TypeId {
    /// The type that could not be known; poisons whatever is built from it.
    pub const UNKNOWN: TypeId = TypeId(0);
}

/// An answer that may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Answer {
    Yes,
    No,
    Unknown,
}

/// A local variable, parameter, result or receiver of the checked function; dense from 0 in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// What declared a local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalKind {
    /// The method's receiver.
    Receiver,
    /// A parameter of the function or of a literal in it.
    Param,
    /// A named result of the function or of a literal in it.
    Result,
    /// A variable (`var`, `:=`, range, type switch: one local a clause).
    Var,
    /// A constant.
    Const,
    /// A type.
    Type,
}

/// A local declaration.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: Name,
    /// What declared it.
    pub kind: LocalKind,
    /// The declaring identifier.
    pub decl: Span,
    /// Where the name is visible: from after its declaration to its scope's end (Go spec "Declarations and scope").
    pub visible: Span,
    /// Its type.
    pub ty: TypeId,
}

/// What an identifier refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A local of this body.
    Local(LocalId),
    /// A package-level declaration.
    Declared(PackageId, DeclRef),
    /// An imported package's name (none when its package was not found).
    Package(Option<PackageId>),
    /// A name of the universe scope (`nil`, `true`, `error`, `len`, …).
    Universe(Name),
}

/// What a call calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A declared function or method; statically bound. Of a method expression (`T.Close(x)`) the receiver is the
    /// first argument.
    Func(FuncRef),
    /// A method of an interface; the full name, e.g. `(io.Closer).Close`.
    Interface(String),
    /// A function value: a variable, field, literal or result.
    Value,
    /// A builtin function.
    Builtin(Name),
    /// A conversion to this type.
    Conversion(TypeId),
    /// Could not be known.
    Unknown,
}

/// Everything known of one function body (literals in it included).
#[derive(Debug, Default)]
pub struct BodyInfo {
    /// Type of each expression, by [`NodeId`]; a tuple for a call with several results, the empty tuple for one
    /// without. A type expression has the type that it denotes. Untyped constants stay untyped, also where they are
    /// converted; what they are assigned to has its own type.
    pub types: Vec<TypeId>,
    /// What each identifier declares or refers to, by [`NodeId`] (of [`crate::syntax::ast::Ident`]s and
    /// `ExprKind::Ident` expressions); fields and methods are found through their selector's type instead. None for
    /// the symbol of a type switch, which is another local in each clause.
    pub objects: Vec<Option<Object>>,
    /// Callee of each call expression.
    pub callees: Vec<(NodeId, Callee)>,
    /// Locals, in order of declaration.
    pub locals: Vec<Local>,
}
