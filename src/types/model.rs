//! One worker's model of the types of a program: interned types and lazily filled tables about declarations.
//!
//! What keeps it honest:
//! - *Unknown poisons.* The unknown type is a type; whatever is built from it, selected from it, called on it or
//!   inferred with it is unknown. No default is ever put in its place.
//! - *"No" needs a complete package.* That a type has no such field or method is only said when the packages of
//!   all types on the way were read and parsed whole, and every embedded type is known. See `lookup`.
//! - *A broken body means nothing.* A statement lost to a parse error may have declared a name that shadows another
//!   one, so nothing in such a function is known. See `Checker::body`.
//! - *Cycles end in unknown.* Every lazy table marks an entry in progress before filling it; looking at it meanwhile
//!   is unknown, as is everything nested more than [`MAX_DEPTH`] deep.

use super::TypeId;
use super::context::SharedPackage;
use super::lookup::Selection;
use super::repr::{Generic, Interner, TypeKey};
use super::resolve::FileScope;
use super::universe::Universe;
use crate::index::{FuncRef, PackageId, World};
use crate::syntax::ast::Name;
use rustc_hash::FxHashMap;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::sync::Arc;

/// How deep expressions, statements and declarations may nest before they are unknown. A level takes up to 10 KiB of
/// stack without optimisation, far less with it; the run's threads have much more (`crate::parallel`).
pub(super) const MAX_DEPTH: u32 = 250;

/// An entry of a lazily filled table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lazy {
    /// Being computed further up the stack.
    InProgress,
    Done(TypeId),
}

/// A type declared in a function.
#[derive(Debug)]
pub(super) struct LocalType {
    pub(super) name: Name,
    pub(super) package: PackageId,
    pub(super) underlying: TypeId,
}

/// A type parameter.
#[derive(Debug)]
pub(super) struct TypeParamInfo {
    pub(super) name: Name,
    pub(super) owner: Generic,
    /// Its place in the owner's list.
    pub(super) index: usize,
    pub(super) constraint: Option<Lazy>,
}

/// What a worker keeps: interned types and lazily filled tables.
pub(super) struct Tables {
    pub(super) types: Interner,
    pub(super) universe: Universe,
    packages: FxHashMap<PackageId, Option<SharedPackage>>,
    pub(super) file_scopes: FxHashMap<(PackageId, u32), Rc<FileScope>>,
    pub(super) underlying: FxHashMap<(PackageId, u32), Lazy>,
    /// Underlying types of instantiated types.
    pub(super) instances: FxHashMap<TypeId, TypeId>,
    pub(super) aliases: FxHashMap<(PackageId, u32), Lazy>,
    pub(super) variables: FxHashMap<(PackageId, u32), Lazy>,
    pub(super) constants: FxHashMap<(PackageId, u32), Lazy>,
    pub(super) signatures: FxHashMap<FuncRef, Lazy>,
    pub(super) type_params: Vec<TypeParamInfo>,
    pub(super) type_param_lists: FxHashMap<Generic, Rc<[TypeId]>>,
    pub(super) local_types: Vec<LocalType>,
    /// Local types by package, file and offset of their name: the same type each time a body is checked.
    pub(super) local_type_ids: FxHashMap<(PackageId, u32, u32), u32>,
    pub(super) selections: FxHashMap<(TypeId, Name, Option<PackageId>), Selection>,
    /// Full names of methods of named interfaces.
    pub(super) method_names: FxHashMap<(TypeKey, Name), Rc<str>>,
    pub(super) depth: u32,
}

impl Tables {
    /// Nothing loaded yet.
    pub(super) fn new() -> Tables {
        let mut types = Interner::new();
        let universe = Universe::new(&mut types);
        Tables {
            types,
            universe,
            packages: FxHashMap::default(),
            file_scopes: FxHashMap::default(),
            underlying: FxHashMap::default(),
            instances: FxHashMap::default(),
            aliases: FxHashMap::default(),
            variables: FxHashMap::default(),
            constants: FxHashMap::default(),
            signatures: FxHashMap::default(),
            type_params: Vec::new(),
            type_param_lists: FxHashMap::default(),
            local_types: Vec::new(),
            local_type_ids: FxHashMap::default(),
            selections: FxHashMap::default(),
            method_names: FxHashMap::default(),
            depth: 0,
        }
    }
}

/// One worker's model while a question is answered: its tables, and the world that fills them. See the module's
/// documentation.
pub(super) struct Model<'m> {
    pub(super) world: &'m World,
    tables: &'m mut Tables,
}

impl Deref for Model<'_> {
    type Target = Tables;
    fn deref(&self) -> &Tables {
        self.tables
    }
}

impl DerefMut for Model<'_> {
    fn deref_mut(&mut self) -> &mut Tables {
        self.tables
    }
}

impl<'m> Model<'m> {
    /// The model of these tables.
    pub(super) fn new(world: &'m World, tables: &'m mut Tables) -> Model<'m> {
        Model { world, tables }
    }

    /// A package, loaded now if it was not; none when it cannot be read.
    pub(super) fn package(&mut self, id: PackageId) -> Option<SharedPackage> {
        if let Some(package) = self.packages.get(&id) {
            return package.clone();
        }
        let package = self
            .world
            .package(id)
            .map(|package: Arc<_>| Rc::new(package));
        self.packages.insert(id, package.clone());
        package
    }

    /// Runs `f` one level deeper, or not at all when that is too deep.
    pub(super) fn nested<R>(&mut self, f: impl FnOnce(&mut Self) -> R, too_deep: R) -> R {
        if self.depth >= MAX_DEPTH {
            return too_deep;
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }
}
