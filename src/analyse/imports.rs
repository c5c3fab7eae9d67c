//! The name by which a file can speak of a package, for the text of a fix.

use super::transform::Subject;
use crate::index::{FileId, Package, World};
use crate::syntax::ast::{Import, Name};
use crate::types::Object;

/// What a fix has to write for a package, and whether its import is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportName {
    /// The qualifier: `context` in `context.Background()`.
    pub name: String,
    /// The file does not import it by a usable name yet: list it in [`super::finding::Fix::imports`].
    pub missing: bool,
}

/// The name of the standard-library package `path` in `file`: of the import it has, else the one that an added
/// import gives. None when that name would mean something else at package or file level, or when the file's imports
/// are not all understood.
pub fn import_name(world: &World, file: FileId, path: &str) -> Option<ImportName> {
    let package = world.package(world.package_of(file)?)?;
    let listed = package.files.iter().find(|listed| listed.id == file)?;
    if listed.outline.broken {
        return None;
    }
    let imports = &listed.outline.imports;
    if let Some(import) = imports.iter().find(|import| names(import, path)) {
        let name = match &import.alias {
            Some(alias) => alias.name.to_string(),
            None => base_name(path).to_owned(),
        };
        return Some(ImportName {
            name,
            missing: false,
        });
    }
    let name = base_name(path);
    let taken = package.scope.contains_key(&Name::from(name))
        || imports
            .iter()
            .any(|import| may_be_called(world, &package, import, name));
    (!taken).then(|| ImportName {
        name: name.to_owned(),
        missing: true,
    })
}

/// As [`import_name`], and at `offset` of the subject's body no local declaration hides the name.
pub fn import_name_at(subject: &Subject<'_>, offset: u32, path: &str) -> Option<ImportName> {
    let import = import_name(subject.world, subject.file, path)?;
    let meant = subject
        .types
        .name_at(&subject.body, offset, Name::from(import.name.as_str()));
    match meant {
        None => import.missing.then_some(import),
        Some(Object::Package(_)) => (!import.missing).then_some(import),
        Some(_) => None,
    }
}

/// The last element of an import path that is not a major version: the package's name, for the standard library.
pub(crate) fn base_name(path: &str) -> &str {
    let version = |part: &str| {
        let digits = part.strip_prefix('v');
        digits
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    if version(last) {
        parts.next().unwrap_or(last)
    } else {
        last
    }
}

/// Whether the import gives the package a name to qualify with.
fn names(import: &Import, path: &str) -> bool {
    import.path.as_str() == path
        && !matches!(&import.alias, Some(alias) if matches!(alias.name.as_str(), "_" | "."))
}

/// Whether an import may introduce `name` in the file. A package that was not found is judged by its path: `go-x`,
/// `x.v2` and `x-go` are usually called `x`.
fn may_be_called(world: &World, package: &Package, import: &Import, name: &str) -> bool {
    match import.alias.as_ref().map(|alias| alias.name.as_str()) {
        Some("_") => return false,
        // A dot import may declare any exported name; a package's name is never exported as a lower-case one.
        Some(".") => return false,
        Some(alias) => return alias == name,
        None => {}
    }
    match world
        .import(package.id, import.path)
        .and_then(|id| world.package(id))
    {
        Some(found) => found.name.as_str() == name,
        None => base_name(&import.path).contains(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_major_version_is_not_a_name() {
        assert_eq!(base_name("context"), "context");
        assert_eq!(base_name("math/rand/v2"), "rand");
        assert_eq!(base_name("example.com/vault"), "vault");
    }
}
