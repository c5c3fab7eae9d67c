//! Emit: finished outcomes to text, diff, JSON and files.
