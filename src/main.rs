//! The `unleak` program; everything is in the library.

use std::process::ExitCode;

/// Trees of syntax are many small pieces that come and go on every thread: a run takes an eighth less CPU time than
/// with the C library's allocator (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    unleak::cli::main()
}
