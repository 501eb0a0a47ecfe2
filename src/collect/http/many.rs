//! Many things asked at once, and a try of one for the doctor.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::{Http, Request};
use crate::collect::calls::{Called, Crew, Job, Team};
use crate::collect::{Check, CheckOutcome, Progress};

impl Team for Http {
    fn at_once(&self) -> usize {
        self.calls.at_once()
    }

    fn progress(&self) -> &Progress {
        self.calls.progress()
    }
}

/// One subject to be asked about.
struct Ask<S, W> {
    subject: S,
    work: Arc<W>,
}

impl<S, W, F, O> Job for Ask<S, W>
where
    S: Send + 'static,
    W: Fn(Arc<Http>, S) -> F + Send + Sync + 'static,
    F: Future<Output = O> + Send + 'static,
    O: Send + 'static,
{
    type Team = Http;
    type Outcome = O;

    fn run(self, team: Arc<Http>) -> impl Future<Output = O> + Send + 'static {
        (self.work)(team, self.subject)
    }
}

impl Http {
    /// Does `work` for every subject, many at once; `each` gets what it brings, in the order in which it comes.
    pub async fn for_all<S, W, F, O>(
        self: &Arc<Self>,
        subjects: impl IntoIterator<Item = S>,
        work: W,
        mut each: impl FnMut(O),
    ) where
        S: Send + 'static,
        W: Fn(Arc<Self>, S) -> F + Send + Sync + 'static,
        F: Future<Output = O> + Send + 'static,
        O: Send + 'static,
    {
        let work = Arc::new(work);
        let mut crew = Crew::new(self);
        for subject in subjects {
            crew.add(Ask { subject, work: Arc::clone(&work) });
        }
        while let Some(outcome) = crew.next().await {
            each(outcome);
        }
    }

    /// Makes one cheap call and tells what came of it; gives the answer as well.
    pub async fn check<T: DeserializeOwned>(&self, request: &Request) -> (Check, Option<T>) {
        let endpoint = request.endpoint();
        match self.read(request).await {
            Ok(answer) => (Check::fine(endpoint.action()), Some(answer)),
            Err(error) => {
                let outcome = CheckOutcome::Unreadable(error.kind);
                let loses = endpoint.loses.to_vec();
                let check = Check { what: endpoint.action(), outcome, detail: error.reason, hint: error.hint, loses };
                (check, None)
            }
        }
    }
}
