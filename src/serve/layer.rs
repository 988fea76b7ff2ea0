//! A layer: a data set under a name, and the pyramids of it that stand ready; or an archive that is handed on as it is.

use std::sync::Arc;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::bandwidth::{Bandwidth, Length};
use crate::error::Error;
use crate::image::{Image, Premultiplied};
use crate::lines::density::Wish;
use crate::lines::picture::Look;
use crate::lines::pyramid::{Fit, Pyramid, Shown, Standing, Zooms};
use crate::lines::reading::Reading;
use crate::serve::answer::{Answer, Refusal};
use crate::serve::ask::Ask;
use crate::sink::tiles::{TilePicture, encode_values};
use crate::source::tiles::Tiles;
use crate::source::{Filter, Query};
use crate::style::Style;
use crate::tile::Tile;

/// Pyramids of a layer that stand ready at a time; each may take some hundred megabytes.
const STANDING: u64 = 4;

/// What a layer shows.
pub struct Layer {
    /// Its name in URLs.
    pub name: String,
    /// What viewers call it.
    pub title: String,
    /// Where its tiles come from.
    pub content: Content,
}

/// Where tiles come from.
pub enum Content {
    /// Events, which are drawn as they are asked for.
    Events(Arc<Live>),
    /// An archive.
    Archive(Arc<Tiles>),
}

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
    /// By what was asked for.
    standing: Cache<String, Arc<Ready>>,
    /// Tiles that were drawn.
    drawn: Cache<(String, Tile, Form), Answer>,
}

/// A pyramid that stands ready, and what is told of it.
pub struct Ready {
    /// Its tiles.
    pub standing: Standing,
    /// How it is shown, with the bandwidth that was found.
    pub style: Style,
    /// The first and the last instant of its events, in microseconds since 1970 UTC, where they have one.
    pub span: Option<(i64, i64)>,
}

/// What file of a tile is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form {
    /// What it is.
    pub of: Kind,
    /// Whether it is for fine screens: 512 pixels instead of 256.
    pub fine: bool,
}

/// Pictures, or values packed into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture.
    Png,
    /// A picture.
    Webp,
    /// Values, as docs/value-tiles.md packs them.
    Values,
}

impl Layer {
    /// Its events.
    ///
    /// # Errors
    /// When it is an archive, which can be drawn in no other style and has no values.
    pub fn live(&self) -> Result<&Arc<Live>, Refusal> {
        match &self.content {
            Content::Events(live) => Ok(live),
            Content::Archive(tiles) => Err(Refusal::missing(
                &Error::caller(&*self.name)
                    .found(format!("{}, an archive of pictures", tiles.name()))
                    .expected("events, which can be drawn in any style and have values")
                    .advice("serve the events, or the cells that were kept beside the archive"),
            )),
        }
    }
}

impl Kind {
    /// Its media type.
    pub fn media(self) -> &'static str {
        if self == Kind::Webp { "image/webp" } else { "image/png" }
    }

    fn picture(self) -> TilePicture {
        if self == Kind::Webp { TilePicture::Webp } else { TilePicture::Png }
    }
}

impl Live {
    /// Events of some inputs, which keeps drawn tiles of so many bytes.
    pub fn new(inputs: Vec<String>, query: Query, (wish, look): (Wish, Look), kept_bytes: u64) -> Live {
        let weigh = |_: &(String, Tile, Form), answer: &Answer| answer.len().try_into().unwrap_or(u32::MAX);
        Live {
            inputs,
            query: Query { span: true, ..query },
            condition: None,
            wish,
            look,
            greatest: None,
            // Whatever is asked for has to be kept at least for the next who asks.
            standing: Cache::builder().max_capacity(STANDING).eviction_policy(EvictionPolicy::lru()).build(),
            drawn: Cache::builder().weigher(weigh).max_capacity(kept_bytes).build(),
        }
    }

    /// What stands ready for a request, without making it so.
    pub fn ready(&self, ask: &Ask) -> Option<Arc<Ready>> {
        self.standing.get(&ask.to_query())
    }

    /// The same, made ready where it is not: one thread reads the events where several ask.
    ///
    /// # Errors
    /// What reading and estimating meet.
    pub fn make_ready(&self, ask: &Ask) -> Result<Arc<Ready>, Error> {
        let made = self.standing.try_get_with(ask.to_query(), || self.prepare(ask).map(Arc::new));
        made.map_err(|error: Arc<Error>| (*error).clone())
    }

    fn prepare(&self, ask: &Ask) -> Result<Ready, Error> {
        let (mut wish, mut look) = (self.wish.clone(), self.look.clone());
        if let Some(style) = &ask.style {
            (wish.kernel, wish.bandwidth, look.style) = (style.kernel, style.bandwidth, style.clone());
        }
        let mut reading = Reading::open(&self.inputs, self.query(ask)?, &())?;
        let zooms = Zooms { least: 0, greatest: self.greatest, large: false };
        let pyramid = Pyramid::of(&mut reading, &wish, zooms)?;
        look.style.bandwidth = pyramid.bandwidth;
        let fit = match pyramid.bandwidth {
            Bandwidth::Fixed(Length::Pixels(_)) => Fit::PerZoom,
            _ => Fit::All,
        };
        let span = reading.tally().span;
        let standing = Standing::of(pyramid, (&look, fit), &())?;
        Ok(Ready { standing, style: look.style, span })
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

    /// How many pyramids stand ready, how many tiles are kept, and their bytes.
    pub fn holds(&self) -> [u64; 3] {
        // What was put lately is counted later.
        self.standing.run_pending_tasks();
        self.drawn.run_pending_tasks();
        [self.standing.entry_count(), self.drawn.entry_count(), self.drawn.weighted_size()]
    }

    /// A tile that was drawn before.
    pub fn drawn(&self, ask: &Ask, tile: Tile, form: Form) -> Option<Answer> {
        self.drawn.get(&(ask.to_query(), tile, form))
    }

    /// Draws a tile.
    ///
    /// # Errors
    /// When the zoom is beyond those there are, and what computing meets.
    pub fn draw(&self, (ask, ready): (&Ask, &Ready), tile: Tile, form: Form) -> Result<Answer, Error> {
        let side = if form.fine { 512 } else { 256 };
        let file = ready.standing.tile((tile, form.fine), |computed| match (form.of, computed.shown()) {
            (Kind::Values, _) => encode_values(computed.values).map(Some),
            (_, None) => Ok(None),
            (kind, Some(Shown::Places(colours, places))) => {
                kind.picture().encode_indexed(&places, colours, side).map(Some)
            }
            (kind, Some(Shown::Pixels(image))) => kind.picture().encode(&image).map(Some),
        })?;
        let bytes = file.flatten().map_or_else(|| nothing(ready, form, side), Ok)?;
        let answer = Answer::new(form.of.media(), bytes);
        self.drawn.insert((ask.to_query(), tile, form), answer.clone());
        Ok(answer)
    }
}

/// The file of a tile where nothing is.
fn nothing(ready: &Ready, form: Form, side: u32) -> Result<Vec<u8>, Error> {
    if form.of == Kind::Values {
        return ready.standing.nothing(side).and_then(|values| encode_values(&values));
    }
    clear(form.of, side)
}

/// The file of a picture that is clear.
///
/// # Errors
/// Never for the sides that tiles have.
pub fn clear(kind: Kind, side: u32) -> Result<Vec<u8>, Error> {
    kind.picture().encode(&Image::filled(side, side, Premultiplied::CLEAR))
}
