//! Running the go command, for so long and no longer.

use crate::index::BuildSettings;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The go command for the module at a directory.
pub(super) struct Toolchain {
    command: PathBuf,
    directory: PathBuf,
    deadline: Instant,
}

/// What it said.
pub(super) struct Said {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) success: bool,
}

impl Toolchain {
    /// The go command in PATH; for Go's own source tree the one that belongs to it, since no other compiles it.
    pub(super) fn find(root: &Path, deadline: Instant) -> Result<Toolchain, String> {
        // Also for its second module, src/cmd.
        let goroot = root
            .ancestors()
            .find(|at| at.join("VERSION").is_file() && at.join("src/runtime").is_dir());
        let command = match goroot {
            Some(goroot) => goroot
                .join("bin")
                .join(if cfg!(windows) { "go.exe" } else { "go" }),
            None => "go".into(),
        };
        let go = Toolchain {
            command,
            directory: root.to_path_buf(),
            deadline,
        };
        match go.run(&["version"], &BuildSettings::default()) {
            Ok(said) if said.success => Ok(go),
            Ok(_) => Err("the go command does not run".into()),
            Err(why) if Instant::now() > deadline => Err(why),
            Err(_) if goroot.is_some() => Err("this GOROOT has no go command".into()),
            Err(_) => Err("there is no go command".into()),
        }
    }

    /// Runs it in the module under a build configuration. The error says why it did not come to an end.
    pub(super) fn run(&self, arguments: &[&str], build: &BuildSettings) -> Result<Said, String> {
        let mut command = Command::new(&self.command);
        command
            .args(arguments)
            .current_dir(&self.directory)
            .envs(build.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        own_group(&mut command);
        let mut child = command
            .spawn()
            .map_err(|error| format!("the go command: {error}"))?;
        let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
        let mut pause = Duration::from_millis(1);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() > self.deadline => {
                    kill_group(&mut child);
                    let _ = child.wait();
                    return Err(
                        "the go command took too long (--verify=always waits longer)".into(),
                    );
                }
                Ok(None) => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(50));
                }
                Err(error) => return Err(format!("the go command: {error}")),
            }
        };
        let text = |reader: std::thread::JoinHandle<Vec<u8>>| {
            String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
        };
        Ok(Said {
            out: text(out),
            err: text(err),
            success: status.success(),
        })
    }
}

/// Reads a pipe to its end while the command runs: a full pipe would stop it.
fn reader(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// The compilers that it starts end with it.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

fn kill_group(child: &mut Child) {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}
