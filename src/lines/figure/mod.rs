//! The straight line from a table to a classic heatmap: the matrix is read ([`table`]), put in order ([`arranged`]), shaded and
//! drawn ([`figure`]), or becomes a page to look at closely ([`page`]).

mod honest;
mod page;
mod preview;
mod shading;
mod sides;
mod table;
mod wish;

use crate::analyse::outline::Outlines;
use crate::arrange::cluster;
use crate::error::Error;
use crate::events::Space;
use crate::figure::{Bar, Key, Mosaic, Plot, Scene, Side, labels};
use crate::findings::Position;
use crate::frame::{Extent, Frame};
use crate::grid::Grid;
use crate::image::{Image, Straight};
use crate::matrix::Matrix;
use crate::paint::{Colormap, ink_on};
use crate::scale::{Summary, rounds};
use crate::tree::Tree;

pub use self::honest::{seen, seen_classes};
pub use self::page::{FigurePage, page};
pub use self::preview::{Preview, preview, visible};
pub use self::shading::{Interpolation, Shading};
pub use self::sides::Edges;
pub use self::table::{Long, TableWish, table};
pub use self::wish::{BarWish, Contours, LabelWish, Mask, Nature, Wish};
pub use crate::arrange::{Aggregate, Along, Clustering, Correlation, Standard};

/// A matrix in the order in which it is shown.
#[derive(Debug, Clone)]
pub struct Arranged {
    /// The values; those that are hidden have become no data.
    pub matrix: Matrix,
    /// Which cells are hidden, row by row; empty for none.
    pub hidden: Vec<bool>,
    /// The hierarchy over the rows, numbered as they were read, and their labels at that time.
    pub row_tree: Option<(Tree, Vec<String>)>,
    /// The hierarchy over the columns, and their labels.
    pub column_tree: Option<(Tree, Vec<String>)>,
    /// What was seen of the values that are shown.
    summary: Summary,
}

/// A figure, and what the user should know about it.
pub struct Figure {
    /// What is drawn where.
    pub scene: Scene,
    /// The values of the least and the greatest colour.
    pub limits: (f64, f64),
    /// The colours.
    pub colormap: Colormap,
    /// The colours of classes beside rows and columns, and what they are of.
    pub classes: Vec<(String, Vec<Straight>)>,
    /// Things the user should know.
    pub notes: Vec<String>,
}

/// Puts rows and columns in the order that the wish asks for, and hides what it hides.
///
/// # Errors
/// When method and metric do not go together, rows have no distance from each other, or the mask has another size.
pub fn arranged(mut matrix: Matrix, wish: &Wish) -> Result<Arranged, Error> {
    sides::check(wish)?;
    sides::relabel(&mut matrix.columns, &wish.x_labels, "--xticklabels")?;
    sides::relabel(&mut matrix.rows, &wish.y_labels, "--yticklabels")?;
    let tree = |wanted: bool, along: Along| wanted.then(|| cluster(&matrix, along, &wish.clustering)).transpose();
    let (rows, columns) = (tree(wish.cluster_rows(), Along::Rows)?, tree(wish.cluster_columns(), Along::Columns)?);
    let mut hidden = wish.mask.of_table(&matrix)?;
    let labelled = |tree: Option<Tree>, labels: &[String]| tree.map(|tree| (tree, labels.to_vec()));
    let (row_tree, column_tree) = (labelled(rows, &matrix.rows.labels), labelled(columns, &matrix.columns.labels));
    if row_tree.is_some() || column_tree.is_some() {
        let order = |tree: &Option<(Tree, Vec<String>)>, count: usize| {
            tree.as_ref().map_or_else(|| (0..count).collect(), |(tree, _)| tree.order())
        };
        let (down, across) = (order(&row_tree, matrix.height()), order(&column_tree, matrix.width()));
        moved(&mut matrix, &mut hidden, &down, &across);
    }
    wish.mask.of_places(&matrix, &mut hidden);
    if wish.origin_lower {
        let (down, across) = ((0..matrix.height()).rev().collect::<Vec<_>>(), (0..matrix.width()).collect::<Vec<_>>());
        let edges = matrix.rows.edges.take();
        moved(&mut matrix, &mut hidden, &down, &across);
        matrix.rows.edges = edges;
    }
    for (value, _) in matrix.values_mut().iter_mut().zip(&hidden).filter(|(_, hidden)| **hidden) {
        *value = f64::NAN;
    }
    let summary = Summary::of_f64(matrix.values());
    Ok(Arranged { matrix, hidden, row_tree, column_tree, summary })
}

/// Rows and columns in another order, and what is hidden of them with them.
fn moved(matrix: &mut Matrix, hidden: &mut Vec<bool>, down: &[usize], across: &[usize]) {
    if !hidden.is_empty() {
        let width = matrix.width();
        let row = |row: &usize| across.iter().map(|column| hidden[row * width + column]).collect::<Vec<_>>();
        *hidden = down.iter().flat_map(row).collect();
    }
    *matrix = matrix.select(down, across);
}

impl Arranged {
    /// The trees as JSON (`rows`, `columns`: labels, the linkage matrix as `SciPy` has it, the order), and the order of both.
    pub fn json(&self) -> serde_json::Value {
        let told = |tree: &Option<(Tree, Vec<String>)>| {
            tree.as_ref().map_or(serde_json::Value::Null, |(tree, labels)| tree.json(labels))
        };
        serde_json::json!({ "rows": told(&self.row_tree), "columns": told(&self.column_tree) })
    }

    /// The trees in Newick's form, a line each: that of the rows first.
    pub fn newick(&self) -> String {
        let trees = [&self.row_tree, &self.column_tree];
        trees.into_iter().flatten().map(|(tree, labels)| tree.newick(labels) + "\n").collect()
    }

    fn is_hidden(&self, row: usize, column: usize) -> bool {
        self.hidden.get(row * self.matrix.width() + column).copied().unwrap_or(false)
    }

    /// Whether a cell that is not hidden has no data.
    fn has_gaps(&self) -> bool {
        let hidden = |i: usize| self.hidden.get(i).copied().unwrap_or(false);
        self.matrix.values().iter().enumerate().any(|(i, value)| value.is_nan() && !hidden(i))
    }
}

/// Draws a figure.
///
/// # Errors
/// When the scale does not suit the values, a colormap or an attribute is unknown, or the page has no room.
pub fn figure(arranged: &Arranged, wish: &Wish) -> Result<Figure, Error> {
    let shading = shading_of(arranged, wish)?;
    let matrix = &arranged.matrix;
    let mut keys = Vec::new();
    let rows = row_side(arranged, wish, &mut keys)?;
    let columns = column_side(arranged, wish, &mut keys)?;
    let mut notes = honest::notes(arranged, &shading, &wish.whole_scale());
    let lines = contours(arranged, wish, &shading, [&rows.edges, &columns.edges], &mut notes)?;
    let colour = |row: usize, column: usize| {
        let hidden = arranged.is_hidden(row, column);
        if hidden { Straight([0; 4]) } else { shading.colour(matrix.get(row, column)) }
    };
    let picture = |width: u32, height: u32| -> Image {
        let edges = [&rows.edges[..], &columns.edges[..]];
        shading::picture(arranged, &shading, edges, wish.interpolation, (width, height))
    };
    let missing = (arranged.has_gaps() && shading.missing.0[3] > 0).then_some(shading.missing);
    let bar = wish.bar.as_ref().map(|bar| bar_of(bar, matrix, &shading));
    let mosaic = Mosaic {
        colour: &colour,
        picture: &picture,
        smooth: wish.interpolation == Interpolation::Bilinear,
        texts: texts(arranged, wish, &shading),
        missing,
    };
    let (title, caption) = (wish.title.clone().unwrap_or_default(), caption(wish));
    let (rows, columns, classes) = (rows.clone(), columns.clone(), classes(&keys));
    let plot = Plot { title, caption, mosaic, rows, columns, bar, keys, lines, measures: wish.measures.clone() };
    let scene = plot.scene()?;
    notes.extend(scene.notes().iter().cloned());
    notes.extend(crowded(matrix, scene.cells()));
    if wish.annotate.is_some() && matrix.values().len() > MOST_TEXTS {
        notes.push(format!("no room for texts on more than {MOST_TEXTS} cells; -o OUT.html shows them close up"));
    }
    Ok(Figure { scene, limits: shading.shade.limits(), colormap: shading.colormap.clone(), classes, notes })
}

/// The colours of each key.
fn classes(keys: &[Key]) -> Vec<(String, Vec<Straight>)> {
    keys.iter().map(|key| (key.name.clone(), key.entries.iter().map(|(colour, _)| *colour).collect())).collect()
}

/// The scale and the colours for what is shown.
fn shading_of(arranged: &Arranged, wish: &Wish) -> Result<Shading, Error> {
    let colormap = wish.whole_colours().colormap()?;
    Shading::of(&arranged.summary, &wish.whole_scale(), colormap, wish.missing)
}

fn row_side(arranged: &Arranged, wish: &Wish, keys: &mut Vec<Key>) -> Result<Side, Error> {
    let axis = &arranged.matrix.rows;
    let edges = match wish.y_edges {
        Edges::Extent(bottom, top) => Edges::Extent(top, bottom),
        ref edges => edges.clone(),
    };
    let mut side = sides::side(axis, &edges, wish.origin_lower, "--yedges")?;
    side.strips = sides::strips(axis, &wish.row_colours, "--row-colors", keys)?;
    side.tree = sides::limbs(arranged.row_tree.as_ref().map(|(tree, _)| tree));
    Ok(sides::labelled(sides::titled(side, wish.y_label.as_ref()), &wish.y_labels, wish.y_rotation))
}

fn column_side(arranged: &Arranged, wish: &Wish, keys: &mut Vec<Key>) -> Result<Side, Error> {
    let axis = &arranged.matrix.columns;
    let mut side = sides::side(axis, &wish.x_edges, false, "--xedges")?;
    side.strips = sides::strips(axis, &wish.column_colours, "--col-colors", keys)?;
    side.tree = sides::limbs(arranged.column_tree.as_ref().map(|(tree, _)| tree));
    Ok(sides::labelled(sides::titled(side, wish.x_label.as_ref()), &wish.x_labels, wish.x_rotation))
}

fn bar_of(wish: &BarWish, matrix: &Matrix, shading: &Shading) -> Bar {
    shading.bar(wish.title.clone().unwrap_or_else(|| matrix.name.clone()), wish.place)
}

/// More texts than these find no room on any page.
const MOST_TEXTS: usize = 40_000;

/// What is written on each cell, in black or white.
fn texts(arranged: &Arranged, wish: &Wish, shading: &Shading) -> Vec<(String, Straight)> {
    let Some(format) = wish.annotate.filter(|_| arranged.matrix.values().len() <= MOST_TEXTS) else {
        return Vec::new();
    };
    let ink = |value: f64| if value.is_nan() { Straight([0, 0, 0, 255]) } else { ink_on(shading.colour(value)) };
    arranged.matrix.values().iter().map(|value| (format.written(*value), ink(*value))).collect()
}

/// How trees came about, for whoever reads the figure.
fn caption(wish: &Wish) -> String {
    if !wish.cluster_rows() && !wish.cluster_columns() {
        return String::new();
    }
    let clustering = &wish.clustering;
    let order = if clustering.optimal { ", leaves in the best order" } else { "" };
    format!("Clustered: {} linkage of {} distances{order}", clustering.method, clustering.metric)
}

/// What to know of cells that are smaller than pixels.
fn crowded(matrix: &Matrix, [width, height]: [u32; 2]) -> Option<String> {
    let per = |cells: usize, pixels: u32| cells as f64 / f64::from(pixels.max(1));
    let (across, down) = (per(matrix.width(), width), per(matrix.height(), height));
    (across > 1.0 || down > 1.0).then(|| {
        let [across, down] = [across.max(1.0), down.max(1.0)].map(|cells| format!("{cells:.1}"));
        format!("a pixel shows the mean of about {across} x {down} cells: --figsize or --dpi make it larger")
    })
}

/// Tables of more cells, and contours of more points, show nothing and take long.
const MOST_CONTOURED: usize = 4_000_000;
const MOST_POINTS: usize = 500_000;

/// Lines at levels of the values, in shares of the width and the height.
fn contours(
    arranged: &Arranged,
    wish: &Wish,
    shading: &Shading,
    [rows, columns]: [&[f64]; 2],
    notes: &mut Vec<String>,
) -> Result<Vec<Vec<[f64; 2]>>, Error> {
    let (low, high) = shading.shade.limits();
    let levels = match &wish.contours {
        None => return Ok(Vec::new()),
        Some(Contours::About(count)) => rounds(low, high, *count),
        Some(Contours::At(levels)) => levels.clone(),
    };
    let matrix = &arranged.matrix;
    if matrix.values().len() > MOST_CONTOURED {
        return Err(Error::limit("--contours")
            .found(format!("{} cells", matrix.values().len()))
            .expected(format!("at most {MOST_CONTOURED}"))
            .advice("leave --contours out"));
    }
    let (width, height) = (matrix.width() as u32, matrix.height() as u32);
    let extent = Extent { west: 0.0, north: 0.0, east: f64::from(width), south: f64::from(height) };
    let frame = Frame::new(Space::PAGE, extent, width, height)?;
    // In shares of the limits, which single precision tells apart.
    let share = |value: f64| (value - low) / (high - low);
    let grid = Grid::new(frame, matrix.values().iter().map(|value| share(*value) as f32).collect());
    let shares: Vec<f64> = levels.iter().map(|level| share(*level)).collect();
    let outlines = Outlines::new(&grid, &shares);
    let at = |edges: &[f64], place: f64| {
        let cell = (place as usize).min(edges.len() - 2);
        edges[cell] + (edges[cell + 1] - edges[cell]) * (place - cell as f64)
    };
    let placed = |line: &Vec<Position>| line.iter().map(|point| [at(columns, point[0]), at(rows, point[1])]).collect();
    let mut lines: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut points = 0;
    for level in 0..levels.len() {
        let found = outlines.contour(level);
        points += found.iter().map(Vec::len).sum::<usize>();
        if points > MOST_POINTS {
            return Err(Error::limit("--contours")
                .found("values that go up and down from cell to cell, so that their contours are a tangle")
                .expected(format!("at most {MOST_POINTS} points"))
                .advice("give fewer levels, or leave --contours out"));
        }
        lines.extend(found.iter().map(placed));
    }
    notes.push(format!("contours at {}", labels(&levels).join(", ")));
    Ok(lines)
}
