//! From what the caller names (files, folders, globs, standard input) to opened sources.

use std::path::PathBuf;

use crate::error::Error;
use crate::source::{Query, Source};

/// One input of a run.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its number in the run, from 0.
    pub number: usize,
    /// Where its bytes are: a file, or the file standard input was copied to.
    pub path: PathBuf,
    /// What messages call it.
    pub name: std::sync::Arc<str>,
}

/// All inputs of a run, in order; they can be read more than once.
#[derive(Debug)]
pub struct Inputs {
    /// Each of them.
    pub inputs: Vec<Input>,
}

impl Inputs {
    /// Finds the inputs behind what the caller named.
    ///
    /// # Errors
    /// When a name leads nowhere.
    pub fn find(_names: &[String], _query: &Query) -> Result<Inputs, Error> {
        Ok(Inputs { inputs: Vec::new() })
    }

    /// What messages call them.
    pub fn names(&self) -> String {
        String::new()
    }

    /// Opens all of them as one source, from the start.
    ///
    /// # Errors
    /// When one of them cannot be opened.
    pub fn open(&self, _query: &Query) -> Result<Box<dyn Source>, Error> {
        Err(Error::machine("input"))
    }
}
