//! A type that is closed or stopped, and that starts the goroutine: it gets a `cancel` field, set where the goroutine
//! starts and called first in `Close`.

use super::fixed;
use super::home::{Home, Unit};
use super::layout;
use super::names;
use super::nodes::{self, Node};
use super::started::Start;
use super::thread::Threading;
use crate::analyse::finding::{Applicability, Edit};
use crate::index::{BodyRef, FuncRef, Package};
use crate::syntax::ast::*;
use crate::types::{Checker, LocalKind, Object, TypeView};
use std::rc::Rc;
use std::sync::Arc;

/// Methods that end a value's life, in the order in which one is taken.
const CLOSERS: &[&str] = &["Close", "Stop", "Shutdown"];

/// Methods that say that a value has another life after it was closed: then its goroutine may have to go on.
const REVIVERS: &[&str] = &["Reset", "Reopen", "Restart", "Open", "Start", "Resume"];

/// Makes the owner of the goroutine stop it. False when it has no life-cycle to hook into, or several starts.
pub(super) fn hook(
    types: &Checker<'_>,
    unit: Unit<'_>,
    starts: &[Start],
    threading: &mut Threading<'_, '_>,
) -> bool {
    let [start] = starts else { return false };
    hook_into(types, unit, start, threading).is_some()
}

fn hook_into(
    types: &Checker<'_>,
    unit: Unit<'_>,
    start: &Start,
    threading: &mut Threading<'_, '_>,
) -> Option<()> {
    let owner = owner(types, unit, start)?;
    let package = types.world().package(start.home.package)?;
    let declared = package
        .types
        .iter()
        .find(|t| t.decl.name.name == owner.base)?;
    let file = package.files.get(declared.file as usize)?;
    let closer = closer(types, &package, owner.base)?;
    if file.id != closer.file && super::home::fixed_file(&file.path, &types.world().text(file.id)) {
        return None;
    }
    if closer.fixed() || start.home.fixed() || unkeyed(types, &package, owner.base) {
        return None;
    }
    let field = field_name(unit, start)?;
    if has_member(types, &package, &declared.decl, &field) {
        return None;
    }
    let field = field.as_str();
    let ctx = names::free(&start.home, &["ctx", "loopCtx", "runCtx"]).ok()?;
    let cancel = names::free(&start.home, &["cancel", "stop"]).ok()?;

    let text = types.world().text(file.id);
    let (in_type, type_import) = names::context_in(&package, &file.outline).ok()?;
    let edits = [
        (
            file.id,
            field_edit(
                &text,
                &declared.decl,
                &format!("{field} {in_type}.CancelFunc"),
            )?,
        ),
        (closer.file, closer_edit(&closer, field)?),
        (
            start.home.file,
            start_edit(
                types,
                &start.home,
                start.site,
                &owner.expr,
                field,
                ctx,
                cancel,
            )?,
        ),
    ];
    let (_, start_import) = names::context(types, &start.home).ok()?;
    threading.edits.extend(edits);
    if type_import {
        threading.imports.insert((file.id, "context"));
    }
    if start_import {
        threading.imports.insert((start.home.file, "context"));
    }
    let revived = REVIVERS
        .iter()
        .any(|m| package.methods.contains_key(&(owner.base, (*m).into())));
    let again = revived && start.home.decl.receiver.is_none();
    if again || closer.decl.name.name == "Stop" && revived {
        threading.trust = threading.trust.max(Applicability::Unsafe);
    }
    let note = format!("{} ends it", closer.decl.name.name);
    threading
        .steps
        .push((closer.at(closer.decl.name.span), note));
    threading.provided = Some((start.home.file, start.site, ctx.to_string()));
    Some(())
}

/// A field for this goroutine alone: two that shared one would overwrite each other's cancel function. Several literals
/// started by one method cannot be told apart.
fn field_name(unit: Unit<'_>, start: &Start) -> Option<String> {
    let capital = |name: &str| {
        let mut chars = name.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string());
        format!("{}{}", first.unwrap_or_default(), chars.as_str())
    };
    if unit.literal.is_none() {
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
        (ExprKind::Selector(base, sel), None) if sel.name == unit.home.decl.name.name => {
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
fn unkeyed(types: &Checker<'_>, package: &Package, base: Name) -> bool {
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
    home: &Home,
    site: Span,
    owner: &str,
    field: &str,
    ctx: &str,
    cancel: &str,
) -> Option<Edit> {
    let (package, _) = names::context(types, home).ok()?;
    let indent = layout::indent(&home.text, site.start).ok()?;
    let text = format!(
        "{ctx}, {cancel} := {package}.WithCancel({package}.Background())\n{indent}{owner}.{field} = {cancel}\n{indent}"
    );
    Some(Edit {
        span: Span {
            start: site.start,
            end: site.start,
        },
        text,
    })
}
