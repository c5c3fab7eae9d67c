//! Why no fix is offered: a closed list, so that every refusal can be counted and explained.

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal, $text:literal;)*) => {
        /// Why no fix is offered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Declined { $($(#[doc = $doc])+ $name,)* }

        impl Declined {
            /// Stable id for machines, kebab-case.
            pub fn id(self) -> &'static str { match self { $(Declined::$name => $id,)* } }
            /// One line for people, no final full stop.
            pub fn text(self) -> &'static str { match self { $(Declined::$name => $text,)* } }
            /// All reasons, in order of declaration.
            pub const ALL: &'static [Declined] = &[$(Declined::$name,)*];
        }
    };
}

reasons! {
    /// Another fix of this run changes the same text.
    Overlap = "overlap", "another fix changes the same lines; run unleak again";
    /// The rewrite broke an invariant; a bug of the transform.
    Invariant = "invariant", "the rewrite failed its own checks (a bug in unleak; please report it)";
    /// A type, callee or object the decision needs is unknown.
    Unknown = "unknown", "a type or callee that the decision needs is unknown";
    /// An edit would fall in a file that may not be changed (generated, vendored, excluded).
    FixedFile = "fixed-file", "the fix would change a file that is generated, vendored or excluded";
}
