//! A sibling with a context for a function that must stay as it is (`--exported=variant`): `Foo` calls `FooContext`,
//! which has the body.

use super::fixed;
use super::header::first_of;
use super::home::{Home, has_word};
use super::names;
use super::thread::Threading;
use crate::analyse::declined::Declined;
use crate::analyse::finding::Edit;
use crate::analyse::references::{self, CallSite, DeclaredAt};
use crate::syntax::ast::*;

impl Threading<'_, '_> {
    /// Puts the function's body into a sibling with the parameter `name`, and has the callers that can have a context
    /// call that one. The others call the function as before.
    pub(super) fn variant(
        &mut self,
        home: &Home,
        target: DeclaredAt,
        name: &'static str,
    ) -> Result<String, Declined> {
        let func = home.func().ok_or(Declined::NoSignal)?;
        if home.fixed() {
            return Err(Declined::FixedFile);
        }
        if !fixed::single(self.types, home) {
            return Err(Declined::BuildVariants);
        }
        let sibling = format!("{}Context", home.decl.name.name);
        if self.spoken_of(home, &sibling) {
            return Err(Declined::NameTaken);
        }
        let (package, import) = names::context(self.types, home)?;
        let text = split(home, &sibling, &package, name)?;
        self.done.insert(target, name.to_string());
        if import {
            self.imports.insert((home.file, "context"));
        }
        let brace = home.body.body.block.span.start;
        let at = Span {
            start: brace,
            end: brace,
        };
        self.edits.insert((home.file, Edit { span: at, text }));
        self.took(home, &sibling);
        for call in &references::uses(self.types, func).calls {
            let before = self.clone();
            if self.pass(call).and_then(|()| self.rename(call)).is_err() {
                *self = before;
            }
        }
        Ok(name.into())
    }

    fn rename(&mut self, call: &CallSite) -> Result<(), Declined> {
        let end = call.name.end;
        let edit = Edit {
            span: Span { start: end, end },
            text: "Context".into(),
        };
        self.edits.insert((call.at.file, edit));
        Ok(())
    }

    /// Whether some file of the module knows the name: it could be taken, or be a method that an interface asks for.
    fn spoken_of(&self, home: &Home, word: &str) -> bool {
        let world = self.types.world();
        let packages = world.module_packages(home.package);
        packages.into_iter().any(|id| {
            world.package(id).is_none_or(|package| {
                let mut files = package.files.iter();
                files.any(|file| {
                    world.may_mention(file.id, word) && has_word(&world.text(file.id), word)
                })
            })
        })
    }
}

/// What goes before the body's brace: the function's own new body, and the sibling's header.
fn split(home: &Home, sibling: &str, package: &str, ctx: &str) -> Result<String, Declined> {
    let decl = &home.decl;
    let signature = &decl.signature;
    let mut arguments = vec![format!("{package}.Background()")];
    for param in &signature.params {
        if param.names.is_empty() {
            return Err(Declined::Layout);
        }
        for ident in &param.names {
            if ident.name == "_" || ident.name.as_str() == package {
                return Err(Declined::NameTaken);
            }
            let dots = if param.variadic { "..." } else { "" };
            arguments.push(format!("{}{dots}", ident.name));
        }
    }
    let receiver = match &decl.receiver {
        None => String::new(),
        Some(receiver) => match receiver.name {
            Some(name) if name.name != "_" && name.name.as_str() != package => {
                format!("{}.", name.name)
            }
            _ => return Err(Declined::NameTaken),
        },
    };
    let types: Vec<&str> = decl
        .type_params
        .iter()
        .map(|p| p.name.name.as_str())
        .collect();
    let types = match types.as_slice() {
        [] => String::new(),
        names => format!("[{}]", names.join(", ")),
    };
    let call = format!("{receiver}{sibling}{types}({})", arguments.join(", "));
    let leave = match signature.results.is_empty() {
        true => call,
        false => format!("return {call}"),
    };
    let range = |start: u32, end: u32| home.src(Span { start, end });
    let open = signature.params_span.start + 1;
    let close = signature.params_span.end - 1;
    let first = signature.params.first().map(|p| p.span);
    let param = format!("{ctx} {package}.Context");
    let param = first_of(&home.text, open, first, close, &param)?;
    let header = format!(
        "{}{sibling}{}{param}{}",
        range(decl.span.start, decl.name.span.start),
        range(decl.name.span.end, open),
        range(open, home.body.body.block.span.start),
    );
    let name = decl.name.name;
    Ok(format!(
        "{{\n\t{leave}\n}}\n\n// {sibling} is like {name}, and what it starts ends when {ctx} is done.\n{header}"
    ))
}
