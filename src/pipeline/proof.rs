//! What the go command says of the plan's new texts, and what becomes of those that it refuses.

use super::Run;
use crate::analyse::declined::Declined;
use crate::analyse::layout;
use crate::emit::Proved;
use crate::plan::{GroupId, Plan};
use crate::prove::{self, Proof, When};
use crate::verify;
use std::time::{Duration, Instant};

impl Run<'_> {
    /// Drops what the go command refuses and, with `--verify=always`, what it could not be asked about; each is named.
    /// What is left was asked about as it will be written: all of it together, with nothing that is gone. `patience`
    /// is how long it may take, and then what is left of that.
    pub(super) fn prove(
        &mut self,
        mut plan: Plan,
        patience: &mut Option<Duration>,
    ) -> (Plan, Option<Proved>) {
        let Some(left) = *patience else {
            return (plan, None);
        };
        let began = Instant::now();
        let mut proof = Proof::default();
        loop {
            let before = plan.groups.clone();
            proof.then(self.prove_once(&mut plan, began + left));
            if plan.groups == before {
                break;
            }
        }
        *patience = Some(left.saturating_sub(began.elapsed()));
        let told = Proved {
            packages: proof.packages,
            unproved: proof.unproved.into_keys().collect(),
        };
        (plan, Some(told))
    }

    fn prove_once(&mut self, plan: &mut Plan, deadline: Instant) -> Proof {
        let given = self.options.given.as_ref().map(|given| &*given.path);
        let proof = prove::prove(plan, &self.world, deadline, given);
        for dropped in &proof.dropped {
            let words = dropped.words.lines().map(str::trim).collect::<Vec<_>>();
            self.drop_group(plan, dropped.group, Declined::Refused, &words.join("; "));
        }
        if self.options.verify == When::Always {
            for (why, files) in &proof.unproved {
                let unproved = |id: &usize| !plan.groups[*id].files().is_disjoint(files);
                let ids: Vec<usize> = (0..plan.groups.len()).filter(unproved).collect();
                for id in ids {
                    self.drop_group(plan, GroupId(id), Declined::Unproved, why);
                }
            }
        }
        if plan.groups.iter().any(|group| group.members.is_empty()) {
            // What is left was checked together with what is gone.
            verify::verify(plan, &self.world);
        }
        proof
    }

    fn drop_group(&mut self, plan: &mut Plan, id: GroupId, reason: Declined, words: &str) {
        for &member in &plan.groups[id.0].members {
            let finding = &plan.outcomes[member].finding;
            let text = self.world.text(finding.at.file);
            let (line, _) = layout::position(&text, finding.at.span.start as usize);
            let text = format!(
                "line {line}: the fix of {} is dropped: {words}",
                finding.rule
            );
            // What could not be asked is something that was asked for and not done.
            self.notice(
                &self.path(finding.at.file),
                text,
                reason == Declined::Unproved,
            );
        }
        plan.drop_group(id, reason);
    }
}
