//! Threading a new first parameter `ctx context.Context` up through the callers, until every chain meets a context or
//! a root. All edits belong to one atomic group.

use super::fixed;
use super::home::Home;
use super::layout;
use super::names;
use super::nodes::{self, Node};
use super::origin;
use super::signal;
use super::tight;
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Location};
use crate::analyse::references::{self, CallSite, DeclaredAt};
use crate::index::FileId;
use crate::syntax::ast::*;
use crate::types::{Checker, Object};
use std::collections::{BTreeSet, HashMap};

/// Longest chain of callers that is followed; real chains were at most 6 long.
const LONGEST: usize = 24;

/// Names for the parameter, the first that is free.
const PARAMS: &[&str] = &["ctx", "stopCtx", "runCtx", "loopCtx"];

/// The edits of one threading.
pub(super) struct Threading<'a, 'w> {
    types: &'a Checker<'w>,
    pub(super) edits: BTreeSet<(FileId, Edit)>,
    pub(super) imports: BTreeSet<(FileId, &'static str)>,
    /// Functions that changed, in the order they were met.
    pub(super) steps: Vec<(Location, String)>,
    pub(super) trust: Applicability,
    /// Every chain ended in `main` or a test.
    pub(super) ends_with_process: bool,
    /// A context that another edit makes for everything at this place.
    pub(super) provided: Option<(FileId, Span, String)>,
    done: HashMap<DeclaredAt, String>,
}

impl<'a, 'w> Threading<'a, 'w> {
    pub(super) fn new(types: &'a Checker<'w>) -> Self {
        Threading {
            types,
            edits: BTreeSet::new(),
            imports: BTreeSet::new(),
            steps: Vec::new(),
            trust: Applicability::Safe,
            ends_with_process: false,
            provided: None,
            done: HashMap::new(),
        }
    }

    /// A context expression that is alive at `offset`, made available by edits where there is none.
    pub(super) fn context_at(&mut self, home: &Home, offset: u32) -> Result<String, Declined> {
        if let Some((file, place, name)) = &self.provided
            && *file == home.file
            && place.start <= offset
            && offset < place.end
        {
            return Ok(name.clone());
        }
        let (found, short) = signal::context(self.types, home, &[offset]);
        if let Some((expr, trust)) = found {
            self.trust = self.trust.max(trust);
            self.ends_with_process = false;
            return Ok(expr);
        }
        if short {
            return Err(Declined::ShortContext);
        }
        if origin::is_root(home) {
            return self.at_root(home, offset);
        }
        self.parameter(home)
    }

    fn declared(&self, home: &Home) -> Result<DeclaredAt, Declined> {
        let func = home.func().ok_or(Declined::NoSignal)?;
        references::declared_at(self.types, func).ok_or(Declined::Unknown)
    }

    /// Gives the function a context parameter, and its callers a context to pass.
    fn parameter(&mut self, home: &Home) -> Result<String, Declined> {
        let target = self.declared(home)?;
        if let Some(name) = self.done.get(&target) {
            return Ok(name.clone());
        }
        if self.done.len() >= LONGEST * 8 {
            return Err(Declined::NoSignal);
        }
        let name = names::free(home, PARAMS)?;
        if let Some(ident) = blank_context(self.types, home) {
            self.done.insert(target, name.to_string());
            self.trust = self.trust.max(signal::param_trust(self.types, home));
            self.edits.insert((
                home.file,
                Edit {
                    span: ident,
                    text: name.into(),
                },
            ));
            return Ok(name.into());
        }
        let uses = fixed::changeable(self.types, home)?;
        let (package, import) = names::context(self.types, home)?;
        self.done.insert(target, name.to_string());
        self.trust = self.trust.max(fixed::trust(self.types, home));
        if uses.calls.is_empty() {
            return Err(Declined::NoSignal);
        }
        self.declare(home, &format!("{name} {package}.Context"))?;
        if import {
            self.imports.insert((home.file, "context"));
        }
        self.steps.push((
            home.at(home.decl.name.span),
            format!("{} takes a context", home.decl.name.name),
        ));
        for call in &uses.calls {
            self.pass(call)?;
        }
        Ok(name.into())
    }

    /// Adds the parameter to the function's header.
    fn declare(&mut self, home: &Home, param: &str) -> Result<(), Declined> {
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
    fn pass(&mut self, call: &CallSite) -> Result<(), Declined> {
        let home = Home::of(self.types, call.body).ok_or(Declined::Unknown)?;
        if home.fixed() {
            return Err(Declined::FixedFile);
        }
        if call.lone_call && self.passes_several(&home, call) {
            return Err(Declined::WaitForm);
        }
        let arg = self.context_at(&home, call.at.span.start)?;
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
            let tight = tight::operators(&home, *only)?;
            self.edits
                .extend(tight.into_iter().map(|edit| (home.file, edit)));
        }
        let text = first_of(&home.text, open, first, call.rparen, &arg)?;
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
    fn passes_several(&self, home: &Home, call: &CallSite) -> bool {
        let path = nodes::path(&home.body.body, call.args[0]);
        let arg = path.into_iter().find_map(|node| match node {
            Node::Expr(e) if e.span == call.args[0] => Some(e),
            _ => None,
        });
        arg.is_none_or(|e| {
            matches!(self.types.view(home.type_of(e)), crate::types::TypeView::Tuple(list) if list.len() != 1)
                || home.type_of(e) == crate::types::TypeId::UNKNOWN
        })
    }

    /// A context that ends with the program or the test.
    fn at_root(&mut self, home: &Home, offset: u32) -> Result<String, Declined> {
        if home.fixed() {
            return Err(Declined::FixedFile);
        }
        let target = self.declared(home)?;
        if let Some(name) = self.done.get(&target) {
            return Ok(name.clone());
        }
        let (package, import) = names::context(self.types, home)?;
        let name = match self.background(home, offset, &package)? {
            Some(name) => name,
            None => {
                let name = names::free(home, PARAMS)?;
                let cancel = names::free(home, &["cancel", "stop", "cancelCtx"])?;
                let lines = format!(
                    "\t{name}, {cancel} := {package}.WithCancel({package}.Background())\n\tdefer {cancel}(){}",
                    blank_line(home)
                );
                let brace = home.body.body.block.span.start + 1;
                let edit = layout::after_brace(&home.text, brace, &lines)?;
                self.edits.insert((home.file, edit));
                name.to_string()
            }
        };
        if import {
            self.imports.insert((home.file, "context"));
        }
        self.steps.push((
            home.at(home.decl.name.span),
            format!("{} makes a context that ends with it", home.decl.name.name),
        ));
        self.done.insert(target, name.clone());
        Ok(name)
    }

    /// `ctx := context.Background()` at the top level of the root, in scope at `offset`: made cancellable in place.
    fn background(
        &mut self,
        home: &Home,
        offset: u32,
        package: &str,
    ) -> Result<Option<String>, Declined> {
        for stmt in home
            .body
            .body
            .block
            .stmts
            .iter()
            .take_while(|s| s.span.end <= offset)
        {
            let StmtKind::Assign(Assign {
                lhs,
                op: AssignOp::Define,
                rhs,
            }) = &stmt.kind
            else {
                continue;
            };
            let ([lhs], [rhs]) = (lhs.as_slice(), rhs.as_slice()) else {
                continue;
            };
            let ExprKind::Ident(name) = &lhs.kind else {
                continue;
            };
            let called = self.types.callee_name(home.callee(rhs)).unwrap_or_default();
            if called != "context.Background" && called != "context.TODO" {
                continue;
            }
            let Some(object @ Object::Local(local)) = home.object(lhs) else {
                continue;
            };
            let stays = origin::of(self.types, home, local) == origin::Origin::Never;
            if !stays
                || !names::means(self.types, home, name, object, &[offset])
                || assigned_again(home, object)
            {
                continue;
            }
            let cancel = names::free(home, &["cancel", "stop", "cancelCtx"])?;
            let indent = layout::indent(&home.text, stmt.span.start)?;
            let at = |offset: u32| Span {
                start: offset,
                end: offset,
            };
            let end = layout::line_end(&home.text, stmt.span.end);
            if layout::comment_column(&home.text, stmt.span) {
                return Err(Declined::Layout);
            }
            self.edits.insert((
                home.file,
                Edit {
                    span: at(lhs.span.end),
                    text: format!(", {cancel}"),
                },
            ));
            self.edits.insert((
                home.file,
                Edit {
                    span: rhs.span,
                    text: format!("{package}.WithCancel({package}.Background())"),
                },
            ));
            self.edits.insert((
                home.file,
                Edit {
                    span: at(end),
                    text: format!("\n{indent}defer {cancel}()"),
                },
            ));
            return Ok(Some(name.to_string()));
        }
        Ok(None)
    }
}

fn assigned_again(home: &Home, object: Object) -> bool {
    let mut count = 0;
    nodes::each_of(&home.body.body, &mut |node| {
        if let Node::Stmt(Stmt {
            kind: StmtKind::Assign(assign),
            ..
        }) = node
        {
            count += assign
                .lhs
                .iter()
                .filter(|l| home.object(l) == Some(object))
                .count();
        }
        true
    });
    count > 1
}

/// A blank line between the new lines and the code, unless one is there.
fn blank_line(home: &Home) -> &'static str {
    let brace = home.body.body.block.span.start;
    let rest = &home.text[layout::line_end(&home.text, brace) as usize..];
    let next = rest
        .trim_start_matches('\r')
        .get(1..)
        .and_then(|r| r.lines().next())
        .unwrap_or_default();
    let bare = next.trim().is_empty() || next.trim() == "}";
    if bare { "" } else { "\n" }
}

/// `_ context.Context` in the parameters: the name's place.
fn blank_context(types: &Checker<'_>, home: &Home) -> Option<Span> {
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
fn first_of(
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
