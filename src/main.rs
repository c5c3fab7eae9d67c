//! The `unleak` program; everything is in the library.

fn main() {}
