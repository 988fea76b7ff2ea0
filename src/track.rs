//! A way that somebody or something went, as a receiver recorded it. Lines are made of it elsewhere; here it is only
//! what was recorded, and where the recording was interrupted.

use std::ops::Range;

/// Fixes in the order in which they were recorded, in columns of equal length.
///
/// ```
/// use torrid::Track;
/// let mut walk = Track { breaks: vec![2], ..Track::default() };
/// walk.lng = vec![2.35, 2.36, 2.40, 2.41];
/// walk.lat = vec![48.85, 48.85, 48.85, 48.85];
/// assert_eq!(walk.legs().collect::<Vec<_>>(), [0..2, 2..4]);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Track {
    /// Whose it is: a number of their own for each person.
    pub user: u64,
    /// Longitudes in degrees WGS 84, finite, in -180..=180.
    pub lng: Vec<f64>,
    /// Latitudes in degrees WGS 84, finite, in -90..=90.
    pub lat: Vec<f64>,
    /// When each fix was taken, in microseconds since 1970-01-01T00:00:00Z, where the recording tells; times do not
    /// decrease.
    pub time: Option<Vec<i64>>,
    /// The fixes before which the recording was interrupted, as indices in 1..len, ascending: no line leads there.
    pub breaks: Vec<usize>,
}

impl Track {
    /// How many fixes there are.
    pub fn len(&self) -> usize {
        self.lng.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lng.is_empty()
    }

    /// The stretches of fixes between interruptions, in order; none is empty.
    pub fn legs(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.breaks.iter().copied());
        let ends = self.breaks.iter().copied().chain(std::iter::once(self.len()));
        starts.zip(ends).map(|(start, end)| start..end).filter(|leg| !leg.is_empty())
    }
}
