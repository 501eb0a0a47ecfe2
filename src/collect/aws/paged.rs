//! Lists of AWS, which all come in pages: request, page, next token, until the service names no further page.
//!
//! An operation with pages is described once, by [`paged`]: its entry in the list of operations, how to request a page of a size
//! with a token, and how to read the items and the next token. Everything else is the same for all of them: the request log, the
//! progress, the retries, and the checks of the [`Pager`]: a token that the service repeats is an error.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::operation::Operation;
use super::session::Client;
use crate::collect::calls::{CallError, Page, Pager, RawPage, list};

/// A list of one operation, with the parameters that are the same for all its pages.
pub(super) trait PagedOperation: Sized + Sync {
    /// A row of the list.
    type Item: Send;

    /// Its entry in the list of operations.
    fn operation(&self) -> &Operation;

    /// The client that sends its requests.
    fn client(&self) -> &Client;

    /// Requests one page: the first without a token.
    fn fetch(&self, token: Option<String>) -> impl Future<Output = Result<RawPage<Self::Item>, CallError>> + Send;

    /// The page at which `pager` stands, and the pager of the next one.
    fn page(&self, pager: Pager) -> impl Future<Output = Page<Self::Item>> + Send {
        async move {
            let answer = self.fetch(pager.token()).await;
            pager.accept(self.operation(), answer)
        }
    }

    /// Reads all pages. The items of the pages before an error are kept: `each` has them by then.
    fn each_page(
        &self,
        each: impl FnMut(Vec<Self::Item>) + Send,
    ) -> impl Future<Output = Result<(), CallError>> + Send {
        let fetch = |token| {
            self.client().calls.progress().plan(1);
            self.fetch(token)
        };
        list(self.operation(), fetch, each)
    }
}

/// A list of AWS's SDK.
pub(super) struct Paged<'c, S, R> {
    client: &'c Client,
    operation: &'c Operation,
    size: Option<i32>,
    send: S,
    read: R,
}

/// Describes a list: `send` requests a page of a size with a token, `read` takes the items and the next token out of the answer.
pub(super) fn paged<'c, S, R, F, O, E, T>(
    client: &'c Client,
    operation: &'c Operation,
    send: S,
    read: R,
) -> Paged<'c, S, R>
where
    S: Fn(Option<i32>, Option<String>) -> F,
    F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    R: Fn(O) -> (Vec<T>, Option<String>),
{
    Paged { client, operation, size: operation.page_size, send, read }
}

impl<S, R, F, O, E, T> PagedOperation for Paged<'_, S, R>
where
    S: Fn(Option<i32>, Option<String>) -> F + Sync,
    F: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
    R: Fn(O) -> (Vec<T>, Option<String>) + Sync,
    O: Send,
    E: ProvideErrorMetadata + StdError + Send + 'static,
    T: Send,
{
    type Item = T;

    fn operation(&self) -> &Operation {
        self.operation
    }

    fn client(&self) -> &Client {
        self.client
    }

    async fn fetch(&self, token: Option<String>) -> Result<RawPage<T>, CallError> {
        let send = || (self.send)(self.size, token.clone());
        self.client.calls.page(self.operation, send, &self.read).await
    }
}
