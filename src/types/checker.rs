//! The checker: one worker's view of the world, with its interned types and caches.

use super::context::Context;
use super::lookup::Selection;
use super::model::{Model, Tables};
use super::operand::Target;
use super::repr::{FuncType, Kind, TypeKey};
use super::{Answer, BodyInfo, Callee, Object, TypeId};
use crate::index::{BodyRef, DeclRef, FuncRef, PackageId, World};
use crate::stats::{self, Stage};
use crate::syntax::ast::{Body, Name, Outline};
use crate::syntax::{parse_body, parse_initialiser};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// The syntax and meaning of one body.
#[derive(Debug)]
pub struct CheckedBody {
    /// Whose it is.
    pub body_ref: BodyRef,
    /// The file's outline: holds the signature of a function.
    pub outline: Arc<Outline>,
    /// The statements of a function, or the values of a variable.
    pub body: Body,
    /// What the nodes of `body` mean.
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

/// How many checked bodies a worker keeps: a transform asks for the same few again and again.
const KEPT_BODIES: usize = 256;

#[derive(Default)]
struct Bodies {
    kept: FxHashMap<BodyRef, Option<Rc<CheckedBody>>>,
    order: VecDeque<BodyRef>,
}

/// One worker's checker. Interior mutability; not shared between threads.
pub struct Checker<'w> {
    world: &'w World,
    tables: RefCell<Tables>,
    bodies: RefCell<Bodies>,
}

impl std::fmt::Debug for Checker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").finish_non_exhaustive()
    }
}

impl<'w> Checker<'w> {
    /// A checker with empty caches.
    pub fn new(world: &'w World) -> Self {
        Checker {
            world,
            tables: RefCell::new(Tables::new()),
            bodies: RefCell::default(),
        }
    }
    /// The world it looks things up in.
    pub fn world(&self) -> &'w World {
        self.world
    }
    /// A body with its meaning; cached. None when there is no body. A broken body has no meaning (all unknown).
    pub fn body(&self, body: BodyRef) -> Option<Rc<CheckedBody>> {
        if let Some(checked) = self.bodies.borrow().kept.get(&body) {
            return checked.clone();
        }
        self.keep(body, None)
    }

    /// [`Self::body`] for one that the caller has parsed.
    pub fn parsed_body(&self, body: BodyRef, parsed: Body) -> Option<Rc<CheckedBody>> {
        if let Some(checked) = self.bodies.borrow().kept.get(&body) {
            return checked.clone();
        }
        self.keep(body, Some(parsed))
    }

    fn keep(&self, body: BodyRef, parsed: Option<Body>) -> Option<Rc<CheckedBody>> {
        let checked = stats::stage(Stage::Types, || self.check(body, parsed)).map(Rc::new);
        let mut bodies = self.bodies.borrow_mut();
        if bodies.order.len() >= KEPT_BODIES
            && let Some(oldest) = bodies.order.pop_front()
        {
            bodies.kept.remove(&oldest);
        }
        bodies.order.push_back(body);
        bodies.kept.insert(body, checked.clone());
        checked
    }

    fn check(&self, body_ref: BodyRef, parsed: Option<Body>) -> Option<CheckedBody> {
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        match body_ref {
            BodyRef::Func(func) => {
                let package = model.package(func.package)?;
                let declared = package.funcs.get(func.index as usize)?;
                let file = package.files.get(declared.file as usize)?;
                let span = declared.decl.body?;
                let body = parsed.unwrap_or_else(|| {
                    let text = self.world.text(file.id);
                    stats::count(Stage::Parse, span.range().len());
                    stats::stage(Stage::Parse, || parse_body(&text, span))
                });
                let info = if body.broken || declared.decl.broken {
                    nothing_known(body.nodes)
                } else {
                    model.check_function(&package, func, &body)
                };
                Some(CheckedBody {
                    body_ref,
                    outline: file.outline.clone(),
                    body,
                    info,
                })
            }
            BodyRef::Var(id, index) => {
                let package = model.package(id)?;
                let declared = package.vars.get(index as usize)?;
                let file = package.files.get(declared.file as usize)?;
                let body = parsed.unwrap_or_else(|| {
                    parse_initialiser(&self.world.text(file.id), &declared.decl)
                });
                let info = if body.broken || file.outline.broken {
                    nothing_known(body.nodes)
                } else {
                    model.check_initialiser(&package, declared.file, &body)
                };
                Some(CheckedBody {
                    body_ref,
                    outline: file.outline.clone(),
                    body,
                    info,
                })
            }
        }
    }

    /// What the nodes of everything outside bodies and initialisers mean, by node id of the file's outline; `file` is an
    /// index into the package's files. All unknown when the outline did not parse whole.
    pub fn outline(&self, package: PackageId, file: u32) -> Option<BodyInfo> {
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        let package = model.package(package)?;
        let outline = &package.files.get(file as usize)?.outline;
        if outline.broken {
            return Some(nothing_known(outline.nodes));
        }
        Some(model.check_outline(&package, file))
    }

    /// A function's full name as go/types prints it, pointer receivers with a star: `os.Open`,
    /// `(*database/sql.DB).Query`, `(net/http.Header).Get`.
    pub fn func_name(&self, func: FuncRef) -> String {
        Model::new(self.world, &mut self.tables.borrow_mut()).func_name(func)
    }
    /// The full name of a callee; none for values, conversions and unknowns; `append` for a builtin.
    pub fn callee_name(&self, callee: &Callee) -> Option<String> {
        match callee {
            Callee::Func(func) => Some(self.func_name(*func)),
            Callee::Interface(name) => Some(name.clone()),
            Callee::Builtin(name) => Some(name.to_string()),
            Callee::Value | Callee::Conversion(_) | Callee::Unknown => None,
        }
    }
    /// The type as Go source would write it with full package paths: `*net/http.Response`; `?` for what is unknown.
    /// Lengths of arrays are not known: `[...]T`.
    pub fn display(&self, ty: TypeId) -> String {
        Model::new(self.world, &mut self.tables.borrow_mut()).display(ty)
    }
    /// One level of the type.
    pub fn view(&self, ty: TypeId) -> TypeView {
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        let kind = model.types.kind(ty);
        match &*kind {
            Kind::Unknown | Kind::Union(_) | Kind::Tilde(_) => TypeView::Unknown,
            Kind::Basic(basic) => TypeView::Basic(basic.name()),
            Kind::Named(key, args) => TypeView::Named(model.type_name(*key), args.to_vec()),
            Kind::Pointer(elem) => TypeView::Pointer(*elem),
            Kind::Slice(elem) => TypeView::Slice(*elem),
            Kind::Array(elem) => TypeView::Array(*elem),
            Kind::Map(key, value) => TypeView::Map(*key, *value),
            Kind::Chan(dir, elem) => TypeView::Chan(*dir, *elem),
            Kind::Func(FuncType {
                params,
                variadic,
                results,
            }) => TypeView::Func(params.to_vec(), *variadic, results.to_vec()),
            Kind::Struct(_, fields) => TypeView::Struct(
                fields
                    .iter()
                    .map(|field| (field.name, field.ty, field.embedded))
                    .collect(),
            ),
            Kind::Interface(_) => TypeView::Interface,
            Kind::TypeParam(id) => TypeView::TypeParam(model.type_params[*id as usize].name),
            Kind::Tuple(types) => TypeView::Tuple(types.to_vec()),
        }
    }
    /// Its underlying type (Go spec "Underlying types"), aliases followed; of a type parameter, that of its
    /// constraint.
    pub fn underlying(&self, ty: TypeId) -> TypeId {
        Model::new(self.world, &mut self.tables.borrow_mut()).underlying(ty)
    }
    /// Field or method `name` of an addressable operand of this type, as seen from `from` (unexported names).
    pub fn lookup(&self, ty: TypeId, name: Name, from: PackageId) -> Lookup {
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        match model.select(ty, name, Some(from)) {
            Selection::Field(ty) => Lookup::Field(ty),
            Selection::Method {
                target: Target::Func(func),
                signature,
                ..
            } => Lookup::Method(func, signature),
            Selection::Method {
                target: Target::Interface(owner, name),
                signature,
                ..
            } => Lookup::Interface(
                model.interface_method_name(owner, name).to_string(),
                signature,
            ),
            Selection::No => Lookup::No,
            Selection::Unknown => Lookup::Unknown,
        }
    }
    /// Whether it has a method with this name and exactly these parameter and result types, as [`Self::display`]
    /// prints them: `("Close", &[], &["error"])`. Of an addressable operand: methods with pointer receivers count.
    pub fn has_method(&self, ty: TypeId, name: &str, params: &[&str], results: &[&str]) -> Answer {
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        let from = match model.types.get(ty) {
            Kind::Named(TypeKey::Declared(id, _), _) => Some(*id),
            _ => None,
        };
        let signature = match model.select(ty, Name::from(name), from) {
            Selection::Method { signature, .. } => signature,
            Selection::Field(_) | Selection::No => return Answer::No,
            Selection::Unknown => return Answer::Unknown,
        };
        let kind = model.types.kind(signature);
        let Kind::Func(func) = &*kind else {
            return Answer::Unknown;
        };
        if func.params.len() != params.len() || func.results.len() != results.len() {
            return Answer::No;
        }
        let found = func.params.iter().chain(&func.results);
        found
            .zip(params.iter().chain(results))
            .fold(Answer::Yes, |answer, (ty, expected)| {
                answer.and(if model.types.has_unknown(*ty) {
                    Answer::Unknown
                } else {
                    Answer::from(model.display(*ty) == *expected)
                })
            })
    }
    /// Whether it is `context.Context` (also `golang.org/x/net/context.Context`).
    pub fn is_context(&self, ty: TypeId) -> Answer {
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        match *model.types.get(ty) {
            Kind::Unknown => Answer::Unknown,
            Kind::Named(key, _) => {
                let name = model.type_name(key);
                Answer::from(
                    name == "context.Context" || name == "golang.org/x/net/context.Context",
                )
            }
            _ => Answer::No,
        }
    }
    /// Whether values of `ty` implement the interface type.
    pub fn implements(&self, ty: TypeId, interface: TypeId) -> Answer {
        Model::new(self.world, &mut self.tables.borrow_mut()).implements(ty, interface)
    }
    /// The signature of a function or method, receiver left out.
    pub fn signature(&self, func: FuncRef) -> TypeId {
        Model::new(self.world, &mut self.tables.borrow_mut()).signature(func)
    }
    /// The type of a package-level variable or constant, the signature of a function, or the named type of a type
    /// declaration (of a generic one, with its own parameters as arguments).
    pub fn declared_type(&self, package: PackageId, decl: DeclRef) -> TypeId {
        Model::new(self.world, &mut self.tables.borrow_mut()).declared_type(package, decl)
    }
    /// `*ty`; unknown of unknown.
    pub fn pointer_to(&self, ty: TypeId) -> TypeId {
        Model::new(self.world, &mut self.tables.borrow_mut())
            .types
            .pointer(ty)
    }
    /// What `name` means at `offset` of a body's file: a local, a package-level name, an import, a universe name;
    /// none when it is free there. Unknown dot imports count as taken, as do imports that were not found and whose
    /// path suggests the name. In an incomplete package a lost declaration may have a name that looks free.
    pub fn name_at(&self, body: &CheckedBody, offset: u32, name: Name) -> Option<Object> {
        let visible = body.info.locals.iter().enumerate().filter(|(_, local)| {
            local.name == name && (local.visible.start..local.visible.end).contains(&offset)
        });
        // The innermost scope is the one that begins last.
        if let Some((index, _)) = visible.max_by_key(|(index, local)| (local.visible.start, *index))
        {
            return Some(Object::Local(super::LocalId(index as u32)));
        }
        let tables = &mut *self.tables.borrow_mut();
        let mut model = Model::new(self.world, tables);
        let (id, file) = match body.body_ref {
            BodyRef::Func(func) => (
                func.package,
                model
                    .package(func.package)?
                    .funcs
                    .get(func.index as usize)?
                    .file,
            ),
            BodyRef::Var(id, index) => (id, model.package(id)?.vars.get(index as usize)?.file),
        };
        let package = model.package(id)?;
        model.identifier(&Context::new(package, file), name).1
    }
}

fn nothing_known(nodes: u32) -> BodyInfo {
    BodyInfo {
        types: vec![TypeId::UNKNOWN; nodes as usize],
        objects: vec![None; nodes as usize],
        ..BodyInfo::default()
    }
}
