//! Names and types as go/types prints them. Built only when somebody asks.

use super::TypeId;
use super::model::Model;
use super::repr::{Basic, FuncType, Kind, TypeKey};
use crate::index::FuncRef;
use crate::syntax::ast::ChanDir;
use std::fmt::Write;

impl Model<'_> {
    /// A declared type's full name without arguments: `net/http.Response`, `error`.
    pub(super) fn type_name(&mut self, key: TypeKey) -> String {
        let (id, name) = match key {
            TypeKey::Error => return "error".into(),
            TypeKey::Comparable => return "comparable".into(),
            TypeKey::Local(index) => {
                let local = &self.local_types[index as usize];
                (local.package, local.name)
            }
            TypeKey::Declared(id, index) => match self.package(id) {
                Some(package) => (id, package.types[index as usize].decl.name.name),
                None => return "?".into(),
            },
        };
        match self.package(id) {
            Some(package) => format!("{}.{name}", package.path),
            None => "?".into(),
        }
    }

    /// A function's full name: `os.Open`, `(*database/sql.DB).Query`, `(net/http.Header).Get`.
    pub(super) fn func_name(&mut self, func: FuncRef) -> String {
        let Some(package) = self.package(func.package) else {
            return "?".into();
        };
        let decl = &package.funcs[func.index as usize].decl;
        if decl.receiver.is_none() {
            return format!("{}.{}", package.path, decl.name.name);
        }
        let mut receiver = self.receiver_type(&package, decl);
        let mut star = "";
        if let Kind::Pointer(elem) = *self.types.get(receiver) {
            star = "*";
            receiver = elem;
        }
        match *self.types.get(receiver) {
            Kind::Named(key, _) => format!("({star}{}).{}", self.type_name(key), decl.name.name),
            _ => "?".into(),
        }
    }

    /// The type as Go source would write it, with full package paths.
    pub(super) fn display(&mut self, ty: TypeId) -> String {
        let mut text = String::new();
        self.write_type(&mut text, ty);
        text
    }

    fn write_type(&mut self, out: &mut String, ty: TypeId) {
        let kind = self.types.kind(ty);
        match &*kind {
            Kind::Unknown => out.push('?'),
            Kind::Basic(Basic::UntypedNil) => out.push_str("untyped nil"),
            Kind::Basic(basic) => out.push_str(basic.name()),
            Kind::Named(key, args) => {
                let name = self.type_name(*key);
                out.push_str(&name);
                if !args.is_empty() {
                    out.push('[');
                    self.write_list(out, args, ",", false);
                    out.push(']');
                }
            }
            Kind::Pointer(elem) => self.write_prefixed(out, "*", *elem),
            Kind::Slice(elem) => self.write_prefixed(out, "[]", *elem),
            Kind::Array(elem) => self.write_prefixed(out, "[...]", *elem),
            Kind::Map(key, value) => {
                out.push_str("map[");
                self.write_type(out, *key);
                out.push(']');
                self.write_type(out, *value);
            }
            Kind::Chan(dir, elem) => {
                let prefix = match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Receive => "<-chan ",
                };
                self.write_prefixed(out, prefix, *elem);
            }
            Kind::Func(func) => {
                out.push_str("func");
                self.write_signature(out, func);
            }
            Kind::Struct(_, fields) => {
                out.push_str("struct{");
                for (i, field) in fields.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { "; " });
                    if !field.embedded {
                        let _ = write!(out, "{} ", field.name);
                    }
                    self.write_type(out, field.ty);
                }
                out.push('}');
            }
            Kind::Interface(_) if ty == self.universe.any => out.push_str("any"),
            Kind::Interface(interface) => {
                out.push_str("interface{");
                let mut separator = "";
                for (name, signature) in &interface.methods {
                    let _ = write!(out, "{separator}{name}");
                    if let Kind::Func(func) = &*self.types.kind(*signature) {
                        self.write_signature(out, func);
                    }
                    separator = "; ";
                }
                for embed in &interface.embeds {
                    out.push_str(separator);
                    self.write_type(out, *embed);
                    separator = "; ";
                }
                out.push('}');
            }
            Kind::TypeParam(id) => out.push_str(self.type_params[*id as usize].name.as_str()),
            Kind::Tuple(types) => {
                out.push('(');
                self.write_list(out, types, ", ", false);
                out.push(')');
            }
            Kind::Union(terms) => self.write_list(out, terms, " | ", false),
            Kind::Tilde(term) => self.write_prefixed(out, "~", *term),
        }
    }

    fn write_prefixed(&mut self, out: &mut String, prefix: &str, elem: TypeId) {
        out.push_str(prefix);
        self.write_type(out, elem);
    }

    fn write_list(&mut self, out: &mut String, types: &[TypeId], separator: &str, variadic: bool) {
        for (i, ty) in types.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { separator });
            match *self.types.get(*ty) {
                Kind::Slice(elem) if variadic && i + 1 == types.len() => {
                    self.write_prefixed(out, "...", elem)
                }
                _ => self.write_type(out, *ty),
            }
        }
    }

    fn write_signature(&mut self, out: &mut String, func: &FuncType) {
        out.push('(');
        self.write_list(out, &func.params, ", ", func.variadic);
        out.push(')');
        match func.results.len() {
            0 => {}
            1 => {
                out.push(' ');
                self.write_type(out, func.results[0]);
            }
            _ => {
                out.push_str(" (");
                self.write_list(out, &func.results, ", ", false);
                out.push(')');
            }
        }
    }
}
