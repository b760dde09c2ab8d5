//! Connections: accepted, bounded in time, and brought to their end. A client that sends its head drop by drop, or does
//! not read what it asked for, is let go; so is one whose machine has vanished.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

use super::lent::{Connection, Home, Lent, Taken};
use super::shutdown::Shutdown;

/// How long to wait when the machine has no descriptor left for another connection.
const BREATH: Duration = Duration::from_millis(100);
/// Bytes kept per connection for reading; an idle one should cost little.
const BUFFER: usize = 16 * 1024;

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a request's head.
    pub head: Duration,
    /// For reading what they are sent, and for a machine to be heard of again.
    pub write: Duration,
}

/// Serves until the service stops, and then until the last connection has come to its end.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience, shutdown: Arc<Shutdown>) {
    // Each connection holds a receiver: when the last is gone, so is the last connection.
    let (last, open) = watch::channel(());
    let stopping = shutdown.wait();
    tokio::pin!(stopping);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopping => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (open, shutdown) = (open.clone(), Arc::clone(&shutdown));
                let served = connection(stream, peer, router.clone(), patience, shutdown);
                tokio::spawn(async move {
                    if let Err(error) = served.await {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    drop(open);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop((listener, open));
    last.closed().await;
}

/// Serves requests until the client has no more of them, or one is answered by a stream, and then that.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    shutdown: Arc<Shutdown>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    prepare(&stream, patience.write)?;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience.write));
    // Boxed: what serving requests needs is given back for as long as a stream lasts.
    match Box::pin(requests(Box::pin(stream), peer, router, patience, shutdown)).await? {
        Some((connection, taken)) => Ok(taken.write(connection).await?),
        None => Ok(()),
    }
}

/// Serves requests; gives the connection back when one of them is answered by a stream.
async fn requests(
    connection: Connection,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    shutdown: Arc<Shutdown>,
) -> hyper::Result<Option<(Connection, Taken)>> {
    let router = TowerToHyperService::new(router);
    let home = Home::default();
    let way_home = home.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let version = request.version();
        let (answer, home) = (router.call(request), way_home.clone());
        async move { answer.await.map_or_else(|never| match never {}, |answer| home.keep(answer, version)) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(BUFFER);
    let io = TokioIo::new(home.lend(connection));
    let ended = until_the_end(builder.serve_connection(io, service).with_upgrades(), shutdown).await;
    match home.take() {
        Some(back) => Ok(Some(back)),
        None => ended.map(|()| None),
    }
}

/// Until the client has no more of them, or the service stops.
async fn until_the_end<S>(
    connection: http1::UpgradeableConnection<TokioIo<Lent>, S>,
    shutdown: Arc<Shutdown>,
) -> hyper::Result<()>
where
    S: HttpService<Incoming, ResBody = Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut served = pin!(connection);
    tokio::select! {
        ended = &mut served => ended,
        () = shutdown.wait() => {
            // What is being answered is answered; nothing more is taken.
            served.as_mut().graceful_shutdown();
            served.await
        }
    }
}

/// Small messages go out at once, and a machine that vanished is noticed although nothing is asked of it.
fn prepare(stream: &TcpStream, patience: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = socket2::SockRef::from(stream);
    // The system counts these in whole seconds.
    let interval = patience.max(Duration::from_secs(1));
    socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(interval * 2).with_interval(interval))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience * 2))?;
    Ok(())
}
