//! Every output of one report: what is fixed together is told together, nothing is a valid output too, and what code and
//! file names say stays text.

mod support;

use serde_json::Value;
use support::{CLEAN, LEAK, Sandbox};

const ALL: [&str; 10] = [
    "text", "diff", "json", "jsonl", "rdjson", "rdjsonl", "sarif", "github", "gitlab", "html",
];

fn leak(name: &str, comment: &str) -> String {
    format!(
        "package app\n\nimport \"os\"\n\nfunc {name}() string {{\n\tf, err := os.Open(\"x\")\n\tif err != nil {{\n\t\treturn \"\"\n\t}}\n\treturn f.Name() // {comment}\n}}\n"
    )
}

fn json(sandbox: &Sandbox, format: &str) -> Value {
    let said = sandbox.run(&["--format", format]);
    serde_json::from_str(&said.out)
        .unwrap_or_else(|error| panic!("{format}: {error}: {}", said.out))
}

#[test]
fn nothing_is_a_valid_output() {
    let sandbox = Sandbox::new(&[("main.go", CLEAN)]);
    assert_eq!(json(&sandbox, "gitlab"), serde_json::json!([]));
    assert_eq!(
        json(&sandbox, "rdjson")["diagnostics"],
        serde_json::json!([])
    );
    assert_eq!(
        json(&sandbox, "sarif")["runs"][0]["results"],
        serde_json::json!([])
    );
    for format in ["text", "diff", "rdjsonl", "github"] {
        assert_eq!(sandbox.run(&["--format", format]).out, "", "{format}");
    }
    assert!(
        sandbox
            .run(&["--format", "html"])
            .out
            .contains("<h1>unleak: 0 findings</h1>")
    );
}

/// The goroutine in one file, its start in the other: one group of two files.
#[test]
fn a_group_is_visible_in_every_format() {
    let (start, beat) = LEAK.split_once("\n\nfunc beat").unwrap();
    let beat = format!("package main\n\nimport \"time\"\n\nfunc beat{beat}");
    let sandbox = Sandbox::new(&[("beat.go", &beat), ("main.go", &format!("{start}\n"))]);
    for format in ALL {
        let said = sandbox.run(&["--format", format, "--exit-zero"]);
        assert_eq!(said.code, 0, "{format}: {}", said.err);
        for file in ["beat.go", "main.go"] {
            assert!(said.out.contains(file), "{format}: {}", said.out);
        }
    }
    let rdjson = json(&sandbox, "rdjson");
    let diagnostic = &rdjson["diagnostics"][0];
    assert_eq!(
        diagnostic.get("suggestions"),
        None,
        "a click would be half of it"
    );
    let diff = diagnostic["original_output"].as_str().unwrap();
    assert_eq!(diff.matches("diff --git ").count(), 2);
    let result = &json(&sandbox, "sarif")["runs"][0]["results"][0];
    assert_eq!(result["properties"]["group"], 0);
    assert_eq!(
        result["fixes"][0]["artifactChanges"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let issue = &json(&sandbox, "gitlab")[0];
    let paths: Vec<&str> = issue["other_locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert!(
        paths.contains(&"main.go") && paths.contains(&"beat.go"),
        "{paths:?}"
    );
    let annotation = sandbox.run(&["--format", "github"]).out;
    assert!(
        annotation.contains("fix group 0, applied as a whole: beat.go:"),
        "{annotation}"
    );
}

#[test]
fn fingerprints_stay_when_lines_move_and_are_the_same_in_every_format() {
    let before = Sandbox::new(&[("a.go", &leak("f", ""))]);
    let after = Sandbox::new(&[("a.go", &leak("f", "").replace("func", "// Moved.\n\nfunc"))]);
    let of = |sandbox: &Sandbox| json(sandbox, "json")["findings"][0]["fingerprint"].clone();
    assert_eq!(of(&before), of(&after));
    assert_eq!(json(&before, "gitlab")[0]["fingerprint"], of(&before));
    let sarif = json(&before, "sarif");
    let prints = &sarif["runs"][0]["results"][0]["partialFingerprints"];
    assert_eq!(prints["unleak/v1"], of(&before));
}

#[test]
fn what_was_written_is_reported_as_fixed_or_not_at_all() {
    for (format, left) in [("rdjsonl", ""), ("github", ""), ("gitlab", "[]\n")] {
        let sandbox = Sandbox::new(&[("a.go", &leak("f", ""))]);
        let said = sandbox.run(&["-w", "--format", format]);
        assert_eq!((said.out.as_str(), said.code), (left, 0), "{format}");
    }
}

#[test]
fn output_goes_to_a_file_when_asked() {
    let sandbox = Sandbox::new(&[("a.go", &leak("f", ""))]);
    let said = sandbox.run(&["--format", "sarif", "-o", "out.sarif"]);
    assert_eq!(said.out, "");
    assert_eq!(
        sandbox.read("out.sarif"),
        sandbox.run(&["--format", "sarif"]).out
    );
    let said = sandbox.run(&["-o", "missing/out"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.starts_with("unleak: missing/out: "),
        "{}",
        said.err
    );
}

/// Names and code that would end a fence, open a tag, call a person, run a command, or move the cursor.
#[test]
fn hostile_names_and_code_stay_text() {
    let comment =
        "``` </details> @team ::set-output name=a::b \u{1b}[31m <script>alert(1)</script> \u{202e}";
    let folder = "`<u>@team";
    let names = [
        format!("{folder}/x\u{1b}[31m::set-output name=a::b.go"),
        format!("{folder}/a\n::error::x,%.go"),
    ];
    for name in &names {
        let sandbox = Sandbox::new(&[(name, &leak("f", comment))]);
        for format in ALL {
            let said = sandbox.run(&["--format", format]);
            assert_eq!(said.code, 1, "{format}: {}", said.err);
            let commands = |text: &str| {
                let commands = text
                    .lines()
                    .filter(|line| line.trim_start().starts_with("::"));
                commands.count()
            };
            assert_eq!(commands(&said.err), 0, "{format}");
            assert!(!said.err.contains('\u{1b}'), "{format}");
            match format {
                // A patch has the bytes of the code; its lines begin with a sign, its names are quoted.
                "text" | "diff" => {
                    let header = said.out.split("\n@@").next().unwrap();
                    assert!(!header.contains('\u{1b}'), "{header:?}");
                    assert_eq!(commands(header), 0, "{header:?}");
                }
                "github" => assert_eq!(commands(&said.out), said.out.lines().count()),
                "html" => {
                    for bad in ["<script", "</details> @", "\u{1b}", "<u>", "\u{202e}"] {
                        assert!(!said.out.contains(bad), "{bad:?}");
                    }
                }
                "rdjson" | "rdjsonl" | "sarif" | "gitlab" | "json" | "jsonl" => {
                    assert!(!said.out.contains('\u{1b}'), "{format}");
                    for text in prose(&said.out, format.ends_with('l')) {
                        for bad in ["`", "@team", "<u>", "</details>"] {
                            assert!(!text.contains(bad), "{format}: {bad:?} in {text:?}");
                        }
                    }
                }
                _ => unreachable!(),
            }
        }
        // On a terminal not even the code's own escapes are sent.
        let said = sandbox.run(&["--color", "always"]);
        assert!(
            !said.out.contains("\u{1b}[31m::") && !said.out.contains("b \u{1b}[31m <"),
            "{}",
            said.out
        );
        assert!(!said.out.contains('\u{202e}'));
    }
}

/// What review tools show as Markdown: messages and descriptions. Our own JSON says what is, for programs.
fn prose(out: &str, lines: bool) -> Vec<String> {
    fn walk(value: &Value, all: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(text)
                            if ["message", "description", "body"].contains(&key.as_str()) =>
                        {
                            all.push(text.clone());
                        }
                        Value::Object(_) | Value::Array(_) if key != "rules" => walk(value, all),
                        _ => {}
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, all)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    let documents: Vec<Value> = match lines {
        true => out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        false => vec![serde_json::from_str(out).unwrap()],
    };
    documents
        .iter()
        .for_each(|document| walk(document, &mut all));
    all
}

#[test]
fn completions_manual_and_explain() {
    let sandbox = Sandbox::new(&[]);
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef unleak"),
        ("fish", "complete -c unleak"),
    ] {
        let said = sandbox.run(&["completions", shell]);
        assert!(
            said.out.contains(sign) && said.out.contains("github"),
            "{shell}"
        );
    }
    assert!(sandbox.run(&["man"]).out.contains(".TH unleak 1"));
    sandbox.run(&["man", "pages"]);
    assert!(
        sandbox
            .read("pages/unleak-github.1")
            .contains("max\\-comments")
    );
    let plain = sandbox.run(&["explain", "missing-close"]);
    let force = [("CLICOLOR_FORCE", "1")];
    let coloured = sandbox.run_with(&["explain", "missing-close"], &force);
    assert!(plain.out.contains("```go") && !plain.out.contains('\u{1b}'));
    assert!(
        coloured.code == 2 || coloured.out.contains("\u{1b}[32m"),
        "{}",
        coloured.out
    );
}
