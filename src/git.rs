//! Asking git about a directory.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `git ARGUMENTS` says in a directory. The error has its first line.
pub(crate) fn git<A: AsRef<OsStr>>(directory: &Path, arguments: &[A]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("failed");
    let command = arguments
        .first()
        .map(|first| first.as_ref().to_string_lossy());
    Err(format!(
        "git {}: {}",
        command.unwrap_or_default(),
        crate::emit::name::plain(said)
    ))
}

/// The root of the repository that a directory is in.
pub(crate) fn root(directory: &Path) -> Result<PathBuf, String> {
    let said = git(directory, &["rev-parse", "--show-toplevel"])?;
    let said = said.strip_suffix(b"\n").unwrap_or(&said);
    path(said)
}

/// A path as git writes it after `-z`.
pub(crate) fn path(bytes: &[u8]) -> Result<PathBuf, String> {
    #[cfg(unix)]
    return Ok(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into());
    #[cfg(not(unix))]
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err("git names a path that is not UTF-8".into()),
    }
}
