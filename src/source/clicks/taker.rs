//! Takes in what the records of logs tell: which of them count, what is said of those that do not, and what is kept
//! back until the whole of a log is known. It is the same for every format.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::deed::{Deed, deed, time};
use super::formats::Shape;
use super::sheet::{Look, Role};
use super::tally::Reason;
use super::{ElementTotal, Log, Wish};
use crate::error::Error;
use crate::interaction::{Interaction, Kind};
use crate::source::{Input, Place};

/// How many different texts are counted; those that come later are not, though they count as pages and elements.
const DISTINCT: usize = 1 << 20;
/// How many of the most frequent are told.
const TOLD: usize = 20;

/// Takes in records.
pub(super) struct Taker<'a> {
    pub wish: &'a Wish,
    each: &'a mut dyn FnMut(Interaction),
    log: Log,
    urls: HashMap<Box<str>, Address>,
    selectors: HashMap<Arc<str>, u64>,
    totals: HashMap<(Arc<str>, Kind), f64>,
    /// What may be told again as a plain click, with its place.
    kept_back: Vec<(Place, Interaction)>,
    has_clicks: bool,
    file: usize,
    name: Arc<str>,
    unit: &'static str,
}

/// A page.
struct Address {
    counts: bool,
    records: u64,
}

impl<'a> Taker<'a> {
    pub fn new(wish: &'a Wish, each: &'a mut dyn FnMut(Interaction)) -> Taker<'a> {
        Taker {
            wish,
            each,
            log: Log::default(),
            urls: HashMap::new(),
            selectors: HashMap::new(),
            totals: HashMap::new(),
            kept_back: Vec::new(),
            has_clicks: false,
            file: 0,
            name: "".into(),
            unit: "line",
        }
    }

    /// Says where the next records come from, and whether messages count their lines (`line`) or themselves (`record`).
    pub fn begin(&mut self, input: &Input, unit: &'static str) {
        (self.file, self.name, self.unit) = (input.number, input.name.clone(), unit);
    }

    /// Says what format the records had, and what columns.
    pub fn read(&mut self, format: &str, columns: &[String]) {
        if !self.log.formats.iter().any(|known| known == format) {
            self.log.formats.push(format.to_owned());
        }
        for name in columns {
            if !self.log.columns.contains(name) {
                self.log.columns.push(name.clone());
            }
        }
    }

    /// Takes in a record of named columns.
    ///
    /// # Errors
    /// Under `strict`, when it cannot be used.
    pub fn record(&mut self, line: u64, look: Look) -> Result<(), Error> {
        self.log.tally.records += 1;
        match self.told(look) {
            Ok(deed) => {
                self.totals_of(&deed.interaction, look.sheet.shape);
                self.hand_on(line, deed);
                Ok(())
            }
            Err(reason) => self.skip(line, reason),
        }
    }

    /// Takes in what a recording tells, of the page with this address.
    ///
    /// # Errors
    /// Under `strict`, when it cannot be used.
    pub fn replayed(&mut self, line: u64, url: Option<&str>, told: Result<Interaction, Reason>) -> Result<(), Error> {
        self.log.tally.records += 1;
        let screened = self.page(url).and(told).and_then(|interaction| self.screened(interaction));
        match screened {
            Ok(interaction) => {
                self.hand_on(line, Deed { interaction, is_echo: false });
                Ok(())
            }
            Err(reason) => self.skip(line, reason),
        }
    }

    /// Takes in a record that is damaged.
    ///
    /// # Errors
    /// Under `strict`.
    pub fn damaged(&mut self, line: u64) -> Result<(), Error> {
        self.log.tally.records += 1;
        self.skip(line, Reason::Malformed)
    }

    /// The one text that is kept of a selector.
    pub fn intern(&mut self, selector: Cow<str>) -> Arc<str> {
        intern(&mut self.selectors, selector)
    }

    /// What was read.
    pub fn finish(mut self) -> Log {
        for (place, interaction) in std::mem::take(&mut self.kept_back) {
            if self.has_clicks { self.log.tally.skip(Reason::Echo, place) } else { self.emit(interaction) }
        }
        let mut log = self.log;
        log.urls = most(self.urls.into_iter().map(|(url, address)| (url.into_string(), address.records)));
        log.selectors = most(self.selectors.into_iter().map(|(selector, count)| (selector.to_string(), count)));
        let total = |((selector, kind), count): ((Arc<str>, Kind), f64)| ElementTotal {
            selector: selector.to_string(),
            kind,
            count,
        };
        log.totals = self.totals.into_iter().map(total).collect();
        log.totals.sort_by(|a, b| b.count.total_cmp(&a.count).then_with(|| a.selector.cmp(&b.selector)));
        log
    }

    fn told(&mut self, look: Look) -> Result<Deed, Reason> {
        if self.wish.url.is_some() || look.sheet.has(&[Role::Url]) {
            self.page(look.text(Role::Url).as_deref())?;
        }
        if self.wish.filter.as_ref().is_some_and(|filter| !look.sheet.accepts(filter, look.record)) {
            return Err(Reason::FilteredOut);
        }
        if self.limits_time() && time(look).is_none() {
            return Err(Reason::BadTime);
        }
        let selectors = &mut self.selectors;
        let deed = deed(look, &mut |selector| intern(selectors, selector))?;
        Ok(Deed { interaction: self.screened(deed.interaction)?, ..deed })
    }

    fn limits_time(&self) -> bool {
        self.wish.after.is_some() || self.wish.before.is_some()
    }

    /// Counts the page of a record, and says whether it is one of those that count.
    fn page(&mut self, url: Option<&str>) -> Result<(), Reason> {
        let filter = self.wish.url.as_ref();
        let Some(url) = url else { return if filter.is_some() { Err(Reason::NoUrl) } else { Ok(()) } };
        let counts = if let Some(address) = self.urls.get_mut(url) {
            address.records += 1;
            address.counts
        } else {
            let counts = filter.is_none_or(|filter| filter.accepts(url));
            if self.urls.len() < DISTINCT {
                self.urls.insert(url.into(), Address { counts, records: 1 });
            }
            counts
        };
        if counts { Ok(()) } else { Err(Reason::AnotherUrl) }
    }

    /// The same interaction, where it is within the limits of time and width.
    fn screened(&self, interaction: Interaction) -> Result<Interaction, Reason> {
        let Wish { after, before, screen, .. } = self.wish;
        if self.limits_time() {
            let time = interaction.time.ok_or(Reason::BadTime)?;
            if after.is_some_and(|after| time < after) || before.is_some_and(|before| time >= before) {
                return Err(Reason::FilteredOut);
            }
        }
        let fits =
            |widths: &std::ops::Range<f64>| interaction.viewport.is_some_and(|[width, _]| widths.contains(&width));
        if screen.as_ref().is_some_and(|widths| !fits(widths)) {
            return Err(Reason::AnotherScreen);
        }
        Ok(interaction)
    }

    fn hand_on(&mut self, line: u64, deed: Deed) {
        if deed.is_echo {
            self.kept_back.push((Place { file: self.file, line }, deed.interaction));
            return;
        }
        self.has_clicks |= deed.interaction.kind == Kind::Click;
        self.emit(deed.interaction);
    }

    fn emit(&mut self, interaction: Interaction) {
        if let Some(count) = interaction.anchor.as_ref().and_then(|anchor| self.selectors.get_mut(&anchor.selector)) {
            *count += 1;
        }
        if let Some(time) = interaction.time {
            let (first, last) = self.log.span.unwrap_or((time, time));
            self.log.span = Some((first.min(time), last.max(time)));
        }
        (self.each)(interaction);
    }

    fn totals_of(&mut self, interaction: &Interaction, shape: &Shape) {
        let Some(anchor) = interaction.anchor.as_ref().filter(|_| shape.totals) else { return };
        *self.totals.entry((anchor.selector.clone(), interaction.kind)).or_insert(0.0) += interaction.count;
    }

    fn skip(&mut self, line: u64, reason: Reason) -> Result<(), Error> {
        if self.wish.strict && reason.is_fault() {
            return Err(Error::input(format!("{}, {} {line}", self.name, self.unit))
                .found(reason.words())
                .expected("a record that can be used")
                .advice("correct it, or leave out --strict to skip and count such records"));
        }
        self.log.tally.skip(reason, Place { file: self.file, line });
        Ok(())
    }
}

fn intern(selectors: &mut HashMap<Arc<str>, u64>, selector: Cow<str>) -> Arc<str> {
    if let Some((known, _)) = selectors.get_key_value(&*selector) {
        return known.clone();
    }
    let text: Arc<str> = selector.into();
    if selectors.len() < DISTINCT {
        selectors.insert(text.clone(), 0);
    }
    text
}

/// The most frequent, of equally frequent ones the first by name; not those that never came.
fn most(counted: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut counted: Vec<_> = counted.filter(|(_, count)| *count > 0).collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted.truncate(TOLD);
    counted
}
