//! Build constraints: which files belong to a build, and a build that includes a given file.
//!
//! Follows `go help buildconstraint` and go/build: `//go:build` expressions, `// +build` lines, file names that end
//! in `_GOOS`, `_GOARCH` or `_GOOS_GOARCH`, and cgo for files that import "C".

use std::collections::BTreeSet;

/// Operating systems that a file name or tag can name (go/build: internal/syslist).
const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

/// Those that the tag `unix` includes (internal/syslist).
const UNIX_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "solaris",
];

/// Architectures that a file name or tag can name (internal/syslist).
const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Nesting that a constraint may have; deeper ones are refused instead of risking the stack.
const MAX_DEPTH: usize = 64;

/// A condition on tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Constraint {
    /// A tag is set.
    Tag(String),
    /// Negation.
    Not(Box<Constraint>),
    /// Both.
    And(Box<Constraint>, Box<Constraint>),
    /// Either.
    Or(Box<Constraint>, Box<Constraint>),
}

impl Constraint {
    /// Parses the expression after `//go:build`; none when it is malformed.
    pub(super) fn parse(text: &str) -> Option<Constraint> {
        let mut parser = Parser {
            rest: text.trim(),
            depth: 0,
        };
        let parsed = parser.or()?;
        parser.rest.is_empty().then_some(parsed)
    }

    /// Parses what follows `+build`: options separated by blanks are alternatives, commas mean "and".
    pub(super) fn parse_plus_build(text: &str) -> Option<Constraint> {
        let option = |option: &str| {
            option
                .split(',')
                .map(|term| match term.strip_prefix('!') {
                    Some(tag) => Constraint::Not(Box::new(Constraint::Tag(tag.to_string()))),
                    None => Constraint::Tag(term.to_string()),
                })
                .reduce(Constraint::and)
        };
        text.split_whitespace()
            .filter_map(option)
            .reduce(|a, b| Constraint::Or(Box::new(a), Box::new(b)))
    }

    /// What a file's name demands; none when it demands nothing.
    pub(super) fn of_file_name(name: &str) -> Option<Constraint> {
        let stem = name.split('.').next().unwrap_or(name);
        let (_, suffix) = stem.split_once('_')?;
        let mut parts: Vec<&str> = suffix.split('_').collect();
        if parts.last() == Some(&"test") {
            parts.pop();
        }
        let last = *parts.last()?;
        let tag = |t: &str| Constraint::Tag(t.to_string());
        let before = parts.len().checked_sub(2).map(|i| parts[i]);
        match before {
            Some(os) if KNOWN_OS.contains(&os) && KNOWN_ARCH.contains(&last) => {
                Some(tag(os).and(tag(last)))
            }
            _ if KNOWN_OS.contains(&last) || KNOWN_ARCH.contains(&last) => Some(tag(last)),
            _ => None,
        }
    }

    /// Both conditions.
    pub(super) fn and(self, other: Constraint) -> Constraint {
        Constraint::And(Box::new(self), Box::new(other))
    }

    /// Whether it holds under a configuration.
    pub(super) fn holds(&self, config: &BuildConfig) -> bool {
        match self {
            Constraint::Tag(tag) => config.has(tag),
            Constraint::Not(x) => !x.holds(config),
            Constraint::And(a, b) => a.holds(config) && b.holds(config),
            Constraint::Or(a, b) => a.holds(config) || b.holds(config),
        }
    }

    fn collect_tags<'a>(&'a self, out: &mut BTreeSet<&'a str>) {
        match self {
            Constraint::Tag(tag) => {
                out.insert(tag);
            }
            Constraint::Not(x) => x.collect_tags(out),
            Constraint::And(a, b) | Constraint::Or(a, b) => {
                a.collect_tags(out);
                b.collect_tags(out);
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Option<Constraint> {
        let mut left = self.and()?;
        while self.eat("||") {
            left = Constraint::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }
    fn and(&mut self) -> Option<Constraint> {
        let mut left = self.not()?;
        while self.eat("&&") {
            left = left.and(self.not()?);
        }
        Some(left)
    }
    fn not(&mut self) -> Option<Constraint> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let parsed = if self.eat("!") {
            Some(Constraint::Not(Box::new(self.not()?)))
        } else if self.eat("(") {
            let inner = self.or()?;
            self.eat(")").then_some(inner)
        } else {
            self.tag()
        };
        self.depth -= 1;
        parsed
    }
    fn tag(&mut self) -> Option<Constraint> {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        (!tag.is_empty()).then(|| Constraint::Tag(tag.to_string()))
    }
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

/// What a build is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct BuildConfig {
    /// GOOS.
    pub(super) goos: String,
    /// GOARCH.
    pub(super) goarch: String,
    /// Whether cgo is on: files that import "C" belong to the build.
    pub(super) cgo: bool,
    /// The gc compiler (else gccgo).
    pub(super) gc: bool,
    /// The newest release tag: `go1.1` to `go1.<release>` are set.
    pub(super) release: u32,
    /// Tags that were asked for, or that come with the toolchain (`goexperiment.…`).
    pub(super) tags: BTreeSet<String>,
}

impl BuildConfig {
    /// linux/amd64 with cgo, the configuration that most code is written for.
    pub(super) fn new(release: u32, tags: BTreeSet<String>) -> BuildConfig {
        BuildConfig {
            goos: "linux".into(),
            goarch: "amd64".into(),
            cgo: true,
            gc: true,
            release,
            tags,
        }
    }

    /// Whether a tag is set (go/build `matchTag`).
    pub(super) fn has(&self, tag: &str) -> bool {
        if tag == self.goos || tag == self.goarch || self.tags.contains(tag) {
            return true;
        }
        match tag {
            "cgo" => self.cgo,
            "gc" => self.gc,
            "gccgo" => !self.gc,
            "unix" => UNIX_OS.contains(&self.goos.as_str()),
            "linux" => self.goos == "android",
            "solaris" => self.goos == "illumos",
            "darwin" => self.goos == "ios",
            _ => release_of(tag).is_some_and(|minor| minor <= self.release),
        }
    }

    /// The configuration nearest to this one that satisfies a condition: this one, else another GOOS, GOARCH,
    /// compiler, cgo setting or older release among those that the condition names, else the fewest extra tags.
    /// None when nothing was found.
    pub(super) fn satisfying(&self, condition: &Constraint) -> Option<BuildConfig> {
        if condition.holds(self) {
            return Some(self.clone());
        }
        let mut named = BTreeSet::new();
        condition.collect_tags(&mut named);
        // Other systems in the order in which code is written for them, so that `!linux` means darwin.
        let systems = ["linux", "darwin", "windows", "freebsd"];
        let systems = distinct(
            systems
                .into_iter()
                .chain(KNOWN_OS.iter().copied().filter(|os| named.contains(os))),
        );
        let arches = ["amd64", "arm64", "386"];
        let arches = distinct(
            arches
                .into_iter()
                .chain(KNOWN_ARCH.iter().copied().filter(|a| named.contains(a))),
        );
        let releases = distinct(
            std::iter::once(self.release)
                .chain(named.iter().filter_map(|t| release_of(t)?.checked_sub(1))),
        );
        let known = |t: &&str| {
            KNOWN_OS.contains(t)
                || KNOWN_ARCH.contains(t)
                || ["cgo", "gc", "gccgo", "unix"].contains(t)
                || release_of(t).is_some()
        };
        let free: Vec<&str> = named
            .iter()
            .copied()
            .filter(|t| !known(t))
            .take(5)
            .collect();
        let mut subsets: Vec<u32> = (0..1 << free.len()).collect();
        subsets.sort_by_key(|s| s.count_ones());
        for subset in subsets {
            for &release in &releases {
                for (cgo, gc) in [(true, true), (false, true), (true, false), (false, false)] {
                    for goos in &systems {
                        for goarch in &arches {
                            let mut tags = self.tags.clone();
                            for (i, tag) in free.iter().enumerate() {
                                if subset & (1 << i) != 0 && !tags.remove(*tag) {
                                    tags.insert(tag.to_string());
                                }
                            }
                            let (goos, goarch) = (goos.to_string(), goarch.to_string());
                            let config = BuildConfig {
                                goos,
                                goarch,
                                cgo,
                                gc,
                                release,
                                tags,
                            };
                            if condition.holds(&config) {
                                return Some(config);
                            }
                        }
                    }
                }
            }
        }
        None
    }
}

/// The minor version of a release tag `go1.N`.
fn release_of(tag: &str) -> Option<u32> {
    tag.strip_prefix("go1.")?.parse().ok()
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut out = Vec::new();
    for item in items {
        if !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> BuildConfig {
        BuildConfig::new(26, BTreeSet::new())
    }
    fn holds(text: &str) -> bool {
        Constraint::parse(text).expect(text).holds(&base())
    }

    #[test]
    fn expressions_follow_precedence() {
        assert!(holds("linux && amd64"));
        assert!(holds("windows || linux && !arm64"));
        assert!(!holds("(windows || linux) && arm64"));
        assert!(holds("!(windows||darwin)"));
        assert!(holds("unix && gc && cgo && go1.26 && !go1.27 && !gccgo"));
        assert!(!holds("ignore"));
    }

    #[test]
    fn malformed_expressions_are_refused() {
        for text in [
            "",
            "&&",
            "linux &&",
            "(linux",
            "linux)",
            "linux windows",
            "!",
            "a $ b",
        ] {
            assert_eq!(Constraint::parse(text), None, "{text}");
        }
        assert_eq!(Constraint::parse(&"!".repeat(100_000)), None);
        assert_eq!(Constraint::parse(&"(".repeat(100_000)), None);
    }

    #[test]
    fn plus_build_lines_mean_or_of_ands() {
        let holds = |text: &str| {
            Constraint::parse_plus_build(text)
                .expect(text)
                .holds(&base())
        };
        assert!(holds("linux,amd64 windows"));
        assert!(!holds("linux,!amd64 windows"));
        assert!(holds("!windows"));
    }

    #[test]
    fn file_names_carry_systems_and_architectures() {
        let demands = |name: &str| Constraint::of_file_name(name).is_none_or(|c| c.holds(&base()));
        assert!(
            demands("linux.go"),
            "a name without an underscore demands nothing"
        );
        assert!(demands("x_linux.go"));
        assert!(demands("x_linux_amd64_test.go"));
        assert!(demands("x_unix.go"), "unix is no file name suffix");
        assert!(demands("amd64_foo.go"));
        assert!(!demands("x_windows.go"));
        assert!(!demands("x_linux_arm64.go"));
        assert!(!demands("x_windows_test.go"));
        assert!(!demands("_arm64.pb.go"));
    }

    #[test]
    fn the_nearest_configuration_is_chosen() {
        let choose = |text: &str| base().satisfying(&Constraint::parse(text).expect(text));
        assert_eq!(choose("linux"), Some(base()));
        assert_eq!(
            choose("windows").map(|c| (c.goos, c.goarch)),
            Some(("windows".into(), "amd64".into()))
        );
        assert_eq!(choose("!linux").map(|c| c.goos), Some("darwin".into()));
        assert_eq!(
            choose("plan9 && arm").map(|c| (c.goos, c.goarch)),
            Some(("plan9".into(), "arm".into()))
        );
        assert_eq!(choose("!cgo").map(|c| c.cgo), Some(false));
        assert_eq!(choose("gccgo").map(|c| c.gc), Some(false));
        assert_eq!(choose("!go1.18").map(|c| c.release), Some(17));
        assert_eq!(
            choose("integration && !unit").map(|c| c.tags),
            Some(BTreeSet::from(["integration".to_string()]))
        );
        assert_eq!(choose("linux && windows"), None);
        assert_eq!(choose("x && !x"), None);
    }
}
