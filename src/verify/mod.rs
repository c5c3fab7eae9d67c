//! Verify: the invariants of every rewrite, checked on the new text.
