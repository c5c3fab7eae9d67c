//! `context-call`: a call that blocks and does not hear the context that is at hand.
//!
//! [`table`] lists the calls that have a context-taking sibling, [`scope`] finds the context and says where none may be
//! passed, [`get`] writes what `http.Get` becomes,
//! [`request`] tells a request that is sent at once from one that gets its context later.

mod get;
mod request;
mod scope;
mod table;

use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Finding, Fix, Location, Severity, Verdict};
use crate::analyse::ownership::Tree;
use crate::analyse::transform::{Extent, Setup, Subject, Transform, no_table};
use crate::syntax::ast::*;
use crate::syntax::visit::Node;
use crate::types::LocalKind;
use scope::Context;
use table::{FixKind, Sibling};

/// The transform.
pub(super) const CONTEXT_CALL: Transform = Transform {
    id: "context-call",
    summary: "a blocking call that ignores the context at hand, where a sibling takes one",
    readme: include_str!("README.md"),
    candidates,
    literals: LITERALS,
    extent: Extent::File,
    decide,
    configure: no_table,
    survey: None,
};

/// How the names of the calls stand in a text (a test compares them with the table).
#[rustfmt::skip]
const LITERALS: &[&str] = &[
    "Begin(", "Command(", "Dial(", "Exec(", "Get(", "Handshake(", "Head(", "LookupAddr(", "LookupCNAME(",
    "LookupHost(", "LookupMX(", "LookupNS(", "LookupPort(", "LookupSRV(", "LookupTXT(", "NewRequest(", "Ping(",
    "Prepare(", "Preparex(", "Query(", "QueryRow(", "QueryRowx(", "Queryx(", "Select(",
];

/// Calls of a name that the table has.
fn candidates(node: Node<'_>, _: &str, _: &Setup, offer: &mut dyn FnMut(Span)) {
    if let Node::Expr(x) = node
        && let ExprKind::Call(call) = &x.kind
        && let ExprKind::Selector(_, name) = &call.fun.kind
        && (table::has_name(&name.name) || get::METHODS.contains(&name.name.as_str()))
    {
        offer(x.span);
    }
}

fn decide(subject: &Subject<'_>, candidate: Span) -> Option<Finding> {
    let tree = Tree::new(&subject.body);
    let x = tree.expr_of(tree.call_at(candidate)?.id)?;
    let callee = subject.types.callee_name(tree.callee(x)?)?;
    let sibling = table::sibling(&callee);
    if sibling.is_none() && !get::is_get(&callee) {
        return None;
    }
    let context = Context::at(subject, &tree, x)?;
    if callee == "net/http.NewRequest" && !request::is_sent_here(subject.types, &tree, x) {
        return None;
    }
    let text = subject.world.text(subject.file);
    let verdict = match sibling {
        Some(sibling) => replaced(subject, &text, &context, sibling, x),
        None => get::fix(subject, &tree, &text, &context, x),
    };
    let name = callee.rsplit('/').next().unwrap_or(&callee);
    let name = name.trim_start_matches("(*").replacen(").", ".", 1);
    Some(Finding {
        rule: CONTEXT_CALL.id,
        at: Location {
            file: subject.file,
            span: x.span,
        },
        message: format!(
            "{name} blocks without regard to {}, which is in scope",
            context.name
        ),
        severity: Severity::Info,
        related: vec![(
            Location {
                file: subject.file,
                span: context.decl,
            },
            format!("{} is declared here", context.name),
        )],
        verdict: match verdict {
            Ok(fix) => Verdict::Fix(fix),
            Err(reason) => Verdict::Declined(reason),
        },
    })
}

/// The call with the sibling's name and the context as first argument.
fn replaced(
    subject: &Subject<'_>,
    text: &str,
    context: &Context,
    sibling: &Sibling,
    x: &Expr,
) -> Result<Fix, Declined> {
    let ExprKind::Call(call) = &x.kind else {
        return Err(Declined::Layout);
    };
    let ExprKind::Selector(base, name) = &call.fun.kind else {
        return Err(Declined::Layout);
    };
    let mut edits = vec![Edit {
        span: name.span,
        text: sibling.to.clone(),
    }];
    if let Some(receiver) = &sibling.receiver {
        let package = text.get(base.span.range()).unwrap_or_default();
        edits.push(Edit {
            span: base.span,
            text: receiver.replace("{pkg}", package),
        });
    }
    let open = call.lparen + 1;
    let rest = text.get(open as usize..).unwrap_or_default();
    let separator = match &call.args[..] {
        [] => "",
        _ if rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') => ",",
        _ => ", ",
    };
    edits.push(Edit {
        span: Span {
            start: open,
            end: open,
        },
        text: format!("{}{separator}", context.name),
    });
    for argument in &sibling.arguments {
        let end = call.args.last().map_or(open, |last| last.span.end);
        edits.push(Edit {
            span: Span { start: end, end },
            text: format!(", {argument}"),
        });
    }
    edits.dedup_by(|b, a| {
        // Two insertions at one place: `Begin()`.
        let same = a.span == b.span;
        if same {
            a.text.push_str(&b.text);
        }
        same
    });
    Ok(Fix {
        applicability: applicability(context, sibling.fix),
        title: format!("call {} with {}", sibling.to, context.name),
        edits: edits.into_iter().map(|edit| (subject.file, edit)).collect(),
        imports: Vec::new(),
    })
}

/// A context that the caller passed is meant for what the function does; one that the function made may end before what
/// the call returns is used up.
fn applicability(context: &Context, fix: FixKind) -> Applicability {
    match (fix, context.kind) {
        (FixKind::Safe, LocalKind::Param) => Applicability::Safe,
        _ => Applicability::Unsafe,
    }
}
