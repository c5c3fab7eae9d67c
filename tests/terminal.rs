//! What a person sees on a terminal: widths, links, colours, timings.

mod support;

use support::{LEAK, Sandbox};

/// A leak with a long way out, one without a fix, and one that is not of this rule.
fn sandbox() -> Sandbox {
    let long = "package app\n\nimport (\n\t\"errors\"\n\t\"os\"\n)\n\nfunc f(a, b int) error {\n\tf, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn err\n\t}\n\tif a > 1 {\n\t\treturn errors.New(\"a\")\n\t}\n\tif b > 1 {\n\t\treturn errors.New(f.Name())\n\t}\n\tfor range a {\n\t\tprintln(f.Name())\n\t}\n\treturn nil\n}\n\nfunc g() {\n\tg, err := os.Create(\"x\")\n\tif err != nil {\n\t\treturn\n\t}\n\tg.WriteString(\"x\")\n}\n";
    Sandbox::new(&[("long name/a%b.go", long), ("main/main.go", LEAK)])
}

/// The text as it stands on the screen: without colours (CSI) and links (OSC 8).
fn visible(out: &str) -> String {
    let mut text = String::new();
    let mut rest = out;
    while let Some((before, escape)) = rest.split_once('\x1b') {
        text.push_str(before);
        let end = match escape.strip_prefix(']') {
            Some(_) => escape.find("\x1b\\").unwrap() + 2,
            None => escape.find('m').unwrap() + 1,
        };
        rest = &escape[end..];
    }
    text + rest
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let sandbox = sandbox();
    let mut heights = Vec::new();
    for columns in [56, 80, 200] {
        let width = columns.to_string();
        let said = sandbox.run_with(&["--color", "always"], &[("COLUMNS", width.as_str())]);
        let shown = visible(&said.out) + &visible(&said.err);
        assert!(shown.contains("the function returns"), "{shown}");
        let wide = |line: &&str| {
            let code = line
                .trim_start()
                .starts_with(|first: char| first.is_ascii_digit());
            line.chars().count() > columns && !code && !line.starts_with("unleak: ")
        };
        assert_eq!(shown.lines().find(wide), None, "{columns} columns");
        heights.push(shown.lines().count());
        // Numbers stand under their headings.
        let (head, row) = said.err.split_once('\n').unwrap();
        let row = visible(row);
        let end = head.find("found").unwrap() + "found".len();
        assert!(
            row.lines().next().unwrap()[..end].ends_with(|last: char| last.is_ascii_digit()),
            "{}",
            said.err
        );
    }
    assert!(
        heights[0] > heights[1] && heights[1] >= heights[2],
        "prose uses the width: {heights:?}"
    );
}

#[test]
fn places_are_links_where_the_terminal_has_them() {
    let sandbox = sandbox();
    let at = sandbox.path().canonicalize().unwrap();
    let link = format!("\x1b]8;;file://{}/long%20name/a%25b.go\x1b\\", at.display());
    let said = sandbox.run_with(&["--color", "always"], &[("FORCE_HYPERLINK", "1")]);
    assert!(said.out.contains(&link), "{:?}", said.out);
    assert_eq!(
        said.out.matches("\x1b]8;;file").count(),
        said.out.matches("\x1b]8;;\x1b\\").count()
    );
    for (arguments, env) in [
        (&["--color", "always"][..], &[("FORCE_HYPERLINK", "0")][..]),
        (&["--color", "never"], &[("FORCE_HYPERLINK", "1")]),
        (&[], &[("FORCE_HYPERLINK", "1")]),
        (&[], &[("FORCE_HYPERLINK", "1"), ("NO_COLOR", "1")]),
    ] {
        let said = sandbox.run_with(arguments, env);
        assert!(!said.out.contains("\x1b]8"), "{arguments:?} {env:?}");
    }
}

#[test]
fn timings_are_for_those_who_ask() {
    let sandbox = sandbox();
    for (arguments, timed) in [
        (&[][..], false),
        (&["--verbose"], true),
        (&["--stats"], true),
    ] {
        let said = sandbox.run(arguments);
        assert_eq!(
            said.err.contains("\nanalyse "),
            timed,
            "{arguments:?}: {}",
            said.err
        );
    }
}
