//! The formats of logs: by which columns each is recognised, and what its columns are called. Names are compared in
//! their bare form ([`bare`]), so that `pageX`, `page_x` and `Page X` are one. What the columns mean is decided in
//! `deed`.

use super::Wish;
use super::sheet::Role;
use crate::error::Error;

/// A format of logs.
#[derive(Debug, PartialEq, Eq)]
pub struct LogFormat {
    /// What `--format` and the messages call it.
    pub name: &'static str,
    /// File name endings that are usual for it, lower case, without the dot; it is recognised by what it says.
    pub extensions: &'static [&'static str],
    /// One line for the help and the documents.
    pub about: &'static str,
}

const TEXT: &[&str] = &["csv", "tsv", "json", "ndjson", "jsonl"];

/// Every format of logs, in the order in which they are listed.
pub static FORMATS: &[LogFormat] = &[
    LogFormat {
        name: "columns",
        extensions: TEXT,
        about: "columns or members called x, y, kind, url, time and so on; raw pointer logs; lists of x,y",
    },
    LogFormat {
        name: "heatmapjs",
        extensions: &["json"],
        about: "the points of heatmap.js: {max, data: [{x, y, value}]}",
    },
    LogFormat {
        name: "posthog",
        extensions: TEXT,
        about: "PostHog: answers of its heatmap API, its heatmaps table, autocapture",
    },
    LogFormat {
        name: "matomo",
        extensions: TEXT,
        about: "Matomo heatmaps: API answers, rows of log_hsr_event with selectors",
    },
    LogFormat { name: "owa", extensions: TEXT, about: "Open Web Analytics: rows of its table of clicks" },
    LogFormat { name: "datadog", extensions: TEXT, about: "Datadog RUM: events of the types action and view" },
    LogFormat {
        name: "rrweb",
        extensions: &["json", "ndjson", "jsonl"],
        about: "rrweb recordings: pointer, touches, clicks, scrolls",
    },
    LogFormat { name: "hotjar", extensions: &["csv"], about: "Hotjar: clicks by element" },
    LogFormat { name: "journal", extensions: &["journal"], about: "what torrid itself took in" },
];

/// The format that the caller tells.
///
/// # Errors
/// When there is none of that name.
pub(super) fn told(wish: &Wish) -> Result<Option<&'static LogFormat>, Error> {
    let Some(name) = &wish.format else { return Ok(None) };
    let known = || FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
    FORMATS.iter().find(|format| format.name.eq_ignore_ascii_case(name.trim())).map(Some).ok_or_else(|| {
        Error::caller("--format").found(format!("`{name}`")).expected(format!("a format of click logs: {}", known()))
    })
}

/// What the columns of a format are called.
#[derive(Debug)]
pub(super) struct Shape {
    pub name: &'static str,
    /// Sets of bare names; a log is of this format if it has all of one set.
    pub marks: &'static [&'static [&'static str]],
    /// The bare names of each role, the most telling first.
    pub roles: &'static [(Role, &'static [&'static str])],
    /// Whether 65535 stands for no position.
    pub sentinel: bool,
    /// Whether `y` of a scroll is how far it went, in the units of `Scale`, and the window comes on top of it.
    pub depth_from_y: bool,
    /// Whether rows tell nothing but how often something was done to an element.
    pub totals: bool,
}

/// Whose and when: the same in most logs.
const VISITORS: &[&str] = &[
    "visitor",
    "visitorid",
    "idvisitor",
    "userid",
    "user",
    "distinctid",
    "uid",
    "clientid",
    "anonymousid",
    "personid",
    "participant",
    "participantid",
];
const SESSIONS: &[&str] = &["session", "sessionid", "visit", "visitid", "idvisit", "sid"];
const TIMES: &[&str] = &[
    "time",
    "clienttimestamp",
    "timestamp",
    "ts",
    "datetime",
    "clienttime",
    "eventtime",
    "createdat",
    "date",
    "servertime",
    "recordtimestamp",
];
const URLS: &[&str] =
    &["url", "currenturl", "pageurl", "documenturl", "href", "location", "uri", "page", "path", "pathname", "address"];

/// The roles of columns that have plain names.
const OWN_ROLES: &[(Role, &[&str])] = &[
    (Role::Time, TIMES),
    (Role::Visitor, VISITORS),
    (Role::Session, SESSIONS),
    (Role::Kind, &["kind", "type", "event", "eventtype", "eventname", "state", "action", "interaction"]),
    (Role::Button, &["button"]),
    (Role::Url, URLS),
    (Role::X, &["x", "pagex", "clickx", "xpos", "posx", "positionx", "xposition", "mousex", "coordx", "position.x"]),
    (Role::Y, &["y", "pagey", "clicky", "ypos", "posy", "positiony", "yposition", "mousey", "coordy", "position.y"]),
    (Role::ShareX, &["relativex", "xrelative", "xshare", "sharex"]),
    (Role::ClientX, &["clientx", "viewportx", "windowx"]),
    (Role::ClientY, &["clienty", "viewporty", "windowy"]),
    (Role::ScrollX, &["scrollx", "scrollleft", "pagexoffset"]),
    (Role::ScrollY, &["scrolly", "scrolltop", "pageyoffset"]),
    (
        Role::ViewportWidth,
        &["viewportwidth", "viewportw", "windowwidth", "innerwidth", "clientwidth", "vw", "viewport.width"],
    ),
    (
        Role::ViewportHeight,
        &["viewportheight", "viewporth", "windowheight", "innerheight", "clientheight", "vh", "viewport.height"],
    ),
    (Role::PageWidth, &["pagewidth", "pagew", "documentwidth", "docwidth", "scrollwidth", "page.width"]),
    (Role::PageHeight, &["pageheight", "pageh", "documentheight", "docheight", "scrollheight", "page.height"]),
    (Role::Depth, &["depth", "scrolldepth", "maxscroll", "maxdepth", "maxscrolldepth"]),
    (
        Role::DepthPercent,
        &["depthpercent", "scrollpercent", "scrollpercentage", "scrolldepthpercent", "percentscrolled", "depthpct"],
    ),
    (Role::Selector, &["selector", "cssselector", "elementselector", "targetselector", "csspath"]),
    (Role::ElementX, &["elementx", "elx", "element.x"]),
    (Role::ElementY, &["elementy", "ely", "element.y"]),
    (Role::InsideX, &["offsetx"]),
    (Role::InsideY, &["offsety"]),
    (Role::ElementWidth, &["elementwidth", "targetwidth"]),
    (Role::ElementHeight, &["elementheight", "targetheight"]),
    (Role::Fixed, &["fixed", "targetfixed", "isfixed"]),
    (Role::Dead, &["dead", "deadclick", "isdead"]),
    (Role::Rage, &["rage", "rageclick", "israge"]),
    (Role::Count, &["count", "value", "weight", "n", "clicks", "hits"]),
];

static OWN: Shape =
    Shape { name: "columns", marks: &[], roles: OWN_ROLES, sentinel: true, depth_from_y: false, totals: false };

static HEATMAP_JS: Shape = Shape {
    name: "heatmapjs",
    marks: &[&["data", "x", "y", "value"]],
    // They may have further members, which then are what they are called.
    roles: OWN_ROLES,
    sentinel: false,
    depth_from_y: false,
    totals: false,
};

static POSTHOG: Shape = Shape {
    name: "posthog",
    marks: &[
        &["pointerrelativex"],
        &["pointertargetfixed"],
        &["scrolldepthbucket"],
        &["elementschain"],
        &["distinctid", "currenturl", "scalefactor"],
    ],
    roles: &[
        (Role::Time, &["timestamp", "createdat"]),
        (Role::Visitor, &["distinctid", "personid"]),
        (Role::Session, &["sessionid"]),
        (Role::Kind, &["type", "event"]),
        (Role::Detail, &["eventtype"]),
        (Role::Url, &["currenturl", "url"]),
        (Role::X, &["x"]),
        (Role::Y, &["pointery", "y", "clienty"]),
        (Role::ShareX, &["pointerrelativex"]),
        (Role::ViewportWidth, &["viewportwidth"]),
        (Role::ViewportHeight, &["viewportheight"]),
        (Role::Depth, &["scrolldepthbucket"]),
        (Role::Chain, &["elementschain"]),
        (Role::Fixed, &["pointertargetfixed", "targetfixed"]),
        (Role::Count, &["count", "cnt", "bucketcount"]),
        (Role::Scale, &["scalefactor"]),
    ],
    sentinel: false,
    depth_from_y: true,
    totals: false,
};

static MATOMO: Shape = Shape {
    name: "matomo",
    marks: &[
        // Without `value` these are members of DOM events, in pixels.
        &["selector", "offsetx", "offsety", "value"],
        &["eventtype", "timesinceload"],
        &["eventtype", "idloghsr"],
        &["scrollymaxrelative"],
    ],
    roles: &[
        (Role::Time, &["servertime"]),
        (Role::SinceLoad, &["timesinceload"]),
        (Role::Visitor, &["idvisitor"]),
        (Role::Session, &["idvisit", "idloghsr"]),
        (Role::Number, &["eventtype"]),
        (Role::Url, &["url", "pageurl"]),
        (Role::ViewportWidth, &["viewportwpx"]),
        (Role::ViewportHeight, &["viewporthpx"]),
        (Role::DepthThousandth, &["scrollymaxrelative"]),
        (Role::Selector, &["selector"]),
        (Role::ElementUnitX, &["offsetx", "x"]),
        (Role::ElementUnitY, &["offsety", "y"]),
        (Role::Count, &["value"]),
    ],
    sentinel: false,
    depth_from_y: false,
    totals: false,
};

static OWA: Shape = Shape {
    name: "owa",
    marks: &[
        &["clickx", "clicky", "domelementid"],
        &["clickx", "clicky", "domelementx"],
        &["clickx", "clicky", "approxposition"],
    ],
    roles: &[
        (Role::Time, &["timestamp"]),
        (Role::Visitor, &["visitorid"]),
        (Role::Session, &["sessionid"]),
        (Role::Url, &["pageurl", "documenturl", "url", "uri", "pageuri"]),
        (Role::X, &["clickx"]),
        (Role::Y, &["clicky"]),
        (Role::PageWidth, &["pagewidth"]),
        (Role::PageHeight, &["pageheight"]),
        (Role::ElementId, &["domelementid"]),
        (Role::Count, &["count"]),
    ],
    sentinel: false,
    depth_from_y: false,
    totals: false,
};

static DATADOG: Shape = Shape {
    name: "datadog",
    marks: &[
        &["dd.action.position.x"],
        &["dd.action.target.selector"],
        &["action.type", "view.url"],
        &["view.url", "session.id"],
    ],
    roles: &[
        (Role::Time, &["date", "timestamp"]),
        (Role::Visitor, &["usr.id", "usr.anonymousid"]),
        (Role::Session, &["session.id"]),
        (Role::RecordType, &["type"]),
        (Role::Kind, &["action.type"]),
        (Role::Url, &["view.url"]),
        (Role::ViewportWidth, &["display.viewport.width"]),
        (Role::ViewportHeight, &["display.viewport.height"]),
        (Role::Depth, &["display.scroll.maxdepth"]),
        (Role::PageHeight, &["display.scroll.maxscrollheight"]),
        (Role::Selector, &["dd.action.target.selector"]),
        (Role::InsideX, &["dd.action.position.x"]),
        (Role::InsideY, &["dd.action.position.y"]),
        (Role::ElementWidth, &["dd.action.target.width"]),
        (Role::ElementHeight, &["dd.action.target.height"]),
        (Role::Frustration, &["action.frustration.type"]),
    ],
    sentinel: false,
    depth_from_y: false,
    totals: false,
};

static HOTJAR: Shape = Shape {
    name: "hotjar",
    marks: &[&["elementcssselector"]],
    roles: &[
        (Role::Selector, &["elementcssselector"]),
        (Role::Count, &["total#ofclicks", "total#oftaps", "#ofclicks", "totalclicks"]),
    ],
    sentinel: false,
    depth_from_y: false,
    totals: true,
};

/// The shapes of logs that are recognised by their columns.
static SHAPES: [&Shape; 6] = [&HOTJAR, &POSTHOG, &DATADOG, &OWA, &MATOMO, &HEATMAP_JS];

/// The shape of a log of this format; that of plain columns for formats that have none.
pub(super) fn shape_of(format: &LogFormat) -> &'static Shape {
    SHAPES.into_iter().find(|shape| shape.name == format.name).unwrap_or(&OWN)
}

/// The shape of a log whose columns have these bare names: that of plain columns where none is recognised.
pub(super) fn recognised(names: &[String]) -> &'static Shape {
    let has = |name: &&str| names.iter().any(|known| known == name);
    SHAPES.into_iter().find(|shape| shape.marks.iter().any(|set| set.iter().all(has))).unwrap_or(&OWN)
}

/// A name without what spellings differ in: case, `_`, `-`, blanks, `$`, `@`, and members that only wrap others.
pub(super) fn bare(name: &str) -> String {
    const WRAPPERS: [&str; 2] = ["attributes.", "properties."];
    let kept = |c: &char| !matches!(c, '_' | '-' | ' ' | '$' | '@');
    let name: String = name.trim().chars().filter(kept).flat_map(char::to_lowercase).collect();
    let mut rest = &*name;
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| rest.strip_prefix(wrapper)) {
        rest = inner;
    }
    rest.to_owned()
}
