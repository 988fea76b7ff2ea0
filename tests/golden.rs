//! Small pictures, compared to the last bit with those in `tests/golden`. `BLESS=1` draws them anew: look at each
//! before you commit it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use torrid::arrange::{Along, Correlation, Standard};
use torrid::bandwidth::Length;
use torrid::counts::Aggregate;
use torrid::figure::{Measures, Size as PageSize};
use torrid::lines::density::{Wish, density};
use torrid::lines::figure::{Mask, Nature, TableWish, Wish as FigureWish, arranged, figure, table};
use torrid::lines::framing::Size;
use torrid::lines::picture::{Base, Look, picture};
use torrid::lines::reading::Reading;
use torrid::paint::{Blend, Projection, Theme};
use torrid::scale::{Norm, Scale};
use torrid::source::Query;
use torrid::style::Colours;
use torrid::{Bandwidth, Image, Space, Style};

const CRIMES: &str = "liverpool-crimes.csv.gz";
const QUAKES: &str = "earthquakes.csv";
const CENTRE: [f64; 4] = [-3.03, 53.38, -2.93, 53.43];
const PACIFIC: [f64; 4] = [110.0, -50.0, -110.0, 60.0];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Draws a fixture.
fn draw(fixture: &str, query: Query, wish: &Wish, look: Look) -> Image {
    let inputs = [here("fixtures").join(fixture).to_str().unwrap().to_owned()];
    let mut reading = Reading::open(&inputs, query, &()).unwrap();
    let found = density(&mut reading, wish).unwrap();
    let style = Style { bandwidth: found.bandwidth, ..look.style.clone() };
    picture(&found.density, &Look { style, ..look }).unwrap().image
}

fn earth() -> Query {
    Query::new(Space::Earth)
}

fn wish(bounds: Option<[f64; 4]>, width: u32, bandwidth: &str) -> Wish {
    Wish { bounds, size: Size::Width(width), bandwidth: bandwidth.parse().unwrap(), ..Wish::default() }
}

fn look(scale: &str, colours: &str) -> Look {
    Look { style: format!("none {scale} {colours}").parse().unwrap(), ..Look::default() }
}

/// Straight RGBA of a picture file.
fn pixels(path: &Path) -> (u32, u32, Vec<u8>) {
    let read = image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).to_rgba8();
    (read.width(), read.height(), read.into_raw())
}

/// Compares with the picture that was approved, or replaces it under `BLESS=1`.
#[track_caller]
fn golden(name: &str, image: &Image) {
    let approved = here("tests/golden").join(format!("{name}.png"));
    let new = here("target/golden").join(format!("{name}.png"));
    let write = |path: &Path| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
        encoder.write_image(&image.straight_bytes(), image.width(), image.height(), ExtendedColorType::Rgba8).unwrap();
    };
    if std::env::var_os("BLESS").is_some() {
        return write(&approved);
    }
    write(&new);
    let ((width, height, was), (new_width, new_height, is)) = (pixels(&approved), pixels(&new));
    assert_eq!((new_width, new_height), (width, height), "{name}: the size; see {}", new.display());
    let apart = was.chunks(4).zip(is.chunks(4)).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max());
    let differing: Vec<u8> = apart.flatten().filter(|apart| *apart > 0).collect();
    let most = differing.iter().max().unwrap_or(&0);
    let all = width * height;
    assert!(
        differing.is_empty(),
        "{name}: {} of {all} pixels differ, by up to {most}; see {}",
        differing.len(),
        new.display()
    );
    fs::remove_file(&new).ok();
}

#[test]
fn a_city_under_a_gaussian() {
    golden("city", &draw(CRIMES, earth(), &wish(None, 300, "300m"), look("linear", "torrid")));
}

#[test]
fn plain_bins_equalised() {
    golden("bins", &draw(CRIMES, earth(), &wish(Some(CENTRE), 240, "none"), look("eq_hist", "viridis")));
}

#[test]
fn earthquakes_of_the_world_over_land() {
    let look = Look { base: Base::Land(Theme::LIGHT), ..look("log", "magma_r") };
    golden("world", &draw(QUAKES, earth(), &wish(Some([-180.0, -70.0, 180.0, 80.0]), 320, "300km"), look));
}

#[test]
fn earthquakes_on_both_sides_of_the_antimeridian() {
    let look = Look { base: Base::Land(Theme::DARK), graticule: true, ..look("sqrt", "torrid") };
    golden("antimeridian", &draw(QUAKES, earth(), &wish(Some(PACIFIC), 320, "250km"), look));
}

#[test]
fn clicks_over_a_part_of_a_page() {
    let base = Base::Picture { path: here("fixtures/page.png"), bounds: None, projection: Projection::Equirectangular };
    let look = Look { base, dim: 0.3, ..look("linear", "torrid") };
    let wish = wish(Some([0.0, 0.0, 1280.0, 900.0]), 320, "25u");
    golden("page", &draw("clicks-synthetic.csv", Query::new(Space::PAGE), &wish, look));
}

#[test]
fn the_mean_of_a_reading_is_clear_where_nothing_was_read() {
    let query = Query { value: Some("magnitude".into()), ..earth() };
    let wish = Wish { aggregate: Aggregate::Mean, ..wish(Some(PACIFIC), 320, "200km") };
    golden("mean", &draw(QUAKES, query, &wish, Look { legend: true, ..look("linear,robust", "plasma") }));
}

/// A picture with everything that can be written beside it.
fn furnished(theme: Theme) -> Image {
    let look = Look {
        base: Base::Land(theme),
        legend: true,
        scale_bar: true,
        title: Some("Street crime".into()),
        attribution: Some("OGL v3.0".into()),
        ..look("cbrt", "torrid")
    };
    draw(CRIMES, earth(), &wish(None, 320, "400m"), look)
}

#[test]
fn furniture_on_a_light_map() {
    golden("furniture-light", &furnished(Theme::LIGHT));
}

#[test]
fn furniture_on_a_dark_map() {
    golden("furniture-dark", &furnished(Theme::DARK));
}

#[test]
fn a_gradient_by_hand() {
    let look = look("linear", "0%:#0000;30%:#00f8;60%:#0f0;100%:#ff0");
    golden("gradient", &draw(CRIMES, earth(), &wish(Some(CENTRE), 240, "150m"), look));
}

#[test]
fn a_threshold_a_background_and_half_the_opacity() {
    let mut look = look("linear", "inferno");
    look.style.opacity = 0.5;
    look.threshold = Some(300.0);
    look.background = Some(torrid::image::Straight([255, 255, 255, 255]));
    golden("threshold", &draw(CRIMES, earth(), &wish(Some(CENTRE), 240, "250m"), look));
}

#[test]
fn heat_multiplied_with_what_lies_below() {
    let base = Base::Land(Theme::LIGHT);
    let look = Look { base, blend: Blend::Multiply, ..look("sqrt", "magma_r") };
    golden("multiply", &draw("cities.csv", earth(), &wish(Some([60.0, 0.0, 150.0, 55.0]), 300, "120km"), look));
}

#[test]
fn a_weighted_sum_across_a_country() {
    let query = Query { weight: Some("population".into()), ..earth() };
    let wish = Wish { aggregate: Aggregate::Sum, ..wish(Some([-15.0, 30.0, 45.0, 62.0]), 320, "80km") };
    let look = Look { base: Base::Land(Theme::DARK), legend: true, ..look("log", "viridis") };
    golden("weighted", &draw("cities.csv", query, &wish, look));
}

#[test]
fn a_plan_whose_y_grows_up() {
    let space = Space::Flat { unit: torrid::events::Unit::Metre, y_axis: torrid::events::YAxis::Up };
    let wish = Wish { bandwidth: Bandwidth::Fixed(Length::Metres(20.0)), ..wish(None, 160, "none") };
    let style = Style { scale: Scale::new(Norm::Sqrt), colours: Colours::Named("cividis".into()), ..Style::default() };
    let look = Look { style, legend: true, scale_bar: true, ..Look::default() };
    golden("plan", &draw("clicks-synthetic.csv", Query::new(space), &wish, look));
}

/// Draws a table of the fixtures on a page of so many pixels.
fn table_drawn(name: &str, (width, height): (u32, u32), shaped: TableWish, wish: FigureWish) -> Image {
    let read = table(&TableWish { inputs: vec![here("fixtures").join(name)], ..shaped }).unwrap();
    let measures = Measures { size: PageSize::Page(width, height), dpi: 100.0, font_size: 8.0, ..wish.measures };
    let wish = FigureWish { measures, ..wish };
    figure(&arranged(read.matrix, &wish).unwrap(), &wish).unwrap().scene.image().unwrap()
}

#[test]
fn a_heatmap_of_years_and_months() {
    let wish = FigureWish { title: Some("Unemployment".into()), ..FigureWish::default() };
    golden(
        "figure-years",
        &table_drawn("us-unemployment.csv", (640, 300), TableWish { transposed: true, ..TableWish::default() }, wish),
    );
}

#[test]
fn a_heatmap_of_correlations_with_numbers_and_a_mask() {
    let shaped = TableWish { correlation: Some(Correlation::Pearson), ..TableWish::default() };
    let wish = FigureWish {
        nature: Nature::Correlations,
        annotate: Some(".2f".parse().unwrap()),
        mask: Mask::Upper,
        measures: Measures { square: true, ..Measures::default() },
        ..FigureWish::default()
    };
    golden("figure-correlations", &table_drawn("penguins.csv", (420, 340), shaped, wish));
}

#[test]
fn a_clustered_heatmap_with_trees_and_side_colours() {
    let shaped = TableWish { standard: Some((Along::Columns, Standard::Range)), ..TableWish::default() };
    let wish = FigureWish { cluster: [true, true], row_colours: vec!["species".into()], ..FigureWish::default() };
    golden("figure-clustered", &table_drawn("iris.csv", (480, 560), shaped, wish));
}
