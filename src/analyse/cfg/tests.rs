//! Graph cases as Go functions.
