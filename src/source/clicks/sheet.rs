//! Which columns of a log play which role, and the fields of its records by role. Columns may become known one by one,
//! as they do in JSON, where every record has its own.

use std::borrow::Cow;

use super::formats::{LogFormat, Shape, bare, recognised, shape_of};
use crate::source::{Field, Filter};

/// What a column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Time,
    /// Milliseconds since the page was loaded.
    SinceLoad,
    Visitor,
    Session,
    /// What was done, in a word.
    Kind,
    /// What was done, in a word, where `Kind` says only that something was captured.
    Detail,
    /// What was done, by Matomo's numbers.
    Number,
    /// Which button, of a pointer.
    Button,
    /// What the record is about.
    RecordType,
    Url,
    X,
    Y,
    /// As a share of the width of the window.
    ShareX,
    /// From the corner of the window.
    ClientX,
    ClientY,
    ScrollX,
    ScrollY,
    ViewportWidth,
    ViewportHeight,
    PageWidth,
    PageHeight,
    /// In pixels.
    Depth,
    DepthPercent,
    DepthThousandth,
    Selector,
    /// The `id` of an element.
    ElementId,
    /// The chain of elements of `PostHog`.
    Chain,
    /// As shares of its width and height.
    ElementX,
    ElementY,
    /// The same, of 2000.
    ElementUnitX,
    ElementUnitY,
    /// In pixels from its corner.
    InsideX,
    InsideY,
    ElementWidth,
    ElementHeight,
    Fixed,
    Dead,
    Rage,
    /// Words such as `rage_click`.
    Frustration,
    Count,
    /// By what positions were divided.
    Scale,
}

const ROLES: usize = Role::Scale as usize + 1;

/// How many columns are told apart; what comes beyond is read as if it were not there.
const COLUMNS: usize = 1024;

/// The columns of a log.
pub(super) struct Sheet {
    pub shape: &'static Shape,
    is_told: bool,
    /// The names of the columns as they are written.
    pub names: Vec<String>,
    bare: Vec<String>,
    /// What holds the records is called so.
    holder: Option<String>,
    /// For each role its columns, the most telling first, with their ranks.
    columns: [Vec<(usize, usize)>; ROLES],
    /// The columns of the condition.
    wanted: Vec<(String, Option<usize>)>,
}

/// A record as a sheet sees it.
pub(super) trait Record {
    /// The field of column number `column`.
    fn field(&self, column: usize) -> Field<'_>;
}

impl Sheet {
    /// A sheet without columns. `told` is the format that the caller says it has.
    pub fn new(told: Option<&LogFormat>, filter: Option<&Filter>) -> Sheet {
        let wanted = filter.iter().flat_map(|filter| filter.columns()).map(|name| (name.clone(), None)).collect();
        Sheet {
            shape: told.map_or_else(|| recognised(&[]), shape_of),
            is_told: told.is_some(),
            names: Vec::new(),
            bare: Vec::new(),
            holder: None,
            columns: std::array::from_fn(|_| Vec::new()),
            wanted,
        }
    }

    /// Says what the array is called that holds the records.
    pub fn held_by(&mut self, member: &str) {
        self.holder = Some(bare(member));
    }

    /// The number of a new column, none where there are too many already. [`Sheet::settle`] before it is used.
    pub fn add(&mut self, name: &str) -> Option<usize> {
        if self.names.len() >= COLUMNS {
            return None;
        }
        self.names.push(name.to_owned());
        self.bare.push(bare(name));
        Some(self.names.len() - 1)
    }

    /// Finds the format and the roles of the columns that are known.
    pub fn settle(&mut self) {
        if !self.is_told {
            let names: Vec<String> = self.bare.iter().chain(&self.holder).cloned().collect();
            self.shape = recognised(&names);
        }
        for (role, spellings) in self.shape.roles {
            let ranked = |(column, name)| spellings.iter().position(|s| *s == name).map(|rank| (rank, column));
            let names = self.bare.iter().map(String::as_str).enumerate();
            self.columns[*role as usize] = names.filter_map(ranked).collect();
            self.columns[*role as usize].sort_unstable();
        }
        for (name, column) in &mut self.wanted {
            let exact = self.names.iter().position(|known| known == name);
            let folded = || self.names.iter().position(|known| known.eq_ignore_ascii_case(name));
            *column = exact.or_else(folded);
        }
    }

    /// The columns of the condition that are not there.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().filter(|(_, column)| column.is_none()).map(|(name, _)| &**name)
    }

    /// Whether a column plays one of these roles.
    pub fn has(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| !self.columns[*role as usize].is_empty())
    }

    /// Whether its records can tell where something was done, or how far was scrolled.
    pub fn is_a_log(&self) -> bool {
        use Role as R;
        let across = self.has(&[R::X, R::ShareX]) && self.has(&[R::Y]);
        let inside = [R::Selector, R::ElementId, R::Chain, R::Depth, R::DepthPercent, R::DepthThousandth];
        across || self.has(&[R::ClientX]) && self.has(&[R::ClientY]) || self.has(&inside)
    }

    /// Whether a record meets the condition.
    pub fn accepts(&self, filter: &Filter, record: &dyn Record) -> bool {
        filter.accepts(&|i| self.wanted[i].1.map_or(Field::Missing, |column| record.field(column)))
    }
}

/// One record, by roles.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub sheet: &'a Sheet,
    pub record: &'a dyn Record,
}

impl<'a> Look<'a> {
    /// The fields of a role, the most telling first.
    pub fn fields(self, role: Role) -> impl Iterator<Item = Field<'a>> {
        self.sheet.columns[role as usize].iter().map(move |(_, column)| self.record.field(*column))
    }

    /// The first field of a role that is not blank.
    pub fn field(self, role: Role) -> Field<'a> {
        let blank = |field: &Field| match field {
            Field::Missing => true,
            Field::Text(text) => text.bytes().all(|byte| byte.is_ascii_whitespace()),
            _ => false,
        };
        self.fields(role).find(|field| !blank(field)).unwrap_or(Field::Missing)
    }

    /// The field as a finite number.
    pub fn number(self, role: Role) -> Option<f64> {
        self.field(role).number()
    }

    /// The field as it is written.
    pub fn text(self, role: Role) -> Option<Cow<'a, str>> {
        match self.field(role) {
            Field::Text(text) => Some(text.trim().into()),
            Field::Number(number) => Some(number.to_string().into()),
            Field::Missing | Field::Flag(_) | Field::Instant(_) => None,
        }
    }

    /// The field as true or false.
    pub fn flag(self, role: Role) -> Option<bool> {
        match self.field(role) {
            Field::Flag(flag) => Some(flag),
            Field::Number(number) => Some(number != 0.0),
            Field::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "t" | "yes" | "y" | "1" => Some(true),
                "false" | "f" | "no" | "n" | "0" => Some(false),
                _ => None,
            },
            Field::Missing | Field::Instant(_) => None,
        }
    }
}
