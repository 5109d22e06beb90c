//! The pages on http://127.0.0.1.
//!
//! The web server is axum with tower-http's `ServeDir`, as in mdBook's own `serve`: what
//! leads out of the folder (`..`, also percent-encoded) is not found, and what a file is
//! (HTML, CSS, a font) is told by its ending.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use axum::Router;
use shared::{Context, Result, println};
use tower_http::services::{ServeDir, ServeFile};

const PORT: u16 = 3000;

/// Serves the folder until Ctrl+C.
pub fn serve(folder: &Path, port: Option<u16>, open: bool) -> Result<()> {
    let (listener, note) = listen(port)?;
    let address = listener
        .local_addr()
        .context("cannot read the own address")?;
    println!("The book is on http://{address}");
    if let Some(note) = note {
        println!("{note}");
    }
    println!("Ctrl+C ends it.");
    if open && has_a_browser() {
        // Where it does not open, the address stands above.
        open::that_detached(format!("http://{address}")).ok();
    }
    run(listener, folder).context("cannot serve the book")
}

/// Other machines never reach the book: it is on the loopback address only. Without a
/// wish, 3000, and where that is in use any other port: the reader wants the book.
fn listen(port: Option<u16>) -> Result<(TcpListener, Option<String>)> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let said = |port| format!("cannot listen on 127.0.0.1:{port}");
    if let Some(port) = port {
        return Ok((bind(port).context(said(port))?, None));
    }
    match bind(PORT) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let note = format!("(Port {PORT} is in use; --port N chooses another.)");
            Ok((bind(0).context(said(0))?, Some(note)))
        }
        listener => Ok((listener.context(said(PORT))?, None)),
    }
}

fn run(listener: TcpListener, folder: &Path) -> io::Result<()> {
    let not_found = ServeFile::new(folder.join("404.html"));
    let pages = ServeDir::new(folder).not_found_service(not_found);
    let router = Router::new().fallback_service(pages);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    })
}

/// Without a desktop, what opens pages may be a text browser, which would take the
/// terminal away.
fn has_a_browser() -> bool {
    let desktops = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    cfg!(any(target_os = "macos", windows))
        || desktops
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
