//! A literal search before any parse: a body whose text contains none of a transform's literals has no candidate of it.

use super::transform::Rule;
use crate::syntax::ast::Span;
use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// The literals of all rules of a run, as one automaton.
pub struct Prefilter<'r> {
    /// None when every text may concern every rule.
    literals: Option<Literals>,
    rules: &'r [Rule],
}

struct Literals {
    automaton: AhoCorasick,
    /// Which rule a literal is of, by the literal's number.
    owners: Vec<usize>,
}

/// Where a file's text has literals, in the order of their ends.
#[derive(Debug)]
pub enum Hits {
    /// What there is.
    Some(Vec<Hit>),
    /// Any of that many rules, anywhere.
    Any(usize),
}

/// A literal in the text.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    span: Span,
    rule: usize,
}

impl<'r> Prefilter<'r> {
    /// A prefilter of these rules, or one that leaves nothing out; the error is that of literals which are too many for one automaton.
    pub fn new(rules: &'r [Rule], on: bool) -> Result<Prefilter<'r>, String> {
        Ok(Prefilter {
            literals: on.then(|| Literals::new(rules)).transpose()?,
            rules,
        })
    }

    /// Whether there is any literal in the text.
    pub fn may_concern(&self, text: &str) -> bool {
        let literals = self.literals.as_ref();
        literals.is_none_or(|literals| literals.hits(self.rules, text).next().is_some())
    }

    /// All literals in the text.
    pub fn hits(&self, text: &str) -> Hits {
        match &self.literals {
            Some(literals) => Hits::Some(literals.hits(self.rules, text).collect()),
            None => Hits::Any(self.rules.len()),
        }
    }
}

impl Literals {
    fn new(rules: &[Rule]) -> Result<Literals, String> {
        let numbered = rules.iter().enumerate();
        let literals = numbered.flat_map(|(owner, rule)| {
            let shipped = rule.transform.literals.iter().copied();
            let prepared = rule.setup.literals.iter().cloned();
            let names = rule.setup.names.keys();
            let called = names.map(|name| format!("{name}("));
            let shipped = shipped.map(str::to_owned);
            let all = shipped.chain(prepared).chain(called);
            all.map(move |literal| (owner, literal))
        });
        let (owners, literals): (Vec<usize>, Vec<String>) = literals.unzip();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals)
            .map_err(|error| error.to_string())?;
        Ok(Literals { automaton, owners })
    }

    fn hits<'a>(&'a self, rules: &'a [Rule], text: &'a str) -> impl Iterator<Item = Hit> + 'a {
        let found = self.automaton.find_overlapping_iter(text);
        let hit = found.map(|found| Hit {
            span: Span::new(found.start(), found.end()),
            rule: self.owners[found.pattern().as_usize()],
        });
        hit.filter(move |hit| {
            let setup = &rules[hit.rule].setup;
            setup
                .narrow
                .is_none_or(|narrow| narrow(setup, text, hit.span))
        })
    }
}

impl Hits {
    /// The rules (by their number) that may have a candidate in this part of the text; in order, each once.
    pub fn within(&self, part: Span) -> Vec<usize> {
        let hits = match self {
            Hits::Some(hits) => hits,
            Hits::Any(rules) => return (0..*rules).collect(),
        };
        let first = hits.partition_point(|hit| hit.span.end <= part.start);
        let inside = hits[first..]
            .iter()
            .take_while(|hit| hit.span.end <= part.end)
            .filter(|hit| part.contains(hit.span));
        let mut rules: Vec<usize> = inside.map(|hit| hit.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transforms::ALL;

    #[test]
    fn a_part_has_the_rules_whose_literals_lie_in_it() {
        let rules = ALL
            .iter()
            .map(|one| Rule::new(one, None).expect("no settings"));
        let rules: Vec<Rule> = rules.collect();
        let prefilter = Prefilter::new(&rules, true).expect("few literals");
        let text = "func f() { for {} }\nfunc g() { os.Open(x) }\nfunc h() {}\n";
        let hits = prefilter.hits(text);
        let ids = |part: &str| -> Vec<&str> {
            let start = text.find(part).expect("a part");
            let within = hits.within(Span::new(start, start + part.len()));
            within.into_iter().map(|number| ALL[number].id).collect()
        };
        assert_eq!(ids("{ for {} }"), ["goroutine-loop"]);
        assert_eq!(ids("{ os.Open(x) }"), ["missing-close"]);
        assert!(ids("func h() {}").is_empty() && ids("Open").is_empty());
        assert!(prefilter.may_concern(text) && !prefilter.may_concern("func h() {}"));
    }
}
