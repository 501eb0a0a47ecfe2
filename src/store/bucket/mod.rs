//! A store in S3. An object is there whole or not at all, and `If-None-Match: *` keeps it from being written over.
//!
//! The store is asked by code that does not wait for futures, within a run that may: so the bucket has a runtime of its own, on
//! another thread, and whoever asks waits for its answer.

mod action;
mod client;
mod error;
mod locks;
mod objects;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use tokio::runtime::{Builder, Runtime};

use self::client::S3;
use super::BucketPlace;
use super::files::{Contents, Files, Hold, Lock};
use crate::error::Error;
use crate::model::Instant;

pub use self::action::policy;

/// How many objects are asked for at once where many are.
const AT_ONCE: usize = 8;

/// A bucket.
pub(super) struct Bucket {
    s3: Arc<S3>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.s3.location).finish()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // Waiting for a runtime to end is not allowed on a thread of another, and there is nothing to wait for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Bucket {
    /// Finds credentials and Region for a place; S3 isn't asked yet.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(super) fn connect(place: &BucketPlace) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| Error::Internal(format!("the store's runtime did not start: {e}")))?;
        let place = place.clone();
        let s3 = answer(&begin(&runtime, async move { S3::connect(&place).await }))?;
        Ok(Self { s3: Arc::new(s3), runtime: Some(runtime) })
    }

    /// Begins work and does not wait for it.
    fn begin<T, W>(&self, work: impl FnOnce(Arc<S3>) -> W) -> Result<Receiver<T>, Error>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
    {
        let runtime = self.runtime.as_ref().ok_or_else(|| Error::Internal("the store was closed".to_owned()))?;
        Ok(begin(runtime, work(Arc::clone(&self.s3))))
    }

    /// Does work and waits for it.
    fn wait<T, W>(&self, work: impl FnOnce(Arc<S3>) -> W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        answer(&self.begin(work)?)?
    }

    /// Does the same work on each key, a few ahead of the one that is waited for.
    fn each<T, W>(
        &self,
        keys: Vec<String>,
        work: impl Fn(Arc<S3>, String) -> W,
    ) -> impl Iterator<Item = Result<T, Error>>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let mut keys = keys.into_iter();
        let mut under_way = VecDeque::new();
        std::iter::from_fn(move || {
            while under_way.len() < AT_ONCE
                && let Some(key) = keys.next()
            {
                under_way.push_back(self.begin(|s3| work(s3, key)));
            }
            let next = under_way.pop_front()?;
            Some(next.and_then(|begun| answer(&begun)?))
        })
    }
}

fn begin<T: Send + 'static>(runtime: &Runtime, work: impl Future<Output = T> + Send + 'static) -> Receiver<T> {
    let (tell, told) = sync_channel(1);
    runtime.spawn(async move {
        // Nobody waits for it any more: not a reason to stop.
        let _ = tell.send(work.await);
    });
    told
}

fn answer<T>(told: &Receiver<T>) -> Result<T, Error> {
    told.recv().map_err(|_| Error::Internal("a request of the store stopped".to_owned()))
}

impl Files for Bucket {
    fn prepare(&self) -> Result<(), Error> {
        // Marking the store asks S3 to write, and is refused if that isn't allowed, marked already or not.
        Ok(())
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<bool, Error> {
        let (key, bytes) = (key.to_owned(), bytes.to_vec());
        self.wait(|s3| async move { s3.put_new(&key, bytes).await })
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let key = key.to_owned();
        self.wait(|s3| async move { s3.get(&key).await })
    }

    fn get_each(&self, keys: Vec<String>) -> Contents<'_> {
        Box::new(self.each(keys, |s3, key| async move { s3.get(&key).await }))
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let prefix = prefix.to_owned();
        self.wait(|s3| async move { s3.list(&prefix).await })
    }

    fn holds(&self, keys: &[String], now: Instant) -> Result<Vec<Hold>, Error> {
        if keys.is_empty() || self.wait(|s3| async move { Ok(s3.lock().await) })? == Lock::Off {
            return Ok(vec![Hold::Free; keys.len()]);
        }
        self.each(keys.to_vec(), |s3, key| async move { s3.hold(&key, now).await }).collect()
    }

    fn remove(&self, key: &str) -> Result<(), Error> {
        let key = key.to_owned();
        self.wait(|s3| async move { s3.remove(&key).await })
    }

    fn clean(&self) -> Result<(), Error> {
        // What a writer that died has sent is no object.
        Ok(())
    }

    fn lock(&self) -> Option<Lock> {
        Some(self.wait(|s3| async move { Ok(s3.lock().await) }).unwrap_or_else(|e| Lock::Unknown(e.to_string())))
    }

    fn locate(&self, key: &str) -> String {
        format!("{}{key}", self.s3.location)
    }
}
