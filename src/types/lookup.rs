//! Fields and methods of a type, promoted ones included (Go spec "Selectors", "Struct types").
//!
//! The search goes by depth of embedding. A name found once at the shallowest depth is the answer, found twice it is
//! ambiguous. At each depth, an embedded type that is not known whole (unknown, or declared in an incomplete package)
//! makes everything below that depth unknown: it could have the name itself.

use super::TypeId;
use super::model::Model;
use super::operand::Target;
use super::repr::{Generic, Kind, TypeKey};
use crate::index::{DeclRef, FuncRef, PackageId};
use crate::syntax::ast::Name;
use rustc_hash::{FxHashMap, FxHashSet};

/// How deep embedding may nest; std's deepest is 4.
const MAX_EMBEDDING: u32 = 12;

/// What a selector finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    Field(TypeId),
    /// A method with its signature. `by_address`: it has a pointer receiver and no pointer was followed to it, so
    /// that it is not in the method set of the (non-pointer) type itself (Go spec "Method sets").
    Method {
        target: Target,
        signature: TypeId,
        by_address: bool,
    },
    /// Nothing, for sure.
    No,
    Unknown,
}

/// A type to look into at some depth of embedding.
#[derive(Clone, Copy)]
struct Candidate {
    ty: TypeId,
    /// Reached through a pointer.
    indirect: bool,
    /// Embedded more than once at this depth: whatever it has is ambiguous.
    repeated: bool,
}

/// What one depth of embedding gave.
#[derive(Default)]
struct Level {
    found: Option<Selection>,
    ambiguous: bool,
    unknown: bool,
    next: Vec<Candidate>,
}

impl Level {
    fn add(&mut self, selection: Selection, candidate: Candidate) {
        self.ambiguous |= self.found.is_some() || candidate.repeated;
        self.found = Some(selection);
    }
}

fn is_exported(name: Name) -> bool {
    name.as_str().chars().next().is_some_and(char::is_uppercase)
}

impl Model<'_> {
    /// Field or method `name` of an addressable operand of type `ty`, as seen from package `from`; from nowhere,
    /// only exported names are seen.
    pub(super) fn select(&mut self, ty: TypeId, name: Name, from: Option<PackageId>) -> Selection {
        let from = if is_exported(name) { None } else { from };
        let key = (ty, name, from);
        if let Some(selection) = self.selections.get(&key) {
            return *selection;
        }
        let selection = self.nested(
            |model| model.select_uncached(ty, name, from),
            Selection::Unknown,
        );
        self.selections.insert(key, selection);
        selection
    }

    fn select_uncached(&mut self, ty: TypeId, name: Name, from: Option<PackageId>) -> Selection {
        let mut start = Candidate {
            ty,
            indirect: false,
            repeated: false,
        };
        match *self.types.get(ty) {
            Kind::Unknown => return Selection::Unknown,
            Kind::Pointer(elem) => {
                start = Candidate {
                    ty: elem,
                    indirect: true,
                    repeated: false,
                };
                let under = self.underlying(elem);
                match self.types.get(under) {
                    Kind::Unknown => {}
                    // Pointers to interfaces and to type parameters have no methods.
                    Kind::Interface(_) => return Selection::No,
                    _ if matches!(self.types.get(elem), Kind::TypeParam(_)) => {
                        return Selection::Unknown;
                    }
                    _ => {}
                }
            }
            Kind::Named(..) => {
                let under = self.underlying(ty);
                if let Kind::Pointer(_) = self.types.get(under) {
                    // A defined pointer type has the fields of what it points to, no methods.
                    return match self.select(under, name, from) {
                        Selection::Method { .. } => Selection::No,
                        other => other,
                    };
                }
            }
            _ => {}
        }
        let mut current = vec![start];
        let mut seen: FxHashSet<TypeId> = FxHashSet::default();
        for _ in 0..MAX_EMBEDDING {
            let mut level = Level::default();
            for candidate in &current {
                if seen.insert(candidate.ty)
                    || !matches!(self.types.get(candidate.ty), Kind::Named(..))
                {
                    self.search(*candidate, name, from, &mut level);
                }
            }
            match level.found {
                Some(_) if level.ambiguous => return Selection::No,
                Some(selection) => return selection,
                None if level.unknown => return Selection::Unknown,
                None if level.next.is_empty() => return Selection::No,
                None => current = consolidate(level.next),
            }
        }
        Selection::Unknown
    }

    /// Looks into one type, not into what it embeds: that is added to the level's `next`.
    fn search(
        &mut self,
        candidate: Candidate,
        name: Name,
        from: Option<PackageId>,
        level: &mut Level,
    ) {
        let exported = is_exported(name);
        let kind = self.types.kind(candidate.ty);
        if let Kind::Named(TypeKey::Declared(id, index), args) = &*kind {
            let Some(package) = self.package(*id) else {
                level.unknown = true;
                return;
            };
            let type_name = package.types[*index as usize].decl.name.name;
            if (exported || from == Some(*id))
                && let Some(func) = package.methods.get(&(type_name, name))
            {
                let func = FuncRef {
                    package: *id,
                    index: *func,
                };
                let mut signature = self.signature(func);
                if !args.is_empty() && self.types.is_generic(signature) {
                    let params = self.type_params(Generic::Type(*id, *index));
                    signature = self.types.substitute(signature, &params, args);
                }
                let by_address = !candidate.indirect && self.has_pointer_receiver(func);
                level.add(
                    Selection::Method {
                        target: Target::Func(func),
                        signature,
                        by_address,
                    },
                    candidate,
                );
                return;
            }
            level.unknown |= !package.complete;
        }
        let under = self.underlying(candidate.ty);
        let kind = self.types.kind(under);
        match &*kind {
            Kind::Struct(package, fields) => {
                for field in fields {
                    if field.name == name && (exported || from == Some(*package)) {
                        level.add(Selection::Field(field.ty), candidate);
                    } else if field.embedded {
                        level.next.push(match self.types.get(field.ty) {
                            Kind::Pointer(elem) => Candidate {
                                ty: *elem,
                                indirect: true,
                                ..candidate
                            },
                            _ => Candidate {
                                ty: field.ty,
                                ..candidate
                            },
                        });
                    }
                }
            }
            Kind::Interface(_) => match self.interface_method(under, name, from, 0) {
                Some(Some((owner, signature))) => level.add(
                    Selection::Method {
                        target: Target::Interface(owner, name),
                        signature,
                        by_address: false,
                    },
                    candidate,
                ),
                Some(None) => level.unknown = true,
                None => {}
            },
            Kind::Unknown => level.unknown = true,
            _ => {}
        }
    }

    /// Whether a method's receiver is a pointer, aliases followed.
    pub(super) fn has_pointer_receiver(&mut self, func: FuncRef) -> bool {
        let Some(package) = self.package(func.package) else {
            return false;
        };
        let Some(receiver) = &package.funcs[func.index as usize].decl.receiver else {
            return false;
        };
        if receiver.pointer {
            return true;
        }
        match package.scope.get(&receiver.base.name) {
            Some(DeclRef::Type(index)) if package.types[*index as usize].decl.alias => {
                let target = self.alias(func.package, *index);
                matches!(self.types.get(target), Kind::Pointer(_))
            }
            _ => false,
        }
    }

    /// A method of an interface type: the declaration that wrote it and its signature. None when there is no such
    /// method, `Some(None)` when something that is embedded is unknown and could have it.
    fn interface_method(
        &mut self,
        interface: TypeId,
        name: Name,
        from: Option<PackageId>,
        nesting: u32,
    ) -> Option<Option<(Option<TypeKey>, TypeId)>> {
        if nesting > MAX_EMBEDDING {
            return Some(None);
        }
        let kind = self.types.kind(interface);
        let Kind::Interface(interface) = &*kind else {
            return None;
        };
        let visible =
            is_exported(name) || (interface.package.is_some() && interface.package == from);
        if visible
            && let Some((_, signature)) =
                interface.methods.iter().find(|(method, _)| *method == name)
        {
            return Some(Some((interface.owner, *signature)));
        }
        let mut unknown = false;
        for embed in &interface.embeds {
            let under = self.underlying(*embed);
            match self.types.get(under) {
                Kind::Unknown => unknown = true,
                Kind::Interface(_) => match self.interface_method(under, name, from, nesting + 1) {
                    Some(Some(found)) => return Some(Some(found)),
                    Some(None) => unknown = true,
                    None => {}
                },
                _ => {}
            }
        }
        unknown.then_some(None)
    }
}

/// The types of a depth, each once; one that comes twice is marked.
fn consolidate(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut places: FxHashMap<TypeId, usize> = FxHashMap::default();
    let mut list: Vec<Candidate> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        match places.get(&candidate.ty) {
            Some(place) => list[*place].repeated = true,
            None => {
                places.insert(candidate.ty, list.len());
                list.push(candidate);
            }
        }
    }
    list
}
