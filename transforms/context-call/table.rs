//! The table of calls and their siblings.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    fix: FixKind,
    #[serde(default)]
    arguments: Vec<String>,
    receiver: Option<String>,
    calls: Vec<Row>,
    #[allow(
        dead_code,
        reason = "tells people where the fact can be read; the program does not need it"
    )]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    call: String,
    to: String,
}

/// What giving up means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FixKind {
    /// Nothing is left behind.
    Safe,
    /// Something may be.
    Unsafe,
}

/// How a call becomes its sibling.
#[derive(Clone, Debug)]
pub(super) struct Sibling {
    /// The sibling's name.
    pub(super) to: String,
    /// Arguments after those of the call.
    pub(super) arguments: Vec<String>,
    /// What replaces the package in `pkg.Func`, with `{pkg}` for it.
    pub(super) receiver: Option<String>,
    /// What giving up means.
    pub(super) fix: FixKind,
}

/// The sibling of a callee.
pub(super) fn sibling(callee: &str) -> Option<&'static Sibling> {
    table()?.get(callee)
}

/// Whether a call may have this name, whatever its package or receiver.
pub(super) fn has_name(name: &str) -> bool {
    let last = |call: &String| call.rsplit('.').next() == Some(name);
    table().is_some_and(|table| table.keys().any(|call| last(call)))
}

fn table() -> Option<&'static HashMap<String, Sibling>> {
    static TABLE: OnceLock<Option<HashMap<String, Sibling>>> = OnceLock::new();
    // The shipped table is part of the program: a test loads it.
    TABLE.get_or_init(|| load().ok()).as_ref()
}

fn load() -> Result<HashMap<String, Sibling>, toml::de::Error> {
    let file: File = toml::from_str(include_str!("calls.toml"))?;
    let mut table = HashMap::new();
    for group in file.group {
        for row in group.calls {
            let sibling = Sibling {
                to: row.to,
                arguments: group.arguments.clone(),
                receiver: group.receiver.clone(),
                fix: group.fix,
            };
            table.insert(row.call, sibling);
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_loads() {
        let table = load().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(table["(*database/sql.DB).Query"].to, "QueryContext");
        assert!(has_name("NewRequest") && !has_name("Context"));
    }

    #[test]
    fn every_row_has_a_literal() {
        let table = load().unwrap_or_else(|error| panic!("{error}"));
        for call in table.keys() {
            let name = call.rsplit('.').next().unwrap_or(call);
            let literal = format!("{name}(");
            assert!(super::super::LITERALS.contains(&literal.as_str()), "{call}");
        }
    }
}
