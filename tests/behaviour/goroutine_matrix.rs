//! Every shape of a loop with every source of the signal, as one program: each cell starts its goroutine, lets it say
//! three things and then gives the signal. The original's goroutine is still there a second later, the rewritten one's
//! is gone; the race detector watches both, and Go's own goroutine-leak profile is asked where it is built in.

use crate::programs::{Programs, go_is_there};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A loop: its name, the statements in which it says `n` again and again, and the imports that these need.
struct Shape {
    name: &'static str,
    body: &'static str,
    imports: &'static [&'static str],
    /// Only a context interrupts it.
    context_only: bool,
}

const fn shape(name: &'static str, imports: &'static [&'static str], body: &'static str) -> Shape {
    Shape {
        name,
        body,
        imports,
        context_only: false,
    }
}

const SHAPES: &[Shape] = &[
    shape(
        "sleep",
        &["time"],
        "for {\n\tsay(n)\n\tn++\n\ttime.Sleep(time.Millisecond)\n}",
    ),
    shape(
        "ticker",
        &["time"],
        "ticker := time.NewTicker(time.Millisecond)\nfor range ticker.C {\n\tsay(n)\n\tn++\n}",
    ),
    shape(
        "tick",
        &["time"],
        "for range time.Tick(time.Millisecond) {\n\tsay(n)\n\tn++\n}",
    ),
    shape(
        "receive",
        &["example.com/matrix/internal/feeder"],
        "feed := feeder.Ints()\nfor {\n\t<-feed\n\tsay(n)\n\tn++\n}",
    ),
    shape(
        "receiveok",
        &["example.com/matrix/internal/feeder"],
        "feed := feeder.Ints()\nfor {\n\tv, ok := <-feed\n\tif ok && v >= 0 {\n\t\tsay(n)\n\t\tn++\n\t}\n}",
    ),
    shape(
        "send",
        &["example.com/matrix/internal/feeder"],
        "sink := feeder.Sink()\nfor {\n\tsink <- n\n\tsay(n)\n\tn++\n}",
    ),
    shape(
        "selects",
        &["example.com/matrix/internal/feeder"],
        "feed, other := feeder.Ints(), feeder.Ints()\nfor {\n\tselect {\n\tcase <-feed:\n\tcase <-other:\n\t}\n\tsay(n)\n\tn++\n}",
    ),
    shape(
        "ranges",
        &["time"],
        "jobs := make(chan int)\ngo func() {\n\tfor i := range 100 {\n\t\tselect {\n\t\tcase jobs <- i:\n\t\tcase <-time.After(time.Millisecond):\n\t\t}\n\t}\n}()\nfor job := range jobs {\n\tif job >= 0 {\n\t\tsay(n)\n\t\tn++\n\t}\n}",
    ),
    shape(
        "dead",
        &[],
        "dead := make(chan int)\nsay(n)\nsay(n + 1)\nsay(n + 2)\nfor {\n\t<-dead\n\tn++\n}",
    ),
    shape(
        "nested",
        &["time"],
        "outer:\nfor {\n\ttime.Sleep(time.Millisecond)\n\tfor i := range 3 {\n\t\tif i == 2 {\n\t\t\tcontinue outer\n\t\t}\n\t\tsay(n)\n\t\tn++\n\t}\n}",
    ),
    shape(
        "closure",
        &["time"],
        "poll := func() {\n\tfor {\n\t\tsay(n)\n\t\tn++\n\t\ttime.Sleep(time.Millisecond)\n\t}\n}\npoll()",
    ),
    Shape {
        name: "accept",
        body: "ln := feeder.Listener()\nfor {\n\tconn, err := ln.Accept()\n\tif err != nil {\n\t\tcontinue\n\t}\n\tconn.Close()\n\tsay(n)\n\tn++\n}",
        imports: &["example.com/matrix/internal/feeder"],
        context_only: true,
    },
    Shape {
        name: "read",
        body: "conn := feeder.Packets()\nbuf := make([]byte, 16)\nfor {\n\t_, _, err := conn.ReadFrom(buf)\n\tif err != nil {\n\t\tcontinue\n\t}\n\tsay(n)\n\tn++\n}",
        imports: &["example.com/matrix/internal/feeder"],
        context_only: true,
    },
    shape(
        "busy",
        &["runtime"],
        "say(n)\nsay(n + 1)\nsay(n + 2)\nfor {\n\tn++\n\truntime.Gosched()\n}",
    ),
];

/// Where the signal comes from: the declarations of a cell, with `BODY` for the loop.
struct Source {
    name: &'static str,
    text: &'static str,
    imports: &'static [&'static str],
    /// The signal is a channel.
    channel: bool,
}

const fn source(
    name: &'static str,
    imports: &'static [&'static str],
    channel: bool,
    text: &'static str,
) -> Source {
    Source {
        name,
        text,
        imports,
        channel,
    }
}

const SOURCES: &[Source] = &[
    source(
        "parameter",
        &["context"],
        false,
        "func begin(ctx context.Context, say func(int)) {\n\tgo func() {\n\t\tn := 0\n\t\tBODY\n\t}()\n}\n\nfunc Cell(say func(int)) func() {\n\tctx, cancel := context.WithCancel(context.Background())\n\tbegin(ctx, say)\n\treturn cancel\n}\n",
    ),
    source(
        "ignored",
        &["context"],
        false,
        "func loop(ctx context.Context, say func(int)) {\n\tn := 0\n\tBODY\n}\n\nfunc Cell(say func(int)) func() {\n\tctx, cancel := context.WithCancel(context.Background())\n\tgo loop(ctx, say)\n\treturn cancel\n}\n",
    ),
    source(
        "captured",
        &["context", "sync"],
        false,
        "func Cell(say func(int)) func() {\n\tctx, cancel := context.WithCancel(context.Background())\n\tvar wg sync.WaitGroup\n\twg.Go(func() {\n\t\tn := 0\n\t\tBODY\n\t})\n\treturn func() {\n\t\tcancel()\n\t\t_ = ctx.Err()\n\t}\n}\n",
    ),
    source(
        "ctxfield",
        &["context"],
        false,
        "type server struct {\n\tctx    context.Context\n\tcancel context.CancelFunc\n}\n\nfunc (s *server) loop(say func(int)) {\n\tn := 0\n\tBODY\n}\n\nfunc (s *server) Stop() { s.cancel() }\n\nfunc Cell(say func(int)) func() {\n\ts := &server{}\n\ts.ctx, s.cancel = context.WithCancel(context.Background())\n\tgo s.loop(say)\n\treturn s.Stop\n}\n",
    ),
    source(
        "donefield",
        &[],
        true,
        "type server struct{ done chan struct{} }\n\nfunc (s *server) loop(say func(int)) {\n\tn := 0\n\tBODY\n}\n\nfunc (s *server) Close() { close(s.done) }\n\nfunc Cell(say func(int)) func() {\n\ts := &server{done: make(chan struct{})}\n\tgo s.loop(say)\n\treturn s.Close\n}\n",
    ),
    source(
        "stopparameter",
        &[],
        true,
        "func begin(stop <-chan struct{}, say func(int)) {\n\tgo func() {\n\t\tn := 0\n\t\tBODY\n\t}()\n}\n\nfunc Cell(say func(int)) func() {\n\tstop := make(chan struct{})\n\tbegin(stop, say)\n\treturn func() { close(stop) }\n}\n",
    ),
    source(
        "stopthreaded",
        &[],
        true,
        "func loop(say func(int)) {\n\tn := 0\n\tBODY\n}\n\nfunc begin(say func(int)) {\n\tgo loop(say)\n}\n\nfunc run(stop <-chan struct{}, say func(int)) {\n\tbegin(say)\n}\n\nfunc Cell(say func(int)) func() {\n\tstop := make(chan struct{})\n\trun(stop, say)\n\treturn func() { close(stop) }\n}\n",
    ),
    source(
        "lifecycle",
        &[],
        false,
        "type server struct {\n\tnames []string\n}\n\nfunc newServer(say func(int)) *server {\n\ts := &server{}\n\tgo s.loop(say)\n\treturn s\n}\n\nfunc (s *server) loop(say func(int)) {\n\tn := 0\n\tBODY\n}\n\nfunc (s *server) Close() {}\n\nfunc Cell(say func(int)) func() {\n\ts := newServer(say)\n\treturn func() {\n\t\ts.Close()\n\t\ts.Close()\n\t}\n}\n",
    ),
    source(
        "threaded",
        &["context"],
        false,
        "func loop(say func(int)) {\n\tn := 0\n\tBODY\n}\n\nfunc begin(say func(int), more ...string) {\n\tgo loop(say)\n}\n\nfunc run(ctx context.Context, say func(int)) {\n\tif ctx.Err() == nil {\n\t\tbegin(say, \"a\", \"b\")\n\t}\n}\n\nfunc Cell(say func(int)) func() {\n\tctx, cancel := context.WithCancel(context.Background())\n\trun(ctx, say)\n\treturn cancel\n}\n",
    ),
];

#[test]
fn every_shape_ends_by_every_source() {
    let test = "every_shape_ends_by_every_source";
    if !go_is_there(test) {
        return;
    }
    let programs = Programs::written(&matrix());
    let cells: Vec<String> = cells().map(|(shape, source)| cell(shape, source)).collect();
    let before = said(&programs.run_with_race("before"));
    for name in &cells {
        assert_eq!(before[name], "said 0 1 2, left 1", "the original {name}");
    }
    let report = programs.rewrite("goroutine-loop");
    let after = said(&programs.run_with_race("after"));
    for name in &cells {
        assert_eq!(
            after[name], "said 0 1 2, left 0",
            "{name} rewritten; {report}"
        );
    }
    if before["profile"] != "not built in" {
        let seen: Vec<&str> = before["profile"].split_whitespace().collect();
        for source in SOURCES {
            let dead = format!("dead{}", source.name);
            assert!(seen.contains(&dead.as_str()), "{dead} is not in {seen:?}");
        }
        assert_eq!(after["profile"], "", "goroutines that Go says leak");
    }
}

fn cells() -> impl Iterator<Item = (&'static Shape, &'static Source)> {
    let pairs = SHAPES
        .iter()
        .flat_map(|shape| SOURCES.iter().map(move |source| (shape, source)));
    pairs.filter(|(shape, source)| !(shape.context_only && source.channel))
}

fn cell(shape: &Shape, source: &Source) -> String {
    format!("{}{}", shape.name, source.name)
}

/// What the program says of each cell.
fn said(output: &str) -> BTreeMap<String, String> {
    let line = |line: &str| {
        let (name, rest) = line.split_once(": ").expect("a cell and what it said");
        (name.to_owned(), rest.to_owned())
    };
    output.lines().map(line).collect()
}

/// The module: one package a cell, and a main package that runs them all.
fn matrix() -> Vec<(String, String)> {
    let mut files = vec![
        (
            "go.mod".into(),
            "module example.com/matrix\n\ngo 1.25\n".into(),
        ),
        ("internal/feeder/feeder.go".into(), FEEDER.into()),
    ];
    let mut imports = String::new();
    let mut table = String::new();
    for (shape, source) in cells() {
        let name = cell(shape, source);
        let _ = writeln!(imports, "\t\"example.com/matrix/internal/{name}\"");
        let _ = writeln!(table, "\t{{\"{name}\", {name}.Cell}},");
        files.push((
            format!("internal/{name}/{name}.go"),
            package(&name, shape, source),
        ));
    }
    let main = MAIN.replace("IMPORTS", imports.trim_end());
    files.push(("main.go".into(), main.replace("CELLS", table.trim_end())));
    files
}

fn package(name: &str, shape: &Shape, source: &Source) -> String {
    let mut imports: Vec<&str> = shape
        .imports
        .iter()
        .chain(source.imports)
        .copied()
        .collect();
    imports.sort_unstable();
    let mut text = format!("// Package {name} is a cell.\npackage {name}\n\n");
    if !imports.is_empty() {
        let lines: Vec<String> = imports
            .iter()
            .map(|path| format!("\t\"{path}\"\n"))
            .collect();
        let _ = write!(text, "import (\n{})\n\n", lines.concat());
    }
    for line in source.text.lines() {
        match line.strip_suffix("BODY") {
            Some(indent) => {
                let lines = shape.body.lines().map(|line| format!("{indent}{line}\n"));
                text.extend(lines);
            }
            None => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

/// What feeds the loops; its own goroutines end by themselves.
const FEEDER: &str = r#"// Package feeder keeps loops busy.
package feeder

import (
	"net"
	"time"
)

const often = 200

// Ints sends for a while.
func Ints() <-chan int {
	feed := make(chan int)
	go func() {
		for i := range often {
			select {
			case feed <- i:
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return feed
}

// Sink receives for a while.
func Sink() chan<- int {
	sink := make(chan int)
	go func() {
		for range often {
			select {
			case <-sink:
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return sink
}

// Listener is dialled for a while.
func Listener() net.Listener {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for range 5 {
			conn, err := net.Dial("tcp", ln.Addr().String())
			if err == nil {
				conn.Close()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return ln
}

// Packets is sent to for a while.
func Packets() net.PacketConn {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		out, err := net.Dial("udp", conn.LocalAddr().String())
		if err != nil {
			return
		}
		defer out.Close()
		for range 20 {
			_, _ = out.Write([]byte("x"))
			time.Sleep(time.Millisecond)
		}
	}()
	return conn
}
"#;

const MAIN: &str = r#"// Command matrix runs all cells.
package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

IMPORTS
)

var cells = []struct {
	name string
	run  func(say func(int)) func()
}{
CELLS
}

func main() {
	said := map[string]string{}
	for _, c := range cells {
		said[c.name] = listen(c.run)
	}
	left := running()
	for end := time.Now().Add(time.Second); len(left) > 0 && time.Now().Before(end); left = running() {
		time.Sleep(20 * time.Millisecond)
	}
	for _, c := range cells {
		fmt.Printf("%s: said %s, left %d\n", c.name, said[c.name], left[c.name])
	}
	fmt.Printf("profile: %s\n", profile())
}

// listen runs a cell until it has said three things, and gives it the signal.
func listen(run func(say func(int)) func()) string {
	var mu sync.Mutex
	var said []string
	stop := run(func(n int) {
		mu.Lock()
		defer mu.Unlock()
		if len(said) < 3 {
			said = append(said, fmt.Sprint(n))
		}
	})
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(said) == 3
	}
	for i := 0; i < 2000 && !enough(); i++ {
		time.Sleep(time.Millisecond)
	}
	stop()
	mu.Lock()
	defer mu.Unlock()
	return strings.Join(said, " ")
}

// running counts the goroutines of each cell, by their stacks.
func running() map[string]int {
	stacks := make([]byte, 1<<22)
	stacks = stacks[:runtime.Stack(stacks, true)]
	left := map[string]int{}
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		for _, c := range cells {
			if strings.Contains(stack, "/internal/"+c.name+".") {
				left[c.name]++
			}
		}
	}
	return left
}

// profile names the cells that Go's own leak profile sees.
func profile() string {
	leaks := pprof.Lookup("goroutineleak")
	if leaks == nil {
		return "not built in"
	}
	var text bytes.Buffer
	if err := leaks.WriteTo(&text, 1); err != nil {
		return err.Error()
	}
	var seen []string
	for _, c := range cells {
		if strings.Contains(text.String(), "/internal/"+c.name+".") {
			seen = append(seen, c.name)
		}
	}
	return strings.Join(seen, " ")
}
"#;
