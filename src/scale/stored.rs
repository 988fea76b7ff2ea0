//! A summary as JSON, so that a scale can be fitted again exactly as it was.

use serde_json::{Value, json};

use super::summary::{BUCKET_SHIFT, Summary};

impl Summary {
    /// All of it: counts as numbers, values as the numbers of their bits, bins as steps from key to key and counts.
    ///
    /// ```
    /// use torrid::scale::Summary;
    /// let summary = Summary::of(&[2.0, 0.0, -0.5]);
    /// assert_eq!(Summary::from_json(&summary.to_json()), Some(summary));
    /// ```
    pub fn to_json(&self) -> Value {
        let mut before = 0;
        let bin = |(key, count): &(u64, u64)| [key - std::mem::replace(&mut before, *key), *count];
        let extremes = [self.min, self.max, self.min_positive].map(f64::to_bits);
        json!({
            "count": self.count,
            "zeros": self.zeros,
            "extremes": extremes,
            "shift": self.shift,
            "bins": self.bins.iter().flat_map(bin).collect::<Vec<_>>(),
        })
    }

    /// A summary from its JSON; none where it is not one.
    pub fn from_json(json: &Value) -> Option<Summary> {
        let number = |name: &str| json[name].as_u64();
        let numbers = |name: &str| json[name].as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
        let [min, max, min_positive] = <[u64; 3]>::try_from(numbers("extremes")?).ok()?.map(f64::from_bits);
        let shift = number("shift").filter(|shift| [0, u64::from(BUCKET_SHIFT)].contains(shift))? as u32;
        let (mut key, mut bins) = (0u64, Vec::new());
        for (i, pair) in numbers("bins")?.chunks(2).enumerate() {
            let [step, count] = <[u64; 2]>::try_from(pair).ok().filter(|[step, _]| i == 0 || *step > 0)?;
            key = key.checked_add(step)?;
            bins.push((key, count));
        }
        let sum = bins.iter().try_fold(0u64, |sum, (_, count)| sum.checked_add(*count))?;
        let (count, zeros) = (number("count").filter(|count| *count == sum)?, number("zeros")?);
        Some(Summary { count, zeros, min, max, min_positive, shift, bins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        let many: Vec<f32> = (0..200_000).map(|i| (i as f32).sqrt() - 3.0).collect();
        for summary in [Summary::empty(), Summary::of(&[f32::NAN]), Summary::of(&[0.1, 0.1, -7.0]), Summary::of(&many)]
        {
            let text = summary.to_json().to_string();
            let read = serde_json::from_str(&text).ok().and_then(|json| Summary::from_json(&json));
            assert!(read.as_ref() == Some(&summary), "{} values", summary.count());
        }
    }

    #[test]
    fn other_json_is_none() {
        for text in ["null", "{}", r#"{"count":1,"zeros":0,"extremes":[0,0,0],"shift":0,"bins":[1,2]}"#] {
            assert_eq!(Summary::from_json(&serde_json::from_str(text).expect("JSON")), None, "{text}");
        }
    }
}
