//! What the go command says against a package, so that two runs can be compared: places in a file change with its
//! lines, words do not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One complaint of `go vet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The package that it is about; empty when none was named.
    pub(super) package: String,
    /// Its lines as they were said.
    pub(super) words: String,
    /// The code does not compile (else an analyser found something).
    pub(super) compile: bool,
    /// Nothing was compiled or vetted.
    pub(super) whole_run: bool,
}

/// What the go command says of packages that it cannot load, before it looks at any (cmd/go: load, modload).
const NOT_LOADED: [&str; 4] = [
    "no required module provides package",
    "missing go.sum entry",
    "is not in std",
    "cannot find ",
];

/// The complaints in what `go vet` said on stderr.
pub(super) fn complaints(said: &str) -> Vec<Complaint> {
    let mut all: Vec<Complaint> = Vec::new();
    let (mut package, mut vetted) = (String::new(), false);
    for line in said.lines() {
        if let Some(header) = line.strip_prefix("# ") {
            // `# p`, then `# [p]` when the complaints come from vet; `# p [p.test]` for a test's variant of it.
            vetted = header.starts_with('[');
            let name = header.trim_start_matches('[').trim_end_matches(']');
            package = name.split(' ').next().unwrap_or_default().to_owned();
        } else if line.starts_with(['\t', ' ']) {
            if let Some(last) = all.last_mut() {
                last.words += "\n";
                last.words += line;
            }
        } else if !line.is_empty() && !line.ends_with("too many errors") {
            let words = line.strip_prefix("vet: ");
            // What an analyser finds has a header or not, by the version of Go.
            if !is_about(&package, line) {
                package.clear();
            }
            let headed = !package.is_empty();
            let loaded = !NOT_LOADED.iter().any(|text| line.contains(text));
            all.push(Complaint {
                package: package.clone(),
                words: words.unwrap_or(line).to_owned(),
                compile: headed && !vetted || words.is_some(),
                whole_run: !(headed || loaded && line.contains(".go:")),
            });
        }
    }
    all
}

/// Whether a line under a package's header may be about it: what an analyser finds in another one follows without a
/// header (Go 1.26).
fn is_about(package: &str, line: &str) -> bool {
    let file = line.trim_start_matches("vet: ").split_once(".go:");
    let directory = file.and_then(|(file, _)| file.rsplit_once('/'));
    directory.is_none_or(|(directory, _)| {
        let directory = directory.trim_start_matches("./");
        directory.starts_with(['/', '.']) || package.ends_with(directory)
    })
}

/// The complaints of `after` that `before` does not have, whatever lines they speak of.
pub(super) fn fresh(before: &[Complaint], after: &[Complaint]) -> Vec<Complaint> {
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for complaint in before {
        *known.entry(complaint.key()).or_default() += 1;
    }
    let is_fresh = |complaint: &&Complaint| match known.get_mut(&complaint.key()) {
        Some(left @ 1..) => {
            *left -= 1;
            false
        }
        _ => true,
    };
    after.iter().filter(is_fresh).cloned().collect()
}

impl Complaint {
    /// Where a file is named, the package is its directory's, whatever header stood above.
    fn key(&self) -> (String, String) {
        let package = match self.words.contains(".go:") {
            true => String::new(),
            false => self.package.clone(),
        };
        (package, without_places(&self.words))
    }

    /// The directory of the file that it names, below `root`.
    pub(super) fn directory(&self, root: &Path) -> Option<PathBuf> {
        let (file, _) = self.words.split_once(".go:")?;
        root.join(file).parent().map(Path::to_path_buf)
    }
}

/// `a.go:3:4: x declared at b.go:5:6` and `defined on line 7` (lostcancel) without the numbers.
fn without_places(words: &str) -> String {
    let digits = |c: char| c.is_ascii_digit() || c == ':';
    [".go:", " on line "]
        .iter()
        .fold(words.to_owned(), |words, before| {
            let mut parts = words.split(before);
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |kept, part| {
                kept + before + part.trim_start_matches(digits)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "# example.com/app/b\n# [example.com/app/b]\nvet: b/b.go:5:17: not enough arguments in call to a.F\n\thave (number)\n\
        # example.com/app/c\nc/c.go:7:2: undefined: x\nc/c.go:9:2: undefined: x\nc/c.go:9:3: too many errors\n\
        # example.com/app/d\n# [example.com/app/d]\nd/d.go:1:2: result of fmt.Sprint call not used\n";

    #[test]
    fn complaints_have_their_package_and_kind() {
        let all = complaints(SAID);
        let short: Vec<_> = all.iter().map(|one| (&*one.package, one.compile)).collect();
        let want = [("b", true), ("c", true), ("c", true), ("d", false)];
        assert_eq!(
            short,
            want.map(|(name, compile)| (&*format!("example.com/app/{name}").leak(), compile))
        );
        assert_eq!(
            all[0].words,
            "b/b.go:5:17: not enough arguments in call to a.F\n\thave (number)"
        );
    }

    #[test]
    fn the_header_above_may_be_another_package_s() {
        let found =
            "client/a_test.go:1821:4: call to (*testing.T).Fatalf from a non-test goroutine\n";
        let header =
            "# example.com/app/agent [example.com/app/client.test]\nagent/c.go:8:2: x undefined\n";
        let first = complaints(&format!("{found}{header}"));
        let last = complaints(&format!("{header}{found}"));
        assert_eq!(fresh(&first, &last), []);
        assert_eq!(fresh(&last, &first), []);
        assert_eq!(last[1].package, "");
        assert!(!last[1].compile && !last[1].whole_run);
    }

    #[test]
    fn lines_named_in_the_words_do_not_matter() {
        let said = |at, line| {
            complaints(&format!(
                "# p\n# [p]\np/a.go:{at}:2: this return statement may be reached without using the cancel var defined on line {line}\n"
            ))
        };
        assert_eq!(fresh(&said(9, 7), &said(10, 8)), []);
    }

    #[test]
    fn lines_do_not_matter_and_numbers_do() {
        let before = complaints(SAID);
        let moved = complaints(
            &SAID
                .replace(":5:17:", ":50:1:")
                .replace("c.go:7:2", "c.go:8:2"),
        );
        assert_eq!(fresh(&before, &moved), []);
        let more = complaints(&format!(
            "{SAID}# example.com/app/d\n# [example.com/app/d]\nd/d.go:2:2: result of fmt.Sprint call not used\n"
        ));
        assert_eq!(fresh(&before, &more).len(), 1);
        assert_eq!(fresh(&more, &before), []);
    }
}
