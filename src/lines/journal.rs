//! The straight line of what is sent to a running server: a body is read once to see what it gives, appended to the
//! journal, and acknowledged when it is on the disk. Whoever draws reads it from there.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use bytes::Bytes;
use twox_hash::XxHash3_128;

use crate::error::Error;
use crate::journal::{Entry, LONGEST_KEY};
use crate::sink::JournalWriter;
use crate::source::{Entries, Format, Input, JOURNAL, Query, Tally, query_of_bodies, read_bodies};

/// Keys that are remembered: what is sent again under an older one is counted again.
const KEYS: usize = 1 << 20;

/// Bodies that are written together, at most.
const TOGETHER: usize = 1024;

/// A journal that is open for more.
pub struct Journal {
    path: PathBuf,
    written: Arc<AtomicU64>,
    jobs: Sender<Job>,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The events that it gave.
    pub events: u64,
    /// Whether it had been sent before, under the same key, and was not taken again.
    pub repeated: bool,
}

/// Told what became of a body, once that is on the disk.
pub type Told = Box<dyn FnOnce(Result<Receipt, Error>) + Send>;

/// A body to be written.
struct Job {
    entry: Entry,
    body: Bytes,
    told: Told,
}

/// A body that gives events.
pub struct Body {
    entry: Entry,
    bytes: Bytes,
    /// What of it was read and what could not be used.
    pub tally: Tally,
}

impl Body {
    /// Reads a body of a format, of those that [`body_format`](crate::source::body_format) knows, as a query asks for it.
    ///
    /// # Errors
    /// When it is damaged, it gives no event, or the key is too long.
    pub fn read(format: &'static Format, body: Bytes, key: Option<String>, query: &Query) -> Result<Body, Error> {
        if let Some(key) = key.as_ref().filter(|key| key.is_empty() || key.len() > LONGEST_KEY) {
            return Err(Error::caller("Idempotency-Key")
                .found(format!("{} bytes", key.len()))
                .expected(format!("1 to {LONGEST_KEY} bytes")));
        }
        let input = Input::here(0, "the body", format, body.clone());
        let (events, tally) = read_bodies(&[input], &Arc::new(query_of_bodies(query)))?;
        let events = events.len() as u64;
        if events == 0 {
            return Err(Error::input("the body")
                .found(format!("{} records that give no event ({})", tally.records, tally.reasons()))
                .expected("at least one event, as the options of the server ask for them"));
        }
        Ok(Body { entry: Entry::of(format.name, events, key, &body), bytes: body, tally })
    }

    /// A body of a format whose records were read already, so many as there are.
    pub fn checked(format: &'static Format, body: Bytes, records: u64) -> Body {
        Body { entry: Entry::of(format.name, records, None, &body), bytes: body, tally: Tally::default() }
    }
}

impl Journal {
    /// Opens a journal, or begins one. What a crash left half written is put aside.
    ///
    /// # Errors
    /// When it cannot be read or written, is damaged before its end, or belongs to another process.
    pub fn open(path: &Path) -> Result<Journal, Error> {
        let mut writer = JournalWriter::open(path)?;
        let mut entries = Entries::open(&Input::part(path, &JOURNAL, 0..writer.end()))?;
        let mut keys = Keys::default();
        while let Some((entry, _)) = entries.read()? {
            keys.learn(&entry);
        }
        let torn = writer.end_at(entries.at())?;
        let note = |torn: PathBuf| {
            format!("the end of {} was not whole, and not acknowledged: it is in {}", path.display(), torn.display())
        };
        let written = Arc::new(AtomicU64::new(writer.end()));
        let (jobs, todo) = channel();
        let desk = Desk { writer, keys, written: written.clone() };
        let thread = std::thread::Builder::new().name("journal".into()).spawn(move || desk.work(&todo));
        thread.map_err(|error| Error::machine("journal").found(error.to_string()))?;
        Ok(Journal { path: path.to_owned(), written, jobs, notes: torn.map(note).into_iter().collect() })
    }

    /// How many bytes of it are on the disk.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Whether it is the file at a path.
    pub fn is_at(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.path.canonicalize().is_ok_and(|own| own == path))
    }

    /// What was written between two such moments, as an input.
    pub fn part(&self, from: u64, to: u64) -> Input {
        Input::part(&self.path, &JOURNAL, from..to)
    }

    /// Has a body written.
    pub fn put(&self, body: Body, told: Told) {
        let job = Job { entry: body.entry, body: body.bytes, told };
        if let Err(back) = self.jobs.send(job) {
            (back.0.told)(Err(Error::machine("journal").found("a defect while writing")));
        }
    }
}

/// The thread that writes.
struct Desk {
    writer: JournalWriter,
    keys: Keys,
    written: Arc<AtomicU64>,
}

impl Desk {
    /// Writes what comes until nobody can send any more: what waits is written together and synced once.
    fn work(mut self, todo: &Receiver<Job>) {
        while let Ok(first) = todo.recv() {
            let jobs: Vec<Job> = std::iter::once(first).chain(todo.try_iter()).take(TOGETHER).collect();
            self.write(jobs);
        }
    }

    fn write(&mut self, jobs: Vec<Job>) {
        let receipts: Vec<Result<Receipt, Error>> = jobs.iter().map(|job| self.keys.receipt(&job.entry)).collect();
        let fresh = || jobs.iter().zip(&receipts).filter(|(_, receipt)| matches!(receipt, Ok(one) if !one.repeated));
        let done = self.writer.append(fresh().map(|(job, _)| (&job.entry, &job.body[..])));
        match &done {
            Ok(()) => self.written.store(self.writer.end(), Ordering::Release),
            Err(_) => fresh().for_each(|(job, _)| self.keys.forget(&job.entry)),
        }
        for (job, receipt) in jobs.into_iter().zip(receipts) {
            // One that repeats another of these is on the disk only if that is.
            (job.told)(done.clone().and(receipt));
        }
    }
}

/// Under which keys what was sent.
#[derive(Default)]
struct Keys {
    known: HashMap<u128, (u128, u64)>,
    order: VecDeque<u128>,
}

impl Keys {
    fn of(entry: &Entry) -> Option<u128> {
        entry.key.as_ref().map(|key| XxHash3_128::oneshot(key.as_bytes()))
    }

    fn learn(&mut self, entry: &Entry) {
        let Some(key) = Keys::of(entry) else { return };
        if self.known.insert(key, (entry.mark, entry.events)).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > KEYS {
            self.order.pop_front().map(|oldest| self.known.remove(&oldest));
        }
    }

    fn forget(&mut self, entry: &Entry) {
        let Some(key) = Keys::of(entry) else { return };
        self.known.remove(&key);
        self.order.retain(|known| *known != key);
    }

    /// What is told of an entry once it is written; from now on it is known.
    fn receipt(&mut self, entry: &Entry) -> Result<Receipt, Error> {
        let known = Keys::of(entry).and_then(|key| self.known.get(&key));
        match known {
            None => {
                self.learn(entry);
                Ok(Receipt { events: entry.events, repeated: false })
            }
            Some((mark, events)) if *mark == entry.mark => Ok(Receipt { events: *events, repeated: true }),
            Some(_) => Err(Error::input("Idempotency-Key")
                .found("a key under which something else was sent")
                .expected("a new key for every body")),
        }
    }
}
