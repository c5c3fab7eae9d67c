//! What the engine found becomes findings and notices: comments suppress, problems are told in words.

use super::{Run, load};
use crate::analyse::effort;
use crate::analyse::engine::{Analysed, Problem};
use crate::analyse::finding::Finding;
use crate::analyse::layout;
use crate::analyse::suppress::{self, Suppression};
use crate::index::FileId;
use crate::syntax::check;
use crate::transforms;

impl Run<'_> {
    /// Findings that no comment suppresses; problems and comments without use become notices.
    pub(super) fn collect(&mut self, results: Vec<Analysed>) -> Vec<Finding> {
        let options = self.options;
        let ids: Vec<&str> = transforms::ALL
            .iter()
            .map(|transform| transform.id)
            .collect();
        let ran = |rule: &str| {
            let mut rules = options.rules.iter();
            rules.any(|ran| ran.transform.id == rule)
        };
        let mut kept = Vec::new();
        for analysed in results {
            let path = self.path(analysed.file);
            let own = self.is_own(analysed.file);
            for problem in analysed.problems.iter().filter(|_| own) {
                let text = self.explain(analysed.file, problem);
                self.notice(&path, text, true);
            }
            let text = self.world.text(analysed.file);
            let suppressions = suppress::suppressions(&text, &ids);
            let mut used = vec![false; suppressions.len()];
            for finding in analysed.findings {
                let start = finding.at.span.start as usize;
                let covers = |one: &Suppression| one.covers(&text, finding.rule, start);
                match suppressions.iter().position(covers) {
                    Some(at) => {
                        used[at] = true;
                        self.suppressed += usize::from(own);
                    }
                    None => kept.push(finding),
                }
            }
            for (suppression, used) in suppressions.iter().zip(used) {
                // Of a rule that did not run nothing is known.
                let judged = match &suppression.rule {
                    Some(rule) => ran(rule),
                    None => options.rules.len() == transforms::ALL.len(),
                };
                if own && judged && !used && analysed.problems.is_empty() {
                    let (line, _) = layout::position(&text, suppression.span.start as usize);
                    self.notice(
                        &path,
                        format!("line {line}: the comment suppresses nothing"),
                        false,
                    );
                }
            }
        }
        kept
    }

    fn explain(&self, file: FileId, problem: &Problem) -> String {
        let text = self.world.text(file);
        match problem {
            Problem::NoPackage => "not analysed: it has no package clause".into(),
            Problem::BrokenOutline => {
                format!("{}; not all of it is analysed", load::syntax_error(&text))
            }
            Problem::BrokenBody(body) => {
                let errors = check::errors(&text);
                let inside = errors.into_iter().find(|error| body.contains(*error));
                let at = inside.unwrap_or(*body).start as usize;
                let (line, _) = layout::position(&text, at);
                format!("line {line} does not parse; the function is not analysed")
            }
            Problem::TooMuch => format!(
                "skipped: its analysis took more than {} million steps",
                effort::LIMIT / 1_000_000
            ),
            Problem::Candidate(transform, at, words) => {
                let (line, _) = layout::position(&text, at.start as usize);
                format!(
                    "line {line} is not looked at: {transform} panicked: {words} (a bug in unleak; please report it)"
                )
            }
            Problem::Panic(transform, text) => format!(
                "not analysed: {} panicked: {text} (a bug in unleak; please report it)",
                transform.unwrap_or("the engine")
            ),
        }
    }
}
