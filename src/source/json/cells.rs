//! The values of one JSON record that somebody asked for, kept until the record is whole.

use std::io::Read;

use struson::reader::{JsonReader, JsonStreamReader, ValueType};

use super::text::Damage;
use crate::source::{Field, Row};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source) enum Cell {
    Missing,
    Number(f64),
    Text(String),
    Flag(bool),
    /// An array that starts with two values, as a position does.
    Pair(f64, f64),
}

impl Cell {
    /// Reads the next value; what is neither scalar nor pair is passed over and counts as missing.
    pub(in crate::source) fn read<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Cell, Damage> {
        Ok(match json.peek()? {
            ValueType::Number => Cell::of_number(json.next_number_as_str()?),
            ValueType::String => Cell::Text(json.next_string()?),
            ValueType::Boolean => Cell::Flag(json.next_bool()?),
            ValueType::Array => pair(json)?,
            ValueType::Null | ValueType::Object => {
                json.skip_value()?;
                Cell::Missing
            }
        })
    }

    /// A number as it is written. Whole ones that 64 bits of floating point may not hold stay as they are, so that long
    /// identifiers are not mistaken for each other.
    fn of_number(text: &str) -> Cell {
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
        let number: f64 = fast_float2::parse(text).unwrap_or(f64::NAN);
        let whole = || text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        if number.abs() >= EXACT && whole() { Cell::Text(text.to_owned()) } else { Cell::Number(number) }
    }

    /// The value as a coordinate: none where it is blank, NaN where it is no number.
    pub(in crate::source) fn coordinate(&self) -> Option<f64> {
        match self {
            Cell::Missing => None,
            Cell::Number(n) => Some(*n),
            Cell::Text(text) if text.trim().is_empty() => None,
            Cell::Text(text) => Some(fast_float2::parse(text.trim()).unwrap_or(f64::NAN)),
            Cell::Flag(_) | Cell::Pair(..) => Some(f64::NAN),
        }
    }

    /// The value as others see it.
    pub(in crate::source) fn field(&self) -> Field<'_> {
        match self {
            Cell::Missing | Cell::Pair(..) => Field::Missing,
            Cell::Number(n) => Field::Number(*n),
            Cell::Text(text) => Field::Text(text),
            Cell::Flag(flag) => Field::Flag(*flag),
        }
    }
}

/// The next number; infinite where it is beyond what 64 bits hold.
pub(in crate::source) fn number<R: Read>(json: &mut JsonStreamReader<R>) -> Result<f64, Damage> {
    Ok(fast_float2::parse(json.next_number_as_str()?).unwrap_or(f64::NAN))
}

/// An array as a pair: its first two values, the others passed over.
fn pair<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Cell, Damage> {
    json.begin_array()?;
    let mut first_two = [None, None];
    for slot in &mut first_two {
        if json.has_next()? {
            // One level is enough for a position; whatever lies deeper is not one.
            *slot = Some(match json.peek()? {
                ValueType::Number => number(json)?,
                ValueType::String => Cell::Text(json.next_string()?).coordinate().unwrap_or(f64::NAN),
                _ => {
                    json.skip_value()?;
                    f64::NAN
                }
            });
        }
    }
    while json.has_next()? {
        json.skip_value()?;
    }
    json.end_array()?;
    Ok(match first_two {
        [Some(first), Some(second)] => Cell::Pair(first, second),
        _ => Cell::Missing,
    })
}

/// The cells of a record, by name.
#[derive(Debug, Clone, Default)]
pub(in crate::source) struct Cells {
    names: Vec<String>,
    values: Vec<Cell>,
    wanted: Vec<usize>,
    nested: bool,
}

impl Cells {
    /// Cells for the columns `wanted`, in the order in which [`Row::field`] counts them.
    pub(in crate::source) fn for_columns(wanted: &[String]) -> Cells {
        let mut cells = Cells::default();
        cells.wanted = wanted.iter().map(|name| cells.add(name)).collect();
        cells
    }

    /// The number of the cell called `name`, which is added if there is none.
    pub(in crate::source) fn add(&mut self, name: &str) -> usize {
        self.cell_named(name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.values.push(Cell::Missing);
            self.nested |= name.contains('.');
            self.names.len() - 1
        })
    }

    /// Whether nobody wants anything of a record.
    pub(in crate::source) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Empties all cells.
    pub(in crate::source) fn clear(&mut self) {
        self.values.fill(Cell::Missing);
    }

    /// The cell by its number.
    pub(in crate::source) fn cell(&self, number: usize) -> &Cell {
        &self.values[number]
    }

    /// The number of the cell called `name`.
    pub(in crate::source) fn cell_named(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Reads the next value into the cell called `name`, if there is one, or passes over it.
    pub(in crate::source) fn take<R: Read>(
        &mut self,
        json: &mut JsonStreamReader<R>,
        name: &str,
    ) -> Result<(), Damage> {
        match self.cell_named(name) {
            Some(number) => self.fill(json, number),
            None => Ok(json.skip_value()?),
        }
    }

    /// Reads the next value into the cell called `name` if that is still empty, or passes over it.
    pub(in crate::source) fn fill_blank<R: Read>(
        &mut self,
        json: &mut JsonStreamReader<R>,
        name: &str,
    ) -> Result<(), Damage> {
        match self.cell_named(name).filter(|number| self.values[*number] == Cell::Missing) {
            Some(number) => self.fill(json, number),
            None => Ok(json.skip_value()?),
        }
    }

    fn fill<R: Read>(&mut self, json: &mut JsonStreamReader<R>, number: usize) -> Result<(), Damage> {
        self.values[number] = Cell::read(json)?;
        Ok(())
    }

    /// Reads an object; of a name that comes twice, the last counts, as in browsers. Members of members
    /// are called `outer.inner`.
    pub(in crate::source) fn read_object<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        json.begin_object()?;
        while json.has_next()? {
            let name = json.next_name()?;
            if let Some(number) = self.cell_named(name) {
                self.fill(json, number).map_err(|d| d.within(&self.names[number]))?;
            } else if self.nested && self.names.iter().any(|n| starts_with_member(n, name)) {
                let name = name.to_owned();
                self.read_members(json, &name)?;
            } else {
                json.skip_value()?;
            }
        }
        Ok(json.end_object()?)
    }

    fn read_members<R: Read>(&mut self, json: &mut JsonStreamReader<R>, outer: &str) -> Result<(), Damage> {
        if json.peek()? != ValueType::Object {
            return Ok(json.skip_value()?);
        }
        json.begin_object()?;
        while json.has_next()? {
            let name = format!("{outer}.{}", json.next_name()?);
            if self.names.iter().any(|n| starts_with_member(n, &name)) {
                self.read_members(json, &name)?;
            } else {
                self.take(json, &name)?;
            }
        }
        Ok(json.end_object()?)
    }

    /// Reads an array, whose elements are called `0`, `1`, `2`…
    pub(in crate::source) fn read_array<R: Read>(&mut self, json: &mut JsonStreamReader<R>) -> Result<(), Damage> {
        json.begin_array()?;
        let mut index = 0u32;
        while json.has_next()? {
            match self.names.iter().position(|n| is_index(n, index)) {
                Some(number) => self.fill(json, number)?,
                None => json.skip_value()?,
            }
            index += 1;
        }
        Ok(json.end_array()?)
    }
}

impl Row for Cells {
    fn field(&self, column: usize) -> Field<'_> {
        self.wanted.get(column).map_or(Field::Missing, |number| self.values[*number].field())
    }
}

fn starts_with_member(name: &str, outer: &str) -> bool {
    name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

fn is_index(name: &str, index: u32) -> bool {
    match name.as_bytes() {
        [digit @ b'0'..=b'9'] => u32::from(digit - b'0') == index,
        _ => name.parse() == Ok(index),
    }
}
