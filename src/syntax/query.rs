//! Candidates: a transform's `match.scm`, compiled once and run over one body's tree.

use super::ast::Span;
use super::body::BodyTree;
use super::parse::language;
use tree_sitter::{Query, QueryCursor, StreamingIterator};

/// A compiled query. Captures named `candidate` count.
pub struct CandidateQuery {
    query: Query,
    candidate: u32,
}

impl CandidateQuery {
    /// Compiles a query; the error names row and column of the query text.
    pub fn new(source: &str) -> Result<Self, String> {
        let query = Query::new(&language(), source).map_err(|error| error.to_string())?;
        let candidate = query
            .capture_index_for_name("candidate")
            .ok_or("no @candidate in the query")?;
        Ok(CandidateQuery { query, candidate })
    }

    /// Spans of the candidates in a body, in source order, each once.
    pub fn candidates(&self, body: &BodyTree<'_>) -> Vec<Span> {
        let mut cursor = QueryCursor::new();
        let mut spans = Vec::new();
        let mut matches =
            cursor.matches(&self.query, body.tree().root_node(), body.text().as_bytes());
        while let Some(found) = matches.next() {
            for capture in found.captures() {
                if capture.index == self.candidate {
                    spans.push(Span::new(
                        capture.node.start_byte(),
                        capture.node.end_byte(),
                    ));
                }
            }
        }
        spans.sort();
        spans.dedup();
        spans
    }
}
