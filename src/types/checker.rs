//! The checker: one worker's view of the world, with its interned types and caches.

use super::{Answer, BodyInfo, Callee, TypeId};
use crate::index::{BodyRef, FuncRef, PackageId, World};
use crate::syntax::ast::{Body, Name, Outline};
use std::rc::Rc;
use std::sync::Arc;

/// The syntax and meaning of one body.
#[derive(Debug)]
pub struct CheckedBody {
    /// Whose it is.
    pub body_ref: BodyRef,
    /// The file's outline: holds the signature of a function, and the whole initialiser of a variable.
    pub outline: Arc<Outline>,
    /// The statements of a function; empty for a variable's initialiser.
    pub body: Body,
    /// What its nodes mean (of `body` for a function, of `outline` for a variable).
    pub info: BodyInfo,
}

/// A view of a type, one level deep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeView {
    /// Could not be known.
    Unknown,
    /// A predeclared type, by name; untyped ones as `untyped int`.
    Basic(&'static str),
    /// A declared type: its full name without type arguments, e.g. `net/http.Response`, and its arguments.
    Named(String, Vec<TypeId>),
    /// `*T`.
    Pointer(TypeId),
    /// `[]T`.
    Slice(TypeId),
    /// `[n]T`.
    Array(TypeId),
    /// `map[K]V`.
    Map(TypeId, TypeId),
    /// `chan T`.
    Chan(crate::syntax::ast::ChanDir, TypeId),
    /// Parameters, whether variadic (then the last parameter is the slice), results.
    Func(Vec<TypeId>, bool, Vec<TypeId>),
    /// A struct literal type: fields with name, type, embedded.
    Struct(Vec<(Name, TypeId, bool)>),
    /// An interface.
    Interface,
    /// A type parameter.
    TypeParam(Name),
    /// Several results.
    Tuple(Vec<TypeId>),
}

/// What a selector finds (Go spec "Selectors").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A field of this type.
    Field(TypeId),
    /// A declared method and its signature.
    Method(FuncRef, TypeId),
    /// A method of an interface: full name, signature.
    Interface(String, TypeId),
    /// The type is completely known and has no such field or method.
    No,
    /// Could not be known.
    Unknown,
}

/// One worker's checker. Interior mutability; not shared between threads.
#[derive(Debug)]
pub struct Checker<'w> {
    world: &'w World,
}

impl<'w> Checker<'w> {
    /// A checker with empty caches.
    pub fn new(world: &'w World) -> Self {
        Checker { world }
    }
    /// The world it looks things up in.
    pub fn world(&self) -> &'w World {
        self.world
    }
    /// A body with its meaning; cached. None when there is no body. A broken body has no meaning (all unknown).
    pub fn body(&self, _body: BodyRef) -> Option<Rc<CheckedBody>> {
        None
    }
    /// A function's full name as go/types prints it, pointer receivers with a star: `os.Open`,
    /// `(*database/sql.DB).Query`, `(net/http.Header).Get`.
    pub fn func_name(&self, _func: FuncRef) -> String {
        String::new()
    }
    /// The full name of a callee; none for values, conversions and unknowns; `append` for a builtin.
    pub fn callee_name(&self, _callee: &Callee) -> Option<String> {
        None
    }
    /// The type as Go source would write it with full package paths: `*net/http.Response`.
    pub fn display(&self, _ty: TypeId) -> String {
        "?".into()
    }
    /// One level of the type.
    pub fn view(&self, _ty: TypeId) -> TypeView {
        TypeView::Unknown
    }
    /// Its underlying type (Go spec "Underlying types"), aliases followed.
    pub fn underlying(&self, _ty: TypeId) -> TypeId {
        TypeId::UNKNOWN
    }
    /// Field or method `name` of an addressable operand of this type, as seen from `from` (unexported names).
    pub fn lookup(&self, _ty: TypeId, _name: Name, _from: PackageId) -> Lookup {
        Lookup::Unknown
    }
    /// Whether it has a method with this name and exactly these parameter and result types, as [`Self::display`]
    /// prints them: `("Close", &[], &["error"])`.
    pub fn has_method(
        &self,
        _ty: TypeId,
        _name: &str,
        _params: &[&str],
        _results: &[&str],
    ) -> Answer {
        Answer::Unknown
    }
    /// Whether it is `context.Context` (also `golang.org/x/net/context.Context`).
    pub fn is_context(&self, _ty: TypeId) -> Answer {
        Answer::Unknown
    }
    /// Whether values of `ty` implement the interface type.
    pub fn implements(&self, _ty: TypeId, _interface: TypeId) -> Answer {
        Answer::Unknown
    }
    /// The signature of a function or method, receiver left out.
    pub fn signature(&self, _func: FuncRef) -> TypeId {
        TypeId::UNKNOWN
    }
    /// The type of a package-level variable or constant, or the named type of a type declaration.
    pub fn declared_type(&self, _package: PackageId, _decl: crate::index::DeclRef) -> TypeId {
        TypeId::UNKNOWN
    }
    /// What `name` means at `offset` of a body's file: a local, a package-level name, an import, a universe name;
    /// none when it is free there. Unknown dot imports count as taken.
    pub fn name_at(&self, _body: &CheckedBody, _offset: u32, _name: Name) -> Option<super::Object> {
        None
    }
}
