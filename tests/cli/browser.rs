//! The pages in a real browser: no error, no request to another host, nothing broader
//! than a telephone, in light and in dark.

use std::fs;

use tests::{Program, tool};

use super::{PATIENCE, pages};

/// A page that shows every chapter in a frame as wide as a telephone, waits until all are
/// there, and writes down what is wrong. Transcripts, code and tables may be broader:
/// they scroll in their own box.
const CHECK: &str = r#"<!doctype html>
<title>check</title>
<pre id="result">nothing was checked</pre>
<script>
const theme = new URLSearchParams(location.search).get("theme");
localStorage.setItem("mdbook-theme", theme);
const frames = PAGES.map(page => {
    const frame = document.createElement("iframe");
    frame.width = 390;
    frame.height = 800;
    frame.src = page;
    document.body.append(frame);
    return [page, frame];
});
function scrolls(element, main) {
    for (let box = element.parentElement; box && box !== main; box = box.parentElement) {
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return true;
    }
    return false;
}
onload = () => {
    const wrong = [];
    for (const [page, frame] of frames) {
        const root = frame.contentDocument.documentElement;
        const main = root.querySelector("main");
        if (!main || !root.classList.contains(theme)) {
            wrong.push(`${page}: no chapter, or not in the theme ${theme}`);
            continue;
        }
        for (const { name } of frame.contentWindow.performance.getEntriesByType("resource")) {
            if (!name.startsWith(location.origin)) wrong.push(`${page}: asks for ${name}`);
        }
        if (root.scrollWidth > root.clientWidth) {
            wrong.push(`${page}: ${root.scrollWidth} pixels wide`);
        }
        for (const element of main.querySelectorAll("*")) {
            const right = element.getBoundingClientRect().right;
            if (right > root.clientWidth + 1 && !scrolls(element, main)) {
                const text = element.textContent.trim().slice(0, 60);
                wrong.push(`${page}: ${element.tagName} ends at ${right}: ${text}`);
            }
        }
    }
    document.getElementById("result").textContent =
        `${frames.length} pages: ${wrong.length ? wrong.join("\n") : "nothing wrong"}`;
};
</script>
"#;

#[test]
fn every_page_is_shown_on_a_telephone_without_an_error_and_without_another_host() {
    let chromium = tool!("chromium");
    let pages = pages::built();
    let chapters: Vec<_> = pages.chapters().collect();
    // The server builds its own: others read those pages at the same time.
    let folder = tempfile::tempdir().expect("a folder");
    let dest = folder.path().display().to_string();
    let server = Program::of("book").args(["--no-open", "--port", "0", "--dest", &dest]);
    let (_running, address) = super::book::started(server);
    let check = CHECK.replace("PAGES", &format!("{chapters:?}"));
    fs::write(folder.path().join("check.html"), check).expect("written");
    for theme in ["light", "navy"] {
        let profile = tempfile::tempdir().expect("a folder");
        let ended = Program::at(&chromium)
            .args([
                "--headless",
                "--no-sandbox", // which root does not get; it shows our own pages only
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--enable-logging=stderr",
                "--virtual-time-budget=3000",
                "--dump-dom",
            ])
            .args([format!("--user-data-dir={}", profile.path().display())])
            .args([format!("http://{address}/check.html?theme={theme}")])
            .start()
            .ends_within(PATIENCE);
        ended.code(0);
        let console = ended.stderr.lines().filter(|line| line.contains("CONSOLE"));
        // What Chromium says of itself where the machine has much to do.
        let console = console.filter(|line| !line.contains("Slow network is detected"));
        let console: Vec<_> = console.collect();
        assert!(console.is_empty(), "{theme}: {console:#?}");
        let result = ended.stdout.split_once("<pre id=\"result\">");
        let result = result.and_then(|(_, rest)| rest.split_once("</pre>"));
        let result = result.unwrap_or_else(|| panic!("{ended:#?}")).0;
        let expected = format!("{} pages: nothing wrong", chapters.len());
        assert_eq!(result, expected, "{theme}");
    }
}
