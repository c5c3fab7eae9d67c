//! Where an expression stands: its package and file, the local names in scope, and what is recorded of it.

use super::{BodyInfo, Callee, Local, LocalId, LocalKind, Object, TypeId};
use crate::index::Package;
use crate::syntax::ast::{Ident, Name, NodeId, Span};
use std::rc::Rc;
use std::sync::Arc;

/// A package as one worker holds it: cheap to clone, without touching a count that other workers touch.
pub(super) type SharedPackage = Rc<Arc<Package>>;

/// What a local name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entity {
    Variable(TypeId),
    Constant(TypeId),
    Type(TypeId),
}

impl Entity {
    /// Its type, or the type that it is.
    pub(super) fn ty(self) -> TypeId {
        match self {
            Entity::Variable(ty) | Entity::Constant(ty) | Entity::Type(ty) => ty,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name: Name,
    entity: Entity,
    local: Option<LocalId>,
}

/// Where an expression stands. Nothing is recorded unless the context was made by [`Context::recording`], so that
/// types and initialisers of other declarations can be looked at on the way.
pub(super) struct Context {
    pub(super) package: SharedPackage,
    /// Index into the package's files.
    pub(super) file: u32,
    entries: Vec<Entry>,
    scopes: Vec<usize>,
    record: Option<Box<BodyInfo>>,
    blank: Name,
}

impl Context {
    /// At package level of a file.
    pub(super) fn new(package: SharedPackage, file: u32) -> Context {
        Context {
            package,
            file,
            entries: Vec::new(),
            scopes: vec![0],
            record: None,
            blank: Name::from("_"),
        }
    }

    /// At package level of a file, recording what the `nodes` ids of a parse unit mean.
    pub(super) fn recording(package: SharedPackage, file: u32, nodes: u32) -> Context {
        let info = BodyInfo {
            types: vec![TypeId::UNKNOWN; nodes as usize],
            objects: vec![None; nodes as usize],
            ..BodyInfo::default()
        };
        Context {
            record: Some(Box::new(info)),
            ..Context::new(package, file)
        }
    }

    /// Whether something outside the bodies of its file did not parse.
    pub(super) fn in_broken_file(&self) -> bool {
        let file = self.package.files.get(self.file as usize);
        file.is_none_or(|file| file.outline.broken)
    }

    /// What was recorded.
    pub(super) fn finish(self) -> BodyInfo {
        let mut info = self.record.map(|info| *info).unwrap_or_default();
        info.callees.sort_unstable_by_key(|(id, _)| *id);
        info
    }

    /// Whether anything is recorded (then function literals are looked into).
    pub(super) fn is_recording(&self) -> bool {
        self.record.is_some()
    }

    /// Suspends recording until the returned record is given to [`Self::resume`].
    pub(super) fn suspend(&mut self) -> Option<Box<BodyInfo>> {
        self.record.take()
    }

    /// Resumes recording.
    pub(super) fn resume(&mut self, record: Option<Box<BodyInfo>>) {
        self.record = record;
    }

    /// Opens a scope.
    pub(super) fn open(&mut self) {
        self.scopes.push(self.entries.len());
    }

    /// Closes the innermost scope, which ends at `end`.
    pub(super) fn close(&mut self, end: u32) {
        let start = self.scopes.pop().unwrap_or(0);
        if let Some(info) = &mut self.record {
            for entry in &self.entries[start..] {
                if let Some(id) = entry.local {
                    info.locals[id.0 as usize].visible.end = end;
                }
            }
        }
        self.entries.truncate(start);
    }

    /// Makes a name stand for something without recording a declaration (type parameters of other declarations).
    pub(super) fn bind(&mut self, name: Name, entity: Entity) {
        if name != self.blank {
            self.entries.push(Entry {
                name,
                entity,
                local: None,
            });
        }
    }

    /// Declares a local that is visible from `visible` to the end of the innermost scope. The blank identifier
    /// declares nothing.
    pub(super) fn declare(&mut self, ident: Ident, kind: LocalKind, entity: Entity, visible: u32) {
        let local = self.declare_outside(ident.name, ident.span, kind, entity, visible);
        self.note_object(ident.id, local.map(Object::Local));
        self.note_type(ident.id, entity.ty());
    }

    /// As [`Self::declare`], for an identifier that is not a node of the recorded parse unit (parameters of the
    /// function whose body is recorded).
    pub(super) fn declare_outside(
        &mut self,
        name: Name,
        decl: Span,
        kind: LocalKind,
        entity: Entity,
        visible: u32,
    ) -> Option<LocalId> {
        if name == self.blank {
            return None;
        }
        let local = self.record.as_mut().map(|info| {
            let id = LocalId(info.locals.len() as u32);
            let visible = Span {
                start: visible,
                end: visible,
            };
            info.locals.push(Local {
                name,
                kind,
                decl,
                visible,
                ty: entity.ty(),
            });
            id
        });
        self.entries.push(Entry {
            name,
            entity,
            local,
        });
        local
    }

    /// The local that `name` stands for here.
    pub(super) fn find(&self, name: Name) -> Option<(Entity, Option<LocalId>)> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.name == name)
            .map(|entry| (entry.entity, entry.local))
    }

    /// The local that `name` stands for, when the innermost scope itself declares it.
    pub(super) fn find_innermost(&self, name: Name) -> Option<(Entity, Option<LocalId>)> {
        let start = self.scopes.last().copied().unwrap_or(0);
        self.entries[start..]
            .iter()
            .rev()
            .find(|entry| entry.name == name)
            .map(|entry| (entry.entity, entry.local))
    }

    /// Whether it is `_`.
    pub(super) fn is_blank(&self, name: Name) -> bool {
        name == self.blank
    }

    /// Records an expression's type.
    pub(super) fn note_type(&mut self, id: NodeId, ty: TypeId) {
        if let Some(slot) = self
            .record
            .as_mut()
            .and_then(|info| info.types.get_mut(id.0 as usize))
        {
            *slot = ty;
        }
    }

    /// Records what an identifier declares or refers to.
    pub(super) fn note_object(&mut self, id: NodeId, object: Option<Object>) {
        if let Some(slot) = self
            .record
            .as_mut()
            .and_then(|info| info.objects.get_mut(id.0 as usize))
        {
            *slot = object;
        }
    }

    /// Records what a call calls.
    pub(super) fn note_callee(&mut self, id: NodeId, callee: impl FnOnce() -> Callee) {
        if let Some(info) = &mut self.record {
            info.callees.push((id, callee()));
        }
    }
}
