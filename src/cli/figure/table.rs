//! The options that say where the numbers of a figure come from.

use std::path::PathBuf;

use clap::Args;

use crate::error::Error;
use crate::lines::figure::{Along, Correlation, Long, Nature, Standard, TableWish};
use crate::source::table::{Ask, Index, TableQuery};

/// Options of the table.
#[derive(Debug, Args)]
pub struct TableOptions {
    /// What rows are made of, in a table of records: a column, or a part of its times, such as `hour(time)`: year, quarter, month,
    /// week, date, day, weekday, hour, minute
    #[arg(long, value_name = "KEY", help_heading = "Table", requires = "cols")]
    rows: Option<String>,
    /// What columns are made of, in a table of records
    #[arg(long, value_name = "KEY", help_heading = "Table", requires = "rows")]
    cols: Option<String>,
    /// The column with the values of records [default: none; records are counted]
    #[arg(long, value_name = "COLUMN", help_heading = "Table", requires = "rows")]
    value: Option<String>,
    /// What becomes of several values in a cell: count, sum, mean, median, min, max, std, first [default: mean]
    #[arg(long, value_name = "NAME", help_heading = "Table", requires = "rows")]
    agg: Option<String>,
    /// The column with the labels of the rows, by name or number from 1; auto takes the first where it looks like labels; none
    #[arg(long, value_name = "COLUMN", help_heading = "Table", default_value = "auto")]
    index: String,
    /// How many lines are the header; the labels of several are joined [default: found out]
    #[arg(long, value_name = "N", help_heading = "Table")]
    header: Option<usize>,
    /// Columns that are left out, by name or number from 1, with commas between
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', help_heading = "Table")]
    ignore: Vec<String>,
    /// What stands between fields: one character, or tab [default: found out]
    #[arg(long, value_name = "CHARACTER", help_heading = "Table")]
    delimiter: Option<String>,
    /// What the files are, whatever their names say: csv, tsv, parquet, gct, npy, json
    #[arg(long, value_name = "NAME", help_heading = "Table")]
    format: Option<String>,
    /// The correlation of each column with each, pearson or spearman, instead of the values
    #[arg(long, value_name = "NAME", help_heading = "Table", num_args = 0..=1, require_equals = true,
          default_missing_value = "pearson")]
    corr: Option<String>,
    /// Draw rows as columns and columns as rows
    #[arg(long, help_heading = "Table")]
    transpose: bool,
    /// Subtract the mean of each of the `rows` or `cols` and divide by its standard deviation
    #[arg(long, value_name = "WHICH", help_heading = "Table", conflicts_with = "standard_scale",
          value_parser = ["rows", "cols", "0", "1"])]
    z_score: Option<String>,
    /// Bring each of the `rows` or `cols` to the range from 0 to 1
    #[arg(long, value_name = "WHICH", help_heading = "Table", value_parser = ["rows", "cols", "0", "1"])]
    standard_scale: Option<String>,
}

impl TableOptions {
    /// What the values are, as far as the options say it.
    pub fn nature(&self) -> Nature {
        if self.z_score.is_some() {
            Nature::Deviations
        } else if self.corr.is_some() && self.standard_scale.is_none() {
            Nature::Correlations
        } else {
            Nature::Amounts
        }
    }

    /// The table that is wished for.
    pub fn wish(&self, inputs: &[PathBuf]) -> Result<TableWish, Error> {
        let query = TableQuery {
            format: self.format.clone(),
            header: self.header,
            index: self.index.parse::<Index>()?,
            ignore: self.ignore.clone(),
            delimiter: self.delimiter.as_deref().map(delimiter).transpose()?,
            ..TableQuery::default()
        };
        let standard = [(&self.z_score, Standard::ZScore), (&self.standard_scale, Standard::Range)];
        let standard = standard.into_iter().find_map(|(which, standard)| Some((along(which.as_deref()?), standard)));
        let correlation = self.corr.as_deref().map(str::parse::<Correlation>).transpose()?;
        Ok(TableWish {
            inputs: inputs.to_vec(),
            query,
            long: self.long()?,
            correlation,
            standard,
            transposed: self.transpose,
        })
    }

    fn long(&self) -> Result<Option<Long>, Error> {
        let (Some(rows), Some(columns)) = (&self.rows, &self.cols) else { return Ok(None) };
        let aggregate = self.agg.as_deref().map(str::parse).transpose()?;
        let ask = Ask { rows: rows.parse()?, columns: columns.parse()?, value: self.value.clone() };
        Ok(Some(Long { ask, aggregate }))
    }
}

/// Seaborn calls rows 0 and columns 1.
fn along(which: &str) -> Along {
    if matches!(which, "rows" | "0") { Along::Rows } else { Along::Columns }
}

fn delimiter(text: &str) -> Result<u8, Error> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [one] if one.is_ascii() => Ok(*one),
        _ => Err(Error::caller("--delimiter").found(format!("`{text}`")).expected("one character, or tab")),
    }
}
