//! The `unleak` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    unleak::cli::main()
}
