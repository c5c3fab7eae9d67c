//! What `return` must say where the loop is left.

use super::home::Unit;
use super::signal::Signal;
use crate::analyse::declined::Declined;
use crate::syntax::ast::*;
use crate::types::{Checker, LocalKind, Object, TypeId, TypeView};

/// The return statement that fits the unit's results, at these offsets.
pub(super) fn statement(
    types: &Checker<'_>,
    unit: Unit<'_>,
    signal: Option<&Signal>,
    offsets: &[u32],
) -> Result<String, Declined> {
    let results = &unit.signature.results;
    let count: usize = results.iter().map(|p| p.names.len().max(1)).sum();
    if count == 0 {
        return Ok("return".into());
    }
    let err = match signal {
        Some(Signal::Context(ctx)) => format!("{ctx}.Err()"),
        _ => "nil".into(),
    };
    let is_error = |p: &Param| matches!(&p.ty.kind, ExprKind::Ident(name) if name == "error");
    if count == 1 && is_error(&results[0]) {
        return Ok(format!("return {err}"));
    }
    if results
        .iter()
        .any(|p| p.names.iter().any(|n| n.name != "_"))
    {
        let in_scope = |ident: &Ident| {
            offsets
                .iter()
                .all(|&at| match types.name_at(&unit.home.body, at, ident.name) {
                    Some(Object::Local(local)) => {
                        unit.home.body.info.locals[local.0 as usize].kind == LocalKind::Result
                    }
                    _ => false,
                })
        };
        let visible = results
            .iter()
            .flat_map(|p| &p.names)
            .all(|n| n.name == "_" || in_scope(n));
        return if visible {
            Ok("return".into())
        } else {
            Err(Declined::NameTaken)
        };
    }
    let tys = result_types(types, unit);
    let mut values = Vec::new();
    let last = results.len() - 1;
    let mut index = 0;
    for (i, param) in results.iter().enumerate() {
        for _ in 0..param.names.len().max(1) {
            values.push(if i == last && is_error(param) {
                err.clone()
            } else {
                zero(
                    types,
                    unit,
                    param,
                    tys.get(index).copied().unwrap_or(TypeId::UNKNOWN),
                )?
            });
            index += 1;
        }
    }
    Ok(format!("return {}", values.join(", ")))
}

fn result_types(types: &Checker<'_>, unit: Unit<'_>) -> Vec<TypeId> {
    let ty = match unit.literal {
        Some(literal) => unit.home.type_of(literal),
        None => unit
            .home
            .func()
            .map_or(TypeId::UNKNOWN, |func| types.signature(func)),
    };
    match types.view(ty) {
        TypeView::Func(_, _, results) => results,
        _ => Vec::new(),
    }
}

/// The zero value of a type as written (Go spec "The zero value").
fn zero(
    types: &Checker<'_>,
    unit: Unit<'_>,
    param: &Param,
    ty: TypeId,
) -> Result<String, Declined> {
    match &param.ty.kind {
        ExprKind::Star(_)
        | ExprKind::SliceType(_)
        | ExprKind::MapType(..)
        | ExprKind::ChanType(..)
        | ExprKind::FuncType(_)
        | ExprKind::InterfaceType(_) => return Ok("nil".into()),
        _ => {}
    }
    match types.view(types.underlying(ty)) {
        TypeView::Pointer(_)
        | TypeView::Slice(_)
        | TypeView::Map(..)
        | TypeView::Chan(..)
        | TypeView::Func(..)
        | TypeView::Interface => Ok("nil".into()),
        TypeView::Basic("string") => Ok("\"\"".into()),
        TypeView::Basic("bool") => Ok("false".into()),
        TypeView::Basic(name) if NUMBERS.contains(&name) => Ok("0".into()),
        TypeView::Struct(_) | TypeView::Array(_) => {
            Ok(format!("{}{{}}", unit.home.src(param.ty.span)))
        }
        _ => Err(Declined::ReturnValue),
    }
}

/// Go spec "Numeric types".
const NUMBERS: &[&str] = &[
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "byte",
    "rune",
];
