//! From the frozen view to bytes: tables as CSV, the report as HTML, and the folder that holds them.

pub mod check_text;
pub mod diff_text;
pub mod doctor_text;
pub mod explain_text;
pub mod html;
pub mod pack;
pub mod store_text;
pub mod verify_text;

/// Names come from directories: a terminal must not obey what is written in them.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
