//! Rounds: the new texts are analysed again, in memory, until nothing is offered for them. One run does what several
//! would: fixes that lay on another one's lines, and those that another one made possible.

use super::Run;
use crate::analyse::declined::Declined;
use crate::analyse::engine::Part;
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

/// What still finds something to do when there should be nothing: files and rules.
type Unsettled = BTreeSet<(FileId, &'static str)>;

impl Run<'_> {
    /// The plan with what the analysis of its new texts adds. What does not keep the promises together with the rest
    /// is left to the next run; what comes to no end is taken back.
    pub(super) fn rounds(&self, mut plan: Plan) -> Plan {
        loop {
            match self.settle(plan.clone()) {
                Ok(settled) => return settled,
                Err(unsettled) if drop_unsettled(&mut plan, &unsettled) => {}
                // Nothing of it was in the first round.
                Err(_) => return plan,
            }
        }
    }

    fn settle(&self, mut plan: Plan) -> Result<Plan, Unsettled> {
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
            let results = self
                .engine
                .analyse(&world, &again, self.options.jobs, &|| ());
            let findings = results
                .into_iter()
                .flat_map(|analysed| unsuppressed(&world, analysed.file, analysed.findings));
            let next = self.plan(&world, findings.collect());
            // What the later world came to know has an id of its own there.
            let file = |later: FileId| match world.path(later) {
                path if path == self.world.path(later) => later,
                path => self.world.add_file(&path, None),
            };
            if round == MOST && !next.files().is_empty() {
                return Err(unsettled(&next, &file));
            }
            let texts = Texts {
                original: &|file| self.world.text(file),
                later: &|file| world.text(file),
                file: &file,
            };
            let Some(mut joined) = join(&plan, &next, &changed, &texts) else {
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
        Ok(plan)
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

fn unsettled(next: &Plan, file: &dyn Fn(FileId) -> FileId) -> Unsettled {
    let mut found = Unsettled::new();
    for (of, groups) in by_file(&next.groups) {
        let members = groups.iter().flat_map(|(_, group)| &group.members);
        found.extend(members.map(|member| (file(of), next.outcomes[*member].finding.rule)));
    }
    found
}

/// Takes back what these rules do in these files, or where they do nothing what others do there: their fixes lead to
/// each other and come to no end. Whether there was something.
fn drop_unsettled(plan: &mut Plan, found: &Unsettled) -> bool {
    let rules = |group: &Group| -> BTreeSet<&'static str> {
        let rule = |member: &usize| plan.outcomes[*member].finding.rule;
        group.members.iter().map(rule).collect()
    };
    let of = |all: bool| {
        let concerned = |group: &Group| {
            let rules = rules(group);
            let files = group.files();
            let mut found = found.iter();
            found.any(|(file, rule)| files.contains(file) && (all || rules.contains(rule)))
        };
        let ids = 0..plan.groups.len();
        ids.filter(|id| concerned(&plan.groups[*id]))
            .collect::<Vec<usize>>()
    };
    let mut ids = of(false);
    if ids.is_empty() {
        ids = of(true);
    }
    for id in &ids {
        plan.drop_group(GroupId(*id), Declined::Unsettled);
    }
    !ids.is_empty()
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
