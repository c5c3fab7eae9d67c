//! No text makes the parser panic, hang or overflow its stack. `UNLEAK_FUZZ_SECONDS=600` mutates for longer.

use std::time::{Duration, Instant};
use unleak::syntax::ast::Decl;
use unleak::syntax::{check, parse_body, parse_outline};

const SEEDS: &[&str] = &[
    "package p\n\nimport (\n\t\"C\"\n\tf \"fmt\"\n)\n\nvar a, b = func(x, y int) (r []T) { return }, map[K]V{1: {2}}\n\nconst (\n\tA = iota\n\tB\n)\n",
    "package p\n\ntype T[P ~[]E | *Q, E any] struct {\n\t*E\n\tx, y int `tag`\n}\n\nfunc (t *T[P, E]) m[A any](a A, _ ...int) error {\n\tp := new(1 + 2)\n\treturn nil\n}\n",
    "package p\n\nfunc f(ch chan<- chan int) {\nL:\n\tfor i := range 3 {\n\t\tselect {\n\t\tcase v, ok := <-ch:\n\t\t\tgo func() { ch <- v }()\n\t\tdefault:\n\t\t\tcontinue L\n\t\t}\n\t}\n\tswitch x := y.(type) {\n\tcase nil, []int:\n\t\tdefer x.Close() // é }\n\t}\n}\n",
];

const PIECES: &[&str] = &[
    "{", "}", "(", ")", "[", "]", "\"", "`", "'", "/*", "*/", "//", "\n", "\nfunc ", "func", "<-",
    "chan ", "new(", "make(", "*", "é", "\u{feff}", "\0", "\\", ";", ":", "type ", "\nvar ",
    ".(type)",
];

fn read_all(text: &str) {
    let outline = parse_outline(text);
    for decl in &outline.decls {
        if let Decl::Func(func) = decl {
            assert!(func.span.end as usize <= text.len());
            if let Some(body) = func.body {
                assert!(text.get(body.range()).is_some(), "{body:?} of {text:?}");
                parse_body(text, body);
            }
        }
    }
    check::errors(text);
    check::is_generated(text);
    check::package_name(text);
    check::imports_c(text);
}

#[test]
fn mutated_text_is_read_to_its_end() {
    let seconds = std::env::var("UNLEAK_FUZZ_SECONDS").ok();
    let long = seconds.map(|seconds| Duration::from_secs(seconds.parse().expect("seconds")));
    let start = Instant::now();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut rounds = 0;
    while long.map_or(rounds < 2_000, |long| start.elapsed() < long) {
        rounds += 1;
        let mut text = SEEDS[random(SEEDS.len())].to_string();
        for _ in 0..=random(4) {
            let mut at = random(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match random(3) {
                0 => text.truncate(at),
                1 => text.insert_str(at, PIECES[random(PIECES.len())]),
                _ if at < text.len() => {
                    text.remove(at);
                }
                _ => {}
            }
        }
        read_all(&text);
    }
}

/// A quarter of the stack that a worker of a run has (`src/parallel.rs`); frames of unoptimised builds are large.
const STACK: usize = 64 << 20;

#[test]
fn nesting_is_bounded() {
    let read = std::thread::Builder::new().stack_size(STACK);
    let read = read.spawn(read_nested).expect("a thread");
    read.join().expect("no panic");
}

fn read_nested() {
    for depth in [300, 5_000] {
        for (open, close) in [("(", ")"), ("[]int{f(", ")}"), ("-", ""), ("1 + ", "")] {
            let value = format!("{}x{}", open.repeat(depth), close.repeat(depth));
            let text = format!("package p\n\nvar v = {value}\n\nfunc f() {{\n\ta := {value}\n}}\n");
            let outline = parse_outline(&text);
            let Some(Decl::Func(func)) = outline.decls.last() else {
                panic!("no function behind {open}");
            };
            let body = parse_body(&text, func.body.expect("a body"));
            assert!(body.broken || depth < 5_000, "{open}");
        }
        let blocks = format!("{}{}", "{".repeat(depth), "}".repeat(depth));
        read_all(&format!("package p\n\nfunc f() {blocks}\n"));
        read_all(&format!("package p\n\nfunc f() {}\n", "{".repeat(depth)));
    }
}
