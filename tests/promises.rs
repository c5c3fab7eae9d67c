//! Programs made at random around a resource that panics when it is closed twice, closed when nil or used after Close,
//! and around contexts that tell whether they are cancelled: run before and after the rewrite, with the same decisions.
//! A rewrite may not bring a panic, a resource closed that someone keeps, a context cancelled that is still in use, or
//! resources that pile up in a loop; and what is left to leak gets less.
//!
//! `UNLEAK_PROGRAMS=5000 UNLEAK_SEED=7 cargo test --release --test promises -- --nocapture` runs more of them.

#![allow(clippy::print_stdout, reason = "--nocapture shows what was tried")]

#[path = "promises/loops.rs"]
mod loops;
#[path = "promises/programs.rs"]
mod programs;
mod support;

use programs::{Function, Programs};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::Command;
use support::Sandbox;

/// Worlds (decisions taken) a function is called in.
const WORLDS: usize = 24;

/// The pairs of the programs, told as a user would.
const SETTINGS: &str = "[[missing-close.pair]]\nacquire = \"(*example.com/app/world.World).Open\"\nrelease = \"x.Close()\"\n";

/// What one call did.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    panicked: String,
    leaks: usize,
    broken: usize,
    most: usize,
    /// The result, and what happened to resources and contexts, Close excepted.
    seen: String,
}

fn number(variable: &str, default: usize) -> usize {
    let set = std::env::var(variable).ok();
    set.map_or(default, |value| value.parse().expect(variable))
}

/// What each function does in each world; none without Go.
fn run(sandbox: &Sandbox) -> Option<HashMap<(String, usize), Outcome>> {
    let Ok(output) = Command::new("go")
        .args(["run", "."])
        .current_dir(sandbox.path())
        .output()
    else {
        assert!(
            std::env::var("UNLEAK_REQUIRE_GO").is_err(),
            "there is no go"
        );
        println!("skipped: there is no go");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let outcome = |line: &str| {
        let parts: Vec<&str> = line.splitn(8, '|').collect();
        let count = |at: usize| parts[at].parse().expect("a number");
        let outcome = Outcome {
            panicked: parts[2].to_owned(),
            leaks: count(3),
            broken: count(4),
            most: count(5),
            seen: parts[6..].join("|"),
        };
        ((parts[0].to_owned(), count(1)), outcome)
    };
    Some(lines.lines().map(outcome).collect())
}

/// The functions, called in each world.
fn sandbox(functions: &[Function], kind: &str, strict: bool) -> Sandbox {
    let mut main =
        String::from("package main\n\nimport \"example.com/app/world\"\n\nfunc main() {\n");
    for function in functions {
        let name = &function.name;
        let call = match function.results {
            "" => format!("{name}(w)\n\t\treturn nil"),
            "(int, error)" => format!(
                "n, err := {name}(w)\n\t\tif err != nil {{\n\t\t\treturn err\n\t\t}}\n\t\treturn n"
            ),
            _ => format!("return {name}(w)"),
        };
        let _ = writeln!(
            main,
            "\tworld.Run(\"{name}\", func(w *world.World) any {{\n\t\t{call}\n\t}}, {WORLDS}, {strict})"
        );
    }
    main += "}\n";
    let mut code = String::from(
        "package main\n\nimport (\n\t\"context\"\n\t\"example.com/app/world\"\n)\n\nvar _ = context.Background\n",
    );
    for function in functions {
        code += &function.text;
    }
    Sandbox::new(&[
        ("main.go", &main),
        ("programs.go", &code),
        ("world/world.go", include_str!("promises/world.go")),
        ("unleak.toml", &format!("{SETTINGS}fix = \"{kind}\"\n")),
    ])
}

/// What the rewrite broke in one world; `sites` acquire in the new text, `piles`: nothing may stay open beyond its turn.
fn harm(old: &Outcome, now: &Outcome, sites: usize, piles: bool) -> Option<String> {
    if now.panicked != "<nil>" {
        return Some(now.panicked.clone());
    }
    let broken = [
        (now.seen != old.seen, "something else is seen"),
        (now.broken > old.broken, "closed and kept"),
        (now.leaks > old.leaks, "leaks more"),
        (piles && now.leaks == 0 && now.most > sites, "piles up"),
    ];
    let broken = broken.iter().find(|(is, _)| *is)?;
    Some(broken.1.to_owned())
}

/// `gone`: what share of the leaks the fixes have to end, in percent.
fn check(name: &str, kind: &str, flags: &[&str], strict: bool, gone: usize) {
    let count = number("UNLEAK_PROGRAMS", 250);
    let seed = number("UNLEAK_SEED", 1);
    let functions = Programs::new(seed as u64).functions(count);
    let sandbox = sandbox(&functions, kind, strict);
    let code = sandbox.read("programs.go");
    let Some(before) = run(&sandbox) else { return };
    let arguments = [
        &["-w", "--select", "missing-close"],
        flags,
        &["programs.go"],
    ]
    .concat();
    let said = sandbox.run(&arguments);
    let new = sandbox.read("programs.go");
    let after = run(&sandbox).expect("go was there before");
    let (mut leaked, mut leaks) = (0, 0);
    for ((function, world), old) in &before {
        if old.panicked != "<nil>" {
            continue;
        }
        let now = &after[&(function.clone(), *world)];
        leaked += old.leaks;
        leaks += now.leaks;
        let sites = text_of(&new, function).matches("w.Open()").count();
        // One defer of the author's may stand in a loop.
        let authors = text_of(&code, function).contains("defer");
        let harm = harm(old, now, sites, !authors);
        assert!(
            harm.is_none(),
            "{name}, world {world}: {harm:?}\n{old:?}\n{now:?}\n{}\n{}",
            text_of(&code, function),
            text_of(&new, function)
        );
    }
    let changed = functions
        .iter()
        .filter(|it| text_of(&code, &it.name) != text_of(&new, &it.name))
        .count();
    println!(
        "{name}, seed {seed}: {count} functions in {WORLDS} worlds, {changed} rewritten; {leaked} leaked before, {leaks} after: {}",
        said.err.lines().last().unwrap_or_default()
    );
    assert!(
        changed * 4 > count,
        "only {changed} of {count} are rewritten"
    );
    assert!(
        leaks * 100 < leaked * (100 - gone),
        "{leaked} leaked before, and {leaks} after"
    );
}

/// The function's own text.
fn text_of<'t>(code: &'t str, name: &str) -> &'t str {
    let start = code.find(&format!("\nfunc {name}(")).expect("the function") + 1;
    let end = code[start..].find("\n}\n").expect("its end");
    &code[start..start + end + 3]
}

/// A second Close panics, and so it may not be written by a safe fix.
#[test]
fn safe_fixes_of_random_programs() {
    check("safe", "defer", &[], true, 50);
}

/// A second Close does no harm, as with what the standard library hands out.
#[test]
fn all_fixes_of_random_programs() {
    check("all", "defer", &["--unsafe-fixes"], false, 50);
}

/// The error of Close counts, as of a written file: where it has nowhere to go, no fix is offered.
#[test]
fn written_resources_of_random_programs() {
    check("written", "writable", &["--unsafe-fixes"], false, 20);
}

/// Rewrites that a person might write, and what is wrong with each: none of them goes unseen.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "closed twice",
        "close of a closed resource",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\nr.Use()\nr.Close()\nreturn nil",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\ndefer r.Close()\nr.Use()\nr.Close()\nreturn nil",
    ),
    (
        "close of nil",
        "a defer before the check of the error",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\nr.Use()\nreturn nil",
        "r, err := w.Open()\ndefer r.Close()\nif err != nil {\nreturn err\n}\nr.Use()\nreturn nil",
    ),
    (
        "use after close",
        "a close before the last use",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\nr.Use()\nreturn nil",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\nr.Close()\nr.Use()\nreturn nil",
    ),
    (
        "something else is seen",
        "a cancelled context that is still in use",
        "ctx, cancel := context.WithCancel(context.Background())\n_ = cancel\nw.KeepContext(ctx)\nreturn nil",
        "ctx, cancel := context.WithCancel(context.Background())\ndefer cancel()\nw.KeepContext(ctx)\nreturn nil",
    ),
    (
        "closed and kept",
        "a close of what somebody else keeps",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\nw.Keep(r)\nreturn nil",
        "r, err := w.Open()\nif err != nil {\nreturn err\n}\ndefer r.Close()\nw.Keep(r)\nreturn nil",
    ),
    (
        "piles up",
        "a defer in a loop",
        "for range 3 {\nr, err := w.Open()\nif err != nil {\nreturn err\n}\nr.Use()\n}\nreturn nil",
        "for range 3 {\nr, err := w.Open()\nif err != nil {\nreturn err\n}\ndefer r.Close()\nr.Use()\n}\nreturn nil",
    ),
];

#[test]
fn each_wrong_rewrite_is_seen() {
    let functions = |after: bool| {
        let function = |(at, wrong): (usize, &(&str, &str, &str, &str))| {
            let body = if after { wrong.3 } else { wrong.2 };
            Function {
                name: format!("f{at}"),
                results: "error",
                text: format!("\nfunc f{at}(w *world.World) error {{\n{body}\n}}\n"),
            }
        };
        WRONG.iter().enumerate().map(function).collect::<Vec<_>>()
    };
    let Some(before) = run(&sandbox(&functions(false), "defer", true)) else {
        return;
    };
    let after = run(&sandbox(&functions(true), "defer", true)).expect("go was there before");
    for (at, (expected, what, ..)) in WRONG.iter().enumerate() {
        let in_world = |world| {
            let key = (format!("f{at}"), world);
            harm(&before[&key], &after[&key], 1, true)
        };
        let seen: Vec<String> = (0..WORLDS).filter_map(in_world).collect();
        assert!(
            seen.iter().any(|harm| harm == expected),
            "{what} is not seen: {seen:?}"
        );
    }
}
