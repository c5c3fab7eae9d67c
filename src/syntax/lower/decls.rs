//! Declarations (Go spec "Declarations and scope", "Import declarations").

use super::kinds::{Field, Kind};
use super::{Lower, field, lower_outline, span};
use crate::syntax::ast::{
    ConstSpec, Decl, Expr, ExprKind, FuncDecl, Ident, Import, Name, Outline, Receiver, Span,
    TypeDecl, TypeParam, ValueSpec,
};
use crate::syntax::parse::parse_ranges;
use std::sync::Arc;
use tree_sitter::Node;

impl<'t> Lower<'t> {
    pub(super) fn outline(&mut self, root: Node<'t>) -> Outline {
        let mut outline = Outline::default();
        for child in self.named(root) {
            match child.kind {
                Kind::PackageClause => {
                    outline.package = self.first_named(child.node).map(|name| self.ident(name));
                }
                Kind::ImportDeclaration => self.imports(child.node, &mut outline.imports),
                Kind::FunctionDeclaration | Kind::MethodDeclaration => {
                    match self.func(child.node, child.kind) {
                        Some(func) => outline.decls.push(Decl::Func(Arc::new(func))),
                        None => outline.broken = true,
                    }
                }
                Kind::VarDeclaration => {
                    outline.decls.extend(
                        self.var_specs(child.node)
                            .into_iter()
                            .map(|spec| Decl::Var(spec.into())),
                    );
                }
                Kind::ConstDeclaration => {
                    let specs = self.const_specs(child.node).into_iter();
                    outline
                        .decls
                        .extend(specs.map(|spec| Decl::Const(spec.into())));
                }
                Kind::TypeDeclaration => {
                    outline.decls.extend(
                        self.type_decls(child.node)
                            .into_iter()
                            .map(|ty| Decl::Type(ty.into())),
                    );
                }
                Kind::EmptyStatement => {}
                _ => outline.broken = true,
            }
        }
        outline
    }

    fn imports(&mut self, node: Node<'t>, imports: &mut Vec<Import>) {
        for child in self.named(node) {
            if child.kind == Kind::ImportSpecList {
                self.imports(child.node, imports);
            } else if child.kind == Kind::ImportSpec {
                let parts = self.children(child.node);
                let alias = field(&parts, Field::Name).map(|name| self.ident(name));
                let Some(path) = field(&parts, Field::Path) else {
                    continue;
                };
                let path = self.text_of(path).trim_matches(['"', '`']);
                imports.push(Import {
                    alias,
                    path: Name::from(path),
                    span: span(child.node),
                });
            }
        }
    }

    fn func(&mut self, node: Node<'t>, kind: Kind) -> Option<FuncDecl> {
        let children = self.children(node);
        let name_node = field(&children, Field::Name)?;
        let name = self.ident(name_node);
        let receiver = match field(&children, Field::Receiver) {
            Some(receiver) => Some(self.receiver(receiver)?),
            None if kind == Kind::MethodDeclaration => return None,
            None => None,
        };
        let mut type_params = self.type_params(field(&children, Field::TypeParameters));
        if let Some(at) = self
            .generic_methods
            .iter()
            .position(|(end, _)| *end == name.span.end)
        {
            let (end, list) = self.generic_methods.swap_remove(at);
            type_params = blanked_type_params(end, &list)?;
        }
        let signature = self.signature(&children);
        let broken = children
            .iter()
            .any(|child| child.field != Field::Body && child.node.has_error());
        let body = field(&children, Field::Body).map(span);
        Some(FuncDecl {
            name,
            receiver,
            type_params,
            signature,
            body,
            span: span(node),
            broken,
        })
    }

    fn receiver(&mut self, node: Node<'t>) -> Option<Receiver> {
        let param = self.params(node).into_iter().next()?;
        let name = param.names.first().copied();
        let (mut ty, mut pointer) = (param.ty, false);
        loop {
            ty = match ty.kind {
                ExprKind::Star(inner) if !pointer => {
                    pointer = true;
                    *inner
                }
                ExprKind::Paren(inner) => *inner,
                _ => break,
            };
        }
        let mut type_args = Vec::new();
        if let ExprKind::Index(generic, args) = ty.kind {
            type_args = args.iter().map(as_ident).collect::<Option<_>>()?;
            ty = *generic;
        }
        Some(Receiver {
            name,
            pointer,
            base: as_ident(&ty)?,
            type_args,
            span: span(node),
        })
    }

    pub(super) fn var_specs(&mut self, node: Node<'t>) -> Vec<ValueSpec> {
        let mut specs = Vec::new();
        for child in self.named(node) {
            match child.kind {
                Kind::VarSpecList => specs.append(&mut self.var_specs(child.node)),
                Kind::VarSpec => specs.push(self.value_spec(child.node)),
                _ => {}
            }
        }
        specs
    }

    fn value_spec(&mut self, node: Node<'t>) -> ValueSpec {
        let parts = self.named(node);
        let mut names = Vec::new();
        for part in parts.iter().filter(|part| part.field == Field::Name) {
            names.push(self.ident(part.node));
        }
        let ty = field(&parts, Field::Type).map(|ty| self.expr(ty));
        let values = self.exprs(field(&parts, Field::Value));
        ValueSpec {
            names,
            ty,
            values,
            span: span(node),
        }
    }

    /// A group's specs; one without values repeats the last that had some (Go spec "Constant declarations").
    pub(super) fn const_specs(&mut self, node: Node<'t>) -> Vec<ConstSpec> {
        let mut specs = Vec::new();
        let mut last: Option<Arc<ValueSpec>> = None;
        let children = self.named(node);
        for (iota, child) in children
            .iter()
            .filter(|child| child.kind == Kind::ConstSpec)
            .enumerate()
        {
            let spec = self.value_spec(child.node);
            let names = spec.names.clone();
            let implicit = spec.values.is_empty();
            let source = match &last {
                Some(last) if implicit => last.clone(),
                _ => Arc::new(spec),
            };
            last = Some(source.clone());
            specs.push(ConstSpec {
                names,
                source,
                implicit,
                iota: iota as u32,
            });
        }
        specs
    }

    pub(super) fn type_decls(&mut self, node: Node<'t>) -> Vec<TypeDecl> {
        let mut decls = Vec::new();
        for child in self.named(node) {
            let alias = match child.kind {
                Kind::TypeSpec => false,
                Kind::TypeAlias => true,
                _ => continue,
            };
            let parts = self.children(child.node);
            let Some(name) = field(&parts, Field::Name) else {
                continue;
            };
            let name = self.ident(name);
            let type_params = self.type_params(field(&parts, Field::TypeParameters));
            let rhs = if child.node.has_error() {
                self.bad(span(child.node))
            } else {
                self.expr_or_bad(field(&parts, Field::Type), child.node)
            };
            decls.push(TypeDecl {
                name,
                type_params,
                rhs,
                alias,
                span: span(child.node),
            });
        }
        decls
    }
}

fn as_ident(expr: &Expr) -> Option<Ident> {
    match expr.kind {
        ExprKind::Ident(name) => Some(Ident {
            id: expr.id,
            name,
            span: expr.span,
        }),
        _ => None,
    }
}

/// Parses the type parameters that a repair took out of a method, on their own; spans are moved back to the file's.
/// None when the list does not parse. Only the names' spans are exact.
fn blanked_type_params(at: u32, list: &str) -> Option<Vec<TypeParam>> {
    const PREFIX: &str = "package p\nfunc _";
    let snippet = format!("{PREFIX}{list}() {{}}\n");
    let tree = parse_ranges(&snippet, &[])?;
    let outline = lower_outline(Lower::new(&snippet, &tree, Vec::new()), &tree);
    let Some(Decl::Func(func)) = outline.decls.first() else {
        return None;
    };
    let shift = |span: Span| {
        Span::new(
            (span.start + at) as usize - PREFIX.len(),
            (span.end + at) as usize - PREFIX.len(),
        )
    };
    let params = func.type_params.iter().cloned().map(|mut param| {
        param.name.span = shift(param.name.span);
        param
    });
    (!outline.broken).then(|| params.collect())
}
