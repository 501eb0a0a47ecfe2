//! Many calls at once, none of them waiting for another: jobs wait in a queue, so many run, and each may bring further jobs.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::collect::Progress;

/// What a crew works with: the way to call one source.
pub trait Team: Send + Sync + 'static {
    /// How many jobs to have under way.
    fn at_once(&self) -> usize;

    /// Where progress is told.
    fn progress(&self) -> &Progress;
}

/// One call to be made.
pub trait Job: Send + 'static {
    /// What it is made with.
    type Team: Team;
    /// What it brings.
    type Outcome: Send + 'static;

    /// Makes the call.
    fn run(self, team: Arc<Self::Team>) -> impl Future<Output = Self::Outcome> + Send + 'static;
}

/// The jobs of one branch. Waiting ones are plain values: a future each would cost kilobytes.
pub struct Crew<J: Job> {
    team: Arc<J::Team>,
    waiting: VecDeque<J>,
    running: JoinSet<J::Outcome>,
}

impl<J: Job> Crew<J> {
    /// A crew without jobs.
    pub fn new(team: &Arc<J::Team>) -> Self {
        Self { team: Arc::clone(team), waiting: VecDeque::new(), running: JoinSet::new() }
    }

    /// Adds a job at the end.
    pub fn add(&mut self, job: J) {
        self.team.progress().plan(1);
        self.waiting.push_back(job);
    }

    /// Adds a job that others depend on: the next page of a listing.
    pub fn add_first(&mut self, job: J) {
        self.team.progress().plan(1);
        self.waiting.push_front(job);
    }

    /// How many jobs wait for their turn.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The next outcome, in the order they come; none when nothing is left to do.
    pub async fn next(&mut self) -> Option<J::Outcome> {
        while self.running.len() < self.team.at_once() {
            let Some(job) = self.waiting.pop_front() else { break };
            self.running.spawn(job.run(Arc::clone(&self.team)));
        }
        match self.running.join_next().await? {
            Ok(outcome) => Some(outcome),
            // Jobs are never aborted, so this one panicked: a bug, which belongs to whoever waits.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
