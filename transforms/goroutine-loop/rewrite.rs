//! The edits that make a loop leave on a signal, by what it waits by.

use super::home::{Home, Unit, has_word, import_name};
use super::layout;
use super::names;
use super::shapes::{Kind, Loop, Wait};
use super::spell;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::syntax::ast::*;
use crate::types::{Checker, Object};

/// Edits of the loop's file.
#[derive(Default)]
pub(super) struct Rewrite {
    pub(super) edits: Vec<Edit>,
    pub(super) unsure: bool,
}

/// What the new code says.
pub(super) struct Words<'a> {
    /// What a select receives from: `ctx.Done()`.
    pub(super) done: &'a str,
    /// The return statement.
    pub(super) leave: &'a str,
}

impl Words<'_> {
    /// A select with the done case first and `case` second; `case` may be `default`, and a comment may follow it.
    fn select(&self, indent: &str, case: &str, comment: &str) -> String {
        format!(
            "select {{\n{indent}case <-{}:\n{indent}\t{}\n{indent}{case}:{comment}\n{indent}}}",
            self.done, self.leave
        )
    }
}

/// Makes a wait hear the signal.
pub(super) fn wait(
    types: &Checker<'_>,
    unit: Unit<'_>,
    wait: &Wait<'_>,
    words: &Words<'_>,
    out: &mut Rewrite,
) -> Result<(), Declined> {
    let home = unit.home;
    let text = &home.text;
    let stmt = wait.stmt();
    let indent = layout::indent(text, stmt.span.start)?;
    if let Wait::Select(..) = wait {
        let lines = format!("{indent}case <-{}:\n{indent}\t{}", words.done, words.leave);
        let brace =
            stmt.span.start + text[stmt.span.range()].find('{').ok_or(Declined::Layout)? as u32 + 1;
        out.edits.push(layout::after_brace(text, brace, &lines)?);
        return Ok(());
    }
    let (after_stmt, comment) = layout::trailing(text, stmt.span.end)?;
    if layout::comment_column(text, stmt.span) {
        return Err(Declined::Layout);
    }
    let (before, case) = match wait {
        Wait::Sleep(_, call) => (String::new(), after(home, call)?),
        Wait::Send(_) => (String::new(), home.src(stmt.span).to_string()),
        _ => receive(types, home, stmt, indent)?,
    };
    let comment = match comment {
        "" => String::new(),
        comment => format!(" {comment}"),
    };
    let select = words.select(indent, &format!("case {case}"), &comment);
    out.edits.push(Edit {
        span: Span {
            start: stmt.span.start,
            end: after_stmt.end,
        },
        text: format!("{before}{select}"),
    });
    Ok(())
}

/// `<-time.After(d)` for `time.Sleep(d)`.
fn after(home: &Home, call: &Call) -> Result<String, Declined> {
    let ExprKind::Selector(package, _) = &call.fun.unparen().kind else {
        return Err(Declined::NameTaken);
    };
    let [duration] = call.args.as_slice() else {
        return Err(Declined::Unknown);
    };
    Ok(format!(
        "<-{}.After({})",
        home.src(package.span),
        home.src(duration.span)
    ))
}

/// The declarations that must stand before the select, and the case.
fn receive(
    types: &Checker<'_>,
    home: &Home,
    stmt: &Stmt,
    indent: &str,
) -> Result<(String, String), Declined> {
    let StmtKind::Assign(Assign {
        lhs,
        op: AssignOp::Define,
        rhs,
    }) = &stmt.kind
    else {
        return Ok((String::new(), home.src(stmt.span).to_string()));
    };
    let ExprKind::Unary(UnaryOp::Receive, chan) = &rhs[0].unparen().kind else {
        return Err(Declined::WaitForm);
    };
    let mut before = String::new();
    for (i, ident) in lhs.iter().enumerate() {
        let ExprKind::Ident(name) = &ident.kind else {
            return Err(Declined::WaitForm);
        };
        if !declares(home, ident) {
            continue;
        }
        // The new variable would hide what the channel is made of.
        if has_word(home.src(chan.span), name) {
            return Err(Declined::NameTaken);
        }
        let ty = match i {
            0 => spell::element(types, home, chan, stmt.span.start)?,
            _ => "bool".to_string(),
        };
        before += &format!("var {name} {ty}\n{indent}");
    }
    let names: Vec<&str> = lhs.iter().map(|l| home.src(l.span)).collect();
    Ok((
        before,
        format!("{} = {}", names.join(", "), home.src(rhs[0].span)),
    ))
}

/// Whether the identifier on the left of `:=` is new there.
fn declares(home: &Home, ident: &Expr) -> bool {
    match home.object(ident) {
        Some(Object::Local(local)) => home.body.info.locals[local.0 as usize].decl == ident.span,
        _ => false,
    }
}

/// A check at the top of a loop that would go round without a wait.
pub(super) fn top(
    home: &Home,
    looped: &Loop<'_>,
    words: &Words<'_>,
    out: &mut Rewrite,
) -> Result<(), Declined> {
    let indent = format!("{}\t", layout::indent(&home.text, looped.stmt.span.start)?);
    let lines = format!("{indent}{}", words.select(&indent, "default", ""));
    out.edits.push(into_body(home, looped, &lines)?);
    Ok(())
}

/// Lines at the start of a loop's body.
fn into_body(home: &Home, looped: &Loop<'_>, lines: &str) -> Result<Edit, Declined> {
    let body = looped.body.span;
    let inside = &home.text[body.start as usize + 1..body.end as usize - 1];
    if inside.trim().is_empty() && !inside.contains('\n') {
        let indent = layout::indent(&home.text, looped.stmt.span.start)?;
        let span = Span {
            start: body.start + 1,
            end: body.end - 1,
        };
        return Ok(Edit {
            span,
            text: format!("\n{lines}\n{indent}"),
        });
    }
    layout::after_brace(&home.text, body.start + 1, lines)
}

/// `for range ticker.C`, `for range time.Tick(d)` and `for x := range ch` become endless loops around a select.
pub(super) fn header(
    types: &Checker<'_>,
    home: &Home,
    looped: &Loop<'_>,
    words: &Words<'_>,
    out: &mut Rewrite,
) -> Result<(), Declined> {
    let indent = layout::indent(&home.text, looped.stmt.span.start)?;
    let inner = format!("{indent}\t");
    let range = match looped.kind {
        Kind::Plain => return Ok(()),
        Kind::Ticker(range) | Kind::Tick(range, _) | Kind::Channel(range) => range,
    };
    if looped.followed {
        return Err(Declined::CodeAfterLoop);
    }
    let at = looped.stmt.span.start;
    let ticks = match looped.kind {
        Kind::Tick(_, call) => ticker(home, looped, call, indent, out)?,
        _ => {
            steady(home, looped, &range.subject)?;
            home.src(range.subject.span).to_string()
        }
    };
    let (before, case) = match &range.key {
        None => (String::new(), format!("<-{ticks}")),
        Some(Expr {
            kind: ExprKind::Ident(name),
            ..
        }) if *name == "_" => (String::new(), format!("<-{ticks}")),
        Some(key) if range.define => {
            let name = home.src(key.span);
            if has_word(&ticks, name) {
                return Err(Declined::NameTaken);
            }
            let ty = match looped.kind {
                Kind::Channel(_) => spell::element(types, home, &range.subject, at)?,
                _ => format!("{}.Time", time_package(types, home, at)?),
            };
            (
                format!("var {name} {ty}\n{inner}"),
                format!("{name} = <-{ticks}"),
            )
        }
        Some(key) => (String::new(), format!("{} = <-{ticks}", home.src(key.span))),
    };
    let span = Span {
        start: at,
        end: looped.body.span.start,
    };
    out.edits.push(Edit {
        span,
        text: "for ".into(),
    });
    let lines = format!(
        "{inner}{before}{}",
        words.select(&inner, &format!("case {case}"), "")
    );
    out.edits.push(into_body(home, looped, &lines)?);
    Ok(())
}

/// The name of package time at `offset`.
fn time_package(types: &Checker<'_>, home: &Home, offset: u32) -> Result<String, Declined> {
    let time = import_name(&home.outline, &["time"]).ok_or(Declined::NameTaken)??;
    let meant = types.name_at(&home.body, offset, time.as_str().into());
    match meant {
        Some(Object::Package(_)) => Ok(time),
        _ => Err(Declined::NameTaken),
    }
}

/// A ticker for `time.Tick(d)`, declared before the loop; the name of its channel.
fn ticker(
    home: &Home,
    looped: &Loop<'_>,
    call: &Call,
    indent: &str,
    out: &mut Rewrite,
) -> Result<String, Declined> {
    if looped.label.is_some() {
        return Err(Declined::Layout);
    }
    let ExprKind::Selector(package, _) = &call.fun.unparen().kind else {
        return Err(Declined::NameTaken);
    };
    let [duration] = call.args.as_slice() else {
        return Err(Declined::Unknown);
    };
    // NewTicker panics where Tick returns nil: for a duration that is not positive.
    out.unsure |= !positive(home, duration);
    let name = names::free(home, &["ticker", "tick", "tk"])?;
    let at = looped.stmt.span.start;
    let text = format!(
        "{name} := {}.NewTicker({})\n{indent}defer {name}.Stop()\n{indent}",
        home.src(package.span),
        home.src(duration.span)
    );
    out.edits.push(Edit {
        span: Span { start: at, end: at },
        text,
    });
    Ok(format!("{name}.C"))
}

/// A product of positive literals and units of package time.
fn positive(home: &Home, duration: &Expr) -> bool {
    match &duration.unparen().kind {
        ExprKind::Literal(LiteralKind::Int | LiteralKind::Float) => !home
            .src(duration.span)
            .trim_matches(['0', '.', '_'])
            .is_empty(),
        ExprKind::Binary(BinaryOp::Mul | BinaryOp::Add, a, b) => {
            positive(home, a) && positive(home, b)
        }
        ExprKind::Selector(base, unit) => {
            let time = matches!(home.object(base), Some(Object::Package(_)));
            time && [
                "Nanosecond",
                "Microsecond",
                "Millisecond",
                "Second",
                "Minute",
                "Hour",
            ]
            .contains(&unit.name.as_str())
        }
        _ => false,
    }
}

/// A range evaluates its operand once, the new case each time: the operand must be a plain path that the loop does not
/// assign.
pub(super) fn steady(home: &Home, looped: &Loop<'_>, subject: &Expr) -> Result<(), Declined> {
    let mut part = subject.unparen();
    while let ExprKind::Selector(base, _) = &part.kind {
        part = base.unparen();
    }
    let ExprKind::Ident(root) = &part.kind else {
        return Err(Declined::WaitForm);
    };
    let mut assigned = false;
    super::nodes::each(looped.body, &mut |node| {
        if let super::nodes::Node::Stmt(Stmt {
            kind: StmtKind::Assign(assign),
            ..
        }) = node
        {
            assigned |= assign.lhs.iter().any(|l| {
                home.src(subject.span).starts_with(home.src(l.span))
                    && home.src(l.span).starts_with(root.as_str())
            });
        }
        true
    });
    if assigned {
        Err(Declined::WaitForm)
    } else {
        Ok(())
    }
}

/// The applicability that the rewrite alone allows.
pub(super) fn trust(rewrite: &Rewrite) -> Applicability {
    if rewrite.unsure {
        Applicability::Unsafe
    } else {
        Applicability::Safe
    }
}
