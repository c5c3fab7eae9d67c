//! A literal search before any parse: text that contains none of a transform's literals has no candidate of it.

use super::transform::Transform;
use memchr::memmem;

/// Whether the text may contain a candidate of this transform.
pub fn may_concern(transform: &Transform, text: &str) -> bool {
    let found = |literal: &&str| memmem::find(text.as_bytes(), literal.as_bytes()).is_some();
    transform.literals.iter().any(found)
}
