//! Names: the variable that holds the resource, or one that a `_` gets.

use super::super::acquire::Bound;
use super::Case;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::syntax::ast::{Name, Span};

impl Case<'_, '_> {
    /// The variable's name; a `_` gets one.
    pub(super) fn name(&self) -> Result<(String, Vec<Edit>), Declined> {
        match self.acquisition.holder {
            Bound::Local(_, _, span) => Ok((self.text[span.range()].to_owned(), Vec::new())),
            Bound::Blank(span) if self.acquisition.defines => {
                let name = self.free_name(span).ok_or(Declined::ResultDropped)?;
                let edit = Edit {
                    span,
                    text: name.to_owned(),
                };
                Ok((name.to_owned(), vec![edit]))
            }
            Bound::Blank(_) | Bound::Dropped | Bound::Elsewhere => Err(Declined::ResultDropped),
        }
    }

    /// A usual name for the family that means nothing yet, here or anywhere in the body.
    fn free_name(&self, at: Span) -> Option<&'static str> {
        let usual: &[&str] = match self.acquisition.resource.family.as_str() {
            "cancel" => &["cancel", "cancelFunc"],
            "iterator" => &["stop", "stopNext"],
            "file" => &["f", "file"],
            "body" => &["resp", "response"],
            "rows" => &["rows", "resultRows"],
            "connection" => &["conn", "connection"],
            "listener" => &["ln", "listener"],
            _ => &["res", "resource"],
        };
        let body = &self.subject.body;
        let free = |name: &&&str| {
            let wanted = Name::from(name);
            let local = body.info.locals.iter().any(|local| local.name == wanted);
            !local && self.subject.types.name_at(body, at.start, wanted).is_none()
        };
        usual.iter().find(free).copied()
    }
}
