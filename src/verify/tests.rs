use super::*;
use crate::syntax::ast::Span;

const OLD: &str =
    "package p\n\nimport \"time\"\n\nfunc f() {\n\tfor {\n\t\ttime.Sleep(1)\n\t}\n}\n";

/// Replaces `from` in [`OLD`].
fn replace(from: &str, to: &str) -> Result<(), Violation> {
    let start = OLD.find(from).unwrap();
    let span = Span::new(start, start + from.len());
    check(
        OLD,
        Some(vec![Edit {
            span,
            text: to.into(),
        }]),
    )
}

#[test]
fn a_right_edit_passes() {
    assert_eq!(
        replace(
            "\t\ttime.Sleep(1)\n",
            "\t\ttime.Sleep(1)\n\t\tif x {\n\t\t\treturn\n\t\t}\n"
        ),
        Ok(())
    );
    assert_eq!(
        replace("func f() {\n", "func f() {\n\tx := 1\n\tg(x)\n\n"),
        Ok(())
    );
}

#[test]
fn edits_that_overlap_or_leave_the_text_are_refused() {
    let edit = |start, end| Edit {
        span: Span::new(start, end),
        text: String::new(),
    };
    assert_eq!(
        check(OLD, Some(vec![edit(0, 9), edit(5, 12)])),
        Err(Violation::Edits)
    );
    assert_eq!(
        check(OLD, Some(vec![edit(0, OLD.len() + 1)])),
        Err(Violation::Edits)
    );
    assert_eq!(check(OLD, None), Err(Violation::Edits));
}

#[test]
fn a_new_syntax_error_is_refused() {
    assert_eq!(
        replace("time.Sleep(1)", "time.Sleep(1"),
        Err(Violation::Syntax)
    );
    assert_eq!(replace("for {", "for {{"), Err(Violation::Syntax));
}

#[test]
fn white_space_at_the_end_of_a_new_line_is_refused() {
    assert_eq!(
        replace("\t\ttime.Sleep(1)\n", "\t\ttime.Sleep(1)\n\t\tg() \n"),
        Err(Violation::Format)
    );
}

#[test]
fn an_indentation_that_is_not_gofmts_is_refused() {
    assert_eq!(
        replace("\t\ttime.Sleep(1)\n", "\t\ttime.Sleep(1)\n\tg()\n"),
        Err(Violation::Format)
    );
    assert_eq!(
        replace("\t\ttime.Sleep(1)\n", "\t\ttime.Sleep(1)\n        g()\n"),
        Err(Violation::Format)
    );
    assert_eq!(
        replace(
            "\t\ttime.Sleep(1)\n",
            "\t\tselect {\n\t\t\tcase <-c:\n\t\t}\n\t\ttime.Sleep(1)\n"
        ),
        Err(Violation::Format)
    );
}

#[test]
fn a_select_is_indented_as_gofmt_does() {
    let select =
        "\t\tselect {\n\t\tcase <-ctx.Done():\n\t\t\treturn\n\t\tcase <-time.After(1):\n\t\t}\n";
    assert_eq!(replace("\t\ttime.Sleep(1)\n", select), Ok(()));
}

#[test]
fn a_name_that_nothing_uses_is_refused() {
    assert_eq!(
        replace(
            "func f() {\n",
            "func f() {\n\tctx, cancel := g()\n\tdefer cancel()\n"
        ),
        Err(Violation::Names)
    );
    assert_eq!(
        replace(
            "func f() {\n",
            "func f() {\n\t_, cancel := g()\n\tdefer cancel()\n"
        ),
        Ok(())
    );
}

#[test]
fn a_name_that_is_declared_twice_is_refused() {
    let twice = "func f() {\n\tx := g()\n\th(x)\n\tx := g()\n\th(x)\n";
    assert_eq!(replace("func f() {\n", twice), Err(Violation::Names));
    let nested = "func f() {\n\tx := g()\n\th(x)\n\t{\n\t\tx := g()\n\t\th(x)\n\t}\n";
    assert_eq!(replace("func f() {\n", nested), Ok(()));
}

#[test]
fn an_import_that_nothing_uses_is_refused() {
    assert_eq!(replace("time.Sleep(1)", "g()"), Err(Violation::Imports));
    assert_eq!(
        replace("import \"time\"", "import \"time\"\nimport \"context\""),
        Err(Violation::Imports)
    );
}
