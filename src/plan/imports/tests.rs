use super::*;
use crate::plan::apply;

/// The text with `paths` imported.
fn add(text: &str, paths: &[&str]) -> String {
    let paths: BTreeSet<&str> = paths.iter().copied().collect();
    apply(text, &add_imports(text, &paths).unwrap()).unwrap()
}

#[test]
fn into_a_block_in_sorted_place() {
    let text = "package p\n\nimport (\n\t\"fmt\"\n\t\"time\"\n)\n\nvar _ = fmt.Sprint\n";
    assert_eq!(
        add(text, &["context", "sync", "unicode"]),
        "package p\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"sync\"\n\t\"time\"\n\t\"unicode\"\n)\n\nvar _ = fmt.Sprint\n"
    );
}

#[test]
fn what_is_imported_stays_alone() {
    let text = "package p\n\nimport ctx \"context\"\n";
    assert_eq!(add(text, &["context"]), text);
}

#[test]
fn a_blank_or_dot_import_gives_no_name() {
    let text = "package p\n\nimport (\n\t_ \"context\"\n\t. \"fmt\"\n)\n";
    assert_eq!(
        add(text, &["context", "fmt"]),
        "package p\n\nimport (\n\t\"context\"\n\t_ \"context\"\n\t\"fmt\"\n\t. \"fmt\"\n)\n"
    );
}

#[test]
fn into_the_standard_librarys_section_only() {
    let text =
        "package p\n\nimport (\n\t\"example.com/a\"\n\n\t\"fmt\"\n\n\t\"example.com/z\"\n)\n";
    assert_eq!(
        add(text, &["context", "time"]),
        "package p\n\nimport (\n\t\"example.com/a\"\n\n\t\"context\"\n\t\"fmt\"\n\t\"time\"\n\n\t\"example.com/z\"\n)\n"
    );
}

#[test]
fn a_block_without_standard_packages_gets_a_section_in_front() {
    let text = "package p\n\nimport (\n\t// Docs.\n\t\"example.com/a\"\n)\n";
    assert_eq!(
        add(text, &["context"]),
        "package p\n\nimport (\n\t\"context\"\n\n\t// Docs.\n\t\"example.com/a\"\n)\n"
    );
}

#[test]
fn a_lone_import_becomes_a_block_and_keeps_its_comment() {
    assert_eq!(
        add(
            "package p\n\nimport \"fmt\" // for Print\n\nfunc f() {}\n",
            &["context", "time"]
        ),
        "package p\n\nimport (\n\t\"context\"\n\t\"fmt\" // for Print\n\t\"time\"\n)\n\nfunc f() {}\n"
    );
    assert_eq!(
        add("package p\n\nimport x \"example.com/x\"\n", &["context"]),
        "package p\n\nimport (\n\t\"context\"\n\n\tx \"example.com/x\"\n)\n"
    );
}

#[test]
fn without_imports_one_follows_the_package_clause() {
    assert_eq!(
        add(
            "// Doc.\npackage p // import \"p\"\n\nfunc f() {}\n",
            &["context"]
        ),
        "// Doc.\npackage p // import \"p\"\n\nimport \"context\"\n\nfunc f() {}\n"
    );
    assert_eq!(
        add("package p\n", &["context", "time"]),
        "package p\n\nimport (\n\t\"context\"\n\t\"time\"\n)\n"
    );
    assert_eq!(
        add("package p", &["context"]),
        "package p\n\nimport \"context\""
    );
}

#[test]
fn cgo_is_not_touched() {
    let text = "package p\n\n// #include <stdio.h>\nimport \"C\"\n\nimport \"fmt\"\n";
    assert_eq!(
        add(text, &["context"]),
        "package p\n\n// #include <stdio.h>\nimport \"C\"\n\nimport (\n\t\"context\"\n\t\"fmt\"\n)\n"
    );
    let text = "package p\n\n/*\nimport \"x\"\n*/\nimport \"C\"\n\nfunc f() {}\n";
    assert_eq!(
        add(text, &["context"]),
        "package p\n\n/*\nimport \"x\"\n*/\nimport \"C\"\nimport \"context\"\n\nfunc f() {}\n"
    );
}

#[test]
fn several_lone_imports_get_another() {
    let text = "package p\n\nimport \"fmt\"\nimport \"time\"\n\nvar x int\n";
    assert_eq!(
        add(text, &["context"]),
        "package p\n\nimport \"fmt\"\nimport \"time\"\nimport \"context\"\n\nvar x int\n"
    );
}

#[test]
fn crlf_stays_crlf() {
    assert_eq!(
        add(
            "package p\r\n\r\nimport (\r\n\t\"fmt\"\r\n)\r\n",
            &["context", "time"]
        ),
        "package p\r\n\r\nimport (\r\n\t\"context\"\r\n\t\"fmt\"\r\n\t\"time\"\r\n)\r\n"
    );
    assert_eq!(
        add("package p\r\n\r\nimport \"fmt\"\r\n", &["context"]),
        "package p\r\n\r\nimport (\r\n\t\"context\"\r\n\t\"fmt\"\r\n)\r\n"
    );
}

#[test]
fn a_column_of_comments_is_not_broken() {
    let text = "package p\n\nimport (\n\t\"a\"  // one\n\t\"ddd\" // two\n)\n";
    assert_eq!(
        add(text, &["context"]),
        "package p\n\nimport (\n\t\"a\"  // one\n\t\"ddd\" // two\n)\nimport \"context\"\n"
    );
}

#[test]
fn a_comment_stays_with_its_import() {
    let text = "package p\n\nimport (\n\t// Prints.\n\t\"fmt\"\n\t\"os\"\n)\n";
    assert_eq!(
        add(text, &["context"]),
        "package p\n\nimport (\n\t// Prints.\n\t\"fmt\"\n\t\"os\"\n)\nimport \"context\"\n"
    );
    assert_eq!(
        add(text, &["io"]),
        "package p\n\nimport (\n\t// Prints.\n\t\"fmt\"\n\t\"io\"\n\t\"os\"\n)\n"
    );
}

#[test]
fn odd_layouts_are_added_to_from_outside() {
    assert_eq!(
        add("package p\n\nimport (\"fmt\"; \"os\")\n", &["context"]),
        "package p\n\nimport (\"fmt\"; \"os\")\nimport \"context\"\n"
    );
    let none = BTreeSet::from(["context"]);
    assert_eq!(
        add_imports("func f() {}\n", &none),
        Err(ImportsError::Layout)
    );
    assert_eq!(
        add_imports("package p; import \"fmt\"\n", &none),
        Err(ImportsError::Layout)
    );
}
