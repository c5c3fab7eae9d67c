//! The module's own acquirers by name: functions that return something of a type that has to be released. Only a body
//! that calls one of these, or a call of the tables, is looked into.

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

/// The names of functions and methods in this text whose results have one of the types.
pub(super) fn names(text: &str, offer: &mut dyn FnMut(&str)) {
    for at in memmem::find_iter(text.as_bytes(), "\nfunc ") {
        if let Some(name) = supplier(&text[at + "\nfunc ".len()..]) {
            offer(name);
        }
    }
}

/// The name of the function whose declaration goes on with `text`, when its results have one of the types.
fn supplier(text: &str) -> Option<&str> {
    let text = match text.strip_prefix('(') {
        Some(_) => text[closing(text)?..].trim_start(),
        None => text,
    };
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let name = &text[..end];
    let mut rest = &text[end..];
    if rest.starts_with('[') {
        rest = &rest[rest.find("](")? + 1..];
    }
    let results = &rest[closing(rest)?..];
    let results = &results[..results.find('\n').unwrap_or(results.len())];
    let has = |ty: &str| memmem::find(results.as_bytes(), ty.as_bytes()).is_some();
    TYPES.iter().copied().any(has).then_some(name)
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

    #[test]
    fn functions_and_methods_that_return_a_resource_are_found() {
        let text = "package p\n\nfunc open(path string) (*os.File, error) {\n}\n\nfunc (c *C) get(\n\ta, b int,\n) (*http.Response, error) {\n}\n\nfunc use(f *os.File) error {\n}\n\nfunc generic[T any](x T) io.ReadCloser {\n}\n";
        let mut found = Vec::new();
        names(text, &mut |name| found.push(name.to_owned()));
        assert_eq!(found, ["open", "get", "generic"]);
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
            names(text, &mut |name| panic!("{name}"));
        }
    }
}
