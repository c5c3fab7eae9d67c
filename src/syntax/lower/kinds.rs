//! Node kinds and fields of tree-sitter-go as enums: a table look-up instead of a string comparison a node.

use crate::syntax::parse::language;
use std::sync::OnceLock;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident [$($extra:ident),*]: $($variant:ident = $text:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { Other, $($extra,)* $($variant),* }
        impl $name {
            fn of(text: &str) -> Self {
                match text { $($text => $name::$variant,)* _ => $name::Other }
            }
        }
    };
}

names! { /// Node kinds; those in brackets are of anonymous tokens.
Kind [Operator, Open, Colon, Punctuation]:
    Comment = "comment", Error = "ERROR",
    PackageClause = "package_clause", ImportDeclaration = "import_declaration", ImportSpec = "import_spec",
    ImportSpecList = "import_spec_list",
    ConstDeclaration = "const_declaration", ConstSpec = "const_spec", VarDeclaration = "var_declaration",
    VarSpec = "var_spec", VarSpecList = "var_spec_list", FunctionDeclaration = "function_declaration",
    MethodDeclaration = "method_declaration", TypeParameterDeclaration = "type_parameter_declaration",
    ParameterList = "parameter_list", ParameterDeclaration = "parameter_declaration",
    VariadicParameterDeclaration = "variadic_parameter_declaration", TypeAlias = "type_alias",
    TypeDeclaration = "type_declaration", TypeSpec = "type_spec", ExpressionList = "expression_list",
    ParenthesizedType = "parenthesized_type", GenericType = "generic_type", PointerType = "pointer_type",
    ArrayType = "array_type", ImplicitLengthArrayType = "implicit_length_array_type", SliceType = "slice_type",
    StructType = "struct_type", NegatedType = "negated_type", FieldDeclarationList = "field_declaration_list",
    FieldDeclaration = "field_declaration", InterfaceType = "interface_type", MethodElem = "method_elem",
    TypeElem = "type_elem", TypeConstraint = "type_constraint", MapType = "map_type",
    ChannelType = "channel_type", FunctionType = "function_type", Block = "block",
    StatementList = "statement_list", EmptyStatement = "empty_statement",
    ExpressionStatement = "expression_statement", SendStatement = "send_statement",
    ReceiveStatement = "receive_statement", IncStatement = "inc_statement", DecStatement = "dec_statement",
    AssignmentStatement = "assignment_statement", ShortVarDeclaration = "short_var_declaration",
    LabeledStatement = "labeled_statement", FallthroughStatement = "fallthrough_statement",
    BreakStatement = "break_statement", ContinueStatement = "continue_statement", GotoStatement = "goto_statement",
    ReturnStatement = "return_statement", GoStatement = "go_statement", DeferStatement = "defer_statement",
    IfStatement = "if_statement", ForStatement = "for_statement", ForClause = "for_clause",
    RangeClause = "range_clause", ExpressionSwitch = "expression_switch_statement",
    ExpressionCase = "expression_case", DefaultCase = "default_case", TypeSwitch = "type_switch_statement",
    TypeCase = "type_case", SelectStatement = "select_statement", CommunicationCase = "communication_case",
    CallExpression = "call_expression", VariadicArgument = "variadic_argument",
    SelectorExpression = "selector_expression", IndexExpression = "index_expression",
    SliceExpression = "slice_expression", TypeAssertion = "type_assertion_expression",
    TypeConversion = "type_conversion_expression", TypeInstantiation = "type_instantiation_expression",
    CompositeLiteral = "composite_literal", LiteralValue = "literal_value", LiteralElement = "literal_element",
    KeyedElement = "keyed_element", FuncLiteral = "func_literal", UnaryExpression = "unary_expression",
    BinaryExpression = "binary_expression", QualifiedType = "qualified_type", Identifier = "identifier",
    BlankIdentifier = "blank_identifier", TypeIdentifier = "type_identifier", FieldIdentifier = "field_identifier",
    PackageIdentifier = "package_identifier", LabelName = "label_name", Dot = "dot",
    RawString = "raw_string_literal", InterpretedString = "interpreted_string_literal", Int = "int_literal",
    Float = "float_literal", Imaginary = "imaginary_literal", Rune = "rune_literal", Nil = "nil", True = "true",
    False = "false", Iota = "iota", Parenthesized = "parenthesized_expression",
}

names! { /// Field names.
Field []:
    Name = "name", Path = "path", Type = "type", Value = "value", TypeParameters = "type_parameters",
    Parameters = "parameters", Result = "result", Body = "body", Receiver = "receiver",
    TypeArguments = "type_arguments", Length = "length", Element = "element", Key = "key", Channel = "channel",
    Left = "left", Right = "right", Operator = "operator", Label = "label", Initializer = "initializer",
    Condition = "condition", Consequence = "consequence", Alternative = "alternative", Update = "update",
    Alias = "alias", Communication = "communication", Function = "function", Arguments = "arguments",
    Operand = "operand", Member = "field", Index = "index", Start = "start", End = "end", Capacity = "capacity",
    Package = "package",
}

impl Kind {
    /// Whether lowering asks for such nodes.
    pub(super) fn counts(self) -> bool {
        !matches!(self, Kind::Comment | Kind::Punctuation)
    }

    /// Whether nothing inside such a node is asked for.
    pub(super) fn is_leaf(self) -> bool {
        self.is_token()
            || matches!(
                self,
                Kind::Identifier
                    | Kind::TypeIdentifier
                    | Kind::FieldIdentifier
                    | Kind::PackageIdentifier
                    | Kind::BlankIdentifier
                    | Kind::LabelName
                    | Kind::RawString
                    | Kind::InterpretedString
                    | Kind::Int
                    | Kind::Float
                    | Kind::Imaginary
                    | Kind::Rune
                    | Kind::Nil
                    | Kind::True
                    | Kind::False
                    | Kind::Iota
            )
    }

    /// Whether it is an operator or a bracket, not a node of the grammar.
    pub(super) fn is_token(self) -> bool {
        matches!(self, Kind::Operator | Kind::Open | Kind::Colon)
    }

    fn of_token(text: &str) -> Kind {
        match text {
            "{" | "(" => Kind::Open,
            ":" => Kind::Colon,
            "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>" | "&^" | "==" | "!="
            | "<" | "<=" | ">" | ">=" | "&&" | "||" | "!" | "<-" | "=" | ":=" | "+=" | "-="
            | "*=" | "/=" | "%=" | "&=" | "|=" | "^=" | "<<=" | ">>=" | "&^=" => Kind::Operator,
            _ => Kind::Punctuation,
        }
    }
}

/// Kinds and fields by the grammar's ids.
pub(super) struct Tables {
    kinds: Vec<Kind>,
    fields: Vec<Field>,
}

impl Tables {
    pub(super) fn kind(&self, id: u16) -> Kind {
        // ERROR has an id outside the grammar's.
        self.kinds.get(id as usize).copied().unwrap_or(Kind::Error)
    }

    pub(super) fn field(&self, id: u16) -> Field {
        self.fields
            .get(id as usize)
            .copied()
            .unwrap_or(Field::Other)
    }
}

pub(super) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let language = language();
        let kinds = (0..language.node_kind_count() as u16)
            .map(|id| match language.node_kind_for_id(id) {
                Some(name) if language.node_kind_is_named(id) => Kind::of(name),
                Some(token) => Kind::of_token(token),
                None => Kind::Other,
            })
            .collect();
        let fields = (0..=language.field_count() as u16)
            .map(|id| {
                language
                    .field_name_for_id(id)
                    .map_or(Field::Other, Field::of)
            })
            .collect();
        Tables { kinds, fields }
    })
}
