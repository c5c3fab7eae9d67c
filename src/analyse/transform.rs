//! What a transform is to the engine: a description, a prefilter, candidates and a decision.

use crate::analyse::finding::Finding;
use crate::config::{ConfigError, Exported, Section};
use crate::index::{BodyRef, FileId, World};
use crate::syntax::ast::Span;
use crate::syntax::visit::Node;
use crate::types::{CheckedBody, Checker};
use rustc_hash::FxHashMap;
use std::any::Any;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

/// One transform. `transforms/<id>/rule.rs` defines it as a constant; `src/transforms.rs` lists it.
pub struct Transform {
    /// The id, e.g. `missing-close`.
    pub id: &'static str,
    /// One line for `unleak rules`.
    pub summary: &'static str,
    /// The README, shown by `unleak explain`.
    pub readme: &'static str,
    /// Candidates by syntax alone: called for each statement and expression of a body (with its file's text), it offers
    /// the spans that `decide` is asked about. Types are only asked for where there is one.
    pub candidates: fn(Node<'_>, &str, &Setup, &mut dyn FnMut(Span)),
    /// A body is parsed only when its text contains one of these, or of those in [`Setup`]: every candidate does.
    pub literals: &'static [&'static str],
    /// Which files its fixes change.
    pub extent: Extent,
    /// The decision on one candidate; none when it is no leak.
    pub decide: fn(&Subject<'_>, Span) -> Option<Finding>,
    /// Makes of the transform's own table of the configuration file (none when there is none) what `candidates` and
    /// `decide` need; [`no_table`] for a transform without one. Called once a run.
    pub configure: fn(Option<&Section>) -> Result<Setup, ConfigError>,
    /// Offers the names that calls may be found by because of what a file of the run declares; called with each file's
    /// text before any parse.
    pub survey: Option<Survey>,
}

/// Which files a fix may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// That of the finding.
    File,
    /// Any of the module.
    Module,
}

/// Offers names that a text declares.
pub type Survey = fn(&str, &mut dyn FnMut(&str, Surveyed));

/// What a survey found under a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Surveyed {
    /// A package-level variable.
    Variable,
    /// A function of the package with this name.
    Function(String, Arguments),
    /// A method of some type.
    Method(Arguments),
}

/// How many arguments a call has, at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arguments {
    /// All but the variadic ones.
    pub least: usize,
    /// `usize::MAX` when the last parameter is variadic.
    pub most: usize,
}

/// What a survey found, by name.
pub type Names = FxHashMap<String, BTreeSet<Surveyed>>;

/// Takes a second look at a literal in a text.
pub type Narrow = fn(&Setup, &str, Span) -> bool;

/// What a transform prepared for a run.
#[derive(Clone, Default)]
pub struct Setup {
    /// Literals beside those of the transform.
    pub literals: Vec<String>,
    /// Anything; [`Setup::get`] has it back.
    pub data: Option<Arc<dyn Any + Send + Sync>>,
    /// Whether a literal that was found at this place of a text may be of a candidate; none when each may.
    pub narrow: Option<Narrow>,
    /// What the survey found of the files that are analysed together.
    pub names: Names,
}

impl Setup {
    /// What the survey found under this name.
    pub fn surveyed(&self, name: &str) -> impl Iterator<Item = &Surveyed> {
        self.names.get(name).into_iter().flatten()
    }

    /// The data, when it is a `T`.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.data.as_ref()?.downcast_ref()
    }
}

/// [`Transform::configure`] of a transform that has no settings.
pub fn no_table(section: Option<&Section>) -> Result<Setup, ConfigError> {
    match section {
        None => Ok(Setup::default()),
        Some(section) => Err(section.refuse("this rule has no settings of its own")),
    }
}

/// A transform that takes part in a run.
#[derive(Clone)]
pub struct Rule {
    /// The transform.
    pub transform: &'static Transform,
    /// What it prepared.
    pub setup: Setup,
}

impl Rule {
    /// The transform, set up from its table.
    pub fn new(
        transform: &'static Transform,
        section: Option<&Section>,
    ) -> Result<Rule, ConfigError> {
        let setup = (transform.configure)(section)?;
        Ok(Rule { transform, setup })
    }
}

/// The body that a candidate stands in, and everything that may be asked about it.
pub struct Subject<'a> {
    /// The frozen index.
    pub world: &'a World,
    /// The worker's checker.
    pub types: &'a Checker<'a>,
    /// What may become of exported functions that code outside the module may call.
    pub exported: Exported,
    /// The body's identity.
    pub body_ref: BodyRef,
    /// Its file.
    pub file: FileId,
    /// Its syntax and meaning.
    pub body: Rc<CheckedBody>,
    /// What the transform prepared for this run.
    pub setup: &'a Setup,
}
