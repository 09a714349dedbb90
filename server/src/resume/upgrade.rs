//! From an HTTP request to a connection: which of the two ways to talk is chosen, and with which bounds.

use axum::response::Response;
use envsocket::core::resume::session::Farewell;
use envsocket::core::resume::{MARK, PLAIN, V1};
use tokio::time::Instant;

use super::admission::{Admission, Known};
use super::parting::{self, Parting, in_words};
use super::sessions::{Sessions, SourceKey};
use super::source::Source;
use super::{link, plain};
use crate::websocket::{Socket, Upgrade};

impl<K: SourceKey> Sessions<K> {
    /// Answers the request and serves the connection, over the source that `key` names. `open` opens that source
    /// for a session that is new, and for every client that does not speak the protocol; what it fails with is
    /// told to the client in the close frame, because a browser shows nothing of a refused request.
    pub fn upgrade<S, F, Fut>(&self, request: Upgrade, key: K, open: F) -> Response
    where
        S: Source,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Farewell>> + Send + 'static,
    {
        self.upgrade_asking(request, Known(key), open)
    }

    /// As [`upgrade`](Self::upgrade), where the client's token decides: `admission` says who it is and what it
    /// reaches.
    pub fn upgrade_asking<A, S, F, Fut>(&self, request: Upgrade, admission: A, open: F) -> Response
    where
        A: Admission<Key = K>,
        S: Source,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Farewell>> + Send + 'static,
    {
        let sessions = self.clone();
        self.negotiate(request).on_upgrade(async move |socket| {
            sessions.serve_asking(socket, admission, open).await;
        })
    }

    /// The first half of [`upgrade`](Self::upgrade): chooses the subprotocol and bounds what is read.
    pub fn negotiate(&self, request: Upgrade) -> Upgrade {
        // In the server's order of preference.
        let request = request.choose([V1, PLAIN]);
        let speaks_v1 = request.chosen() == Some(V1);
        // With the protocol, a text may have one mark more on the wire.
        let mark = if speaks_v1 { MARK.len_utf8() } else { 0 };
        let longest = usize::try_from(self.hub.terms.max_message).unwrap_or(usize::MAX).saturating_add(mark);
        request.bound(longest)
    }

    /// The second half of [`upgrade`](Self::upgrade): serves a connection, whichever way it talks, to the end of
    /// its closing handshake. Dropping the future cuts the connection; a client that speaks the protocol may
    /// come back.
    pub async fn serve<S, F, Fut>(&self, socket: Socket, key: K, open: F) -> Parting
    where
        S: Source,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Farewell>> + Send + 'static,
    {
        self.serve_asking(socket, Known(key), open).await
    }

    /// As [`serve`](Self::serve), where the client's token decides.
    pub async fn serve_asking<A, S, F, Fut>(&self, socket: Socket, admission: A, open: F) -> Parting
    where
        A: Admission<Key = K>,
        S: Source,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Farewell>> + Send + 'static,
    {
        self.serve_forgiving(socket, &admission, open, |_| false).await
    }

    /// Closes a connection without asking or reading anything.
    pub(crate) async fn refuse(&self, mut socket: Socket, farewell: Farewell) -> Parting {
        let parting = Parting::Said(in_words(farewell, self.new_link()));
        parting::end(&mut socket, &parting).await;
        parting
    }

    /// As [`serve_asking`](Self::serve_asking). `is_forgiven` says whether a silence that began then is none of the
    /// client's doing.
    pub(crate) async fn serve_forgiving<A, S, F, Fut>(
        &self,
        mut socket: Socket,
        admission: &A,
        open: F,
        is_forgiven: impl Fn(Instant) -> bool,
    ) -> Parting
    where
        A: Admission<Key = K>,
        S: Source,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<S, Farewell>> + Send + 'static,
    {
        // With the protocol it is the hello's that counts.
        let token = socket.take_token();
        if socket.protocol() == Some(V1) {
            link::talk(self, socket, admission, open).await
        } else {
            plain::talk(self, socket, token, admission, open, is_forgiven).await
        }
    }
}
