//! Messages that point into a file: what, where (file, line, column), and what to do.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One thing wrong with an input, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, one lower-case sentence without a full stop.
    pub message: String,
    /// The file, as the user named it.
    pub file: String,
    /// The file's text; without it only the file is named.
    pub source: Option<Arc<str>>,
    /// The bytes of `source` that are wrong.
    pub span: Range<usize>,
    /// A few words beside the mark; may be empty.
    pub label: String,
    /// What to do; empty when the message says it all.
    pub help: String,
}

impl Diagnostic {
    /// The diagnostic for people, `error: …` with `file:line:column` and the line itself.
    pub fn render(&self, color: bool) -> String {
        let mut group =
            Level::ERROR.primary_title(self.message.as_str()).elements(Vec::<annotate_snippets::Message<'_>>::new());
        if let Some(source) = &self.source {
            let end = self.span.end.min(source.len());
            let start = self.span.start.min(end);
            let mut mark = AnnotationKind::Primary.span(start..end);
            if !self.label.is_empty() {
                mark = mark.label(self.label.as_str());
            }
            group = group.element(Snippet::source(source.as_ref()).path(self.file.as_str()).annotation(mark));
        } else {
            group = group.element(annotate_snippets::Origin::path(self.file.as_str()));
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(self.help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// All diagnostics, one after the other, in the order of the file.
pub fn render_all(diagnostics: &[Diagnostic], color: bool) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| (d.file.as_str(), d.span.start));
    let texts: Vec<String> = sorted.iter().map(|d| d.render(color)).collect();
    texts.join("\n\n")
}
