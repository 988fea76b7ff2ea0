//! Colormaps against the reference, gradients, blending, and the maps under the heat.

mod common;

use common::shared;
use image::RgbaImage;
use torrid::image::{Premultiplied, Straight};
use torrid::paint::{
    BLENDS, Blend, Colormap, DEFICIENCIES, Deficiency, Gradient, Ink, KINDS, Kind, Projection, Sheet, Theme, apart,
    apart_along, blend, contrast, difference, dim, ink_on, land, lighten, paint, seen, seen_by,
};
use torrid::scale::{Scale, Summary};
use torrid::{Extent, Frame, Image, Space};

fn frame(bounds: [f64; 4], width: u32, height: u32) -> Frame {
    Frame::new(Space::Earth, Extent::of_bounds(Space::Earth, bounds), width, height).expect("a frame")
}

fn opaque(r: u8, g: u8, b: u8) -> Premultiplied {
    Premultiplied([r, g, b, 255])
}

/// Lightness of a colour over a grey, as `OKLab` has it (Ottosson 2020).
fn lightness(colour: Straight, background: u8) -> f64 {
    let below = opaque(background, background, background);
    let [r, g, b, _] = colour.premultiply().over(below).0.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    let l = 0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b;
    let m = 0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b;
    let s = 0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b;
    0.210_454_255_3 * l.cbrt() + 0.793_617_785 * m.cbrt() - 0.004_072_046_8 * s.cbrt()
}

#[test]
fn colormaps_equal_the_reference() {
    let Some(dir) = shared("reference/colormaps") else { return };
    let files = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut seen = 0;
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "csv")) {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let colormap = Colormap::named(&name).expect("a listed colormap");
        let text = std::fs::read_to_string(&file).expect("a readable file");
        for (i, line) in text.lines().skip(1).enumerate() {
            let expected: Vec<u8> = line.trim().split(',').map(|c| c.parse().expect("a byte")).collect();
            // matplotlib's twilight has 510 colours, of which the reference has the first 256: half of the way round.
            let (place, off) = if name == "twilight" { (i / 2, 4 * (i % 2) as u8 + 3) } else { (i, 0) };
            let colour = colormap.colours()[place].0;
            let equal = colour.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= off);
            assert!(equal, "{name}, entry {i}: {colour:?}, not {expected:?}");
        }
        seen += 1;
    }
    assert_eq!(seen, 22);
}

#[test]
fn every_file_of_colours_is_listed_and_whole() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/colormaps");
    let within = |dir: &std::path::Path| -> Vec<std::path::PathBuf> {
        std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    };
    let files = within(&dir).into_iter().flat_map(|folder| within(&folder));
    let mut listed = Vec::new();
    for file in files.filter(|file| file.extension().is_some()) {
        let part = |path: Option<&std::ffi::OsStr>| path.expect("a name").to_string_lossy().into_owned();
        let (folder, stem) = (part(file.parent().and_then(std::path::Path::file_name)), part(file.file_stem()));
        let prefix = match &*folder {
            "cmocean" => "cmo.",
            "crameri" => "cmc.",
            _ => "",
        };
        let map = Colormap::named(&format!("{prefix}{stem}")).expect("listed");
        assert_eq!(map.name(), format!("{prefix}{stem}"));
        assert_eq!(map.family().expect("a family").name().to_ascii_lowercase(), folder);
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let words: Vec<&str> = text.split_whitespace().collect();
        let written = |Straight([r, g, b, a]): Straight| match words[0].len() {
            6 => format!("{r:02x}{g:02x}{b:02x}"),
            _ => format!("{r:02x}{g:02x}{b:02x}{a:02x}"),
        };
        let count = map.classes().unwrap_or(256);
        assert_eq!(words, map.sample(count).into_iter().map(written).collect::<Vec<_>>(), "{folder}/{stem}");
        listed.push(map.name().to_owned());
    }
    let mut names: Vec<&str> = Colormap::names().collect();
    listed.sort_unstable();
    names.sort_unstable();
    assert_eq!(listed, names);
    names.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    assert_eq!(listed.len(), names.len(), "names differ by more than case");
}

/// How far a row of numbers goes back while it rises or falls.
fn going_back(row: &[f64]) -> f64 {
    let falls = |row: &mut dyn Iterator<Item = f64>| {
        let mut highest = f64::NEG_INFINITY;
        row.fold(0.0, |fall: f64, l| {
            highest = highest.max(l);
            fall.max(highest - l)
        })
    };
    falls(&mut row.iter().copied()).min(falls(&mut row.iter().map(|l| -l)))
}

/// Steps of L* that are rounding to eight bits, or a turn that nobody sees: `spring` begins with the worst, 0.8.
const WAVERING: f64 = 1.0;

#[test]
fn what_a_colormap_is_made_for_shows_in_its_lightness() {
    for name in Colormap::names() {
        let map = Colormap::named(name).expect("listed");
        let lights = map.colours().map(|Straight([r, g, b, _])| torrid::paint::lightness(Straight([r, g, b, 255])));
        let middle = |extreme: usize| (128 - 9..128 + 9).contains(&extreme);
        let order = |i: &usize, j: &usize| lights[*i].total_cmp(&lights[*j]);
        let lightest = (0..256).max_by(order).expect("256 colours");
        let darkest = (0..256).min_by(order).expect("256 colours");
        let ways = |turn: usize| going_back(&lights[..turn]).max(going_back(&lights[turn..]));
        let ends = difference(map.colours()[0], map.colours()[255]);
        match map.kind().expect("listed") {
            Kind::Sequential => assert!(going_back(&lights) < WAVERING, "{name} goes back by {}", going_back(&lights)),
            Kind::MultiSequential => {
                let edges = (1..256).filter(|i| difference(map.colours()[i - 1], map.colours()[*i]) > 12.0);
                let edges: Vec<usize> = [0].into_iter().chain(edges).chain([256]).collect();
                let ramps = edges.windows(2).map(|pair| going_back(&lights[pair[0]..pair[1]]));
                assert!((3..=4).contains(&edges.len()), "{name} has edges: {edges:?}");
                assert!(ramps.fold(0.0, f64::max) < WAVERING, "{name} has ramps");
            }
            Kind::Diverging => {
                let turn = if middle(lightest) { lightest } else { darkest };
                assert!(middle(turn) && ways(turn) < WAVERING, "{name} turns at {turn}, going back by {}", ways(turn));
                let sides = lights[0] - lights[turn];
                assert!(sides * (lights[255] - lights[turn]) > 0.0, "{name} has two sides");
            }
            Kind::Cyclic => assert!(ends < 2.0, "{name} has ends {ends} apart"),
            Kind::Rainbow => assert!(going_back(&lights) > 4.0, "{name} goes up and down"),
            Kind::Overlay => assert!(map.colours()[0].0[3] == 0 && map.colours()[255].0[3] > 200, "{name}"),
            Kind::Qualitative => assert!(map.classes().is_some_and(|classes| classes < 256), "{name}"),
        }
        assert_eq!(map.kind(), map.reversed().kind(), "{name} reversed");
    }
    assert_eq!(KINDS.into_iter().flat_map(Colormap::names_of).count(), Colormap::names().count());
}

#[test]
fn classes_share_the_entries_as_in_matplotlib() {
    let map = Colormap::named("Set1").expect("listed");
    let starts: Vec<usize> = (1..256).filter(|i| map.colours()[*i] != map.colours()[i - 1]).collect();
    // numpy.nonzero(numpy.diff(matplotlib.colormaps["Set1"].resampled(256)(range(256), bytes=True)[:, 0]))[0] + 1
    assert_eq!(starts, [29, 57, 85, 114, 142, 170, 199, 227]);
    let colours = map.sample(9);
    let reversed = map.reversed().sample(9);
    assert_eq!(colours.iter().rev().collect::<Vec<_>>(), reversed.iter().collect::<Vec<_>>());
    assert_eq!(map.sample(0), []);
    assert_eq!(Colormap::named("viridis").expect("listed").sample(1).len(), 1);
}

#[test]
fn a_colormap_has_several_names() {
    let names = [
        ("grey", "gray"),
        ("Grays_r", "Greys_r"),
        ("gist_yerg", "binary"),
        ("batlow", "cmc.batlow"),
        ("THERMAL_r", "cmo.thermal_r"),
        ("cmc.vanimo", "vanimo"),
        ("berlin", "berlin"),
        ("cmc.berlin", "cmc.berlin"),
        ("cmo.gray", "cmo.gray"),
    ];
    for (name, listed) in names {
        assert_eq!(Colormap::named(name).expect(name).name(), listed);
    }
    for (wrong, right) in [("batlov", "cmc.batlow"), ("cmo.termal", "cmo.thermal")] {
        let error = Colormap::named(wrong).expect_err(wrong).to_string();
        assert!(error.contains(&format!("did you mean `{right}`")), "{error}");
    }
}

#[test]
fn torrid_begins_clear_and_gets_lighter_with_heat() {
    let colours = *Colormap::named("torrid").expect("listed").colours();
    assert_eq!(colours[0].0[3], 0, "nothing is clear");
    assert!(colours.windows(2).all(|pair| pair[0].0[3] <= pair[1].0[3]), "alpha rises");
    let lights = |background| colours.map(|colour| lightness(colour, background));
    for background in [0, 40] {
        assert!(lights(background).windows(2).all(|pair| pair[1] > pair[0] - 0.003), "over {background}");
    }
    let over_white = lights(255);
    let darkest = (0..256).min_by(|a, b| over_white[*a].total_cmp(&over_white[*b])).expect("256 colours");
    assert!(darkest < 128, "over white it darkens while it becomes opaque, until {darkest}");
    assert!(over_white[..=darkest].windows(2).all(|pair| pair[1] < pair[0] + 0.006), "down to {darkest}");
    assert!(over_white[darkest..].windows(2).all(|pair| pair[1] > pair[0] - 0.006), "and up from there");
}

#[test]
fn names_are_found_in_any_case_and_suggested_when_wrong() {
    assert_eq!(Colormap::named("VIRIDIS").expect("found").name(), "viridis");
    assert_eq!(Colormap::named("ylorrd_R").expect("found").name(), "YlOrRd_r");
    for (wrong, right) in [("virdis", "viridis"), ("infrno_r", "inferno"), ("torid", "torrid")] {
        let error = Colormap::named(wrong).expect_err(wrong);
        assert!(error.to_string().contains(&format!("did you mean `{right}`")), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
    assert!(!Colormap::named("%&/").expect_err("no name").to_string().contains("did you mean"));
}

#[test]
fn deficiencies_are_seen_as_colorspacious_and_daltonlens_have_them() {
    // colorspacious 1.1.2, space sRGB1+CVD at severity 100; DaltonLens 0.1.5, Simulator_Brettel1997, which cuts off
    // where others round.
    let table: [[[u8; 3]; 4]; 12] = [
        [[255, 0, 0], [109, 95, 0], [163, 144, 0], [254, 0, 78]],
        [[0, 255, 0], [255, 229, 0], [239, 214, 58], [123, 234, 254]],
        [[0, 0, 255], [0, 89, 255], [0, 61, 251], [0, 95, 134]],
        [[255, 255, 0], [255, 244, 0], [255, 250, 49], [254, 239, 242]],
        [[0, 255, 255], [237, 242, 255], [208, 221, 255], [73, 248, 254]],
        [[255, 0, 255], [0, 127, 255], [104, 155, 250], [238, 98, 120]],
        [[128, 64, 200], [0, 98, 204], [0, 98, 197], [103, 97, 98]],
        [[10, 120, 60], [120, 109, 55], [109, 101, 64], [52, 111, 130]],
        [[200, 170, 140], [180, 171, 138], [187, 178, 141], [203, 165, 169]],
        [[254, 227, 145], [244, 224, 139], [251, 232, 148], [254, 217, 222]],
        [[8, 81, 156], [37, 88, 159], [0, 76, 155], [0, 91, 115]],
        [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
    ];
    for [[r, g, b], expected @ ..] in table {
        for (deficiency, expected) in DEFICIENCIES.into_iter().zip(expected) {
            let found = seen(Straight([r, g, b, 99]), deficiency).0;
            let close = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1);
            assert!(close && found[3] == 99, "{deficiency:?} of {r} {g} {b}: {found:?}, not {expected:?}");
        }
    }
}

#[test]
fn greys_look_the_same_to_everybody_and_a_picture_like_its_colours() {
    for grey in 0..=255 {
        let colour = Straight([grey, grey, grey, 255]);
        for deficiency in DEFICIENCIES {
            let [r, g, b, _] = seen(colour, deficiency).0;
            assert!([r, g, b].iter().all(|c| c.abs_diff(grey) <= 1), "{deficiency:?} of {grey}: {r} {g} {b}");
        }
    }
    let colours = (0..=255u8).map(|i| Straight([i, 255 - i, i.reverse_bits(), i]).premultiply());
    let image = Image::new(16, 16, colours.collect());
    let drawn = seen_by(&image, Deficiency::Deutan);
    for (pixel, after) in image.pixels().iter().zip(drawn.pixels()) {
        assert_eq!(*after, seen(pixel.straight(), Deficiency::Deutan).premultiply());
    }
}

#[test]
fn red_and_green_ends_run_together_and_others_stay_apart() {
    let fails = |name: &str| {
        let found = apart_along(&Colormap::named(name).expect("listed"));
        assert_eq!(found.iter().map(|found| found.deficiency).collect::<Vec<_>>(), DEFICIENCIES);
        found.into_iter().filter(|found| !found.apart).map(|found| found.deficiency).collect::<Vec<_>>()
    };
    for name in
        ["viridis", "magma", "inferno", "cividis", "batlow", "RdBu", "PuOr", "PiYG", "coolwarm", "vik", "twilight"]
    {
        assert_eq!(fails(name), [], "{name}");
        assert_eq!(fails(&format!("{name}_r")), [], "{name} reversed");
    }
    for name in ["RdYlGn", "Spectral", "tab10", "hsv"] {
        assert!(fails(name).contains(&Deficiency::Deutan), "{name}");
    }
    assert_eq!(fails("okabe_ito"), []);
    assert!(fails("tofino").contains(&Deficiency::Tritan) && !fails("tofino").contains(&Deficiency::Deutan));
}

#[test]
fn the_pair_that_is_hardest_to_tell_apart_is_named() {
    let colours =
        [[220, 50, 40], [30, 60, 200], [110, 115, 20], [250, 250, 250]].map(|[r, g, b]| Straight([r, g, b, 255]));
    let found = apart(&colours)[1];
    assert_eq!((found.deficiency, found.pair), (Deficiency::Deutan, (0, 2)));
    assert!(found.usual > 4.0 * found.least, "{found:?}");
    assert_eq!(apart(&colours[..1]), []);
    assert_eq!(apart(&[]), []);
    assert!(apart(&[colours[0], colours[0]]).iter().all(|found| !found.apart && found.least == 0.0));
}

#[test]
fn text_is_legible_on_every_colour() {
    for channels in 0..4096u32 {
        let [r, g, b] = [channels & 15, channels >> 4 & 15, channels >> 8].map(|c| (c * 17) as u8);
        for alpha in [0, 90, 255] {
            let below = Straight([r, g, b, alpha]);
            assert!(contrast(below, ink_on(below)) >= 4.5, "{below:?}");
        }
    }
    let [black, white] = [Straight([0, 0, 0, 255]), Straight([255; 4])];
    assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    // The lightest grey that has white text, and the next.
    let inks = [117, 118].map(|grey| ink_on(Straight([grey, grey, grey, 255])));
    assert_eq!(inks, [white, black]);
}

#[test]
fn reversed_colours_keep_the_ramp_of_alpha() {
    for name in Colormap::names() {
        let plain = Colormap::named(name).expect("listed");
        let reversed = Colormap::named(&format!("{name}_r")).expect("every name has a reverse");
        for i in 0..256 {
            let (a, b) = (plain.colours()[i].0, reversed.colours()[255 - i].0);
            assert_eq!(a[..3], b[..3], "{name}");
            assert_eq!(plain.colours()[i].0[3], reversed.colours()[i].0[3], "{name}");
        }
        assert_eq!(reversed.reversed(), plain);
    }
}

#[test]
fn gradients_mix_premultiplied_colours_between_their_stops() {
    let gradient: Gradient = "0:#0000;10:#f00;50:#fff".parse().expect("a gradient");
    assert_eq!((gradient.limits(), gradient.to_string().as_str()), (Some((0.0, 50.0)), "0:#0000;10:#f00;50:#fff"));
    let colours = *gradient.colormap().colours();
    assert_eq!(
        (colours[0], colours[51], colours[255]),
        (Straight([0, 0, 0, 0]), Straight([255, 0, 0, 255]), Straight([255, 255, 255, 255]))
    );
    assert_eq!(colours[25].0[..3], [255, 0, 0], "half clear is half red, not half black");
    assert_eq!(colours[25].0[3], 125);
    let shares: Gradient = "0%: navy; 50%: rgb(0 128 0 / 50%); 50%:red; 90%:#fff;".parse().expect("a gradient");
    assert_eq!(shares.limits(), None);
    let colours = *shares.colormap().colours();
    assert_eq!(colours[0], Straight([0, 0, 128, 255]));
    assert_eq!((colours[127].0[0], colours[128].0[0]), (0, 255), "a hard edge");
    assert_eq!(colours[255], Straight([255, 255, 255, 255]), "beyond the last stop");
}

#[test]
fn bad_gradients_name_the_bad_stop() {
    let cases = [
        ("", "two stops"),
        ("1:red", "two stops"),
        ("1:red;2", "POSITION:COLOUR"),
        ("1:red;x:blue", "`x:blue`"),
        ("1:red;inf:blue", "`inf:blue`"),
        ("1:red;2:bleu", "`2:bleu`"),
        ("1:red;50%:blue", "all positions"),
        ("2:red;1:blue", "ascend"),
        ("1:red;1:blue", "above the first"),
        ("0%:red;120%:blue", "100%"),
    ];
    for (text, part) in cases {
        let error = text.parse::<Gradient>().expect_err(text);
        assert!(error.to_string().contains(part) && error.exit_code() == 2, "{text}: {error}");
    }
}

/// Finds the level of each value by itself.
fn each(level: impl Fn(f32) -> u8 + Sync) -> impl Fn(&[f32], &mut [u8]) + Sync {
    move |values, levels| levels.iter_mut().zip(values).for_each(|(out, value)| *out = level(*value))
}

#[test]
fn what_is_not_there_is_clear() {
    let gray = Colormap::named("gray").expect("listed");
    let values = [f32::NAN, 0.0, 1.0, 2.0, 3.0];
    let alphas = |ink: Ink| paint(&values, each(|v| v as u8), &gray, &ink).iter().map(|p| p.0[3]).collect::<Vec<_>>();
    assert_eq!(alphas(Ink::default()), [0, 255, 255, 255, 255]);
    assert_eq!(alphas(Ink { zero_is_nothing: true, ..Ink::default() }), [0, 0, 255, 255, 255]);
    assert_eq!(alphas(Ink { threshold: Some(2.0), ..Ink::default() }), [0, 0, 0, 255, 255]);
    assert_eq!(alphas(Ink { threshold: Some(2.0 + 1e-12), ..Ink::default() }), [0, 0, 0, 0, 255]);
    assert_eq!(alphas(Ink { opacity: 0.5, ..Ink::default() }), [0, 128, 128, 128, 128]);
}

#[test]
fn painting_by_levels_equals_painting_by_intensity() {
    let values: Vec<f32> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) % 100_003) as f32 * 0.01).collect();
    let shade = Scale::default().fit(&Summary::of(&values), true).expect("a fit");
    let levels = shade.levels();
    let colormap = Colormap::named("torrid").expect("listed");
    let naive = |v: f32| (shade.intensity(f64::from(v)) * 256.0).floor().min(255.0) as u8;
    let ink = Ink { opacity: 0.7, threshold: Some(3.0), zero_is_nothing: true };
    let by_levels = paint(&values, |values, out| levels.find(values, out), &colormap, &ink);
    assert!(by_levels == paint(&values, each(naive), &colormap, &ink));
}

#[test]
fn blends_agree_with_their_formulas_on_opaque_colours() {
    let (above, below) = (opaque(200, 100, 0), opaque(100, 200, 255));
    let expected = [
        (Blend::Normal, opaque(200, 100, 0)),
        (Blend::Multiply, opaque(78, 78, 0)),
        (Blend::Screen, opaque(222, 222, 255)),
        (Blend::Overlay, opaque(157, 188, 255)),
        (Blend::Darken, opaque(100, 100, 0)),
        (Blend::Lighten, opaque(200, 200, 255)),
        (Blend::Add, opaque(255, 255, 255)),
    ];
    assert_eq!(expected.len(), BLENDS.len());
    for (blend, result) in expected {
        assert_eq!(blend.pixel(above, below), result, "{}", blend.name());
        assert_eq!(blend.name().parse::<Blend>().expect("its own name"), blend);
    }
}

#[test]
fn every_blend_leaves_alone_what_only_one_layer_covers_and_stays_premultiplied() {
    let bytes = [0u8, 1, 60, 127, 200, 255];
    let colours: Vec<Premultiplied> =
        bytes.iter().flat_map(|a| bytes.iter().map(move |c| Straight([*c, 255 - *c, 128, *a]).premultiply())).collect();
    for (name, blend) in BLENDS {
        for a in &colours {
            assert_eq!(blend.pixel(*a, Premultiplied::CLEAR), *a, "{name} over nothing");
            assert_eq!(blend.pixel(Premultiplied::CLEAR, *a), *a, "nothing {name} over");
            for b in &colours {
                let p = blend.pixel(*a, *b).0;
                assert!(p.iter().all(|c| *c <= p[3]), "{name}: {a:?} over {b:?} is {p:?}");
            }
        }
    }
}

#[test]
fn dimming_goes_to_black_and_lightening_to_white() {
    let image = Image::filled(2, 1, Straight([200, 100, 0, 128]).premultiply());
    assert_eq!(dim(&image, 0.0), image);
    assert_eq!(lighten(&image, 0.0), image);
    assert_eq!(dim(&image, 1.0).pixels()[0], Premultiplied([0, 0, 0, 128]));
    assert_eq!(lighten(&image, 1.0).pixels()[0], Premultiplied([128, 128, 128, 128]));
    assert_eq!(blend(&image, &dim(&image, 0.5), Blend::Multiply).pixels()[0].0[3], 192);
}

/// A picture whose colour tells where each pixel is.
fn ramp(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| image::Rgba([(x * 255 / width) as u8, (y * 255 / height) as u8, 7, 255]))
}

#[test]
fn a_page_over_its_own_frame_is_itself() {
    let picture = ramp(40, 30);
    let extent = Extent { west: 0.0, north: 0.0, east: 40.0, south: 30.0 };
    let frame = Frame::new(Space::PAGE, extent, 40, 30).expect("a frame");
    let drawn = Sheet::page(&picture, 1.0).expect("a page").draw(&frame).expect("a drawing");
    assert_eq!(drawn.straight_bytes(), *picture.as_raw());
    let grown = Sheet::page(&picture, 1.0).expect("a page").draw(&frame.grow(1)).expect("a drawing");
    assert_eq!(grown.pixels()[0], Premultiplied::CLEAR, "nothing beyond the page");
    let retina = Sheet::page(&picture, 2.0).expect("a page").draw(&frame).expect("a drawing");
    assert_eq!(retina.pixels()[20], Premultiplied::CLEAR, "twice as fine is half as wide");
}

#[test]
fn a_reduced_picture_is_averaged() {
    let board = RgbaImage::from_fn(64, 64, |x, y| image::Rgba([if (x + y) % 2 == 0 { 255 } else { 0 }, 0, 0, 255]));
    let extent = Extent { west: 0.0, north: 0.0, east: 64.0, south: 64.0 };
    let frame = Frame::new(Space::PAGE, extent, 8, 8).expect("a frame");
    let drawn = Sheet::page(&board, 1.0).expect("a page").draw(&frame).expect("a drawing");
    assert!(drawn.pixels().iter().all(|p| (123..=132).contains(&p.0[0])), "nearly even: {:?}", &drawn.pixels()[..8]);
}

#[test]
fn a_picture_of_the_world_goes_on_across_the_antimeridian() {
    let picture = RgbaImage::from_fn(360, 180, |x, _| {
        image::Rgba([((f64::from(x) / 360.0 * std::f64::consts::TAU).cos() * 100.0 + 128.0) as u8, 0, 0, 255])
    });
    let world = Sheet::on_earth(&picture, [-180.0, -90.0, 180.0, 90.0], Projection::Equirectangular).expect("a sheet");
    let drawn = world.draw(&frame([170.0, -10.0, -170.0, 10.0], 200, 10)).expect("a drawing");
    for (col, pair) in drawn.pixels()[..200].windows(2).enumerate() {
        assert!(pair[0].0[0].abs_diff(pair[1].0[0]) <= 1 && pair[0].0[3] == 255, "a seam at {col}: {pair:?}");
    }
}

#[test]
fn a_row_of_an_equirectangular_picture_lies_at_its_latitude() {
    let picture = RgbaImage::from_fn(36, 180, |_, y| image::Rgba([y as u8, 0, 0, 255]));
    let world = Sheet::on_earth(&picture, [-180.0, -90.0, 180.0, 90.0], Projection::Equirectangular).expect("a sheet");
    let frame = frame([-10.0, -80.0, 10.0, 80.0], 4, 400);
    let drawn = world.draw(&frame).expect("a drawing");
    for row in 0..400 {
        let expected = 90.0 - frame.row_latitude(row).to_degrees() - 0.5;
        let found = f64::from(drawn.pixels()[row as usize * 4].0[0]);
        assert!((found - expected).abs() < 0.6, "row {row}: {found}, not {expected}");
    }
}

#[test]
fn a_picture_lies_between_its_bounds_and_nowhere_else() {
    let picture = ramp(10, 10);
    let fiji = Sheet::on_earth(&picture, [176.0, -20.0, -178.0, -15.0], Projection::Mercator).expect("across 180");
    let drawn = fiji.draw(&frame([175.0, -21.0, -177.0, -14.0], 80, 70)).expect("a drawing");
    let alpha = |col: usize, row: usize| drawn.pixels()[row * 80 + col].0[3];
    assert_eq!((alpha(5, 35), alpha(15, 35), alpha(60, 35), alpha(75, 35)), (0, 255, 255, 0));
    assert_eq!((alpha(40, 5), alpha(40, 65)), (0, 0));
    for bad in [[0.0, 10.0, 5.0, 10.0], [0.0, -91.0, 5.0, 0.0], [0.0, f64::NAN, 5.0, 0.0], [-200.0, 0.0, 200.0, 9.0]] {
        assert!(Sheet::on_earth(&picture, bad, Projection::Equirectangular).is_err(), "{bad:?}");
    }
    assert!(Sheet::on_earth(&picture, [0.0, -90.0, 9.0, 90.0], Projection::Mercator).is_err(), "Mercator has no pole");
    assert!(fiji.draw(&Frame::new(Space::PAGE, Extent::EARTH, 4, 4).expect("a frame")).is_err(), "not on a page");
}

fn at(map: &Image, frame: &Frame, lng: f64, lat: f64) -> Straight {
    let (col, row) = frame.cell_at(torrid::World::of(Space::Earth, lng, lat)).expect("inside the frame");
    map.pixels()[row as usize * map.width() as usize + col as usize].straight()
}

#[test]
fn land_is_where_it_is() {
    let theme = Theme::LIGHT;
    let frame = frame([-180.0, -85.05, 180.0, 85.05], 1024, 1024);
    let map = land(&frame, &theme).expect("a map");
    for (lng, lat) in
        [(5.0, 25.0), (-100.0, 42.0), (100.0, 60.0), (0.0, -84.9), (179.9, -84.9), (-178.0, 67.5), (134.0, -25.0)]
    {
        assert_eq!(at(&map, &frame, lng, lat), theme.land, "land at {lng}, {lat}");
    }
    for (lng, lat) in [(-30.0, 40.0), (179.95, 0.0), (-179.95, 0.0), (51.0, 42.0), (0.0, 0.0), (80.0, -30.0)] {
        assert_eq!(at(&map, &frame, lng, lat), theme.sea, "sea at {lng}, {lat}");
    }
}

#[test]
fn a_frame_without_a_coast_is_all_land_or_all_sea() {
    let inland = frame([2.30, 48.84, 2.31, 48.85], 64, 64);
    let map = land(&inland, &Theme::DARK).expect("a map");
    assert!(map.pixels().iter().all(|p| p.straight() == Theme::DARK.land), "a street of Paris");
    let ocean = frame([-30.0, 0.0, -29.999, 0.001], 64, 64);
    let map = land(&ocean, &Theme::DARK).expect("a map");
    assert!(map.pixels().iter().all(|p| p.straight() == Theme::DARK.sea), "the Atlantic");
    let siberia = frame([179.0, 66.5, -179.0, 67.5], 400, 400);
    let map = land(&siberia, &Theme::LIGHT).expect("a map");
    let strangers = map.pixels()[..].iter().filter(|p| ![Theme::LIGHT.land, Theme::LIGHT.sea].contains(&p.straight()));
    assert!(strangers.count() < 4000, "coasts only, no seam at the antimeridian");
    for col in 0..400 {
        assert_eq!(map.pixels()[200 * 400 + col].straight(), Theme::LIGHT.land, "no seam at column {col}");
    }
}

#[test]
fn land_drawn_in_copies_repeats_itself() {
    let home = land(&frame([160.0, -50.0, 180.0, -30.0], 200, 260), &Theme::LIGHT).expect("a map");
    let extent = Extent::of_bounds(Space::Earth, [160.0, -50.0, 180.0, -30.0]);
    let east = Extent { west: extent.west + 1.0, east: extent.east + 1.0, ..extent };
    let copy = Frame::new(Space::Earth, east, 200, 260).expect("a frame");
    let copy = land(&copy, &Theme::LIGHT).expect("a map");
    let far =
        home.pixels().iter().zip(copy.pixels()).filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 8));
    assert_eq!(far.count(), 0, "one copy east is the same place");
    assert!(
        land(&Frame::new(Space::PAGE, extent, 4, 4).expect("a frame"), &Theme::LIGHT).is_err(),
        "no land on a page"
    );
}
