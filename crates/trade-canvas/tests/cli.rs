//! The program as it is started: exit codes, the one sentence on the standard error, and a whole run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "everything here is a test; a failed step ends it with its place"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// One candle, as freqtrade writes it.
const CANDLE_FILE: &str = "[[1700000040000,1,2,0.5,1.5,3]]";

/// The program in `folder`, without the environment of the test.
fn program(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trade-canvas"));
    command
        .current_dir(folder)
        .args(words.split_whitespace())
        .env_clear()
        .stdin(Stdio::null());
    command
}

#[derive(Debug)]
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Ends at once with this code and one sentence that holds all of `parts`.
#[track_caller]
fn refused(folder: &Path, words: &str, environment: &[(&str, &str)], code: i32, parts: &[&str]) {
    let mut command = program(folder, words);
    // What is logged on the way is not the sentence.
    command.env("RUST_LOG", "off").envs(environment.iter().copied());
    let ended = run(command);
    let about = format!("{words} {environment:?}: {ended:#?}");
    assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{about}");
    let sentence = ended.stderr.strip_suffix('\n').unwrap_or_default();
    assert!(
        !sentence.is_empty() && sentence.lines().count() == 1 && !sentence.contains("panicked"),
        "{about}"
    );
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not said: {about}");
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_wrong_command_line_is_told_in_one_sentence() {
    let folder = folder();
    for (words, parts) in [
        ("serve --prot 8", ["--prot", "--port"]),
        ("serve --port eight", ["--port", "eight"]),
        ("serve --port -1", ["--port", "-1"]),
        ("serve --profile office", ["--profile", "workbench"]),
        ("serv", ["serv", "serve"]),
        ("import", ["PATH", "missing"]),
        ("import x --market swap", ["--market", "futures"]),
        ("serve --config nowhere.toml", ["nowhere.toml", "--config"]),
    ] {
        refused(folder.path(), words, &[], 2, &parts);
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is created on the way"
    );
}

#[test]
fn a_wrong_file_or_environment_is_told_in_one_sentence() {
    let folder = folder();
    let with_file = |text: &str| fs::write(folder.path().join("trade-canvas.toml"), text).unwrap();
    for (text, parts) in [
        ("\nprot = 8000\n", ["trade-canvas.toml:2", "port"]),
        (
            "[market]\nws_catchup_limt = 5000\n",
            ["trade-canvas.toml:2", "catchup_limit"],
        ),
        ("port = \"eight\"\n", ["trade-canvas.toml:1", "port"]),
        ("port = 1\nport = 2\n", ["trade-canvas.toml:2", "duplicate"]),
        (
            "market_ws_queue_frames = 20\n[market.ws]\nqueue_frames = 30\n",
            ["trade-canvas.toml:3", "line 1"],
        ),
        ("profile = \"office\"\n", ["trade-canvas.toml:1", "bare"]),
        ("port = \n", ["trade-canvas.toml:1", "TOML"]),
    ] {
        with_file(text);
        for command in ["serve", "config show", "import ."] {
            refused(folder.path(), command, &[], 2, &parts);
        }
    }
    fs::remove_file(folder.path().join("trade-canvas.toml")).unwrap();
    let refused = |name: &str, value: &str, parts: &[&str]| {
        refused(folder.path(), "serve", &[(name, value)], 2, parts);
    };
    refused(
        "TRADE_CANVAS_PROFILE",
        "office",
        &["TRADE_CANVAS_PROFILE", "workbench"],
    );
    refused(
        "TRADE_CANVAS_REDIS_URL",
        "redis://localhost",
        &["redis_not_supported", "NATS_URL"],
    );
    refused(
        "TRADE_CANVAS_ENABLE_WS_PUBSUB",
        "1",
        &["nats_url_required_when_ws_pubsub_enabled"],
    );
    refused(
        "TRADE_CANVAS_ENABLE_PG_ONLY",
        "1",
        &["pg_store_required_when_pg_only_enabled"],
    );
    fs::write(folder.path().join("list.json"), "{\"series_ids\":[\"bogus\"]}").unwrap();
    refused(
        "TRADE_CANVAS_WHITELIST_PATH",
        "list.json",
        &["list.json", "bogus"],
    );
}

#[test]
fn an_unreadable_store_stops_the_start() {
    let folder = folder();
    let path = folder.path().join("market.db");
    fs::create_dir(folder.path().join("input")).unwrap();
    fs::write(folder.path().join("input/BTC_USDT-1m.json"), CANDLE_FILE).unwrap();
    for command in ["serve --port 0", "import input"] {
        fs::write(
            &path,
            "this is no database, however long it is read: ".repeat(100),
        )
        .unwrap();
        let before = fs::read(&path).unwrap();
        refused(
            folder.path(),
            &format!("{command} --db-path market.db"),
            &[],
            1,
            &["market.db"],
        );
        assert_eq!(fs::read(&path).unwrap(), before, "the file is left as it was");
        refused(
            folder.path(),
            &format!("{command} --db-path input"),
            &[],
            1,
            &["input", "folder"],
        );
    }
}

#[test]
fn a_port_in_use_stops_the_start() {
    let folder = folder();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    refused(
        folder.path(),
        &format!("serve --profile bare --port {port}"),
        &[],
        1,
        &[&port, "--port"],
    );
    refused(
        folder.path(),
        "serve --profile bare --host 203.0.113.1 --port 0",
        &[],
        1,
        &["203.0.113.1", "--host"],
    );
}

#[test]
fn nothing_to_import_is_told() {
    let folder = folder();
    refused(folder.path(), "import nowhere", &[], 1, &["nowhere"]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    refused(folder.path(), "import empty", &[], 1, &["empty"]);
}

#[test]
fn version_and_help() {
    let folder = folder();
    let version = run(program(folder.path(), "--version"));
    let expected = format!("trade-canvas {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (version.code, version.stdout, version.stderr.as_str()),
        (0, expected, "")
    );
    for (words, part) in [
        ("--help", "import"),
        ("serve --help", "--demo"),
        ("import --help", "--timeframe"),
        ("config --help", "show"),
        ("config show --help", "--json"),
    ] {
        let help = run(program(folder.path(), words));
        assert_eq!((help.code, help.stderr.as_str()), (0, ""), "{words}");
        assert!(
            help.stdout.contains("Usage: trade-canvas") && help.stdout.contains(part),
            "{words}: {}",
            help.stdout
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn config_show_tells_every_value_and_its_origin() {
    let folder = folder();
    fs::write(
        folder.path().join("trade-canvas.toml"),
        "[market.ws]\ncatchup_limit = 700\n",
    )
    .unwrap();
    let show = |words: &str| {
        let mut command = program(folder.path(), words);
        command
            .env("TRADE_CANVAS_HOST", "::1")
            .env("TRADE_CANVAS_NATS_URL", "nats://me:secret@host:4222");
        let shown = run(command);
        assert_eq!(shown.code, 0, "{shown:#?}");
        shown.stdout
    };
    let table = show("config show --port 8123");
    for (name, value, origin) in [
        ("PORT", "8123", "command line"),
        ("HOST", "::1", "environment"),
        ("MARKET_WS_CATCHUP_LIMIT", "700", "trade-canvas.toml:2"),
        ("ENABLE_ONDEMAND_INGEST", "true", "workbench"),
        ("PIVOT_WINDOW_MAJOR", "50", "default"),
    ] {
        let line = table
            .lines()
            .find(|line| {
                line.split_whitespace()
                    .any(|word| word.eq_ignore_ascii_case(name))
            })
            .unwrap_or_else(|| panic!("{name} is missing in\n{table}"));
        assert!(line.contains(value) && line.contains(origin), "{line}");
    }
    let json = show("config show --json --port 8123");
    let parsed: Value = serde_json::from_str(&json).unwrap();
    let port = find(&parsed, "PORT").unwrap_or_else(|| panic!("{parsed:#}"));
    assert!(
        port.to_string().contains("8123") && port.to_string().contains("command line"),
        "{port}"
    );
    for text in [table, json] {
        assert!(!text.contains("secret"), "{text}");
    }
}

/// The entry of an option, as a field of that name or as an object with that name.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        Value::Object(fields) => match fields.get(name) {
            Some(found) => Some(found),
            None if fields.values().any(|field| field == name) => Some(value),
            None => fields.values().find_map(|field| find(field, name)),
        },
        _ => None,
    }
}

/// A running server; it does not outlive the test.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts it and waits until it tells where it listens.
    fn start(folder: &Path, words: &str) -> Self {
        let mut child = program(folder, words)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let address = log.by_ref().map_while(Result::ok).find_map(|line| {
            seen.push_str(&line);
            seen.push('\n');
            let rest = &line[line.find("127.0.0.1:")?..];
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':')
                .unwrap_or(rest.len());
            rest[..end].trim_end_matches(['.', ':']).parse().ok()
        });
        // What it logs later has to go somewhere.
        std::thread::spawn(move || log.for_each(drop));
        match address {
            Some(address) => Self { child, address },
            None => panic!("it does not tell where it listens:\n{seen}"),
        }
    }

    /// The JSON of a `GET`.
    fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }

    /// The same as text.
    fn text(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        body.to_owned()
    }

    /// Asks it to stop, as a terminal or a supervisor does; its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_starts_in_an_empty_folder_and_stops_when_told() {
    let folder = folder();
    for signal in ["-TERM", "-INT"] {
        let server = Running::start(folder.path(), "serve --profile bare --port 0");
        assert_eq!(server.get("/health/ready")["status"], "ready");
        assert!(folder.path().join("data/market.db").is_file());
        // Its store is its own.
        fs::write(folder.path().join("BTC_USDT-1m.json"), CANDLE_FILE).unwrap();
        refused(folder.path(), "import BTC_USDT-1m.json", &[], 1, &["market.db"]);
        assert_eq!(server.stop(signal), Some(0), "{signal}");
    }
    let import = run(program(folder.path(), "import BTC_USDT-1m.json"));
    assert_eq!(import.code, 0, "{import:#?}");
    assert!(
        import.stdout.contains("binance:spot:BTC/USDT:1m, 1 new"),
        "{}",
        import.stdout
    );
    let server = Running::start(folder.path(), "serve --profile bare --port 0");
    let page = server.get("/api/market/candles?series_id=binance:spot:BTC/USDT:1m");
    assert_eq!(page["server_head_time"], 1_700_000_040);
}

#[test]
fn the_demo_has_a_store_of_its_own_and_begins_anew() {
    let folder = folder();
    let scratch = folder.path().join("data/demo");
    fs::create_dir_all(&scratch).unwrap();
    fs::write(scratch.join("left-over"), "from the last time").unwrap();
    let server = Running::start(folder.path(), "serve --demo --port 0");
    assert_eq!(server.get("/health/live")["demo"], true);
    // Everything of a workbench is on, metrics too.
    server.get("/api/market/candles?series_id=binance:futures:BTC/USDT:1m");
    assert!(server.text("/metrics").contains("# TYPE"));
    assert!(scratch.join("market.db").is_file() && !scratch.join("left-over").exists());
    assert!(!folder.path().join("data/market.db").exists());
    assert_eq!(server.stop("-TERM"), Some(0));
}
