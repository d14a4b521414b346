//! A transcript as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One line of the file.
#[derive(Debug, Deserialize)]
pub(super) struct Transcript {
    pub(super) name: String,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    pub(super) setup: Vec<Request>,
    #[serde(flatten)]
    pub(super) test: Test,
}

/// What is tested.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Test {
    Http(Box<HttpTest>),
    Ws { ws: Vec<Step> },
}

/// A request and its answer.
#[derive(Debug, Deserialize)]
pub(super) struct HttpTest {
    pub(super) request: Request,
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) body_sse: Option<Vec<Value>>,
    pub(super) content_type: Option<String>,
    #[serde(default)]
    pub(super) response_headers: BTreeMap<String, Option<String>>,
    #[serde(default, rename = "match")]
    pub(super) extent: Extent,
    #[serde(default)]
    pub(super) volatile: Vec<String>,
}

/// Whether the body may hold more than what is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Extent {
    #[default]
    Exact,
    Subset,
}

/// A request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: BTreeMap<String, Value>,
    pub(super) body: Option<Value>,
    pub(super) raw_body: Option<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) capture: BTreeMap<String, String>,
    pub(super) poll: Option<Poll>,
}

/// Repeats a request until a value is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Poll {
    pub(super) pointer: String,
    pub(super) equals: Value,
    pub(super) max_ms: u64,
}

/// One step of a session.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    #[serde(default = "main_connection")]
    pub(super) conn: String,
    #[serde(flatten)]
    pub(super) action: Action,
}

/// What a step does.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Action {
    Connect {
        connect: String,
        expect_handshake_status: Option<u16>,
    },
    Send {
        send: Value,
    },
    SendText {
        send_text: String,
    },
    Expect {
        expect: Value,
    },
    ExpectNone {
        expect_none_ms: u64,
    },
    ExpectClose {
        expect_close: ExpectedClose,
    },
    Close {
        close: bool,
    },
    Http {
        http: Box<Request>,
        status: u16,
    },
}

/// How the server ends a connection.
#[derive(Debug, Deserialize)]
pub(super) struct ExpectedClose {
    pub(super) code: u16,
}

fn main_connection() -> String {
    "main".to_owned()
}

impl Transcript {
    /// Method and path of everything that is asked for; a socket is a `GET`.
    pub(super) fn routes(&self) -> Vec<(String, String)> {
        let route = |request: &Request| (request.method.clone(), request.path.clone());
        let mut routes: Vec<_> = self.setup.iter().map(route).collect();
        match &self.test {
            Test::Http(test) => routes.push(route(&test.request)),
            Test::Ws { ws } => routes.extend(ws.iter().filter_map(|step| match &step.action {
                Action::Connect { connect, .. } => Some(("GET".to_owned(), connect.clone())),
                Action::Http { http, .. } => Some(route(http)),
                _ => None,
            })),
        }
        routes
    }
}
