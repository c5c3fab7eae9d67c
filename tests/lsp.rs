//! `unleak lsp`, spoken to as an editor does.

mod support;

use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use support::{LEAK, Sandbox};

const OPEN: &str = "package app\n\nimport \"os\"\n\nfunc f() string {\n\t/* é𝄞 */ f, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn \"\"\n\t}\n\treturn f.Name()\n}\n";

struct Editor<'s> {
    sandbox: &'s Sandbox,
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    asked: i32,
    utf8: bool,
}

impl<'s> Editor<'s> {
    fn start(sandbox: &'s Sandbox, utf8: bool) -> Editor<'s> {
        let mut child = sandbox
            .command(&["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let from = BufReader::new(from);
        let mut editor = Editor {
            sandbox,
            child,
            to,
            from,
            asked: 0,
            utf8,
        };
        let encodings = if utf8 {
            json!(["utf-16", "utf-8"])
        } else {
            json!(null)
        };
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "workspace": { "workspaceEdit": { "documentChanges": utf8 } },
            "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
        });
        let folder = json!([{ "uri": editor.uri(""), "name": "app" }]);
        let result = editor.ask(
            "initialize",
            json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": folder }),
        );
        let encoding = if utf8 { "utf-8" } else { "utf-16" };
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, file: &str) -> String {
        let path = self.sandbox.path().canonicalize().unwrap().join(file);
        format!("file://{}", path.to_str().unwrap().replace(' ', "%20"))
    }

    fn send(&mut self, message: impl Into<Message>) {
        message.into().write(&mut self.to).unwrap();
        self.to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(Notification::new(method.into(), params));
    }

    fn raw(&mut self, method: &str, params: Value) -> Response {
        self.asked += 1;
        let id = RequestId::from(self.asked);
        self.send(Request::new(id.clone(), method.into(), params));
        loop {
            match Message::read(&mut self.from).unwrap().expect("it ended") {
                Message::Response(response) if response.id == id => return response,
                Message::Notification(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        serde_json::to_value(self.raw(method, params)).unwrap()["result"].take()
    }

    /// The next diagnostics: of which file, of which version, and they.
    fn told(&mut self) -> (String, Value, Vec<Value>) {
        let told = self.notification("textDocument/publishDiagnostics");
        let uri = told["uri"].as_str().unwrap().to_owned();
        let diagnostics = told["diagnostics"].as_array().unwrap().clone();
        (uri, told["version"].clone(), diagnostics)
    }

    /// What the next message says, which is this notification.
    fn notification(&mut self, method: &str) -> Value {
        match Message::read(&mut self.from).unwrap().expect("it ended") {
            Message::Notification(told) if told.method == method => told.params,
            other => panic!("{other:?}"),
        }
    }

    fn open(&mut self, file: &str, text: &str) -> Vec<Value> {
        let uri = self.uri(file);
        let item = json!({ "uri": uri, "languageId": "go", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": item }));
        let (of, version, diagnostics) = self.told();
        assert_eq!((of, version), (uri, json!(1)));
        diagnostics
    }

    fn change(&mut self, file: &str, version: i32, text: &str) {
        let uri = self.uri(file);
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [{ "text": text }] }),
        );
    }

    fn actions(&mut self, file: &str, range: &Value, only: &Value) -> Vec<Value> {
        let uri = self.uri(file);
        let context = json!({ "diagnostics": [], "only": only });
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
        self.ask("textDocument/codeAction", params)
            .as_array()
            .unwrap()
            .clone()
    }

    /// A text after a code action.
    fn apply(&self, action: &Value, file: &str, version: &Value, text: &str) -> String {
        let uri = self.uri(file);
        let edits = if self.utf8 {
            let changes = action["edit"]["documentChanges"].as_array().unwrap();
            let change = changes
                .iter()
                .find(|change| change["textDocument"]["uri"] == uri);
            let change = change.unwrap_or_else(|| panic!("{uri}: {action}"));
            assert_eq!(change["textDocument"]["version"], *version);
            change["edits"].clone()
        } else {
            action["edit"]["changes"][&uri].clone()
        };
        let mut edits: Vec<(usize, usize, &str)> = edits
            .as_array()
            .unwrap()
            .iter()
            .map(|edit| {
                let at = |end: &str| self.offset(text, &edit["range"][end]);
                (at("start"), at("end"), edit["newText"].as_str().unwrap())
            })
            .collect();
        edits.sort_unstable();
        let mut new = text.to_owned();
        for (start, end, insert) in edits.into_iter().rev() {
            new.replace_range(start..end, insert);
        }
        new
    }

    fn offset(&self, text: &str, position: &Value) -> usize {
        let number = |key: &str| usize::try_from(position[key].as_u64().unwrap()).unwrap();
        let mut lines = text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(number("line")).map(str::len).sum();
        let mut left = number("character");
        let line = &text[before..];
        let mut column = 0;
        for c in line.chars() {
            if left == 0 {
                break;
            }
            left -= if self.utf8 {
                c.len_utf8()
            } else {
                c.len_utf16()
            };
            column += c.len_utf8();
        }
        before + column
    }

    /// The whole of a text.
    fn all() -> Value {
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 } })
    }

    fn end(mut self) {
        self.ask("shutdown", json!(null));
        self.tell("exit", json!(null));
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// What `-w` writes into a file of these.
fn written(files: &[(&str, &str)], file: &str, flags: &[&str]) -> String {
    let sandbox = Sandbox::new(files);
    sandbox.run(&[&["-w", "."], flags].concat());
    sandbox.read(file)
}

#[test]
fn a_finding_its_quick_fix_and_fix_all_are_what_a_run_says_and_writes() {
    for utf8 in [true, false] {
        let sandbox = Sandbox::new(&[("a b.go", "package app\n")]);
        let mut editor = Editor::start(&sandbox, utf8);
        // What is on disk is of no interest.
        let diagnostics = editor.open("a b.go", OPEN);
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        let found = &diagnostics[0];
        assert_eq!(found["code"], "missing-close");
        assert_eq!(found["severity"], 2, "a warning");
        let message = found["message"].as_str().unwrap();
        assert!(message.ends_with("fix: defer f.Close()"), "{message}");
        assert!(!found["relatedInformation"].as_array().unwrap().is_empty());
        let start = editor.offset(OPEN, &found["range"]["start"]);
        assert!(OPEN[start..].starts_with("os.Open"));
        let want = written(&[("a b.go", OPEN)], "a b.go", &[]);
        let actions = editor.actions("a b.go", &found["range"], &json!(["quickfix"]));
        assert_eq!(actions.len(), 1, "{actions:?}");
        assert_eq!(actions[0]["diagnostics"][0], *found);
        assert_eq!(editor.apply(&actions[0], "a b.go", &json!(1), OPEN), want);
        let actions = editor.actions("a b.go", &Editor::all(), &json!(["source.fixAll"]));
        assert_eq!(actions.len(), 1, "{actions:?}");
        assert_eq!(editor.apply(&actions[0], "a b.go", &json!(1), OPEN), want);
        // Both kinds when none is named; none of another kind, none elsewhere.
        assert_eq!(
            editor.actions("a b.go", &Editor::all(), &json!(null)).len(),
            2
        );
        assert!(
            editor
                .actions("a b.go", &Editor::all(), &json!(["refactor", "quick"]))
                .is_empty()
        );
        let elsewhere =
            json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } });
        assert!(
            editor
                .actions("a b.go", &elsewhere, &json!(["quickfix"]))
                .is_empty()
        );
        assert_eq!(
            sandbox.read("a b.go"),
            "package app\n",
            "nothing is written"
        );
        editor.end();
    }
}

#[test]
fn what_is_typed_is_looked_at_after_a_pause_and_at_once_when_asked() {
    let sandbox = Sandbox::new(&[("a.go", "package app\n")]);
    let mut editor = Editor::start(&sandbox, true);
    assert!(editor.open("a.go", "package app\n").is_empty());
    editor.change("a.go", 2, OPEN);
    let (_, version, diagnostics) = editor.told();
    assert_eq!((version, diagnostics.len()), (json!(2), 1));
    // A text that does not parse has no findings and no error.
    editor.change("a.go", 3, "package app\n\nfunc f( {\n");
    let (_, version, diagnostics) = editor.told();
    assert_eq!((version, diagnostics.len()), (json!(3), 0));
    // An action is about the text as it is now, not as it was when it was last looked at.
    let moved = format!("// A comment.\n\n{OPEN}");
    editor.change("a.go", 4, &moved);
    let actions = editor.actions("a.go", &Editor::all(), &json!(["quickfix"]));
    let want = written(&[("a.go", &moved)], "a.go", &[]);
    assert_eq!(editor.apply(&actions[0], "a.go", &json!(4), &moved), want);
    // A closed document has no findings.
    let uri = editor.uri("a.go");
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri } }),
    );
    let (of, _, diagnostics) = editor.told();
    assert_eq!((of, diagnostics.len()), (uri, 0));
    editor.end();
}

/// A goroutine that is started in another file: the fix changes both, also what is not saved there.
#[test]
fn a_fix_of_several_files_is_one_action() {
    let (beat, main) = LEAK
        .split_once("func main() {")
        .map(|(head, rest)| {
            let (main, beat) = rest.split_once("func beat").unwrap();
            (
                format!("{head}func beat{beat}"),
                format!("package main\n\nimport \"time\"\n\nfunc main() {{{main}"),
            )
        })
        .unwrap();
    let unsaved = main.replace("go beat()", "go beat() // by the minute");
    assert_ne!(main, unsaved);
    let sandbox = Sandbox::new(&[("beat.go", &beat), ("main.go", &main)]);
    let mut editor = Editor::start(&sandbox, true);
    editor.open("main.go", &unsaved);
    let found = editor.open("beat.go", &beat);
    assert_eq!(found.len(), 1, "{found:?}");
    let actions = editor.actions("beat.go", &found[0]["range"], &json!(null));
    assert_eq!(
        actions.len(),
        1,
        "fix-all changes no other file: {actions:?}"
    );
    let files = [("beat.go", beat.as_str()), ("main.go", unsaved.as_str())];
    for (file, text) in files {
        assert_eq!(
            editor.apply(&actions[0], file, &json!(1), text),
            written(&files, file, &[])
        );
    }
    editor.end();
}

#[test]
fn unsafe_fixes_say_so_and_are_not_preferred() {
    let text = "package app\n\nimport \"time\"\n\nfunc Start() {\n\tgo beat()\n}\n\nfunc beat() {\n\tfor {\n\t\tprintln(1)\n\t\ttime.Sleep(time.Second)\n\t}\n}\n";
    let want = written(&[("a.go", text)], "a.go", &["--unsafe-fixes"]);
    assert_ne!(want, text);
    let sandbox = Sandbox::new(&[("a.go", text)]);
    let mut editor = Editor::start(&sandbox, true);
    let found = editor.open("a.go", text);
    let actions = editor.actions("a.go", &found[0]["range"], &json!(null));
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert!(actions[0]["title"].as_str().unwrap().contains("unsafe"));
    assert_eq!(actions[0]["isPreferred"], false);
    assert_eq!(editor.apply(&actions[0], "a.go", &json!(1), text), want);
    editor.end();
}

#[test]
fn settings_are_the_projects_and_a_wrong_one_is_told() {
    let sandbox = Sandbox::new(&[
        ("a.go", OPEN),
        ("unleak.toml", "ignore = [\"missing-close\"]\n"),
    ]);
    let mut editor = Editor::start(&sandbox, true);
    assert!(editor.open("a.go", OPEN).is_empty());
    sandbox.write("unleak.toml", "ignroe = []\n");
    editor.change("a.go", 2, &format!("{OPEN}\n"));
    let told = editor.notification("window/showMessage");
    let text = told["message"].as_str().unwrap();
    assert!(
        text.contains("unleak.toml") && text.contains("ignroe"),
        "{text}"
    );
    editor.end();
}

#[test]
fn what_it_does_not_know_is_refused_and_it_goes_on() {
    let sandbox = Sandbox::new(&[("a.go", OPEN)]);
    let mut editor = Editor::start(&sandbox, false);
    let response = editor.raw("textDocument/hover", json!({}));
    assert!(format!("{response:?}").contains("does not know textDocument/hover"));
    let response = editor.raw("textDocument/codeAction", json!({ "textDocument": 1 }));
    assert!(
        serde_json::to_value(&response).unwrap()["error"].is_object(),
        "{response:?}"
    );
    editor.tell("textDocument/didOpen", json!({ "textDocument": 1 }));
    editor.tell("$/setTrace", json!({ "value": "off" }));
    // No file, and no Go file.
    for uri in ["untitled:Untitled-1".to_owned(), editor.uri("go.mod")] {
        let item = json!({ "uri": uri, "languageId": "go", "version": 1, "text": OPEN });
        editor.tell("textDocument/didOpen", json!({ "textDocument": item }));
        let params = json!({ "textDocument": { "uri": uri }, "range": Editor::all(), "context": { "diagnostics": [] } });
        assert_eq!(editor.ask("textDocument/codeAction", params), json!([]));
    }
    assert_eq!(editor.open("a.go", OPEN).len(), 1);
    assert!(Path::new(sandbox.path()).join("a.go").exists());
    editor.end();
}
