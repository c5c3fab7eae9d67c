//! Each case is the body of a Go function; steps are named by their text.

use super::{Cfg, NodeIx, Step};
use crate::syntax::ast::{Body, ExprKind, Span};
use crate::syntax::parse_body;

struct Case {
    text: String,
    body: Body,
}

impl Case {
    fn new(go: &str) -> Case {
        let text = format!("{{{go}}}");
        let body = parse_body(&text, Span::new(0, text.len()));
        assert!(!body.broken, "{go}");
        Case { text, body }
    }

    fn ask<T>(&self, question: impl FnOnce(&Cfg<'_>, &dyn Fn(&str) -> NodeIx) -> T) -> T {
        let never = |call: &crate::syntax::ast::Expr| match &call.kind {
            ExprKind::Call(it) => &self.text[it.fun.span.range()] == "panic",
            _ => false,
        };
        let cfg = Cfg::new(&self.body.block, &never);
        let node = |step: &str| {
            let found = cfg.indices().find(|&ix| {
                let node = cfg.node(ix);
                !matches!(node.step, Step::Join) && &self.text[node.span.range()] == step
            });
            found.unwrap_or_else(|| panic!("no step {step}"))
        };
        question(&cfg, &node)
    }
}

/// Whether the function can return after `from` without passing `by`.
fn returns_without(go: &str, from: &str, by: &str) -> bool {
    Case::new(go).ask(|cfg, node| {
        let by = node(by);
        cfg.find_path(node(from), |_, edge| edge.to != by, |at| at == Cfg::EXIT)
            .is_some()
    })
}

fn leads(go: &str, from: &str, to: &str) -> bool {
    Case::new(go).ask(|cfg, node| {
        let to = node(to);
        cfg.find_path(node(from), |_, _| true, |at| at == to)
            .is_some()
    })
}

fn returns(go: &str) -> bool {
    Case::new(go).ask(|cfg, _| cfg.reachable(Cfg::EXIT))
}

#[test]
fn an_early_return_avoids_what_follows() {
    assert!(returns_without(
        "open()\nif bad { return }\nclose()\n",
        "open()",
        "close()"
    ));
    assert!(!returns_without(
        "open()\nif bad { log() }\nclose()\n",
        "open()",
        "close()"
    ));
}

#[test]
fn both_branches_of_an_if_meet_again() {
    let go = "if a { x() } else if b { y() } else { z() }\nafter()\n";
    for step in ["x()", "y()", "z()"] {
        assert!(leads(go, step, "after()"), "{step}");
    }
    assert!(!leads(go, "x()", "y()"));
}

#[test]
fn a_call_that_never_returns_ends_the_path() {
    assert!(!returns_without(
        "open()\nif bad { panic(1) }\nclose()\n",
        "open()",
        "close()"
    ));
    assert!(!returns("panic(1)\n"));
}

#[test]
fn short_circuit_operands_are_steps_of_their_own() {
    let go = "if a() && b() || !c() { yes() } else { no() }\n";
    assert!(leads(go, "b()", "yes()"));
    assert!(leads(go, "a()", "c()"));
    Case::new(go).ask(|cfg, node| {
        // `yes` without `c` needs `b`; `no` always asks `c`.
        let (a, b, c) = (node("a()"), node("b()"), node("c()"));
        let around = |to, avoid: &[NodeIx]| {
            cfg.find_path(a, |_, edge| !avoid.contains(&edge.to), |at| at == to)
                .is_some()
        };
        assert!(around(node("yes()"), &[c]));
        assert!(!around(node("yes()"), &[b, c]));
        assert!(!around(node("no()"), &[c]));
    });
}

#[test]
fn an_endless_loop_has_no_way_out() {
    assert!(!returns("for { work() }\n"));
    assert!(!returns("for true { work() }\n"));
    assert!(!returns("for { select { case <-c: work() } }\n"));
    assert!(!returns("for { switch x { case 1: break } }\n"));
    assert!(returns("for { if done { break } }\n"));
    assert!(returns("loop: for { select { case <-c: break loop } }\n"));
    assert!(returns("for i := 0; i < n; i++ { work() }\n"));
    assert!(returns("for range c { work() }\n"));
}

#[test]
fn break_and_continue_take_labels() {
    let go = "outer: for a() { for b() { if c() { continue outer }\nif d() { break outer }\ne() } }\nafter()\n";
    Case::new(go).ask(|cfg, node| {
        let direct = |from, to, avoid| {
            cfg.find_path(
                node(from),
                |_, edge| edge.to != node(avoid),
                |at| at == node(to),
            )
            .is_some()
        };
        assert!(direct("continue outer", "a()", "b()"));
        assert!(!direct("break outer", "b()", "after()"));
        assert!(direct("break outer", "after()", "a()"));
    });
}

#[test]
fn goto_leads_to_its_label() {
    let go = "again: work()\nif more() { goto again }\nskipped()\n";
    assert!(leads(go, "goto again", "work()"));
    let broken = Case::new("goto nowhere\n").ask(|cfg, _| cfg.broken());
    assert!(broken);
}

#[test]
fn a_switch_without_default_may_match_nothing() {
    let go = "open()\nswitch x { case 1: close() }\n";
    assert!(returns_without(go, "open()", "close()"));
    let go = "switch x { case 1: a()\nfallthrough\ncase 2: b()\ndefault: c() }\n";
    assert!(leads(go, "a()", "b()"));
    assert!(!leads(go, "a()", "c()"));
    assert!(leads(
        "switch { case a(): one()\ncase b(): two() }\n",
        "a()",
        "b()"
    ));
}

#[test]
fn a_type_switch_chooses_one_clause() {
    let go = "switch y := x.(type) { case int: a()\ncase string: b()\ndefault: c() }\nafter()\n";
    assert!(leads(go, "x", "c()"));
    assert!(!leads(go, "a()", "b()"));
    assert!(leads(go, "b()", "after()"));
}

#[test]
fn an_empty_select_blocks() {
    assert!(!returns("select {}\n"));
    assert!(leads(
        "select { case v := <-c: use(v)\ndefault: other() }\n",
        "select",
        "other()"
    ));
}

#[test]
fn range_evaluates_its_subject_once() {
    Case::new("for range list() { work() }\n").ask(|cfg, node| {
        assert!(!cfg.in_cycle(node("list()")));
        assert!(cfg.in_cycle(node("work()")));
    });
}

#[test]
fn code_after_a_return_is_not_reached() {
    Case::new("return\nafter()\n").ask(|cfg, node| assert!(!cfg.reachable(node("after()"))));
}

#[test]
fn ways_out_of_a_loop_are_its_edges_to_other_text() {
    let out = |go: &str| {
        let case = Case::new(go);
        let span = case.body.block.stmts[0].span;
        case.ask(|cfg, _| cfg.ways_out(span).len())
    };
    assert_eq!(out("for { work() }\nafter()\n"), 0);
    assert_eq!(out("for { if a { return }\nif b { break } }\nafter()\n"), 2);
    assert_eq!(out("for { if a { panic(1) } }\n"), 1);
    assert_eq!(out("for ok { continue }\n"), 1);
}

#[test]
fn a_path_lists_its_steps_in_order() {
    Case::new("a()\nif b { c() }\nd()\n").ask(|cfg, node| {
        let path = cfg.find_path(node("a()"), |_, _| true, |at| at == node("d()"));
        assert_eq!(path, Some(vec![node("a()"), node("b"), node("d()")]));
    });
}

#[test]
fn domination_needs_every_path() {
    Case::new("a()\nif b { c() }\nd()\n").ask(|cfg, node| {
        assert!(cfg.dominates(node("a()"), node("d()")));
        assert!(!cfg.dominates(node("c()"), node("d()")));
    });
}
