//! A literal search before any parse: text that contains none of a transform's literals has no candidate of it.

use super::transform::Rule;
use memchr::memmem;

/// Whether the text may contain a candidate of this transform.
pub fn may_concern(rule: &Rule, text: &str) -> bool {
    let contains = |literal: &str| memmem::find(text.as_bytes(), literal.as_bytes()).is_some();
    let mut shipped = rule.transform.literals.iter();
    let mut prepared = rule.setup.literals.iter();
    shipped.any(|literal| contains(literal)) || prepared.any(|literal| contains(literal))
}
