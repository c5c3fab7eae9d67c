//! The module cache: where a module version lies, and which versions a build selects
//! (Go modules reference, "Module cache", "Minimal version selection").

use super::module::{GoMod, Replace};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A path or version as it is spelt in the cache: `!a` for `A`.
pub(super) fn escape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Where a module version is unpacked.
pub(super) fn module_dir(cache: &Path, path: &str, version: &str) -> PathBuf {
    cache.join(format!("{}@{}", escape(path), escape(version)))
}

/// Where the go.mod of a module version is kept, also of one that is not unpacked.
pub(super) fn go_mod_file(cache: &Path, path: &str, version: &str) -> PathBuf {
    cache
        .join("cache/download")
        .join(escape(path))
        .join("@v")
        .join(format!("{}.mod", escape(version)))
}

/// The versions that the requirements select: the highest of each module that is reachable through the go.mod files
/// of the versions required. A go.mod that is missing from the cache requires nothing.
pub(super) fn select_versions(
    roots: &[(String, String)],
    replace: &[(PathBuf, Replace)],
    cache: Option<&Path>,
    read: &dyn Fn(&Path) -> Option<String>,
) -> HashMap<String, String> {
    let mut selected: HashMap<String, String> = HashMap::new();
    let mut todo: Vec<(String, String)> = roots.to_vec();
    while let Some((path, version)) = todo.pop() {
        match selected.get(&path) {
            Some(known) if compare(known, &version) != Ordering::Less => continue,
            _ => {}
        }
        let replaced = replace.iter().find(|(_, r)| r.replaces(&path, &version));
        let file = match replaced {
            Some((base, r)) => match r.local_dir(base) {
                Some(dir) => Some(dir.join("go.mod")),
                None => cache
                    .map(|c| go_mod_file(c, &r.new, r.new_version.as_deref().unwrap_or(&version))),
            },
            None => cache.map(|c| go_mod_file(c, &path, &version)),
        };
        if let Some(text) = file.and_then(|f| read(&f)) {
            todo.extend(GoMod::parse(&text).require);
        }
        selected.insert(path, version);
    }
    selected
}

/// The highest version of each module in a list of requirements.
pub(super) fn highest(require: &[(String, String)]) -> HashMap<String, String> {
    let mut out: HashMap<String, String> = HashMap::new();
    for (path, version) in require {
        match out.get(path) {
            Some(known) if compare(known, version) != Ordering::Less => {}
            _ => {
                out.insert(path.clone(), version.clone());
            }
        }
    }
    out
}

/// Orders versions (semver 2.0, section 11; build metadata such as `+incompatible` is ignored).
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (split(a), split(b));
    a.0.cmp(&b.0).then_with(|| match (a.1, b.1) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => compare_prerelease(a, b),
    })
}

fn split(version: &str) -> (Vec<u64>, Option<&str>) {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split('+').next().unwrap_or(version);
    let (core, pre) = match version.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (version, None),
    };
    let mut numbers: Vec<u64> = core.split('.').map(|n| n.parse().unwrap_or(0)).collect();
    numbers.resize(3, 0);
    (numbers, pre)
}

fn compare_prerelease(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_is_escaped() {
        let dir = module_dir(Path::new("/c"), "github.com/BurntSushi/toml", "v1.0.0-RC1");
        assert_eq!(
            dir,
            Path::new("/c/github.com/!burnt!sushi/toml@v1.0.0-!r!c1")
        );
    }

    #[test]
    fn versions_are_ordered_as_semver_says() {
        let ordered = [
            "v0.0.0-20190101",
            "v0.9.0",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.b",
            "v1.0.0-rc.1",
            "v1.0.0",
            "v1.10.0",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(compare("v2.0.0+incompatible", "v2.0.0"), Ordering::Equal);
    }

    #[test]
    fn the_highest_required_version_is_selected() {
        let read = |file: &Path| match file.to_str()? {
            "/c/cache/download/a/@v/v1.0.0.mod" => Some("module a\nrequire b v1.2.0".to_string()),
            "/c/cache/download/b/@v/v1.2.0.mod" => Some("module b\nrequire a v1.0.0".to_string()),
            _ => None,
        };
        let roots = [("a".into(), "v1.0.0".into()), ("b".into(), "v1.1.0".into())];
        let selected = select_versions(&roots, &[], Some(Path::new("/c")), &read);
        assert_eq!(selected["b"], "v1.2.0");
        assert_eq!(selected["a"], "v1.0.0");
    }
}
