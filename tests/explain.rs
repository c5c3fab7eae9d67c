//! What `unleak explain` shows is what the program does: each before and after of its pages is run as a case.

mod support;

use support::Sandbox;
use unleak::transforms;

/// What an example leaves out: the package, imports, and functions that it calls.
fn around(id: &str, code: &str) -> String {
    match id {
        "blocked-send" => format!(
            "package app\n\nimport \"context\"\n\nfunc slow() string {{ return \"\" }}\n\n{code}"
        ),
        "context-call" => format!(
            "package app\n\nimport (\n\t\"context\"\n\t\"database/sql\"\n)\n\ntype store struct{{ db *sql.DB }}\n\n{code}"
        ),
        "defer-in-loop" => {
            let code: String = code.lines().map(|line| format!("\t{line}\n")).collect();
            format!(
                "package app\n\nimport \"os\"\n\nfunc load(f *os.File) error {{ return nil }}\n\nfunc all(names []string) error {{\n{code}\treturn nil\n}}\n"
            )
        }
        "goroutine-global" => format!("package app\n\nimport \"sync\"\n\n{code}"),
        "goroutine-loop" => format!(
            "package main\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nfunc check() {{ println() }}\n\nfunc serve() {{ println(http.ListenAndServe(\"localhost:0\", nil)) }}\n\n{code}"
        ),
        "missing-close" => format!("package app\n\nimport \"os\"\n\n{code}"),
        _ => panic!("say here what the example of {id} stands in"),
    }
}

/// Go code before and after, from the fences around the line `becomes`.
fn pairs(page: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = page.split("```\nbecomes\n```go\n").collect();
    let pairs = parts.windows(2).map(|pair| {
        let (_, before) = pair[0].rsplit_once("```go\n").expect("a fence before");
        let (after, _) = pair[1].split_once("```").expect("a fence after");
        (before.to_owned(), after.to_owned())
    });
    pairs.collect()
}

/// Whether the text has these lines one after another, however far they are indented.
fn has(text: &str, part: &str) -> bool {
    let lines = |text: &str| -> Vec<String> { text.lines().map(|l| l.trim().into()).collect() };
    let (text, part) = (lines(text), lines(part));
    text.windows(part.len()).any(|lines| lines == part)
}

#[test]
fn examples_are_what_the_program_does() {
    for transform in transforms::ALL {
        let id = transform.id;
        let sandbox = Sandbox::new(&[]);
        let page = sandbox.run(&["explain", id]);
        assert_eq!(page.code, 0, "{}", page.err);
        let pairs = pairs(&page.out);
        assert!(!pairs.is_empty(), "the page of {id} has no example");
        for (before, after) in pairs {
            sandbox.write("a.go", around(id, &before));
            assert!(!has(&sandbox.read("a.go"), &after), "{id}: nothing to do");
            let said = sandbox.run(&["-w", "--unsafe-fixes", "--verify=never", "--select", id]);
            let new = sandbox.read("a.go");
            assert!(has(&new, &after), "{id}: {new}\n{}{}", said.out, said.err);
            let again = sandbox.run(&["--unsafe-fixes", "--verify=never", "--select", id]);
            assert_eq!(again.code, 0, "{id}, a second run: {}", again.out);
        }
    }
}
