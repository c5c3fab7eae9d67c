//! Rounds: the new texts are analysed again, in memory, until nothing is offered for them. One run does what several
//! would: fixes that lay on another one's lines, and those that another one made possible.

use super::{Options, Run};
use crate::analyse::declined::Declined;
use crate::analyse::engine::{Engine, Part};
use crate::analyse::finding::Finding;
use crate::analyse::suppress;
use crate::index::{FileId, World};
use crate::plan::{Group, GroupId, Plan, Texts, apply, by_file, join};
use crate::stats::{self, Stage};
use crate::transforms;
use crate::verify;
use std::collections::BTreeSet;

/// After so many rounds there must be nothing left to do. Over GOROOT/src (Go 1.26) the second found the last fixes; the
/// bound is for transforms that would feed each other, or themselves, for ever.
const MOST: usize = 4;

impl Run {
    /// The plan with what the analysis of its new texts adds. What does not keep the promises together with the rest
    /// is left to the next run.
    pub(super) fn rounds(&self, mut plan: Plan, engine: &Engine, options: &Options) -> Plan {
        let mut changed = plan.files();
        for round in 0.. {
            if changed.is_empty() {
                break;
            }
            let Some(world) = self.rewritten(&plan) else {
                break;
            };
            let again: Vec<(FileId, Part)> =
                changed.iter().map(|file| (*file, Part::All)).collect();
            let results = engine.analyse(&world, &again, options.jobs, &|| ());
            let findings = results
                .into_iter()
                .flat_map(|analysed| unsuppressed(&world, analysed.file, analysed.findings));
            let next = self.plan(&world, findings.collect(), options);
            // What the later world came to know has an id of its own there.
            let file = |later: FileId| match world.path(later) {
                path if path == self.world.path(later) => later,
                path => self.world.add_file(&path, None),
            };
            if round == MOST {
                drop_unsettled(&mut plan, &next, &file);
                break;
            }
            let texts = Texts {
                original: &|file| self.world.text(file),
                later: &|file| world.text(file),
                file: &file,
            };
            let Some(mut joined) = join(&plan, &next, &texts) else {
                break;
            };
            let groups = joined.groups.clone();
            stats::stage(Stage::Verify, || verify::verify(&mut joined, &self.world));
            if joined.groups != groups {
                break;
            }
            changed = next.files().into_iter().map(file).collect();
            plan = joined;
        }
        plan
    }

    /// A world in which the plan's new texts are what the files hold.
    fn rewritten(&self, plan: &Plan) -> Option<World> {
        let mut texts = Vec::new();
        for (file, groups) in by_file(&plan.groups) {
            let old = self.world.text(file);
            let groups = groups.into_iter().map(|(_, group)| group);
            let new = apply(&old, &verify::edits(groups, file, &old)?)?;
            texts.push((file, new.into()));
        }
        Some(self.world.with_texts(&texts))
    }
}

/// Takes back, of the files in which there is still something to do, what the rules did that still find it: their fixes
/// lead to each other and come to no end.
fn drop_unsettled(plan: &mut Plan, next: &Plan, file: &dyn Fn(FileId) -> FileId) {
    let mut found = BTreeSet::new();
    for (of, groups) in by_file(&next.groups) {
        let members = groups.iter().flat_map(|(_, group)| &group.members);
        found.extend(members.map(|member| (file(of), next.outcomes[*member].finding.rule)));
    }
    let unsettled = |group: &Group| {
        group.files().into_iter().any(|of| {
            let mut members = group.members.iter();
            members.any(|member| found.contains(&(of, plan.outcomes[*member].finding.rule)))
        })
    };
    let groups = plan.groups.iter().enumerate();
    let ids: Vec<usize> = groups
        .filter(|(_, group)| unsettled(group))
        .map(|(id, _)| id)
        .collect();
    for id in ids {
        plan.drop_group(GroupId(id), Declined::Unsettled);
    }
}

fn unsuppressed(world: &World, file: FileId, mut findings: Vec<Finding>) -> Vec<Finding> {
    let text = world.text(file);
    let ids: Vec<&str> = transforms::ALL.iter().map(|one| one.id).collect();
    let suppressions = suppress::suppressions(&text, &ids);
    let suppressed = |finding: &Finding| {
        let start = finding.at.span.start as usize;
        let mut suppressions = suppressions.iter();
        suppressions.any(|one| one.covers(&text, finding.rule, start))
    };
    findings.retain(|finding| !suppressed(finding));
    findings
}
