//! Chapter "Frames": every line that the document says to be refused of a client is refused on a live link, and
//! nobody else notices.

use tokio_tungstenite::tungstenite::Message;

use crate::case::{At, Case, case};
use crate::document;

pub(super) const CASES: &[Case] =
    &[case!(what_the_document_refuses_is_refused_on_a_live_link), case!(every_reason_fits_a_close_frame)];

async fn what_the_document_refuses_is_refused_on_a_live_link(at: At) {
    let mut bystander = at.attached("/told").await;
    for json in document::refused_of_clients() {
        let mut tab = at.attached("/told").await;
        tab.send("before").await;
        tab.expect(&["before"]).await;
        tab.put(Message::text(format!("\0{json}"))).await;
        let reason = tab.closed_with(4400).await;
        assert!(!reason.is_empty(), "a reason is told for {json}");
        // Nothing that comes after it is looked at.
    }
    bystander.send("unharmed").await;
    bystander.expect(&["unharmed"]).await;
}

async fn every_reason_fits_a_close_frame(at: At) {
    for kind in ["é".repeat(200), "€".repeat(3000), "\u{1f600}".repeat(31), "x".repeat(10_000)] {
        let mut tab = at.attached("/told").await;
        tab.put(Message::text(format!("\0{{\"type\":\"{kind}\"}}"))).await;
        tab.closed_with(4400).await;
    }
}
