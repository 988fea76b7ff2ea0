//! Frames in time: the options that ask for them, and the run that writes them.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::progress::Bar;
use crate::cli::render::Render;
use crate::error::Error;
use crate::image::Image;
use crate::lines::Progress;
use crate::lines::density::{Found, Wish};
use crate::lines::picture::{Look, picture_among};
use crate::lines::reading::Reading;
use crate::lines::times::{Duration, Frames, Times, frames, written};
use crate::scale::Summary;
use crate::sink;
use crate::source::{Query, parse_limit};

/// Options of frames in time.
#[derive(Debug, Args)]
pub struct TimesArgs {
    /// Estimate in time too, frame by frame: how far an event is felt before and after it happened (the half-width of an
    /// Epanechnikov kernel): 15min, 6h, 7d, 2w, 1y. Values are per this unit of time
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, help_heading = "Time",
          conflicts_with_all = ["versus", "world_file"])]
    time_bandwidth: Option<String>,
    /// From one frame to the next [default: the time bandwidth]
    #[arg(
        long,
        value_name = "DURATION",
        allow_hyphen_values = true,
        help_heading = "Time",
        requires = "time_bandwidth"
    )]
    step: Option<String>,
    /// Time of the first frame [default: the first event's, rounded down to a whole step of at most a day]
    #[arg(long, value_name = "TIME", help_heading = "Time", requires = "time_bandwidth")]
    from: Option<String>,
    /// Time that no frame is later than [default: the last event's]
    #[arg(long, value_name = "TIME", help_heading = "Time", requires = "time_bandwidth")]
    to: Option<String>,
    /// Frames that an animation shows in a second [default: 5]
    #[arg(long, value_name = "N", help_heading = "Time", requires = "time_bandwidth")]
    fps: Option<f64>,
}

impl TimesArgs {
    /// The frames that the options ask for, if they do.
    pub fn times(&self) -> Result<Option<Times>, Error> {
        let Some(bandwidth) = self.time_bandwidth.as_deref() else { return Ok(None) };
        let bandwidth = Duration::parse("--time-bandwidth", bandwidth)?;
        let step = self.step.as_deref().map_or(Ok(bandwidth), |step| Duration::parse("--step", step))?;
        let limit = |option, text: &Option<String>| text.as_deref().map(|t| parse_limit(option, t)).transpose();
        let (from, to) = (limit("--from", &self.from)?, limit("--to", &self.to)?);
        if let Some(fps) = self.fps.filter(|fps| !(0.01..=50.0).contains(fps)) {
            return Err(Error::caller("--fps").found(fps.to_string()).expected("0.01 to 50 frames in a second"));
        }
        Ok(Some(Times { bandwidth, step, from, to }))
    }

    fn millis(&self) -> u32 {
        (1000.0 / self.fps.unwrap_or(5.0)).round() as u32
    }
}

/// What is to be written.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    /// All frames in one file.
    Animation,
    /// A file for each.
    Each(sink::Kind),
}

/// Runs `torrid render --time-bandwidth`.
pub fn run(render: &Render, query: Query, wish: &Wish, look: Look, times: &Times) -> Result<(), Error> {
    let target = target(render)?;
    render.common.start()?;
    let bar = Bar::new(render.common.quiet);
    let query = Query { timed: Some("--time-bandwidth"), ..query };
    let mut reading = Reading::open(&render.events.inputs, query, &bar)?;
    let mut frames = frames(&mut reading, wish, times)?;
    let paths = match target {
        Target::Animation => vec![render.output.clone()],
        Target::Each(_) => numbered(&render.output, frames.instants()),
    };
    let mut film = Film { render, look, limits: None, notes: Vec::new(), last: None, bar: &bar };
    film.look.style.bandwidth = frames.bandwidth();
    film.look.style.kernel = wish.kernel;
    film.look.note = Some(format!("Epanechnikov in time, {}", times.bandwidth));
    match target {
        Target::Animation => film.animate(&mut frames)?,
        Target::Each(kind) => film.write_each(&mut frames, paths.clone(), kind)?,
    }
    let written_frames = frames.instants().iter().enumerate().map(|(number, instant)| {
        let file = paths.get(number).unwrap_or(&paths[0]);
        json!({ "file": file.display().to_string(), "time": crate::source::written_time(*instant) })
    });
    let list: Vec<Value> = written_frames.collect();
    let mut found = film.last.take().expect("there are two frames at least");
    found.reached = frames.events();
    found.notes = frames.notes().iter().chain(&film.notes).cloned().collect();
    found.notes.push(format!("{} frames from {} to {}", list.len(), first(&frames), last(&frames)));
    let more = [
        ("frames", Value::Array(list)),
        ("time_bandwidth", json!(times.bandwidth.to_string())),
        ("step", json!(times.step.to_string())),
    ];
    render.tell(&[frames.reading()], &found, &film.look, (film.limits, &more), &bar);
    Ok(())
}

fn first(frames: &Frames<'_, '_>) -> String {
    frames.instants().first().map_or(String::new(), |instant| written(*instant))
}

fn last(frames: &Frames<'_, '_>) -> String {
    frames.instants().last().map_or(String::new(), |instant| written(*instant))
}

/// What OUT is to hold.
fn target(render: &Render) -> Result<Target, Error> {
    let out = &render.output;
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    if !is_pattern(&name) {
        if !sink::is_animation(out) {
            return Err(Error::caller(out.display().to_string())
                .found("one file, which cannot hold several frames")
                .expected(format!(
                    "an animation ({}), or a name for each frame",
                    sink::ANIMATIONS.map(|e| format!(".{e}")).join(", ")
                ))
                .advice("give -o OUT.webp, or -o frames/%04d.png, frames/{n}.tif or frames/{time}.tif"));
        }
        sink::check_animation(out, render.force)?;
        return Ok(Target::Animation);
    }
    sink::check_sequence(out)?;
    let kind = sink::format_of(out)?.kind();
    if kind == sink::Kind::Map {
        return Err(Error::caller(out.display().to_string())
            .found("a map for each frame")
            .expected("pictures (.png, .webp, .jpg) or values (.tif, .npy, .csv), whose frames share one scale")
            .advice("look at windows of time with `torrid serve`"));
    }
    let stray = render.times.fps.map(|_| "--fps");
    let stray = stray.or(render.look.first_given().filter(|_| kind == sink::Kind::Values));
    match stray {
        Some(option) => Err(Error::caller(option)
            .found(format!("{option} for {}, a file for each frame", out.display()))
            .expected(if option == "--fps" { "an animation (.webp, .gif)" } else { "pictures (.png, .webp, .jpg)" })
            .advice(format!("leave out {option}, or write another format"))),
        None => Ok(Target::Each(kind)),
    }
}

/// `%04d` or `%d`: where it begins and ends in a name, and how many digits it asks for.
fn percent(name: &str) -> Option<(usize, usize, usize)> {
    let start = name.find('%')?;
    let digits = name[start + 1..].find('d')?;
    let width = &name[start + 1..start + 1 + digits];
    let width = if width.is_empty() { 1 } else { width.parse().ok().filter(|width| *width <= 20)? };
    Some((start, start + digits + 2, width))
}

fn is_pattern(name: &str) -> bool {
    percent(name).is_some() || name.contains("{n}") || name.contains("{time}")
}

/// The path of each frame.
fn numbered(pattern: &Path, instants: &[i64]) -> Vec<PathBuf> {
    let name = pattern.file_name().unwrap_or_default().to_string_lossy();
    let digits = (instants.len() - 1).to_string().len();
    let path = |(number, instant): (usize, &i64)| {
        // No colons: some file systems have none.
        let time = written(*instant).replace(' ', "T").replace(':', "");
        let mut name = name.replace("{n}", &format!("{number:0digits$}")).replace("{time}", &time);
        if let Some((start, end, width)) = percent(&name) {
            name.replace_range(start..end, &format!("{number:0width$}"));
        }
        pattern.with_file_name(name)
    };
    instants.iter().enumerate().map(path).collect()
}

/// Draws and writes frames, and remembers what is to be told of them.
struct Film<'r> {
    render: &'r Render,
    look: Look,
    limits: Option<(f64, f64)>,
    notes: Vec<String>,
    /// The last frame that was estimated.
    last: Option<Found>,
    bar: &'r Bar,
}

impl Film<'_> {
    fn animate(&mut self, frames: &mut Frames<'_, '_>) -> Result<(), Error> {
        let summary = frames.summary()?;
        let film = sink::Film {
            frames: frames.instants().len(),
            millis: self.render.times.millis(),
            width: frames.frame().width(),
            height: frames.frame().height(),
        };
        sink::write_animation(&self.render.output, &film, &mut |number| {
            let drawn = self.draw(frames, number, &summary)?;
            self.bar.stage("writing");
            Ok(drawn)
        })
    }

    fn write_each(&mut self, frames: &mut Frames<'_, '_>, paths: Vec<PathBuf>, kind: sink::Kind) -> Result<(), Error> {
        let sequence = sink::Sequence::begin(paths, self.render.force)?;
        let summary = if kind == sink::Kind::Picture { Some(frames.summary()?) } else { None };
        for number in 0..frames.instants().len() {
            let path = sequence.path(number);
            let Some(summary) = &summary else {
                self.estimate(frames, number)?;
                self.bar.stage("writing");
                let metadata = self.metadata(frames.instants()[number]);
                sink::write_values(&path, &self.last().density, &metadata)?;
                continue;
            };
            let image = self.draw(frames, number, summary)?;
            self.bar.stage("writing");
            let metadata = self.metadata(frames.instants()[number]);
            let frame = Some(frames.frame());
            sink::write_picture(&path, &sink::Picture { image: &image, frame, metadata: &metadata, dpi: None })?;
        }
        sequence.finish()
    }

    fn last(&self) -> &Found {
        self.last.as_ref().expect("a frame was estimated")
    }

    fn metadata(&self, instant: i64) -> Vec<(String, String)> {
        let mut metadata = crate::cli::render::metadata(self.last(), &self.titled(instant));
        metadata.push(("torrid:time".into(), crate::source::written_time(instant)));
        metadata.extend(self.look.note.iter().map(|note| ("torrid:time-kernel".to_owned(), note.clone())));
        metadata
    }

    fn estimate(&mut self, frames: &mut Frames<'_, '_>, number: usize) -> Result<(), Error> {
        let density = frames.density(number)?;
        let (method, error) = frames.how();
        let bandwidth = self.look.style.bandwidth;
        self.last = Some(Found {
            density,
            evidence: None,
            bandwidth,
            method,
            error,
            reached: 0,
            notes: Vec::new(),
            private: None,
        });
        Ok(())
    }

    /// The picture of a frame, on the scale of all.
    fn draw(&mut self, frames: &mut Frames<'_, '_>, number: usize, summary: &Summary) -> Result<Image, Error> {
        self.estimate(frames, number)?;
        self.bar.stage("drawing");
        let look = self.titled(frames.instants()[number]);
        let drawn = picture_among(&self.last().density, &look, summary)?;
        self.limits = Some(drawn.limits);
        for note in drawn.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        Ok(drawn.image)
    }

    /// The look of a frame: its title tells the time, where `{time}` stands in it, else at its end; an empty one is none.
    fn titled(&self, instant: i64) -> Look {
        let time = written(instant);
        let title = match self.look.title.as_deref() {
            None => Some(time),
            Some("") => None,
            Some(title) if title.contains("{time}") => Some(title.replace("{time}", &time)),
            Some(title) => Some(format!("{title}, {time}")),
        };
        Look { title, ..self.look.clone() }
    }
}
