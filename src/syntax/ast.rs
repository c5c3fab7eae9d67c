//! Go syntax as the rest of the program sees it: types and expressions in one tree, as in `go/ast`.
//!
//! Invariants: every span is an absolute byte range of the file's original text; node ids are dense within one
//! parse unit (a file's outline, a function's body, or an initialiser); `Bad` stands for what did not parse, never for a
//! guess.

use super::head::Head;
use std::sync::Arc;
pub use ustr::Ustr as Name;

/// A byte range `start..end` of a file's original text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// Identifies an expression or identifier within its parse unit (outline or body); dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// An identifier where it is declared or selected (not an operand: that is [`ExprKind::Ident`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ident {
    /// Its id in the parse unit.
    pub id: NodeId,
    /// Its name; `_` for the blank identifier.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// What a file declares, with the bodies of functions and the elements of composite literals left out. One a file,
/// shared between threads.
#[derive(Debug, Default)]
pub struct Outline {
    /// The package clause's name; none when it is missing.
    pub package: Option<Ident>,
    /// Imports in source order.
    pub imports: Vec<Import>,
    /// Package-level declarations in source order.
    pub decls: Vec<Decl>,
    /// Number of node ids in use.
    pub nodes: u32,
    /// Something outside the bodies did not parse: declarations may be missing.
    pub broken: bool,
}

/// One import spec.
#[derive(Clone, Debug)]
pub struct Import {
    /// Explicit name: an identifier, `_` or `.`.
    pub alias: Option<Ident>,
    /// The path, unquoted.
    pub path: Name,
    /// The whole spec.
    pub span: Span,
}

/// A package-level or local declaration. Grouped specs come as one declaration each.
#[derive(Clone, Debug)]
pub enum Decl {
    /// `func f(…)` or a method.
    Func(Arc<FuncDecl>),
    /// `type T …`.
    Type(Arc<TypeDecl>),
    /// `var a, b T = …`.
    Var(Arc<ValueSpec>),
    /// `const a, b = …`.
    Const(Arc<ConstSpec>),
}

/// A function or method declaration; its body is parsed on demand.
#[derive(Debug)]
pub struct FuncDecl {
    /// The name.
    pub name: Ident,
    /// Receiver of a method.
    pub receiver: Option<Receiver>,
    /// `[T any]`; empty for most.
    pub type_params: Vec<TypeParam>,
    /// Parameters and results.
    pub signature: Head,
    /// The body's braces included; none for an external function.
    pub body: Option<Span>,
    /// The whole declaration, from `func` to the closing brace.
    pub span: Span,
    /// Its header did not parse.
    pub broken: bool,
}

/// A method's receiver `(r *T[A])`.
#[derive(Debug)]
pub struct Receiver {
    /// The name, when there is one.
    pub name: Option<Ident>,
    /// `*T`.
    pub pointer: bool,
    /// The type's name `T`.
    pub base: Ident,
    /// Names of the type parameters.
    pub type_args: Vec<Ident>,
    /// The parentheses included.
    pub span: Span,
}

/// One type parameter with its constraint (shared when several names have one constraint).
#[derive(Clone, Debug)]
pub struct TypeParam {
    /// The name.
    pub name: Ident,
    /// The constraint.
    pub constraint: Arc<Expr>,
}

/// Parameters and results of a function type.
#[derive(Debug, Default)]
pub struct Signature {
    /// Parameters, grouped as written.
    pub params: Vec<Param>,
    /// Results, grouped as written.
    pub results: Vec<Param>,
    /// `( … )` of the parameters, parentheses included.
    pub params_span: Span,
    /// The results as written, with their parentheses; empty when there are none.
    pub results_span: Span,
}

impl Signature {
    /// No parameters and no results, nowhere.
    pub(super) const NOTHING: Signature = Signature {
        params: Vec::new(),
        results: Vec::new(),
        params_span: Span { start: 0, end: 0 },
        results_span: Span { start: 0, end: 0 },
    };
}

/// `a, b T`, or a bare `T`.
#[derive(Debug)]
pub struct Param {
    /// Names; empty when unnamed.
    pub names: Vec<Ident>,
    /// The type (the element type when variadic).
    pub ty: Expr,
    /// `...T`.
    pub variadic: bool,
    /// Names and type.
    pub span: Span,
}

/// `type Name[P] = rhs`.
#[derive(Debug)]
pub struct TypeDecl {
    /// The name.
    pub name: Ident,
    /// Type parameters.
    pub type_params: Vec<TypeParam>,
    /// The right-hand side.
    pub rhs: Expr,
    /// With `=`.
    pub alias: bool,
    /// The whole spec.
    pub span: Span,
}

/// `a, b T = x, y`.
#[derive(Debug)]
pub struct ValueSpec {
    /// The names.
    pub names: Vec<Ident>,
    /// The type, when written.
    pub ty: Option<Expr>,
    /// The values.
    pub values: Vec<Expr>,
    /// The whole spec.
    pub span: Span,
}

/// One spec of a const declaration; `source` is the spec whose type and values it has (itself, or an earlier
/// one: implicit repetition, Go spec "Constant declarations").
#[derive(Debug)]
pub struct ConstSpec {
    /// The names.
    pub names: Vec<Ident>,
    /// The spec that has type and values.
    pub source: Arc<ValueSpec>,
    /// Repeats an earlier spec.
    pub implicit: bool,
    /// Index in its group, the value of `iota`.
    pub iota: u32,
}

/// An expression or a type.
#[derive(Debug)]
pub struct Expr {
    /// Its id in the parse unit.
    pub id: NodeId,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The forms of an expression. Ambiguous ones (`T(x)`, `a[b]`, `*p`) have one form each; types settle them.
#[derive(Debug)]
pub enum ExprKind {
    /// Did not parse.
    Bad,
    /// A name used as operand or type.
    Ident(Name),
    /// A literal; its text is the span's.
    Literal(LiteralKind),
    /// `(x)`.
    Paren(Box<Expr>),
    /// `x.sel`.
    Selector(Box<Expr>, Ident),
    /// `x[i]`, `F[T, U]`.
    Index(Box<Expr>, Vec<Expr>),
    /// `x[lo:hi:max]`.
    Slice(Box<Expr>, [Option<Box<Expr>>; 3]),
    /// `x.(T)`; no type in a type switch's guard `x.(type)`.
    TypeAssert(Box<Expr>, Option<Box<Expr>>),
    /// A call or conversion.
    Call(Box<Call>),
    /// `*x`: a dereference or a pointer type.
    Star(Box<Expr>),
    /// Other unary operators.
    Unary(UnaryOp, Box<Expr>),
    /// Binary operators; `|` also in a union of constraints.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `T{…}`; no type when elided in an outer literal. In an outline its elements are left out.
    Composite(Option<Box<Expr>>, Vec<Element>),
    /// `func(…) { … }`; without statements in an outline.
    FuncLit(Box<FuncLit>),
    /// `[n]T`; none for `[...]T`.
    ArrayType(Option<Box<Expr>>, Box<Expr>),
    /// `[]T`.
    SliceType(Box<Expr>),
    /// `map[K]V`.
    MapType(Box<Expr>, Box<Expr>),
    /// `chan T` with its direction.
    ChanType(ChanDir, Box<Expr>),
    /// `func(…)` as a type.
    FuncType(Box<Signature>),
    /// `struct{…}`.
    StructType(Vec<Field>),
    /// `interface{…}`.
    InterfaceType(Vec<InterfaceElem>),
    /// `~T` in a constraint.
    Tilde(Box<Expr>),
}

/// An element of a composite literal.
#[derive(Debug)]
pub struct Element {
    /// The key, when written.
    pub key: Option<Expr>,
    /// The value.
    pub value: Expr,
}

/// A call or conversion.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub fun: Expr,
    /// Arguments; types too (`make([]int, 3)`).
    pub args: Vec<Expr>,
    /// The last argument has `...`.
    pub spread: bool,
    /// Offset of `(`.
    pub lparen: u32,
    /// Offset of `)`.
    pub rparen: u32,
}

/// A function literal.
#[derive(Debug)]
pub struct FuncLit {
    /// Parameters and results.
    pub signature: Signature,
    /// The body.
    pub body: Block,
}

/// A struct field; embedded when it has no names.
#[derive(Debug)]
pub struct Field {
    /// Names.
    pub names: Vec<Ident>,
    /// The type.
    pub ty: Expr,
    /// Names, type and tag.
    pub span: Span,
}

/// An element of an interface type.
#[derive(Debug)]
pub enum InterfaceElem {
    /// A method.
    Method(Ident, Signature),
    /// An embedded type or union.
    Embed(Expr),
}

/// Kinds of basic literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LiteralKind {
    Int,
    Float,
    Imaginary,
    Rune,
    String,
}

/// Channel directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ChanDir {
    Both,
    Send,
    Receive,
}

/// Unary operators but `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Address,
    Receive,
    Not,
    Plus,
    Minus,
    Complement,
}

/// Binary operators (Go spec "Operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
    AndNot,
    Shl,
    Shr,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    LogicalAnd,
    LogicalOr,
}

/// A function's body, or the initialiser of a package-level variable, parsed on demand.
#[derive(Debug, Default)]
pub struct Body {
    /// The statements of a function; empty for an initialiser.
    pub block: Block,
    /// The values of an initialiser, as many as its declaration has; empty for a function.
    pub values: Vec<Expr>,
    /// Number of node ids in use.
    pub nodes: u32,
    /// Something in it did not parse: nothing in it may be trusted (a lost declaration is a lost shadow).
    pub broken: bool,
}

/// `{ … }`.
#[derive(Debug, Default)]
pub struct Block {
    /// Statements.
    pub stmts: Vec<Stmt>,
    /// Braces included (for a case clause: from after the colon to the last statement's end).
    pub span: Span,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// Where it stands, without a trailing `;` or comment.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The forms of a statement.
#[derive(Debug)]
pub enum StmtKind {
    /// Did not parse.
    Bad,
    /// Nothing.
    Empty,
    /// An expression (a call or receive).
    Expr(Expr),
    /// `ch <- value`.
    Send(Expr, Expr),
    /// `x++`, `x--`.
    IncDec(Expr),
    /// `=`, `:=`, `op=`.
    Assign(Assign),
    /// `go call`.
    Go(Expr),
    /// `defer call`.
    Defer(Expr),
    /// `return …`.
    Return(Vec<Expr>),
    /// `break L`.
    Break(Option<Ident>),
    /// `continue L`.
    Continue(Option<Ident>),
    /// `goto L`.
    Goto(Ident),
    /// `fallthrough`.
    Fallthrough,
    /// `{ … }`.
    Block(Block),
    /// `if`.
    If(Box<If>),
    /// `switch`.
    Switch(Box<Switch>),
    /// `switch x := y.(type)`.
    TypeSwitch(Box<TypeSwitch>),
    /// `select`.
    Select(Vec<CommClause>),
    /// `for init; cond; post`.
    For(Box<For>),
    /// `for k, v := range x`.
    Range(Box<Range>),
    /// `L: stmt`.
    Labeled(Ident, Box<Stmt>),
    /// `var`, `const`, `type`; never a function.
    Decl(Vec<Decl>),
}

/// An assignment.
#[derive(Debug)]
pub struct Assign {
    /// Left-hand sides.
    pub lhs: Vec<Expr>,
    /// Which assignment.
    pub op: AssignOp,
    /// Right-hand sides.
    pub rhs: Vec<Expr>,
}

/// Kinds of assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOp {
    /// `=`.
    Assign,
    /// `:=`.
    Define,
    /// `+=` and its like.
    Op(BinaryOp),
}

/// `if init; cond { then } else …`.
#[derive(Debug)]
pub struct If {
    /// Initialiser.
    pub init: Option<Stmt>,
    /// Condition.
    pub cond: Expr,
    /// Then.
    pub then: Block,
    /// Another `if` or a block.
    pub els: Option<Stmt>,
}

/// An expression switch.
#[derive(Debug)]
pub struct Switch {
    /// Initialiser.
    pub init: Option<Stmt>,
    /// The tag; none for `switch { … }`.
    pub tag: Option<Expr>,
    /// Cases.
    pub cases: Vec<CaseClause>,
    /// `{ … }`, braces included.
    pub body: Span,
}

/// A type switch.
#[derive(Debug)]
pub struct TypeSwitch {
    /// Initialiser.
    pub init: Option<Stmt>,
    /// `x :=`.
    pub bind: Option<Ident>,
    /// `y` of `y.(type)`.
    pub subject: Expr,
    /// Cases; their expressions are types or nil.
    pub cases: Vec<CaseClause>,
    /// `{ … }`, braces included.
    pub body: Span,
}

/// `case a, b: …` or `default: …`.
#[derive(Debug)]
pub struct CaseClause {
    /// Expressions or types; empty for default.
    pub exprs: Vec<Expr>,
    /// `default`.
    pub default: bool,
    /// Statements.
    pub body: Block,
    /// From `case` to the last statement.
    pub span: Span,
}

/// A case of a `select`.
#[derive(Debug)]
pub struct CommClause {
    /// Send, receive (expression statement or assignment), or none for default.
    pub comm: Option<Stmt>,
    /// Statements.
    pub body: Block,
    /// From `case` to the last statement.
    pub span: Span,
}

/// A `for` with up to three clauses.
#[derive(Debug)]
pub struct For {
    /// Initialiser.
    pub init: Option<Stmt>,
    /// Condition.
    pub cond: Option<Expr>,
    /// Post statement.
    pub post: Option<Stmt>,
    /// Body.
    pub body: Block,
}

/// A `for … range`.
#[derive(Debug)]
pub struct Range {
    /// Key, when written.
    pub key: Option<Expr>,
    /// Value, when written.
    pub value: Option<Expr>,
    /// `:=` (else `=` or nothing).
    pub define: bool,
    /// What is ranged over.
    pub subject: Expr,
    /// Body.
    pub body: Block,
}

impl Span {
    /// The byte range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }
    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
    /// Usable as an index of the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Expr {
    /// The expression without enclosing parentheses.
    pub fn unparen(&self) -> &Expr {
        match &self.kind {
            ExprKind::Paren(x) => x.unparen(),
            _ => self,
        }
    }
}
