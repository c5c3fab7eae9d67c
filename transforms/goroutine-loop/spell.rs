//! Writing a type as the source of a file would.

use super::home::{Home, import_name};
use crate::analyse::declined::Declined;
use crate::syntax::ast::*;
use crate::types::{Checker, Object, TypeId, TypeView};

/// The element type of a channel expression, as it can be written at `offset`.
pub(super) fn element(
    types: &Checker<'_>,
    home: &Home,
    chan: &Expr,
    offset: u32,
) -> Result<String, Declined> {
    match types.view(types.underlying(home.type_of(chan))) {
        TypeView::Chan(_, elem) => ty(types, home, elem, offset).ok_or(Declined::Unknown),
        _ => Err(Declined::Unknown),
    }
}

/// None when the type is unknown, or has no name here.
fn ty(types: &Checker<'_>, home: &Home, id: TypeId, offset: u32) -> Option<String> {
    let inner = |id| ty(types, home, id, offset);
    match types.view(id) {
        TypeView::Basic(name) if !name.starts_with("untyped") => {
            let object = types.name_at(&home.body, offset, name.into());
            matches!(object, Some(Object::Universe(_))).then(|| name.to_string())
        }
        TypeView::Named(full, args) => {
            let base = named(types, home, &full, offset)?;
            if args.is_empty() {
                return Some(base);
            }
            let args: Option<Vec<String>> = args.into_iter().map(inner).collect();
            Some(format!("{base}[{}]", args?.join(", ")))
        }
        TypeView::Pointer(to) => Some(format!("*{}", inner(to)?)),
        TypeView::Slice(of) => Some(format!("[]{}", inner(of)?)),
        TypeView::Map(k, v) => Some(format!("map[{}]{}", inner(k)?, inner(v)?)),
        TypeView::Chan(ChanDir::Both, of) => match types.view(of) {
            TypeView::Chan(ChanDir::Receive, _) => Some(format!("chan ({})", inner(of)?)),
            _ => Some(format!("chan {}", inner(of)?)),
        },
        TypeView::Chan(ChanDir::Send, of) => Some(format!("chan<- {}", inner(of)?)),
        TypeView::Chan(ChanDir::Receive, of) => Some(format!("<-chan {}", inner(of)?)),
        TypeView::Struct(fields) if fields.is_empty() => Some("struct{}".into()),
        TypeView::Func(params, false, results) => {
            let params: Option<Vec<String>> = params.into_iter().map(inner).collect();
            let results: Option<Vec<String>> = results.into_iter().map(inner).collect();
            let results = match results? {
                list if list.is_empty() => String::new(),
                list if list.len() == 1 => format!(" {}", list[0]),
                list => format!(" ({})", list.join(", ")),
            };
            Some(format!("func({}){results}", params?.join(", ")))
        }
        TypeView::TypeParam(name) => Some(name.to_string()),
        _ => None,
    }
}

fn named(types: &Checker<'_>, home: &Home, full: &str, offset: u32) -> Option<String> {
    let Some((path, name)) = full.rsplit_once('.') else {
        let object = types.name_at(&home.body, offset, full.into());
        return matches!(object, Some(Object::Universe(_))).then(|| full.to_string());
    };
    let package = types.world().package(home.package)?;
    if path == package.path.as_str() {
        let object = types.name_at(&home.body, offset, name.into());
        return matches!(object, Some(Object::Declared(..))).then(|| name.to_string());
    }
    // An import without an alias is called as its package clause says.
    let import = home.outline.imports.iter().find(|i| i.path == path)?;
    let base = match &import.alias {
        Some(_) => import_name(&home.outline, &[path])?.ok()?,
        None => {
            let id = types.world().import(home.package, import.path)?;
            types.world().package(id)?.name.to_string()
        }
    };
    let object = types.name_at(&home.body, offset, base.as_str().into());
    matches!(object, Some(Object::Package(_))).then(|| format!("{base}.{name}"))
}
