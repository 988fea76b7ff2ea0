//! Which options were given, as opposed to left at their defaults: an option that would be ignored has to be refused,
//! and its value does not tell whether anyone asked for it.

use std::collections::BTreeSet;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

/// The names of the options on the command line. To be flattened into a command before all else.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeSet<String>);

impl Given {
    /// Whether an option was given, by the name of its field.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The names of the options of a group.
    pub fn names_of<A: Args>() -> Vec<String> {
        let group = A::augment_args(Command::new("group"));
        group.get_arguments().map(|argument| argument.get_id().to_string()).collect()
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Given, clap::Error> {
        let given = matches.ids().filter(|id| matches.value_source(id.as_str()) == Some(ValueSource::CommandLine));
        Ok(Given(given.map(ToString::to_string).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Given::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
