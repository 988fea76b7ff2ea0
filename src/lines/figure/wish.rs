//! What is wished of a figure.

use std::path::PathBuf;

use super::table::hidden_by;
use super::{Edges, Interpolation};
use crate::arrange::Clustering;
use crate::error::Error;
use crate::figure::{Measures, NumberFormat, Shown};
use crate::image::Straight;
use crate::matrix::Matrix;
use crate::scale::{Norm, Scale};
use crate::style::Colours;

/// What is wished of a figure, in seaborn's words where it has them.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Above the figure.
    pub title: Option<String>,
    /// What the columns are; what the table says where absent.
    pub x_label: Option<String>,
    /// What the rows are; what the table says where absent.
    pub y_label: Option<String>,
    /// Which labels of columns are shown.
    pub x_labels: LabelWish,
    /// Which labels of rows are shown.
    pub y_labels: LabelWish,
    /// Degrees by which labels of columns are turned.
    pub x_rotation: Option<f64>,
    /// Degrees by which labels of rows are turned.
    pub y_rotation: Option<f64>,
    /// From values to intensities.
    pub scale: Scale,
    /// The colours; by what is shown where absent.
    pub colours: Option<Colours>,
    /// What is shown: values around a middle, such as correlations.
    pub nature: Nature,
    /// The colour of cells without data.
    pub missing: Straight,
    /// How numbers are written on cells; none are where absent.
    pub annotate: Option<NumberFormat>,
    /// The bar of colours; none where absent.
    pub bar: Option<BarWish>,
    /// What is hidden.
    pub mask: Mask,
    /// Whether rows and columns are clustered.
    pub cluster: [bool; 2],
    /// How they are.
    pub clustering: Clustering,
    /// Attributes of rows that are shown as colours.
    pub row_colours: Vec<String>,
    /// Attributes of columns that are shown as colours.
    pub column_colours: Vec<String>,
    /// Where columns begin and end.
    pub x_edges: Edges,
    /// Where rows begin and end; of an extent the bottom, then the top.
    pub y_edges: Edges,
    /// Whether the first row is below the others.
    pub origin_lower: bool,
    /// How cells are filled.
    pub interpolation: Interpolation,
    /// Lines at levels.
    pub contours: Option<Contours>,
    /// How large everything is.
    pub measures: Measures,
}

/// What values are, as far as colours depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Nature {
    /// From little to much.
    #[default]
    Amounts,
    /// From -1 to 1.
    Correlations,
    /// Around 0.
    Deviations,
}

/// Which labels are shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum LabelWish {
    /// As many as have room.
    #[default]
    Auto,
    /// All.
    All,
    /// None.
    None,
    /// One of so many.
    Every(usize),
    /// These in place of those of the table.
    These(Vec<String>),
}

impl LabelWish {
    pub(super) fn shown(&self) -> Shown {
        match self {
            LabelWish::Auto => Shown::Auto,
            LabelWish::All | LabelWish::These(_) => Shown::All,
            LabelWish::None => Shown::None,
            LabelWish::Every(step) => Shown::Every(*step),
        }
    }
}

/// The bar of colours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BarWish {
    /// What is measured; what the table says where absent.
    pub title: Option<String>,
    /// Left, bottom, width and height in shares of the page; beside the cells where absent.
    pub place: Option<[f64; 4]>,
}

/// Lines at levels of the values.
#[derive(Debug, Clone, PartialEq)]
pub enum Contours {
    /// About so many, at round values.
    About(usize),
    /// At these, ascending.
    At(Vec<f64>),
}

/// Which cells are hidden.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Mask {
    /// None.
    #[default]
    None,
    /// Those above the diagonal and on it, once rows and columns are in their order.
    Upper,
    /// Those below the diagonal and on it.
    Lower,
    /// Those where a table of the same size has anything but 0.
    File(PathBuf),
}

impl Mask {
    /// What is hidden in the table as it was read.
    pub(super) fn of_table(&self, matrix: &Matrix) -> Result<Vec<bool>, Error> {
        match self {
            Mask::File(path) => hidden_by(path, matrix),
            _ => Ok(Vec::new()),
        }
    }

    /// What is hidden by its place in what is shown.
    pub(super) fn of_places(&self, matrix: &Matrix, hidden: &mut Vec<bool>) {
        let hides: fn(usize, usize) -> bool = match self {
            Mask::None | Mask::File(_) => return,
            Mask::Upper => |row, column| column >= row,
            Mask::Lower => |row, column| column <= row,
        };
        let width = matrix.width();
        *hidden = (0..matrix.values().len()).map(|i| hides(i / width, i % width)).collect();
    }
}

impl Wish {
    /// Whether rows are clustered.
    pub fn cluster_rows(&self) -> bool {
        self.cluster[0]
    }

    /// Whether columns are clustered.
    pub fn cluster_columns(&self) -> bool {
        self.cluster[1]
    }

    /// The scale with what the nature of the values says where the caller says nothing.
    pub(super) fn whole_scale(&self) -> Scale {
        let scale = self.scale;
        let open = scale.vmin.is_none() && scale.vmax.is_none() && scale.center.is_none() && !scale.robust;
        match self.nature {
            Nature::Correlations if open && scale.norm == Norm::Linear => {
                Scale { vmin: Some(-1.0), vmax: Some(1.0), ..scale }
            }
            Nature::Deviations if scale.center.is_none() && scale.norm == Norm::Linear => {
                Scale { center: Some(0.0), ..scale }
            }
            _ => scale,
        }
    }

    /// The colours, with a light middle for values that have one.
    pub(super) fn whole_colours(&self) -> Colours {
        let middle = self.nature != Nature::Amounts || self.scale.center.is_some() || self.scale.norm == Norm::TwoSlope;
        let name = if middle { "vlag" } else { "rocket" };
        self.colours.clone().unwrap_or_else(|| Colours::Named(name.to_owned()))
    }
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            title: None,
            x_label: None,
            y_label: None,
            x_labels: LabelWish::Auto,
            y_labels: LabelWish::Auto,
            x_rotation: None,
            y_rotation: None,
            scale: Scale::default(),
            colours: None,
            nature: Nature::Amounts,
            missing: Straight([0xd9, 0xd9, 0xd9, 0xff]),
            annotate: None,
            bar: Some(BarWish::default()),
            mask: Mask::None,
            cluster: [false; 2],
            clustering: Clustering::default(),
            row_colours: Vec::new(),
            column_colours: Vec::new(),
            x_edges: Edges::Even,
            y_edges: Edges::Even,
            origin_lower: false,
            interpolation: Interpolation::Nearest,
            contours: None,
            measures: Measures::default(),
        }
    }
}
