//! How a table is written: its delimiter and its line ends, where a quote opens and closes, and the fields
//! of a record. Quoting is that of RFC 4180: a field is quoted if it *begins* with `"`, a quote inside of
//! it is doubled, and a quote elsewhere (`12" pipe`) is a letter like any other.
//!
//! The fields of records with quotes come from `csv-core`. Where records end is found here with `memchr`,
//! because blocks are cut under a lock and the state machine of a reader is too slow for that; the two are
//! each other's twins in the tests.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use memchr::{memchr, memchr_iter, memrchr};

const QUOTE: u8 = b'"';

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Dialect {
    /// Between two fields.
    pub delimiter: u8,
    /// The last byte of a record: LF, or CR where a file has no LF at all.
    pub terminator: u8,
}

/// Where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum End {
    /// So many bytes on, the terminator included.
    After(usize),
    /// Not in these bytes.
    Beyond,
    /// Not in these bytes, and they end within quotes.
    Unclosed,
}

impl Dialect {
    /// The dialect of a table that begins with `sample`: the delimiter that cuts the most records into as
    /// many fields as the first has, of equals the one that makes the most fields. `whole` says that
    /// nothing comes after the sample. A delimiter that is `likely` only has to occur in the first record.
    pub fn of(sample: &[u8], whole: bool, likely: Option<u8>) -> Dialect {
        let terminator = if memchr(b'\n', sample).is_none() && memchr(b'\r', sample).is_some() { b'\r' } else { b'\n' };
        let scores = b",\t;|".map(|delimiter| {
            let dialect = Dialect { delimiter, terminator };
            let (agreeing, fields) = dialect.agreement(sample, whole);
            let score = if fields < 2 { (0, 0) } else { (agreeing, fields) };
            if fields >= 2 && likely == Some(delimiter) { ((1000, usize::MAX), dialect) } else { (score, dialect) }
        });
        // The first of equals, so that a table of one column is taken for one with commas.
        let best = scores.into_iter().rev().max_by_key(|(score, _)| *score);
        best.map_or(Dialect { delimiter: b',', terminator }, |(_, dialect)| dialect)
    }

    /// How many percent of the records of a sample have as many fields as the first one, and how many that are.
    fn agreement(self, sample: &[u8], whole: bool) -> (usize, usize) {
        const RECORDS: usize = 100;
        let mut splitter = Splitter::new(self);
        let mut counts = Vec::new();
        let mut rest = sample;
        while counts.len() < RECORDS && !rest.is_empty() {
            let End::After(end) = self.end(rest) else { break };
            let record = self.trimmed(&rest[..end]);
            rest = &rest[end..];
            if !record.is_empty() {
                counts.push(splitter.split(record).len());
            }
        }
        if !rest.is_empty() && counts.len() < RECORDS && (whole || counts.is_empty()) {
            counts.push(splitter.split(self.trimmed(rest)).len());
        }
        let first = counts.first().copied().unwrap_or(0);
        let agreeing = counts.iter().filter(|count| **count == first).count();
        (100 * agreeing / counts.len().max(1), first)
    }

    /// Where the record ends that begins with `bytes`.
    pub fn end(self, bytes: &[u8]) -> End {
        let mut at = 0;
        loop {
            let line = memchr(self.terminator, &bytes[at..]).map(|end| at + end);
            match self.opening(&bytes[..line.unwrap_or(bytes.len())], at) {
                None => return line.map_or(End::Beyond, |end| End::After(end + 1)),
                Some(open) => match closing(bytes, open) {
                    Some(close) => at = close + 1,
                    None => return End::Unclosed,
                },
            }
        }
    }

    /// Where the last record ends that `bytes`, which begin with a record, hold wholly: how many bytes on,
    /// 0 if they hold none.
    pub fn last_end(self, bytes: &[u8]) -> usize {
        let mut end = 0;
        let mut at = 0;
        while let Some(open) = self.opening(bytes, at) {
            end = memrchr(self.terminator, &bytes[at..open]).map_or(end, |last| at + last + 1);
            match closing(bytes, open) {
                Some(close) => at = close + 1,
                None => return end,
            }
        }
        memrchr(self.terminator, &bytes[at..]).map_or(end, |last| at + last + 1)
    }

    /// The next quote from `at` on that opens a field; `at` is outside quotes.
    fn opening(self, bytes: &[u8], at: usize) -> Option<usize> {
        memchr_iter(QUOTE, &bytes[at..])
            .map(|quote| at + quote)
            .find(|quote| *quote == 0 || [self.delimiter, self.terminator].contains(&bytes[quote - 1]))
    }

    /// A record without what ends it.
    pub fn trimmed(self, record: &[u8]) -> &[u8] {
        let Some(record) = record.strip_suffix(&[self.terminator]) else { return record };
        if self.terminator == b'\n' { record.strip_suffix(b"\r").unwrap_or(record) } else { record }
    }

    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self.delimiter {
            b'\t' => "delimiter tab",
            b';' => "delimiter ;",
            b'|' => "delimiter |",
            _ => "delimiter ,",
        }
    }
}

/// The quote that closes the field which the one at `open` has opened.
pub(in crate::source) fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut from = open + 1;
    loop {
        let quote = from + memchr(QUOTE, bytes.get(from..)?)?;
        if bytes.get(quote + 1) != Some(&QUOTE) {
            return Some(quote);
        }
        from = quote + 2;
    }
}

/// Whether there is a quote at all.
pub(in crate::source) fn has_quote(bytes: &[u8]) -> bool {
    memchr(QUOTE, bytes).is_some()
}

/// Cuts records with quotes into fields, and takes the quotes off.
pub(in crate::source) struct Splitter {
    /// Made for the first record that needs it.
    reader: Option<Reader>,
    dialect: Dialect,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// The fields of a record.
#[derive(Clone, Copy)]
pub(in crate::source) struct Fields<'a> {
    text: &'a [u8],
    /// Where the fields begin and end in the text.
    bounds: Bounds<'a>,
}

#[derive(Clone, Copy)]
enum Bounds<'a> {
    /// Ends of fields that follow each other without a gap.
    Ends(&'a [usize]),
    /// Ends of fields with one byte between each and the next.
    Apart(&'a [usize]),
}

impl<'a> Fields<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self.bounds {
            Bounds::Ends(ends) | Bounds::Apart(ends) => ends.len(),
        }
    }

    /// Field number `i`, from 0; empty beyond the last.
    pub fn get(&self, i: usize) -> &'a [u8] {
        let (Bounds::Ends(ends) | Bounds::Apart(ends)) = self.bounds;
        let gap = usize::from(matches!(self.bounds, Bounds::Apart(_)));
        let start = if i == 0 { 0 } else { ends.get(i - 1).map_or(0, |end| end + gap) };
        ends.get(i).map_or(&[], |end| &self.text[start..*end])
    }
}

impl Splitter {
    pub fn new(dialect: Dialect) -> Splitter {
        Splitter { reader: None, dialect, text: vec![0; 64], ends: Vec::new() }
    }

    /// The fields of one record, which comes without its terminator.
    pub fn split<'a>(&'a mut self, record: &'a [u8]) -> Fields<'a> {
        if !has_quote(record) && !record.is_empty() {
            return plain_fields(record, self.dialect.delimiter, usize::MAX - 1, &mut self.ends);
        }
        let terminator = [self.dialect.terminator];
        self.ends.resize(self.ends.len().max(16), 0);
        let reader = self.reader.get_or_insert_with(|| reader(self.dialect));
        let (mut input, mut ended, mut written, mut fields) = (record, false, 0, 0);
        loop {
            let (result, read, wrote, found) =
                reader.read_record(input, &mut self.text[written..], &mut self.ends[fields..]);
            (input, written, fields) = (&input[read..], written + wrote, fields + found);
            match result {
                ReadRecordResult::InputEmpty if !ended => (input, ended) = (&terminator, true),
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                _ => break,
            }
        }
        Fields { text: &self.text, bounds: Bounds::Ends(&self.ends[..fields]) }
    }
}

/// A reader for records with quotes. Making one takes longer than reading a small table.
fn reader(dialect: Dialect) -> Reader {
    let mut reader =
        ReaderBuilder::new().delimiter(dialect.delimiter).terminator(Terminator::Any(dialect.terminator)).build();
    // The reader takes a byte order mark off the first bytes it sees: let that be an empty record.
    reader.read_record(&[dialect.terminator], &mut [0; 64], &mut [0; 16]);
    reader
}

/// The fields of a record without quotes, up to field number `last`. `ends` is lent for their bounds.
pub(in crate::source) fn plain_fields<'a>(
    record: &'a [u8],
    delimiter: u8,
    last: usize,
    ends: &'a mut Vec<usize>,
) -> Fields<'a> {
    ends.clear();
    ends.extend(memchr_iter(delimiter, record).take(last + 1));
    if ends.len() <= last {
        ends.push(record.len());
    }
    Fields { text: record, bounds: Bounds::Apart(ends) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: Dialect = Dialect { delimiter: b',', terminator: b'\n' };

    /// The records of a text, and of each its fields.
    fn table(text: &[u8], dialect: Dialect) -> Vec<Vec<String>> {
        let mut splitter = Splitter::new(dialect);
        let mut rest = text;
        let mut records = Vec::new();
        while !rest.is_empty() {
            let end = if let End::After(end) = dialect.end(rest) { end } else { rest.len() };
            let fields = splitter.split(dialect.trimmed(&rest[..end]));
            let field = |i| String::from_utf8_lossy(fields.get(i)).into_owned();
            records.push((0..fields.len()).map(field).collect());
            rest = &rest[end..];
        }
        records
    }

    #[test]
    fn csv_spectrum_is_read_as_its_authors_expect() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/formats/csv-spectrum");
        if !dir.exists() {
            assert!(std::env::var_os("CI").is_none(), "{} is absent in CI", dir.display());
            println!("skipped: {} is absent", dir.display());
            return;
        }
        let mut cases = 0;
        for entry in std::fs::read_dir(dir.join("csvs")).expect("csvs") {
            let path = entry.expect("entry").path();
            let name = path.file_stem().expect("stem").to_string_lossy().into_owned();
            let text = std::fs::read(&path).expect("csv");
            let records = table(&text, Dialect::of(&text, true, None));
            let json = std::fs::read(dir.join("json").join(format!("{name}.json"))).expect("json");
            let json: serde_json::Value = serde_json::from_str(&String::from_utf8_lossy(&json)).expect("json");
            // One of the cases is an object, not a list of one.
            let expected = json.as_array().cloned().unwrap_or_else(|| vec![json]);
            assert_eq!(records.len(), expected.len() + 1, "records of {name}");
            for (record, expected) in records[1..].iter().zip(&expected) {
                for (column, value) in records[0].iter().zip(record) {
                    // The list contradicts itself here: 2095257564 in its CSV, 1234567890 in its JSON.
                    if column == "Contact Phone Number" {
                        assert_eq!(value, "2095257564", "{name}, {column}");
                        continue;
                    }
                    assert_eq!(value, expected[column].as_str().expect("text"), "{name}, {column}");
                }
            }
            cases += 1;
        }
        assert_eq!(cases, 12, "cases");
    }

    #[test]
    fn a_quote_within_a_field_is_a_letter() {
        assert_eq!(table(b"a,12\" pipe\nb,2\n", COMMA), [["a", "12\" pipe"], ["b", "2"]], "an inch");
        assert_eq!(table(b"\"a\"b\",c\nd,e", COMMA), [["ab\"", "c"], ["d", "e"]], "behind a closed field");
    }

    #[test]
    fn the_delimiter_is_the_one_the_records_agree_on() {
        for (text, delimiter) in [
            ("lon,lat\n1,2\n", b','),
            ("name;lat;lon\n\"a,b\";1,5;2,5\nc,d,e;2,5;3,5\n", b';'),
            ("lon\tlat\tname (a, b; c)\n1\t2\tx\n", b'\t'),
            ("a|b\n1|2", b'|'),
            ("alone\n1\n", b','),
            ("\"a;b;c\",d\n\"1;2;3\",4\n", b','),
        ] {
            assert_eq!(Dialect::of(text.as_bytes(), true, None).delimiter, delimiter, "{text}");
        }
        assert_eq!(Dialect::of(b"a,b\tc,d\n1,2\t3,4\n", true, Some(b'\t')).delimiter, b'\t', "by its name");
        assert_eq!(Dialect::of(b"a,b\r1,2\r", true, None).terminator, b'\r', "lines end as on an old Macintosh");
    }

    fn scribble() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(proptest::sample::select(&b"\"\"\",,\n\r;a1"[..]), 0..60)
    }

    proptest! {
        #[test]
        fn records_end_where_csv_core_ends_them(text in scribble()) {
            let mut reader = csv_core::ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
            let (mut ends, mut at) = (Vec::new(), 0);
            let (mut field, mut bounds) = ([0; 99], [0; 99]);
            loop {
                let (result, read, ..) = reader.read_record(&text[at..], &mut field, &mut bounds);
                at += read;
                if result != ReadRecordResult::Record { break }
                ends.push(at);
            }
            let (mut ours, mut at) = (Vec::new(), 0);
            while let End::After(end) = COMMA.end(&text[at..]) {
                at += end;
                // csv-core passes over empty lines.
                if end > 1 { ours.push(at) }
            }
            prop_assert_eq!(&ours, &ends);
            prop_assert_eq!(COMMA.last_end(&text), at);
        }
    }
}
