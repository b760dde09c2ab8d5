//! Connections: accepted, bounded in number and in time, and brought to their end. A client that sends its head drop by drop,
//! or does not read what it asked for, is let go; so is one whose machine has vanished, and one that only holds a connection
//! when others need it.

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

use super::connections::{Busy, Connections, Most, Place};
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
    /// How many there may be.
    pub most: Most,
}

/// An address as connections are counted by it: a customer's line has a whole /64 of IPv6 addresses to choose from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

/// Serves until the service stops, and then until the last connection has come to its end.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience, shutdown: Arc<Shutdown>) {
    // Each connection holds a receiver: when the last is gone, so is the last connection.
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
                    // Once for each power of two: whoever tries again and again does not fill the log.
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
                // Others of the process may have taken the descriptors: one that only waits gives its back.
                let ended = connections.end_one();
                tracing::warn!(%error, ended, "a connection could not be accepted");
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
    (patience, place): (Patience, &Place),
    shutdown: Arc<Shutdown>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    prepare(&stream, patience.write)?;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience.write));
    // Boxed: what serving requests needs is given back for as long as a stream lasts.
    match Box::pin(requests(Box::pin(stream), peer, router, (patience, place), shutdown)).await? {
        Some((connection, taken)) => Ok(taken.write(connection).await?),
        None => Ok(()),
    }
}

/// Serves requests; gives the connection back when one of them is answered by a stream.
async fn requests(
    connection: Connection,
    peer: SocketAddr,
    router: Router,
    (patience, place): (Patience, &Place),
    shutdown: Arc<Shutdown>,
) -> hyper::Result<Option<(Connection, Taken)>> {
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
                Ok(answer) => Ok(answer.map(|body| Body::new(Sent { body, _busy: busy }))),
                Err(taken) => {
                    home.hold(busy);
                    Err(taken)
                }
            }
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(BUFFER);
    // Some clients look for a socket's headers by their exact spelling: they get back the one that they sent. It travels in
    // an extension of the request.
    builder.preserve_header_case(true);
    let io = TokioIo::new(home.lend(connection));
    let ended = until_the_end(builder.serve_connection(io, service).with_upgrades(), shutdown).await;
    match home.take() {
        Some(back) => Ok(Some(back)),
        None => ended.map(|()| None),
    }
}

/// The body of an answer; while there is more of it, its connection is busy.
struct Sent {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Sent {
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
