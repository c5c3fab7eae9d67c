//! The index: which package a file belongs to, what an import path means, what a package declares.

mod broken;
mod builds;
mod go_list;
mod modules;
mod packages;
mod std;
mod support;
