//! Where statements stand: a declared function with its text and meaning, and the unit (the function itself, or a
//! literal in it) that one goroutine runs.

use super::nodes::{self, Node};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Location;
use crate::index::{BodyRef, FileId, FuncRef, PackageId};
use crate::syntax::ast::*;
use crate::types::{Callee, CheckedBody, Checker, Object};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// A declared function, or the initialiser of a package-level variable, that could be read whole.
pub(super) struct Home {
    pub(super) body_ref: BodyRef,
    pub(super) package: PackageId,
    pub(super) file: FileId,
    pub(super) path: PathBuf,
    pub(super) text: Arc<str>,
    /// Of an initialiser: a function of the variable's name that takes nothing and that nobody can call.
    pub(super) decl: Arc<FuncDecl>,
    pub(super) outline: Arc<Outline>,
    pub(super) body: Rc<CheckedBody>,
}

impl Home {
    /// None when there is no body, or one that does not parse.
    pub(super) fn of(types: &Checker<'_>, body_ref: BodyRef) -> Option<Rc<Home>> {
        let id = match body_ref {
            BodyRef::Func(func) => func.package,
            BodyRef::Var(package, _) => package,
        };
        let package = types.world().package(id)?;
        let (file, decl) = match body_ref {
            BodyRef::Func(func) => {
                let declared = package.funcs.get(func.index as usize)?;
                declared.decl.body?;
                (declared.file, declared.decl.clone())
            }
            BodyRef::Var(_, index) => {
                let declared = package.vars.get(index as usize)?;
                (declared.file, initialiser(&declared.decl)?)
            }
        };
        let file = package.files.get(file as usize)?;
        let body = types.body(body_ref)?;
        if body.body.broken || decl.broken {
            return None;
        }
        Some(Rc::new(Home {
            body_ref,
            package: id,
            file: file.id,
            path: file.path.clone(),
            text: types.world().text(file.id),
            decl,
            outline: file.outline.clone(),
            body,
        }))
    }

    /// The function; none for an initialiser.
    pub(super) fn func(&self) -> Option<FuncRef> {
        match self.body_ref {
            BodyRef::Func(func) => Some(func),
            BodyRef::Var(..) => None,
        }
    }

    /// The text of a span.
    pub(super) fn src(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    /// What a call expression calls.
    pub(super) fn callee(&self, call: &Expr) -> &Callee {
        crate::analyse::noreturn::callee(&self.body.info, call.id).unwrap_or(&Callee::Unknown)
    }

    /// What an identifier used as an operand refers to.
    pub(super) fn object(&self, expr: &Expr) -> Option<Object> {
        self.object_of(expr.id)
    }

    /// What the identifier with this id declares or refers to.
    pub(super) fn object_of(&self, id: NodeId) -> Option<Object> {
        self.body.info.objects.get(id.0 as usize).copied().flatten()
    }

    /// The type of an expression of the body.
    pub(super) fn type_of(&self, expr: &Expr) -> crate::types::TypeId {
        let types = &self.body.info.types;
        types
            .get(expr.id.0 as usize)
            .copied()
            .unwrap_or(crate::types::TypeId::UNKNOWN)
    }

    /// A place in this file.
    pub(super) fn at(&self, span: Span) -> Location {
        Location {
            file: self.file,
            span,
        }
    }

    /// The word stands nowhere in the function, comments included: it can be declared anywhere in it.
    pub(super) fn free(&self, word: &str) -> bool {
        !has_word(self.src(self.decl.span), word)
    }

    /// Whether the file may not be changed: its header says that it is generated
    /// (<https://go.dev/s/generatedcode>), or it is vendored.
    pub(super) fn fixed(&self) -> bool {
        fixed_file(&self.path, &self.text)
    }
}

/// A declaration that stands for a variable's initialiser.
fn initialiser(spec: &ValueSpec) -> Option<Arc<FuncDecl>> {
    Some(Arc::new(FuncDecl {
        name: *spec.names.first()?,
        receiver: None,
        type_params: Vec::new(),
        signature: Signature::default().into(),
        body: None,
        span: spec.span,
        broken: false,
    }))
}

/// What one goroutine runs, or a function that it calls.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) home: Rc<Home>,
    /// The literal in it; none for the function itself.
    pub(super) literal: Option<Span>,
}

/// The signature and statements of a [`Run`].
#[derive(Clone, Copy)]
pub(super) struct Unit<'a> {
    pub(super) home: &'a Home,
    pub(super) signature: &'a Signature,
    pub(super) block: &'a Block,
    pub(super) literal: Option<&'a Expr>,
}

impl Run {
    /// Its statements; none when the literal is gone (it cannot be).
    pub(super) fn unit(&self) -> Option<Unit<'_>> {
        let home = &*self.home;
        let Some(span) = self.literal else {
            return Some(Unit {
                home,
                signature: &home.decl.signature,
                block: &home.body.body.block,
                literal: None,
            });
        };
        let expr = nodes::path(&home.body.body, span)
            .into_iter()
            .find_map(|node| match node {
                Node::Expr(e) if e.span == span => Some(e),
                _ => None,
            })?;
        let ExprKind::FuncLit(lit) = &expr.unparen().kind else {
            return None;
        };
        Some(Unit {
            home,
            signature: &lit.signature,
            block: &lit.body,
            literal: Some(expr),
        })
    }
}

/// Whether `word` stands in `text` as a whole identifier.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(word_char) && !after.is_some_and(word_char)
    })
}

fn word_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether a file may not be changed.
pub(super) fn fixed_file(path: &std::path::Path, text: &str) -> bool {
    let vendored = path.components().any(|c| c.as_os_str() == "vendor");
    let header = text.split("\npackage ").next().unwrap_or_default();
    let generated = header
        .lines()
        .any(|l| l.starts_with("// Code generated ") && l.trim_end().ends_with(" DO NOT EDIT."));
    vendored || generated
}

/// How `package` is called in a file; none when the file does not import it.
pub(super) fn import_name(outline: &Outline, paths: &[&str]) -> Option<Result<String, Declined>> {
    let import = outline
        .imports
        .iter()
        .find(|i| paths.contains(&i.path.as_str()))?;
    Some(match &import.alias {
        None => Ok(import
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_string()),
        Some(alias) if alias.name == "." || alias.name == "_" => Err(Declined::NameTaken),
        Some(alias) => Ok(alias.name.to_string()),
    })
}
