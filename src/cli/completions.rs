//! `torrid completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Arguments;
use crate::error::Error;

/// Prints a completion script.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell to complete in
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    #[expect(clippy::unnecessary_wraps, reason = "every command has this signature")]
    pub fn run(&self) -> Result<(), Error> {
        clap_complete::generate(self.shell, &mut Arguments::command(), "torrid", &mut std::io::stdout());
        Ok(())
    }
}
