//! Coverage-guided: a whole file in, its rewrite out, the promises checked. `fuzz/run SECONDS` builds and runs it on
//! stable Rust. Half of the mutations move lines of Go about, which bytes alone seldom keep in one piece.

#![no_main]

#[path = "../tests/support/whole_file.rs"]
mod whole_file;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<TempDir> = OnceLock::new();
    DIRECTORY.get_or_init(whole_file::module).path()
}

fuzz_target!(|bytes: &[u8]| {
    whole_file::keeps_its_promises(directory(), bytes);
});

/// Lines that turn other code into candidates, or candidates into something else.
const LINES: &[&str] = &[
    "\tgo func() {", "\t}()", "\tfor {", "\t}", "\t\ttime.Sleep(1)", "\t\tcase <-c:", "\t\tselect {", "\t\tbreak",
    "\t\tcontinue", "\t\treturn", "\tf, err := os.Open(p)", "\tif err != nil {", "\tdefer f.Close()", "\tf.Close()",
    "\tresp, err := http.Get(u)", "\trows, err := db.Query(q)", "\tctx, cancel := context.WithCancel(ctx)",
    "\tfor range t.C {", "func main() {", "func (s *S) Close() error {", "//unleak:ignore", "/*", "*/", "`", "\r",
    "import \"os\"", "import \"context\"", "\tmu.Lock()", "\tdefer func() {", "L:", "\tgoto L", "\u{feff}",
];

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = seed | 1;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random as usize % limit.max(1)
    };
    if below(2) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut lines: Vec<Vec<u8>> = data[..size].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..=below(3) {
        let (from, to) = (below(lines.len()), below(lines.len() + 1));
        match below(5) {
            0 if lines.len() > 1 => {
                lines.remove(from);
            }
            1 => lines.insert(to, lines[from].clone()),
            2 if lines.len() > 1 => {
                let line = lines.remove(from);
                lines.insert(to.min(lines.len()), line);
            }
            3 => {
                let other = below(lines.len());
                lines.swap(from, other);
            }
            _ => lines.insert(to, LINES[below(LINES.len())].as_bytes().to_vec()),
        }
    }
    let text = lines.join(&b'\n');
    let length = text.len().min(max_size);
    data[..length].copy_from_slice(&text[..length]);
    length
});
