//! Which options were given, as opposed to left at their defaults: an option that would be ignored has to be refused,
//! and its value does not tell whether anyone asked for it.

use std::collections::BTreeMap;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

/// The options on the command line, by the names of their fields, with the words they were given. To be flattened into a
/// command before all else.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeMap<String, Vec<String>>);

impl Given {
    /// Whether an option was given, by the name of its field.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of the options of a group.
    pub fn names_of<A: Args>() -> Vec<String> {
        arguments::<A>().iter().map(|argument| argument.get_id().to_string()).collect()
    }

    /// The options of a group that were given, as they can be given again; those without a long name are inputs.
    pub fn again<A: Args>(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let option = |argument: &Arg| {
            let words = self.0.get(argument.get_id().as_str()).filter(|_| wanted(argument.get_id().as_str()))?;
            let name = argument.get_long()?;
            let delimiter = argument.get_value_delimiter().unwrap_or(' ').to_string();
            let takes = argument.get_action().takes_values();
            Some(if takes { format!("--{name}={}", words.join(&delimiter)) } else { format!("--{name}") })
        };
        arguments::<A>().iter().filter_map(option).collect()
    }
}

fn arguments<A: Args>() -> Vec<Arg> {
    A::augment_args(Command::new("group")).get_arguments().cloned().collect()
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Given, clap::Error> {
        let given = matches.ids().filter(|id| matches.value_source(id.as_str()) == Some(ValueSource::CommandLine));
        let words = |id: &str| {
            let words = matches.get_raw(id).into_iter().flatten();
            words.map(|word| word.to_string_lossy().into_owned()).collect()
        };
        Ok(Given(given.map(|id| (id.to_string(), words(id.as_str()))).collect()))
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
