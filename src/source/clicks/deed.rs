//! What a record of named columns means: the one place where the fields of any vendor become an [`Interaction`].

use std::borrow::Cow;

use super::chain;
use super::sheet::{Look, Role};
use super::tally::Reason;
use super::words::{Word, word};
use crate::interaction::{Across, Anchor, Interaction, Kind, Spot};
use crate::source::Field;

/// Positions further away than this, in CSS pixels, are no places on a page.
const FARTHEST: f64 = 1e6;
/// What unsigned numbers of 16 bits hold where they overflow.
const SENTINEL: f64 = 65535.0;
/// How many parts the sides of elements have in Matomo.
const MATOMO_PARTS: f64 = 2000.0;

/// What a record tells.
#[derive(Debug)]
pub(super) struct Deed {
    pub interaction: Interaction,
    /// Whether the log may have the same once more, as a plain click.
    pub is_echo: bool,
}

/// What a record tells; `selectors` gives each selector the one text that is kept of it.
pub(super) fn deed(look: Look, intern: &mut dyn FnMut(Cow<str>) -> std::sync::Arc<str>) -> Result<Deed, Reason> {
    let (kind, dead, rage, is_echo) = done(look)?;
    let mut interaction = Interaction::of(kind);
    interaction.dead = dead.or(look.flag(Role::Dead)).or(frustrated(look, "dead"));
    interaction.rage = rage.or(look.flag(Role::Rage)).or(frustrated(look, "rage"));
    interaction.count = count(look)?;
    let scale = look.number(Role::Scale).filter(|scale| *scale > 0.0).unwrap_or(1.0);
    interaction.viewport = size(look, Role::ViewportWidth, Role::ViewportHeight, scale);
    interaction.page = size(look, Role::PageWidth, Role::PageHeight, 1.0);
    if kind == Kind::Scroll {
        (interaction.depth, interaction.depth_share) = depth(look, scale)?;
    } else {
        (interaction.spot, interaction.anchor) = place(look, scale, intern)?;
    }
    interaction.visitor = look.field(Role::Visitor).subject();
    interaction.session = look.field(Role::Session).subject();
    interaction.time = time(look);
    Ok(Deed { interaction, is_echo })
}

/// When it was done, by the first column that tells an instant: of a date beside a time of day, that is the date.
pub(super) fn time(look: Look) -> Option<i64> {
    look.fields(Role::Time).find_map(|field| field.time()).or_else(|| {
        let since = look.number(Role::SinceLoad).filter(|milliseconds| milliseconds.abs() < 1e15)?;
        Some((since * 1000.0) as i64)
    })
}

/// Width and height in pixels, where both are known.
fn size(look: Look, width: Role, height: Role, scale: f64) -> Option<[f64; 2]> {
    let length = |role| look.number(role).map(|n| n * scale).filter(|n| *n > 0.0 && *n <= FARTHEST);
    Some([length(width)?, length(height)?])
}

/// What was done, whether nothing came of it, whether it was angry, and whether it may be told again.
type Done = (Kind, Option<bool>, Option<bool>, bool);

fn done(look: Look) -> Result<Done, Reason> {
    let plain = |kind| Ok((kind, None, None, false));
    match look.field(Role::RecordType) {
        Field::Text(about) if about.trim() == "view" => return plain(Kind::Scroll),
        Field::Text(about) if about.trim() != "action" => return Err(Reason::NotAnInteraction),
        _ => {}
    }
    match look.number(Role::Number) {
        None => {}
        Some(1.0) => return plain(Kind::Move),
        Some(2.0) => return plain(Kind::Click),
        // Scrolls (3) tell the top of the window, not what was seen; how far was scrolled is a column of log_hsr.
        Some(_) => return Err(Reason::NotAnInteraction),
    }
    match worded(look) {
        Some(Word::Is(kind)) => plain(kind),
        Some(Word::Press) => Ok((Kind::Click, None, None, true)),
        Some(Word::Rage) => Ok((Kind::Click, None, Some(true), true)),
        Some(Word::Dead) => Ok((Kind::Click, Some(true), None, true)),
        Some(Word::Captured | Word::Down | Word::Up | Word::Other) => Err(Reason::NotAnInteraction),
        None if is_scroll(look) => plain(Kind::Scroll),
        None => plain(Kind::Click),
    }
}

/// What the words of a record say; none where it has none.
fn worded(look: Look) -> Option<Word> {
    let said = word(&look.text(Role::Kind)?);
    let detail = || look.text(Role::Detail).map_or(Word::Is(Kind::Click), |text| word(&text));
    let is_wheel = || look.text(Role::Button).is_some_and(|b| ["scroll", "wheel"].contains(&&*b.to_ascii_lowercase()));
    Some(match said {
        Word::Captured => detail(),
        Word::Down if !is_wheel() => Word::Is(Kind::Click),
        said => said,
    })
}

/// Whether a record that does not say what was done tells a depth and nothing else.
fn is_scroll(look: Look) -> bool {
    let tells = |roles: &[Role]| roles.iter().any(|role| look.field(*role) != Field::Missing);
    tells(&[Role::Depth, Role::DepthPercent, Role::DepthThousandth])
        && !tells(&[Role::X, Role::ShareX, Role::ClientX, Role::Selector])
}

/// Whether the words for what went wrong have this one; none where it does not say so.
fn frustrated(look: Look, sign: &str) -> Option<bool> {
    look.text(Role::Frustration).filter(|words| words.contains(sign)).map(|_| true)
}

fn count(look: Look) -> Result<f64, Reason> {
    match look.field(Role::Count) {
        Field::Missing => Ok(1.0),
        field => field.number().or_else(|| grouped(field)).filter(|n| *n >= 0.0).ok_or(Reason::BadCount),
    }
}

/// A count with separators between its thousands, as Hotjar writes it.
fn grouped(field: Field) -> Option<f64> {
    let Field::Text(text) = field else { return None };
    let mut groups = text.trim().split(',');
    let first = groups.next().filter(|group| (1..=3).contains(&group.len()))?;
    let digits = groups.try_fold(first.to_owned(), |digits, group| (group.len() == 3).then(|| digits + group))?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// How far was scrolled, in pixels or as a share.
fn depth(look: Look, scale: f64) -> Result<(Option<f64>, Option<f64>), Reason> {
    let window = || look.number(Role::ViewportHeight).map(|height| height * scale);
    let from_y = || look.number(Role::Y).filter(|_| look.sheet.shape.depth_from_y).map(|y| y * scale);
    let scrolled = || look.number(Role::ScrollY).or_else(from_y);
    let pixels = look.number(Role::Depth).or_else(|| Some(scrolled()? + window()?));
    let share = look.number(Role::DepthPercent).map(|percent| percent / 100.0);
    let share = share.or_else(|| look.number(Role::DepthThousandth).map(|part| part / 1000.0));
    if pixels.is_none() && share.is_none() {
        return Err(Reason::NoDepth);
    }
    let is_there = pixels.is_none_or(|depth| (0.0..=FARTHEST).contains(&depth));
    let is_share = share.is_none_or(|share| (0.0..=1.0).contains(&share));
    if is_there && is_share { Ok((pixels, share)) } else { Err(Reason::OffThePage) }
}

type Place = (Option<Spot>, Option<Anchor>);

/// Where it was done: on the page, in an element, or both.
fn place(look: Look, scale: f64, intern: &mut dyn FnMut(Cow<str>) -> std::sync::Arc<str>) -> Result<Place, Reason> {
    let spot = spot(look, scale);
    let anchor = selector(look).map(|selector| {
        let [x, y] = inside(look).unwrap_or([None; 2]);
        Anchor { selector: intern(selector), x, y }
    });
    match (spot, anchor) {
        (Ok(None), None) => Err(Reason::NoPosition),
        // A place in the window alone is of no use, that in the element is.
        (Err(Reason::NoScroll), Some(anchor)) if anchor.x.is_some() => Ok((None, Some(anchor))),
        (spot, anchor) => Ok((spot?, anchor)),
    }
}

fn spot(look: Look, scale: f64) -> Result<Option<Spot>, Reason> {
    let fixed = look.flag(Role::Fixed).unwrap_or(false);
    let y = coordinate(look, Role::Y)?;
    if let (Some(x), Some(y)) = (coordinate(look, Role::X)?, y) {
        if look.sheet.shape.sentinel && (x == SENTINEL || y == SENTINEL) {
            return Err(Reason::Sentinel);
        }
        return on_page(Spot { x: Across::Pixels(x * scale), y: y * scale, fixed }).map(Some);
    }
    if let (Some(x), Some(y)) = (coordinate(look, Role::ShareX)?, y) {
        return on_page(Spot { x: Across::Share(x), y: y * scale, fixed }).map(Some);
    }
    in_window(look, fixed)
}

/// A position in the window, as one on the page unless what was clicked stays in the window.
fn in_window(look: Look, fixed: bool) -> Result<Option<Spot>, Reason> {
    let (Some(x), Some(y)) = (coordinate(look, Role::ClientX)?, coordinate(look, Role::ClientY)?) else {
        return Ok(None);
    };
    if look.sheet.shape.sentinel && (x == SENTINEL || y == SENTINEL) {
        return Err(Reason::Sentinel);
    }
    if fixed {
        return on_page(Spot { x: Across::Pixels(x), y, fixed }).map(Some);
    }
    let down = look.number(Role::ScrollY).ok_or(Reason::NoScroll)?;
    let right = look.number(Role::ScrollX).unwrap_or(0.0);
    on_page(Spot { x: Across::Pixels(x + right), y: y + down, fixed }).map(Some)
}

/// A coordinate, where there is one.
fn coordinate(look: Look, role: Role) -> Result<Option<f64>, Reason> {
    match look.field(role) {
        Field::Missing => Ok(None),
        field => field.number().map(Some).ok_or(Reason::NotANumber),
    }
}

/// The same spot, where it is a place on a page.
pub(super) fn on_page(spot: Spot) -> Result<Spot, Reason> {
    let across = match spot.x {
        Across::Pixels(x) => (0.0..=FARTHEST).contains(&x),
        Across::Share(x) => (0.0..=1.0).contains(&x),
    };
    if across && (0.0..=FARTHEST).contains(&spot.y) { Ok(spot) } else { Err(Reason::OffThePage) }
}

/// The selector of the element.
fn selector(look: Look<'_>) -> Option<Cow<'_, str>> {
    let by_id = || look.text(Role::ElementId).filter(|id| &**id != "(not set)").map(|id| chain::by_id(&id).into());
    let by_chain = || look.text(Role::Chain).and_then(|chain| chain::selector(&chain)).map(Cow::from);
    look.text(Role::Selector).or_else(by_id).or_else(by_chain)
}

/// The place in the element, each way as a share, where it is inside.
fn inside(look: Look) -> Option<[Option<f64>; 2]> {
    let share = |role| look.number(role);
    let part = |role| look.number(role).map(|n| n / MATOMO_PARTS);
    let of = |at, side| Some(look.number(at)? / look.number(side).filter(|side| *side > 0.0)?);
    let x =
        share(Role::ElementX).or_else(|| part(Role::ElementUnitX)).or_else(|| of(Role::InsideX, Role::ElementWidth));
    let y =
        share(Role::ElementY).or_else(|| part(Role::ElementUnitY)).or_else(|| of(Role::InsideY, Role::ElementHeight));
    let is_inside = |share: &f64| (0.0..=1.0).contains(share);
    Some([Some(x.filter(is_inside)?), Some(y.filter(is_inside)?)])
}
