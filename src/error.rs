//! What can go wrong, said in four parts: where, what was found, what was expected, what to do.
//!
//! The fault tells whose it is, and with it the exit code of the program: 2 for the caller, 1 for
//! everything else. The library returns errors; it never prints, exits or panics on input.

use std::fmt;

/// Whose fault an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The data: a file that is damaged, empty, or not what its name says.
    Input,
    /// The caller: an option that has no meaning, or contradicts another one.
    Caller,
    /// The machine: a disk that is full, a file that may not be read.
    Machine,
    /// A limit torrid keeps, such as the number of cells of a picture.
    Limit,
}

/// An error in four parts.
///
/// ```
/// use torrid::Error;
/// let error = Error::input("taxi.csv, line 7")
///     .found("`north` in column `lat`")
///     .expected("a latitude in degrees")
///     .advice("correct the row, or leave out --strict to skip it");
/// assert_eq!(
///     error.to_string(),
///     "taxi.csv, line 7: found `north` in column `lat`; expected a latitude in degrees; \
///      correct the row, or leave out --strict to skip it"
/// );
/// assert_eq!(error.exit_code(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    fault: Fault,
    place: String,
    found: String,
    expected: String,
    advice: String,
}

impl Error {
    /// An error whose fault is `fault`, at `place` (a file and line, an option).
    pub fn new(fault: Fault, place: impl Into<String>) -> Error {
        let empty = String::new;
        Error { fault, place: place.into(), found: empty(), expected: empty(), advice: empty() }
    }

    /// The data is at fault.
    pub fn input(place: impl Into<String>) -> Error {
        Error::new(Fault::Input, place)
    }

    /// The caller is at fault.
    pub fn caller(place: impl Into<String>) -> Error {
        Error::new(Fault::Caller, place)
    }

    /// The machine is at fault.
    pub fn machine(place: impl Into<String>) -> Error {
        Error::new(Fault::Machine, place)
    }

    /// A limit was exceeded.
    pub fn limit(place: impl Into<String>) -> Error {
        Error::new(Fault::Limit, place)
    }

    /// What was found there.
    pub fn found(mut self, found: impl Into<String>) -> Error {
        self.found = found.into();
        self
    }

    /// What was expected instead.
    pub fn expected(mut self, expected: impl Into<String>) -> Error {
        self.expected = expected.into();
        self
    }

    /// What to do about it.
    pub fn advice(mut self, advice: impl Into<String>) -> Error {
        self.advice = advice.into();
        self
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The exit code of a program that stops with this error: 2 when the command line is wrong, else 1.
    pub fn exit_code(&self) -> u8 {
        if self.fault == Fault::Caller { 2 } else { 1 }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        let mut sep = ": ";
        for (word, part) in [("found ", &self.found), ("expected ", &self.expected), ("", &self.advice)] {
            if !part.is_empty() {
                write!(f, "{sep}{word}{part}")?;
                sep = "; ";
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
