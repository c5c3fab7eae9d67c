//! File names in diffs, quoted as git does (git-diff(1), core.quotePath).

use std::fmt::Write;
use std::path::{Component, Path};

/// The bytes of a path with `/` between its parts, without a leading one.
fn bytes(path: &Path) -> Vec<u8> {
    let parts = path.components().filter_map(|part| match part {
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        other => Some(other.as_os_str().as_encoded_bytes()),
    });
    parts.collect::<Vec<_>>().join(&b'/')
}

/// `a/path`, in quotes and with C escapes when it has a quote, a backslash, a control or a non-ASCII byte.
pub fn quoted(side: &str, path: &Path) -> String {
    let mut name = format!("{side}/").into_bytes();
    name.extend(bytes(path));
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if name.iter().all(plain) {
        return String::from_utf8_lossy(&name).into_owned();
    }
    let mut quoted = String::from("\"");
    for byte in name {
        match byte {
            0x07 => quoted.push_str("\\a"),
            0x08 => quoted.push_str("\\b"),
            b'\t' => quoted.push_str("\\t"),
            b'\n' => quoted.push_str("\\n"),
            0x0b => quoted.push_str("\\v"),
            0x0c => quoted.push_str("\\f"),
            b'\r' => quoted.push_str("\\r"),
            b'"' => quoted.push_str("\\\""),
            b'\\' => quoted.push_str("\\\\"),
            byte if plain(&byte) => quoted.push(byte.into()),
            byte => quoted.push_str(&format!("\\{byte:03o}")),
        }
    }
    quoted.push('"');
    quoted
}

/// A path on one line of text: [`hostile`] characters and bytes that are not UTF-8 become `\u{fffd}`.
pub fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy())
}

/// Text on one line, [`hostile`] characters replaced.
pub fn plain(text: &str) -> String {
    let safe = |c: char| if hostile(c) { '\u{fffd}' } else { c };
    text.chars().map(safe).collect()
}

/// Characters that do something instead of being read: controls (a terminal's escapes begin with them), line
/// separators, and those that reorder text (Unicode TR36, "Bidirectional Text Spoofing").
pub fn hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name of a `---` or `+++` line: a plain name with a blank gets a tab after it, where GNU patch would else end
/// the name.
pub fn header(side: &str, path: &Path) -> String {
    let mut name = quoted(side, path);
    if !name.starts_with('"') && name.contains(' ') {
        name.push('\t');
    }
    name
}

/// The URL of an absolute path: bytes that a URL may not hold are escaped (RFC 8089, RFC 3986 section 3.3).
pub fn file_url(path: &Path) -> String {
    let text = path.to_string_lossy();
    let (start, text) = match cfg!(windows) {
        true => ("file:///", text.replace('\\', "/").into()),
        false => ("file://", text),
    };
    let mut url = start.to_owned();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => url.push(byte.into()),
            byte if b"-._~!$&'()*+,;=:@/".contains(&byte) => url.push(byte.into()),
            byte => drop(write!(url, "%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        let cases = [
            ("a/b.go", "a/a/b.go"),
            ("./b c.go", "a/b c.go"),
            ("/root/b.go", "a/root/b.go"),
            ("é.go", "\"a/\\303\\251.go\""),
            ("a\"b\\c\td.go", "\"a/a\\\"b\\\\c\\td.go\""),
        ];
        for (path, want) in cases {
            assert_eq!(quoted("a", Path::new(path)), want);
        }
        assert_eq!(header("b", Path::new("b c.go")), "b/b c.go\t");
        assert_eq!(header("b", Path::new("bc.go")), "b/bc.go");
    }
}
