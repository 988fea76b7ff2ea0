//! JSON values as they stand in a log. Recordings of pages nest their elements deeper than the usual readers go: values
//! are put together without recursion, and fields may be found deep inside.

use std::borrow::Cow;
use std::io::Read;

use serde_json::{Map, Number, Value};
use struson::reader::{JsonReader, JsonStreamReader, ReaderSettings, ValueType};

use crate::source::Field;
use crate::source::json::Damage;

/// How deep values may be nested: elements of pages some 500 deep.
const DEEPEST: u32 = 1000;

/// A reader of JSON as deep as pages are.
pub(super) fn reader<R: Read>(bytes: R) -> JsonStreamReader<R> {
    let settings = ReaderSettings {
        track_path: false,
        restrict_number_values: false,
        max_nesting_depth: Some(DEEPEST),
        ..ReaderSettings::default()
    };
    JsonStreamReader::new_custom(bytes, settings)
}

/// The value that is the whole of `text`.
pub(super) fn whole(text: &[u8]) -> Result<Value, Damage> {
    // The quick way first; what it refuses, the other one reads or explains.
    if let Ok(value) = serde_json::from_slice(text.trim_ascii()) {
        return Ok(value);
    }
    let mut json = reader(text);
    let value = read(&mut json)?;
    json.consume_trailing_whitespace()?;
    Ok(value)
}

/// A value that is not finished.
enum Open {
    Array(Vec<Value>),
    Object(Map<String, Value>, String),
}

/// Reads the next value.
pub(super) fn read<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Value, Damage> {
    let mut open = Vec::new();
    loop {
        let mut value = match json.peek()? {
            ValueType::Array => {
                json.begin_array()?;
                open.push(Open::Array(Vec::new()));
                None
            }
            ValueType::Object => {
                json.begin_object()?;
                open.push(Open::Object(Map::new(), String::new()));
                None
            }
            _ => Some(scalar(json)?),
        };
        // What is finished goes into what holds it, which may be finished with it.
        loop {
            let Some(mut holder) = open.pop() else { return Ok(value.unwrap_or(Value::Null)) };
            match (&mut holder, value.take()) {
                (Open::Array(elements), Some(value)) => elements.push(value),
                (Open::Object(members, name), Some(value)) => _ = members.insert(std::mem::take(name), value),
                (_, None) => {}
            }
            if json.has_next()? {
                if let Open::Object(_, name) = &mut holder {
                    *name = json.next_name_owned()?;
                }
                open.push(holder);
                break;
            }
            value = Some(close(json, holder)?);
        }
    }
}

fn close<R: Read>(json: &mut JsonStreamReader<R>, holder: Open) -> Result<Value, Damage> {
    Ok(match holder {
        Open::Array(elements) => {
            json.end_array()?;
            Value::Array(elements)
        }
        Open::Object(members, _) => {
            json.end_object()?;
            Value::Object(members)
        }
    })
}

fn scalar<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Value, Damage> {
    Ok(match json.peek()? {
        ValueType::String => Value::String(json.next_string()?),
        ValueType::Number => number(json.next_number_as_str()?),
        ValueType::Boolean => Value::Bool(json.next_bool()?),
        _ => {
            json.next_null()?;
            Value::Null
        }
    })
}

/// A number; null where it is beyond what 64 bits hold.
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    let number = whole.ok().or_else(|| Number::from_f64(fast_float2::parse(text).ok()?));
    number.map_or(Value::Null, Value::Number)
}

/// A field of a record, borrowed from it where that can be.
#[derive(Debug, Clone, Default)]
pub(super) enum Leaf<'v> {
    /// Null or absent.
    #[default]
    Missing,
    Number(f64),
    Text(Cow<'v, str>),
    Flag(bool),
}

impl<'v> Leaf<'v> {
    /// A value as a field. An array of scalars is the text of them, with commas between; none for what holds others.
    pub fn of(value: &'v Value) -> Option<Leaf<'v>> {
        // Whole numbers beyond are identifiers, which are not to be mistaken for each other.
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
        Some(match value {
            Value::Null => Leaf::Missing,
            Value::Bool(flag) => Leaf::Flag(*flag),
            Value::String(text) => Leaf::Text(text.as_str().into()),
            Value::Number(number) => match number.as_f64() {
                Some(n) if n.abs() < EXACT || number.is_f64() => Leaf::Number(n),
                _ => Leaf::Text(number.to_string().into()),
            },
            Value::Array(elements) => Leaf::Text(joined(elements)?.into()),
            Value::Object(_) => return None,
        })
    }

    /// The field.
    pub fn field(&self) -> Field<'_> {
        match self {
            Leaf::Missing => Field::Missing,
            Leaf::Number(number) => Field::Number(*number),
            Leaf::Text(text) => Field::Text(text),
            Leaf::Flag(flag) => Field::Flag(*flag),
        }
    }
}

fn joined(elements: &[Value]) -> Option<String> {
    let word = |element: &Value| match element {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    };
    Some(elements.iter().map(word).collect::<Option<Vec<_>>>()?.join(","))
}
