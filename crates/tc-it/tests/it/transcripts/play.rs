//! Plays a transcript.

use std::{collections::BTreeMap, path::Path, time::Duration};

use reqwest::Method;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use trade_canvas::config::ENVIRONMENT_PREFIX;

use super::{
    compare::compare,
    event_stream,
    format::{Action, Extent, HttpTest, Request, Step, Test, Transcript},
    projection::Projection,
    variables::{self, Variables},
};
use crate::{
    site::{Answer, Site, TestServer},
    socket::{Frame, Socket},
};

/// Longest wait for a frame. Longer than clients need: the machine may be busy with other tests.
const FRAME_WAIT: Duration = Duration::from_secs(10);
const POLL_PAUSE: Duration = Duration::from_millis(100);

/// What all transcripts share.
pub(super) struct Player {
    environment: Vec<(&'static str, String)>,
}

impl Player {
    /// With the fixtures and the stand-in for the exchange.
    pub(super) fn new(fixtures: &Path, upstream: &str) -> Self {
        let environment = vec![
            (
                "WHITELIST_PATH",
                fixtures.join("whitelist.json").display().to_string(),
            ),
            ("BINANCE_SPOT_BASE_URL", format!("{upstream}/spot")),
            ("BINANCE_FUTURES_BASE_URL", format!("{upstream}/futures")),
        ];
        Self { environment }
    }

    /// Plays one transcript on a fresh server.
    ///
    /// # Errors
    /// What is not as it is written.
    pub(super) async fn play(&self, transcript: &Transcript) -> Result<(), String> {
        let mut site = self
            .environment
            .iter()
            .fold(Site::new(), |site, (name, value)| site.with(name, value));
        for (variable, value) in &transcript.env {
            let name = variable
                .strip_prefix(ENVIRONMENT_PREFIX)
                .ok_or_else(|| format!("foreign variable {variable}"))?;
            site = site.with(name, value);
        }
        let server = site.start().await;
        let result = Performance::new(&server).await.run(transcript).await;
        server.stop().await;
        result
    }
}

/// One transcript under way.
struct Performance<'a> {
    server: &'a TestServer,
    expected: Projection,
    variables: Variables,
    sockets: BTreeMap<String, Socket>,
}

impl<'a> Performance<'a> {
    async fn new(server: &'a TestServer) -> Self {
        let expected = Projection::of_catalog(&server.get("/api/factor/catalog", &[]).await.ok());
        assert!(
            expected.has("pivot") && expected.has("pen"),
            "the catalogue lacks what every build has"
        );
        Self {
            server,
            expected,
            variables: Variables::new(),
            sockets: BTreeMap::new(),
        }
    }

    async fn run(mut self, transcript: &Transcript) -> Result<(), String> {
        for request in &transcript.setup {
            let answer = self.ask(request).await;
            if answer.status >= 400 {
                return Err(format!(
                    "setup {} {}: {}",
                    request.path, answer.status, answer.text
                ));
            }
        }
        match &transcript.test {
            Test::Http(test) => {
                let answer = self.ask(&test.request).await;
                self.check(test, &answer)
            }
            Test::Ws { ws } => {
                for (n, step) in ws.iter().enumerate() {
                    self.step(step)
                        .await
                        .map_err(|error| format!("step {n} {:?}: {error}", step.action))?;
                }
                Ok(())
            }
        }
    }

    async fn ask(&mut self, request: &Request) -> Answer {
        let mut waited = Duration::ZERO;
        let answer = loop {
            let answer = self.ask_once(request).await;
            match &request.poll {
                Some(poll) if waited < Duration::from_millis(poll.max_ms) => {
                    if answer.body().pointer(&poll.pointer) == Some(&poll.equals) {
                        break answer;
                    }
                }
                _ => break answer,
            }
            tokio::time::sleep(POLL_PAUSE).await;
            waited += POLL_PAUSE;
        };
        let body = answer.body();
        for (name, pointer) in &request.capture {
            self.variables
                .insert(name.clone(), body.pointer(pointer).cloned().unwrap_or_default());
        }
        answer
    }

    async fn ask_once(&self, request: &Request) -> Answer {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap();
        let mut call = self.server.request(method, &request.path);
        if !request.query.is_empty() {
            let text = |value| variables::as_text(&variables::resolve(value, &self.variables));
            let query: Vec<_> = request
                .query
                .iter()
                .map(|(name, value)| (name, text(value)))
                .collect();
            call = call.query(&query);
        }
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        if let Some(body) = &request.body {
            call = call.json(&variables::resolve(body, &self.variables));
        } else if let Some(text) = &request.raw_body {
            call = call.header("content-type", "application/json").body(text.clone());
        }
        Answer::of(call).await
    }

    fn check(&self, test: &HttpTest, answer: &Answer) -> Result<(), String> {
        if answer.status != test.status {
            return Err(format!(
                "status {} instead of {}: {}",
                answer.status, test.status, answer.text
            ));
        }
        for (name, value) in &test.response_headers {
            if answer.header(name) != value.as_deref().unwrap_or_default() {
                return Err(format!(
                    "header {name} is {:?} instead of {value:?}",
                    answer.header(name)
                ));
            }
        }
        if let Some(wanted) = &test.content_type
            && !answer.header("content-type").starts_with(wanted)
        {
            return Err(format!(
                "content type {} instead of {wanted}",
                answer.header("content-type")
            ));
        }
        let (expected, actual) = match &test.body_sse {
            Some(events) => (Value::from(events.clone()), event_stream::events(&answer.text)),
            None => (test.body.clone().unwrap_or_default(), answer.body()),
        };
        let mut expected = variables::resolve(&expected, &self.variables);
        let mut actual = actual;
        if test.body_sse.is_none() {
            hide(&mut expected, &mut actual, &test.volatile)?;
        } else {
            hide_in_events(&mut expected, &mut actual, &test.volatile)?;
        }
        let mut extent = test.extent;
        if test.status >= 400 {
            check_error_body(answer, &actual)?;
            extent = Extent::Subset;
            keep_type_and_place(&mut expected);
            keep_type_and_place(&mut actual);
        }
        self.expected.reduce(&mut expected);
        self.expected.of_answers().reduce(&mut actual);
        compare(&expected, &actual, extent).map_err(|difference| difference.to_string())
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        if let Action::Connect {
            connect,
            expect_handshake_status,
        } = &step.action
        {
            return match (
                Socket::open(self.server.address(), connect).await,
                expect_handshake_status,
            ) {
                (Ok(socket), None) => {
                    self.sockets.insert(step.conn.clone(), socket);
                    Ok(())
                }
                (Ok(_), Some(status)) => Err(format!("opened instead of {status}")),
                (Err(status), expected) if Some(status) == *expected => Ok(()),
                (Err(status), _) => Err(format!("refused with {status}")),
            };
        }
        if let Action::Http { http, status } = &step.action {
            let answer = self.ask(http).await;
            return match answer.status == *status {
                true => Ok(()),
                false => Err(format!("status {}: {}", answer.status, answer.text)),
            };
        }
        let socket = self
            .sockets
            .get_mut(&step.conn)
            .ok_or("the connection is not open")?;
        match &step.action {
            Action::Send { send } => socket.send(&variables::resolve(send, &self.variables)).await,
            Action::SendText { send_text } => socket.send_message(Message::text(send_text.clone())).await,
            Action::Close { close: true } => socket.close().await,
            Action::Expect { expect } => return expect_frame(socket, expect).await,
            Action::ExpectNone { expect_none_ms } => {
                if let Some(frame) = socket.next_within(Duration::from_millis(*expect_none_ms)).await {
                    return Err(format!("{frame:?} came"));
                }
            }
            Action::ExpectClose { expect_close } => match socket.next_within(FRAME_WAIT).await {
                Some(Frame::Closed(Some((code, _)))) if code == expect_close.code => {}
                other => return Err(format!("{other:?} came")),
            },
            Action::Close { close: false } | Action::Connect { .. } | Action::Http { .. } => {}
        }
        Ok(())
    }
}

async fn expect_frame(socket: &mut Socket, expected: &Value) -> Result<(), String> {
    let mut actual = match socket.next_within(FRAME_WAIT).await {
        Some(Frame::Json(frame)) => frame,
        other => return Err(format!("{other:?} came")),
    };
    let mut expected = expected.clone();
    if expected["type"] == "system" {
        hide(&mut expected, &mut actual, &["/message".to_owned()])?;
    }
    compare(&expected, &actual, Extent::Exact).map_err(|difference| difference.to_string())
}

/// Takes the volatile values out of both; they have to be there.
fn hide(expected: &mut Value, actual: &mut Value, pointers: &[String]) -> Result<(), String> {
    for pointer in pointers {
        let value = actual
            .pointer_mut(pointer)
            .ok_or_else(|| format!("nothing at {pointer}"))?;
        *value = Value::Null;
        if let Some(value) = expected.pointer_mut(pointer) {
            *value = Value::Null;
        }
    }
    Ok(())
}

/// The same for the data of every event; `(id)` is the id of the event.
fn hide_in_events(expected: &mut Value, actual: &mut Value, pointers: &[String]) -> Result<(), String> {
    let pairs = expected
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(actual.as_array_mut().into_iter().flatten());
    let pointers: Vec<String> = pointers
        .iter()
        .map(|pointer| {
            if pointer == "(id)" {
                "/id".to_owned()
            } else {
                format!("/data{pointer}")
            }
        })
        .collect();
    for (expected, actual) in pairs {
        hide(expected, actual, &pointers)?;
    }
    Ok(())
}

/// Every error has the same four fields.
fn check_error_body(answer: &Answer, body: &Value) -> Result<(), String> {
    match answer.body() {
        written
            if written["request_id"] == answer.header("x-request-id")
                && ["code", "message"]
                    .iter()
                    .all(|field| written[field].as_str().is_some_and(|text| !text.is_empty()))
                && !written["detail"].is_null() =>
        {
            Ok(())
        }
        _ => Err(format!(
            "not an error body of request {}: {body}",
            answer.header("x-request-id")
        )),
    }
}

/// Of a list of broken rules only these two are the contract.
fn keep_type_and_place(body: &mut Value) {
    let list = body.pointer_mut("/detail").and_then(Value::as_array_mut);
    for violation in list.into_iter().flatten().filter_map(Value::as_object_mut) {
        violation.retain(|field, _| field == "type" || field == "loc");
    }
}
