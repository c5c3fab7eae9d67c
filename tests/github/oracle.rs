//! The oracle: accepting the suggestions as GitHub does gives the bytes of applying the fixes.

use serde_json::Value;

/// The text after somebody has accepted each suggestion of these comments, one commit after the other.
pub(crate) fn accept(text: &str, comments: &[Value]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    // From the end, so that lines keep their numbers.
    let mut comments: Vec<&Value> = comments
        .iter()
        .filter(|one| one.get("line").is_some())
        .collect();
    comments.sort_by_key(|one| std::cmp::Reverse(one["line"].as_u64()));
    for comment in comments {
        let Some(new) = suggestion(comment["body"].as_str().unwrap()) else {
            continue;
        };
        let end = comment["line"].as_u64().unwrap() as usize;
        let start = comment["start_line"]
            .as_u64()
            .map_or(end, |start| start as usize);
        lines.splice(start - 1..end, new);
    }
    lines.concat()
}

/// The lines of the first fenced block whose info string is `suggestion` (CommonMark 4.5).
pub(crate) fn suggestion(body: &str) -> Option<Vec<String>> {
    let mut lines = body.split_inclusive('\n');
    let mut fence: Option<(usize, bool)> = None;
    let mut block = Vec::new();
    for line in &mut lines {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        let info = line[ticks..].trim();
        match fence {
            None if ticks >= 3 && !info.contains('`') => {
                fence = Some((ticks, info == "suggestion"))
            }
            Some((open, ours)) if ticks >= open && info.is_empty() => {
                if ours {
                    return Some(block);
                }
                fence = None;
                block.clear();
            }
            Some((_, true)) => block.push(line.to_owned()),
            _ => {}
        }
    }
    None
}
