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
    /// Checking the file's fixes one by one would take too long.
    TooMany = "too-many", "the file has too many fixes to check them all at once; run unleak again";
    /// The rewrite broke an invariant; a bug of the transform.
    Invariant = "invariant", "the rewrite failed its own checks (a bug in unleak; please report it)";
    /// The rewrite's result would be rewritten again, without end; a bug of the transform.
    Unsettled = "unsettled", "the rewritten code would be rewritten again and again (a bug in unleak; please report it)";
    /// The go command refuses the rewrite; a bug of the transform.
    Refused = "refused", "go vet refuses the rewritten code (a bug in unleak; please report it)";
    /// `--verify=always`, and the go command could not be asked.
    Unproved = "unproved", "the go command could not be asked about the rewritten code, as --verify=always wants";
    /// A type, callee or object the decision needs is unknown.
    Unknown = "unknown", "a type or callee that the decision needs is unknown";
    /// An edit would fall in a file that may not be changed (generated, vendored, excluded).
    FixedFile = "fixed-file", "the fix would change a file that is generated, vendored or excluded";
    /// The function is used as a value somewhere, so its parameters cannot change.
    UsedAsValue = "used-as-value", "the function is also used as a value, so it cannot take a context";
    /// The method may satisfy an interface, so its parameters cannot change.
    SatisfiesInterface = "satisfies-interface", "the method satisfies an interface, so it cannot take a context";
    /// The user wants exported functions to stay as they are.
    ExportedKept = "exported-kept", "the function is exported, and --exported=keep leaves it as it is";
    /// A new field would make values of the type incomparable, or inconvertible, which the module may rely on.
    ComparedByValue = "compared-by-value", "a cancel field would make the type incomparable, and the module uses it by value";
    /// `//export`, `//go:linkname` or no body: someone outside Go's view calls it.
    ExternalCaller = "external-caller", "the function is linked from outside Go, so it cannot take a context";
    /// The function has versions under other build tags.
    BuildVariants = "build-variants", "the function has versions under other build tags that would have to change too";
    /// Nothing that could cancel the goroutine is in reach, up to where the chain of callers ends.
    NoSignal = "no-signal", "no context or stop channel reaches this goroutine";
    /// A context is there, but it ends before the goroutine should.
    ShortContext = "short-context", "the context in scope has a deadline or ends with this call";
    /// Only the end of the function that waits for the goroutine could give the signal.
    WaitedFor = "waited-for", "the function that would give the signal at its end waits for this goroutine";
    /// A lock is held where the loop waits: leaving there would keep it.
    LockHeld = "lock-held", "a lock is held where the loop waits";
    /// Something acquired in the iteration is released after the wait: leaving there would keep it.
    ReleaseAfterWait = "release-after-wait", "something is released after the wait, and leaving there would skip it";
    /// The loop blocks in a call that no signal interrupts.
    BlockingCall = "blocking-call", "the loop blocks in a call that a signal does not interrupt";
    /// The loop waits in a form that cannot be put into a select.
    WaitForm = "wait-form", "the loop waits inside an expression that cannot become a select case";
    /// The loop hears a stop signal and goes on.
    SignalIgnored = "signal-ignored", "the loop already hears a stop signal and goes on";
    /// The code is laid out in a way that line-based edits would spoil.
    Layout = "layout", "the code is laid out so that the edit would not be clean";
    /// A name that the new code needs means something else here.
    NameTaken = "name-taken", "a name that the new code needs means something else here";
    /// No return value could be made up.
    ReturnValue = "return-value", "no return value fits the function's results";
    /// Code after the loop would be skipped by a return.
    CodeAfterLoop = "code-after-loop", "code after the loop would be skipped";
    /// An edit would fall in a file of the module that was not asked for.
    OutsidePaths = "outside-paths", "the fix would change a file that was not asked for; name it, or the whole module";
    /// A goroutine of a test accepted it, and the other side of the connection would see its end.
    PeerInTest = "peer-in-test", "a goroutine of the test accepts it: closing it when that goroutine ends is seen at the other side";
    /// Acquired again on each turn of a loop: a `defer` would pile up.
    InLoop = "in-loop", "it is acquired in a loop, where a defer would pile up: release it at the end of each turn";
    /// The call's error is dropped: on failure there is nothing to release, and a defer would use nil.
    ErrorIgnored = "error-ignored", "the error of the call is ignored, so what a defer would release may be nil";
    /// No check of the error that leaves on failure follows.
    ErrorGoesOn = "error-goes-on", "no check of the error that leaves on failure follows, so what a defer would release may be nil";
    /// The error check also asks something else: between the two a defer would be needed.
    CombinedCheck = "combined-check", "the error check also leaves on success: check the error on its own, then defer the release";
    /// Closing it can fail with data lost, and there is no error result to put the failure into.
    CloseError = "close-error", "its Close writes data and can fail: close it explicitly and check the error";
    /// It must be released before something else happens in the function.
    ReleaseOrder = "release-order", "it must be released before what it writes to is used, so a defer is too late";
    /// The variable gets another value in the function.
    Reassigned = "reassigned", "its variable is assigned again, so which value a defer would release is not clear";
    /// Kept or returned on some paths, leaked on others, in a way that no single release fits.
    KeptElsewhere = "kept-elsewhere", "other paths keep it, so it must be released by hand on this one";
    /// A goroutine uses it to its end and leaves it; no single place of the goroutine's code can release it.
    UsedByGoroutine = "used-by-goroutine", "a goroutine uses it and does not release it: release it where the last one that uses it ends";
    /// The result that must be released is not bound to a name.
    ResultDropped = "result-dropped", "the call drops the result that must be released";
    /// The context made here is used after the function has returned.
    ContextOutlives = "context-outlives", "the context is used after the function returns, so it cannot be cancelled there";
    /// How and when it is released is the program's choice (`fix = "report"`).
    ByHand = "by-hand", "how it is released is the program's choice: release it by hand";
    /// The release takes a context, and that of the acquisition cannot be named where it is released.
    ReleaseContext = "release-context", "its release takes a context, and the one it was acquired with has no name that holds up to there";
    /// What a loop's iteration acquires is used after it.
    OutlivesIteration = "outlives-iteration", "it is used after the iteration that acquired it";
    /// Deferred on some paths of the iteration only, or together with other things.
    ConditionalDefer = "conditional-defer", "it is deferred on some paths only, or together with something that is no release";
    /// A return of the iteration uses the resource in its values.
    UsedAtExit = "used-at-exit", "a return in the loop still uses it: give the value a name, release, then return";
    /// The release would have to be written too often.
    ManyExits = "many-exits", "the iteration has many ways out: make its body a function of its own";
    /// A panic or `runtime.Goexit` in the iteration runs what is deferred, and the program goes on.
    Unwinds = "unwinds", "a panic or a test's Fatal in the iteration would skip a release that is not deferred";
    /// A goroutine sends more often than once.
    ManySends = "many-sends", "the goroutine sends more than once, so no capacity fits: give it a context or stop channel";
    /// How many goroutines send is not known where the channel is made.
    SenderCount = "sender-count", "the number of senders is not known where the channel is made";
    /// The sender can leave before its last send, and waits for the receiver after it.
    NoClosePlace = "no-close-place", "no single place comes after the last send on every path: close the channel on each of them";
    /// Goroutines put things into a variable of the package, and nobody takes any out.
    GrowsForEver = "grows-for-ever", "nothing limits it: remove what is done with, or give it a bound";
    /// A function reads what its earlier calls have put into a variable of the package.
    KeptAcrossCalls = "kept-across-calls", "the function reads what earlier calls left in it, so it cannot become its own variable";
    /// A request needs its error handled, and the call's own handling cannot be used for it.
    NoCheck = "no-check", "no check of the error follows that a request with the context could share";
}
