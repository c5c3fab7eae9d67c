//! Prove: the go command compiles and vets the new texts, through an overlay, before anything is written. What it says
//! of the original does not count. A group that makes it complain is dropped, with its words.
//!
//! The promises of [`crate::verify`] hold without a toolchain; this stage asks Go itself, where there is one.

mod complaint;
mod guilty;
mod module;
mod packages;
mod toolchain;

use crate::index::{FileId, World};
use crate::plan::{Group, GroupId, Plan};
use crate::verify;
use module::Module;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use toolchain::Toolchain;

/// Whether new texts are proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// Where there is a go command, in a minute and a half
    Auto,
    /// What cannot be proved is not offered, and an error
    Always,
    /// Not at all
    Never,
}

/// How long `auto` may take in all. Vetting the packages of one change takes seconds once their dependencies are
/// compiled; a first build of Kubernetes' takes minutes, which `--verify=always` waits for.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How long `always` may take: who asks for it waits. All of GOROOT/src, with nothing compiled before and two cores
/// that ten other programs used, took more than ten minutes.
const LONGEST: Duration = Duration::from_secs(3600);

/// What was proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many packages the go command found as good as they were.
    pub packages: usize,
    /// Groups that it did not; their fixes are not offered.
    pub dropped: Vec<Dropped>,
    /// Why others were not proved, and files whose new text so was not. No files where what could be compared was.
    pub unproved: BTreeMap<String, BTreeSet<FileId>>,
}

/// A group that the go command refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The group.
    pub group: GroupId,
    /// The go command's words.
    pub words: String,
}

/// A file that groups change, as the go command is to see it.
struct Changed {
    id: FileId,
    path: PathBuf,
    /// Its text without any group, where that is not what is on disk.
    unsaved: Option<Arc<str>>,
}

/// How long all proofs of a run may take together; none when there are to be none.
pub fn patience(when: When) -> Option<Duration> {
    match when {
        When::Always => Some(LONGEST),
        When::Auto => Some(PATIENCE),
        When::Never => None,
    }
}

/// Asks the go command about the plan's new texts, all together. The plan is not changed. `given` is a file whose text
/// is not the one on disk; what is not done at the deadline is not proved.
pub fn prove(plan: &Plan, world: &World, deadline: Instant, given: Option<&Path>) -> Proof {
    let mut proof = Proof::default();
    let files = plan.files();
    let mut modules: BTreeMap<PathBuf, Vec<Changed>> = BTreeMap::new();
    for id in files {
        let shown = world.path(id);
        let unsaved = (given == Some(&shown)).then(|| world.text(id));
        let path = std::fs::canonicalize(&shown).unwrap_or(shown);
        let root = path.ancestors().find(|at| at.join("go.mod").is_file());
        match root.map(Path::to_path_buf) {
            Some(root) => modules
                .entry(root)
                .or_default()
                .push(Changed { id, path, unsaved }),
            None => proof.not("there is no go.mod", [id]),
        }
    }
    for (root, files) in modules {
        let proved = Toolchain::find(&root, deadline)
            .and_then(|go| Module::new(&go, &root, world, plan, &files)?.prove(&mut proof));
        if let Err(why) = proved {
            proof.not(&why, files.iter().map(|file| file.id));
        }
    }
    proof.dropped.sort_by_key(|dropped| dropped.group);
    proof.dropped.dedup_by_key(|dropped| dropped.group);
    proof
}

impl Proof {
    /// What was proved after this of what it left.
    pub fn then(&mut self, later: Proof) {
        self.packages = later.packages;
        self.dropped.extend(later.dropped);
        for (why, files) in later.unproved {
            self.not(&why, files);
        }
    }

    fn not(&mut self, why: &str, files: impl IntoIterator<Item = FileId>) {
        self.unproved
            .entry(why.to_owned())
            .or_default()
            .extend(files);
    }
}

/// The text of a file with these groups; none when they do not fit together.
fn text(world: &World, plan: &Plan, groups: &BTreeSet<GroupId>, file: FileId) -> Option<String> {
    let old = world.text(file);
    let groups: Vec<Group> = groups.iter().map(|id| plan.groups[id.0].clone()).collect();
    crate::plan::apply(&old, &verify::edits(&groups, file, &old)?)
}

#[cfg(test)]
mod tests;
