//! A browser without a window, driven by the DevTools protocol: through a pipe, a message of
//! JSON for each order and answer, with a zero byte at its end.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the browser may take for one answer, on a machine that compiles beside it.
const ANSWER: Duration = Duration::from_secs(60);

/// A browser with one page.
pub struct Browser {
    child: Child,
    orders: ChildStdin,
    messages: Receiver<Value>,
    /// The page, once there is one.
    session: Option<String>,
    number: u64,
    /// What the browser has told by itself since the page began to load.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    pub fn start(chromium: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // It reads its orders from descriptor 3, and answers on 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1"])
            .arg(chromium)
            .args([
                "--headless",
                "--no-sandbox", // which root does not get; it shows our own pages only
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let orders = child.stdin.take().expect("piped");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in answers.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("JSON");
                if sender.send(message).is_err() {
                    return; // nobody listens any more
                }
            }
        });
        let mut browser = Self {
            child,
            orders,
            messages,
            session: None,
            number: 0,
            events: Vec::new(),
            _profile: profile,
        };
        browser.open();
        browser
    }

    fn open(&mut self) {
        let page = self.call("Target.createTarget", json!({ "url": "about:blank" }));
        let page = json!({ "targetId": page["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", page);
        self.session = session["sessionId"].as_str().map(str::to_string);
        for domain in ["Page", "Runtime", "Network", "Accessibility"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
    }

    /// Gives an order, and waits for its answer.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut order = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            order["sessionId"] = session.clone().into();
        }
        let order = format!("{order}\0");
        self.orders.write_all(order.as_bytes()).expect("it reads");
        loop {
            let message = self.message();
            if message["id"] != self.number {
                self.events.push(message);
                continue;
            }
            assert!(message["error"].is_null(), "{method}: {message}");
            return message["result"].clone();
        }
    }

    fn message(&mut self) -> Value {
        let message = self.messages.recv_timeout(ANSWER);
        message.expect("the browser answers")
    }

    /// So wide is the window, in pixels, and it is for this medium: `screen` or `print`.
    pub fn is_wide(&mut self, width: u32, medium: &str) {
        let size = json!({
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", size);
        self.call("Emulation.setEmulatedMedia", json!({ "media": medium }));
    }

    /// Shows a page, and waits until all of it is there, its fonts included.
    pub fn shows(&mut self, page: &Path) {
        self.events.clear();
        let url = format!("file://{}", page.display());
        self.call("Page.navigate", json!({ "url": url }));
        while !self.heard("Page.loadEventFired") {
            let message = self.message();
            self.events.push(message);
        }
        self.evaluates("document.fonts.ready.then(() => 0)");
    }

    fn heard(&self, event: &str) -> bool {
        self.events.iter().any(|it| it["method"] == event)
    }

    /// What the page has asked for since it was shown.
    pub fn requests(&self) -> impl Iterator<Item = &str> {
        let asks = |event: &&Value| event["method"] == "Network.requestWillBeSent";
        let asks = self.events.iter().filter(asks);
        asks.filter_map(|event| event["params"]["request"]["url"].as_str())
    }

    /// What a script says in the page, or promises.
    pub fn evaluates(&mut self, script: &str) -> Value {
        let script =
            json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let said = self.call("Runtime.evaluate", script);
        let error = &said["exceptionDetails"];
        assert!(error.is_null(), "{error}");
        said["result"]["value"].clone()
    }

    /// What a screen reader is told of the page: the role and the name of each thing.
    pub fn accessible(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().expect("nodes").iter();
        let nodes = nodes.filter(|node| node["ignored"] == false);
        let word = |node: &Value, key: &str| {
            let word = node[key]["value"].as_str();
            word.unwrap_or_default().to_string()
        };
        nodes
            .map(|node| (word(node, "role"), word(node, "name")))
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok(); // with its pipe it ends, mostly
        self.child.wait().ok();
    }
}
