//! Who in the module calls a function, and who uses it as a value.
//!
//! Found by text first: only bodies that contain the function's name are looked into. Whatever the checker could not
//! resolve and that may be the function is kept as `opaque`: a caller that changes a signature must have none.

mod search;

use crate::index::{BodyRef, FileId, FuncRef, PackageId};
use crate::syntax::ast::{Name, Span};
use crate::types::Checker;
use memchr::memmem;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::effort;
use super::finding::Location;

/// A call of a function.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The body it stands in.
    pub body: BodyRef,
    /// The whole call.
    pub at: Location,
    /// The called function's name, without a qualifier.
    pub name: Span,
    /// Offset of `(`.
    pub lparen: u32,
    /// Offset of `)`.
    pub rparen: u32,
    /// Where each argument stands.
    pub args: Vec<Span>,
    /// The only argument is itself a call: it may pass several values.
    pub lone_call: bool,
    /// It is the operand of a method expression call (`T.m(x)`): the receiver is the first argument.
    pub method_expr: bool,
}

/// All uses of a function in its module.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// Calls, `go` and `defer` statements among them.
    pub calls: Vec<CallSite>,
    /// Uses as a value, and the body each stands in.
    pub values: Vec<(BodyRef, Location)>,
    /// Places that name it, or may, and could not be understood.
    pub opaque: Arc<[Location]>,
}

/// A function by where it is declared: the same in every variant of its package.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct DeclaredAt {
    /// The file.
    pub file: FileId,
    /// The name.
    pub name: Span,
}

/// Where a function is declared; none for one that the index does not hold.
pub fn declared_at(types: &Checker<'_>, func: FuncRef) -> Option<DeclaredAt> {
    let package = types.world().package(func.package)?;
    let declared = package.funcs.get(func.index as usize)?;
    let file = package.files.get(declared.file as usize)?.id;
    Some(DeclaredAt {
        file,
        name: declared.decl.name.span,
    })
}

/// What is searched for at once: every function of a name, because a place that has the name must be looked at for
/// each of them anyway.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Question {
    name: Name,
    /// Methods; else functions without a receiver.
    method: bool,
    /// Import path of the package of an unexported name, without `_test`.
    only: Option<Name>,
    /// The first package of the module, which stands for the module.
    module: Option<PackageId>,
    /// A package that the module's list does not have and that is searched too.
    also: Option<PackageId>,
}

type Answer = Arc<OnceLock<(Option<search::Table>, u64)>>;

/// What was searched for already, and how many steps that took.
#[derive(Default)]
struct Known(Mutex<FxHashMap<Question, Answer>>);

/// All uses of `func` in the module it is declared in, in file and source order. Searched for once in a run.
pub fn uses(types: &Checker<'_>, func: FuncRef) -> Arc<Uses> {
    let world = types.world();
    let (Some(home), Some(target)) = (world.package(func.package), declared_at(types, func)) else {
        return Arc::default();
    };
    let mut packages = world.module_packages(func.package);
    let also = (!packages.contains(&func.package)).then_some(func.package);
    let decl = &home.funcs[func.index as usize].decl;
    let question = Question {
        name: decl.name.name,
        method: decl.receiver.is_some(),
        only: (!exported(&decl.name.name)).then(|| Name::from(without_test(&home.path))),
        module: packages.first().copied(),
        also,
    };
    let answer = {
        let known = world.memo::<Known>();
        let mut known = known.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(question).or_default())
    };
    let (table, steps) = answer.get_or_init(|| {
        packages.splice(0..0, also);
        effort::counted(effort::LIMIT, || search::search(types, question, &packages))
    });
    effort::share(("uses", question), *steps);
    match table {
        Some(table) => table.uses(target),
        None => Arc::new(Uses::not_searched(target)),
    }
}

impl Uses {
    /// What is said where a search takes too long: the declaration itself is a place that was not understood.
    fn not_searched(declared: DeclaredAt) -> Uses {
        Uses {
            opaque: Arc::new([Location {
                file: declared.file,
                span: declared.name,
            }]),
            ..Uses::default()
        }
    }
}

fn without_test(path: &str) -> &str {
    path.trim_end_matches("_test")
}

/// Whether a name is exported (Go spec "Exported identifiers").
pub fn exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// Where `word` stands in `text` as a whole identifier.
pub fn word_offsets(text: &str, word: &str) -> Vec<u32> {
    let ident = |c: char| c == '_' || c.is_alphanumeric();
    memmem::find_iter(text.as_bytes(), word)
        .filter(|at| {
            !text[..*at].chars().next_back().is_some_and(ident)
                && !text[at + word.len()..].chars().next().is_some_and(ident)
        })
        .map(|at| at as u32)
        .collect()
}
