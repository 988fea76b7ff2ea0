//! Numbers as people read them: `12,500`, `0.004`, `3e-7`.

/// Fixed notation is used for numbers of at least this size, and below [`LARGEST`].
const SMALLEST: f64 = 1e-4;
const LARGEST: f64 = 1e9;

/// Significant digits of a number that stands alone.
const DIGITS: i32 = 4;

/// Decimals at which labels stop being told apart.
const MOST_DECIMALS: usize = 7;

/// A number that stands alone, in at most four significant digits: thousands are separated by commas, and
/// numbers below 0.0001 or from 1,000,000,000 on are written with an exponent.
///
/// ```
/// use torrid::figure::label;
/// assert_eq!(label(12_500.0), "12,500");
/// assert_eq!(label(0.004), "0.004");
/// assert_eq!(label(-2.5), "−2.5");
/// assert_eq!(label(3e-7), "3e−7");
/// ```
pub fn label(value: f64) -> String {
    if value != 0.0 && !fixed(value) {
        return exponential(value);
    }
    let before = if value == 0.0 || !value.is_finite() { 1 } else { value.abs().log10().floor() as i32 + 1 };
    let decimals = (DIGITS - before).max(0) as usize;
    let text = with_decimals(value, decimals);
    if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The numbers of one legend: with as many decimals each as the one that needs most, unless they span so many
/// powers of ten that each is better written on its own.
///
/// ```
/// use torrid::figure::labels;
/// assert_eq!(labels(&[0.0, 0.5, 1.0]), ["0.0", "0.5", "1.0"]);
/// assert_eq!(labels(&[0.01, 1.0, 1000.0]), ["0.01", "1", "1,000"]);
/// ```
pub fn labels(values: &[f64]) -> Vec<String> {
    let sizes = || values.iter().map(|v| v.abs()).filter(|v| *v > 0.0 && v.is_finite());
    let (least, most) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    let even = spacing(values).is_some_and(|(least, most)| most < least * 10.0);
    // Large numbers that are near to each other, such as times, are told apart by their last digits.
    let close = spacing(values).is_some_and(|(least, _)| least >= 1.0 && least < most * 1e-3) && most < 1e15;
    if close && most >= LARGEST {
        return values.iter().map(|value| with_decimals(*value, 0)).collect();
    }
    if !sizes().all(fixed) || (most > least * 100.0 && !even) {
        return values.iter().map(|value| label(*value)).collect();
    }
    let decimals = (0..MOST_DECIMALS).find(|d| values.iter().all(|v| is_exact(*v, *d, most))).unwrap_or(MOST_DECIMALS);
    values.iter().map(|value| with_decimals(*value, decimals)).collect()
}

/// The least and the greatest difference between neighbours, where there are three values or more.
fn spacing(values: &[f64]) -> Option<(f64, f64)> {
    let steps = || values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    (values.len() > 2).then(|| (steps().fold(f64::INFINITY, f64::min), steps().fold(0.0, f64::max)))
}

/// Whether rounding to this many decimals changes nothing that four digits of the greatest value would show.
fn is_exact(value: f64, decimals: usize, most: f64) -> bool {
    let unit = 10f64.powi(decimals as i32);
    let error = ((value * unit).round() / unit - value).abs();
    !value.is_finite() || error <= value.abs() * 1e-9 || error < most * 0.5e-4
}

fn fixed(value: f64) -> bool {
    !value.is_finite() || (SMALLEST..LARGEST).contains(&value.abs())
}

fn exponential(value: f64) -> String {
    let text = format!("{value:.*e}", DIGITS as usize - 1);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    format!("{digits}e{exponent}").replace('-', "−")
}

/// Fixed notation with commas between thousands and a true minus sign.
fn with_decimals(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "no data"
        } else if value > 0.0 {
            "∞"
        } else {
            "−∞"
        }
        .into();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = grouped(whole);
    let negative = value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    let (sign, point) = (if negative { "−" } else { "" }, if fraction.is_empty() { "" } else { "." });
    format!("{sign}{grouped}{point}{fraction}")
}

pub(super) fn grouped(digits: &str) -> String {
    digits.char_indices().fold(String::new(), |mut grouped, (i, digit)| {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
        grouped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (999.95, "1,000"),
            (1234.6, "1,235"),
            (12_345_678.0, "12,345,678"),
            (1e9, "1e9"),
            (-2.5e12, "−2.5e12"),
            (0.0001, "0.0001"),
            (0.00001, "1e−5"),
            (0.123_456, "0.1235"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(label(value), text, "{value:e}");
        }
    }

    #[test]
    fn the_labels_of_a_legend_agree_in_their_decimals() {
        let all = |values: &[f64], texts: &[&str]| assert_eq!(labels(values), texts);
        all(&[0.0, 2.5, 5.0, 7.5], &["0.0", "2.5", "5.0", "7.5"]);
        all(&[0.0, 0.1 + 0.2, 0.6], &["0.0", "0.3", "0.6"]);
        all(&[0.0, 5000.0, 10_000.0], &["0", "5,000", "10,000"]);
        all(&[0.0, 0.002, 0.004], &["0.000", "0.002", "0.004"]);
        all(&[-1.0, 0.0, 1.0], &["−1", "0", "1"]);
        all(&[0.001, 0.01, 0.1, 1.0, 10.0], &["0.001", "0.01", "0.1", "1", "10"]);
        all(&[0.0, 1e-6, 2e-6], &["0", "1e−6", "2e−6"]);
        all(&[1.7e9, 1.7e9 + 20.0, 1.7e9 + 40.0], &["1,700,000,000", "1,700,000,020", "1,700,000,040"]);
        all(&[1.0, 2.0, 5.0, 10.0, 20.0, 50.0], &["1", "2", "5", "10", "20", "50"]);
        all(&[], &[]);
    }
}
