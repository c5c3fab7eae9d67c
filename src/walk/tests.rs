use super::*;
use std::fs;
use tempfile::TempDir;

/// A directory with these files in it.
fn tree(files: &[&str]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for file in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "package p\n").unwrap();
    }
    dir
}

fn run(dir: &TempDir, args: &[&str], include: &[Skip]) -> Walked {
    let args: Vec<_> = args.iter().map(|arg| dir.path().join(arg)).collect();
    walk(&args, include)
}

fn files(dir: &TempDir, walked: &Walked) -> Vec<String> {
    let files = walked.files.iter().map(|file| {
        let inside = file.path.strip_prefix(dir.path()).unwrap();
        inside.to_str().unwrap().to_owned()
    });
    files.collect()
}

fn notices(walked: &Walked) -> Vec<(&str, bool)> {
    let notices = walked.notices.iter();
    notices
        .map(|notice| (notice.text.as_str(), notice.error))
        .collect()
}

#[test]
fn a_directory_means_everything_below_in_path_order() {
    let dir = tree(&["b/b.go", "a/z.go", "a/b/c.go", "a.go", "a/README.md"]);
    let walked = run(&dir, &["."], &[]);
    assert_eq!(
        files(&dir, &walked),
        ["a/b/c.go", "a/z.go", "a.go", "b/b.go"]
    );
    assert_eq!(
        files(&dir, &run(&dir, &["a/..."], &[])),
        ["a/b/c.go", "a/z.go"]
    );
}

#[test]
fn a_file_named_twice_is_done_once() {
    let dir = tree(&["a/a.go"]);
    let walked = run(&dir, &["a", "a/a.go", "./a/..."], &[]);
    assert_eq!(files(&dir, &walked), ["a/a.go"]);
    assert_eq!(notices(&walked), []);
}

#[test]
fn what_go_leaves_out_is_left_out_and_counted() {
    let dir = tree(&[
        "go.mod",
        "a.go",
        "vendor/v.go",
        "testdata/t.go",
        "_x/x.go",
        "y/.y.go",
        "_z.go",
    ]);
    let walked = run(&dir, &["."], &[]);
    assert_eq!(files(&dir, &walked), ["a.go"]);
    let skipped: Vec<_> = walked.skipped.into_iter().collect();
    assert_eq!(
        skipped,
        [(Skip::Vendor, 1), (Skip::Testdata, 1), (Skip::Hidden, 3)]
    );
    let walked = run(&dir, &["."], &[Skip::Vendor, Skip::Hidden]);
    assert_eq!(
        files(&dir, &walked),
        ["_x/x.go", "_z.go", "a.go", "vendor/v.go", "y/.y.go"]
    );
}

#[test]
fn what_is_left_out_is_left_out_when_named_and_says_so() {
    let dir = tree(&["go.mod", "vendor/a/v.go", "testdata/t.go"]);
    let walked = run(&dir, &["vendor/a/v.go", "testdata"], &[]);
    assert_eq!(files(&dir, &walked), [""; 0]);
    assert_eq!(
        notices(&walked),
        [
            ("skipped: in a vendor directory (--include vendor)", false),
            (
                "skipped: in a testdata directory (--include testdata)",
                false
            ),
        ]
    );
    let walked = run(&dir, &["testdata"], &[Skip::Testdata]);
    assert_eq!(files(&dir, &walked), ["testdata/t.go"]);
}

#[test]
fn a_module_inside_testdata_is_itself_when_it_is_the_argument() {
    let dir = tree(&["testdata/m/go.mod", "testdata/m/a.go"]);
    assert_eq!(
        files(&dir, &run(&dir, &["testdata/m"], &[])),
        ["testdata/m/a.go"]
    );
}

#[test]
fn gitignored_files_are_left_out_inside_a_repository_only() {
    let dir = tree(&["a.go", "out/x.go", "sub/gen.go", "sub/kept.go"]);
    fs::write(dir.path().join(".gitignore"), "out/\ngen.go\nkept.go\n").unwrap();
    fs::write(dir.path().join("sub/.gitignore"), "!kept.go\n").unwrap();
    assert_eq!(run(&dir, &["."], &[]).files.len(), 4);
    fs::create_dir(dir.path().join(".git")).unwrap();
    let walked = run(&dir, &["."], &[]);
    assert_eq!(files(&dir, &walked), ["a.go", "sub/kept.go"]);
    assert_eq!(walked.skipped[&Skip::Ignored], 2);
    let walked = run(&dir, &["out/x.go", "out"], &[]);
    assert_eq!(
        notices(&walked),
        [("skipped: ignored by git (--include ignored)", false); 2]
    );
    assert_eq!(run(&dir, &["."], &[Skip::Ignored]).files.len(), 4);
}

#[test]
fn bad_arguments_are_errors_and_the_others_are_done() {
    let dir = tree(&["a.go", "none/readme.txt", "x.txt"]);
    let walked = run(&dir, &["missing", "none", "x.txt", "a/.../b", "a.go"], &[]);
    assert_eq!(files(&dir, &walked), ["a.go"]);
    assert_eq!(
        notices(&walked),
        [
            ("no such file or directory", true),
            ("no Go files (none below it)", true),
            ("not a Go file", true),
            ("only a last `/...` is understood in a pattern", true),
        ]
    );
}

#[cfg(unix)]
#[test]
fn symbolic_links_to_directories_are_not_followed_and_loops_are_errors() {
    use std::os::unix::fs::symlink;
    let dir = tree(&["a/a.go"]);
    symlink(dir.path(), dir.path().join("a/up")).unwrap();
    symlink("a.go", dir.path().join("a/b.go")).unwrap();
    symlink("loop.go", dir.path().join("a/loop.go")).unwrap();
    let walked = run(&dir, &["."], &[]);
    assert_eq!(files(&dir, &walked), ["a/a.go"]);
    assert_eq!(
        notices(&walked),
        [("too many levels of symbolic links", true)]
    );
}
