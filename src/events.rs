//! What was observed, and in which space. Events travel in batches of columns: a source fills them,
//! accumulation empties them, nobody keeps a whole file of them.

/// A batch of observations, in columns of equal length.
///
/// ```
/// use torrid::{Events, Space};
/// let mut paris = Events::new(Space::Earth);
/// paris.push(2.3522, 48.8566);
/// assert_eq!(paris.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// The space in which `x` and `y` are coordinates.
    pub space: Space,
    /// Longitude in degrees on the Earth, in -180..=180; the horizontal coordinate in a flat space.
    pub x: Vec<f64>,
    /// Latitude in degrees on the Earth, in -90..=90; the vertical coordinate in a flat space.
    pub y: Vec<f64>,
    /// How much each event counts, finite; every event counts 1 where it is absent.
    pub weight: Option<Vec<f64>>,
    /// The reading each event carries, finite, where a value column was named.
    pub value: Option<Vec<f64>>,
    /// When each event happened, in microseconds since 1970-01-01T00:00:00Z, where a time column was named.
    pub time: Option<Vec<i64>>,
    /// Whom or what each event is of (a user, a track, a kind) as a number of its own, where such a column was named.
    pub subject: Option<Vec<u64>>,
}

impl Events {
    /// No events yet, nothing but positions.
    pub fn new(space: Space) -> Events {
        Events::at(space, Vec::new(), Vec::new())
    }

    /// Events at these positions.
    ///
    /// # Panics
    /// If the columns differ in length.
    pub fn at(space: Space, x: Vec<f64>, y: Vec<f64>) -> Events {
        assert_eq!(x.len(), y.len(), "columns of a batch have one length");
        Events { space, x, y, weight: None, value: None, time: None, subject: None }
    }

    /// Adds an event of weight 1 to a batch that has neither values nor times nor subjects.
    pub fn push(&mut self, x: f64, y: f64) {
        let bare = self.value.is_none() && self.time.is_none() && self.subject.is_none();
        debug_assert!(bare, "push knows positions only");
        self.x.push(x);
        self.y.push(y);
        if let Some(weight) = &mut self.weight {
            weight.push(1.0);
        }
    }

    /// Adds the events of another batch of the same space.
    ///
    /// # Panics
    /// If one of them has a column that the other lacks.
    pub fn extend(&mut self, more: &Events) {
        fn add<T: Copy>(column: &mut Option<Vec<T>>, more: Option<&Vec<T>>, empty: bool) {
            match (column, more) {
                (Some(column), Some(more)) => column.extend(more),
                (column @ None, Some(more)) if empty => *column = Some(more.clone()),
                (None, None) => {}
                _ => panic!("batches of one input have the same columns"),
            }
        }
        if more.is_empty() {
            return;
        }
        let empty = self.is_empty();
        add(&mut self.weight, more.weight.as_ref(), empty);
        add(&mut self.value, more.value.as_ref(), empty);
        add(&mut self.time, more.time.as_ref(), empty);
        add(&mut self.subject, more.subject.as_ref(), empty);
        self.x.extend(&more.x);
        self.y.extend(&more.y);
    }

    /// Puts the events in an order that depends only on what they are.
    pub fn sort(&mut self) {
        fn by<T: Copy>(order: &[usize], column: &mut Vec<T>) {
            *column = order.iter().map(|i| column[*i]).collect();
        }
        let number = |column: &Option<Vec<f64>>, i: usize| column.as_ref().map_or(0.0, |column| column[i]);
        let keys = |i: usize| [self.y[i], self.x[i], number(&self.weight, i), number(&self.value, i)];
        let whole = |i: usize| {
            (self.time.as_ref().map_or(0, |time| time[i]), self.subject.as_ref().map_or(0, |subject| subject[i]))
        };
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_unstable_by(|a, b| {
            let numbers = keys(*a).into_iter().zip(keys(*b)).map(|(a, b)| a.total_cmp(&b));
            numbers.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(whole(*a).cmp(&whole(*b)))
        });
        by(&order, &mut self.x);
        by(&order, &mut self.y);
        self.weight.iter_mut().for_each(|column| by(&order, column));
        self.value.iter_mut().for_each(|column| by(&order, column));
        self.time.iter_mut().for_each(|column| by(&order, column));
        self.subject.iter_mut().for_each(|column| by(&order, column));
    }

    /// The events of an interval of time, in microseconds since 1970 UTC.
    ///
    /// # Panics
    /// If the batch has no times.
    pub fn during(&self, interval: &std::ops::Range<i64>) -> Events {
        let time = self.time.as_ref().expect("events have times where they are chosen by time");
        let chosen: Vec<usize> = (0..self.len()).filter(|i| interval.contains(&time[*i])).collect();
        self.chosen(&chosen)
    }

    /// The events at these indices, in their order.
    pub fn chosen(&self, indices: &[usize]) -> Events {
        fn of<T: Copy>(column: &[T], indices: &[usize]) -> Vec<T> {
            indices.iter().map(|i| column[*i]).collect()
        }
        Events {
            space: self.space,
            x: of(&self.x, indices),
            y: of(&self.y, indices),
            weight: self.weight.as_ref().map(|column| of(column, indices)),
            value: self.value.as_ref().map(|column| of(column, indices)),
            time: self.time.as_ref().map(|column| of(column, indices)),
            subject: self.subject.as_ref().map(|column| of(column, indices)),
        }
    }

    /// Takes all events out, and leaves the columns their memory.
    pub fn clear(&mut self) {
        self.x.clear();
        self.y.clear();
        self.weight.iter_mut().for_each(Vec::clear);
        self.value.iter_mut().for_each(Vec::clear);
        self.time.iter_mut().for_each(Vec::clear);
        self.subject.iter_mut().for_each(Vec::clear);
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// How many bytes the columns hold.
    pub fn bytes(&self) -> usize {
        let optional = [self.weight.is_some(), self.value.is_some(), self.time.is_some(), self.subject.is_some()];
        8 * self.len() * (2 + optional.iter().filter(|present| **present).count())
    }
}

/// The space events live in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// `x` is longitude and `y` latitude, in degrees WGS 84.
    Earth,
    /// A page, a drawing or a local grid: `x` and `y` are lengths in one unit.
    Flat {
        /// The unit of both coordinates.
        unit: Unit,
        /// Where `y` grows.
        y_axis: YAxis,
    },
}

impl Space {
    /// A page in pixels, `y` growing down.
    pub const PAGE: Space = Space::Flat { unit: Unit::Pixel, y_axis: YAxis::Down };
}

/// The unit of a flat space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// CSS pixels of a page.
    Pixel,
    /// Metres on the ground.
    Metre,
    /// International feet, 0.3048 m.
    Foot,
    /// A unit nobody named.
    Unnamed,
}

impl Unit {
    /// The symbol that follows a number: `px`, `m`, `ft`, or `u` for a unit nobody named.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Pixel => "px",
            Unit::Metre => "m",
            Unit::Foot => "ft",
            Unit::Unnamed => "u",
        }
    }

    /// The unit in metres, where it is a length on the ground.
    pub fn metres(self) -> Option<f64> {
        match self {
            Unit::Metre => Some(1.0),
            Unit::Foot => Some(0.3048),
            Unit::Pixel | Unit::Unnamed => None,
        }
    }
}

/// Where the vertical coordinate of a flat space grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YAxis {
    /// As on a page or a screen.
    Down,
    /// As in a plan or a chart.
    Up,
}
