//! Packages: what the module, its dependencies and the standard library declare. Frozen before analysis, shared
//! between threads, loaded lazily one directory at a time. Holds no types and no bodies.

mod build_tags;
mod builds;
mod census;
mod declare;
mod directory;
mod environment;
mod files;
mod header;
mod mod_cache;
mod module;
mod package;
mod resolve;
mod std_table;
mod successor;
mod words;
mod world;
pub use builds::{Main, Mains};
pub use package::*;
pub use world::*;
