//! Declarations (Go spec "Declarations and scope", "Import declarations").

use super::kinds::{Field, Kind};
use super::{Lower, Node};
use crate::syntax::ast::{
    ConstSpec, Decl, ExprKind, FuncDecl, Import, Name, Outline, Receiver, TypeDecl, TypeParam,
    ValueSpec,
};
use std::sync::Arc;

/// Type parameter lists of methods that a repair took out of the text, by where they stood.
pub(in crate::syntax) type MethodTypeParams = Vec<(u32, Vec<TypeParam>)>;

impl<'t> Lower<'t> {
    /// The file that was parsed.
    pub(in crate::syntax) fn outline(mut self, mut generic_methods: MethodTypeParams) -> Outline {
        let mut outline = Outline {
            broken: self.flat.broken,
            ..Outline::default()
        };
        for node in self.flat.root().named() {
            match node.kind() {
                Kind::PackageClause => {
                    outline.package = node.first().map(|name| self.ident(name));
                }
                Kind::ImportDeclaration => self.imports(node, &mut outline.imports),
                Kind::FunctionDeclaration | Kind::MethodDeclaration => {
                    match self.func(node, &mut generic_methods) {
                        Some(func) => outline.decls.push(Decl::Func(Arc::new(func))),
                        None => outline.broken = true,
                    }
                }
                Kind::VarDeclaration | Kind::ConstDeclaration | Kind::TypeDeclaration => {
                    self.decls(node, &mut outline.decls);
                }
                Kind::EmptyStatement => {}
                // The grammar takes statements here, Go does not.
                _ => outline.broken = true,
            }
        }
        outline.broken |= outline.package.is_none() || !generic_methods.is_empty();
        outline.nodes = self.nodes;
        outline
    }

    fn imports(&mut self, node: Node<'t>, imports: &mut Vec<Import>) {
        for child in node.named() {
            if child.kind() == Kind::ImportSpecList {
                self.imports(child, imports);
            } else if let Some(path) = child.get(Field::Path) {
                let alias = child.get(Field::Name).map(|name| self.ident(name));
                let path = self.text_of(path).trim_matches(['"', '`']);
                imports.push(Import {
                    alias,
                    path: Name::from(path),
                    span: child.span(),
                });
            }
        }
    }

    fn func(&mut self, node: Node<'t>, generic_methods: &mut MethodTypeParams) -> Option<FuncDecl> {
        let name = self.ident(node.get(Field::Name)?);
        let receiver = match node.get(Field::Receiver) {
            Some(receiver) => Some(self.receiver(receiver)?),
            None if node.kind() == Kind::MethodDeclaration => return None,
            None => None,
        };
        let mut type_params = self.type_params(node.get(Field::TypeParameters));
        let signature = self.signature(node);
        let between = name.span.end..signature.params_span.start;
        if let Some(at) = generic_methods
            .iter()
            .position(|(start, _)| between.contains(start))
        {
            type_params = generic_methods.swap_remove(at).1;
        }
        let mut header = node.named().filter(|part| part.field() != Field::Body);
        Some(FuncDecl {
            name,
            receiver,
            type_params,
            signature,
            body: node.get(Field::Body).map(Node::span),
            span: node.span(),
            broken: header.any(Node::has_error),
        })
    }

    /// None when it is not of the form `(r *T[A])`.
    fn receiver(&mut self, node: Node<'t>) -> Option<Receiver> {
        let mut params = self.params(node).into_iter();
        let param = params.next()?;
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
            type_args = args
                .iter()
                .map(|arg| arg.as_ident())
                .collect::<Option<_>>()?;
            ty = *generic;
        }
        let base = ty.as_ident()?;
        let alone = params.next().is_none() && param.names.len() <= 1 && !param.variadic;
        alone.then_some(Receiver {
            name,
            pointer,
            base,
            type_args,
            span: node.span(),
        })
    }

    /// The specs of a `var`, `const` or `type` declaration, each as one.
    pub(super) fn decls(&mut self, node: Node<'t>, decls: &mut Vec<Decl>) {
        match node.kind() {
            Kind::VarDeclaration | Kind::VarSpecList => {
                for spec in node.named() {
                    self.decls(spec, decls);
                }
            }
            Kind::VarSpec => decls.push(Decl::Var(Arc::new(self.value_spec(node)))),
            Kind::ConstDeclaration => self.const_specs(node, decls),
            Kind::TypeDeclaration => {
                let types = node.named().filter_map(|spec| self.type_decl(spec));
                decls.extend(types.map(|ty| Decl::Type(Arc::new(ty))));
            }
            _ => {}
        }
    }

    fn value_spec(&mut self, node: Node<'t>) -> ValueSpec {
        ValueSpec {
            names: node.all(Field::Name).map(|name| self.ident(name)).collect(),
            ty: node.get(Field::Type).map(|ty| self.expr(ty)),
            values: self.exprs(node.get(Field::Value)),
            span: node.span(),
        }
    }

    /// A spec without values repeats the last that had some (Go spec "Constant declarations").
    fn const_specs(&mut self, node: Node<'t>, decls: &mut Vec<Decl>) {
        let mut last: Option<Arc<ValueSpec>> = None;
        let specs = node.named().filter(|spec| spec.kind() == Kind::ConstSpec);
        for (iota, spec) in specs.enumerate() {
            let spec = Arc::new(self.value_spec(spec));
            let implicit = spec.values.is_empty();
            let names = spec.names.clone();
            let source = match last {
                Some(last) if implicit => last,
                _ => spec,
            };
            last = Some(source.clone());
            decls.push(Decl::Const(Arc::new(ConstSpec {
                names,
                source,
                implicit,
                iota: iota as u32,
            })));
        }
    }

    fn type_decl(&mut self, node: Node<'t>) -> Option<TypeDecl> {
        let alias = match node.kind() {
            Kind::TypeSpec => false,
            Kind::TypeAlias => true,
            _ => return None,
        };
        Some(TypeDecl {
            name: self.ident(node.get(Field::Name)?),
            type_params: self.type_params(node.get(Field::TypeParameters)),
            rhs: if node.has_error() {
                self.bad(node.span())
            } else {
                self.expr_or_bad(node.get(Field::Type), node)
            },
            alias,
            span: node.span(),
        })
    }
}
