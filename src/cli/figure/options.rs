//! How a figure looks, in seaborn's words.

use std::path::Path;

use clap::Args;

use crate::cli::look::{colour, positive};
use crate::error::Error;
use crate::figure::{Measures, NumberFormat, Size};
use crate::image::Straight;
use crate::lines::figure::{BarWish, Clustering, Contours, Edges, Interpolation, LabelWish, Mask, Nature, Wish};
use crate::paint::Gradient;
use crate::scale::{Norm, Scale};
use crate::style::Colours;

/// Options of the look.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct LookOptions {
    /// Colormap; `_r` at the end reverses it; `torrid colormaps` lists them [default: rocket; vlag around a middle]
    #[arg(long, value_name = "NAME", help_heading = "Colour")]
    cmap: Option<String>,
    /// Colours by hand: "0:#fff;10:#f00" by values, "0%:#fff;100%:#f00" by share of the scale
    #[arg(long, value_name = "STOPS", help_heading = "Colour", conflicts_with = "cmap")]
    gradient: Option<String>,
    /// From value to colour: linear, log, sqrt, cbrt, power:G, symlog:T, asinh:A, twoslope, quantile, `eq_hist`
    #[arg(long, value_name = "NAME", help_heading = "Colour", default_value = "linear")]
    norm: String,
    /// The value of the first colour
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    vmin: Option<f64>,
    /// The value of the last colour
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    vmax: Option<f64>,
    /// Take the 2nd and 98th percentile for limits that are not given
    #[arg(long, help_heading = "Colour")]
    robust: bool,
    /// The value of the middle colour, for diverging colormaps
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Colour")]
    center: Option<f64>,
    /// The colour of cells without data, or none
    #[arg(long, value_name = "COLOUR", help_heading = "Colour", default_value = "#d9d9d9")]
    no_data: String,
    /// Hide cells: `upper` or `lower` with the diagonal, or those where a table of the same size has anything but 0
    #[arg(long, value_name = "MASK", help_heading = "Cells")]
    mask: Option<String>,
    /// Write the value on each cell, in black or white
    #[arg(long, help_heading = "Cells")]
    annot: bool,
    /// How: in Python's words, such as .2f, d, ,d, .1e, .0% [default: at most four digits]
    #[arg(long, value_name = "FORMAT", help_heading = "Cells", requires = "annot")]
    fmt: Option<String>,
    /// Letters on cells, in points [default: as large as fit, at most --font-size]
    #[arg(long, value_name = "POINTS", help_heading = "Cells", requires = "annot")]
    annot_size: Option<f64>,
    /// Lines between cells, in points [default: 0]
    #[arg(long, value_name = "POINTS", help_heading = "Cells")]
    linewidths: Option<f64>,
    /// Their colour [default: white]
    #[arg(long, value_name = "COLOUR", help_heading = "Cells", requires = "linewidths")]
    linecolor: Option<String>,
    /// Cells as wide as high
    #[arg(long, help_heading = "Cells")]
    square: bool,
    /// How cells larger than pixels are filled
    #[arg(long, value_name = "NAME", help_heading = "Cells", default_value = "nearest", value_parser = ["nearest", "bilinear"])]
    interpolation: String,
    /// Lines at about so many round values, or at these, with commas between
    #[arg(long, value_name = "LEVELS", help_heading = "Cells", allow_hyphen_values = true)]
    contours: Option<String>,
    /// Draw the bar of colours, which is the default
    #[arg(long, help_heading = "Bar of colours", overrides_with = "no_cbar")]
    cbar: bool,
    /// Leave the bar of colours out
    #[arg(long, help_heading = "Bar of colours", overrides_with = "cbar", conflicts_with_all = ["cbar_label", "cbar_pos"])]
    no_cbar: bool,
    /// What is measured in which unit [default: what the table says]
    #[arg(long, value_name = "TEXT", help_heading = "Bar of colours")]
    cbar_label: Option<String>,
    /// Where the bar is: left, bottom, width and height in shares of the page, such as 0.02,0.8,0.05,0.18
    #[arg(long, value_name = "X,Y,W,H", help_heading = "Bar of colours")]
    cbar_pos: Option<String>,
    /// A title
    #[arg(long, value_name = "TEXT", help_heading = "Labels")]
    title: Option<String>,
    /// What the columns are [default: what the table says]
    #[arg(long, value_name = "TEXT", help_heading = "Labels")]
    xlabel: Option<String>,
    /// What the rows are
    #[arg(long, value_name = "TEXT", help_heading = "Labels")]
    ylabel: Option<String>,
    /// Labels of columns: auto, all, none, one of so many, or these with commas between
    #[arg(long, value_name = "WHICH", help_heading = "Labels", default_value = "auto")]
    xticklabels: String,
    /// Labels of rows
    #[arg(long, value_name = "WHICH", help_heading = "Labels", default_value = "auto")]
    yticklabels: String,
    /// Degrees by which labels of columns are turned, 0 to 90 [default: 90 where they do not fit lying]
    #[arg(long, value_name = "DEGREES", help_heading = "Labels")]
    xrotation: Option<f64>,
    /// Degrees by which labels of rows are turned, 0 to 90 [default: 0]
    #[arg(long, value_name = "DEGREES", help_heading = "Labels")]
    yrotation: Option<f64>,
    /// Letters of labels, in points [default: 10]
    #[arg(long, value_name = "POINTS", help_heading = "Labels")]
    font_size: Option<f64>,
    /// Letters of the title, in points [default: a quarter more than --font-size]
    #[arg(long, value_name = "POINTS", help_heading = "Labels")]
    title_size: Option<f64>,
    /// The page, in inches [default: what cells and labels need]
    #[arg(long, value_name = "W,H", help_heading = "Page")]
    figsize: Option<String>,
    /// Pixels to the inch [default: 150]
    #[arg(long, value_name = "N", help_heading = "Page")]
    dpi: Option<f64>,
    /// Fill the page with a CSS colour, or `transparent` [default: white]
    #[arg(long, value_name = "COLOUR", help_heading = "Page")]
    background: Option<String>,
    /// A line around all cells
    #[arg(long, help_heading = "Page")]
    frame: bool,
    /// Lines across the cells at the ticks
    #[arg(long, help_heading = "Page")]
    grid: bool,
    /// Coordinates of the sides: left, right, bottom, top, as imshow takes them
    #[arg(long, value_name = "L,R,B,T", help_heading = "Coordinates", allow_hyphen_values = true,
          conflicts_with_all = ["xedges", "yedges"])]
    extent: Option<String>,
    /// Where the first row is
    #[arg(long, value_name = "NAME", help_heading = "Coordinates", default_value = "upper", value_parser = ["upper", "lower"])]
    origin: String,
    /// Where columns begin and end: numbers with commas between, one more than columns; or `labels`, halfway between labels that
    /// are numbers
    #[arg(long, value_name = "EDGES", help_heading = "Coordinates", allow_hyphen_values = true)]
    xedges: Option<String>,
    /// Where rows begin and end
    #[arg(long, value_name = "EDGES", help_heading = "Coordinates", allow_hyphen_values = true)]
    yedges: Option<String>,
    /// Bring rows, cols or both that are like each other together, and draw the tree
    #[arg(long, value_name = "WHICH", help_heading = "Clustering", value_parser = ["rows", "cols", "both"])]
    cluster: Option<String>,
    /// How far groups are from each other: single, complete, average, weighted, centroid, median, ward [default: average]
    #[arg(long, value_name = "NAME", help_heading = "Clustering", requires = "cluster")]
    method: Option<String>,
    /// How far two rows or columns are from each other: euclidean, sqeuclidean, cityblock, chebyshev, minkowski:P, cosine,
    /// correlation, spearman, braycurtis, canberra, hamming, jaccard [default: euclidean]
    #[arg(long, value_name = "NAME", help_heading = "Clustering", requires = "cluster")]
    metric: Option<String>,
    /// Turn groups so that neighbours are as near to each other as they can be
    #[arg(long, help_heading = "Clustering", requires = "cluster")]
    optimal_order: bool,
    /// What is shown of rows as colours beside them: columns of words, or metadata, with commas between
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Clustering")]
    row_colors: Vec<String>,
    /// What is shown of columns as colours above them: header rows, or metadata
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Clustering")]
    col_colors: Vec<String>,
    /// The share of the page that a tree takes
    #[arg(long, value_name = "SHARE", help_heading = "Clustering", default_value = "0.2", requires = "cluster")]
    dendrogram_ratio: f64,
}

impl LookOptions {
    /// The figure that is wished for, of values of some nature.
    pub fn wish(&self, nature: Nature) -> Result<Wish, Error> {
        let (scale, colours) = self.colours()?;
        let which = self.cluster.as_deref();
        let [x_edges, y_edges] = self.edges()?;
        Ok(Wish {
            title: self.title.clone(),
            x_label: self.xlabel.clone(),
            y_label: self.ylabel.clone(),
            x_labels: labels("--xticklabels", &self.xticklabels)?,
            y_labels: labels("--yticklabels", &self.yticklabels)?,
            x_rotation: rotation("--xrotation", self.xrotation)?,
            y_rotation: rotation("--yrotation", self.yrotation)?,
            scale,
            colours,
            nature,
            missing: no_data(&self.no_data)?,
            annotate: self.annotation()?,
            bar: self.bar()?,
            mask: mask(self.mask.as_deref()),
            cluster: [matches!(which, Some("rows" | "both")), matches!(which, Some("cols" | "both"))],
            clustering: self.clustering()?,
            row_colours: self.row_colors.clone(),
            column_colours: self.col_colors.clone(),
            x_edges,
            y_edges,
            origin_lower: self.origin == "lower",
            interpolation: if self.interpolation == "bilinear" {
                Interpolation::Bilinear
            } else {
                Interpolation::Nearest
            },
            contours: self.contours.as_deref().map(contours).transpose()?,
            measures: self.measures()?,
        })
    }

    /// That nothing is asked of a page that zooms which only paper has.
    pub fn check_page(&self, path: &Path) -> Result<(), Error> {
        let usual = |labels: &str| matches!(labels, "auto") || labels.contains(',');
        let given = [
            ("--contours", self.contours.is_some()),
            ("--interpolation", self.interpolation != "nearest"),
            ("--xticklabels", !usual(&self.xticklabels)),
            ("--yticklabels", !usual(&self.yticklabels)),
            ("--xrotation", self.xrotation.is_some()),
            ("--yrotation", self.yrotation.is_some()),
            ("--font-size", self.font_size.is_some()),
            ("--title-size", self.title_size.is_some()),
            ("--annot-size", self.annot_size.is_some()),
            ("--figsize", self.figsize.is_some()),
            ("--dpi", self.dpi.is_some()),
            ("--background", self.background.is_some()),
            ("--frame", self.frame),
            ("--grid", self.grid),
            ("--extent", self.extent.is_some()),
            ("--cbar-pos", self.cbar_pos.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((option, _)) => Err(Error::caller(option)
                .found(format!("{option} for {}, a page that zooms", path.display()))
                .expected("a picture (.png, .webp, .jpg) or a drawing (.svg, .pdf)")
                .advice(format!("leave out {option}, or write a picture"))),
        }
    }

    fn colours(&self) -> Result<(Scale, Option<Colours>), Error> {
        let norm: Norm = self.norm.parse()?;
        let mut scale = Scale { norm, vmin: self.vmin, vmax: self.vmax, robust: self.robust, center: self.center };
        let colours = match (&self.gradient, &self.cmap) {
            (Some(text), _) => {
                let gradient: Gradient = text.parse()?;
                scale = crate::cli::look::of_gradient(&gradient, scale)?;
                Some(Colours::Gradient(gradient))
            }
            (None, name) => name.clone().map(Colours::Named),
        };
        scale.check()?;
        if let Some(colours) = &colours {
            colours.colormap()?;
        }
        Ok((scale, colours))
    }

    fn annotation(&self) -> Result<Option<NumberFormat>, Error> {
        let format = self.fmt.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        Ok(self.annot.then_some(format))
    }

    fn bar(&self) -> Result<Option<BarWish>, Error> {
        if self.no_cbar {
            return Ok(None);
        }
        let place = self.cbar_pos.as_deref().map(bar_place).transpose()?;
        Ok(Some(BarWish { title: self.cbar_label.clone(), place }))
    }

    fn clustering(&self) -> Result<Clustering, Error> {
        let usual = Clustering::default();
        let clustering = Clustering {
            method: self.method.as_deref().map_or(Ok(usual.method), str::parse)?,
            metric: self.metric.as_deref().map_or(Ok(usual.metric), str::parse)?,
            optimal: self.optimal_order,
        };
        clustering.check()?;
        Ok(clustering)
    }

    fn edges(&self) -> Result<[Edges; 2], Error> {
        if let Some(text) = &self.extent {
            let [left, right, bottom, top] = four("--extent", text, "left, right, bottom, top", "0,10,0,5")?;
            if left == right || bottom == top || [left, right, bottom, top].iter().any(|side| !side.is_finite()) {
                return Err(Error::caller("--extent").found(format!("`{text}`")).expected("sides that are apart"));
            }
            return Ok([Edges::Extent(left, right), Edges::Extent(bottom, top)]);
        }
        Ok([edges("--xedges", self.xedges.as_deref())?, edges("--yedges", self.yedges.as_deref())?])
    }

    fn measures(&self) -> Result<Measures, Error> {
        let usual = Measures::default();
        let dpi = positive("--dpi", self.dpi)?.unwrap_or(usual.dpi);
        let between = positive("--linewidths", self.linewidths.filter(|width| *width != 0.0))?;
        let line = colour("--linecolor", self.linecolor.as_deref().unwrap_or("white"))?;
        if !(0.0..=0.8).contains(&self.dendrogram_ratio) {
            let found = self.dendrogram_ratio.to_string();
            return Err(Error::caller("--dendrogram-ratio").found(found).expected("a share from 0 to 0.8"));
        }
        Ok(Measures {
            size: self.figsize.as_deref().map_or(Ok(Size::Auto), |text| page(text, dpi))?,
            dpi,
            font_size: positive("--font-size", self.font_size)?.unwrap_or(usual.font_size),
            title_size: positive("--title-size", self.title_size)?,
            annotation_size: positive("--annot-size", self.annot_size)?,
            between: between.map(|width| (width, line)),
            square: self.square,
            frame: self.frame,
            grid: self.grid,
            tree_share: self.dendrogram_ratio,
            paper: self.background.as_deref().map_or(Ok(usual.paper), |text| colour("--background", text))?,
        })
    }
}

/// The most pixels of a page.
const MOST_PIXELS: f64 = 1.6e8;

fn page(text: &str, dpi: f64) -> Result<Size, Error> {
    let Some([width, height]) = numbers(&text.replace('x', ",")).and_then(|two| <[f64; 2]>::try_from(two).ok()) else {
        return Err(Error::caller("--figsize")
            .found(format!("`{text}`"))
            .expected("width and height in inches")
            .advice("write it like --figsize 8,6"));
    };
    let pixels = [width * dpi, height * dpi].map(f64::round);
    if !pixels.iter().all(|side| *side >= 1.0) || pixels[0] * pixels[1] > MOST_PIXELS {
        return Err(Error::caller("--figsize")
            .found(format!("{width} by {height} inches of {dpi} pixels each"))
            .expected("at least a pixel, and at most 160 million")
            .advice("give another --figsize or --dpi"));
    }
    Ok(Size::Page(pixels[0] as u32, pixels[1] as u32))
}

fn labels(option: &str, text: &str) -> Result<LabelWish, Error> {
    Ok(match text.trim() {
        "auto" => LabelWish::Auto,
        "all" | "true" | "True" => LabelWish::All,
        "none" | "false" | "False" => LabelWish::None,
        "" => return Err(Error::caller(option).found("nothing").expected("auto, all, none, a number, or labels")),
        text => match text.parse() {
            Ok(0) => LabelWish::None,
            Ok(step) => LabelWish::Every(step),
            Err(_) => LabelWish::These(text.split(',').map(|label| label.trim().to_owned()).collect()),
        },
    })
}

fn rotation(option: &str, degrees: Option<f64>) -> Result<Option<f64>, Error> {
    match degrees {
        Some(degrees) if !(0.0..=90.0).contains(&degrees) => {
            Err(Error::caller(option).found(degrees.to_string()).expected("degrees from 0 to 90"))
        }
        degrees => Ok(degrees),
    }
}

fn no_data(text: &str) -> Result<Straight, Error> {
    if text == "none" { Ok(Straight([0; 4])) } else { colour("--no-data", text) }
}

fn mask(text: Option<&str>) -> Mask {
    match text {
        None => Mask::None,
        Some("upper") => Mask::Upper,
        Some("lower") => Mask::Lower,
        Some(file) => Mask::File(file.into()),
    }
}

fn bar_place(text: &str) -> Result<[f64; 4], Error> {
    let place = four("--cbar-pos", text, "left, bottom, width, height", "0.02,0.8,0.05,0.18")?;
    let [left, bottom, width, height] = place;
    let inside = place.iter().all(|share| (0.0..=1.0).contains(share)) && left + width <= 1.0 && bottom + height <= 1.0;
    if inside && width > 0.0 && height > 0.0 {
        return Ok(place);
    }
    Err(Error::caller("--cbar-pos")
        .found(format!("`{text}`"))
        .expected("left, bottom, width and height on the page, which goes from 0 to 1")
        .advice("write it like --cbar-pos 0.02,0.8,0.05,0.18"))
}

/// The most lines at levels that can be told apart.
const MOST_LEVELS: usize = 100;

fn contours(text: &str) -> Result<Contours, Error> {
    let refused = || {
        Error::caller("--contours")
            .found(format!("`{text}`"))
            .expected("how many, at most 100, or ascending values with commas between")
            .advice("write it like --contours=8 or --contours=100,150,200")
    };
    if let Ok(count) = text.parse::<usize>() {
        return if (1..=MOST_LEVELS).contains(&count) { Ok(Contours::About(count)) } else { Err(refused()) };
    }
    let levels = numbers(text).ok_or_else(refused)?;
    let ascending = levels.windows(2).all(|pair| pair[0] < pair[1]) && levels.len() <= MOST_LEVELS;
    if ascending { Ok(Contours::At(levels)) } else { Err(refused()) }
}

fn edges(option: &str, text: Option<&str>) -> Result<Edges, Error> {
    Ok(match text {
        None => Edges::Even,
        Some("labels") => Edges::Labels,
        Some(text) => Edges::At(numbers(text).ok_or_else(|| {
            Error::caller(option).found(format!("`{text}`")).expected("numbers with commas between, or labels")
        })?),
    })
}

fn four(option: &str, text: &str, what: &str, example: &str) -> Result<[f64; 4], Error> {
    numbers(text).and_then(|four| <[f64; 4]>::try_from(four).ok()).ok_or_else(|| {
        Error::caller(option)
            .found(format!("`{text}`"))
            .expected(format!("four numbers: {what}"))
            .advice(format!("write it like {option} {example}"))
    })
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    text.split(',').map(|number| number.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect()
}
