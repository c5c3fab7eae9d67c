//! The module's own acquirers by name: functions that return something of a type that has to be released. Only a body
//! that calls one of these, or a call of the tables, is looked into.

use crate::analyse::transform::{Arguments, Surveyed};
use crate::syntax::check;
use memchr::memmem;

/// How the types end that acquiring calls of the tables return.
const TYPES: &[&str] = &[
    "os.File",
    "os.Root",
    "http.Response",
    "sql.Rows",
    "sql.Stmt",
    "sql.Tx",
    "sql.Conn",
    "sqlx.Rows",
    "sqlx.Stmt",
    "sqlx.Tx",
    "pgx.Rows",
    "net.Conn",
    "net.Listener",
    "net.PacketConn",
    "net.TCPConn",
    "net.UDPConn",
    "net.UnixConn",
    "net.TCPListener",
    "net.UnixListener",
    "tls.Conn",
    "io.ReadCloser",
    "io.WriteCloser",
    "io.ReadWriteCloser",
    "io.ReadSeekCloser",
    "io.Closer",
    "gzip.Reader",
    "gzip.Writer",
    "zip.ReadCloser",
    "zip.Writer",
    "tar.Writer",
    "time.Ticker",
    "time.Timer",
    "CancelFunc",
    "CancelCauseFunc",
    "httptest.Server",
    "websocket.Conn",
    "grpc.ClientConn",
    "trace.Span",
];

/// The functions and methods in this text whose results have one of the types.
pub(super) fn names(text: &str, offer: &mut dyn FnMut(&str, Surveyed)) {
    for at in memmem::find_iter(text.as_bytes(), "\nfunc ") {
        let Some(supplier) = supplier(&text[at + "\nfunc ".len()..]) else {
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
fn supplier(text: &str) -> Option<Supplier<'_>> {
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
    let has = |ty: &str| memmem::find(results.as_bytes(), ty.as_bytes()).is_some();
    TYPES.iter().copied().any(has).then_some(Supplier {
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
        let text = "package p\n\nfunc open(path string) (*os.File, error) {\n}\n\nfunc (c *C) get(\n\ta, b int,\n) (*http.Response, error) {\n}\n\nfunc use(f *os.File) error {\n}\n\nfunc generic[T any](x T) io.ReadCloser {\n}\n";
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
}
