//! What the machine offers, found as the go command finds it but without running it.

use super::WorldOptions;
use std::env::{split_paths, var_os};
use std::path::PathBuf;

impl WorldOptions {
    /// The installed GOROOT and the module cache, where there are any (`go help environment`: GOROOT, GOMODCACHE,
    /// GOPATH). Settings of `go env -w` are not read.
    pub fn from_environment() -> WorldOptions {
        let set = |name: &str| var_os(name).filter(|value| !value.is_empty());
        let home = || set(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from);
        let gopath = || {
            let first = set("GOPATH").and_then(|paths| split_paths(&paths).next());
            first.or_else(|| Some(home()?.join("go")))
        };
        let cache = set("GOMODCACHE")
            .map(PathBuf::from)
            .or_else(|| Some(gopath()?.join("pkg/mod")));
        WorldOptions {
            goroot: set("GOROOT")
                .map(PathBuf::from)
                .or_else(goroot_in_path)
                .filter(|root| root.join("src").is_dir()),
            module_cache: cache.filter(|dir| dir.is_dir()),
            ..WorldOptions::default()
        }
    }
}

/// The GOROOT that the `go` in PATH is part of.
fn goroot_in_path() -> Option<PathBuf> {
    let name = if cfg!(windows) { "go.exe" } else { "go" };
    let go = split_paths(&var_os("PATH")?)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())?;
    let root = go.canonicalize().ok()?.parent()?.parent()?.to_path_buf();
    root.join("VERSION").is_file().then_some(root)
}
