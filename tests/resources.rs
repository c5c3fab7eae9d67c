//! Every row of the table of third-party resources: found, fixed as the row says, or left alone.
//!
//! No library is needed: for each row a module is made up with its functions and types (names, results and release
//! methods as the row says) in a `vendor` directory, and a function that calls it and releases nothing.

mod support;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use support::Sandbox;

#[derive(Deserialize)]
struct Table {
    group: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    disposition: String,
    fix: String,
    #[serde(default)]
    release: Vec<String>,
    call: Option<String>,
    field: Option<String>,
    #[serde(default)]
    context: bool,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    call: String,
    #[serde(default)]
    result: usize,
    error: Option<usize>,
}

/// `(*path.Type).Method`, `(path.Type).Method` or `path.Function`, taken apart.
struct Name<'r> {
    path: &'r str,
    receiver: Option<(&'r str, bool)>,
    function: &'r str,
}

fn taken_apart(call: &str) -> Name<'_> {
    let last_dot = |name: &str| name.rfind('.').expect("a dot before the name");
    let Some(inner) = call.strip_prefix('(') else {
        let dot = last_dot(call);
        return Name {
            path: &call[..dot],
            receiver: None,
            function: &call[dot + 1..],
        };
    };
    let (ty, function) = inner.split_once(").").expect("a method");
    let pointer = ty.starts_with('*');
    let ty = ty.trim_start_matches('*');
    let dot = last_dot(ty);
    Name {
        path: &ty[..dot],
        receiver: Some((&ty[dot + 1..], pointer)),
        function,
    }
}

/// The stub of a row in package `p`, and the function that leaks it, whose package is imported as `p`.
fn stub_and_use(group: &Group, row: &Row, number: usize) -> (String, String) {
    let name = taken_apart(&row.call);
    let mut stub = String::new();
    let resource = match &group.call {
        Some(call) if call == "nil" => "func(error)".to_owned(),
        Some(_) => "func()".to_owned(),
        None => format!("*R{number}"),
    };
    if group.call.is_none() {
        let held = match &group.field {
            Some(field) => {
                writeln!(stub, "type R{number} struct{{ {field} *Held{number} }}").unwrap();
                format!("Held{number}")
            }
            None => format!("R{number}"),
        };
        if group.field.is_some() || !stub.contains("struct") {
            writeln!(stub, "type {held} struct{{ n int }}").unwrap();
        }
        let parameter = if group.context {
            "ctx context.Context"
        } else {
            ""
        };
        for method in &group.release {
            writeln!(stub, "func (r *{held}) {method}({parameter}) {{ r.n++ }}").unwrap();
        }
        writeln!(stub, "func (r *R{number}) Use() {{}}").unwrap();
    }
    let count = row.error.map_or(0, |at| at + 1).max(row.result + 1);
    let results: Vec<String> = (0..count)
        .map(|at| match at {
            _ if at == row.result => resource.clone(),
            _ if Some(at) == row.error => "error".into(),
            _ => "int".into(),
        })
        .collect();
    let zero: Vec<&str> = results
        .iter()
        .map(|ty| if ty == "int" { "0" } else { "nil" })
        .collect();
    let signature = format!(
        "{}(ctx context.Context) ({})",
        name.function,
        results.join(", ")
    );
    let body = format!("{{ return {} }}", zero.join(", "));
    let (parameter, called) = match name.receiver {
        None => {
            writeln!(stub, "func {signature} {body}").unwrap();
            (String::new(), format!("p.{}", name.function))
        }
        Some((ty, pointer)) => {
            let star = if pointer { "*" } else { "" };
            writeln!(stub, "//recv {ty} {pointer} {signature}").unwrap();
            writeln!(stub, "func (t {star}{ty}) {signature} {body}").unwrap();
            (format!("t {star}p.{ty}, "), format!("t.{}", name.function))
        }
    };
    // A type that is not exported is reached through one that embeds it.
    let private = name
        .receiver
        .is_some_and(|(ty, _)| ty.starts_with(char::is_lowercase));
    let parameter = match name.receiver {
        Some((ty, _)) if private => {
            writeln!(stub, "type Outer{number} struct{{ {ty} }}").unwrap();
            format!("t *p.Outer{number}, ")
        }
        _ => parameter,
    };
    let names: Vec<&str> = (0..count)
        .map(|at| match at {
            _ if at == row.result => "x",
            _ if Some(at) == row.error => "err",
            _ => "_",
        })
        .collect();
    let mut user = format!(
        "func leak({parameter}ctx context.Context) error {{\n\t{} := {called}(ctx)\n",
        names.join(", ")
    );
    if row.error.is_some() {
        user += "\tif err != nil {\n\t\treturn err\n\t}\n";
    }
    user += match group.call {
        Some(_) => "\t_ = x\n\treturn nil\n}\n",
        None => "\tx.Use()\n\treturn nil\n}\n",
    };
    (stub, user)
}

/// Nothing may be said of the group's rows.
fn is_silent(group: &Group) -> bool {
    matches!(group.disposition.as_str(), "never" | "optional") || group.fix == "none"
}

/// One package for each library package, one leaking function for each row, and what is expected of it.
#[test]
fn every_row_of_a_library_is_obeyed() {
    let text = include_str!("../transforms/missing-close/third-party.toml");
    let table: Table = toml::from_str(text).unwrap();
    let mut stubs: BTreeMap<String, String> = BTreeMap::new();
    let mut files = Vec::new();
    let mut expected: Vec<(String, &Group, &Row)> = Vec::new();
    let rows = table
        .group
        .iter()
        .flat_map(|group| group.rows.iter().map(move |row| (group, row)));
    // A stub has one signature: of a call with two resources the one that is reported is tried.
    let told: BTreeSet<&str> = rows
        .clone()
        .filter(|(group, _)| !is_silent(group))
        .map(|(_, row)| row.call.as_str())
        .collect();
    let rows = rows.filter(|(group, row)| !is_silent(group) || !told.contains(row.call.as_str()));
    for (number, (group, row)) in rows.enumerate() {
        let name = taken_apart(&row.call);
        let (stub, user) = stub_and_use(group, row, number);
        let package = stubs
            .entry(name.path.to_owned())
            .or_insert_with(|| "package p\n\nimport \"context\"\n\n".into());
        for line in stub.lines() {
            // Types with methods are declared once, with their methods after them.
            match line.strip_prefix("//recv ") {
                Some(receiver) => {
                    let ty = receiver.split(' ').next().unwrap();
                    let declaration = format!("type {ty} struct{{}}\n");
                    if !package.contains(&declaration) {
                        *package += &declaration;
                    }
                }
                None => *package += &format!("{line}\n"),
            }
        }
        let file = format!("row{number}/leak.go");
        let header = format!(
            "package leak\n\nimport (\n\t\"context\"\n\n\tp \"{}\"\n)\n\n",
            name.path
        );
        files.push((file.clone(), header + &user));
        expected.push((file, group, row));
    }
    let sandbox = Sandbox::new(&[]);
    for (path, text) in stubs {
        sandbox.write(&format!("vendor/{path}/stub.go"), text);
    }
    for (path, text) in &files {
        sandbox.write(path, text);
    }
    let said = sandbox.run(&[
        "--select",
        "missing-close",
        "--format",
        "json",
        "--unsafe-fixes",
    ]);
    let json: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    let mut found: BTreeMap<&str, &serde_json::Value> = BTreeMap::new();
    for finding in json["findings"].as_array().unwrap() {
        found.insert(finding["path"].as_str().unwrap(), finding);
    }
    let mut wrong = Vec::new();
    for (file, group, row) in &expected {
        let finding = found.get(file.as_str());
        let silent = is_silent(group);
        let title = finding.and_then(|finding| finding["fix"]["title"].as_str());
        let obeyed = match (finding, silent, group.fix.as_str()) {
            // The call may hand out something else too, which has a row of its own.
            (_, true, _) => title.is_none_or(|title| !title.contains(" x")),
            (None, false, _) => false,
            (Some(finding), false, "report") => finding["reason"]["id"] == "by-hand",
            (Some(_), false, "defer") => title.is_some_and(|title| title == release(group)),
            // Where a writer's Close goes depends on the code around it: found is all that the row promises.
            (Some(_), false, _) => true,
        };
        if !obeyed {
            wrong.push(format!(
                "{}: {title:?}, {:?}",
                row.call,
                finding.map(|finding| &finding["reason"])
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        expected.len(),
        wrong.join("\n")
    );
}

fn release(group: &Group) -> String {
    let context = if group.context { "ctx" } else { "" };
    match (&group.call, &group.field) {
        (Some(call), _) if call == "nil" => "defer x(nil)".into(),
        (Some(_), _) => "defer x()".into(),
        (None, Some(field)) => format!("defer x.{field}.{}({context})", group.release[0]),
        (None, None) => format!("defer x.{}({context})", group.release[0]),
    }
}
