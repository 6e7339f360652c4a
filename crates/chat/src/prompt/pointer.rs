//! A place in a JSON document, kept on the stack while a walk goes down.

use std::fmt;

/// A place in a JSON document. Written (`Display`) as a JSON Pointer: `/messages/0/content`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer<'p> {
    parent: Option<&'p Pointer<'p>>,
    token: Token,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Root,
    Member(&'static str),
    Index(usize),
}

impl Pointer<'_> {
    pub(crate) const ROOT: Pointer<'static> = Pointer { parent: None, token: Token::Root };

    pub(crate) fn member(&self, name: &'static str) -> Pointer<'_> {
        Pointer { parent: Some(self), token: Token::Member(name) }
    }

    pub(crate) fn index(&self, index: usize) -> Pointer<'_> {
        Pointer { parent: Some(self), token: Token::Index(index) }
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(out)?;
        }
        match self.token {
            Token::Root => Ok(()),
            Token::Member(name) => write!(out, "/{name}"),
            Token::Index(index) => write!(out, "/{index}"),
        }
    }
}
