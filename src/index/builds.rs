//! Which directories belong together: what one main module or workspace holds is looked up, and changed, together.

use super::files::{Files, normalize};
use super::resolve::{BuildId, Resolver};
use std::path::Path;

/// What decides the meaning of a directory's import paths: one main module or workspace. `None` is outside of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Main(Option<BuildId>);

/// Tells directories' main modules.
#[derive(Debug)]
pub struct Mains {
    resolver: Resolver,
    files: Files,
}

impl Default for Mains {
    fn default() -> Mains {
        Mains {
            resolver: Resolver::new(None),
            files: Files::default(),
        }
    }
}

impl Mains {
    /// That of a directory, by the go.mod and go.work files that are on disk.
    pub fn of(&self, directory: &Path) -> Main {
        let place = self.resolver.place(&normalize(directory), &self.files);
        let inside = !self.resolver.build(place.build).mains.is_empty();
        Main(inside.then_some(place.build))
    }
}
