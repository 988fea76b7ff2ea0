//! Parses the arguments, calls a command, turns an error into an exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    torrid::cli::run()
}
