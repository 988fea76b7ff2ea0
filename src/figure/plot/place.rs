//! Where everything goes: what is around the cells is measured for some size of them, and sizes are tried until page, cells
//! and all around them agree. What finds no room is left out, in order of importance, and told.

use super::labels::{self, LINE, Labels, Way};
use super::side::{MARK, SPACE, STRIP, STRIP_GAP};
use super::{Plot, Size, annotations, bar, key};
use crate::error::Error;
use crate::figure::text::{Face, Lines};

/// A page with everything at its place, in pixels.
pub(super) struct Places {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Left, top, width and height of all cells: whole pixels.
    pub(super) cells: [f64; 4],
    pub(super) around: Around,
    /// The em of texts on cells, where there are any.
    pub(super) texts: Option<f64>,
}

/// What is around the cells, measured.
pub(super) struct Around {
    pub(super) em: f64,
    pub(super) title: Lines,
    pub(super) caption: Lines,
    pub(super) columns: Labels,
    pub(super) rows: Labels,
    pub(super) column_title: Lines,
    pub(super) row_title: Lines,
    /// Whether labels of rows are to the right.
    pub(super) rows_right: bool,
    /// How thick trees are: above columns, beside rows.
    pub(super) trees: [f64; 2],
    /// How thick all strips are together: above columns, beside rows.
    pub(super) strips: [f64; 2],
    /// Names of strips: of those above columns, and of those beside rows, which stand.
    pub(super) strip_names: [Vec<String>; 2],
    pub(super) bar: Option<(bar::Measured, Spot)>,
    pub(super) keys: key::Measured,
    /// What the labels of rows with marks and title take.
    pub(super) row_side: f64,
    /// From the cells to the title of the columns, below their labels and the names of strips.
    pub(super) column_side: f64,
    /// From the cells to the edge of the page.
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Where the bar is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spot {
    /// To the right of everything.
    Right,
    /// In the corner between two trees.
    Corner,
    /// Somewhere on the page: left, bottom, width and height in shares.
    Page([f64; 4]),
}

/// What is left out, least important first, with the words for it.
const DROPPED: [&str; 5] =
    ["caption and keys", "titles of rows and columns", "colour bar", "labels", "title and trees"];

/// Letters are made smaller down to this many pixels before anything is left out.
const SMALLEST: f64 = 6.0;

/// The least share of a page that cells have before letters are made smaller to give them room.
const LEAST_SHARE: f64 = 0.3;

/// The longest labels where the page may grow, in em.
const LONGEST: f64 = 38.0;

/// The most pixels of a page.
const MOST_PIXELS: f64 = 1.6e8;

/// Cells of an automatic size, in em: one of them at most, all of them at least and at most.
const WIDEST_CELL: f64 = 5.0;
const LEAST_WIDTH: f64 = 22.0;
const MOST_WIDTH: f64 = 62.0;
const MOST_HEIGHT: f64 = 54.0;

/// How much larger texts on cells and labels may make them.
const WIDENED: f64 = 2.5;

/// So many rows or columns get a line each for their labels, however large the page becomes, and how high that is, in em.
const ALL_LABELLED: f64 = 80.0;
const LABELLED: f64 = 1.27;

/// Finds the places, and what the user should know.
pub(super) fn places(plot: &Plot<'_>) -> Result<(Places, Vec<String>), Error> {
    let widest = if plot.mosaic.texts.is_empty() { 0.0 } else { annotations::widest(plot)? };
    let em = plot.measures.font_size * plot.measures.dpi / 72.0;
    let (found, dropped) = match plot.measures.size {
        Size::Auto => (grown(plot, em, automatic(plot, em, widest)?)?, 0),
        Size::Cells(width, height) => (grown(plot, em, [f64::from(width), f64::from(height)])?, 0),
        Size::Page(width, height) => fitted(plot, em, [f64::from(width), f64::from(height)])?,
    };
    let mut places = found;
    let mut notes = Vec::new();
    if dropped > 0 {
        notes.push(format!(
            "no room for {} on a page of {}x{}",
            DROPPED[..dropped].join(", "),
            places.width,
            places.height
        ));
    }
    if !plot.mosaic.texts.is_empty() {
        places.texts = annotations::size(plot, widest, least_cell(plot, places.cells), places.around.em);
        if places.texts.is_none() {
            notes.push(
                "no room for texts on cells: give a larger --figsize, a smaller --annot-size or a shorter --fmt"
                    .to_owned(),
            );
        }
    }
    notes.extend(shortened(&places.around));
    notes.extend(labels_told(&places.around));
    if f64::from(places.width) * f64::from(places.height) > MOST_PIXELS {
        return Err(Error::limit("the page")
            .found(format!("{} x {} pixels", places.width, places.height))
            .expected("at most 160 million")
            .advice("give --figsize, or a smaller --dpi or --font-size"));
    }
    Ok((places, notes))
}

/// Which texts were cut for want of room.
fn shortened(around: &Around) -> Option<String> {
    let bar = around.bar.as_ref().is_some_and(|(bar, _)| bar.shortened());
    let all = [
        ("title", around.title.shortened),
        ("caption", around.caption.shortened),
        ("title of the columns", around.column_title.shortened),
        ("title of the rows", around.row_title.shortened),
        ("title of the bar", bar),
        ("names in keys", around.keys.shortened()),
    ];
    let cut: Vec<&str> = all.into_iter().filter(|(_, cut)| *cut).map(|(name, _)| name).collect();
    (!cut.is_empty()).then(|| format!("for want of room these are shortened: {}", cut.join(", ")))
}

fn labels_told(around: &Around) -> Vec<String> {
    let sides = [("column", &around.columns), ("row", &around.rows)];
    let cut = sides
        .iter()
        .filter(|(_, labels)| labels.shortened)
        .map(|(name, _)| format!("long {name} labels are shortened"));
    let thin = sides.iter().filter_map(|(name, labels)| {
        let step = labels.thinned?;
        Some(format!("one of {step} {name} labels is shown, for want of room"))
    });
    cut.chain(thin).collect()
}

/// The least width and height of a cell in pixels.
pub(super) fn least_cell(plot: &Plot<'_>, [_, _, width, height]: [f64; 4]) -> [f64; 2] {
    let least =
        |edges: &[f64], length: f64| edges.windows(2).map(|pair| (pair[1] - pair[0]) * length).fold(length, f64::min);
    [least(&plot.columns.edges, width), least(&plot.rows.edges, height)]
}

/// The size of all cells that suits their number, their texts and their labels.
fn automatic(plot: &Plot<'_>, em: f64, widest: f64) -> Result<[f64; 2], Error> {
    let (columns, rows) = (count(&plot.columns.edges), count(&plot.rows.edges));
    let size = plot.measures.annotation_size.map_or(em * 0.95, |points| points * plot.measures.dpi / 72.0);
    let mut texts = if widest > 0.0 { [(widest + 0.9) * size, 1.9 * size] } else { [0.0; 2] };
    // A page is not widened for texts that would find no room even then.
    if texts[0] * columns > MOST_WIDTH * em * WIDENED || texts[1] * rows > MOST_HEIGHT * em * WIDENED {
        texts = [0.0; 2];
    }
    let labels: Vec<&str> = plot.columns.ticks.iter().take(100).map(|(_, text)| text.as_str()).collect();
    let face = Face { size: em, strong: false, colour: plot.inks()[0] };
    let lying = face.widths(&labels)?.into_iter().fold(0.0, f64::max) + 0.7 * em;
    let line = |count: f64| if count <= 30.0 { 1.45 * em } else { LABELLED * em };
    let lying = if lying <= WIDEST_CELL * em && lying * columns <= MOST_WIDTH * em { lying } else { line(columns) };
    let mut cell = [lying.max(texts[0]), texts[1].max(line(rows))];
    if plot.measures.square {
        cell = [cell[0].max(cell[1]); 2];
    }
    let least = [columns * WIDEST_CELL, rows * WIDEST_CELL * 0.75].map(|side| side * em);
    let low = [least[0].min(LEAST_WIDTH * em), least[1].min(LEAST_WIDTH * em * 0.75)];
    // What rows and columns are is not to be longer than they are.
    let titles = face.widths(&[&plot.columns.title, &plot.rows.title])?;
    let low = [low[0].max(titles[0].min(LEAST_WIDTH * em)), low[1].max(titles[1].min(LEAST_WIDTH * em))];
    let clamp =
        |side: f64, low: f64, most: f64, room: f64| side.clamp(low, (most * em).max(room.min(most * em * WIDENED)));
    // Texts on cells and labels may widen the page beyond what is usual, within reason.
    let labelled = |count: f64| if count <= ALL_LABELLED { count * LABELLED * em } else { 0.0 };
    let room = [labelled(columns).max(columns * texts[0]), labelled(rows).max(rows * texts[1])];
    let mut sides =
        [clamp(columns * cell[0], low[0], MOST_WIDTH, room[0]), clamp(rows * cell[1], low[1], MOST_HEIGHT, room[1])];
    if plot.measures.square {
        let side = (sides[0] / columns).min(sides[1] / rows);
        sides = [side * columns, side * rows];
    }
    Ok([even(sides[0], columns), even(sides[1], rows)])
}

fn count(edges: &[f64]) -> f64 {
    edges.len().saturating_sub(1).max(1) as f64
}

/// A length near to one in which many cells are equal: each a number of pixels, or a pixel a number of cells.
fn even(length: f64, cells: f64) -> f64 {
    if cells < 150.0 {
        length.round().max(1.0)
    } else if cells <= length {
        cells * (length / cells).floor()
    } else {
        (cells / (cells / length).ceil()).floor().max(1.0)
    }
}

/// A page around cells of this size.
fn grown(plot: &Plot<'_>, em: f64, [width, height]: [f64; 2]) -> Result<Places, Error> {
    let around = around(plot, em, [width, height], None, 0)?;
    let page = [around.left + width + around.right, around.top + height + around.bottom];
    Ok(on_page(page.map(f64::ceil), [width, height], around))
}

/// Cells and all around them on a page of this size, with how much is left out.
fn fitted(plot: &Plot<'_>, em: f64, page: [f64; 2]) -> Result<(Places, usize), Error> {
    for dropped in 0..=DROPPED.len() {
        let mut em = if dropped == 0 { em } else { em.min(SMALLEST) };
        loop {
            if let Some(places) = settled(plot, em, page, dropped)? {
                return Ok((places, dropped));
            }
            if em <= SMALLEST {
                break;
            }
            em = (em * 0.85).max(SMALLEST);
        }
    }
    let [width, height] = page;
    Err(Error::caller("--figsize")
        .found(format!("a page of {width}x{height} pixels"))
        .expected("room for the cells")
        .advice("give a larger --figsize or --dpi"))
}

/// Cells as large as the page allows; none where they would be too small.
fn settled(plot: &Plot<'_>, em: f64, page: [f64; 2], dropped: usize) -> Result<Option<Places>, Error> {
    let mut cells = page.map(|side| side * 0.7);
    let mut tried = around(plot, em, cells, Some(page), dropped)?;
    for round in 0..8 {
        let room = [page[0] - tried.left - tried.right, page[1] - tried.top - tried.bottom].map(f64::floor);
        let fits = cells[0] <= room[0] && cells[1] <= room[1];
        if fits
            && (round > 4
                || (room[0] - cells[0] < 2.0 && room[1] - cells[1] < 2.0)
                || plot.measures.square && round > 1)
        {
            break;
        }
        cells = shaped(plot, if round > 4 { [room[0].min(cells[0]), room[1].min(cells[1])] } else { room });
        if cells[0] < 1.0 || cells[1] < 1.0 {
            return Ok(None);
        }
        tried = around(plot, em, cells, Some(page), dropped)?;
    }
    let room = [page[0] - tried.left - tried.right, page[1] - tried.top - tried.bottom];
    let least = if dropped < DROPPED.len() { LEAST_SHARE } else { 0.0 };
    let square = plot.measures.square;
    let enough = |i: usize| {
        room[i] >= page[i] * least
            && cells[i] >= 1.0
            && cells[i] <= room[i].floor()
            && (square || cells[i] >= 0.5 * room[i])
    };
    Ok((enough(0) && enough(1)).then(|| on_page(page, cells, tried)))
}

/// Whole pixels, and cells as wide as high where that is asked for.
fn shaped(plot: &Plot<'_>, [width, height]: [f64; 2]) -> [f64; 2] {
    if !plot.measures.square {
        return [width.floor(), height.floor()];
    }
    let (columns, rows) = (count(&plot.columns.edges), count(&plot.rows.edges));
    let side = (width / columns).min(height / rows);
    [(side * columns).floor(), (side * rows).floor()]
}

/// What is left over of the page goes to both sides of the cells.
fn on_page([width, height]: [f64; 2], cells: [f64; 2], around: Around) -> Places {
    let spare = [width - around.left - cells[0] - around.right, height - around.top - cells[1] - around.bottom];
    let corner = [around.left + spare[0].max(0.0) / 2.0, around.top + spare[1].max(0.0) / 2.0].map(f64::floor);
    Places {
        width: (width as u32).max(1),
        height: (height as u32).max(1),
        cells: [corner[0], corner[1], cells[0], cells[1]],
        around,
        texts: None,
    }
}

/// Measures all that is around cells of some size, on a page of some size where that is fixed, without the `dropped` first
/// of what may be left out.
fn around(plot: &Plot<'_>, em: f64, cells: [f64; 2], page: Option<[f64; 2]>, dropped: usize) -> Result<Around, Error> {
    let [ink, pale_ink] = plot.inks();
    let face = Face { size: em, strong: false, colour: ink };
    let title_size = plot.measures.title_size.map_or(1.25, |points| points / plot.measures.font_size) * em;
    let heading = Face { size: title_size, strong: true, colour: ink };
    let pale = Face { size: em * 0.85, strong: false, colour: pale_ink };
    let has = |level: usize| dropped < level;
    let most = page.map_or([LONGEST * em; 2], |[width, height]| [width * 0.33, height * 0.4]);
    let (columns, rows) = if has(4) {
        let columns = labels::chosen(&plot.columns, face, cells[0], Way::Across, most[1])?;
        (columns, labels::chosen(&plot.rows, face, cells[1], Way::Down, most[0])?)
    } else {
        (Labels::none(face), Labels::none(face))
    };
    let column_title = face.wrap(if has(2) { &plot.columns.title } else { "" }, cells[0], 2)?;
    // No longer than the cells are high, because there may be words above and below.
    let row_title = face.wrap(if has(2) { &plot.rows.title } else { "" }, cells[1], 2)?;
    let strips = [&plot.columns.strips, &plot.rows.strips].map(|strips| (STRIP + STRIP_GAP) * em * strips.len() as f64);
    let named_strips = |strips: &[super::Strip], most: f64| -> Result<Vec<String>, Error> {
        let name = |strip: &super::Strip| Ok(face.wrap(&strip.name, most, 1)?.texts.concat());
        strips.iter().map(name).collect()
    };
    let strip_names = if has(4) {
        [named_strips(&plot.columns.strips, most[0])?, named_strips(&plot.rows.strips, most[1])?]
    } else {
        [vec![], vec![]]
    };
    let trees = tree_sizes(plot, em, cells, page, has(5));
    let rows_right = trees[1] > 0.0;
    let mut strips = strips;
    if rows_right && strips[0] > 0.0 {
        // The first label of rows may reach up to the names of strips.
        strips[0] += rows.over[0].max(0.0);
    }
    let mut found = Around {
        em,
        title: heading.wrap("", 1.0, 1)?,
        caption: heading.wrap("", 1.0, 1)?,
        row_side: side_width(&rows, &row_title, em),
        keys: if has(1) { key::measured(plot, face)? } else { key::measured_none(face) },
        column_side: 0.0,
        bar: None,
        columns,
        rows,
        column_title,
        row_title,
        rows_right,
        trees,
        strips,
        strip_names,
        left: 0.0,
        top: 0.0,
        right: 0.0,
        bottom: 0.0,
    };
    found.bar = if has(3) { bar_of(plot, face, cells, page, &found, has(2))? } else { None };
    found.sides(cells, face)?;
    let across = page.map_or(found.left + cells[0] + found.right, |page| page[0]) - 2.0 * found.pad();
    found.title = heading.wrap(if has(5) { &plot.title } else { "" }, across, 3)?;
    found.caption = pale.wrap(if has(1) { &plot.caption } else { "" }, across, 4)?;
    found.top += if found.title.texts.is_empty() { 0.0 } else { found.title.height() + 0.6 * em };
    found.bottom += if found.caption.texts.is_empty() { 0.0 } else { found.caption.height() + 0.5 * em };
    Ok(found)
}

/// How much trees take: a share of the page, or of what the cells make of it.
fn tree_sizes(plot: &Plot<'_>, em: f64, cells: [f64; 2], page: Option<[f64; 2]>, shown: bool) -> [f64; 2] {
    let share = plot.measures.tree_share.clamp(0.0, 0.8);
    let size = |i: usize| match page {
        Some(page) => page[i] * share,
        None => (cells[i] * share / (1.0 - share)).clamp(3.0 * em, 14.0 * em),
    };
    let has = |tree: bool, size: f64| if tree && shown { size.round() } else { 0.0 };
    [has(!plot.columns.tree.is_empty(), size(1)), has(!plot.rows.tree.is_empty(), size(0))]
}

fn side_width(rows: &Labels, title: &Lines, em: f64) -> f64 {
    let labels = if rows.texts.is_empty() { 0.0 } else { (MARK + SPACE) * em + rows.reach };
    labels + if title.texts.is_empty() { 0.0 } else { 0.35 * em + title.height() }
}

fn bar_of(
    plot: &Plot<'_>,
    face: Face,
    cells: [f64; 2],
    page: Option<[f64; 2]>,
    found: &Around,
    titled: bool,
) -> Result<Option<(bar::Measured, Spot)>, Error> {
    let Some(bar) = &plot.bar else { return Ok(None) };
    let em = face.size;
    if let Some(place) = bar.place {
        let page = page.unwrap_or([cells[0] * 1.3, cells[1] * 1.3]);
        let measured = bar::measured(bar, face, (place[3] * page[1]).max(1.0), Some(place[2] * page[0]), titled)?;
        return Ok(Some((measured, Spot::Page(place))));
    }
    let [above, beside] = [found.trees[0] + found.strips[0], found.trees[1] + found.strips[1]];
    if found.trees.iter().all(|tree| *tree > 0.0) {
        let corner = bar::measured(bar, face, above - 1.2 * em, None, titled)?;
        if corner.width <= beside - 0.5 * em && corner.height >= 4.0 * em {
            return Ok(Some((corner, Spot::Corner)));
        }
    }
    // Keys stand below it, where there is room for both.
    let keys = if found.keys.height > 0.0 { found.keys.height + 0.8 * em } else { 0.0 };
    let height = (cells[1] - keys).max((cells[1] * 0.5).min(6.0 * em));
    Ok(Some((bar::measured(bar, face, height, None, titled)?, Spot::Right)))
}

impl Around {
    /// Between everything and the edge of the page.
    pub(super) fn pad(&self) -> f64 {
        (self.em * 0.75).round()
    }

    /// From the cells to the right of all labels there.
    pub(super) fn right_of_labels(&self) -> f64 {
        if self.rows_right { self.row_side } else { 0.0 }
    }

    /// From the cells to the lower end of the labels of columns.
    pub(super) fn below_columns(&self) -> f64 {
        if self.columns.texts.is_empty() { 0.0 } else { (MARK + SPACE) * self.em + self.columns.reach }
    }

    /// From the cells to the names of strips beside rows, which keep below labels that reach over to them.
    pub(super) fn above_names(&self) -> f64 {
        let free = (MARK + SPACE) * self.em;
        if self.columns.over[0] > 0.0 { self.below_columns().max(free) } else { free }
    }

    /// What is to be left free between the cells or their labels and what is to the right of them.
    pub(super) fn gap(&self) -> f64 {
        self.em * 1.1
    }

    /// Adds up what lies on each side of the cells, but for title and caption.
    fn sides(&mut self, cells: [f64; 2], face: Face) -> Result<(), Error> {
        let (em, pad) = (self.em, self.pad());
        let names = |names: &[String]| -> Result<f64, Error> {
            let texts: Vec<&str> = names.iter().map(String::as_str).collect();
            Ok(face.widths(&texts)?.into_iter().fold(0.0, f64::max))
        };
        let [above, beside] = [self.trees[0] + self.strips[0], self.trees[1] + self.strips[1]];
        let [lying, standing] = [names(&self.strip_names[0])?, names(&self.strip_names[1])?];
        self.left = pad + beside + if self.rows_right { 0.0 } else { self.row_side };
        let aside = match &self.bar {
            Some((bar, Spot::Right)) => bar.width.max(self.keys.width),
            _ => self.keys.width,
        };
        // Keys may be longer than the cells are high, and are then beside the labels of columns.
        let bar = if let Some((bar, Spot::Right)) = &self.bar { bar.height + 0.8 * em } else { 0.0 };
        let hanging = if self.keys.height > 0.0 { (bar + self.keys.height - cells[1]).max(0.0) } else { 0.0 };
        let over = if hanging > 0.0 { self.columns.over[1] } else { 0.0 };
        let named = if lying > 0.0 { lying + 0.4 * em } else { 0.0 };
        let labels = self.right_of_labels().max(named).max(over);
        self.right = pad + labels + if aside > 0.0 { self.gap() + aside } else { 0.0 };
        self.left = self.left.max(pad + self.columns.over[0]);
        self.right = self.right.max(pad + self.columns.over[1]);
        // Names of strips are higher than strips.
        let names = if above > 0.0 && self.trees[0] == 0.0 { (LINE - STRIP) / 2.0 * em } else { 0.0 };
        self.top = pad + above + names;
        let ticks = self.below_columns();
        let names = if standing > 0.0 { standing + self.above_names() } else { 0.0 };
        self.column_side = ticks.max(names);
        let title = if self.column_title.texts.is_empty() { 0.0 } else { 0.3 * em + self.column_title.height() };
        let over = self.rows.over.map(|over| over.max(0.0));
        let bar_over = if matches!(self.bar, Some((_, Spot::Right))) { LINE * em / 2.0 } else { 0.0 };
        self.top = self.top.max(pad + over[0].max(bar_over));
        self.bottom = pad + (self.column_side + title).max(over[1]).max(hanging).max(bar_over);
        Ok(())
    }
}
