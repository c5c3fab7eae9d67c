//! A type that is closed or stopped, and that starts the goroutine: it gets a `cancel` field, set where the goroutine
//! starts and called first in `Close`.

use super::byvalue;
use super::construct;
use super::fixed;
use super::home::{Home, Unit};
use super::layout;
use super::names;
use super::nodes::{self, Node};
use super::started::Start;
use super::thread::Threading;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::index::{BodyRef, FileId, FuncRef, Package};
use crate::syntax::ast::*;
use crate::types::{Checker, LocalKind, Object, TypeView};
use std::rc::Rc;
use std::sync::Arc;

/// Methods that end a value's life, in the order in which one is taken.
const CLOSERS: &[&str] = &["Close", "Stop", "Shutdown"];

/// Methods that say that a value has another life after it was closed: then its goroutine may have to go on.
const REVIVERS: &[&str] = &["Reset", "Reopen", "Restart", "Open", "Start", "Resume"];

/// Makes the owner of the goroutine stop it. An error when it has no life-cycle to hook into, or when several places
/// start it.
pub(super) fn hook(
    types: &Checker<'_>,
    unit: Unit<'_>,
    starts: &[Start],
    threading: &mut Threading<'_, '_>,
) -> Result<(), Declined> {
    let [start] = starts else {
        return Err(Declined::NoSignal);
    };
    let plan = Plan::of(types, unit, start).ok_or(Declined::NoSignal)?;
    let package = types
        .world()
        .package(start.home.package)
        .ok_or(Declined::Unknown)?;
    if byvalue::relied_on(types, &package, &plan.decl) {
        return Err(Declined::ComparedByValue);
    }
    plan.carry_out(types, start, threading)
}

/// Everything that a cancel field needs.
struct Plan {
    owner: Owner,
    decl: Arc<TypeDecl>,
    file: FileId,
    /// The file that declares the type.
    outline: Arc<Outline>,
    closer: Rc<Home>,
    field: String,
    /// The value can have another life after it was closed, or nobody knows that it is started before it is closed.
    doubtful: bool,
}

impl Plan {
    fn of(types: &Checker<'_>, unit: Unit<'_>, start: &Start) -> Option<Plan> {
        let owner = owner(types, unit, start)?;
        let package = types.world().package(start.home.package)?;
        let declared = package
            .types
            .iter()
            .find(|t| t.decl.name.name == owner.base)?;
        let file = package.files.get(declared.file as usize)?;
        let closer = closer(types, &package, owner.base)?;
        let text = types.world().text(file.id);
        let fixed = super::home::fixed_file(&file.path, &text);
        if fixed || closer.fixed() || start.home.fixed() || unkeyed(types, &package, owner.base) {
            return None;
        }
        let field = field_name(unit, start)?;
        if has_member(types, &package, &declared.decl, &field) {
            return None;
        }
        let mut names = REVIVERS.iter().map(|m| (owner.base, Name::from(m)));
        let revived = names.any(|method| package.methods.contains_key(&method));
        let fresh = construct::only(types, &start.home, &owner.expr);
        Some(Plan {
            doubtful: !fresh || (revived && start.home.decl.receiver.is_none()),
            owner,
            decl: declared.decl.clone(),
            file: file.id,
            outline: file.outline.clone(),
            closer,
            field,
        })
    }

    fn carry_out(
        &self,
        types: &Checker<'_>,
        start: &Start,
        threading: &mut Threading<'_, '_>,
    ) -> Result<(), Declined> {
        let ctx = names::free(&start.home, &["ctx", "loopCtx", "runCtx"])?;
        let cancel = names::free(&start.home, &["cancel", "stop"])?;
        let package = types
            .world()
            .package(start.home.package)
            .ok_or(Declined::Unknown)?;
        let text = types.world().text(self.file);
        let (in_type, type_import) = names::context_in(&package, &self.outline)?;
        let (_, start_import) = names::context(types, &start.home)?;
        let field = format!("{} {in_type}.CancelFunc", self.field);
        let closer = &self.closer;
        let edits = [
            (self.file, field_edit(&text, &self.decl, &field)),
            (closer.file, closer_edit(closer, &self.field)),
            (
                start.home.file,
                start_edit(types, start, &self.owner.expr, &self.field, (ctx, cancel)),
            ),
        ];
        for (file, edit) in edits {
            threading
                .edits
                .insert((file, edit.ok_or(Declined::Layout)?));
        }
        if type_import {
            threading.imports.insert((self.file, "context"));
        }
        if start_import {
            threading.imports.insert((start.home.file, "context"));
        }
        if self.doubtful {
            threading.trust = Applicability::Unsafe;
        }
        let note = format!("{} ends it", closer.decl.name.name);
        threading
            .steps
            .push((closer.at(closer.decl.name.span), note));
        threading.provide(start.home.file, start.site, ctx);
        Ok(())
    }
}

/// A field for this goroutine alone: two that shared one would overwrite each other's cancel function. Several literals
/// started by one method cannot be told apart.
fn field_name(unit: Unit<'_>, start: &Start) -> Option<String> {
    let capital = |name: &str| {
        let mut chars = name.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string());
        format!("{}{}", first.unwrap_or_default(), chars.as_str())
    };
    if unit.literal.is_none() || unit.home.body_ref != start.home.body_ref {
        return Some(format!("cancel{}", capital(&unit.home.decl.name.name)));
    }
    let mut started = 0;
    nodes::each_of(&start.home.body.body, &mut |node| {
        started += u32::from(matches!(
            node,
            Node::Stmt(Stmt {
                kind: StmtKind::Go(_),
                ..
            })
        ));
        true
    });
    (started == 1).then(|| format!("cancel{}Loop", capital(&start.home.decl.name.name)))
}

/// The value that starts the goroutine.
struct Owner {
    /// Its type's name.
    base: Name,
    /// The value at the start, as Go source.
    expr: String,
}

/// `go x.loop()` with a local `x`, or a literal in a method.
fn owner(types: &Checker<'_>, unit: Unit<'_>, start: &Start) -> Option<Owner> {
    let home = &start.home;
    let path = nodes::path(&home.body.body, start.site);
    let in_loop = path.iter().any(|n| {
        matches!(
            n,
            Node::Stmt(Stmt {
                kind: StmtKind::For(_) | StmtKind::Range(_),
                ..
            })
        )
    });
    let call = path.iter().find_map(|node| match node {
        Node::Stmt(Stmt {
            kind: StmtKind::Go(call),
            span,
        }) if *span == start.site => Some(call.unparen()),
        _ => None,
    })?;
    let ExprKind::Call(inner) = &call.kind else {
        return None;
    };
    if in_loop {
        return None;
    }
    let var = match (&inner.fun.unparen().kind, unit.literal) {
        // The method itself has the loop, or a literal in it that it calls.
        (ExprKind::Selector(base, sel), _) if sel.name == unit.home.decl.name.name => {
            let ExprKind::Ident(name) = &base.kind else {
                return None;
            };
            let Some(Object::Local(local)) = home.object(base) else {
                return None;
            };
            let receiver = unit.home.decl.receiver.as_ref()?;
            // The loop's receiver must be the very value, not a copy of another type's.
            (named_type(types, home, local.0)? == receiver.base.name)
                .then_some((*name, receiver.base.name))
        }
        (ExprKind::FuncLit(_), Some(literal)) if literal.span == inner.fun.unparen().span => {
            let receiver = home.decl.receiver.as_ref()?;
            let name = receiver.name.filter(|n| n.name != "_")?;
            let index = home
                .body
                .info
                .locals
                .iter()
                .position(|l| l.kind == LocalKind::Receiver)?;
            let object = Object::Local(crate::types::LocalId(index as u32));
            let pointer = receiver.pointer
                && names::means(types, home, &name.name, object, &[start.site.start]);
            pointer.then_some((name.name, receiver.base.name))
        }
        _ => None,
    };
    let (name, base) = var?;
    Some(Owner {
        base,
        expr: name.to_string(),
    })
}

fn named_type(types: &Checker<'_>, home: &Home, local: u32) -> Option<Name> {
    let local = home.body.info.locals.get(local as usize)?;
    let TypeView::Pointer(to) = types.view(local.ty) else {
        return None;
    };
    let TypeView::Named(full, _) = types.view(to) else {
        return None;
    };
    let package = types.world().import_path(home.package)?;
    full.strip_prefix(package.as_str())?
        .strip_prefix('.')
        .map(Name::from)
}

fn closer(types: &Checker<'_>, package: &Arc<Package>, base: Name) -> Option<Rc<Home>> {
    let index = CLOSERS
        .iter()
        .find_map(|name| package.methods.get(&(base, (*name).into())))?;
    let home = Home::of(
        types,
        BodyRef::Func(FuncRef {
            package: package.id,
            index: *index,
        }),
    )?;
    let receiver = home.decl.receiver.as_ref()?;
    let named = receiver.name.is_some_and(|n| n.name != "_");
    (named && receiver.pointer && fixed::single(types, &home)).then_some(home)
}

/// Whether a field of this name would meet another one: of the type, promoted into it, or promoted with it into a type
/// that embeds it.
fn has_member(types: &Checker<'_>, package: &Package, decl: &TypeDecl, name: &str) -> bool {
    let embeds = |fields: &[Field], base: Option<Name>| {
        fields.iter().any(|f| {
            let ty = match &f.ty.kind {
                ExprKind::Star(to) => to,
                _ => &f.ty,
            };
            let wanted = base.is_none_or(|b| matches!(ty.kind, ExprKind::Ident(n) if n == b));
            f.names.is_empty() && wanted
        })
    };
    let ExprKind::StructType(fields) = &decl.rhs.kind else {
        return true;
    };
    let embedded = embeds(fields, None)
        || package.types.iter().any(|t| match &t.decl.rhs.kind {
            ExprKind::StructType(fields) => embeds(fields, Some(decl.name.name)),
            _ => false,
        });
    let field = fields.iter().flat_map(|f| &f.names).any(|n| n.name == name);
    let taken = |file: &crate::index::PackageFile| {
        super::home::has_word(&types.world().text(file.id), name)
    };
    field
        || package.methods.contains_key(&(decl.name.name, name.into()))
        || (embedded && package.files.iter().any(taken))
}

/// Whether the package writes a literal of the type without keys: a new field would break it.
pub(super) fn unkeyed(types: &Checker<'_>, package: &Package, base: Name) -> bool {
    package.files.iter().any(|file| {
        let text = types.world().text(file.id);
        crate::analyse::references::word_offsets(&text, &base)
            .into_iter()
            .any(|at| {
                let rest = text[at as usize + base.len()..].strip_prefix('{');
                let first = rest.map(str::trim_start).unwrap_or("}");
                let word = first
                    .find(|c: char| !(c == '_' || c.is_alphanumeric()))
                    .unwrap_or(first.len());
                !first.starts_with('}')
                    && !first.starts_with("//")
                    && !first[word..].trim_start().starts_with(':')
            })
    })
}

/// The field, in a section of its own so that gofmt's columns stay.
fn field_edit(text: &str, decl: &TypeDecl, field: &str) -> Option<Edit> {
    let close = decl.rhs.span.end - 1;
    if !text[decl.rhs.span.range()].contains('\n') {
        return one_line_field(text, decl, field);
    }
    let indent = layout::indent(text, close).ok()?;
    let start = close - indent.len() as u32;
    let before = text[..start as usize].trim_end_matches(['\n', '\r']);
    let gap = text[before.len()..start as usize].matches('\n').count();
    let blank = if before.ends_with('{') || gap > 1 {
        ""
    } else {
        "\n"
    };
    Some(Edit {
        span: Span { start, end: start },
        text: format!("{blank}{indent}\t{field}\n"),
    })
}

/// The field in a struct on one line, which has one field or none.
fn one_line_field(text: &str, decl: &TypeDecl, field: &str) -> Option<Edit> {
    let ExprKind::StructType(fields) = &decl.rhs.kind else {
        return None;
    };
    let own = match fields.as_slice() {
        [] => String::new(),
        [one] => format!("\t{}\n\n", &text[one.span.range()]),
        _ => return None,
    };
    let source = &text[decl.rhs.span.range()];
    let open = decl.rhs.span.start + source.find('{')? as u32;
    let inside = &source[source.find('{')? + 1..source.len() - 1];
    let plain = fields
        .first()
        .map_or("", |one| &text[one.span.range()])
        .trim()
        == inside.trim();
    let top = layout::line_indent(text, decl.rhs.span.start).is_empty();
    (plain && top).then(|| Edit {
        // gofmt puts a blank before the brace of a struct of several lines.
        span: Span {
            start: open,
            end: decl.rhs.span.end - 1,
        },
        text: format!(
            "{}{{\n{own}\t{field}\n",
            if text[..open as usize].ends_with(' ') {
                ""
            } else {
                " "
            }
        ),
    })
}

/// The call, first in the method: a nil field means that nothing was started.
fn closer_edit(closer: &Home, field: &str) -> Option<Edit> {
    let receiver = closer.decl.receiver.as_ref()?.name?;
    let name = receiver.name;
    let lines = format!("\tif {name}.{field} != nil {{\n\t\t{name}.{field}()\n\t}}");
    let block = &closer.body.body.block;
    let inside = Span {
        start: block.span.start + 1,
        end: block.span.end - 1,
    };
    let source = closer.src(inside);
    if source.contains('\n') {
        return layout::after_brace(&closer.text, inside.start, &lines).ok();
    }
    match block.stmts.as_slice() {
        [] if source.trim().is_empty() => Some(Edit {
            span: inside,
            text: format!("\n{lines}\n"),
        }),
        [one] if source.trim() == closer.src(one.span) => Some(Edit {
            span: inside,
            text: format!("\n{lines}\n\t{}\n", closer.src(one.span)),
        }),
        _ => None,
    }
}

fn start_edit(
    types: &Checker<'_>,
    start: &Start,
    owner: &str,
    field: &str,
    (ctx, cancel): (&str, &str),
) -> Option<Edit> {
    let at = start.site.start;
    let (package, _) = names::context(types, &start.home).ok()?;
    let indent = layout::indent(&start.home.text, at).ok()?;
    let text = format!(
        "{ctx}, {cancel} := {package}.WithCancel({package}.Background())\n{indent}{owner}.{field} = {cancel}\n{indent}"
    );
    Some(Edit {
        span: Span { start: at, end: at },
        text,
    })
}
