//! Places as editors name them: files are URIs, positions count lines from 0 and columns in UTF-8 or UTF-16 units.

use crate::emit::name::file_url;
use lsp_types::{ClientCapabilities, Position, PositionEncodingKind, Range, Uri};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What columns count. An editor that names none means UTF-16 (LSP 3.17, "Position").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// UTF-8 where the editor has it: nothing needs to be counted.
    pub(super) fn of(capabilities: &ClientCapabilities) -> Encoding {
        let general = capabilities.general.as_ref();
        let known = general.and_then(|general| general.position_encodings.as_ref());
        match known.is_some_and(|known| known.contains(&PositionEncodingKind::UTF8)) {
            true => Encoding::Utf8,
            false => Encoding::Utf16,
        }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// A byte offset of a text as a position.
    pub(super) fn position(self, text: &str, offset: usize) -> Position {
        let before = &text[..offset];
        let mut lines = 0;
        let mut start = 0;
        let bytes = text.as_bytes();
        for (at, &byte) in before.as_bytes().iter().enumerate() {
            // Lines end with \n, \r\n or \r (LSP 3.17, "Text Documents").
            if byte == b'\n' || byte == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                lines += 1;
                start = at + 1;
            }
        }
        let column = match self {
            Encoding::Utf8 => before.len() - start,
            Encoding::Utf16 => before[start..].encode_utf16().count(),
        };
        Position::new(lines, u32::try_from(column).unwrap_or(u32::MAX))
    }

    /// The same of two offsets.
    pub(super) fn range(self, text: &str, start: usize, end: usize) -> Range {
        Range::new(self.position(text, start), self.position(text, end))
    }
}

/// The file of a URI; none when it is not one of this machine.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    if !uri.scheme()?.as_str().eq_ignore_ascii_case("file") {
        return None;
    }
    let decoded = uri.path().as_estr().decode().into_string().ok()?;
    let path = match cfg!(windows) {
        true => decoded.trim_start_matches('/').replace('/', "\\"),
        false => decoded.into_owned(),
    };
    Some(PathBuf::from(path))
}

/// The URI of a file.
pub(super) fn uri(path: &Path) -> Option<Uri> {
    Uri::from_str(&file_url(path)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_what_was_agreed_on() {
        let text = "a\r\né𝄞x\rb\n";
        let at = |encoding: Encoding, needle: char| {
            let position = encoding.position(text, text.find(needle).unwrap());
            (position.line, position.character)
        };
        assert_eq!(at(Encoding::Utf16, 'x'), (1, 3));
        assert_eq!(at(Encoding::Utf8, 'x'), (1, 6));
        assert_eq!(at(Encoding::Utf16, 'b'), (2, 0));
        let end = Encoding::Utf8.position(text, text.len());
        assert_eq!((end.line, end.character), (3, 0));
    }

    #[test]
    fn a_path_survives_its_uri() {
        for name in ["/a b/é%#?.go", "/x:y/[z].go"] {
            let uri = uri(Path::new(name)).unwrap();
            assert_eq!(path(&uri), Some(PathBuf::from(name)), "{}", uri.as_str());
        }
        assert_eq!(path(&Uri::from_str("untitled:a.go").unwrap()), None);
    }
}
