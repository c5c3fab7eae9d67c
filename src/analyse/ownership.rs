//! Where a value goes inside one function: which of its uses release it, which hand the duty to someone else, which
//! only look at it.
//!
//! [`Tree`] links every expression to what it stands in; [`flow::follow`] walks from a variable through its
//! aliases, wrappers and accessors; [`summary`] answers the same question for a parameter of another function of
//! the module. What std and other functions do with their arguments comes from outside, through [`Effects`].

pub mod flow;
pub mod summary;
pub mod tree;

pub use flow::{Event, Flow, Start, What, Why, follow};
pub use tree::{FuncIx, Parent, Tree};

use crate::index::FuncRef;
use crate::syntax::ast::Name;
use crate::types::TypeId;

/// What a function does with an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Uses it during the call only.
    Borrows,
    /// Uses it during the call, and its results may refer to it (`bufio.NewReader`).
    Wraps,
    /// Releases it, at once or when the result is released (`tls.Client`), or keeps it: no longer the caller's duty.
    Takes,
    /// Calls it (a function value) before it returns, and not later.
    Calls,
}

/// What is known of functions whose bodies are not looked into.
pub trait Effects {
    /// What the function with this full name does with its argument; none when it is not known.
    fn effect(&self, callee: &str, argument: usize) -> Option<Effect>;
    /// The method with this full name may still be called after its receiver was released.
    fn looks(&self, method: &str) -> bool;
    /// What the method with this full name returns does not depend on its receiver.
    fn gives(&self, method: &str) -> bool;
    /// Values of this type (as `Checker::display` prints it) stay valid after what they were read from is released.
    fn independent(&self, ty: &str) -> bool;
    /// What a function of the module does with its argument, from its body. `whole`: the argument is the acquired
    /// value (a response), not what has to be released (its body).
    fn summary(&self, func: FuncRef, argument: usize, whole: bool) -> Option<Effect>;
}

/// How the followed value is released.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Release {
    /// The methods that release it, the usual one first; empty when the value itself is called (`cancel()`).
    pub methods: Vec<Name>,
    /// The field that holds what is to be released (`Body` of a response).
    pub accessor: Option<Name>,
    /// The method whose `false` means that it was released (`rows.Next`).
    pub drained_by: Option<Name>,
}

/// Ids of types that the checker could name, or none.
pub(crate) fn known(ty: Option<&TypeId>) -> Option<TypeId> {
    ty.copied().filter(|&ty| ty != TypeId::UNKNOWN)
}
