//! Which packages new texts concern: those of the changed files, and those that depend on a package whose declarations
//! changed.

use super::toolchain::Toolchain;
use crate::index::BuildSettings;
use crate::syntax::ast::Decl;
use crate::syntax::lexer::{Lexer, Token};
use crate::syntax::parse_outline;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A package as `go list` describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Listed {
    pub(super) dir: PathBuf,
    import_path: String,
    /// It or a dependency cannot be loaded.
    pub(super) incomplete: bool,
    go_files: Vec<String>,
    cgo_files: Vec<String>,
    test_go_files: Vec<String>,
    #[serde(rename = "XTestGoFiles")]
    x_test_go_files: Vec<String>,
    imports: Vec<String>,
    test_imports: Vec<String>,
    #[serde(rename = "XTestImports")]
    x_test_imports: Vec<String>,
}

const FIELDS: &str = "-json=Dir,ImportPath,Incomplete,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports";

impl Listed {
    /// Whether this build configuration compiles a file of the directory.
    pub(super) fn builds(&self, file: &Path) -> bool {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
            return false;
        };
        let lists = [
            &self.go_files,
            &self.cgo_files,
            &self.test_go_files,
            &self.x_test_go_files,
        ];
        file.parent() == Some(&self.dir) && lists.into_iter().flatten().any(|listed| listed == name)
    }
}

/// `go list` of these patterns, tests included.
pub(super) fn list(
    go: &Toolchain,
    build: &BuildSettings,
    patterns: &[String],
) -> Result<Vec<Listed>, String> {
    let tags = format!("-tags={}", build.tags.join(","));
    let mut arguments = vec!["list", "-e", "-test", FIELDS, &tags, "--"];
    arguments.extend(patterns.iter().map(String::as_str));
    let said = go.run(&arguments, build)?;
    let listed: Result<Vec<Listed>, _> = serde_json::Deserializer::from_str(&said.out)
        .into_iter()
        .collect();
    match listed {
        Ok(listed) if said.success && !listed.is_empty() => Ok(listed),
        _ => Err(format!(
            "go list: {}",
            said.err.lines().next().unwrap_or("nothing")
        )),
    }
}

/// Patterns for every package that could depend on the module's: of the module, or of all in its workspace.
pub(super) fn everything(go: &Toolchain, root: &Path) -> Result<Vec<String>, String> {
    let said = go.run(&["list", "-m", "-f", "{{.Dir}}"], &BuildSettings::default())?;
    let all = said.out.lines().filter(|line| !line.is_empty());
    // Written as a path, a directory whose own name starts with a dot would have no packages.
    let pattern = |directory: &str| match Path::new(directory) == root {
        true => "./...".to_owned(),
        false => format!("{directory}/..."),
    };
    Ok(all.map(pattern).collect())
}

/// The directories of packages that import one of `changed`, however far.
pub(super) fn dependants(listed: &[Listed], changed: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut importers: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for package in listed {
        let imports = [
            &package.imports,
            &package.test_imports,
            &package.x_test_imports,
        ];
        for import in imports.into_iter().flatten() {
            importers.entry(import).or_default().push(package);
        }
    }
    let mut found = BTreeSet::new();
    let mut queue: Vec<&Listed> = listed
        .iter()
        .filter(|one| changed.contains(&one.dir))
        .collect();
    while let Some(package) = queue.pop() {
        for importer in importers.get(&*package.import_path).into_iter().flatten() {
            if found.insert(importer.dir.clone()) {
                queue.push(importer);
            }
        }
    }
    found
}

/// Whether other packages could see a difference: in anything but function bodies and imports.
pub(super) fn declarations_differ(old: &str, new: &str) -> bool {
    declarations(old) != declarations(new)
}

/// The tokens outside function bodies and imports.
fn declarations(text: &str) -> Vec<&str> {
    let outline = parse_outline(text);
    let body = |decl: &Decl| match decl {
        Decl::Func(func) => func.body,
        _ => None,
    };
    let bodies: Vec<_> = outline.decls.iter().filter_map(body).collect();
    let mut tokens = Vec::new();
    let (mut import, mut depth) = (false, 0usize);
    for (token, span) in Lexer::new(text) {
        let word = &text[span.range()];
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if token == Token::Newline && depth == 0 {
            import = false;
        }
        import |= depth == 0 && word == "import";
        let skipped = import || matches!(token, Token::Comment | Token::Newline);
        if !skipped && !bodies.iter().any(|body| body.contains(span)) {
            tokens.push(word);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "package p\n\nfunc F(x int) {\n\tg()\n}\n\ntype T struct{ a int }\n";

    #[test]
    fn bodies_imports_and_comments_are_nobody_elses_business() {
        let new = OLD
            .replace("g()", "h()\n\tfor {\n\t}")
            .replace(
                "package p\n",
                "package p\n\nimport (\n\t\"os\"\n)\n\nimport \"io\"\n",
            )
            .replace("type T", "// T is.\ntype T");
        assert!(!declarations_differ(OLD, &new));
    }

    #[test]
    fn signatures_and_fields_are() {
        assert!(declarations_differ(
            OLD,
            &OLD.replace("x int", "ctx C, x int")
        ));
        assert!(declarations_differ(OLD, &OLD.replace("a int", "a, b int")));
    }
}
