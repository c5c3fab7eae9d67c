//! One module's new texts, under each build configuration that its changed files need.

use super::complaint::{Complaint, complaints, fresh};
use super::packages::{self, Listed};
use super::toolchain::Toolchain;
use super::{Changed, Dropped, Proof, guilty, text};
use crate::index::{BuildSettings, World};
use crate::plan::{GroupId, Plan};
use crate::walk::describe;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The changed files of a module and the groups that change them.
pub(super) struct Module<'a> {
    go: &'a Toolchain,
    root: &'a Path,
    world: &'a World,
    plan: &'a Plan,
    files: &'a [Changed],
    /// Overlays and the texts that they name.
    scratch: TempDir,
}

/// Packages that one build configuration is asked about.
struct Asked<'a> {
    build: &'a BuildSettings,
    patterns: Vec<String>,
    before: Vec<Complaint>,
}

impl<'a> Module<'a> {
    pub(super) fn new(
        go: &'a Toolchain,
        root: &'a Path,
        world: &'a World,
        plan: &'a Plan,
        files: &'a [Changed],
    ) -> Result<Module<'a>, String> {
        let scratch = tempfile::tempdir();
        Ok(Module {
            go,
            root,
            world,
            plan,
            files,
            scratch: scratch
                .map_err(|error| format!("no place for an overlay: {}", describe(&error)))?,
        })
    }

    /// Finds the groups to drop. The error says why nothing more could be proved.
    pub(super) fn prove(&self, proof: &mut Proof) -> Result<(), String> {
        let touches = |id: &usize| {
            let files = self.plan.groups[*id].files();
            self.files.iter().any(|file| files.contains(&file.id))
        };
        let ids = (0..self.plan.groups.len()).filter(touches);
        let mut kept: BTreeSet<GroupId> = ids.map(GroupId).collect();
        // The machine's own configuration first; what it leaves out, under the one that the file asks for.
        let mut left: Vec<&Changed> = self.files.iter().collect();
        let mut builds = vec![BuildSettings::default()];
        let others: BTreeSet<BuildSettings> = left
            .iter()
            .filter_map(|file| self.world.build_of(file.id))
            .collect();
        builds.extend(others);
        for build in &builds {
            if left.is_empty() {
                break;
            }
            let listed = self.list(build, &left, &kept)?;
            let (built, rest) = left.into_iter().partition::<Vec<_>, _>(|file| {
                listed.iter().any(|package| package.builds(&file.path))
            });
            left = rest;
            if !built.is_empty() {
                self.prove_build(build, &built, &listed, &mut kept, proof)?;
            }
        }
        for file in left {
            let name = file.path.strip_prefix(self.root).unwrap_or(&file.path);
            proof.not(&format!("no build includes {}", name.display()), [file.id]);
        }
        Ok(())
    }

    /// The packages of the files; all that might depend on them when their declarations change.
    fn list(
        &self,
        build: &BuildSettings,
        files: &[&Changed],
        kept: &BTreeSet<GroupId>,
    ) -> Result<Vec<Listed>, String> {
        let patterns = match self.with_changed_declarations(files, kept).is_empty() {
            true => self.patterns(files.iter().filter_map(|file| file.path.parent())),
            false => packages::everything(self.go, self.root)?,
        };
        packages::list(self.go, build, &patterns)
    }

    /// Directories whose packages others see changed.
    fn with_changed_declarations(
        &self,
        files: &[&Changed],
        kept: &BTreeSet<GroupId>,
    ) -> BTreeSet<PathBuf> {
        let differs = |file: &&&Changed| {
            let old = self.world.text(file.id);
            let new = text(self.world, self.plan, kept, file.id);
            new.is_none_or(|new| packages::declarations_differ(&old, &new))
        };
        let parent = |file: &&Changed| file.path.parent().map(Path::to_path_buf);
        files.iter().filter(differs).filter_map(parent).collect()
    }

    fn patterns<'p>(&self, directories: impl Iterator<Item = &'p Path>) -> Vec<String> {
        let pattern = |directory: &Path| match directory.strip_prefix(self.root) {
            Ok(below) => format!("./{}", below.display()),
            Err(_) => directory.display().to_string(),
        };
        let all: BTreeSet<String> = directories.map(pattern).collect();
        all.into_iter().collect()
    }

    fn prove_build(
        &self,
        build: &BuildSettings,
        files: &[&Changed],
        listed: &[Listed],
        kept: &mut BTreeSet<GroupId>,
        proof: &mut Proof,
    ) -> Result<(), String> {
        let changed = self.with_changed_declarations(files, kept);
        let mut directories: BTreeSet<PathBuf> = files
            .iter()
            .filter_map(|file| file.path.parent())
            .map(Path::to_path_buf)
            .collect();
        directories.extend(packages::dependants(listed, &changed));
        let incomplete = listed.iter().filter(|package| package.incomplete);
        for package in incomplete {
            if directories.remove(&package.dir) {
                let inside = |file: &&&Changed| file.path.parent() == Some(&package.dir);
                let why = "the go command does not find all that a package imports";
                proof.not(why, files.iter().filter(inside).map(|file| file.id));
            }
        }
        if directories.is_empty() {
            return Ok(());
        }
        let patterns = self.patterns(directories.iter().map(PathBuf::as_path));
        let before = self.vet(build, &patterns, &BTreeSet::new())?;
        if let Some(run) = before.iter().find(|complaint| complaint.whole_run) {
            let words = run.words.lines().next().unwrap_or_default();
            return Err(format!("go vet: {words}"));
        }
        let broken: BTreeSet<&str> = before
            .iter()
            .filter(|one| one.compile)
            .map(|one| &*one.package)
            .collect();
        if !broken.is_empty() {
            proof.not("a package did not compile before", []);
        }
        let broken = broken.len();
        let asked = Asked {
            build,
            patterns,
            before,
        };
        // Vet names the first error of a package: behind each culprit there may be another.
        while let Some(culprits) = self.culprits(&asked, kept)? {
            for culprit in culprits {
                kept.remove(&culprit.group);
                proof.dropped.push(culprit);
            }
        }
        proof.packages += asked.patterns.len().saturating_sub(broken);
        Ok(())
    }

    /// The groups that make the go command complain; none when it does not. Never empty.
    fn culprits(
        &self,
        asked: &Asked<'_>,
        kept: &BTreeSet<GroupId>,
    ) -> Result<Option<Vec<Dropped>>, String> {
        let found = self.fresh(asked, &asked.patterns, kept)?;
        if found.is_empty() {
            return Ok(None);
        }
        let directories: Option<BTreeSet<PathBuf>> =
            found.iter().map(|one| one.directory(self.root)).collect();
        let failing = match &directories {
            Some(directories) => self.patterns(directories.iter().map(PathBuf::as_path)),
            None => asked.patterns.clone(),
        };
        // Groups that change the packages complained of; the others are asked only when that was not it.
        let near = |id: &&GroupId| {
            let files = self.plan.groups[id.0].files();
            let mut changed = self.files.iter().filter(|file| files.contains(&file.id));
            changed.any(|file| {
                let parent = file.path.parent().map(Path::to_path_buf);
                directories
                    .as_ref()
                    .is_none_or(|all| parent.is_some_and(|parent| all.contains(&parent)))
            })
        };
        let suspects: Vec<GroupId> = kept.iter().filter(near).copied().collect();
        let base: BTreeSet<GroupId> = kept.iter().filter(|id| !near(id)).copied().collect();
        let ask = |groups: &BTreeSet<GroupId>| self.fresh(asked, &failing, groups);
        let innocent = suspects.is_empty() || !ask(&base)?.is_empty();
        let (suspects, base) = match innocent {
            true => (kept.iter().copied().collect(), BTreeSet::new()),
            false => (suspects, base),
        };
        let culprits = guilty::search(&suspects, base, &ask)?;
        let words = |found: &[Complaint]| {
            let mut words = found.iter().map(|one| &*one.words);
            words
                .next()
                .unwrap_or("the new texts do not fit together")
                .to_owned()
        };
        let dropped = culprits.into_iter().map(|(group, found)| Dropped {
            group,
            words: words(&found),
        });
        let dropped: Vec<Dropped> = dropped.collect();
        if dropped.is_empty() {
            // What fails in all packages does not in those alone: nothing is sure any more.
            let all = kept.iter().map(|group| Dropped {
                group: *group,
                words: words(&found),
            });
            return Ok(Some(all.collect()));
        }
        Ok(Some(dropped))
    }

    /// What the go command says against these groups and not against the original.
    fn fresh(
        &self,
        asked: &Asked<'_>,
        patterns: &[String],
        groups: &BTreeSet<GroupId>,
    ) -> Result<Vec<Complaint>, String> {
        Ok(fresh(
            &asked.before,
            &self.vet(asked.build, patterns, groups)?,
        ))
    }

    fn vet(
        &self,
        build: &BuildSettings,
        patterns: &[String],
        groups: &BTreeSet<GroupId>,
    ) -> Result<Vec<Complaint>, String> {
        let overlay = self.overlay(groups)?;
        let overlay = format!("-overlay={}", overlay.display());
        let tags = format!("-tags={}", build.tags.join(","));
        let mut arguments = vec!["vet", &overlay];
        if !build.tags.is_empty() {
            arguments.push(&tags);
        }
        arguments.push("--");
        arguments.extend(patterns.iter().map(String::as_str));
        let said = self.go.run(&arguments, build)?;
        let found = complaints(&self.with_real_names(&said.err));
        match said.success || !found.is_empty() {
            true => Ok(found),
            false => Err("go vet failed and said nothing".into()),
        }
    }

    /// The go command names a new text by the file that the overlay takes it from, absolute or relative.
    fn with_real_names(&self, said: &str) -> String {
        let scratch = self.scratch.path().file_name().unwrap_or_default();
        let scratch = format!("{}/", scratch.to_string_lossy());
        let mut pieces = said.split(&*scratch);
        let mut real = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let number = piece.split_once(".go").and_then(|(number, rest)| {
                let file = self.files.get(number.parse::<usize>().ok()?)?;
                Some((file, rest))
            });
            let Some((file, rest)) = number else {
                real += &scratch;
                real += piece;
                continue;
            };
            let path = real.rfind([' ', '\t', '\n', '(']).map_or(0, |at| at + 1);
            real.truncate(path);
            let name = file.path.strip_prefix(self.root).unwrap_or(&file.path);
            real += &name.display().to_string();
            real += rest;
        }
        real
    }

    /// The file that tells the go command about the new texts (`go help build`: -overlay).
    fn overlay(&self, groups: &BTreeSet<GroupId>) -> Result<PathBuf, String> {
        let mut replace = BTreeMap::new();
        for (at, file) in self.files.iter().enumerate() {
            let new = text(self.world, self.plan, groups, file.id);
            let new = new.ok_or("the new texts do not fit together")?;
            if *new == *self.world.text(file.id) && file.unsaved.is_none() {
                continue;
            }
            let name = self.scratch.path().join(format!("{at}.go"));
            let write = fs::write(&name, new);
            write.map_err(|error| format!("an overlay: {}", describe(&error)))?;
            replace.insert(&file.path, name);
        }
        let path = self.scratch.path().join("overlay.json");
        let json =
            serde_json::to_vec(&BTreeMap::from([("Replace", replace)])).map_err(io::Error::from);
        let write = json.and_then(|json| fs::write(&path, json));
        write.map_err(|error| format!("an overlay: {}", describe(&error)))?;
        Ok(path)
    }
}
