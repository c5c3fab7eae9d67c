//! What a transform returns. A finding has exactly one verdict: a fix, or the reason why there is none.

use crate::analyse::declined::Declined;
use crate::index::FileId;
use crate::syntax::ast::Span;

/// How far a fix may be trusted; `Safe < Unsafe`, so the applicability of a whole is the maximum of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Behaviour-preserving but for the leak; applied by `-w`.
    Safe,
    /// Likely right, but changes something a reviewer must agree to; applied by `-w --unsafe-fixes`.
    Unsafe,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Lives as long as the process by design, or is collected anyway.
    Info,
    /// Leaks per call.
    Warning,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The byte range.
    pub span: Span,
}

/// A leak, with what can be done about it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The transform's id, e.g. `missing-close`.
    pub rule: &'static str,
    /// Where the leak is (the `go` statement's loop, the acquisition).
    pub at: Location,
    /// One line, no final full stop, says what leaks and on which path.
    pub message: String,
    /// How much it matters.
    pub severity: Severity,
    /// Other places that matter, in reading order (the steps of the leaking path, the start of the goroutine).
    pub related: Vec<(Location, String)>,
    /// Fix or reason.
    pub verdict: Verdict,
}

/// What is done about a finding.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// A rewrite is offered.
    Fix(Fix),
    /// No rewrite is offered, and why.
    Declined(Declined),
}

/// A rewrite: all of its edits are applied, or none (an atomic group).
#[derive(Clone, Debug)]
pub struct Fix {
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// What it does, in the imperative: `close f when the function returns`.
    pub title: String,
    /// Edits on original texts, any order, no two overlapping.
    pub edits: Vec<(FileId, Edit)>,
    /// Packages whose import the new text needs, by file: the plan adds them where they are missing.
    pub imports: Vec<(FileId, &'static str)>,
}

/// Replaces a byte range of the original text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}
