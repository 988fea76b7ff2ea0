//! The examples do what they say.

#[path = "../examples/city.rs"]
mod city;
#[path = "../examples/page.rs"]
mod page;
#[path = "../examples/values.rs"]
mod values;

#[test]
fn the_city_becomes_a_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("city.png");
    city::run(&out).expect("the example runs");
    let picture = image::open(out).expect("a picture").to_rgba8();
    assert_eq!(picture.width(), 1280);
    assert!(picture.pixels().all(|pixel| pixel.0[3] == 255), "the land covers everything");
}

#[test]
fn the_clicks_cover_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("clicks.png");
    page::run(&out).expect("the example runs");
    let picture = image::open(out).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (1280, 2600));
}

#[test]
fn the_hottest_cells_are_in_the_city_centre_in_falling_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("city.tif");
    let hottest = values::run(&out).expect("the example runs");
    assert_eq!(hottest.len(), 3);
    assert!(hottest.windows(2).all(|pair| pair[0].2 >= pair[1].2));
    for (lng, lat, value) in hottest {
        assert!((-2.99..-2.97).contains(&lng) && (53.40..53.41).contains(&lat), "{lng}, {lat}");
        assert!(value > 1000.0, "{value} events per km²");
    }
    assert!(out.metadata().expect("a file").len() > 1000);
}
