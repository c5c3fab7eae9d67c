//! Control-flow graph of one function body, and questions about its paths.
//!
//! A node is one step: a simple statement, one operand of a short-circuit condition, the head of a `range`, a
//! `case` expression. Function literals are values here: what their bodies do is the caller's business (build a
//! graph of its own for each). A `defer` is a step where it is registered, not where it runs.
//!
//! Two nodes end every graph: [`Cfg::EXIT`] (the function returned to its caller) and [`Cfg::HALT`] (a call that
//! never returns: `panic`, `os.Exit`, see [`crate::analyse::noreturn`]). Blocking forever (`select {}`) has no
//! successor at all. Statements that cannot be reached are in the graph, without predecessors.

mod build;
mod paths;
#[cfg(test)]
mod tests;

use crate::syntax::ast::{Block, Expr, Range, Span, Stmt};

/// A node of one graph; dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIx(pub u32);

/// What happens at a node.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The function starts.
    Entry,
    /// The function has returned to its caller.
    Exit,
    /// Control never comes back: a panic, the end of the goroutine or of the process.
    Halt,
    /// The closing brace is reached without a `return`.
    End,
    /// Paths meet; nothing happens.
    Join,
    /// A simple statement: expression, send, assignment, `go`, `defer`, `return`, a declaration, a jump.
    Stmt(&'a Stmt),
    /// An operand of a condition: leaves by [`Branch::True`] or [`Branch::False`].
    Cond(&'a Expr),
    /// An expression evaluated on its own: a switch's tag, a `case` of a switch with a tag, a range's subject.
    Value(&'a Expr),
    /// The head of a `range`: next element ([`Branch::True`]) or done ([`Branch::False`]).
    Range(&'a Range),
    /// A `select` waits; one successor a clause.
    Select,
    /// The communication of the chosen `select` clause.
    Comm(&'a Stmt),
}

/// When an edge is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Branch {
    /// Always, or chosen by what the graph does not model.
    Always,
    /// The condition holds, the case matches, there is another element.
    True,
    /// The contrary.
    False,
}

/// An edge to a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// When it is taken.
    pub branch: Branch,
    /// Where it leads.
    pub to: NodeIx,
}

/// A step with its successors and predecessors.
#[derive(Debug)]
pub struct Node<'a> {
    /// What happens.
    pub step: Step<'a>,
    /// Where it stands; for [`Step::End`] the closing brace, for [`Step::Join`] and the virtual nodes empty.
    pub span: Span,
    /// Successors.
    pub next: Vec<Edge>,
    /// Predecessors, each as often as it has edges here.
    pub prev: Vec<NodeIx>,
}

/// The control-flow graph of a function body.
#[derive(Debug)]
pub struct Cfg<'a> {
    nodes: Vec<Node<'a>>,
    broken: bool,
}

impl<'a> Cfg<'a> {
    /// Where every path begins.
    pub const ENTRY: NodeIx = NodeIx(0);
    /// Where every path that returns ends.
    pub const EXIT: NodeIx = NodeIx(1);
    /// Where every path that never returns ends.
    pub const HALT: NodeIx = NodeIx(2);

    /// The graph of a function's or literal's body. `never` says whether a call expression never returns.
    pub fn new(body: &'a Block, never: &dyn Fn(&'a Expr) -> bool) -> Cfg<'a> {
        build::build(body, never)
    }
    /// All nodes, by [`NodeIx`].
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }
    /// One node.
    pub fn node(&self, ix: NodeIx) -> &Node<'a> {
        &self.nodes[ix.0 as usize]
    }
    /// All node indices.
    pub fn indices(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.nodes.len() as u32).map(NodeIx)
    }
    /// The innermost step that stands around an offset.
    pub fn smallest_at(&self, offset: u32) -> Option<NodeIx> {
        let around = self.indices().filter(|ix| {
            let span = self.node(*ix).span;
            span.start <= offset && offset < span.end
        });
        around.min_by_key(|ix| self.node(*ix).span.end - self.node(*ix).span.start)
    }
    /// A statement did not parse, or a jump has no target: paths may be missing, nothing may be concluded.
    pub fn broken(&self) -> bool {
        self.broken
    }
}
