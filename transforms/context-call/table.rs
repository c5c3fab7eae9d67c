//! The table of calls and their siblings.

use serde::Deserialize;
use std::collections::{HashMap, HashSet};
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

/// The rows by callee, and the names that a call of one of them has.
#[derive(Debug, Default)]
struct Table {
    siblings: HashMap<String, Sibling>,
    names: HashSet<String>,
}

/// The sibling of a callee.
pub(super) fn sibling(callee: &str) -> Option<&'static Sibling> {
    table()?.siblings.get(callee)
}

/// Whether a call may have this name, whatever its package or receiver.
pub(super) fn has_name(name: &str) -> bool {
    table().is_some_and(|table| table.names.contains(name))
}

fn table() -> Option<&'static Table> {
    static TABLE: OnceLock<Option<Table>> = OnceLock::new();
    // The shipped table is part of the program: a test loads it.
    TABLE.get_or_init(|| load().ok()).as_ref()
}

fn load() -> Result<Table, toml::de::Error> {
    let file: File = toml::from_str(include_str!("calls.toml"))?;
    let mut table = Table::default();
    for group in file.group {
        for row in group.calls {
            let name = row.call.rsplit('.').next().unwrap_or(&row.call);
            table.names.insert(name.to_owned());
            let sibling = Sibling {
                to: row.to,
                arguments: group.arguments.clone(),
                receiver: group.receiver.clone(),
                fix: group.fix,
            };
            table.siblings.insert(row.call, sibling);
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
        let query = &table.siblings["(*database/sql.DB).Query"];
        assert_eq!(query.to, "QueryContext");
        assert!(has_name("NewRequest") && !has_name("Context"));
    }

    #[test]
    fn every_row_has_a_literal() {
        let table = load().unwrap_or_else(|error| panic!("{error}"));
        for name in &table.names {
            let literal = format!("{name}(");
            assert!(super::super::LITERALS.contains(&literal.as_str()), "{name}");
        }
    }
}
