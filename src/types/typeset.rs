//! Type sets of constraints: the one underlying type that all types of a type parameter have, if there is one
//! (Go 1.24's spec called it the core type; `typeset.go` and `under.go` of go/types).

use super::TypeId;
use super::model::Model;
use super::repr::{Basic, Kind};
use crate::syntax::ast::ChanDir;

/// How deep constraints may nest.
const MAX_NESTING: u32 = 20;

/// What a type set is restricted to.
enum Terms {
    /// To these types (behind a tilde or not).
    These(Vec<TypeId>),
    /// Not at all.
    Any,
    Unknown,
}

impl Model<'_> {
    /// The underlying type; for a type parameter the one that all types of its set have, where `string` and `[]byte`
    /// together count as `[]byte`; unknown when they differ.
    pub(super) fn core_type(&mut self, ty: TypeId) -> TypeId {
        let Kind::TypeParam(id) = *self.types.get(ty) else {
            return self.underlying(ty);
        };
        let constraint = self.nested(|model| model.constraint(id), TypeId::UNKNOWN);
        let Terms::These(terms) = self.terms(constraint, 0) else {
            return TypeId::UNKNOWN;
        };
        let unders: Vec<TypeId> = terms.iter().map(|term| self.underlying(*term)).collect();
        let Some(first) = unders.first().copied() else {
            return TypeId::UNKNOWN;
        };
        if unders.iter().all(|under| *under == first) {
            return first;
        }
        let string = self.types.basic(Basic::String);
        let byte = self.types.basic(Basic::Uint8);
        let bytes = self.types.intern(Kind::Slice(byte));
        if unders
            .iter()
            .all(|under| *under == string || *under == bytes)
        {
            return bytes;
        }
        self.common_channel(&unders)
    }

    /// Channels of one element type count as one type, a directed one if they are not all bidirectional.
    fn common_channel(&mut self, types: &[TypeId]) -> TypeId {
        let mut common: Option<(ChanDir, TypeId)> = None;
        for ty in types {
            let Kind::Chan(dir, elem) = *self.types.get(*ty) else {
                return TypeId::UNKNOWN;
            };
            common = match common {
                None => Some((dir, elem)),
                Some((_, other)) if other != elem => return TypeId::UNKNOWN,
                Some((ChanDir::Both, _)) => Some((dir, elem)),
                Some((known, _)) if dir == ChanDir::Both || dir == known => Some((known, elem)),
                Some(_) => return TypeId::UNKNOWN,
            };
        }
        match common {
            Some((dir, elem)) => self.types.intern(Kind::Chan(dir, elem)),
            None => TypeId::UNKNOWN,
        }
    }

    /// The only type that a type parameter can stand for: its constraint is one term without tilde.
    pub(super) fn single_type(&mut self, param: u32) -> Option<TypeId> {
        let constraint = self.nested(|model| model.constraint(param), TypeId::UNKNOWN);
        let under = match self.types.get(constraint) {
            Kind::Named(..) => self.underlying(constraint),
            _ => constraint,
        };
        let kind = self.types.kind(under);
        match &*kind {
            Kind::Interface(interface) => {
                let mut restricting = interface
                    .embeds
                    .iter()
                    .filter(|embed| !matches!(self.types.get(**embed), Kind::Named(..)));
                match (restricting.next(), restricting.next()) {
                    (Some(term), None) if self.is_plain_term(*term) => Some(*term),
                    _ => None,
                }
            }
            _ if self.is_plain_term(under) => Some(under),
            _ => None,
        }
    }

    fn is_plain_term(&self, ty: TypeId) -> bool {
        !matches!(
            self.types.get(ty),
            Kind::Unknown
                | Kind::Union(_)
                | Kind::Tilde(_)
                | Kind::Interface(_)
                | Kind::TypeParam(_)
        )
    }

    fn terms(&mut self, ty: TypeId, nesting: u32) -> Terms {
        if nesting > MAX_NESTING {
            return Terms::Unknown;
        }
        let kind = self.types.kind(ty);
        match &*kind {
            Kind::Unknown | Kind::TypeParam(_) => Terms::Unknown,
            Kind::Tilde(x) => Terms::These(vec![*x]),
            Kind::Interface(interface) => {
                // An intersection; the union of the restrictions is larger, so a core type of it is one of both.
                let mut all: Option<Vec<TypeId>> = None;
                for embed in &interface.embeds {
                    match self.terms(*embed, nesting + 1) {
                        Terms::Unknown => return Terms::Unknown,
                        Terms::Any => {}
                        Terms::These(terms) => all.get_or_insert_default().extend(terms),
                    }
                }
                all.map_or(Terms::Any, Terms::These)
            }
            Kind::Union(elems) => {
                let mut all = Vec::new();
                for elem in elems {
                    match self.terms(*elem, nesting + 1) {
                        Terms::These(terms) => all.extend(terms),
                        other => return other,
                    }
                }
                Terms::These(all)
            }
            Kind::Named(..) => {
                let under = self.underlying(ty);
                match self.types.get(under) {
                    Kind::Interface(_) => self.terms(under, nesting + 1),
                    Kind::Unknown => Terms::Unknown,
                    _ => Terms::These(vec![ty]),
                }
            }
            _ => Terms::These(vec![ty]),
        }
    }
}
