//! Methods that give back what was taken, by their names alone: where a type is not known, or has no table row.

/// The releases of the standard library's types and of the usual pools', spans' and transactions' interfaces.
const RELEASES: &[&str] = &[
    "Close", "Stop", "Done", "Release", "Unlock", "RUnlock", "Put", "Rollback", "Commit", "Finish",
    "End", "Free", "Cancel",
];

/// Whether a method of this name gives something back.
pub fn is_release(method: &str) -> bool {
    RELEASES.contains(&method)
}
