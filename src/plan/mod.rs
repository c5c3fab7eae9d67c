//! Plan: findings become atomic groups of edits without conflicts.
