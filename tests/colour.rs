//! Colormaps against the reference and against what they claim to be; colours as others see them.

mod common;

use common::shared;
use torrid::Image;
use torrid::image::{Premultiplied, Straight};
use torrid::paint::{
    Colormap, DEFICIENCIES, Deficiency, KINDS, Kind, apart, apart_along, contrast, difference, grey_of, ink_on, seen,
    seen_by,
};

/// Lightness of a colour over a grey, as `OKLab` has it (Ottosson 2020).
fn lightness(colour: Straight, background: u8) -> f64 {
    let below = Premultiplied([background, background, background, 255]);
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
fn a_grey_has_the_lightness_of_its_colour() {
    for [r, g, b] in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 170, 140], [3, 2, 1], [255, 255, 255]] {
        let colour = Straight([r, g, b, 255]);
        let lights = [colour, grey_of(colour)].map(torrid::paint::lightness);
        assert!((lights[0] - lights[1]).abs() < 0.3, "{colour:?}: {lights:?}");
    }
    assert_eq!(grey_of(Straight([9, 9, 9, 7])), Straight([9, 9, 9, 7]));
}
