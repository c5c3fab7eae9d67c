//! Results that nobody wants are released where they come.

use super::super::acquire::Bound;
use super::super::leak::nil_check;
use super::{Case, Rewrite};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit};
use crate::syntax::ast::*;
use crate::types::TypeView;

/// What nobody else notices the end of, so that it may be closed at once. (The peer of a connection does, and a listener
/// may hold a port.)
const AT_ONCE: &[&str] = &["body", "file", "rows", "statement"];

impl Case<'_, '_> {
    /// Released as soon as it is there, under a name of its own.
    pub(super) fn release_at_once(&self) -> Result<Rewrite, Declined> {
        let family = self.acquisition.resource.family.as_str();
        let plain = AT_ONCE.contains(&family)
            && !self.acquisition.resource.context
            && !self.is_one_of_several();
        match self.acquisition.holder {
            _ if !plain => Err(Declined::ResultDropped),
            Bound::Dropped => self.named_in_if(),
            Bound::Blank(_) => self.released_in_check(),
            _ => Err(Declined::ResultDropped),
        }
    }

    /// `http.Get(url)` becomes `if resp, err := http.Get(url); err == nil { resp.Body.Close() }`.
    fn named_in_if(&self) -> Result<Rewrite, Declined> {
        let why = Declined::ResultDropped;
        let call = self.acquisition.call;
        let (block, ix) = self
            .tree
            .place_of(self.acquisition.stmt)
            .and_then(|it| it.list)
            .ok_or(why)?;
        let line = self.search(|search| search.line_between(block, ix))?;
        let results = match self
            .tree
            .type_of(call)
            .map(|ty| self.subject.types.view(ty))
        {
            Some(TypeView::Tuple(results)) => results.len(),
            _ => return Err(why),
        };
        let error = self.acquisition.resource.error;
        let two = results == 2 && self.acquisition.resource.result == 0;
        let fun = match &call.kind {
            ExprKind::Call(it) => &self.text[it.fun.span.range()],
            _ => return Err(why),
        };
        // A composite literal would be read as the block of the `if`.
        if !two || error != super::super::table::ErrorResult::At(1) || fun.contains('{') {
            return Err(why);
        }
        if line.offset != call.span.end {
            return Err(Declined::Layout);
        }
        let name = self.usual_names()[0];
        let release = self.release_of(name);
        let at = |offset: u32, text: String| Edit {
            span: Span {
                start: offset,
                end: offset,
            },
            text,
        };
        let (newline, indent) = (line.newline, &line.indent);
        let edits = vec![
            at(call.span.start, format!("if {name}, err := ")),
            at(
                call.span.end,
                format!("; err == nil {{{newline}{indent}\t{release}{newline}{indent}}}"),
            ),
        ];
        Ok((
            Applicability::Safe,
            format!("call {release} at once"),
            edits,
        ))
    }

    /// `_, err := http.Get(url)`, where no place that follows is on success only: `if err == nil { resp.Body.Close() }`,
    /// or an `else` of the check in whose `if` the call stands.
    fn released_in_check(&self) -> Result<Rewrite, Declined> {
        let why = Declined::ResultDropped;
        let Some(Bound::Local(error, _, error_name)) = self.acquisition.error else {
            return Err(why);
        };
        let place = self.tree.place_of(self.acquisition.stmt).ok_or(why)?;
        let (name, mut edits) = self.name()?;
        let release = self.release_of(&name);
        let title = format!("call {release} at once");
        let newline = self.newline();
        if let Some((block, ix)) = place.list {
            let line = self.search(|search| search.line_between(block, ix))?;
            edits.push(line.insert(&[
                format!("if {} == nil {{", &self.text[error_name.range()]),
                format!("\t{release}"),
                "}".to_owned(),
            ]));
            return Ok((Applicability::Safe, title, edits));
        }
        let check = place.outer.ok_or(why)?;
        let StmtKind::If(it) = &check.kind else {
            return Err(why);
        };
        let fails = nil_check(self.tree, &it.cond) == Some((error, false));
        let indent = self
            .search(|search| search.indent(check.span.start))
            .ok_or(Declined::Layout)?;
        if !fails || it.els.is_some() {
            return Err(why);
        }
        edits.push(Edit {
            span: Span {
                start: it.then.span.end,
                end: it.then.span.end,
            },
            text: format!(" else {{{newline}{indent}\t{release}{newline}{indent}}}"),
        });
        Ok((Applicability::Safe, title, edits))
    }
}
