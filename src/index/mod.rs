//! Packages: what the module, its dependencies and the standard library declare. Frozen before analysis, shared
//! between threads, loaded lazily one directory at a time. Holds no types and no bodies.

mod package;
mod world;
pub use package::*;
pub use world::*;
