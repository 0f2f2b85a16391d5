//! The server on its socket, and how it stops.

use crate::app::App;
use crate::router::router_with;
use axum::Router;
use axum::serve::ListenerExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Requests under way may take this long after the server was told to stop; a till waits no longer either.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` is ready; then takes no new request, answers those under way, and returns.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    pages: Router<Arc<App>>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Answers are small and whole: waiting for more to send would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let metrics = app.metrics.clone();
    let (stopping, told) = oneshot::channel();
    let server = axum::serve(listener, router_with(app, pages)).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopping.send(());
    });
    let too_late = async {
        if told.await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = async { server.await } => ended,
        () = too_late => Ok(()),
        () = metrics.keep_small() => Ok(()),
    }
}
