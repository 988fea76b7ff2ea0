//! A server of the program itself, and a client of a few lines that shares no code with it.
#![allow(dead_code, reason = "each test file uses its share")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A running `torrid serve`; killed when it is dropped.
pub struct Served {
    pub child: Child,
    pub host: String,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

impl Served {
    /// What senders of events have to know.
    pub const TOKEN: &str = "a-token-for-tests";

    /// Serves inputs in a folder, with these options, at a port that is free.
    pub fn start(folder: &Path, arguments: &[&str]) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
        command.current_dir(folder).arg("serve").args(arguments).args(["--port", "0"]);
        let child = command.env("TORRID_TOKEN", Served::TOKEN).stderr(Stdio::piped()).spawn().expect("the program");
        let mut served = Served { child, host: String::new() };
        let mut lines = BufReader::new(served.child.stderr.take().expect("what it says")).lines();
        let mut said = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            said += &line;
            if let Some((_, rest)) = line.split_once("http://") {
                rest.split('/').next().expect("a host").clone_into(&mut served.host);
                // What it says later has to be read, or it would wait.
                std::thread::spawn(move || lines.for_each(drop));
                return served;
            }
        }
        panic!("it did not begin: {said}");
    }

    pub fn get(&self, path: &str) -> Reply {
        self.request(&format!("GET {path} HTTP/1.1"), "")
    }

    /// Sends a body of events, of a media type, under a key.
    pub fn send(&self, layer: &str, media: &str, key: &str, body: &str) -> Reply {
        let (token, length) = (Served::TOKEN, body.len());
        let headers = format!(
            "Authorization: Bearer {token}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\nIdempotency-Key: {key}\r\n"
        );
        self.try_request(&format!("POST /{layer}/events HTTP/1.1"), &headers, body).expect("an answer")
    }

    /// A request by its first line and further headers.
    pub fn request(&self, line: &str, headers: &str) -> Reply {
        self.try_request(line, headers, "").expect("an answer")
    }

    /// The same with a body; none where the server went away.
    pub fn try_request(&self, line: &str, headers: &str, body: &str) -> Option<Reply> {
        request_at(&self.host, line, headers, body)
    }
}

/// A request to a host; none where it goes away before it has answered.
pub fn request_at(host: &str, line: &str, headers: &str, body: &str) -> Option<Reply> {
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_mins(5))).expect("a limit");
    write!(stream, "{line}\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n{body}").ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Some(Reply { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].to_vec() })
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
