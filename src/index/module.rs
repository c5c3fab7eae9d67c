//! Modules: what go.mod, go.work and vendor/modules.txt say (Go modules reference, "go.mod files", "Workspaces",
//! "Vendoring"). Reads text only; where files lie is for [`super::resolve`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A `go.mod` file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GoMod {
    /// The module's path; empty when the file has no module line.
    pub(super) path: String,
    /// The `go` directive as (major, minor).
    pub(super) go: Option<(u32, u32)>,
    /// Required modules with their versions, indirect ones too.
    pub(super) require: Vec<(String, String)>,
    /// Replacements.
    pub(super) replace: Vec<Replace>,
}

/// A `go.work` file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GoWork {
    /// The `go` directive as (major, minor).
    pub(super) go: Option<(u32, u32)>,
    /// Directories of the workspace's modules, as written.
    pub(super) uses: Vec<String>,
    /// Replacements.
    pub(super) replace: Vec<Replace>,
}

/// `replace old [version] => new [version]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replace {
    /// The replaced module.
    pub(super) old: String,
    /// Only this version of it.
    pub(super) old_version: Option<String>,
    /// A module path, or a directory when it begins with `.` or `/` or a drive.
    pub(super) new: String,
    /// The version when `new` is a module path.
    pub(super) new_version: Option<String>,
}

impl Replace {
    /// The directory that it points to, when it points to one. `base` holds the file that says so.
    pub(super) fn local_dir(&self, base: &Path) -> Option<PathBuf> {
        let new = &self.new;
        let local = self.new_version.is_none()
            && (new.starts_with("./")
                || new.starts_with("../")
                || new == "."
                || new == ".."
                || is_rooted(new));
        local.then(|| super::files::normalize(&base.join(new)))
    }

    /// Whether it replaces this version of this module.
    pub(super) fn replaces(&self, path: &str, version: &str) -> bool {
        self.old == path && self.old_version.as_deref().is_none_or(|v| v == version)
    }
}

fn is_rooted(path: &str) -> bool {
    Path::new(path).is_absolute() || path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

impl GoMod {
    /// Reads a go.mod file; lines that are not understood are left out.
    pub(super) fn parse(text: &str) -> GoMod {
        let mut parsed = GoMod::default();
        for line in directives(text) {
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["module", path, ..] => parsed.path = path.to_string(),
                ["go", version, ..] => parsed.go = go_version(version),
                ["require", path, version, ..] => {
                    parsed.require.push((path.to_string(), version.to_string()))
                }
                ["replace", rest @ ..] => parsed.replace.extend(replace(rest)),
                _ => {}
            }
        }
        parsed
    }
}

impl GoWork {
    /// Reads a go.work file; lines that are not understood are left out.
    pub(super) fn parse(text: &str) -> GoWork {
        let mut parsed = GoWork::default();
        for line in directives(text) {
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["go", version, ..] => parsed.go = go_version(version),
                ["use", dir, ..] => parsed.uses.push(dir.to_string()),
                ["replace", rest @ ..] => parsed.replace.extend(replace(rest)),
                _ => {}
            }
        }
        parsed
    }
}

fn replace(words: &[&str]) -> Option<Replace> {
    let arrow = words.iter().position(|w| *w == "=>")?;
    let (old, new) = (&words[..arrow], &words[arrow + 1..]);
    Some(Replace {
        old: old.first()?.to_string(),
        old_version: old.get(1).map(|v| v.to_string()),
        new: new.first()?.to_string(),
        new_version: new.get(1).map(|v| v.to_string()),
    })
}

/// `1.22`, `1.22.3`, `1.23rc1` as (major, minor).
pub(super) fn go_version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.strip_prefix("go").unwrap_or(text).split_once('.')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

/// Directives as words, blocks `verb ( … )` spelt out, comments left out.
fn directives(text: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let mut block: Option<String> = None;
    for line in text.lines() {
        let mut words = words(line);
        if words.is_empty() {
            continue;
        }
        if block.is_some() && words[0] == ")" {
            block = None;
        } else if let Some(verb) = &block {
            words.insert(0, verb.clone());
            out.push(words);
        } else if words.len() == 2 && words[1] == "(" {
            block = words.into_iter().next();
        } else {
            out.push(words);
        }
    }
    out
}

fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with("//") {
        let (word, after) = match rest.chars().next() {
            Some(quote @ ('"' | '`')) => match rest[1..].split_once(quote) {
                Some((word, after)) => (word, after),
                None => (&rest[1..], ""),
            },
            Some('(' | ')') => rest.split_at(1),
            _ => rest.split_at(
                rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')')
                    .unwrap_or(rest.len()),
            ),
        };
        out.push(word.to_string());
        rest = after.trim_start();
    }
    out
}

/// What vendor/modules.txt lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct VendorList {
    /// Packages with their module's index.
    pub(super) packages: HashMap<String, u32>,
    /// The `go` directive of each module, when it is known.
    pub(super) modules: Vec<Option<(u32, u32)>>,
}

impl VendorList {
    /// Reads vendor/modules.txt.
    pub(super) fn parse(text: &str) -> VendorList {
        let mut list = VendorList::default();
        for line in text.lines() {
            if let Some(notes) = line.strip_prefix("## ") {
                let go = notes
                    .split(';')
                    .find_map(|n| go_version(n.trim().strip_prefix("go ")?));
                if let (Some(module), Some(go)) = (list.modules.last_mut(), go) {
                    *module = Some(go);
                }
            } else if line.starts_with("# ") {
                list.modules.push(None);
            } else if !line.trim().is_empty() && !list.modules.is_empty() {
                list.packages
                    .insert(line.trim().to_string(), list.modules.len() as u32 - 1);
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_mod_with_blocks_comments_and_quotes() {
        let parsed = GoMod::parse(
            "// Deprecated: x\nmodule \"example.com/m\" // why\n\ngo 1.22.1\ntoolchain go1.23.0\n\
             require a.org/x v1.0.0\nrequire (\n\tb.org/y/v2 v2.1.0 // indirect\n\n)\n\
             replace a.org/x => ../x\nreplace (\n\tb.org/y/v2 v2.1.0 => c.org/z v0.1.0\n)\nexclude d.org/q v1.0.0\n",
        );
        assert_eq!(
            (parsed.path.as_str(), parsed.go),
            ("example.com/m", Some((1, 22)))
        );
        assert_eq!(
            parsed.require,
            [
                ("a.org/x".into(), "v1.0.0".into()),
                ("b.org/y/v2".into(), "v2.1.0".into())
            ]
        );
        assert_eq!(
            parsed.replace[0].local_dir(Path::new("/w/m")),
            Some(PathBuf::from("/w/x"))
        );
        assert!(parsed.replace[1].replaces("b.org/y/v2", "v2.1.0"));
        assert!(!parsed.replace[1].replaces("b.org/y/v2", "v2.0.0"));
        assert_eq!(parsed.replace[1].local_dir(Path::new("/w/m")), None);
    }

    #[test]
    fn broken_go_mod_gives_what_it_says() {
        assert_eq!(GoMod::parse(""), GoMod::default());
        assert_eq!(
            GoMod::parse("module\nrequire (\nreplace => =>\n\"").path,
            ""
        );
        assert_eq!(
            GoMod::parse("module x\nrequire (\n a v1").require,
            [("a".into(), "v1".into())]
        );
    }

    #[test]
    fn go_work_uses() {
        let parsed = GoWork::parse("go 1.21\nuse (\n\t./a\n\t./b\n)\nuse ./c\nreplace x => ./y\n");
        assert_eq!(parsed.uses, ["./a", "./b", "./c"]);
        assert_eq!(parsed.replace.len(), 1);
    }

    #[test]
    fn versions_of_the_go_directive() {
        assert_eq!(go_version("1.9"), Some((1, 9)));
        assert_eq!(go_version("1.23rc1"), Some((1, 23)));
        assert_eq!(go_version("go1.26.8"), Some((1, 26)));
        assert_eq!(go_version("local"), None);
    }

    #[test]
    fn vendor_list() {
        let list = VendorList::parse(
            "# a.org/x v1.0.0\n## explicit; go 1.17\na.org/x\na.org/x/sub\n# b v2 => ./b\n",
        );
        assert_eq!(list.packages["a.org/x/sub"], 0);
        assert_eq!(list.modules[0], Some((1, 17)));
        assert_eq!(list.modules.len(), 2);
    }
}
