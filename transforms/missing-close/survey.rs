//! The module's own acquirers by name: functions that return something of a type that has to be released. Only a body
//! that calls one of these, or a call of the tables, is looked into.

use super::Known;
use super::table::Tables;
use crate::analyse::transform::{Arguments, Surveyed};
use crate::syntax::check;
use memchr::memmem;

/// Interfaces of the standard library that what the tables list is handed on as.
const INTERFACES: &[&str] = &[
    "io.Closer",
    "io.ReadCloser",
    "io.ReadSeekCloser",
    "io.ReadWriteCloser",
    "io.WriteCloser",
];

/// The functions and methods in this text whose results have a type that calls of the shipped tables hand out.
pub(super) fn names(text: &str, offer: &mut dyn FnMut(&str, Surveyed)) {
    let Some(tables) = Known::tables() else {
        return;
    };
    for at in memmem::find_iter(text.as_bytes(), "\nfunc ") {
        let Some(supplier) = supplier(tables, &text[at + "\nfunc ".len()..]) else {
            continue;
        };
        let arguments = arguments(supplier.params);
        let surveyed = match check::package_name(text) {
            _ if supplier.method => Surveyed::Method(arguments),
            Some(package) => Surveyed::Function(package.to_owned(), arguments),
            None => return,
        };
        offer(supplier.name, surveyed);
    }
}

/// The head of a function's declaration.
struct Supplier<'t> {
    name: &'t str,
    method: bool,
    /// Between the parentheses.
    params: &'t str,
}

/// The function whose declaration goes on with `text`, when its results have one of the types.
fn supplier<'t>(tables: &Tables, text: &'t str) -> Option<Supplier<'t>> {
    let method = text.starts_with('(');
    let text = match method {
        true => text[closing(text)?..].trim_start(),
        false => text,
    };
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let name = &text[..end];
    let mut rest = &text[end..];
    if rest.starts_with('[') {
        rest = &rest[rest.find("](")? + 1..];
    }
    let closed = closing(rest)?;
    let params = rest[..closed].strip_prefix('(')?.strip_suffix(')')?;
    let results = &rest[closed..];
    let results = &results[..results.find('\n').unwrap_or(results.len())];
    let part = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
    let handed_on = |ty: &str| INTERFACES.contains(&ty) || tables.hands_out(ty);
    results.split(part).any(handed_on).then_some(Supplier {
        name,
        method,
        params,
    })
}

/// How many arguments a call with these parameters has: one more than there are commas outside of brackets, but for one
/// at the end.
fn arguments(params: &str) -> Arguments {
    // A comma in a comment says nothing.
    if params.contains("//") || params.contains("/*") {
        return Arguments {
            least: 0,
            most: usize::MAX,
        };
    }
    let params = params.trim().trim_end_matches(',');
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    for (at, byte) in params.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => commas.push(at),
            _ => {}
        }
    }
    let count = match params.is_empty() {
        true => 0,
        false => commas.len() + 1,
    };
    let last = &params[commas.last().map_or(0, |comma| comma + 1)..];
    match last.contains("...") {
        true => Arguments {
            least: count - 1,
            most: usize::MAX,
        },
        false => Arguments {
            least: count,
            most: count,
        },
    }
}

/// The offset after the parenthesis that closes the one `text` starts with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{BodyRef, FuncRef, World, WorldOptions};
    use crate::types::{Checker, TypeView};
    use std::path::Path;
    use std::sync::Arc;

    fn exactly(count: usize) -> Arguments {
        Arguments {
            least: count,
            most: count,
        }
    }

    #[test]
    fn parameters_tell_how_many_arguments_a_call_has() {
        for (params, count) in [
            ("", 0),
            ("a, b int", 2),
            (
                "\n\tctx context.Context,\n\tf func(int, string) (int, error),\n",
                2,
            ),
            ("m map[K]V, p Pair[K, V]", 2),
        ] {
            assert_eq!(arguments(params), exactly(count), "{params}");
        }
        let variadic = |params| arguments(params).least;
        assert_eq!(variadic("name string, options ...func(a, b int)"), 1);
        assert_eq!(arguments("all ...T").most, usize::MAX);
        assert_eq!(variadic("a int, // first, and more\n\tb int"), 0);
    }

    #[test]
    fn functions_and_methods_that_return_a_resource_are_found() {
        let text = "package p\n\nfunc open(path string) (*os.File, error) {\n}\n\nfunc (c *C) get(\n\ta, b int,\n) (*stdhttp.Response, error) {\n}\n\nfunc use(f *os.File) error {\n}\n\nfunc generic[T any](x T) io.ReadCloser {\n}\n\nfunc other() (FileInfo, os.FileMode) {\n}\n";
        let mut found = Vec::new();
        names(text, &mut |name, how| found.push((name.to_owned(), how)));
        let function = |count| Surveyed::Function("p".into(), exactly(count));
        let expected = [
            ("open".to_owned(), function(1)),
            ("get".into(), Surveyed::Method(exactly(2))),
            ("generic".into(), function(1)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn text_that_ends_early_or_is_not_go_has_none() {
        for text in [
            "\nfunc ",
            "\nfunc (",
            "\nfunc f(",
            "\nfunc f) os.File",
            "\nfunc (",
        ] {
            names(text, &mut |name, _| panic!("{name}"));
        }
    }

    /// The types are those of the embedded standard library: what each reported row hands out is looked for.
    #[test]
    fn the_type_of_each_reported_row_of_the_standard_library_is_looked_for() {
        let tables = Known::tables().expect("the tables are right");
        let rows: Vec<_> = tables.reported().filter(|row| row.std).collect();
        assert!(rows.len() > 100, "{}", rows.len());
        let mut missing = Vec::new();
        for row in rows {
            let ty = result_type(&row.call, row.result);
            let written = ty.trim_start_matches('*').rsplit('/').next();
            let written = written.unwrap_or_default();
            // A function without a type's name (iter.Pull) tells nothing.
            let text = format!("package p\n\nfunc f() {written} {{\n");
            let mut found = false;
            names(&text, &mut |_, _| found = true);
            if written != "func()" && !found {
                missing.push(format!("{} {ty}", row.call));
            }
        }
        missing.sort();
        assert!(missing.is_empty(), "{}", missing.join("\n"));
    }

    /// The type of a result of a function or method (`(*net/http.Client).Do`), with its whole path.
    fn result_type(call: &str, result: usize) -> String {
        let path = call.trim_start_matches(['(', '*']);
        let dot = path.rfind('/').unwrap_or(0);
        let dot = dot + path[dot..].find('.').expect("a package");
        let package = &path[..dot];
        let name = package.rsplit('/').next().unwrap_or(package);
        // A method that net's connections get from an unexported type.
        let used = call.replace("net.conn", "net.TCPConn");
        let used = used.replace(package, name);
        let text = format!(
            "package p\n\nimport \"{package}\"\n\nfunc f() {{\n\tx := {used}\n\t_ = x\n}}\n"
        );
        let world = World::new(WorldOptions::default());
        let root = Path::new("/unleak-survey");
        world.set_overlay(&root.join("go.mod"), "module example.com/m\n\ngo 1.26\n");
        let file = world.add_file(&root.join("a.go"), Some(Arc::from(text.as_str())));
        let types = Checker::new(&world);
        let package = world.package_of(file).expect("a package clause");
        let body = types.body(BodyRef::Func(FuncRef { package, index: 0 }));
        let body = body.expect("it has a body");
        let TypeView::Func(_, _, results) = types.view(body.info.locals[0].ty) else {
            return format!("unknown: {text}");
        };
        results
            .get(result)
            .map_or_else(String::new, |&ty| types.display(ty))
    }
}
