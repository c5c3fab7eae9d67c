//! Functions made at random, that acquire and mostly forget to release.

use std::fmt::Write as _;

/// A function and how it is called.
pub(crate) struct Function {
    pub(crate) name: String,
    /// Its result types as written.
    pub(crate) results: &'static str,
    pub(crate) text: String,
}

/// Makes functions.
pub(crate) struct Programs {
    state: u64,
    text: String,
    depth: usize,
    names: usize,
    results: &'static str,
    /// Inside a loop, and not inside a literal in it.
    looping: bool,
    /// How much more may be written.
    room: i32,
}

impl Programs {
    pub(crate) fn new(seed: u64) -> Programs {
        Programs {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            text: String::new(),
            depth: 0,
            names: 0,
            results: "",
            looping: false,
            room: 0,
        }
    }

    pub(crate) fn functions(&mut self, count: usize) -> Vec<Function> {
        (0..count).map(|at| self.function(at)).collect()
    }

    fn function(&mut self, at: usize) -> Function {
        let contexts = at % 4 == 3;
        let all = [
            "",
            "error",
            "(int, error)",
            "(err error)",
            "context.Context",
        ];
        self.results = all[self.below(if contexts { 5 } else { 4 })];
        (self.depth, self.names, self.room, self.looping) = (1, 0, 14, false);
        let name = format!("f{at}");
        let results = self.results;
        let gap = if results.is_empty() { "" } else { " " };
        self.text = format!("\nfunc {name}(w *world.World){gap}{results} {{\n");
        match contexts {
            true => self.with_context(),
            false => {
                for _ in 0..=self.below(2) {
                    self.acquire();
                }
            }
        }
        self.leave(false);
        self.text += "}\n";
        let text = std::mem::take(&mut self.text);
        Function {
            name,
            results,
            text,
        }
    }

    /// xorshift64 (Marsaglia, 2003).
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % bound
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn line(&mut self, line: &str) {
        let indent = "\t".repeat(self.depth);
        let _ = writeln!(self.text, "{indent}{line}");
    }

    fn block(&mut self, head: &str, inside: impl FnOnce(&mut Programs), tail: &str) {
        self.line(&format!("{head} {{"));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line(&format!("}}{tail}"));
    }

    /// Returns, with an error or without; in a loop it may go on or out of it instead.
    fn leave(&mut self, error: bool) {
        if self.looping && self.one_in(2) {
            let jump = if self.one_in(2) { "break" } else { "continue" };
            return self.line(jump);
        }
        let line = match (self.results, error) {
            ("", _) => "return",
            ("context.Context", _) => "return context.Background()",
            ("(int, error)", true) => "return 0, world.Stop",
            ("(int, error)", false) => "return 1, nil",
            (_, true) => "return world.Stop",
            (_, false) => "return nil",
        };
        self.line(line);
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn acquire(&mut self) {
        self.room -= 3;
        let r = self.fresh("r");
        let open = format!("{r}, err := w.Open()");
        match self.below(14) {
            13 => self.acquire_unless_shared(&r),
            0..=3 => {
                self.line(&open);
                self.block("if err != nil", |it| it.leave(true), "");
                self.body(&r, true);
            }
            4 => {
                self.line(&open);
                self.block("if err == nil", |it| it.body(&r, false), "");
            }
            5 => {
                self.line(&format!("{r}, _ := w.Open()"));
                self.block(&format!("if {r} != nil"), |it| it.body(&r, false), "");
            }
            6 => {
                self.line(&format!("if {open}; err != nil {{"));
                self.depth += 1;
                self.leave(true);
                self.depth -= 1;
                self.block("} else", |it| it.body(&r, false), "");
            }
            7 => {
                self.line(&open);
                self.block("if err != nil || w.Next()", |it| it.leave(true), "");
                self.body(&r, true);
            }
            8 => {
                self.line(&format!("var {r} *world.Res"));
                if self.one_in(2) {
                    let (look, close) = (format!("w.Peek({r})"), format!("{r}.Close()"));
                    let text = if self.one_in(2) { look } else { close };
                    self.block(
                        "defer func()",
                        |it| {
                            it.block(&format!("if {r} != nil"), |it| it.line(&text), "");
                        },
                        "()",
                    );
                }
                self.block(
                    "if w.Next()",
                    |it| {
                        it.line("var err error");
                        it.line(&format!("{r}, err = w.Open()"));
                        it.block("if err != nil", |it| it.leave(true), "");
                    },
                    "",
                );
                self.block(&format!("if {r} != nil"), |it| it.body(&r, false), "");
            }
            9 => {
                let blank = [
                    "w.Open()",
                    "_, _ = w.Open()",
                    "if _, err := w.Open(); err != nil {",
                ];
                match self.below(3) {
                    2 => self.block(blank[2].trim_end_matches(" {"), |it| it.leave(true), ""),
                    at => self.line(blank[at]),
                }
            }
            10 if self.room > 0 => {
                let looping = std::mem::replace(&mut self.looping, true);
                self.block("for range 3", Programs::acquire, "");
                self.looping = looping;
            }
            11 if self.room > 0 => {
                let looping = std::mem::replace(&mut self.looping, false);
                let results = std::mem::replace(&mut self.results, "error");
                self.block(
                    "_ = func() error",
                    |it| {
                        it.acquire();
                        it.leave(false);
                    },
                    "()",
                );
                (self.looping, self.results) = (looping, results);
            }
            _ => {
                self.line(&open);
                self.block("if err == world.Refused", |it| it.leave(true), "");
                self.block("if err != nil", |it| it.leave(true), "");
                self.body(&r, true);
            }
        }
    }

    /// A variable that may hold what is not the function's own, with a flag or without.
    fn acquire_unless_shared(&mut self, r: &str) {
        let flag = self.one_in(2).then(|| self.fresh("opened"));
        self.line(&format!("{r} := w.Shared()"));
        if let Some(flag) = &flag {
            self.line(&format!("{flag} := false"));
        }
        let set = flag.clone();
        self.block(
            &format!("if {r} == nil"),
            |it| {
                it.line("var err error");
                it.line(&format!("{r}, err = w.Open()"));
                it.block("if err != nil", |it| it.leave(true), "");
                if let Some(flag) = set {
                    it.line(&format!("{flag} = true"));
                }
            },
            "",
        );
        self.line(&format!("{r}.Use()"));
        if self.one_in(2) {
            self.block("if w.Next()", |it| it.leave(true), "");
        }
        if let Some(flag) = flag {
            let close = format!("{r}.Close()");
            self.block(&format!("if {flag}"), |it| it.line(&close), "");
        }
    }

    /// What is done with a resource; `whole`: the name `err` is beside it.
    fn body(&mut self, r: &str, whole: bool) {
        self.line(&format!("{r}.Use()"));
        for _ in 0..self.below(4) {
            if self.room <= 0 {
                return;
            }
            self.room -= 1;
            self.piece(r, whole);
        }
    }

    fn piece(&mut self, r: &str, whole: bool) {
        let next = "if w.Next()";
        match self.below(17) {
            0 => self.line(&format!("w.Look({r})")),
            1 | 2 => self.block(next, |it| it.leave(true), ""),
            3 => self.block(
                next,
                |it| {
                    it.line(&format!("{r}.Close()"));
                    it.leave(true);
                },
                "",
            ),
            4 => self.block(
                next,
                |it| {
                    it.line(&format!("w.Keep({r})"));
                    it.leave(false);
                },
                "",
            ),
            5 => self.block(next, |it| it.body(r, false), ""),
            6 => {
                let looping = std::mem::replace(&mut self.looping, true);
                self.block("for range 2", |it| it.body(r, false), "");
                self.looping = looping;
            }
            7 => {
                self.line("switch {");
                self.line("case w.Next():");
                self.depth += 1;
                self.body(r, false);
                self.leave(false);
                self.depth -= 1;
                self.line("case w.Next():");
                self.depth += 1;
                self.line(&format!("{r}.Close()"));
                self.leave(true);
                self.depth -= 1;
                self.line("}");
            }
            8 if !self.looping => self.line(&format!("defer {r}.Close()")),
            9 => self.line(&format!("{r}.Close()")),
            10 => self.line(&format!("w.Keep({r})")),
            11 if whole => {
                self.line(&format!("{r}, err = w.Open()"));
                self.block("if err != nil", |it| it.leave(true), "");
                self.line(&format!("{r}.Use()"));
            }
            12 => {
                let done = self.fresh("done");
                self.line(&format!("{done} := make(chan bool)"));
                self.line("go func() {");
                self.line(&format!("\tdefer close({done})"));
                self.line(&format!("\tw.Peek({r})"));
                self.line("}()");
                self.line(&format!("<-{done}"));
            }
            13 => {
                let alias = self.fresh("x");
                self.line(&format!("{alias} := {r}"));
                self.line(&format!("{alias}.Use()"));
            }
            14 if !self.looping => {
                self.line("defer func() {");
                self.line(&format!("\t{r}.Use()"));
                self.line("}()");
            }
            15 => self.acquire(),
            _ => self.line(&format!("{r}.Use()")),
        }
    }

    fn with_context(&mut self) {
        self.room -= 2;
        let (ctx, cancel) = (self.fresh("ctx"), self.fresh("cancel"));
        let make = "context.WithCancel(context.Background())";
        let named = !self.one_in(3);
        match named {
            true => self.line(&format!("{ctx}, {cancel} := {make}")),
            false => self.line(&format!("{ctx}, _ := {make}")),
        }
        self.line(&format!("w.See({ctx})"));
        if named {
            let first = self.below(3);
            match first {
                0 => self.line(&format!("_ = {cancel}")),
                1 => self.block(
                    "if w.Next()",
                    |it| {
                        it.line(&format!("{cancel}()"));
                        it.leave(true);
                    },
                    "",
                ),
                _ => self.block("if w.Next()", |it| it.line(&format!("{cancel}()")), ""),
            }
        }
        for _ in 0..=self.below(4) {
            match self.below(9) {
                0 => self.block("if w.Next()", |it| it.leave(true), ""),
                1 => self.line(&format!("w.KeepContext({ctx})")),
                2 => self.block(
                    "if w.Next()",
                    |it| {
                        it.line(&format!("w.KeepContext({ctx})"));
                        it.leave(false);
                    },
                    "",
                ),
                3 => {
                    self.line("w.Wait.Add(1)");
                    self.line("go func() {");
                    self.line("\tdefer w.Wait.Done()");
                    self.line(&format!("\tw.Later({ctx})"));
                    self.line("}()");
                }
                4 if self.results == "context.Context" => {
                    self.block("if w.Next()", |it| it.line(&format!("return {ctx}")), "");
                }
                5 if named && !self.looping => self.line(&format!("defer {cancel}()")),
                6 if self.room > 0 => {
                    let looping = std::mem::replace(&mut self.looping, true);
                    self.block("for range 2", Programs::with_context, "");
                    self.looping = looping;
                }
                7 => {
                    let child = self.fresh("child");
                    self.line(&format!("{child} := context.WithValue({ctx}, \"key\", 1)"));
                    self.block(
                        "if w.Next()",
                        |it| it.line(&format!("w.KeepContext({child})")),
                        "",
                    );
                }
                _ => self.line(&format!("w.See({ctx})")),
            }
        }
    }
}
