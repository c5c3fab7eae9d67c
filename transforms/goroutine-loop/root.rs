//! The end of a chain of callers: `main` or a test makes a context that ends with it.

use super::ending;
use super::home::Home;
use super::layout;
use super::names;
use super::nodes::{self, Node};
use super::origin;
use super::thread::{PARAMS, Threading};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::syntax::ast::*;
use crate::types::Object;

impl Threading<'_, '_> {
    /// A context that ends with the program or the test.
    pub(super) fn at_root(&mut self, home: &Home, offset: u32) -> Result<String, Declined> {
        if home.fixed() {
            return Err(Declined::FixedFile);
        }
        if !ending::returns_after(self.types, home, offset) {
            self.trust = Applicability::Unsafe;
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
        self.mains |= !origin::is_test(home);
        self.roots
            .extend(self.types.world().import_path(home.package));
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
    let next = layout::next_line(&home.text, home.body.body.block.span.start);
    let bare = next.trim().is_empty() || next.trim() == "}";
    if bare { "" } else { "\n" }
}
