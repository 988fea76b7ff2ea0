//! The table of `fixtures/README.md` is the truth about the files beside it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder; the published package does not carry it.
fn fixtures() -> Option<PathBuf> {
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).filter(|folder| folder.exists())
}

/// File, rows and columns of each line of the table.
fn table(folder: &Path) -> Vec<[String; 3]> {
    let text = fs::read_to_string(folder.join("README.md")).expect("the table");
    let lines = text.lines().filter(|line| line.starts_with("| `"));
    let cell = |line: &str, n: usize| line.split('|').nth(n).expect("a cell").trim().trim_matches('`').to_owned();
    lines.map(|line| [cell(line, 1), cell(line, 2), cell(line, 3)]).collect()
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).expect("a fixture");
    let mut text = String::new();
    if path.extension().is_some_and(|ending| ending == "gz") {
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("gzip");
    } else {
        text = String::from_utf8(bytes).expect("UTF-8");
    }
    text
}

#[test]
fn the_table_names_every_file() {
    let Some(folder) = fixtures() else { return };
    let listed: BTreeSet<String> = table(&folder).into_iter().map(|[file, ..]| file).collect();
    let entries = fs::read_dir(&folder).expect("the folder");
    let present: BTreeSet<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| name != "README.md" && name != "make.py")
        .collect();
    assert_eq!(listed, present);
}

#[test]
fn the_table_counts_the_rows() {
    let Some(folder) = fixtures() else { return };
    for [file, rows, columns] in table(&folder) {
        let path = folder.join(&file);
        let counted = if file.contains(".csv") {
            let text = text(&path);
            if !file.starts_with("clicks") {
                assert_eq!(text.lines().next().expect("a header").replace(',', ", "), columns, "{file}");
            }
            text.lines().count() - 1
        } else if file.contains("json") {
            text(&path).matches(r#"{"type":"Feature","#).count()
        } else if file.contains(".gpx") {
            text(&path).matches("<trkpt").count()
        } else if file.contains(".parquet") {
            let reader =
                parquet::file::serialized_reader::SerializedFileReader::new(fs::File::open(&path).expect("a file"));
            let reader = reader.expect("Parquet");
            usize::try_from(parquet::file::reader::FileReader::metadata(&reader).file_metadata().num_rows())
                .expect("a count")
        } else {
            continue;
        };
        assert_eq!(counted.to_string(), rows, "{file}");
    }
}

#[test]
fn the_fixtures_stay_small() {
    let Some(folder) = fixtures() else { return };
    for [file, ..] in table(&folder) {
        let limit = if file == "page.png" { 600_000 } else { 400_000 };
        assert!(fs::metadata(folder.join(&file)).expect("a file").len() < limit, "{file}");
    }
}
