//! `--verify`: what the go command says of the new code, before anything is written.

mod support;

use support::{LEAK, Sandbox};

/// A package that does not compile before, so that one thing is certain: it was asked.
fn verified(arguments: &[&str], path: Option<&str>) -> (Sandbox, support::Said) {
    let sandbox = Sandbox::new(&[("main.go", LEAK)]);
    let env: Vec<(&str, &str)> = path.map(|path| ("PATH", path)).into_iter().collect();
    let said = sandbox.run_with(arguments, &env);
    (sandbox, said)
}

#[test]
fn what_was_verified_is_in_the_summary() {
    for flag in ["--verify", "--verify=always", "--verify=auto"] {
        let (sandbox, said) = verified(&["-w", flag], None);
        let want = "unleak: 1 finding, 1 fixed in 1 file; verified with go vet: 1 package\n";
        assert_eq!((&*said.err, said.code), (want, 0), "{flag}");
        assert_ne!(sandbox.read("main.go"), LEAK);
    }
    let (_, said) = verified(&["-w", "--verify=never"], None);
    assert_eq!(said.err, "unleak: 1 finding, 1 fixed in 1 file\n");
}

#[test]
fn auto_says_so_when_there_is_no_go_command() {
    let (sandbox, said) = verified(&["-w", "--verify=auto"], Some("/nonexistent"));
    let want = "unleak: 1 finding, 1 fixed in 1 file; not verified: there is no go command\n";
    assert_eq!((&*said.err, said.code), (want, 0));
    assert_ne!(sandbox.read("main.go"), LEAK);
}

#[test]
fn always_writes_nothing_when_there_is_no_go_command() {
    let (sandbox, said) = verified(&["-w", "--verify=always"], Some("/nonexistent"));
    let dropped =
        "unleak: main.go: line 11: the fix of goroutine-loop is dropped: there is no go command";
    assert_eq!((said.complaints(), said.code), (vec![dropped], 2));
    assert!(said.out.contains("(unproved)"), "{said:?}");
    assert_eq!(sandbox.read("main.go"), LEAK);
}

/// The program's own fix, in a module where `time.After` is not what it is elsewhere: the go command is one that
/// refuses the new text.
#[cfg(unix)]
#[test]
fn what_go_refuses_is_dropped_and_named_and_the_rest_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new(&[("bad/main.go", LEAK), ("good/main.go", LEAK)]);
    let real = which("go");
    // It compiles all but what has a context in bad/.
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *overlay*) file=$(echo \"$*\" | sed 's/.*-overlay=\\([^ ]*\\).*/\\1/')\n\
         if echo \"$*\" | grep -q './bad' && grep -q 'bad/main.go' \"$file\"; then\n\
         printf '# example.com/app/bad\\nbad/main.go:9:9: undefined: ctx\\n' >&2; exit 1; fi;; esac\nexec {real} \"$@\"\n"
    );
    let go = sandbox.cache().join("bin/go");
    std::fs::create_dir_all(go.parent().unwrap()).unwrap();
    std::fs::write(&go, script).unwrap();
    std::fs::set_permissions(&go, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        go.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let said = sandbox.run_with(&["-w", "--verify"], &[("PATH", &path)]);
    let dropped = "unleak: bad/main.go: line 11: the fix of goroutine-loop is dropped: bad/main.go:9:9: undefined: ctx";
    assert_eq!(
        (said.complaints(), said.code),
        (vec![dropped], 0),
        "{said:?}"
    );
    assert!(said.out.contains("(refused)"), "{said:?}");
    assert_eq!(sandbox.read("bad/main.go"), LEAK);
    assert!(sandbox.read("good/main.go").contains("ctx.Done()"));
}

#[cfg(unix)]
fn which(name: &str) -> String {
    let path = std::env::var("PATH").unwrap();
    let mut found = path.split(':').map(|dir| format!("{dir}/{name}"));
    found
        .find(|file| std::path::Path::new(file).is_file())
        .expect("go in PATH")
}
