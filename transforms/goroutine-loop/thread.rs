//! Threading a signal up through the callers as a new first parameter, until every chain meets one that is there
//! already or a root. All edits belong to one atomic group.

use super::fields;
use super::fixed;
use super::header::blank_context;
use super::home::Home;
use super::names;
use super::origin;
use super::signal::{self, Signal};
use crate::analyse::declined::Declined;
use crate::analyse::finding::{Applicability, Edit, Location};
use crate::analyse::references::{self, CallSite, DeclaredAt};
use crate::config::Exported;
use crate::index::{BodyRef, FileId};
use crate::syntax::ast::*;
use crate::types::Checker;
use std::collections::{BTreeSet, HashMap};

/// Names for the parameter, the first that is free.
pub(super) const PARAMS: &[&str] = &["ctx", "stopCtx", "runCtx", "loopCtx"];

/// What is threaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    /// `ctx context.Context`; a root makes one.
    Context,
    /// `stop <-chan struct{}`, from callers that have such a channel.
    Stop,
}

impl Carries {
    fn names(self) -> &'static [&'static str] {
        match self {
            Carries::Context => PARAMS,
            Carries::Stop => &["stop", "done", "quit"],
        }
    }

    /// How many functions may change. Real chains of callers were at most 6 long, and the widest threading that was
    /// asked for touched 200 calls; a stop channel is near its loop or not there at all.
    fn most(self) -> usize {
        match self {
            Carries::Context => 192,
            Carries::Stop => 8,
        }
    }
}

/// The edits of one threading.
#[derive(Clone)]
pub(super) struct Threading<'a, 'w> {
    pub(super) types: &'a Checker<'w>,
    exported: Exported,
    carries: Carries,
    pub(super) edits: BTreeSet<(FileId, Edit)>,
    pub(super) imports: BTreeSet<(FileId, &'static str)>,
    /// Functions that changed, in the order they were met.
    pub(super) steps: Vec<(Location, String)>,
    pub(super) trust: Applicability,
    /// Packages of functions that got the parameter.
    changed: BTreeSet<Name>,
    /// Packages of roots that make a context.
    pub(super) roots: BTreeSet<Name>,
    /// One of the roots is `main`.
    pub(super) mains: bool,
    /// Functions that got the parameter.
    took: Vec<BodyRef>,
    /// Some chain met a signal that was there, or one that a life-cycle gives.
    met: bool,
    /// A context that another edit makes for everything at this place.
    provided: Option<(FileId, Span, String)>,
    pub(super) done: HashMap<DeclaredAt, String>,
}

impl<'a, 'w> Threading<'a, 'w> {
    pub(super) fn new(types: &'a Checker<'w>, exported: Exported, carries: Carries) -> Self {
        Threading {
            types,
            exported,
            carries,
            edits: BTreeSet::new(),
            imports: BTreeSet::new(),
            steps: Vec::new(),
            trust: Applicability::Safe,
            changed: BTreeSet::new(),
            roots: BTreeSet::new(),
            mains: false,
            took: Vec::new(),
            met: false,
            provided: None,
            done: HashMap::new(),
        }
    }

    /// Some chain ends in a context that `main` or a test makes.
    pub(super) fn made_at_root(&self) -> bool {
        !self.roots.is_empty()
    }

    /// Every chain ends in a context that `main` or a test makes.
    pub(super) fn only_roots(&self) -> bool {
        self.made_at_root() && !self.met
    }

    /// A context of `main` goes through packages that are not its own, or through functions that are not `near` the loop.
    pub(super) fn far_from_root(&self, near: impl Fn(BodyRef) -> bool) -> bool {
        let through = self.mains && !self.took.iter().all(|func| near(*func));
        self.made_at_root() && (through || !self.changed.is_subset(&self.roots))
    }

    /// Everything at this place has a context of this name, by an edit that was made.
    pub(super) fn provide(&mut self, file: FileId, place: Span, name: &str) {
        self.provided = Some((file, place, name.to_string()));
    }

    /// The signal that is threaded, as Go source.
    pub(super) fn signal(&self, name: String) -> Signal {
        match self.carries {
            Carries::Context => Signal::Context(name),
            Carries::Stop => Signal::Channel(name),
        }
    }

    /// A signal that is alive at `offset`, made available by edits where there is none.
    pub(super) fn signal_at(&mut self, home: &Home, offset: u32) -> Result<String, Declined> {
        if let Some((file, place, name)) = &self.provided
            && *file == home.file
            && place.start <= offset
            && offset < place.end
        {
            self.met = true;
            return Ok(name.clone());
        }
        let (found, short) = self.in_scope(home, offset);
        if let Some((expr, trust)) = found {
            self.trust = self.trust.max(trust);
            self.met = true;
            return Ok(expr);
        }
        if short {
            return Err(Declined::ShortContext);
        }
        match (origin::is_root(home), self.carries) {
            (true, Carries::Context) => self.at_root(home, offset),
            (true, Carries::Stop) => Err(Declined::NoSignal),
            (false, _) => self.parameter(home),
        }
    }

    /// What can be passed at `offset` as it is, and whether a context was passed over because it ends too early.
    fn in_scope(&self, home: &Home, offset: u32) -> (Option<(String, Applicability)>, bool) {
        let receiver = || fields::of_receiver(self.types, home, &[offset]);
        match self.carries {
            Carries::Context => {
                let (found, short) = signal::context(self.types, home, &[offset]);
                let field = || match receiver() {
                    Some((Signal::Context(expr), trust)) => Some((expr, trust)),
                    _ => None,
                };
                (found.or_else(field), short)
            }
            Carries::Stop => {
                let channel = signal::stop_in(self.types, home, offset);
                let field = || match receiver() {
                    Some((Signal::Channel(expr), trust)) => Some((expr, trust)),
                    _ => None,
                };
                let found = channel.map(|name| (name, Applicability::Safe));
                (found.or_else(field), false)
            }
        }
    }

    pub(super) fn declared(&self, home: &Home) -> Result<DeclaredAt, Declined> {
        let func = home.func().ok_or(Declined::NoSignal)?;
        references::declared_at(self.types, func).ok_or(Declined::Unknown)
    }

    /// Gives the function a parameter for the signal, and its callers one to pass.
    fn parameter(&mut self, home: &Home) -> Result<String, Declined> {
        let target = self.declared(home)?;
        if let Some(name) = self.done.get(&target) {
            return Ok(name.clone());
        }
        if self.done.len() >= self.carries.most() {
            return Err(Declined::NoSignal);
        }
        let name = names::free(home, self.carries.names())?;
        if self.carries == Carries::Context
            && let Some(ident) = blank_context(self.types, home)
        {
            self.done.insert(target, name.to_string());
            self.trust = self.trust.max(signal::param_trust(self.types, home));
            self.met = true;
            let edit = Edit {
                span: ident,
                text: name.into(),
            };
            self.edits.insert((home.file, edit));
            return Ok(name.into());
        }
        let foreign = fixed::trust(self.types, home) == Applicability::Unsafe;
        match (self.exported, self.carries) {
            (Exported::Keep, _) if foreign => return Err(Declined::ExportedKept),
            (Exported::Variant, Carries::Context) if foreign => {
                return self.variant(home, target, name);
            }
            (Exported::Variant, Carries::Stop) if foreign => return Err(Declined::NoSignal),
            _ => {}
        }
        let uses = fixed::changeable(self.types, home)?;
        let ty = self.parameter_type(home)?;
        self.done.insert(target, name.to_string());
        if foreign {
            self.trust = Applicability::Unsafe;
        }
        // Callers outside the module have a context to pass, or will have.
        let outside = foreign && self.carries == Carries::Context;
        if uses.calls.is_empty() && !outside {
            return Err(Declined::NoSignal);
        }
        self.declare(home, &format!("{name} {ty}"))?;
        self.took(home, &home.decl.name.name);
        for call in &uses.calls {
            self.pass(call)?;
        }
        Ok(name.into())
    }

    /// The parameter's type as the function's file writes it; imported when it has to be.
    pub(super) fn parameter_type(&mut self, home: &Home) -> Result<String, Declined> {
        match self.carries {
            Carries::Context => {
                let (package, import) = names::context(self.types, home)?;
                if import {
                    self.imports.insert((home.file, "context"));
                }
                Ok(format!("{package}.Context"))
            }
            Carries::Stop => Ok("<-chan struct{}".into()),
        }
    }

    /// Notes that a function takes the signal now.
    pub(super) fn took(&mut self, home: &Home, name: &str) {
        let what = match self.carries {
            Carries::Context => "a context",
            Carries::Stop => "the stop channel",
        };
        let step = format!("{name} takes {what}");
        self.steps.push((home.at(home.decl.name.span), step));
        self.took.push(home.body_ref);
        self.changed
            .extend(self.types.world().import_path(home.package));
    }

    /// Has a call pass the signal.
    pub(super) fn pass(&mut self, call: &CallSite) -> Result<(), Declined> {
        let home = Home::of(self.types, call.body).ok_or(Declined::Unknown)?;
        if home.fixed() {
            return Err(Declined::FixedFile);
        }
        if call.lone_call && self.passes_several(&home, call) {
            return Err(Declined::WaitForm);
        }
        let arg = self.signal_at(&home, call.at.span.start)?;
        self.argument(&home, call, &arg)
    }
}
