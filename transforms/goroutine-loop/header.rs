//! The texts of a function's header and of its calls, with one more parameter in front.

use super::home::Home;
use super::layout;
use super::names;
use super::nodes::{self, Node};
use super::thread::Threading;
use super::tight;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::analyse::references::CallSite;
use crate::syntax::ast::*;
use crate::types::{Checker, TypeId, TypeView};

impl Threading<'_, '_> {
    /// Adds the parameter to the function's header.
    pub(super) fn declare(&mut self, home: &Home, param: &str) -> Result<(), Declined> {
        let signature = &home.decl.signature;
        let open = signature.params_span.start + 1;
        let unnamed = signature.params.iter().any(|p| p.names.is_empty());
        if unnamed {
            for param in &signature.params {
                let at = Span {
                    start: param.span.start,
                    end: param.span.start,
                };
                self.edits.insert((
                    home.file,
                    Edit {
                        span: at,
                        text: "_ ".into(),
                    },
                ));
            }
        }
        let first = signature.params.first().map(|p| p.span);
        let close = signature.params_span.end - 1;
        let text = first_of(&home.text, open, first, close, param)?;
        // Both insertions at one place would have no order.
        let edit = Edit {
            span: Span {
                start: open,
                end: open,
            },
            text,
        };
        if unnamed && first.is_some_and(|f| f.start == open) {
            let at = Span {
                start: open,
                end: open,
            };
            self.edits.remove(&(
                home.file,
                Edit {
                    span: at,
                    text: "_ ".into(),
                },
            ));
            self.edits.insert((
                home.file,
                Edit {
                    span: at,
                    text: format!("{}_ ", edit.text),
                },
            ));
        } else {
            self.edits.insert((home.file, edit));
        }
        Ok(())
    }

    /// Adds the argument to a call.
    pub(super) fn argument(
        &mut self,
        home: &Home,
        call: &CallSite,
        arg: &str,
    ) -> Result<(), Declined> {
        let (open, first) = match (call.method_expr, call.args.as_slice()) {
            (false, args) => (call.lparen + 1, args.first().copied()),
            // The receiver stays first.
            (true, [receiver]) => {
                let at = Span {
                    start: receiver.end,
                    end: receiver.end,
                };
                self.edits.insert((
                    home.file,
                    Edit {
                        span: at,
                        text: format!(", {arg}"),
                    },
                ));
                return Ok(());
            }
            (true, [_, second, ..]) => (second.start, Some(*second)),
            (true, []) => return Err(Declined::Unknown),
        };
        if let ([only], false) = (call.args.as_slice(), call.method_expr) {
            let tight = tight::operators(home, *only)?;
            self.edits
                .extend(tight.into_iter().map(|edit| (home.file, edit)));
        }
        let text = first_of(&home.text, open, first, call.rparen, arg)?;
        self.edits.insert((
            home.file,
            Edit {
                span: Span {
                    start: open,
                    end: open,
                },
                text,
            },
        ));
        Ok(())
    }

    /// `f(g())` where `g` has several results.
    pub(super) fn passes_several(&self, home: &Home, call: &CallSite) -> bool {
        let path = nodes::path(&home.body.body, call.args[0]);
        let arg = path.into_iter().find_map(|node| match node {
            Node::Expr(e) if e.span == call.args[0] => Some(e),
            _ => None,
        });
        arg.is_none_or(|e| {
            matches!(self.types.view(home.type_of(e)), TypeView::Tuple(list) if list.len() != 1)
                || home.type_of(e) == TypeId::UNKNOWN
        })
    }
}

/// `_ context.Context` in the parameters: the name's place.
pub(super) fn blank_context(types: &Checker<'_>, home: &Home) -> Option<Span> {
    let names = home
        .decl
        .signature
        .params
        .iter()
        .filter(|p| matches!(&p.ty.kind, ExprKind::Selector(_, sel) if sel.name == "Context"));
    let ident = names.flat_map(|p| &p.names).find(|n| n.name == "_")?;
    let (package, import) = names::context(types, home).ok()?;
    let ty = home
        .decl
        .signature
        .params
        .iter()
        .find(|p| p.names.iter().any(|n| n.span == ident.span))?;
    (!import && home.src(ty.ty.span) == format!("{package}.Context")).then_some(ident.span)
}

/// What to insert after an opening parenthesis so that `item` comes first, on its own line where the first one is.
pub(super) fn first_of(
    text: &str,
    open: u32,
    first: Option<Span>,
    close: u32,
    item: &str,
) -> Result<String, Declined> {
    let end = first.map_or(close, |f| f.start);
    let gap = &text[open as usize..end as usize];
    if first.is_none() {
        return match gap.trim().is_empty() && !gap.contains('\n') {
            true => Ok(item.to_string()),
            false => Err(Declined::Layout),
        };
    }
    if !gap.contains('\n') {
        return Ok(format!("{item}, "));
    }
    let own_line = gap.trim().is_empty();
    if !own_line {
        return Err(Declined::Layout);
    }
    Ok(format!("\n{}{item},", layout::line_indent(text, end)))
}
