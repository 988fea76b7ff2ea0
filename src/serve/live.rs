//! Events that are drawn as they are asked for: the pyramids that stand ready, each for a style and a choice of events, and
//! how they take the events that are sent while the server runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::bandwidth::{Bandwidth, Length};
use crate::error::Error;
use crate::frame::Frame;
use crate::grid::{Grid, Quantity};
use crate::lines::density::Wish;
use crate::lines::journal::Journal;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Fit, Pyramid, Roots, Shown, Standing, Zooms, quantity};
use crate::lines::reading::Reading;
use crate::serve::answer::Answer;
use crate::serve::ask::Ask;
use crate::serve::layer::{Form, Kind, clear};
use crate::sink::tiles::encode_values;
use crate::source::{Filter, Inputs, Query};
use crate::style::Style;
use crate::tile::Tile;
use crate::world::MAX_LATITUDE;

/// Pyramids of a layer that stand ready at a time; each may take some hundred megabytes.
const STANDING: u64 = 4;

/// Once there are so many times as many events as the colours were fitted to, they are fitted anew.
const OUTGROWN: u64 = 2;

/// Events that can be drawn in any style.
pub struct Live {
    /// Files, folders and globs of events or cells.
    pub inputs: Vec<String>,
    /// Which of their records, and which columns.
    pub query: Query,
    /// The condition of that, as it was written.
    pub condition: Option<String>,
    /// How they are estimated where nothing else is asked for.
    pub wish: Wish,
    /// How that is shown.
    pub look: Look,
    /// The greatest zoom, of plain bins and bandwidths in pixels.
    pub greatest: Option<u8>,
    /// Where events that are sent are kept, which are drawn with those of the inputs.
    pub journal: Option<Journal>,
    /// How many events were taken since the server began.
    pub taken: AtomicU64,
    /// Told whenever the journal has grown, to this many bytes.
    pub changes: watch::Sender<u64>,
    /// By what was asked for.
    standing: Cache<String, Arc<Stand>>,
    /// Tiles that were drawn, and of which state.
    drawn: Cache<(String, Tile, Form), (State, Answer)>,
    /// How often a pyramid was made.
    made: AtomicU64,
    /// How often a tile was drawn.
    draws: AtomicU64,
}

/// What a tile was drawn from: the pyramid by its number, and the edition of the tile.
type State = (u64, u64);

/// Where a pyramid stands: one after another, as events come.
struct Stand {
    now: RwLock<Arc<Ready>>,
    /// Held by the thread that brings it up to date.
    growing: Mutex<()>,
}

/// A pyramid that stands ready, and what is told of it.
pub struct Ready {
    /// Its tiles; none while there is no event.
    pub standing: Option<Arc<Standing>>,
    /// What its values are.
    pub quantity: Quantity,
    /// How it is shown, with the bandwidth that was found.
    pub style: Style,
    /// The first and the last instant of its events, in microseconds since 1970 UTC, where they have one.
    pub span: Option<(i64, i64)>,
    /// Its events, where more may come.
    roots: Option<Roots>,
    /// Its number among all that were made; those of events that stay as they are all have the same.
    number: u64,
    /// How far the journal was read.
    seen: u64,
}

impl Ready {
    fn state(&self, tile: Tile) -> State {
        (self.number, self.standing.as_ref().map_or(0, |standing| standing.edition(tile)))
    }

    /// The greatest zoom that is worth asking for.
    pub fn greatest(&self) -> u8 {
        self.standing.as_ref().map_or(0, |standing| standing.greatest())
    }

    /// West, south, east and north in degrees; the whole world while there is no event.
    pub fn bounds(&self) -> [f64; 4] {
        let world = [-180.0, -MAX_LATITUDE, 180.0, MAX_LATITUDE];
        self.standing.as_ref().map_or(world, |standing| standing.pyramid().bounds())
    }

    /// Where a viewer begins: longitude, latitude, zoom.
    pub fn center(&self) -> (f64, f64, u8) {
        let (lng, lat, zoom) = self.standing.as_ref().map_or((0.0, 0.0, 0), |standing| standing.pyramid().center());
        (lng, lat, zoom.min(self.greatest()))
    }

    /// Its tiles.
    ///
    /// # Errors
    /// While there is no event.
    pub fn standing(&self) -> Result<&Standing, Error> {
        self.standing.as_deref().ok_or_else(|| {
            Error::input("events").found("none").expected("some of this layer, for which what is asked for holds")
        })
    }
}

impl Live {
    /// Events of some inputs, which keeps drawn tiles of so many bytes.
    pub fn new(inputs: Vec<String>, query: Query, (wish, look): (Wish, Look), kept_bytes: u64) -> Live {
        let weigh =
            |_: &(String, Tile, Form), (_, answer): &(State, Answer)| answer.len().try_into().unwrap_or(u32::MAX);
        Live {
            inputs,
            query: Query { span: true, ..query },
            condition: None,
            wish,
            look,
            greatest: None,
            journal: None,
            taken: AtomicU64::new(0),
            changes: watch::Sender::new(0),
            // Whatever is asked for has to be kept at least for the next who asks.
            standing: Cache::builder().max_capacity(STANDING).eviction_policy(EvictionPolicy::lru()).build(),
            drawn: Cache::builder().weigher(weigh).max_capacity(kept_bytes).build(),
            made: AtomicU64::new(0),
            draws: AtomicU64::new(0),
        }
    }

    /// Whether the inputs can be opened.
    ///
    /// # Errors
    /// When one cannot, or lacks a column that is asked for.
    pub fn check(&self) -> Result<(), Error> {
        Reading::of(self.all_inputs(self.written())?, self.query.clone(), &())?.on_earth("serve")
    }

    /// How far the journal goes; 0 where there is none.
    fn written(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::written)
    }

    /// What stands ready for a request, with all events that were sent so far; none where it has to be made so.
    pub fn ready(&self, ask: &Ask) -> Option<Arc<Ready>> {
        let now = self.standing.get(&ask.to_query())?.now();
        (now.seen == self.written()).then_some(now)
    }

    /// Whether a pyramid stands for a request, perhaps without the last events.
    pub fn stands(&self, ask: &Ask) -> bool {
        self.standing.contains_key(&ask.to_query())
    }

    /// What [`Live::ready`] gives, made ready where it is not: one thread reads the events where several ask.
    ///
    /// # Errors
    /// What reading and estimating meet.
    pub fn make_ready(&self, ask: &Ask) -> Result<Arc<Ready>, Error> {
        let first = || {
            let now = RwLock::new(Arc::new(self.prepare(ask)?));
            Ok(Arc::new(Stand { now, growing: Mutex::default() }))
        };
        let stand = self.standing.try_get_with(ask.to_query(), first);
        let stand = stand.map_err(|error: Arc<Error>| (*error).clone())?;
        let _one = stand.growing.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, written) = (stand.now(), self.written());
        if now.seen == written {
            return Ok(now);
        }
        let next = self.grown(ask, &now, written)?.map_or_else(|| self.prepare(ask), Ok)?;
        let next = Arc::new(next);
        *stand.now.write().unwrap_or_else(PoisonError::into_inner) = next.clone();
        Ok(next)
    }

    /// The wish and the look for a request.
    fn asked(&self, ask: &Ask) -> (Wish, Look) {
        let (mut wish, mut look) = (self.wish.clone(), self.look.clone());
        if let Some(style) = &ask.style {
            (wish.kernel, wish.bandwidth, look.style) = (style.kernel, style.bandwidth, style.clone());
        }
        (wish, look)
    }

    fn prepare(&self, ask: &Ask) -> Result<Ready, Error> {
        let ((wish, mut look), seen, query) = (self.asked(ask), self.written(), self.query(ask)?);
        let number = if self.journal.is_some() { self.made.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let mut reading = Reading::of(self.all_inputs(seen)?, query.clone(), &())?;
        let quantity = quantity(&query, &wish);
        // Otherwise that there is none is the fault of the inputs.
        if (self.journal.is_some() || *ask != Ask::default()) && reading.is_empty()? {
            let style = Style { bandwidth: wish.bandwidth, ..look.style };
            return Ok(Ready { standing: None, quantity, style, span: None, roots: None, number, seen });
        }
        let zooms = Zooms { least: 0, greatest: self.greatest, large: false };
        let (pyramid, roots) = if self.journal.is_some() {
            Pyramid::growing(&mut reading, &wish, zooms).map(|(pyramid, roots)| (pyramid, Some(roots)))?
        } else {
            (Pyramid::of(&mut reading, &wish, zooms)?, None)
        };
        look.style.bandwidth = pyramid.bandwidth;
        let fit = match pyramid.bandwidth {
            Bandwidth::Fixed(Length::Pixels(_)) => Fit::PerZoom,
            _ => Fit::All,
        };
        let span = reading.tally().span;
        let standing = Some(Arc::new(Standing::of(pyramid, (&look, fit), &())?));
        Ok(Ready { standing, quantity, style: look.style, span, roots, number, seen })
    }

    /// The inputs, and so much of the journal.
    fn all_inputs(&self, written: u64) -> Result<Inputs, Error> {
        let none = Inputs { inputs: Vec::new() };
        let mut all = if self.inputs.is_empty() { none } else { Inputs::find(&self.inputs, &self.query)? };
        if let Some(journal) = &self.journal {
            // In a folder, say.
            all.inputs.retain(|input| !journal.is_at(&input.path));
            let mut part = journal.part(0, written);
            part.number = all.inputs.len();
            all.inputs.push(part);
        }
        Ok(all)
    }

    /// What is ready with the events that were sent since, up to some length of the journal; none where it has to be made
    /// anew.
    fn grown(&self, ask: &Ask, now: &Ready, written: u64) -> Result<Option<Ready>, Error> {
        let (Some(standing), Some(roots), Some(journal)) = (&now.standing, &now.roots, &self.journal) else {
            return Ok(None);
        };
        let new = Inputs { inputs: vec![journal.part(now.seen, written)] };
        let mut reading = Reading::of(new, self.query(ask)?, &())?;
        let (quantity, style) = (now.quantity.clone(), now.style.clone());
        let next = Ready { quantity, style, standing: None, roots: None, seen: written, ..*now };
        if reading.is_empty()? {
            return Ok(Some(Ready { standing: Some(standing.clone()), roots: Some(roots.clone()), ..next }));
        }
        let (wish, _) = self.asked(ask);
        let most = OUTGROWN * standing.fitted_to();
        let Some(grown) = standing.pyramid().with((roots, most), &mut reading, &wish)? else { return Ok(None) };
        let (roots, standing) = (grown.roots.clone(), standing.with(grown));
        let both = |(first, last): (i64, i64), (other, end): (i64, i64)| (first.min(other), last.max(end));
        let span = now.span.into_iter().chain(reading.tally().span).reduce(both);
        Ok(Some(Ready { standing: Some(Arc::new(standing)), roots: Some(roots), span, ..next }))
    }

    /// The records of the layer for which what is asked holds too.
    fn query(&self, ask: &Ask) -> Result<Query, Error> {
        let both = self.condition.iter().chain(&ask.condition).map(|text| format!("({text})")).collect::<Vec<_>>();
        let instant = |limit: &Option<(String, i64)>| limit.as_ref().map(|(_, instant)| *instant);
        let later = |own: Option<i64>, asked: Option<i64>| own.into_iter().chain(asked).max();
        let earlier = |own: Option<i64>, asked: Option<i64>| own.into_iter().chain(asked).min();
        Ok(Query {
            filter: (!both.is_empty()).then(|| Filter::parse(&both.join(" and "))).transpose()?,
            after: later(self.query.after, instant(&ask.after)),
            before: earlier(self.query.before, instant(&ask.before)),
            ..self.query.clone()
        })
    }

    /// How many pyramids stand ready, how many tiles are kept, and their bytes; how many tiles were drawn, how many events
    /// taken, and the bytes of the journal.
    pub fn holds(&self) -> [u64; 6] {
        // What was put lately is counted later.
        self.standing.run_pending_tasks();
        self.drawn.run_pending_tasks();
        let kept = (self.drawn.entry_count(), self.drawn.weighted_size());
        let [draws, taken] = [&self.draws, &self.taken].map(|count| count.load(Ordering::Relaxed));
        [self.standing.entry_count(), kept.0, kept.1, draws, taken, self.written()]
    }

    /// An answer as long as viewers may keep it: where events may come, they ask each time whether it is still so.
    pub fn answer(&self, answer: Answer) -> Answer {
        if self.journal.is_some() { answer.asked_for() } else { answer }
    }

    /// A tile that was drawn before, and did not change since.
    pub fn drawn(&self, ask: &Ask, tile: Tile, form: Form) -> Option<Answer> {
        let (state, answer) = self.drawn.get(&(ask.to_query(), tile, form))?;
        let now = || self.ready(ask).is_some_and(|ready| ready.state(tile) == state);
        (self.journal.is_none() || now()).then_some(answer)
    }

    /// Draws a tile.
    ///
    /// # Errors
    /// When the zoom is beyond those there are, and what computing meets.
    pub fn draw(&self, (ask, ready): (&Ask, &Ready), tile: Tile, form: Form) -> Result<Answer, Error> {
        self.draws.fetch_add(1, Ordering::Relaxed);
        let side = if form.fine { 512 } else { 256 };
        let file = ready.standing.as_ref().map(|standing| file(standing, tile, form)).transpose()?.flatten();
        let bytes = file.map_or_else(|| nothing(&ready.quantity, form, side), Ok)?;
        let answer = self.answer(Answer::new(form.of.media(), bytes));
        self.drawn.insert((ask.to_query(), tile, form), (ready.state(tile), answer.clone()));
        Ok(answer)
    }
}

impl Stand {
    fn now(&self) -> Arc<Ready> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The file of a tile; none where it shows nothing.
fn file(standing: &Standing, tile: Tile, form: Form) -> Result<Option<Vec<u8>>, Error> {
    let file = standing.tile((tile, form.fine), |computed| match (form.of, computed.shown()) {
        (Kind::Values, _) => encode_values(computed.values).map(Some),
        (_, None) => Ok(None),
        (kind, Some(Shown::Places(colours, places))) => {
            kind.picture().encode_indexed(&places, colours, computed.values.frame().width()).map(Some)
        }
        (kind, Some(Shown::Pixels(image))) => kind.picture().encode(&image).map(Some),
    })?;
    Ok(file.flatten())
}

/// The file of a tile where nothing is.
fn nothing(quantity: &Quantity, form: Form, side: u32) -> Result<Vec<u8>, Error> {
    if form.of != Kind::Values {
        return clear(form.of, side);
    }
    let frame = Frame::on_lattice(2, 0, 0, side, side)?;
    encode_values(&Grid::new(frame, vec![quantity.absent(); frame.len()]))
}
