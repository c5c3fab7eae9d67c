//! A world in which some files hold another text. Everything that does not depend on those is shared, under the same
//! ids: other files' outlines, packages of other directories, modules.

use super::FileId;
use super::directory::Directory;
use super::world::{Source, World, read};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, RwLock};

impl World {
    /// The world as it would be with these texts. What later stages have kept ([`World::memo`]) is not taken over.
    pub fn with_texts(&self, texts: &[(FileId, Arc<str>)]) -> World {
        let files = self.files.with_texts(texts);
        let changed = texts.iter().filter_map(|(id, _)| files.get(*id));
        let changed: FxHashSet<PathBuf> = changed
            .filter_map(|file| Some(file.absolute.parent()?.to_path_buf()))
            .collect();
        let mut directories = read(&self.directories).clone();
        let mut same_heads = true;
        for dir in &changed {
            let listed = Directory::list(dir, &files);
            let before = directories.get(dir).and_then(|before| before.get());
            same_heads &= before.is_some_and(|before| before.same_heads(&listed));
            let cell = OnceLock::new();
            let _ = cell.set(listed);
            directories.insert(dir.clone(), Arc::new(cell));
        }
        let mut packages = read(&self.packages).clone();
        for cell in &mut packages.cells {
            if matches!(&cell.source, Source::Disk { dir, .. } if changed.contains(dir)) {
                *cell = Arc::new(cell.unloaded());
            }
        }
        // Which packages there are depends on no more of the files than their heads.
        let kept = same_heads;
        World {
            options: self.options.clone(),
            goroot_version: self.goroot_version,
            files,
            resolver: Arc::clone(&self.resolver),
            configs: RwLock::new(read(&self.configs).clone()),
            directories: RwLock::new(directories),
            packages: RwLock::new(packages),
            homes: kept_if(kept, &self.homes),
            imports: kept_if(kept, &self.imports),
            modules: kept_if(kept, &self.modules),
            memos: RwLock::default(),
        }
    }
}

fn kept_if<K: Clone, V: Clone>(
    kept: bool,
    table: &RwLock<FxHashMap<K, V>>,
) -> RwLock<FxHashMap<K, V>> {
    match kept {
        true => RwLock::new(read(table).clone()),
        false => RwLock::default(),
    }
}
