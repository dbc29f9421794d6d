//! A bounded memory of what was read. What is to be forgotten while somebody reads it is not kept afterwards.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::future::{Cache, CacheBuilder};

use crate::error::{Error, Result};

/// What was read, by key.
pub(crate) struct Kept<K, V> {
    cache: Cache<K, V>,
    /// How often something was to be forgotten. Counted before it is: whoever finds the count unmoved after keeping what it read was not
    /// overtaken.
    forgotten: AtomicU64,
}

impl<K, V> fmt::Debug for Kept<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl<K, V> Kept<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Nothing yet.
    pub(crate) fn new(bounds: CacheBuilder<K, V, Cache<K, V>>) -> Self {
        Self {
            cache: bounds.build(),
            forgotten: AtomicU64::new(0),
        }
    }

    /// What is kept under a key.
    pub(crate) async fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.cache.get(key).await
    }

    /// What is kept under a key, or else what `read` answers: read once for all who ask meanwhile.
    pub(crate) async fn load(&self, key: K, read: impl Future<Output = Result<V>>) -> Result<V> {
        let before = self.forgotten.load(Ordering::SeqCst);
        let found = self.cache.try_get_with(key.clone(), read).await;
        self.forget_if_overtaken(&key, before).await;
        found.map_err(Arc::<Error>::unwrap_or_clone)
    }

    /// What `read` answers, kept where there is anything.
    pub(crate) async fn find(
        &self,
        key: K,
        read: impl Future<Output = Result<Option<V>>>,
    ) -> Result<Option<V>> {
        let before = self.forgotten.load(Ordering::SeqCst);
        let found = read.await?;
        if let Some(found) = &found {
            self.cache.insert(key.clone(), found.clone()).await;
            self.forget_if_overtaken(&key, before).await;
        }
        Ok(found)
    }

    async fn forget_if_overtaken(&self, key: &K, before: u64) {
        if self.forgotten.load(Ordering::SeqCst) != before {
            self.cache.invalidate(key).await;
        }
    }

    /// Forgets what is kept under a key.
    pub(crate) async fn forget(&self, key: &K) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.cache.invalidate(key).await;
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.cache.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept<u8, &'static str> {
        Kept::new(Cache::builder().max_capacity(10))
    }

    /// Both ways of reading, both ways of forgetting.
    #[tokio::test]
    async fn what_is_forgotten_while_it_is_read_is_not_kept() {
        let kept = kept();
        let forget = async |everything: bool| {
            if everything {
                kept.forget_all();
            } else {
                kept.forget(&1).await;
            }
        };
        for everything in [false, true] {
            let found = kept.find(1, async {
                forget(everything).await;
                Ok(Some("old"))
            });
            assert_eq!(found.await.expect("found"), Some("old"));
            assert_eq!(kept.get(&1).await, None);
            let loaded = kept.load(1, async {
                forget(everything).await;
                Ok("old")
            });
            assert_eq!(loaded.await.expect("loaded"), "old");
            assert_eq!(kept.get(&1).await, None);
        }
    }

    #[tokio::test]
    async fn what_nobody_forgets_meanwhile_is_kept() {
        let kept = kept();
        kept.forget_all();
        assert_eq!(kept.load(1, async { Ok("one") }).await.expect("loaded"), "one");
        assert_eq!(
            kept.find(2, async { Ok(Some("two")) }).await.expect("found"),
            Some("two")
        );
        assert_eq!(kept.find(3, async { Ok(None) }).await.expect("nothing"), None);
        assert_eq!(
            (kept.get(&1).await, kept.get(&2).await, kept.get(&3).await),
            (Some("one"), Some("two"), None)
        );
    }
}
