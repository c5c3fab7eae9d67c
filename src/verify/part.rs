//! A change without the functions that it leaves alone: what a promise costs is then the change's size, not the file's.
//!
//! A body that no edit touches adds the same to the old text and to the new one: errors and names are those of its own
//! tokens, and its use of an import can only make the import used. So a change that is right without such bodies is
//! right with them. One that is not may yet be: then the whole text is looked at.

use crate::analyse::finding::Edit;
use crate::syntax::ast::{Decl, Span};
use crate::syntax::parse_outline;

/// The insides of a file's function bodies, in order; none when its declarations do not parse.
pub(super) fn bodies(text: &str) -> Vec<Span> {
    let outline = parse_outline(text);
    if outline.broken {
        return Vec::new();
    }
    let inside = outline.decls.iter().filter_map(|decl| match decl {
        Decl::Func(func) => func.body,
        _ => None,
    });
    inside
        .map(|body| Span::new(body.start as usize + 1, body.end as usize - 1))
        .collect()
}

/// The text and the edits without the bodies that no edit touches.
pub(super) fn touched(text: &str, bodies: &[Span], edits: &[Edit]) -> (String, Vec<Edit>) {
    let mut part = String::new();
    let mut moved = Vec::with_capacity(edits.len());
    let mut edits = edits.iter().peekable();
    let (mut copied, mut cut) = (0, 0);
    let whole = Span::new(text.len(), text.len());
    for body in bodies.iter().chain([&whole]) {
        // The edits before the body, then those that touch it.
        while let Some(edit) = edits.next_if(|edit| edit.span.end < body.start || *body == whole) {
            moved.push(shifted(edit, cut));
        }
        if *body == whole {
            break;
        }
        if edits.peek().is_some_and(|edit| edit.span.start <= body.end) {
            continue;
        }
        part.push_str(&text[copied..body.start as usize]);
        copied = body.end as usize;
        cut += body.end - body.start;
    }
    part.push_str(&text[copied..]);
    (part, moved)
}

fn shifted(edit: &Edit, by: u32) -> Edit {
    Edit {
        span: Span {
            start: edit.span.start.saturating_sub(by),
            end: edit.span.end.saturating_sub(by),
        },
        text: edit.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::apply;

    const TEXT: &str = "package p\n\nfunc a() {\n\tone()\n}\n\nfunc b() {\n\ttwo()\n}\n\nvar v = 1\n\nfunc c() { three() }\n";

    /// What is left of [`TEXT`] and of its change when `from` is replaced.
    fn part(from: &[&str]) -> (String, String) {
        let edit = |word: &&str| {
            let start = TEXT.find(word).expect("a word");
            Edit {
                span: Span::new(start, start + word.len()),
                text: "new".into(),
            }
        };
        let edits: Vec<Edit> = from.iter().map(edit).collect();
        let (old, moved) = touched(TEXT, &bodies(TEXT), &edits);
        let new = apply(&old, &moved).expect("edits inside");
        (old, new)
    }

    #[test]
    fn only_the_bodies_with_an_edit_stay() {
        let (old, new) = part(&["two"]);
        let left =
            "package p\n\nfunc a() {}\n\nfunc b() {\n\ttwo()\n}\n\nvar v = 1\n\nfunc c() {}\n";
        assert_eq!(old, left);
        assert_eq!(new, left.replace("two", "new"));
    }

    #[test]
    fn edits_around_bodies_move_with_them() {
        for words in [
            &["package", "v", "three"][..],
            &["one", "three"],
            &["c() {"],
            &["}\n\nvar"],
        ] {
            let (old, new) = part(words);
            let want = words
                .iter()
                .fold(old, |text, word| text.replacen(word, "new", 1));
            assert_eq!(new, want, "{words:?}");
        }
    }

    #[test]
    fn a_file_that_does_not_parse_stays_whole() {
        assert!(bodies("package p\n\nfunc a() {\n").is_empty());
    }
}
