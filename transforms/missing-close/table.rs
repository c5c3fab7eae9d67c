//! The tables of this transform: what is acquired by which call, and what callees do with their arguments.
//!
//! The files are data without conditions; their own comments describe the fields. A table that does not parse is
//! refused with its name, line and what was expected.

use super::called::Called;
use crate::analyse::ownership::{Effect, Release};
use crate::syntax::ast::Name;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::fmt;

/// How bad it is when the resource is not released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Disposition {
    /// A descriptor, connection, goroutine or timer leaks.
    Must,
    /// Good style: nothing but memory is held, or Go collects it.
    Should,
    /// Known, and not reported.
    Optional,
    /// Must not be released by who gets it.
    Never,
}

/// How a missing release is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FixKind {
    /// `defer x.Close()`.
    Defer,
    /// Written to: the error of its Close must not be lost.
    Writable,
    /// As [`FixKind::Writable`] when the open flags ask for writing.
    WritableFlag,
    /// Its Close writes the end of the data: it must run before what it writes to is used.
    Writer,
    /// Must be released at a certain point.
    Explicit,
    /// Reported, with nothing offered: how and when it is released is the program's choice.
    Report,
    /// Not reported.
    None,
}

/// How a value that is a function is called to release it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CallRelease {
    /// `cancel()`.
    Plain,
    /// `cancel(nil)`.
    Nil,
}

/// Which result of an acquiring call is the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorResult {
    /// None: it cannot fail.
    None,
    /// The one at this index.
    At(usize),
    /// The last one, when it is an `error`.
    ByType,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceFile {
    group: Vec<ResourceGroup>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceGroup {
    family: String,
    disposition: Disposition,
    fix: FixKind,
    #[serde(default)]
    release: Vec<String>,
    call: Option<CallRelease>,
    field: Option<String>,
    drained_by: Option<String>,
    #[serde(default)]
    context: bool,
    #[serde(default)]
    twice: bool,
    #[serde(default)]
    waits: bool,
    /// What the calls return: also of an interface's method of the same name it must be released.
    through: Option<String>,
    /// How the types end that the calls hand out, as other packages write them: functions of the module with such a
    /// result may hand it on.
    #[serde(default)]
    types: Vec<String>,
    rows: Vec<ResourceRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceRow {
    call: toml::Spanned<String>,
    #[serde(default)]
    result: usize,
    error: Option<usize>,
    #[allow(
        dead_code,
        reason = "tells people where the fact can be read; the program does not need it"
    )]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectFile {
    #[serde(default)]
    group: Vec<EffectGroup>,
    #[serde(default)]
    independent: Vec<IndependentGroup>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectGroup {
    effect: EffectName,
    argument: Option<usize>,
    calls: Vec<String>,
    #[allow(
        dead_code,
        reason = "tells people where the fact can be read; the program does not need it"
    )]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IndependentGroup {
    types: Vec<String>,
    #[allow(
        dead_code,
        reason = "tells people where the fact can be read; the program does not need it"
    )]
    source: String,
}

/// [`Effect`] in a table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EffectName {
    Borrows,
    Wraps,
    Takes,
    Calls,
    Looks,
    Gives,
}

/// A call that hands out a resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resource {
    /// Full name of the callee.
    pub(super) call: String,
    /// Which result it is.
    pub(super) result: usize,
    /// Which result is the error.
    pub(super) error: ErrorResult,
    /// The kind of resource, for people.
    pub(super) family: String,
    /// How bad it is.
    pub(super) disposition: Disposition,
    /// How it is mended.
    pub(super) fix: FixKind,
    /// How it is released.
    pub(super) release: Release,
    /// The release is a call with a nil argument (`cancel(nil)`).
    pub(super) nil_argument: bool,
    /// The release takes a context: the one that the acquiring call got.
    pub(super) context: bool,
    /// A second release does no harm.
    pub(super) twice: bool,
    /// The release waits for others (handlers, borrowed connections), so that adding one may hang.
    pub(super) waits: bool,
    /// It may be nil although the call reports no error.
    pub(super) may_be_nil: bool,
    /// It comes from the standard library, where releasing twice does no harm.
    pub(super) std: bool,
}

/// The first element of a standard library path has no dot (go command, "Import path syntax").
pub(super) fn is_std(call: &str) -> bool {
    match call.trim_start_matches(['(', '*']).split_once('/') {
        Some((first, _)) => !first.contains('.'),
        None => true,
    }
}

impl Resource {
    /// Whether a leak of it is a finding.
    pub(super) fn is_reported(&self) -> bool {
        let leaks = matches!(self.disposition, Disposition::Must | Disposition::Should);
        leaks && self.fix != FixKind::None
    }
}

/// A table that cannot be used.
#[derive(Debug)]
pub(super) struct TableError {
    file: String,
    line: usize,
    problem: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

/// All tables, indexed for look-up.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    resources: HashMap<String, Vec<Resource>>,
    /// By the last part of the call's name.
    called: HashMap<String, Called>,
    effects: HashMap<(String, Option<usize>), Effect>,
    independent: HashSet<String>,
    looks: HashSet<String>,
    gives: HashSet<String>,
    /// How the types of what is reported are written in other packages, by the last part of their names.
    types: HashMap<String, Vec<String>>,
    /// By method name and type of the result.
    contracts: HashMap<(String, String), Resource>,
}

impl Tables {
    /// The tables that come with the program.
    pub(super) fn shipped() -> Result<Tables, TableError> {
        let mut tables = Tables::default();
        tables.add_resources("std.toml", include_str!("std.toml"))?;
        tables.add_resources("third-party.toml", include_str!("third-party.toml"))?;
        tables.add_effects("borrows.toml", include_str!("borrows.toml"))?;
        Ok(tables)
    }

    /// The resources that a call of `callee` hands out.
    pub(super) fn resources(&self, callee: &str) -> &[Resource] {
        self.resources.get(callee).map_or(&[], Vec::as_slice)
    }

    /// What a method of any interface hands out when it is called `name` and its result `index` is a `ty`: interfaces
    /// are made to be satisfied by the types of the tables.
    pub(super) fn contract(&self, name: &str, index: usize, ty: &str) -> Option<&Resource> {
        let found = self.contracts.get(&(name.to_owned(), ty.to_owned()));
        found.filter(|resource| resource.result == index)
    }

    /// What is called `name` among the calls that may be reported.
    pub(super) fn called(&self, name: &str) -> Option<&Called> {
        self.called.get(name)
    }

    /// The last parts of the names of calls that may be reported.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.called.keys().map(String::as_str)
    }

    /// Whether `ty` (`os.File`, as source text has it) may be the type of something that is to be released. The name
    /// of its package may be longer than usual (`stdhttp.Response`).
    pub(super) fn hands_out(&self, ty: &str) -> bool {
        let name = ty.rsplit('.').next().unwrap_or(ty);
        let known = self.types.get(name);
        known.is_some_and(|known| known.iter().any(|end| ty.ends_with(end.as_str())))
    }

    /// The calls whose leaks are reported.
    #[cfg(test)]
    pub(super) fn reported(&self) -> impl Iterator<Item = &Resource> {
        let all = self.resources.values().flatten();
        all.filter(|resource| resource.is_reported())
    }

    /// What `callee` does with its argument.
    pub(super) fn effect(&self, callee: &str, argument: usize) -> Option<Effect> {
        let exact = self.effects.get(&(callee.to_owned(), Some(argument)));
        exact
            .or_else(|| self.effects.get(&(callee.to_owned(), None)))
            .copied()
    }

    /// Whether this method may still be called after its receiver was released.
    pub(super) fn looks(&self, method: &str) -> bool {
        self.looks.contains(method)
    }

    /// Whether what this method returns does not depend on its receiver.
    pub(super) fn gives(&self, method: &str) -> bool {
        self.gives.contains(method)
    }

    /// Whether values of this type hold nothing of what they were read from.
    pub(super) fn independent(&self, ty: &str) -> bool {
        self.independent.contains(ty)
    }

    fn add_resources(&mut self, file: &str, text: &str) -> Result<(), TableError> {
        let parsed: ResourceFile = toml::from_str(text).map_err(|e| bad(file, text, &e))?;
        for group in parsed.group {
            for ty in &group.types {
                let name = ty.rsplit('.').next().unwrap_or(ty);
                let ends = self.types.entry(name.to_owned()).or_default();
                ends.push(ty.clone());
            }
            for row in &group.rows {
                self.add_row(&group, row).map_err(|problem| TableError {
                    file: file.into(),
                    line: line_of(text, row.call.span().start),
                    problem,
                })?;
            }
        }
        Ok(())
    }

    fn add_row(&mut self, group: &ResourceGroup, row: &ResourceRow) -> Result<(), String> {
        let call = row.call.get_ref();
        if group.release.is_empty() == group.call.is_none() {
            return Err(format!(
                "{call}: expected either `release` with a method, or `call`"
            ));
        }
        let known = self.resources(call);
        if known.iter().any(|other| other.result == row.result) {
            return Err(format!(
                "{call}: expected one row a result, found a second for result {}",
                row.result
            ));
        }
        if row.error == Some(row.result) {
            return Err(format!(
                "{call}: expected different indices for `result` and `error`"
            ));
        }
        let resource = Resource {
            call: call.clone(),
            result: row.result,
            error: row.error.map_or(ErrorResult::None, ErrorResult::At),
            family: group.family.clone(),
            disposition: group.disposition,
            fix: group.fix,
            release: Release {
                methods: group.release.iter().map(|name| Name::from(name)).collect(),
                accessor: group.field.as_deref().map(Name::from),
                drained_by: group.drained_by.as_deref().map(Name::from),
            },
            nil_argument: matches!(group.call, Some(CallRelease::Nil)),
            context: group.context,
            twice: group.twice,
            waits: group.waits,
            may_be_nil: false,
            std: is_std(call),
        };
        if let (Some(ty), Some((_, name))) = (&group.through, call.rsplit_once(").")) {
            let contract = (name.to_owned(), ty.clone());
            self.contracts.insert(contract, resource.clone());
        }
        self.set(resource);
        Ok(())
    }

    /// Adds a resource, in place of what was said of the same result before.
    pub(super) fn set(&mut self, resource: Resource) {
        if resource.is_reported() {
            let call = &resource.call;
            let simple = call.rsplit('.').next().unwrap_or(call);
            self.called.entry(simple.to_owned()).or_default().add(call);
        }
        let known = self.resources.entry(resource.call.clone()).or_default();
        known.retain(|other| other.result != resource.result);
        known.push(resource);
    }

    /// Says what `callee` does with its argument (any, when none is given).
    pub(super) fn set_effect(&mut self, callee: &str, argument: Option<usize>, effect: EffectName) {
        let effect = match effect {
            EffectName::Borrows => Effect::Borrows,
            EffectName::Wraps => Effect::Wraps,
            EffectName::Takes => Effect::Takes,
            EffectName::Calls => Effect::Calls,
            EffectName::Looks => {
                self.looks.insert(callee.to_owned());
                return;
            }
            EffectName::Gives => {
                self.gives.insert(callee.to_owned());
                return;
            }
        };
        self.effects.insert((callee.to_owned(), argument), effect);
    }

    fn add_effects(&mut self, file: &str, text: &str) -> Result<(), TableError> {
        let parsed: EffectFile = toml::from_str(text).map_err(|e| bad(file, text, &e))?;
        for group in parsed.group {
            for call in &group.calls {
                self.set_effect(call, group.argument, group.effect);
            }
        }
        for group in parsed.independent {
            self.independent.extend(group.types);
        }
        Ok(())
    }
}

fn bad(file: &str, text: &str, error: &toml::de::Error) -> TableError {
    TableError {
        file: file.into(),
        line: error.span().map_or(1, |span| line_of(text, span.start)),
        problem: error.message().to_owned(),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|&&b| b == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct OffFile {
        rows: Vec<OffRow>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct OffRow {
        call: String,
        reason: String,
        #[allow(dead_code, reason = "for people")]
        source: String,
    }

    #[test]
    fn what_is_off_has_a_reason_and_no_row() {
        let tables = Tables::shipped().unwrap_or_else(|e| panic!("{e}"));
        let off: OffFile = toml::from_str(include_str!("off.toml")).unwrap();
        assert!(off.rows.len() > 50);
        for row in off.rows {
            assert!(!row.reason.is_empty(), "{}", row.call);
            assert!(tables.resources(&row.call).is_empty(), "{}", row.call);
        }
    }

    /// `module@version file:line` of a module, `go1.27.3 src/file` of the standard library.
    #[test]
    fn every_row_says_where_it_comes_from() {
        let file: ResourceFile = toml::from_str(include_str!("third-party.toml")).unwrap();
        for row in file.group.iter().flat_map(|group| &group.rows) {
            let (module, place) = row.source.split_once(' ').unwrap_or_default();
            let (path, version) = module.split_once('@').unwrap_or_default();
            let call = row.call.get_ref().trim_start_matches(['(', '*']);
            let line = place.rsplit(':').next().unwrap_or_default();
            assert!(
                call.starts_with(path) && version.starts_with('v'),
                "{}",
                row.source
            );
            assert!(line.parse::<u32>().is_ok(), "{}", row.source);
        }
        let file: ResourceFile = toml::from_str(include_str!("std.toml")).unwrap();
        for row in file.group.iter().flat_map(|group| &group.rows) {
            assert!(row.source.starts_with("go1."), "{}", row.source);
        }
    }

    #[test]
    fn shipped_tables_load() {
        let tables = Tables::shipped().unwrap_or_else(|e| panic!("{e}"));
        let open = &tables.resources("os.Open")[0];
        assert_eq!(
            (open.result, open.error, open.fix),
            (0, ErrorResult::At(1), FixKind::Defer)
        );
        let body = &tables.resources("(*net/http.Client).Do")[0];
        assert_eq!(body.release.accessor, Some(Name::from("Body")));
        assert_eq!(tables.effect("io.ReadAll", 0), Some(Effect::Borrows));
    }

    #[test]
    fn the_more_specific_effect_wins() {
        let tables = Tables::shipped().unwrap_or_else(|e| panic!("{e}"));
        let call = "net/http.NewRequestWithContext";
        assert_eq!(tables.effect(call, 0), Some(Effect::Wraps));
        assert_eq!(tables.effect(call, 3), Some(Effect::Takes));
    }

    #[test]
    fn an_interface_hands_out_what_its_method_is_named_and_typed_for() {
        let tables = Tables::shipped().unwrap_or_else(|e| panic!("{e}"));
        let contract = |name, index, ty| tables.contract(name, index, ty).is_some();
        assert!(contract("Do", 0, "*net/http.Response"));
        assert!(!contract("Do", 1, "*net/http.Response"));
        assert!(!contract("Do", 0, "*example.com/api.Response"));
        assert!(!contract("Last", 0, "*net/http.Response"));
    }

    fn refused(text: &str) -> String {
        let mut tables = Tables::default();
        tables
            .add_resources("mine.toml", text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_wrong_fix_is_refused_with_its_line_and_the_choices() {
        let text =
            "[[group]]\nfamily = \"file\"\ndisposition = \"must\"\nfix = \"delay\"\nrows = []\n";
        let error = refused(text);
        assert!(error.starts_with("mine.toml:4: "), "{error}");
        assert!(error.contains("expected one of `defer`"), "{error}");
    }

    #[test]
    fn a_row_without_release_is_refused_with_its_line() {
        let text = "[[group]]\nfamily = \"file\"\ndisposition = \"must\"\nfix = \"defer\"\nrows = [\n  { call = \"a.B\", source = \"doc\" },\n]\n";
        assert_eq!(
            refused(text),
            "mine.toml:6: a.B: expected either `release` with a method, or `call`"
        );
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let error = refused("[[group]]\nfamily = \"file\"\ncolour = 1\n");
        assert!(
            error.starts_with("mine.toml:3: unknown field `colour`"),
            "{error}"
        );
    }
}
