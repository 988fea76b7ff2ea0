//! A tile server on this machine that counts what it is asked for.
#![allow(dead_code, reason = "each test file uses its share")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A status line, headers, and a body.
pub type Response = (&'static str, &'static str, Vec<u8>);

/// What a server was asked for.
#[derive(Default)]
pub struct Seen {
    /// Paths, as they came.
    pub paths: Mutex<Vec<String>>,
    /// The names of those who asked.
    pub agents: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    /// The most requests that were under way at once.
    pub most: AtomicUsize,
}

/// A server on a port of its own that goes on until the test ends.
pub struct Server {
    pub address: String,
    pub seen: Arc<Seen>,
}

impl Server {
    pub fn start(answer: impl Fn(&str) -> Response + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (seen, answer) = (Arc::new(Seen::default()), Arc::new(answer));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Server { address, seen: kept }
    }

    pub fn paths(&self) -> Vec<String> {
        let mut paths = self.seen.paths.lock().expect("paths").clone();
        paths.sort();
        paths
    }
}

fn serve(mut stream: TcpStream, seen: &Seen, answer: &dyn Fn(&str) -> Response) {
    let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    seen.most.fetch_max(seen.under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let path = first.split(' ').nth(1).expect("a path").to_owned();
    for header in lines.take_while(|line| !line.is_empty()) {
        if let Some(agent) = header.to_ascii_lowercase().strip_prefix("user-agent: ") {
            seen.agents.lock().expect("agents").push(agent.to_owned());
        }
    }
    let (status, headers, body) = answer(&path);
    seen.paths.lock().expect("paths").push(path);
    seen.under_way.fetch_sub(1, Ordering::SeqCst);
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Who asked may have gone.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}
