//! Requests that are sent together wait until a connection is open.
//!
//! Over HTTP/2 one connection serves them all. But whether the server speaks it
//! shows only when one is open, and until then the HTTP library opens one for
//! every request: a hundred secrets would cost as many TLS handshakes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::watch;
use tower_layer::Layer;
use tower_service::Service;

/// So many do not wait: a read and the look-up of its mount. Where the server
/// has no HTTP/2 they need a connection each, and neither is to come later.
const AT_FIRST: usize = 2;

/// Knows whether a connection was opened yet. Clones share it; as a layer around
/// the client's connector it is told.
#[derive(Clone)]
pub struct Opening {
    shared: Arc<Shared>,
}

struct Shared {
    begun: AtomicUsize,
    is_over: watch::Sender<bool>,
}

impl Opening {
    /// No connection was opened yet.
    pub(super) fn new() -> Self {
        Opening {
            shared: Arc::new(Shared {
                begun: AtomicUsize::new(0),
                is_over: watch::Sender::new(false),
            }),
        }
    }

    /// Waits for the turn of a request. What is returned is held until the
    /// request has its answer, or failed: then nobody has to wait any longer.
    pub async fn turn(&self) -> Turn {
        let is_first = self.shared.begun.fetch_add(1, Ordering::Relaxed) < AT_FIRST;
        if !is_first {
            let mut seen = self.shared.is_over.subscribe();
            // The sender lives as long as this does.
            let _ = seen.wait_for(|is_over| *is_over).await;
        }
        Turn(Arc::clone(&self.shared))
    }
}

/// The turn of a request.
pub struct Turn(Arc<Shared>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.is_over.send_replace(true);
    }
}

impl<S> Layer<S> for Opening {
    type Service = Told<S>;

    fn layer(&self, connector: S) -> Told<S> {
        Told {
            connector,
            opening: self.clone(),
        }
    }
}

/// A connector that tells when it has opened a connection.
#[derive(Clone)]
pub struct Told<S> {
    connector: S,
    opening: Opening,
}

impl<S, T> Service<T> for Told<S>
where
    S: Service<T>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: T) -> Self::Future {
        let connecting = self.connector.call(target);
        let shared = Arc::clone(&self.opening.shared);
        Box::pin(async move {
            let connection = connecting.await;
            shared.is_over.send_replace(true);
            connection
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a future that is polled once. Turns in it are held.
    fn once<T>(future: impl Future<Output = T>) -> Poll<T> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(future).poll(&mut context)
    }

    /// Two requests under way, and whether a third would wait.
    fn two_under_way(opening: &Opening) -> [Poll<Turn>; 2] {
        let first = [once(opening.turn()), once(opening.turn())];
        assert!(first.iter().all(Poll::is_ready));
        assert!(once(opening.turn()).is_pending());
        first
    }

    #[test]
    fn nobody_waits_for_a_request_that_is_over() {
        let opening = Opening::new();
        let [first, _second] = two_under_way(&opening);
        drop(first);
        assert!(once(opening.turn()).is_ready());
    }

    #[test]
    fn a_connection_that_is_open_lets_everybody_go() {
        let opening = Opening::new();
        let _held = two_under_way(&opening);
        let mut connector = opening.layer(Immediately);
        assert!(once(connector.call(())).is_ready());
        assert!(once(opening.turn()).is_ready());
    }

    /// Opens what it is asked for at once.
    struct Immediately;

    impl Service<()> for Immediately {
        type Response = ();
        type Error = std::convert::Infallible;
        type Future = std::future::Ready<Result<(), Self::Error>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            std::future::ready(Ok(()))
        }
    }
}
