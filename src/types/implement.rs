//! Whether types are identical, and whether one implements an interface (Go spec "Type identity", "Implementing an
//! interface").

use super::lookup::Selection;
use super::model::Model;
use super::repr::{FuncType, InterfaceType, Kind, TypeKey};
use super::{Answer, TypeId};
use crate::index::PackageId;
use crate::syntax::ast::Name;

/// How deep types may nest before identity is unknown.
const MAX_NESTING: u32 = 30;

impl Answer {
    /// Both: No wins, then Unknown.
    pub fn and(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Yes, Answer::Yes) => Answer::Yes,
            _ => Answer::Unknown,
        }
    }
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Answer {
        if yes { Answer::Yes } else { Answer::No }
    }
}

/// A method that an interface asks for: name, signature, the package that wrote it.
type Required = (Name, TypeId, Option<PackageId>);

impl Model<'_> {
    /// Whether values of type `ty` implement `interface`.
    pub(super) fn implements(&mut self, ty: TypeId, interface: TypeId) -> Answer {
        let under = self.underlying(interface);
        let mut required = Vec::new();
        if self.types.has_unknown(ty) || !self.required_methods(under, &mut required, 0) {
            return Answer::Unknown;
        }
        let mut answer = Answer::Yes;
        for (name, signature, package) in required {
            let this = match self.select(ty, name, package) {
                // A type parameter has the methods of its constraint, whatever their receivers are.
                Selection::Method {
                    by_address: true, ..
                } => Answer::No,
                Selection::Method {
                    signature: found, ..
                } => self.identical(found, signature, 0),
                Selection::Field(_) | Selection::No => Answer::No,
                Selection::Unknown => Answer::Unknown,
            };
            answer = answer.and(this);
        }
        answer
    }

    /// The methods of an interface, embedded ones included; false when they are not all known or when it is no
    /// basic interface (Go spec "General interfaces").
    fn required_methods(&mut self, ty: TypeId, required: &mut Vec<Required>, nesting: u32) -> bool {
        let kind = self.types.kind(ty);
        let Kind::Interface(InterfaceType {
            package,
            methods,
            embeds,
            ..
        }) = &*kind
        else {
            return false;
        };
        if nesting > MAX_NESTING {
            return false;
        }
        required.extend(
            methods
                .iter()
                .map(|(name, signature)| (*name, *signature, *package)),
        );
        embeds.iter().all(|embed| {
            let under = self.underlying(*embed);
            self.required_methods(under, required, nesting + 1)
        })
    }

    /// Whether two types are identical.
    pub(super) fn identical(&mut self, x: TypeId, y: TypeId, nesting: u32) -> Answer {
        if self.types.has_unknown(x) || self.types.has_unknown(y) || nesting > MAX_NESTING {
            return Answer::Unknown;
        }
        let (x_kind, y_kind) = (self.types.kind(x), self.types.kind(y));
        let nesting = nesting + 1;
        match (&*x_kind, &*y_kind) {
            // Lengths are not kept.
            (Kind::Array(a), Kind::Array(b)) => {
                Answer::Unknown.and(self.identical(*a, *b, nesting))
            }
            (Kind::Named(a, xs), Kind::Named(b, ys)) => self
                .same_declaration(*a, *b)
                .and(self.all_identical(xs, ys, nesting)),
            (Kind::Pointer(a), Kind::Pointer(b)) | (Kind::Slice(a), Kind::Slice(b)) => {
                self.identical(*a, *b, nesting)
            }
            (Kind::Chan(d, a), Kind::Chan(e, b)) => {
                Answer::from(d == e).and(self.identical(*a, *b, nesting))
            }
            (Kind::Map(k, v), Kind::Map(l, w)) => self
                .identical(*k, *l, nesting)
                .and(self.identical(*v, *w, nesting)),
            (Kind::Func(a), Kind::Func(b)) => self.same_signature(a, b, nesting),
            (Kind::Struct(..), Kind::Struct(..)) | (Kind::Interface(_), Kind::Interface(_)) => {
                if x == y { Answer::Yes } else { Answer::Unknown }
            }
            // Parameters of two generic methods cannot be compared by their ids.
            (Kind::TypeParam(_), Kind::TypeParam(_)) if x != y => Answer::Unknown,
            _ => Answer::from(x == y),
        }
    }

    fn same_signature(&mut self, a: &FuncType, b: &FuncType, nesting: u32) -> Answer {
        Answer::from(a.variadic == b.variadic)
            .and(self.all_identical(&a.params, &b.params, nesting))
            .and(self.all_identical(&a.results, &b.results, nesting))
    }

    fn all_identical(&mut self, xs: &[TypeId], ys: &[TypeId], nesting: u32) -> Answer {
        if xs.len() != ys.len() {
            return Answer::No;
        }
        xs.iter().zip(ys).fold(Answer::Yes, |answer, (x, y)| {
            answer.and(self.identical(*x, *y, nesting))
        })
    }

    /// A package with its in-package tests declares the types of the plain one again, and they are the same; under
    /// another build configuration they may or may not be.
    fn same_declaration(&mut self, a: TypeKey, b: TypeKey) -> Answer {
        let (a, b) = (self.plain_key(a), self.plain_key(b));
        if a == b {
            return Answer::Yes;
        }
        if let (TypeKey::Declared(p, _), TypeKey::Declared(q, _)) = (a, b)
            && p != q
            && self.type_name(a) == self.type_name(b)
        {
            return Answer::Unknown;
        }
        Answer::No
    }

    /// The key of the same type in the package without tests (see [`crate::index::Package::plain`]).
    pub(super) fn plain_key(&mut self, key: TypeKey) -> TypeKey {
        let TypeKey::Declared(id, index) = key else {
            return key;
        };
        let plain = self.package(id).and_then(|package| package.plain);
        match plain.and_then(|plain| self.package(plain)) {
            Some(plain) if (index as usize) < plain.types.len() => {
                TypeKey::Declared(plain.id, index)
            }
            _ => key,
        }
    }
}
