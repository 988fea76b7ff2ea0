//! A chromedriver of our own, from its start to the end of everything it started. It listens at a port that is free, on
//! this machine only.
//!
//! The browser must not outlive us, nor its profile stay behind, also where we are killed: a shell beside us waits for
//! that. When the pipe that we hold ends, it stops the driver's process group and removes its folder.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::Error;

/// What the driver says once it listens.
const LISTENS: &str = "started successfully on port ";

/// What the shell does: `$1` is the process group, `$2` the folder. Written so that every `sh` knows it: `kill -TERM --` is
/// an error of some.
#[cfg(unix)]
const WATCH: &str =
    "read -r _; kill -s TERM -- \"-$1\"; sleep 0.2; kill -s KILL -- \"-$1\"; sleep 0.1; rm -rf -- \"$2\"";

/// The longest path of a folder for temporary files, in bytes, below which a browser's sockets can lie: with what it adds
/// they have at most 108.
const LONGEST_FOLDER: usize = 60;

/// A running chromedriver.
pub(super) struct Driver {
    process: Child,
    #[cfg(unix)]
    watch: Option<Child>,
    /// Profile of the browser, and what the driver says.
    folder: TempDir,
    /// Where it listens.
    pub(super) port: u16,
}

impl Driver {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started, or does not listen until `deadline`.
    pub(super) fn start(driver: &Path, deadline: Instant) -> Result<Driver, Error> {
        let failed = |error: std::io::Error| failed(driver, &error.to_string());
        let folder = tempfile::Builder::new().prefix("torrid-browser-").tempdir().map_err(failed)?;
        let said = std::fs::File::create(folder.path().join("driver.log")).map_err(failed)?;
        let mut command = Command::new(driver);
        // What the browser leaves among temporary files goes with the folder.
        if cfg!(target_os = "linux") && folder.path().as_os_str().len() < LONGEST_FOLDER {
            command.env("TMPDIR", folder.path());
        }
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command.spawn().map_err(failed)?;
        #[cfg(unix)]
        let mut driven = Driver { watch: None, process, folder, port: 0 };
        #[cfg(not(unix))]
        let mut driven = Driver { process, folder, port: 0 };
        #[cfg(unix)]
        driven.be_watched().map_err(failed)?;
        driven.port = driven.listening(driver, deadline)?;
        Ok(driven)
    }

    /// A folder of the browser's own.
    pub(super) fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    /// Starts the shell that waits for our end. It is in a group of its own, so that Ctrl-C does not end it before us.
    #[cfg(unix)]
    fn be_watched(&mut self) -> std::io::Result<()> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", WATCH, "sh", &self.process.id().to_string()]).arg(self.folder.path());
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        self.watch = Some(shell.spawn()?);
        Ok(())
    }

    /// Waits until it says where it listens.
    fn listening(&mut self, driver: &Path, deadline: Instant) -> Result<u16, Error> {
        let said = BufReader::new(self.process.stdout.take().ok_or_else(|| failed(driver, "no output"))?);
        let (tell, told) = channel();
        std::thread::spawn(move || {
            // What it says later has to be read, or it would wait.
            for line in said.lines().map_while(Result::ok) {
                let port = line.split_once(LISTENS).map(|(_, port)| port.trim_end_matches('.').parse::<u16>());
                if let Some(Ok(port)) = port {
                    _ = tell.send(port);
                }
            }
        });
        let left = deadline.saturating_duration_since(Instant::now()).min(Duration::from_secs(20));
        told.recv_timeout(left).map_err(|_| {
            let log = std::fs::read_to_string(self.folder.path().join("driver.log")).unwrap_or_default();
            let last = log.lines().last().unwrap_or("nothing that says where it listens").to_owned();
            failed(driver, &last)
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(mut watch) = self.watch.take() {
            drop(watch.stdin.take());
            _ = watch.wait();
        }
        // Only now may the number of its group belong to another.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn failed(driver: &Path, found: &str) -> Error {
    Error::machine(driver.display().to_string())
        .found(found)
        .expected("a chromedriver that starts")
        .advice("see what it says when it is started by hand")
}
