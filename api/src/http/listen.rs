//! Accepts connections, limits their number and duration, and closes them in order. Connections are closed when the
//! client sends its request head too slowly, does not read the response or is no longer reachable, or when the
//! connection is idle and another client needs it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::header::UPGRADE;
use hyper::server::conn::http1;
use hyper::service::{HttpService, Service, service_fn};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

use super::connections::{Busy, ConnectionSlot, Connections, Most};
use super::shutdown::Shutdown;
use super::takeover::{Connection, Home, LoanedConnection, TakenResponse};

/// How long to wait when the machine has no file descriptor left for another connection.
const MIN_PAUSE: Duration = Duration::from_millis(100);
/// The read buffer per connection in bytes; small, so that an idle connection needs little memory.
const BUFFER: usize = 16 * 1024;

/// The limits for connections.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The maximum time for a request's head.
    pub head: Duration,
    /// The maximum time in which a client must read what it is sent, and an unreachable machine must answer.
    pub write: Duration,
    /// The maximum numbers of connections.
    pub most: Most,
}

/// The address by which connections are counted: one line of a customer has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

/// Accepts connections until the service stops, and then waits until the last connection is closed.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience, shutdown: Arc<Shutdown>) {
    // Each connection holds a receiver, so the channel closes with the last connection.
    let (last, open) = watch::channel(());
    let stopping = shutdown.wait();
    tokio::pin!(stopping);
    let connections = Connections::new(patience.most);
    let mut refused: u64 = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopping => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = connections.admit(network(peer.ip())) else {
                    refused += 1;
                    // Logged only when the count is a power of two, so that repeated attempts do not fill the log.
                    if refused.is_power_of_two() {
                        tracing::warn!(
                            refused,
                            open = connections.count(),
                            "all connections are busy: one more was refused"
                        );
                    }
                    continue;
                };
                let (open, shutdown) = (open.clone(), Arc::clone(&shutdown));
                let router = router.clone();
                tokio::spawn(async move {
                    let served = tokio::select! {
                        served = connection(stream, peer, router, (patience, &place), shutdown) => served,
                        () = place.ended() => Ok(()),
                    };
                    if let Err(error) = served {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    drop(open);
                });
            }
            Err(error) => {
                // Other parts of the process may have used up the descriptors, so an idle connection is closed to free
                // one.
                let ended = connections.end_one();
                tracing::warn!(%error, ended, "a connection could not be accepted");
                tokio::time::sleep(MIN_PAUSE).await;
            }
        }
    }
    drop((listener, open));
    last.closed().await;
}

/// Serves requests until the client sends no more, or until one is answered by a stream, and then writes the stream.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    (patience, place): (Patience, &ConnectionSlot),
    shutdown: Arc<Shutdown>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    prepare(&stream, patience.write)?;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience.write));
    // Boxed, so that the memory for serving requests is freed while a stream lasts.
    match Box::pin(requests(Box::pin(stream), peer, router, (patience, place), shutdown)).await? {
        Some((connection, taken)) => Ok(taken.write(connection).await?),
        None => Ok(()),
    }
}

/// Serves requests; returns the connection when one of them is answered by a stream.
async fn requests(
    connection: Connection,
    peer: SocketAddr,
    router: Router,
    (patience, place): (Patience, &ConnectionSlot),
    shutdown: Arc<Shutdown>,
) -> hyper::Result<Option<(Connection, TakenResponse)>> {
    let router = TowerToHyperService::new(router);
    let home = Home::default();
    let (way_home, place) = (home.clone(), place.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        let busy = place.busy();
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(busy.clone());
        let version = request.version();
        let spelling = request.headers().contains_key(UPGRADE).then(|| request.extensions().clone());
        let (answer, home) = (router.call(request), way_home.clone());
        async move {
            let mut answer = answer.await.unwrap_or_else(|never| match never {});
            if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
                answer.extensions_mut().extend(spelling.unwrap_or_default());
            }
            match home.keep(answer, version) {
                Ok(answer) => Ok(answer.map(|body| Body::new(SentBody { body, _busy: busy }))),
                Err(taken) => {
                    home.hold(busy);
                    Err(taken)
                }
            }
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(BUFFER);
    // Some WebSocket clients compare header names case-sensitively, so the names are sent back in the spelling that was
    // received. hyper keeps the spelling in an extension of the request.
    builder.preserve_header_case(true);
    let io = TokioIo::new(home.loan(connection));
    let ended = until_the_end(builder.serve_connection(io, service).with_upgrades(), shutdown).await;
    match home.take() {
        Some(back) => Ok(Some(back)),
        None => ended.map(|()| None),
    }
}

/// The body of a response. The connection is busy until all of it is sent.
struct SentBody {
    body: Body,
    _busy: Busy,
}

impl HttpBody for SentBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Serves requests until the client sends no more, or the service stops.
async fn until_the_end<S>(
    connection: http1::UpgradeableConnection<TokioIo<LoanedConnection>, S>,
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
            // Requests in progress are answered; new ones are not accepted.
            served.as_mut().graceful_shutdown();
            served.await
        }
    }
}

/// Sets the options of a socket: small messages are sent at once, and an unreachable machine is noticed even when the
/// connection is quiet.
fn prepare(stream: &TcpStream, patience: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = socket2::SockRef::from(stream);
    // The system only accepts whole seconds.
    let interval = patience.max(Duration::from_secs(1));
    socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(interval * 2).with_interval(interval))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience * 2))?;
    Ok(())
}
