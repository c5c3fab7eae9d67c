//! `unleak.toml`: found, obeyed, overridden, refused.

mod support;

use support::{CLEAN, LEAK, Sandbox};

/// A type of the module's own that must be given back, and a function that does not.
const POOL: &str = "package pool\n\ntype Pool struct{}\n\ntype Conn struct{}\n\n\
    func (p *Pool) Lend(name string) (*Conn, error) { return new(Conn), nil }\n\n\
    func (c *Conn) Send(text string) {}\n\nfunc (c *Conn) Return() {}\n";
const USER: &str = "package main\n\nimport \"example.com/app/pool\"\n\nfunc main() {\n\tsay(new(pool.Pool))\n}\n\n\
    func say(p *pool.Pool) error {\n\tc, err := p.Lend(\"a\")\n\tif err != nil {\n\t\treturn err\n\t}\n\
    \tc.Send(\"hello\")\n\treturn nil\n}\n";

#[test]
fn the_nearest_file_holds() {
    let sandbox = Sandbox::new(&[
        ("main.go", LEAK),
        ("unleak.toml", "fail-on = \"never\"\n"),
        ("inner/main.go", LEAK),
        ("inner/.unleak.toml", "ignore = [\"goroutine-loop\"]\n"),
    ]);
    assert_eq!(sandbox.run(&[]).code, 0);
    assert!(sandbox.run(&[]).out.contains("main.go:11:2: "));
    let inner = sandbox.run(&["inner"]);
    assert_eq!((inner.out.as_str(), inner.code), ("", 0));
    assert_eq!(sandbox.run(&["inner", "--no-config"]).code, 1);
    let named = sandbox.run(&["inner", "--config", "unleak.toml"]);
    assert!(
        named.out.contains("main.go:11:2: ") && named.code == 0,
        "{named:?}"
    );
}

#[test]
fn flags_override_the_file() {
    let file = "select = [\"missing-close\"]\nunsafe-fixes = true\nfail-on = \"never\"\njobs = 2\n";
    let sandbox = Sandbox::new(&[("main.go", LEAK), ("unleak.toml", file)]);
    assert_eq!(sandbox.run(&[]).out, "");
    let said = sandbox.run(&["--select", "goroutine-loop"]);
    assert!(said.out.contains("goroutine-loop"), "{}", said.out);
    assert_eq!(said.code, 0);
    let said = sandbox.run(&["--select", "goroutine-loop", "--fail-on", "any"]);
    assert_eq!(said.code, 1);
}

#[test]
fn the_settings_are_shown_with_their_origin() {
    let file = "# ours\nunsafe-fixes = true\njobs = 2\n\n[missing-close]\npair = []\n";
    let sandbox = Sandbox::new(&[("a/main.go", CLEAN), ("unleak.toml", file)]);
    let said = sandbox.run(&["--show-settings", "--no-unsafe-fixes", "--fail-on", "any"]);
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    for line in [
        "# unleak.toml",
        "unsafe-fixes = false                # command line",
        "fail-on = \"any\"                     # command line",
        "jobs = 2                            # unleak.toml:3",
        "# [missing-close] unleak.toml:5",
    ] {
        assert!(
            said.out.lines().any(|shown| shown == line),
            "{line}\n{}",
            said.out
        );
    }
    let said = sandbox.run(&["--show-settings", "--no-config"]);
    assert!(
        said.out.starts_with("# no configuration file\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_wrong_file_is_refused_and_nothing_is_done() {
    for (text, expected) in [
        (
            "selct = []\n",
            "unleak: unleak.toml:1:1: unknown key \"selct\"",
        ),
        (
            "\njobs = \"two\"\n",
            "unleak: unleak.toml:2:8: invalid type: string \"two\"",
        ),
        (
            "[goroutine-loop]\nx = 1\n",
            "unleak: unleak.toml:1:1: this rule has no settings of its own",
        ),
        (
            "[[missing-close.pair]]\nacquire = \"Lend\"\nrelease = \"x.Return()\"\n",
            "unleak: unleak.toml:2:11: \"Lend\" is not the full name of a function",
        ),
        (
            "ignore = [\"missing-close\"]\n[missing-close]\npear = []\n",
            "unleak: unleak.toml:3:1: unknown key `pear`",
        ),
    ] {
        let sandbox = Sandbox::new(&[("main.go", LEAK), ("unleak.toml", text)]);
        let said = sandbox.run(&["-w"]);
        assert!(said.err.starts_with(expected), "{text}\n{}", said.err);
        assert_eq!((said.out.as_str(), said.code), ("", 2));
        assert_eq!(sandbox.read("main.go"), LEAK);
        assert_eq!(sandbox.run(&["--no-config"]).code, 1);
    }
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let said = sandbox.run(&["--config", "gone.toml"]);
    assert_eq!(said.err, "unleak: gone.toml: no such file or directory\n");
    assert_eq!(said.code, 2);
}

#[test]
fn a_users_own_pair_is_found_and_closed() {
    let pair = "[[missing-close.pair]]\nacquire = \"(*example.com/app/pool.Pool).Lend\"\nrelease = \"x.Return()\"\n";
    let sandbox = Sandbox::new(&[("main.go", USER), ("pool/pool.go", POOL)]);
    assert_eq!(sandbox.run(&[]).out, "");
    sandbox.write("unleak.toml", pair);
    let said = sandbox.run(&["-w"]);
    assert!(
        said.out
            .contains("main.go:10:12: missing-close: p.Lend at 10:12 is not"),
        "{}",
        said.out
    );
    let expected = "\t\treturn err\n\t}\n\tdefer c.Return()\n\tc.Send(";
    assert!(sandbox.read("main.go").contains(expected));
    assert_eq!(sandbox.run(&[]).out, "");
}

#[test]
fn a_shipped_pair_can_be_switched_off() {
    let text = "package main\n\nimport \"os\"\n\nfunc main() {\n\tf, err := os.Open(\"x\")\n\tif err != nil {\n\
        \t\treturn\n\t}\n\tprintln(f.Name())\n}\n";
    let sandbox = Sandbox::new(&[("main.go", text)]);
    assert!(sandbox.run(&[]).out.contains("missing-close"));
    sandbox.write(
        "unleak.toml",
        "[missing-close]\npair = [{ acquire = \"os.Open\", report = false }]\n",
    );
    assert_eq!(sandbox.run(&[]).out, "");
}

#[test]
fn a_callee_can_be_made_known() {
    let text = "package main\n\nimport \"os\"\n\nvar keep func(*os.File)\n\ntype Sink interface{ Take(f *os.File) }\n\n\
        func run(s Sink) error {\n\tf, err := os.Open(\"x\")\n\tif err != nil {\n\t\treturn err\n\t}\n\
        \ts.Take(f)\n\treturn nil\n}\n\nfunc main() {}\n";
    let sandbox = Sandbox::new(&[("main.go", text)]);
    assert_eq!(sandbox.run(&[]).out, "", "who takes it may close it");
    let callee = "callee = [{ call = \"(example.com/app.Sink).Take\", effect = \"borrows\" }]";
    sandbox.write("unleak.toml", format!("[missing-close]\n{callee}\n"));
    let said = sandbox.run(&["-d"]);
    assert!(said.out.contains("+\tdefer f.Close()\n"), "{said:?}");
}
