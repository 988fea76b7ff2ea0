//! Numbers in rows and columns, with what each row and each column is called: what classic heatmaps are drawn of.

/// Numbers in rows and columns. NaN is no data, which is not zero.
///
/// ```
/// use torrid::{Axis, Matrix};
/// let days = Axis::of(["Mon", "Tue"]);
/// let matrix = Matrix::new(Axis::of(["north"]), days, vec![1.0, f64::NAN]);
/// assert_eq!((matrix.height(), matrix.width()), (1, 2));
/// assert_eq!(matrix.transposed().row(0), [1.0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// What the numbers are, such as `mean of passengers`; empty where nothing says it.
    pub name: String,
    /// The rows, from the first to the last.
    pub rows: Axis,
    /// The columns, from the first to the last.
    pub columns: Axis,
    values: Vec<f64>,
}

/// What rows or columns are called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    /// What all of them are, such as `month`; empty where nothing says it.
    pub title: String,
    /// What each is called.
    pub labels: Vec<String>,
    /// What else is known of each.
    pub attributes: Vec<Attribute>,
    /// Where they begin and end, where their widths differ: one number more than there are labels, ascending.
    pub edges: Option<Vec<f64>>,
}

/// Something known of each row or column beside its label, such as the species of a flower.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// What it is.
    pub name: String,
    /// The word for each row or column; empty where it is not known.
    pub words: Vec<String>,
}

impl Axis {
    /// These labels and nothing else.
    pub fn of<L: Into<String>>(labels: impl IntoIterator<Item = L>) -> Axis {
        Axis { labels: labels.into_iter().map(Into::into).collect(), ..Axis::default() }
    }

    /// How many rows or columns there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Some of them, in this order. Edges stay only where all stay in their places.
    ///
    /// # Panics
    /// If one of them is not there.
    pub fn select(&self, order: &[usize]) -> Axis {
        let words = |all: &[String]| order.iter().map(|i| all[*i].clone()).collect();
        let attribute = |of: &Attribute| Attribute { name: of.name.clone(), words: words(&of.words) };
        let unmoved = order.len() == self.len() && order.iter().enumerate().all(|(i, from)| i == *from);
        Axis {
            title: self.title.clone(),
            labels: words(&self.labels),
            attributes: self.attributes.iter().map(attribute).collect(),
            edges: self.edges.clone().filter(|_| unmoved),
        }
    }
}

impl Matrix {
    /// These values, row by row.
    ///
    /// # Panics
    /// If there is not one for each row and column.
    pub fn new(rows: Axis, columns: Axis, values: Vec<f64>) -> Matrix {
        assert_eq!(rows.len() * columns.len(), values.len(), "one value for each row and column");
        Matrix { name: String::new(), rows, columns, values }
    }

    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All values, row by row, to be changed.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// The values of a row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width()..][..self.width()]
    }

    /// The value of a row and a column.
    ///
    /// # Panics
    /// If there is no such row or column.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.row(row)[column]
    }

    /// Rows as columns and columns as rows.
    pub fn transposed(&self) -> Matrix {
        let values = (0..self.width()).flat_map(|c| (0..self.height()).map(move |r| self.get(r, c))).collect();
        Matrix { name: self.name.clone(), ..Matrix::new(self.columns.clone(), self.rows.clone(), values) }
    }

    /// Some of the rows and columns, in this order.
    ///
    /// # Panics
    /// If one of them is not there.
    pub fn select(&self, rows: &[usize], columns: &[usize]) -> Matrix {
        let values = rows.iter().flat_map(|r| columns.iter().map(|c| self.get(*r, *c))).collect();
        let axes = (self.rows.select(rows), self.columns.select(columns));
        Matrix { name: self.name.clone(), ..Matrix::new(axes.0, axes.1, values) }
    }
}
