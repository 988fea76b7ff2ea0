//! The elements of a page, to be found by a selector or by a place. Which of them a selector of CSS would find is known only
//! as far as the page's own selectors tell.

use std::collections::HashMap;

use super::selector::{last_id, normalised};
use crate::page::{Element, Page};

/// Rows that a page is cut into, so that few boxes are looked at for a place.
const ROWS: usize = 256;

/// The elements of a page.
#[derive(Debug, Clone)]
pub struct Elements {
    all: Vec<Element>,
    exact: HashMap<String, usize>,
    forms: HashMap<String, usize>,
    ids: HashMap<String, usize>,
    /// For each row of the page the elements that reach into it and scroll with it, the smallest first.
    rows: Vec<Vec<usize>>,
    row_height: f64,
    /// Those that stay in the window, the smallest first.
    fixed: Vec<usize>,
}

impl Elements {
    /// The elements of a page; those whose box is not finite or has no area are left out.
    pub fn of(page: &Page) -> Elements {
        let good = |e: &&Element| {
            [e.x, e.y, e.width, e.height].iter().all(|length| length.is_finite()) && e.width > 0.0 && e.height > 0.0
        };
        let all: Vec<Element> = page.elements.iter().filter(good).cloned().collect();
        let (mut exact, mut forms, mut ids) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (number, element) in all.iter().enumerate() {
            // The first in the document is the one that a selector finds.
            let form = normalised(&element.selector);
            if let Some(id) = last_id(&form) {
                ids.entry(id.to_owned()).or_insert(number);
            }
            exact.entry(element.selector.clone()).or_insert(number);
            forms.entry(form).or_insert(number);
        }
        let mut order: Vec<usize> = (0..all.len()).collect();
        // Of boxes of one size the later one lies inside the earlier one.
        order.sort_by(|a, b| all[*a].area().total_cmp(&all[*b].area()).then(b.cmp(a)));
        let height = all.iter().filter(|e| !e.fixed).map(|e| e.y + e.height).fold(1.0, f64::max);
        let row_height = height / ROWS as f64;
        let mut rows = vec![Vec::new(); ROWS];
        for number in order.iter().copied().filter(|number| !all[*number].fixed) {
            let Element { y, height, .. } = all[number];
            let row = |y: f64| ((y / row_height).max(0.0) as usize).min(ROWS - 1);
            for row in &mut rows[row(y)..=row(y + height)] {
                row.push(number);
            }
        }
        let fixed = order.into_iter().filter(|number| all[*number].fixed).collect();
        Elements { all, exact, forms, ids, rows, row_height, fixed }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// An element by its number.
    ///
    /// # Panics
    /// If there is none of this number.
    pub fn get(&self, number: usize) -> &Element {
        &self.all[number]
    }

    /// The element that a selector finds: one whose selector is the same text, or the same when both are in one form, or
    /// one that has the id at the end of the selector.
    pub fn find(&self, selector: &str) -> Option<usize> {
        self.exact.get(selector).copied().or_else(|| {
            let form = normalised(selector);
            self.forms.get(&form).or_else(|| self.ids.get(last_id(&form)?)).copied()
        })
    }

    /// The innermost element that holds a place: the smallest one; of those that stay in the window if `fixed`.
    pub fn at(&self, x: f64, y: f64, fixed: bool) -> Option<usize> {
        let row = || self.rows.get(((y / self.row_height).max(0.0) as usize).min(ROWS - 1));
        let among = if fixed { Some(&self.fixed) } else { row() };
        among?.iter().copied().find(|number| self.all[*number].holds(x, y))
    }
}
