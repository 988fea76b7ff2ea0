//! Tiles against positions, quadkeys and bounds computed elsewhere.

mod common;

use common::shared;
use torrid::tile::Tile;
use torrid::{Space, World};

#[test]
fn tiles_quadkeys_and_bounds_are_those_of_the_reference() {
    let Some(file) = shared("reference/tiles/expected.csv") else { return };
    let text = std::fs::read_to_string(file).expect("the reference");
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields[i].parse::<f64>().expect("a number");
        let world = World::of(Space::Earth, number(0), number(1));
        let tile = Tile::at(world, number(2) as u8).expect("a zoom").expect("inside Mercator");
        assert_eq!((f64::from(tile.x()), f64::from(tile.y())), (number(3), number(4)), "{line}");
        assert_eq!(tile.quadkey(), fields[5], "{line}");
        let bounds = tile.bounds().expect("a tile");
        for (i, bound) in bounds.iter().enumerate() {
            assert!((bound - number(6 + i)).abs() < 1e-9, "{line}: {bounds:?}");
        }
        rows += 1;
    }
    assert!(rows > 100, "the reference has {rows} rows");
}

#[test]
fn children_and_parents_find_each_other() {
    let tile = Tile::new(5, 17, 11).expect("a tile");
    for child in tile.children().expect("below zoom 24") {
        assert_eq!(child.parent(), Some(tile));
    }
    assert_eq!(Tile::new(0, 0, 0).expect("the world").parent(), None);
}

#[test]
fn tiles_that_do_not_exist_are_refused() {
    for (zoom, x, y) in [(0, 1, 0), (3, 0, 8), (25, 0, 0), (255, 0, 0)] {
        assert!(Tile::new(zoom, x, y).is_err(), "{zoom}/{x}/{y}");
    }
    let beyond = World::of(Space::Earth, 0.0, 86.0);
    assert_eq!(Tile::at(beyond, 3), Ok(None), "beyond Mercator");
}
