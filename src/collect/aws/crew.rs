//! Many calls at once, none of them waiting for another: jobs wait in a queue, so many run, and each may bring further jobs.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::session::Client;

/// One call to be made.
pub(super) trait Job: Send + 'static {
    /// What it brings.
    type Outcome: Send + 'static;

    /// Makes the call.
    fn run(self, client: Arc<Client>) -> impl Future<Output = Self::Outcome> + Send + 'static;
}

/// The jobs of one branch. Waiting ones are plain values: a future each would cost kilobytes.
pub(super) struct Crew<J: Job> {
    client: Arc<Client>,
    waiting: VecDeque<J>,
    running: JoinSet<J::Outcome>,
}

impl<J: Job> Crew<J> {
    pub(super) fn new(client: &Arc<Client>) -> Self {
        Self { client: Arc::clone(client), waiting: VecDeque::new(), running: JoinSet::new() }
    }

    /// Adds a job at the end.
    pub(super) fn add(&mut self, job: J) {
        self.client.calls.progress().plan(1);
        self.waiting.push_back(job);
    }

    /// Adds a job that others depend on: the next page of a listing.
    pub(super) fn add_first(&mut self, job: J) {
        self.client.calls.progress().plan(1);
        self.waiting.push_front(job);
    }

    /// How many jobs wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The next outcome, in the order they come; none when nothing is left to do.
    pub(super) async fn next(&mut self) -> Option<J::Outcome> {
        while self.running.len() < self.client.calls.at_once() {
            let Some(job) = self.waiting.pop_front() else { break };
            self.running.spawn(job.run(Arc::clone(&self.client)));
        }
        match self.running.join_next().await? {
            Ok(outcome) => Some(outcome),
            // Jobs are never aborted, so this one panicked: a bug, which belongs to whoever waits.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
