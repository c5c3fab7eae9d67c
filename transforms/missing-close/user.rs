//! Users' own pairs: the table `[missing-close]` of the configuration file, put before what is shipped.

use super::table::{
    CallRelease, Disposition, EffectName, ErrorResult, FixKind, Resource, Tables, is_std,
};
use crate::analyse::ownership::Release;
use crate::analyse::transform::Setup;
use crate::config::{ConfigError, Section};
use crate::syntax::ast::Name;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Own {
    #[serde(default)]
    pair: Vec<Spanned<Pair>>,
    #[serde(default)]
    callee: Vec<OwnCallee>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Pair {
    acquire: Spanned<Strings>,
    release: Option<Spanned<Strings>>,
    #[serde(default)]
    result: usize,
    error: Option<Spanned<usize>>,
    #[serde(default)]
    severity: OwnSeverity,
    #[serde(default)]
    fix: OwnFix,
    #[serde(default = "yes")]
    report: bool,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct OwnCallee {
    call: Spanned<Strings>,
    argument: Option<usize>,
    effect: EffectName,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OwnSeverity {
    #[default]
    Warning,
    Info,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OwnFix {
    #[default]
    Defer,
    Writable,
    Writer,
    None,
}

fn yes() -> bool {
    true
}

/// What the run works with: the shipped tables, and the user's before them.
pub(super) fn configure(section: Option<&Section>) -> Result<Setup, ConfigError> {
    // The shipped tables are part of the program: a test loads them.
    let mut tables = super::Known::tables().cloned().unwrap_or_default();
    if let Some(section) = section {
        add(&mut tables, section)?;
    }
    Ok(Setup {
        literals: literals(&tables),
        narrow: Some(super::prefilter::may_be_candidate),
        data: Some(Arc::new(tables)),
        ..Setup::default()
    })
}

fn add(tables: &mut Tables, section: &Section) -> Result<(), ConfigError> {
    let own: Own = section.read()?;
    let mut seen: Vec<(String, usize)> = Vec::new();
    for pair in own.pair {
        let span = pair.span();
        let pair = pair.into_inner();
        let release = released(section, span, &pair)?;
        if let Some(error) = &pair.error
            && *error.get_ref() == pair.result
        {
            let problem = "expected different indices for `result` and `error`";
            return Err(section.error(error.span(), problem));
        }
        for (span, call) in pair.acquire.strings() {
            check_name(section, span.clone(), call)?;
            let key = (call.to_owned(), pair.result);
            if seen.contains(&key) {
                let problem = format!("expected one pair for result {} of {call}", pair.result);
                return Err(section.error(span, problem));
            }
            seen.push(key);
            tables.set(pair.resource(call, &release));
        }
    }
    for callee in own.callee {
        for (span, call) in callee.call.strings() {
            check_name(section, span, call)?;
            tables.set_effect(call, callee.argument, callee.effect);
        }
    }
    Ok(())
}

impl Pair {
    fn resource(&self, call: &str, how: &Released) -> Resource {
        let Released {
            release,
            called,
            context,
        } = how;
        let disposition = match (self.report, &self.severity) {
            (false, _) => Disposition::Never,
            (true, OwnSeverity::Warning) => Disposition::Must,
            (true, OwnSeverity::Info) => Disposition::Should,
        };
        let fix = match self.fix {
            OwnFix::Defer => FixKind::Defer,
            OwnFix::Writable => FixKind::Writable,
            OwnFix::Writer => FixKind::Writer,
            OwnFix::None => FixKind::Report,
        };
        Resource {
            call: call.to_owned(),
            result: self.result,
            error: match &self.error {
                Some(index) => ErrorResult::At(*index.get_ref()),
                None => ErrorResult::ByType,
            },
            family: "resource".to_owned(),
            disposition,
            fix,
            release: release.clone(),
            nil_argument: matches!(called, Some(CallRelease::Nil)),
            context: *context,
            twice: false,
            waits: false,
            may_be_nil: false,
            std: is_std(call),
        }
    }
}

const RELEASES: &str = "expected what releases the result `x`: \"x.Close()\", \"x.Body.Close()\" for a field of it, \
    \"x.Close(ctx)\" with the context that it was acquired with, or \"x()\" or \"x(nil)\" when it is a function";

/// How a pair's resource is released.
struct Released {
    release: Release,
    /// How it is called when it is a call of the value itself.
    called: Option<CallRelease>,
    /// The method takes a context.
    context: bool,
}

fn released(section: &Section, pair: Range<usize>, it: &Pair) -> Result<Released, ConfigError> {
    let mut release = Release {
        methods: Vec::new(),
        accessor: None,
        drained_by: None,
    };
    let Some(given) = &it.release else {
        return match it.report {
            true => Err(section.error(pair, "missing key `release`")),
            false => Ok(Released {
                release,
                called: None,
                context: false,
            }),
        };
    };
    let mut called = None;
    let mut context = false;
    let mut field: Option<Option<&str>> = None;
    for (span, text) in given.strings() {
        let parsed = template(text);
        let parsed = parsed.ok_or_else(|| section.error(span.clone(), RELEASES))?;
        match parsed {
            Template::Called(how) if given.get_ref().0.len() == 1 => called = Some(how),
            Template::Called(_) => {
                let problem = "expected a function's call to be the only release";
                return Err(section.error(span, problem));
            }
            Template::Method(of, method, takes) => {
                context |= release.methods.is_empty() && takes;
                if *field.get_or_insert(of) != of {
                    let problem = "expected releases of the same field";
                    return Err(section.error(span, problem));
                }
                release.accessor = of.map(Name::from);
                release.methods.push(Name::from(method));
            }
        }
    }
    if called.is_none() && release.methods.is_empty() {
        return Err(section.error(given.span(), RELEASES));
    }
    Ok(Released {
        release,
        called,
        context,
    })
}

enum Template<'t> {
    /// `x()`, `x(nil)`.
    Called(CallRelease),
    /// `x.Close()`, `x.Body.Close()`, `x.Close(ctx)`: field, method, whether it takes a context.
    Method(Option<&'t str>, &'t str, bool),
}

fn template(text: &str) -> Option<Template<'_>> {
    match text {
        "x()" => return Some(Template::Called(CallRelease::Plain)),
        "x(nil)" => return Some(Template::Called(CallRelease::Nil)),
        _ => {}
    }
    let members = text.strip_prefix("x.")?;
    let plain = members.strip_suffix("()");
    let (members, context) = match plain {
        Some(members) => (members, false),
        None => (members.strip_suffix("(ctx)")?, true),
    };
    let (field, method) = match members.split_once('.') {
        Some((field, method)) => (Some(field), method),
        None => (None, members),
    };
    let all = field.into_iter().chain([method]);
    all.clone()
        .all(is_identifier)
        .then_some(Template::Method(field, method, context))
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters.next();
    first.is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
}

/// `os.Open`, `(*database/sql.DB).Query`, `(net.Listener).Accept`.
fn check_name(section: &Section, span: Range<usize>, call: &str) -> Result<(), ConfigError> {
    let of_package = |name: &str| {
        let last = name.rsplit('/').next().unwrap_or(name);
        let path = name.len() - last.len();
        let dot = last.rfind('.').map(|dot| path + dot);
        dot.is_some_and(|dot| dot > path && is_identifier(&name[dot + 1..]))
            && !name.contains(['(', ')', '*', ' '])
    };
    let method = call.strip_prefix('(').map(|rest| {
        let (ty, method) = rest.split_once(").").unwrap_or_default();
        of_package(ty.strip_prefix('*').unwrap_or(ty)) && is_identifier(method)
    });
    if method.unwrap_or_else(|| of_package(call)) {
        return Ok(());
    }
    let problem = format!(
        "{call:?} is not the full name of a function; expected one as in \"os.Open\", \"(*database/sql.DB).Query\" \
         or, of an interface, \"(net.Listener).Accept\""
    );
    Err(section.error(span, problem))
}

/// A call of one of these stands in every body that acquires something. Of two names that end alike the shorter
/// suffices.
fn literals(tables: &Tables) -> Vec<String> {
    let mut names: Vec<&str> = tables.names().collect();
    names.sort_unstable_by_key(|name| (name.len(), *name));
    let mut kept: Vec<&str> = Vec::new();
    for name in names {
        if !kept.iter().any(|shorter| name.ends_with(shorter)) {
            kept.push(name);
        }
    }
    kept.iter().map(|name| format!("{name}(")).collect()
}

/// A string or an array of strings.
#[derive(Debug)]
struct Strings(Vec<(Option<Range<usize>>, String)>);

trait Each {
    /// Each with its place.
    fn strings(&self) -> impl Iterator<Item = (Range<usize>, &str)>;
}

impl Each for Spanned<Strings> {
    fn strings(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        let each = self.get_ref().0.iter();
        each.map(|(span, text)| (span.clone().unwrap_or_else(|| self.span()), text.as_str()))
    }
}

impl<'de> Deserialize<'de> for Strings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strings, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Strings;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a string or an array of strings")
            }
            fn visit_str<E>(self, text: &str) -> Result<Strings, E> {
                Ok(Strings(vec![(None, text.to_owned())]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strings, A::Error> {
                let mut all = Vec::new();
                while let Some(next) = seq.next_element::<Spanned<String>>()? {
                    all.push((Some(next.span()), next.into_inner()));
                }
                match all.is_empty() {
                    true => Err(serde::de::Error::custom("expected at least one string")),
                    false => Ok(Strings(all)),
                }
            }
        }
        deserializer.deserialize_any(One)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::File;
    use std::path::Path;

    fn configured(text: &str) -> Result<Setup, String> {
        let text = format!("[missing-close]\n{text}");
        let file = File::parse(Path::new("unleak.toml"), &text, &["missing-close"]);
        let file = file.map_err(|error| error.to_string())?;
        configure(Some(&file.sections["missing-close"])).map_err(|error| error.to_string())
    }

    fn refused(text: &str) -> String {
        configured(text).err().unwrap_or_default()
    }

    #[test]
    fn a_pair_is_read() {
        let text = "[[missing-close.pair]]\nacquire = ['(*example.com/pool.Pool).Lend', 'example.com/pool.Lend']\n\
            release = ['x.Return()', 'x.Close()']\n";
        let setup = configured(text).unwrap_or_else(|error| panic!("{error}"));
        let tables = setup.get::<Tables>().unwrap();
        for call in ["(*example.com/pool.Pool).Lend", "example.com/pool.Lend"] {
            let resource = &tables.resources(call)[0];
            assert_eq!(resource.error, ErrorResult::ByType);
            let methods = ["Return", "Close"].map(Name::from);
            assert_eq!(resource.release.methods, methods);
        }
        assert!(setup.literals.iter().any(|literal| literal == "Lend("));
    }

    #[test]
    fn a_users_pair_replaces_the_shipped_one() {
        let text = "pair = [{ acquire = 'os.Open', report = false }]\n";
        let setup = configured(text).unwrap_or_else(|error| panic!("{error}"));
        let open = setup.get::<Tables>().unwrap().resources("os.Open");
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].disposition, Disposition::Never);
    }

    #[test]
    fn releases_are_written_as_they_are_called() {
        let read = |release: &str| {
            let text = format!("pair = [{{ acquire = 'a.B', release = '{release}' }}]\n");
            let setup = configured(&text).unwrap_or_else(|error| panic!("{error}"));
            setup.get::<Tables>().unwrap().resources("a.B")[0].clone()
        };
        let body = read("x.Body.Close()").release;
        assert_eq!(body.accessor, Some(Name::from("Body")));
        assert!(read("x(nil)").nil_argument && read("x(nil)").release.methods.is_empty());
        assert!(!read("x()").nil_argument);
        assert!(read("x.Close(ctx)").context && !read("x.Close()").context);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_what_was_expected() {
        for (text, expected) in [
            (
                "pairs = []",
                "unleak.toml:2:1: unknown key `pairs`, expected `pair` or `callee`",
            ),
            ("pair = [{}]", "unleak.toml:2:9: missing key `acquire`"),
            (
                "pair = [{ acquire = 'a.B' }]",
                "unleak.toml:2:9: missing key `release`",
            ),
            (
                "pair = [{ acquire = 3, release = 'x()' }]",
                "unleak.toml:2:21: invalid type: integer `3`, expected a string or an array of strings",
            ),
            (
                "pair = [{ acquire = [], release = 'x()' }]",
                "unleak.toml:2:21: expected at least one string",
            ),
            (
                "pair = [{ acquire = ['a.B', 'B'], release = 'x()' }]",
                "unleak.toml:2:29: \"B\" is not the full name of a function; expected one as in \"os.Open\"",
            ),
            (
                "pair = [{ acquire = 'a.B', release = 'Close' }]",
                "unleak.toml:2:38: expected what releases the result `x`: \"x.Close()\"",
            ),
            (
                "pair = [{ acquire = 'a.B', release = ['x.A.Close()', 'x.Close()'] }]",
                "unleak.toml:2:54: expected releases of the same field",
            ),
            (
                "pair = [{ acquire = 'a.B', release = ['x()', 'x(nil)'] }]",
                "unleak.toml:2:39: expected a function's call to be the only release",
            ),
            (
                "pair = [{ acquire = 'a.B', release = 'x()', error = 0 }]",
                "unleak.toml:2:53: expected different indices for `result` and `error`",
            ),
            (
                "pair = [{ acquire = 'a.B', release = 'x()', fix = 'late' }]",
                "unleak.toml:2:51: unknown value `late`, expected one of `defer`, `writable`, `writer`, `none`",
            ),
            (
                "pair = [{ acquire = ['a.B', 'a.B'], release = 'x()' }]",
                "unleak.toml:2:29: expected one pair for result 0 of a.B",
            ),
            (
                "callee = [{ call = 'a.B', effect = 'eats' }]",
                "unleak.toml:2:36: unknown value `eats`, expected one of `borrows`, `wraps`, `takes`, `calls`",
            ),
        ] {
            let error = refused(text);
            assert!(error.starts_with(expected), "{text}\n{error}");
        }
    }

    #[test]
    fn names_of_functions() {
        let section = File::parse(Path::new("x"), "[a]\n", &["a"]).unwrap();
        let right = |name: &str| check_name(&section.sections["a"], 0..0, name).is_ok();
        for name in [
            "os.Open",
            "(*database/sql.DB).Query",
            "(net.Listener).Accept",
            "gopkg.in/yaml.v3.NewDecoder",
            "github.com/a/b-c/v2.New",
            "(github.com/a/b.T).M",
        ] {
            assert!(right(name), "{name}");
        }
        for name in [
            "Open",
            "os.",
            ".Open",
            "*sql.DB.Query",
            "(sql.DB)Query",
            "os.Open()",
            "(os.File).",
            "a b.C",
        ] {
            assert!(!right(name), "{name}");
        }
    }

    #[test]
    fn every_name_of_the_tables_has_a_literal() {
        let setup = configure(None).unwrap();
        let tables = setup.get::<Tables>().unwrap();
        assert!(tables.names().count() > 100);
        for name in tables.names() {
            let call = format!("{name}(");
            assert!(
                setup.literals.iter().any(|literal| call.ends_with(literal)),
                "{name}"
            );
        }
    }
}
