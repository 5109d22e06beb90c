//! Help for lesson 15: what its programs need and do not teach.

mod line_client;
mod login;
mod message;
pub mod practice;
mod unfinished;

pub use line_client::LineClient;
pub use login::Login;
pub use message::{Message, SeenFile, smtp_hint};
pub use unfinished::fail_on_ctrl_c;
