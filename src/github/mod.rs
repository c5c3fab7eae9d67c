//! `unleak github`: a review on a pull request, with suggestions that can be accepted by a click.
//!
//! [`event`] finds out which pull request it is, [`checkout`] asks git for its diff and its files, [`place`] decides
//! where each finding is told, [`render`] writes it in Markdown, [`post`] says what was not said before. A run that may
//! not write (a pull request from a fork) stops in the middle and leaves a [`payload`] for one that may.

pub mod checkout;
pub mod client;
pub mod event;
pub mod payload;
pub mod place;
pub mod post;
pub mod render;

/// Why something could not be done, for people; never has the token in it.
pub type Error = String;
