//! gofmt's spacing of a call's argument once it is no longer the only one: `f(n + 1)`, but `f(ctx, n+1)` (go/printer,
//! `binaryExpr`: in a list of several, sums and products lose their blanks, comparisons keep them).

use super::home::Home;
use super::nodes::{self, Node};
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::*;

/// The edits that take the blanks out of the argument at `span`.
pub(super) fn operators(home: &Home, span: Span) -> Result<Vec<Edit>, Declined> {
    let path = nodes::path(&home.body.body, span);
    let arg = path.into_iter().rev().find_map(|node| match node {
        Node::Expr(e) if e.span == span => Some(e),
        _ => None,
    });
    let mut edits = Vec::new();
    tighten(home, arg.ok_or(Declined::Layout)?, &mut edits)?;
    Ok(edits)
}

fn tighten(home: &Home, expr: &Expr, edits: &mut Vec<Edit>) -> Result<(), Declined> {
    match &expr.kind {
        ExprKind::Binary(op, a, b) => {
            tighten(home, a, edits)?;
            tighten(home, b, edits)?;
            if sums_or_multiplies(*op) {
                edits.extend(blanks(home, a.span.end, b)?);
            }
        }
        ExprKind::Selector(e, _)
        | ExprKind::Star(e)
        | ExprKind::Unary(_, e)
        | ExprKind::TypeAssert(e, _) => {
            tighten(home, e, edits)?;
        }
        // An argument of several is tight already.
        ExprKind::Call(call) => {
            tighten(home, &call.fun, edits)?;
            if let [only] = call.args.as_slice() {
                tighten(home, only, edits)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn sums_or_multiplies(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(
        op,
        Add | Sub | Or | Xor | Mul | Div | Rem | Shl | Shr | And | AndNot
    )
}

/// The blanks on both sides of the operator between `left` and the operand `right`.
fn blanks(home: &Home, left: u32, right: &Expr) -> Result<Vec<Edit>, Declined> {
    let between = Span {
        start: left,
        end: right.span.start,
    };
    let source = home.src(between);
    let op = source.trim();
    // `a - -b` and `a / *b` keep theirs; comments and line breaks have rules of their own.
    if matches!(right.kind, ExprKind::Unary(..) | ExprKind::Star(_))
        || op.contains(char::is_whitespace)
        || source.contains('\n')
    {
        return Err(Declined::Layout);
    }
    let before = source.len() - source.trim_start().len();
    let after = source.len() - source.trim_end().len();
    let mut edits = Vec::new();
    for (start, len) in [(left, before), (right.span.start - after as u32, after)] {
        if len > 0 {
            edits.push(Edit {
                span: Span {
                    start,
                    end: start + len as u32,
                },
                text: String::new(),
            });
        }
    }
    Ok(edits)
}
