//! A literal search before any parse: text that contains none of a transform's literals has no candidate of it.

use crate::analyse::transform::Transform;

/// Whether the text may contain a candidate of this transform.
pub fn may_concern(transform: &Transform, text: &str) -> bool {
    transform
        .literals
        .iter()
        .any(|literal| memchr::memmem::find(text.as_bytes(), literal.as_bytes()).is_some())
}

/// The transforms that the text may contain a candidate of.
pub fn concerned<'t>(
    transforms: &'t [&'static Transform],
    text: &str,
) -> impl Iterator<Item = &'static Transform> + use<'t> {
    let found: Vec<_> = transforms
        .iter()
        .copied()
        .filter(|transform| may_concern(transform, text))
        .collect();
    found.into_iter()
}
