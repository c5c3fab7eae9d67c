//! The registry: one line a transform. The engine reads this list and names none of them.
