//! The registry: one line a transform. The engine reads this list and names none of them.

use crate::analyse::transform::Transform;

#[path = "../transforms/blocked-send/rule.rs"]
mod blocked_send;

#[path = "../transforms/context-call/rule.rs"]
mod context_call;

#[path = "../transforms/defer-in-loop/rule.rs"]
mod defer_in_loop;

#[path = "../transforms/goroutine-global/rule.rs"]
mod goroutine_global;

#[path = "../transforms/goroutine-loop/rule.rs"]
mod goroutine_loop;

// One `#[path]` module and one entry of `ALL` a transform; the folder's name is the transform's id.
#[path = "../transforms/missing-close/rule.rs"]
mod missing_close;

/// Every transform, in the order of `unleak rules`.
pub const ALL: &[&Transform] = &[
    &goroutine_loop::TRANSFORM,
    &missing_close::MISSING_CLOSE,
    &blocked_send::BLOCKED_SEND,
    &defer_in_loop::DEFER_IN_LOOP,
    &context_call::CONTEXT_CALL,
    &goroutine_global::GOROUTINE_GLOBAL,
];

/// The ids of all transforms.
pub fn ids() -> Vec<&'static str> {
    ALL.iter().map(|transform| transform.id).collect()
}

/// The transform with this id.
pub fn find(id: &str) -> Option<&'static Transform> {
    ALL.iter().copied().find(|transform| transform.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let ids: BTreeSet<_> = ALL.iter().map(|transform| transform.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for id in ids {
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(!id.is_empty() && id.chars().all(kebab), "{id}");
        }
    }

    #[test]
    fn every_folder_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/transforms");
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if !entry.path().join("rule.rs").exists() {
                continue;
            }
            let id = entry.file_name().into_string().unwrap();
            assert!(find(&id).is_some(), "{id} is not in ALL");
        }
    }

    #[test]
    fn every_readme_starts_with_the_id() {
        for transform in ALL {
            let title = format!("# {}\n", transform.id);
            assert!(transform.readme.starts_with(&title), "{}", transform.id);
        }
    }
}
