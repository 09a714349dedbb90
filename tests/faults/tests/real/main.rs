//! The real server and the real client, with the proxy between them. What breaks is told by the proxy; what must
//! come of it is waited for.

mod clock;
mod feed;
mod half_open;
mod killed;
mod positions;
mod support;
mod volume;
